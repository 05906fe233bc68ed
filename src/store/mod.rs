//! What outlives the program: the profile folder, the settings file and the secrets.

pub mod accounts_file;
mod atomic;
mod error;
pub mod history;
mod outbox;
mod private_file;
mod profile;
mod recent;
pub mod secrets;
mod settings;
mod templates;
mod toml_file;

pub use error::StoreError;
pub use outbox::Outbox;
pub use private_file::PrivateFile;
pub use profile::{Loaded, Profile};
pub use recent::Recent;
pub use settings::{DeviceSettings, Preferences, Settings, SipSettings, TelegramSettings};
pub use templates::read_templates;
