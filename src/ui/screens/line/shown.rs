use std::collections::BTreeSet;

use crate::account::{Account, SettingError, SettingId};
use crate::engine::AccountView;

/// A line as its page shows it: what is in force, and over it what was edited.
pub struct Shown {
    /// The account with everything that was edited.
    pub account: Account,
    /// Whether there is a password.
    pub has_password: bool,
    waiting: BTreeSet<SettingId>,
}

impl Shown {
    /// A line that is yet to be made.
    pub fn of_new(account: Account, has_password: bool) -> Self {
        Self {
            account,
            has_password,
            waiting: BTreeSet::new(),
        }
    }

    /// A line with its draft.
    pub fn of(known: &AccountView) -> Self {
        let mut account = Account::new(known.id.clone());
        let draft = known.draft.as_ref();
        let edited = draft.iter().flat_map(|draft| &draft.values);
        for (name, value) in known.values.iter().chain(edited) {
            if let Ok(setting) = name.parse() {
                // What this face doesn't understand, it doesn't show.
                let _ = account.set(setting, value);
            }
        }
        let names = draft.iter().flat_map(|draft| draft.values.keys());
        let mut waiting: BTreeSet<SettingId> = names.filter_map(|name| name.parse().ok()).collect();
        let new_password = draft.is_some_and(|draft| draft.password);
        if new_password {
            waiting.insert(SettingId::Password);
        }
        Self {
            account,
            has_password: known.has_password || new_password,
            waiting,
        }
    }

    /// Whether a value waits to come into force.
    pub fn is_waiting(&self, setting: SettingId) -> bool {
        self.waiting.contains(&setting)
    }

    /// The settings that wait, in the order of the page.
    pub fn waiting(&self) -> impl Iterator<Item = SettingId> {
        self.waiting.iter().copied()
    }

    /// The value of a setting as a person would type it.
    pub fn value(&self, setting: SettingId) -> String {
        self.account.get(setting)
    }

    /// What a typed value will be once it is kept.
    ///
    /// # Errors
    /// Why it can't stand there.
    pub fn check(&self, setting: SettingId, typed: &str) -> Result<String, SettingError> {
        let mut account = self.account.clone();
        account.set(setting, typed)?;
        Ok(account.get(setting))
    }
}
