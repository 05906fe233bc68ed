//! Work with the store of passwords: each gives a closure that may take seconds and runs elsewhere.

use std::sync::Arc;

use secrecy::SecretString;

use super::Book;
use crate::account::AccountId;
use crate::call::Problem;
use crate::store::secrets::{
    self, SecretStore, SecretsKind, TELEGRAM_API_HASH, account_password, draft_password,
};

impl Book {
    /// Reads an account's password; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn password_reader(
        &self,
        id: &AccountId,
    ) -> impl FnOnce() -> Result<Option<SecretString>, Problem> + Send + 'static {
        let (store, name) = (self.secrets.clone(), account_password(id));
        move || Ok(store.get(&name)?)
    }

    /// Keeps an account's password, or with `None` forgets it; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn password_writer(
        &self,
        id: &AccountId,
        password: Option<SecretString>,
    ) -> impl FnOnce() -> Result<(), Problem> + Send + 'static {
        let (store, name) = (self.secrets.clone(), account_password(id));
        move || {
            match password {
                Some(password) => store.set(&name, &password)?,
                None => store.remove(&name)?,
            }
            Ok(())
        }
    }

    /// Keeps a new password that waits for Apply; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn draft_password_writer(
        &self,
        id: &AccountId,
        password: SecretString,
    ) -> impl FnOnce() -> Result<(), Problem> + Send + 'static {
        let (store, name) = (self.secrets.clone(), draft_password(id));
        move || Ok(store.set(&name, &password)?)
    }

    /// Puts a password that waited for Apply in the place of the old one and gives it; may take
    /// seconds. If the program ended in the middle of this before, it is the one that is kept.
    ///
    /// # Errors
    /// [`Problem::KeyStore`]; then the old one stands.
    pub fn draft_password_mover(
        &self,
        id: &AccountId,
    ) -> impl FnOnce() -> Result<Option<SecretString>, Problem> + Send + 'static {
        let store = self.secrets.clone();
        let (draft, kept) = (draft_password(id), account_password(id));
        move || {
            let Some(password) = store.get(&draft)? else {
                return Ok(store.get(&kept)?);
            };
            store.set(&kept, &password)?;
            store.remove(&draft)?;
            Ok(Some(password))
        }
    }

    /// Forgets all passwords of an account, or only the one that waits; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn password_forgetter(
        &self,
        id: &AccountId,
        only_draft: bool,
    ) -> impl FnOnce() -> Result<(), Problem> + Send + 'static {
        let store = self.secrets.clone();
        let (draft, kept) = (draft_password(id), account_password(id));
        move || {
            store.remove(&draft)?;
            if !only_draft {
                store.remove(&kept)?;
            }
            Ok(())
        }
    }

    /// Where passwords are kept.
    pub fn passwords_kept_in(&self) -> SecretsKind {
        self.settings.secrets
    }

    /// Moves these passwords, and the `api_hash` for Telegram, to another kind of store; may take
    /// seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`] if one can't be kept there; then all stay where they were.
    pub fn password_mover(
        &self,
        kind: SecretsKind,
        passwords: Vec<(AccountId, SecretString)>,
    ) -> impl FnOnce() -> Result<Arc<dyn SecretStore>, Problem> + Send + 'static {
        let (old, dir) = (self.secrets.clone(), self.profile.dir().to_owned());
        move || {
            let new = secrets::open(kind, &dir, secrets::passphrase_from_environment())?;
            for (id, password) in &passwords {
                new.set(&account_password(id), password)?;
            }
            if let Ok(Some(hash)) = old.get(TELEGRAM_API_HASH) {
                new.set(TELEGRAM_API_HASH, &hash)?;
                let _ = old.remove(TELEGRAM_API_HASH);
            }
            for (id, _) in &passwords {
                // What stays behind in a store that can't be used is out of reach anyway.
                let _ = old.remove(&account_password(id));
            }
            Ok(new.into())
        }
    }

    /// Uses the store that a [`password_mover`](Self::password_mover) has filled.
    ///
    /// # Errors
    /// [`Problem::File`].
    pub fn keep_passwords_in(
        &mut self,
        kind: SecretsKind,
        store: Arc<dyn SecretStore>,
    ) -> Result<(), Problem> {
        self.secrets = store;
        self.change_settings(|settings| settings.secrets = kind)
    }
}
