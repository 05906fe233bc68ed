//! A SIP account: its settings, what may stand in them, and who it belongs to. Pure.
//!
//! The list of settings is data ([`SettingSpec`]): the window, the command line and `ctl` draw
//! and change an account through that one list.

mod id;

pub use id::AccountId;

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
