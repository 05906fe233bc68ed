//! A SIP account: its settings, what may stand in them, and who it belongs to. Pure.
//!
//! The list of settings is data ([`SettingSpec`]): the window, the command line and `ctl` draw
//! and change an account through that one list. What a person types to be dialled is read in
//! [`number`].

mod entry;
mod favourite;
mod host_port;
mod id;
mod model;
pub mod number;
mod party;
mod read;
mod setting;
mod template;

pub use entry::{APPLIED_AFTER, Draft, Entry, RESTORED_WITHIN, Role};
pub use favourite::{Favourite, favourites};
pub use host_port::{HostError, HostPort};
pub use id::AccountId;
pub use model::{Account, AutoAnswer, DtmfMethod, Encryption, KeyExchange};
pub use party::{NoParty, Party};
pub use read::SettingError;
pub use setting::{
    Applies, Section, SettingId, SettingKind, SettingSpec, UnknownSetting, settings,
};
pub use template::{Bilingual, Catalogue, Group, Template, TemplateError};

use serde::{Deserialize, Serialize};

/// The transport protocol SIP messages travel over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// RFC 3261 over UDP.
    #[default]
    Udp,
    /// RFC 3261 over TCP.
    Tcp,
    /// RFC 3261 over TLS, always verified.
    Tls,
}
