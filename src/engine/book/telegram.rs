//! What a profile keeps for Telegram.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use secrecy::SecretString;

use super::Book;
use crate::account::{Account, AccountId, Party, Role};
use crate::call::Problem;
use crate::engine::TelegramChange;
use crate::store::secrets::TELEGRAM_API_HASH;
use crate::store::{Outbox, PrivateFile, StoreError, TelegramSettings};
use crate::telegram::Shelf;

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

    /// Whether there is something that waits to be sent.
    pub fn has_outbox(&self) -> bool {
        Outbox::file(self.profile.dir()).exists()
    }

    /// Where messages wait until Telegram has them.
    pub fn outbox(&self) -> OutboxShelf {
        OutboxShelf {
            dir: self.profile.dir().to_owned(),
            outbox: None,
        }
    }

    /// What is kept of the troubles that owners were told of.
    pub fn notices_file(&self) -> PrivateFile {
        self.profile.private_file("notices.json")
    }

    /// The name of a line and its owner, if that is somebody else.
    pub fn owner_of(&self, id: &AccountId) -> Option<(String, Party)> {
        let entry = self.entries().find(|entry| entry.account.id == *id)?;
        let owner = entry.owner.clone()?;
        let is_other = self.role(entry) == Role::User;
        is_other.then(|| (entry.account.title(), owner))
    }

    /// The chats that recordings go to, by account.
    pub fn recording_chats(&self) -> HashMap<String, Option<Party>> {
        let chat = |account: &Account| (account.id.to_string(), account.record_chat.clone());
        self.accounts().map(chat).collect()
    }

    /// What the dial chat does.
    pub fn telegram_settings(&self) -> &TelegramSettings {
        &self.settings.telegram
    }

    /// Changes what the dial chat does.
    ///
    /// # Errors
    /// [`Problem::BadValue`] if no chat, or more than one, is meant; [`Problem::File`].
    pub fn change_telegram(&mut self, change: &TelegramChange) -> Result<(), Problem> {
        let before = &self.settings.telegram.dial_chat;
        let chat = match &change.dial_chat {
            None => before.clone(),
            Some(wanted) => self.recognise_chat("dial_chat", wanted, before.as_ref())?,
        };
        self.change_settings(|settings| {
            let telegram = &mut settings.telegram;
            telegram.dial = change.dial.unwrap_or(telegram.dial);
            telegram.dial_chat = chat;
            telegram.callers = change.callers.unwrap_or(telegram.callers);
            telegram.missed = change.missed.unwrap_or(telegram.missed);
        })
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

/// The database where messages wait; opened by the thread that uses it.
pub struct OutboxShelf {
    dir: PathBuf,
    outbox: Option<Outbox>,
}

impl OutboxShelf {
    fn opened(&mut self) -> Result<&Outbox, StoreError> {
        let outbox = match self.outbox.take() {
            Some(outbox) => outbox,
            None => Outbox::open(&self.dir)?,
        };
        Ok(self.outbox.insert(outbox))
    }
}

impl Shelf for OutboxShelf {
    fn name(&self) -> String {
        Outbox::file(&self.dir).display().to_string()
    }
    fn load(&mut self) -> io::Result<Vec<(i64, String)>> {
        // Nothing was ever to be sent: there is nothing to make a file for.
        if !Outbox::file(&self.dir).exists() {
            return Ok(Vec::new());
        }
        let found = self.opened().and_then(Outbox::load);
        found.map_err(|error| io::Error::other(error.reason()))
    }
    fn put(&mut self, id: i64, contents: &str) -> io::Result<()> {
        let put = self.opened().and_then(|outbox| outbox.put(id, contents));
        put.map_err(|error| io::Error::other(error.reason()))
    }
    fn remove(&mut self, id: i64) -> io::Result<()> {
        let removed = self.opened().and_then(|outbox| outbox.remove(id));
        removed.map_err(|error| io::Error::other(error.reason()))
    }
}
