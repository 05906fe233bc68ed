use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::setting::{Applies, SettingKind, settings};
use super::{Account, Party, SettingError};

/// How long after the last edit a draft is applied by itself.
pub const APPLIED_AFTER: Duration = Duration::from_secs(300);
/// How long the removal of an account can be undone.
pub const RESTORED_WITHIN: Duration = Duration::from_secs(10);

/// Edited settings that are not yet in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The settings by name, each as a person would type it; only those that change.
    pub values: BTreeMap<String, String>,
    /// Whether a new password waits in the secret store.
    pub password: bool,
    /// When it is applied by itself.
    pub due: SystemTime,
}

/// What somebody may do with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sets it up and calls with it.
    Owner,
    /// Calls with it.
    User,
}

/// An account of a profile with what surrounds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The account as it is in force.
    pub account: Account,
    /// Who made it; `None` is whoever uses this Gudok.
    pub owner: Option<Party>,
    /// What was edited since.
    pub draft: Option<Draft>,
    /// If it was removed: when that can't be undone any more.
    pub removed: Option<SystemTime>,
}

impl Entry {
    /// An account of one's own.
    pub fn new(account: Account) -> Self {
        Self {
            account,
            owner: None,
            draft: None,
            removed: None,
        }
    }

    /// What the person with this Telegram identifier may do.
    pub fn role(&self, me: Option<i64>) -> Role {
        match &self.owner {
            Some(owner) if Some(owner.id) != me => Role::User,
            _ => Role::Owner,
        }
    }

    /// The account as it will be once the draft is applied.
    pub fn edited(&self) -> Account {
        let draft = self.draft.as_ref().map(|draft| &draft.values);
        let edited = draft.and_then(|values| self.account.with(values).ok());
        edited.unwrap_or_else(|| self.account.clone())
    }

    /// Changes settings: what comes into force at once is in force, the rest is in the draft.
    /// `password` says that a new one was put into the secret store.
    ///
    /// # Errors
    /// The first value that can't stand; then none of them counts.
    pub fn edit(
        &mut self,
        values: &BTreeMap<String, String>,
        password: bool,
        now: SystemTime,
    ) -> Result<(), SettingError> {
        let wanted = self.edited().with(values)?;
        let mut waiting = BTreeMap::new();
        for spec in settings() {
            let (is, shall) = (self.account.get(spec.id), wanted.get(spec.id));
            if spec.kind == SettingKind::Secret || is == shall {
                continue;
            }
            match spec.applies {
                Applies::AtOnce => self.account.set(spec.id, &shall)?,
                Applies::OnApply => {
                    waiting.insert(spec.name.to_owned(), shall);
                }
            }
        }
        let password = password || self.draft.as_ref().is_some_and(|draft| draft.password);
        let before = self.draft.take();
        if password || !waiting.is_empty() {
            let same = before.filter(|draft| draft.values == waiting && draft.password == password);
            self.draft = Some(same.unwrap_or(Draft {
                values: waiting,
                password,
                due: now + APPLIED_AFTER,
            }));
        }
        Ok(())
    }

    /// Puts the draft in force; gives whether a new password has to be put in force as well.
    pub fn apply(&mut self) -> bool {
        self.account = self.edited();
        self.draft.take().is_some_and(|draft| draft.password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::SettingId;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn values<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    fn entry() -> Entry {
        let mut account = Account::new("a1".into());
        account.set(SettingId::Login, "101").unwrap();
        account.set(SettingId::Domain, "pbx.example.com").unwrap();
        Entry::new(account)
    }

    #[test]
    fn a_name_counts_at_once_and_a_domain_waits_for_apply() {
        let mut entry = entry();
        let both = values([("name", "Офис"), ("domain", "new.example.com")]);
        entry.edit(&both, false, NOW).unwrap();
        assert_eq!(entry.account.name, "Офис");
        assert_eq!(entry.account.domain, "pbx.example.com");
        assert_eq!(entry.edited().domain, "new.example.com");
        let draft = entry.draft.as_ref().unwrap();
        assert_eq!(draft.values, values([("domain", "new.example.com")]));
        assert_eq!(draft.due, NOW + APPLIED_AFTER);

        assert!(!entry.apply());
        assert_eq!(entry.account.domain, "new.example.com");
        assert_eq!(entry.draft, None);
    }

    #[test]
    fn each_edit_starts_the_five_minutes_anew() {
        let mut entry = entry();
        entry
            .edit(&values([("transport", "tcp")]), false, NOW)
            .unwrap();
        let later = NOW + Duration::from_secs(100);
        entry
            .edit(&values([("transport", "tls")]), false, later)
            .unwrap();
        assert_eq!(entry.draft.as_ref().unwrap().due, later + APPLIED_AFTER);

        let name_only = values([("name", "Дом")]);
        let later_still = later + Duration::from_secs(100);
        entry.edit(&name_only, false, later_still).unwrap();
        assert_eq!(entry.draft.as_ref().unwrap().due, later + APPLIED_AFTER);
    }

    #[test]
    fn edited_back_to_what_is_in_force_nothing_waits() {
        let mut entry = entry();
        entry
            .edit(&values([("codecs", "alaw")]), false, NOW)
            .unwrap();
        entry
            .edit(&values([("codecs", "opus,g722,alaw,ulaw")]), false, NOW)
            .unwrap();
        assert_eq!(entry.draft, None);
    }

    #[test]
    fn a_new_password_waits_even_alone_and_through_other_edits() {
        let mut entry = entry();
        entry.edit(&BTreeMap::new(), true, NOW).unwrap();
        entry
            .edit(&values([("transport", "tcp")]), false, NOW)
            .unwrap();
        entry
            .edit(&values([("transport", "udp")]), false, NOW)
            .unwrap();
        assert!(entry.draft.as_ref().unwrap().password);
        assert!(entry.apply());
        assert!(!entry.apply());
    }

    #[test]
    fn one_bad_value_among_many_changes_nothing() {
        let mut entry = entry();
        let before = entry.clone();
        let wrong = values([("name", "Офис"), ("transport", "pigeon")]);
        assert!(entry.edit(&wrong, true, NOW).is_err());
        assert_eq!(entry, before);
    }

    #[test]
    fn who_did_not_make_an_account_only_uses_it() {
        let mut entry = entry();
        assert_eq!(entry.role(None), Role::Owner);
        entry.owner = Some("7 Анна".parse().unwrap());
        assert_eq!(entry.role(None), Role::User);
        assert_eq!(entry.role(Some(8)), Role::User);
        assert_eq!(entry.role(Some(7)), Role::Owner);
    }
}
