//! Changing accounts: what an owner may do with them, kept in the settings file at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use secrecy::SecretString;

use super::Book;
use crate::account::{APPLIED_AFTER, Account, AccountId, Entry, RESTORED_WITHIN, Role, SettingId};
use crate::call::Problem;
use crate::store::accounts_file::{self, Carried, ImportError};

impl Book {
    /// An account that the person here may change.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::NotOwner`].
    pub fn owned(&self, id: &AccountId) -> Result<&Entry, Problem> {
        let entry = self.entries().find(|entry| entry.account.id == *id);
        let entry = entry.ok_or_else(|| unknown(id))?;
        match (self.role(entry), &entry.owner) {
            (Role::User, Some(owner)) => Err(Problem::NotOwner {
                owner: owner.name.clone(),
            }),
            _ => Ok(entry),
        }
    }

    /// Adds an account with these settings, in force at once.
    ///
    /// # Errors
    /// [`Problem::BadValue`], or [`Problem::File`] if it can't be kept; then it is not there.
    pub fn add(&mut self, id: AccountId, values: &BTreeMap<String, String>) -> Result<(), Problem> {
        let empty = Account::new(id);
        let values = self.completed(&empty, values)?;
        let account = empty.with(&values)?;
        self.change_settings(|settings| {
            settings.used_before = true;
            settings.accounts.push(Entry::new(account));
        })
    }

    /// Changes settings of an account, all of them or none. `new_password` says that one waits in
    /// the store of passwords.
    ///
    /// # Errors
    /// [`Problem::Unknown`], [`Problem::NotOwner`], [`Problem::BadValue`] or [`Problem::File`].
    pub fn edit(
        &mut self,
        id: &AccountId,
        values: &BTreeMap<String, String>,
        new_password: bool,
        now: SystemTime,
    ) -> Result<(), Problem> {
        let mut entry = self.owned(id)?.clone();
        let values = self.completed(&entry.edited(), values)?;
        entry.edit(&values, new_password, now)?;
        self.replace(entry)
    }

    /// Whether these settings could be changed so; nothing is.
    ///
    /// # Errors
    /// As [`edit`](Self::edit), but for the file.
    pub fn check_edit(
        &self,
        id: &AccountId,
        values: &BTreeMap<String, String>,
    ) -> Result<(), Problem> {
        let edited = self.owned(id)?.edited();
        let values = self.completed(&edited, values)?;
        edited.with(&values)?;
        Ok(())
    }

    /// Puts the draft of an account in force.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub fn apply(&mut self, id: &AccountId) -> Result<(), Problem> {
        let mut entry = self.owned(id)?.clone();
        entry.apply();
        self.replace(entry)
    }

    /// Drops the draft of an account.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub fn revert(&mut self, id: &AccountId) -> Result<(), Problem> {
        let mut entry = self.owned(id)?.clone();
        entry.draft = None;
        self.replace(entry)
    }

    /// Removes an account; [`restore`](Self::restore) brings it back for a while.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub fn remove(&mut self, id: &AccountId, now: SystemTime) -> Result<(), Problem> {
        let mut entry = self.owned(id)?.clone();
        entry.removed = Some(now + RESTORED_WITHIN);
        self.replace(entry)
    }

    /// Brings a removed account back.
    ///
    /// # Errors
    /// [`Problem::Unknown`] if it is gone for good, or [`Problem::File`].
    pub fn restore(&mut self, id: &AccountId) -> Result<(), Problem> {
        let removed = self.removed().find(|entry| entry.account.id == *id);
        let mut entry = removed.ok_or_else(|| unknown(id))?.clone();
        entry.removed = None;
        self.replace(entry)
    }

    /// Forgets removed accounts for good.
    ///
    /// # Errors
    /// [`Problem::File`].
    pub fn forget(&mut self, ids: &[AccountId]) -> Result<(), Problem> {
        self.change_settings(|settings| {
            settings
                .accounts
                .retain(|entry| !ids.contains(&entry.account.id));
        })
    }

    /// The drafts that are to be applied by now.
    pub fn due_drafts(&self, now: SystemTime) -> Vec<AccountId> {
        let due = |entry: &&Entry| entry.draft.as_ref().is_some_and(|draft| draft.due <= now);
        let due = self.entries().filter(due);
        due.map(|entry| entry.account.id.clone()).collect()
    }

    /// The removed accounts that can't be restored any more, or with `None` all of them.
    pub fn due_removals(&self, now: Option<SystemTime>) -> Vec<AccountId> {
        let due = |entry: &&Entry| now.is_none_or(|now| entry.removed <= Some(now));
        let due = self.removed().filter(due);
        due.map(|entry| entry.account.id.clone()).collect()
    }

    /// When the next draft or removal is due.
    pub fn next_due(&self) -> Option<SystemTime> {
        if !self.profile.is_owned() {
            return None;
        }
        let drafts = self
            .entries()
            .filter_map(|entry| Some(entry.draft.as_ref()?.due));
        let removals = self.removed().filter_map(|entry| entry.removed);
        drafts.chain(removals).min()
    }

    /// Puts off what is due and could not be done.
    pub fn put_off(&mut self, until: SystemTime) {
        for entry in &mut self.settings.accounts {
            let draft = entry.draft.as_mut().map(|draft| &mut draft.due);
            for due in draft.into_iter().chain(&mut entry.removed) {
                *due = (*due).max(until);
            }
        }
    }

    /// A clock that was set back must not make a draft wait for longer than it may.
    pub(super) fn bound_times(&mut self, now: SystemTime) {
        for entry in &mut self.settings.accounts {
            if let Some(draft) = &mut entry.draft {
                draft.due = draft.due.min(now + APPLIED_AFTER);
            }
            if let Some(removed) = &mut entry.removed {
                *removed = (*removed).min(now + RESTORED_WITHIN);
            }
        }
    }

    /// Own accounts with these passwords, to be written as a file; with no names all of them.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::NotOwner`].
    pub fn carried(
        &self,
        ids: &[AccountId],
        password: impl Fn(&AccountId) -> Option<SecretString>,
    ) -> Result<Vec<Carried>, Problem> {
        let own =
            |entry: &&Entry| !entry.account.id.is_test_line() && self.role(entry) == Role::Owner;
        let entries: Vec<&Entry> = match ids {
            [] => self.entries().filter(own).collect(),
            ids => ids
                .iter()
                .map(|id| self.owned(id))
                .collect::<Result<_, _>>()?,
        };
        let with_password = |entry: &Entry| {
            let account = entry.account.clone();
            let password = password(&account.id);
            (account, password)
        };
        Ok(entries.into_iter().map(with_password).collect())
    }

    /// Reads accounts from a file; each gets a new identifier if another has its own.
    ///
    /// # Errors
    /// [`Problem::File`] or [`Problem::KeyStore`].
    pub fn read_accounts(
        &self,
        path: &Path,
        passphrase: Option<&SecretString>,
    ) -> Result<Vec<Carried>, Problem> {
        let mut carried = accounts_file::import(path, passphrase)?;
        for (account, _) in &mut carried {
            let taken = |entry: &Entry| entry.account.id == account.id;
            if self.settings.accounts.iter().any(taken) {
                account.id = AccountId::random();
            }
        }
        Ok(carried)
    }

    /// Adds accounts that were read from a file.
    ///
    /// # Errors
    /// [`Problem::File`]; then none of them is there.
    pub fn add_all(&mut self, accounts: Vec<Account>) -> Result<(), Problem> {
        self.change_settings(|settings| {
            settings.used_before = true;
            settings
                .accounts
                .extend(accounts.into_iter().map(Entry::new));
        })
    }

    /// A worker must be one that is linked, unless it is set already.
    fn check_choices(
        &self,
        before: &Account,
        values: &BTreeMap<String, String>,
    ) -> Result<(), Problem> {
        let setting = SettingId::Worker;
        let chosen = values.get(setting.as_str()).map(|value| value.trim());
        if chosen.is_some_and(|value| !value.is_empty() && value != before.get(setting)) {
            let reason = "reason-worker-unknown";
            return Err(Problem::bad_value(setting.as_str(), reason));
        }
        Ok(())
    }

    /// Settings with what the template among them fills in, and with the chat and the user as
    /// Telegram has them.
    fn completed(
        &self,
        before: &Account,
        values: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, Problem> {
        let mut values = self.filled(values)?;
        self.check_choices(before, &values)?;
        self.recognise(before, &mut values)?;
        Ok(values)
    }

    fn replace(&mut self, entry: Entry) -> Result<(), Problem> {
        self.change_settings(|settings| {
            let same = |known: &&mut Entry| known.account.id == entry.account.id;
            if let Some(known) = settings.accounts.iter_mut().find(same) {
                *known = entry;
            }
        })
    }
}

fn unknown(id: &AccountId) -> Problem {
    Problem::Unknown {
        what: format!("account {id}"),
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Secret(error) => error.into(),
        }
    }
}
