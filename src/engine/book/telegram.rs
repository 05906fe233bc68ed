//! What a profile keeps for Telegram.

use secrecy::SecretString;

use super::Book;
use crate::call::Problem;
use crate::store::secrets::TELEGRAM_API_HASH;
use crate::store::{PrivateFile, StoreError};

impl Book {
    /// Whether the profile is ours to write.
    pub fn owns_profile(&self) -> bool {
        self.profile.is_owned()
    }

    /// # Errors
    /// [`Problem::File`] if another Gudok owns the profile.
    pub fn must_own_profile(&self) -> Result<(), Problem> {
        match self.owns_profile() {
            true => Ok(()),
            false => {
                let dir = self.profile.dir().to_owned();
                Err(StoreError::InUse { dir }.into())
            }
        }
    }

    /// Where the session of Telegram is kept.
    pub fn telegram_file(&self) -> PrivateFile {
        self.profile.private_file("telegram.session")
    }

    /// The `api_id` that was set for Telegram.
    pub fn telegram_api_id(&self) -> Option<i32> {
        self.settings.telegram.api_id
    }

    /// Sets the `api_id` for Telegram.
    ///
    /// # Errors
    /// [`Problem::File`].
    pub fn set_telegram_api_id(&mut self, id: i32) -> Result<(), Problem> {
        self.change_settings(|settings| settings.telegram.api_id = Some(id))
    }

    /// Reads the `api_hash` for Telegram; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn telegram_hash_reader(
        &self,
    ) -> impl FnOnce() -> Result<Option<SecretString>, Problem> + Send + 'static {
        let store = self.secrets.clone();
        move || Ok(store.get(TELEGRAM_API_HASH)?)
    }

    /// Keeps the `api_hash` for Telegram; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn telegram_hash_writer(
        &self,
        hash: SecretString,
    ) -> impl FnOnce() -> Result<(), Problem> + Send + 'static {
        let store = self.secrets.clone();
        move || Ok(store.set(TELEGRAM_API_HASH, &hash)?)
    }
}
