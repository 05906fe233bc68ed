//! What outlives the program: the profile folder, the settings file and the secrets.

mod atomic;
mod error;
mod profile;
pub mod secrets;
mod settings;
mod templates;
mod toml_file;

pub use error::StoreError;
pub use profile::{Loaded, Profile};
pub use settings::{DeviceSettings, Preferences, Settings, SipSettings};
pub use templates::read_templates;
