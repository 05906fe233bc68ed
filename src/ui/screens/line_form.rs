//! What is being typed about a line, and what became of it.

use std::collections::BTreeMap;

use secrecy::SecretString;
use tokio::sync::oneshot::{Receiver, error::TryRecvError};

use crate::account::{Account, AccountId, SettingId};
use crate::engine::{AccountView, Command, Problem, Reply};
use crate::ui::view::View;

/// What is asked first for a new line.
pub const FIRST: [SettingId; 4] = [
    SettingId::Name,
    SettingId::Login,
    SettingId::Password,
    SettingId::Domain,
];

/// What is being changed on a line's page.
pub struct Form {
    pub(super) account: Option<AccountId>,
    /// What was typed, where it differs from what is in force.
    pub(super) values: BTreeMap<SettingId, String>,
    pub(super) password: String,
    pub(super) password_shown: bool,
    pub(super) more: bool,
    pub(super) opened: Option<SettingId>,
    /// The locale keys of what is wrong, by setting.
    pub(super) wrong: BTreeMap<SettingId, String>,
    pub(super) problem: Option<Problem>,
    pub(super) asked: Option<Receiver<Result<Reply, Problem>>>,
    /// The line that was made with this form.
    pub(super) made: Option<AccountId>,
    /// Just made: the engine may not show the line yet.
    pub(super) fresh: bool,
    pub(super) deleting: bool,
    pub(super) focus_first: bool,
}

impl Form {
    /// A form for a line, or for a new one.
    pub fn new(account: Option<AccountId>) -> Self {
        Self {
            focus_first: account.is_none(),
            account,
            values: BTreeMap::new(),
            password: String::new(),
            password_shown: false,
            more: false,
            opened: None,
            wrong: BTreeMap::new(),
            problem: None,
            asked: None,
            made: None,
            fresh: false,
            deleting: false,
        }
    }

    /// Whether this is the form of that line.
    pub fn is_of(&self, account: Option<&AccountId>) -> bool {
        self.account.as_ref() == account
    }

    /// Looks whether the command that was sent has its outcome.
    pub fn poll(&mut self) {
        let Some(asked) = &mut self.asked else { return };
        let outcome = match asked.try_recv() {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Closed) => Err(Problem::WrongState),
        };
        self.asked = None;
        match outcome {
            Ok(reply) => {
                if self.account.is_none() {
                    self.made = reply
                        .get("account")
                        .and_then(|id| id.as_str())
                        .map(AccountId::from);
                }
                self.values.clear();
                self.password.clear();
                self.password_shown = false;
                self.problem = None;
                self.wrong.clear();
            }
            Err(Problem::BadValue {
                setting, reason, ..
            }) if setting.parse::<SettingId>().is_ok() => {
                if let Ok(setting) = setting.parse() {
                    self.wrong.insert(setting, reason);
                    self.unfold(setting);
                }
            }
            Err(Problem::WrongParameters { fields }) => {
                for setting in fields.iter().filter_map(|field| field.parse().ok()) {
                    self.wrong.insert(setting, "form-missing".into());
                    self.unfold(setting);
                }
            }
            Err(problem) => self.problem = Some(problem),
        }
    }

    pub(super) fn unfold(&mut self, setting: SettingId) {
        self.more |= !FIRST.contains(&setting);
    }

    pub(super) fn is_changed(&self) -> bool {
        !self.values.is_empty() || !self.password.is_empty()
    }

    /// What is in force, as far as the snapshot tells.
    pub(super) fn in_force(&self, known: Option<&AccountView>) -> Account {
        let account = Account::new(
            self.account
                .clone()
                .unwrap_or_else(|| AccountId::from("new")),
        );
        match known {
            Some(known) => account.with(&known.values).unwrap_or(account),
            None => account,
        }
    }

    pub(super) fn value(&self, base: &Account, setting: SettingId) -> String {
        self.values
            .get(&setting)
            .cloned()
            .unwrap_or_else(|| base.get(setting))
    }

    pub(super) fn set(&mut self, base: &Account, setting: SettingId, value: String) {
        self.wrong.remove(&setting);
        if value == base.get(setting) {
            self.values.remove(&setting);
        } else {
            self.values.insert(setting, value);
        }
    }

    /// Says at each field what is wrong with it; true if nothing is.
    pub(super) fn check(&mut self, base: &Account, has_password: bool) -> bool {
        let mut account = base.clone();
        self.wrong.clear();
        for (setting, value) in &self.values {
            if let Err(error) = account.set(*setting, value) {
                self.wrong.insert(*setting, error.reason_key.into());
            }
        }
        for setting in account.missing(has_password || !self.password.is_empty()) {
            self.wrong
                .entry(setting)
                .or_insert_with(|| "form-missing".into());
        }
        for setting in self.wrong.keys().copied().collect::<Vec<_>>() {
            self.unfold(setting);
        }
        self.wrong.is_empty()
    }

    pub(super) fn submit(&mut self, view: &View<'_>, base: &Account, has_password: bool) {
        if self.asked.is_some() || !self.check(base, has_password) {
            return;
        }
        let values = self
            .values
            .iter()
            .map(|(id, value)| (id.as_str().to_owned(), value.clone()))
            .collect();
        let password =
            (!self.password.is_empty()).then(|| SecretString::from(self.password.clone()));
        self.problem = None;
        self.asked = Some(view.handle.request(match self.account.clone() {
            Some(account) => Command::SetAccount {
                account,
                values,
                password,
                apply: true,
            },
            None => Command::AddAccount { values, password },
        }));
    }
}
