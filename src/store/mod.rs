//! What outlives the program: the profile folder, the settings file and the secrets.

mod atomic;
mod error;
mod private_file;
mod profile;
pub mod secrets;
mod settings;
mod toml_file;

pub use error::StoreError;
pub use private_file::PrivateFile;
pub use profile::{Loaded, Profile};
pub use settings::{DeviceSettings, Preferences, Settings, SipSettings, TelegramSettings};
