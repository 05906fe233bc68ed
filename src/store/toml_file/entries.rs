//! The accounts of a settings file, and a file of accounts alone.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, SystemTime};

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::{ReadError, Reader, VERSION, migrate, put, text};
use crate::account::{Account, AccountId, Draft, Entry, SettingKind, SettingSpec, settings};

/// A setting that stands in a table: where, and as a person would type it.
type Given<'t, 'v> = (&'static SettingSpec, &'t Spanned<DeValue<'v>>, String);

/// A file of accounts alone.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) struct Accounts {
    pub accounts: Vec<Account>,
    /// Their passwords, sealed; by the identifiers of the accounts.
    pub sealed_passwords: Option<String>,
}

impl Accounts {
    /// Reads what [`write`](Self::write) wrote, now or in an older program.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        let reader = Reader { text };
        let table = reader.table()?;
        let version = reader.version(&table)?;
        let mut accounts: Vec<Account> = reader
            .entries(&table)?
            .into_iter()
            .map(|entry| entry.account)
            .collect();
        for account in &mut accounts {
            migrate::account(account, version);
        }
        Ok(Self {
            accounts,
            sealed_passwords: reader.text(&table, "sealed_passwords")?,
        })
    }

    /// A text that a person can read, but for the passwords.
    pub fn write(&self) -> String {
        let mut out = String::from("# Accounts of Gudok.\n");
        let nothing = Table::new();
        let top = [
            ("version", Some(Value::Integer(VERSION))),
            (
                "sealed_passwords",
                self.sealed_passwords.as_deref().and_then(text),
            ),
        ];
        put(&mut out, &top, &nothing, &[]);
        for account in &self.accounts {
            out.push_str("\n[[accounts]]\n");
            put(&mut out, &account_values(account), &nothing, &[]);
        }
        out
    }
}

/// Writes the accounts of the settings; what `before` has of them that is not known is kept.
pub(super) fn write_entries(out: &mut String, entries: &[Entry], before: &Table) {
    let nothing = Table::new();
    let known = before
        .get("accounts")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let own = |entry: &&Entry| !entry.account.id.is_test_line();
    for entry in entries.iter().filter(own) {
        let id = entry.account.id.as_str();
        let is_this = |table: &&Table| table.get("id").and_then(Value::as_str) == Some(id);
        let known = known.iter().filter_map(Value::as_table).find(is_this);
        out.push_str("\n[[accounts]]\n");
        let mut values = account_values(&entry.account);
        values.extend([
            (
                "owner",
                entry.owner.as_ref().map(|owner| {
                    let fields = [
                        ("id".to_owned(), Value::Integer(owner.id)),
                        ("name".to_owned(), Value::String(owner.name.clone())),
                    ];
                    Value::Table(fields.into_iter().collect())
                }),
            ),
            ("draft", entry.draft.as_ref().map(draft_value)),
            ("removed", entry.removed.map(seconds)),
        ]);
        put(out, &values, known.unwrap_or(&nothing), &["password"]);
    }
}

fn draft_value(draft: &Draft) -> Value {
    let values = draft.values.iter();
    let mut table: Table = values
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect();
    table.insert("due".into(), seconds(draft.due));
    if draft.password {
        table.insert("password".into(), Value::Boolean(true));
    }
    Value::Table(table)
}

fn seconds(time: SystemTime) -> Value {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.unwrap_or_default().as_secs();
    Value::Integer(seconds.try_into().unwrap_or(i64::MAX))
}

/// The settings of an account in the order of its page; what is empty is left out.
fn account_values(account: &Account) -> Vec<(&'static str, Option<Value>)> {
    let mut values = vec![("id", text(account.id.as_str()))];
    for spec in settings() {
        let given = Some(account.get(spec.id)).filter(|value| !value.is_empty());
        let value = given.map(|value| match spec.kind {
            SettingKind::Switch => Value::Boolean(value == "on"),
            SettingKind::Ordered(_) => Value::Array(
                value
                    .split(',')
                    .map(|word| Value::String(word.into()))
                    .collect(),
            ),
            _ => Value::String(value),
        });
        values.push((spec.name, value));
    }
    values
}

impl Reader<'_> {
    /// The accounts of a file.
    pub(super) fn entries(&self, table: &DeTable<'_>) -> Result<Vec<Entry>, ReadError> {
        let Some(value) = table.get("accounts") else {
            return Ok(Vec::new());
        };
        let items = value.get_ref().as_array();
        let items =
            items.ok_or_else(|| self.at(value, "accounts: each begins with [[accounts]]"))?;
        let mut seen = HashSet::new();
        let mut entries = Vec::new();
        for item in items.iter() {
            let table = item.get_ref().as_table();
            let table = table.ok_or_else(|| self.at(item, "accounts: must be a table"))?;
            let entry = self.entry(item, table)?;
            let id = &entry.account.id;
            if !seen.insert(id.clone()) {
                return Err(self.at(item, &format!("id: {id} is there twice")));
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    fn entry(&self, place: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Result<Entry, ReadError> {
        let account = self.account(place, table)?;
        let owner = match self.table_at(table, "owner")? {
            None => None,
            Some((value, owner)) => {
                let id = self.integer(owner, "id")?;
                let name = self.text(owner, "name")?.unwrap_or_default();
                let party = format!("{} {name}", id.unwrap_or_default()).parse();
                let reason = "owner: must have an id and a name";
                Some(party.map_err(|_| self.at(value, reason))?)
            }
        };
        let draft = match self.table_at(table, "draft")? {
            None => None,
            Some((value, draft)) => {
                let values = self.values(draft)?;
                account
                    .with(&values)
                    .map_err(|error| self.at(value, error.reason_key))?;
                Some(Draft {
                    values,
                    password: self.flag(draft, "password")?.unwrap_or_default(),
                    due: self.time(draft, "due")?.unwrap_or(SystemTime::UNIX_EPOCH),
                })
            }
        };
        Ok(Entry {
            account,
            owner,
            draft,
            removed: self.time(table, "removed")?,
        })
    }

    fn account(
        &self,
        place: &Spanned<DeValue<'_>>,
        table: &DeTable<'_>,
    ) -> Result<Account, ReadError> {
        let id = match self.text(table, "id")? {
            Some(id) if is_id(&id) => AccountId::from(id.as_str()),
            Some(_) => return Err(self.at(place, "id: must be of letters, digits, - and _")),
            None => AccountId::random(),
        };
        let mut account = Account::new(id);
        for (spec, value, text) in self.given(table)? {
            account
                .set(spec.id, &text)
                .map_err(|error| self.at(value, error.reason_key))?;
        }
        Ok(account)
    }

    /// The settings that stand in a table, by name.
    fn values(&self, table: &DeTable<'_>) -> Result<BTreeMap<String, String>, ReadError> {
        let given = self.given(table)?.into_iter();
        Ok(given
            .map(|(spec, _, text)| (spec.name.to_owned(), text))
            .collect())
    }

    /// The settings that stand in a table, each as a person would type it.
    fn given<'t, 'v>(&self, table: &'t DeTable<'v>) -> Result<Vec<Given<'t, 'v>>, ReadError> {
        let mut given = Vec::new();
        for spec in settings() {
            let Some(value) = table.get(spec.name) else {
                continue;
            };
            let text = match value.get_ref() {
                // A draft says that a password waits elsewhere.
                DeValue::Boolean(_) if spec.kind == SettingKind::Secret => continue,
                DeValue::String(text) => text.to_string(),
                DeValue::Boolean(flag) => flag.to_string(),
                DeValue::Integer(number) => number.as_str().into(),
                DeValue::Array(items) => {
                    let words = items.iter().map(|item| item.get_ref().as_str());
                    let words: Option<Vec<&str>> = words.collect();
                    words
                        .ok_or_else(|| self.at(value, "must be a list of texts"))?
                        .join(",")
                }
                _ => return Err(self.at(value, &format!("{}: must be text", spec.name))),
            };
            given.push((spec, value, text));
        }
        Ok(given)
    }

    fn table_at<'t, 'v>(
        &self,
        table: &'t DeTable<'v>,
        key: &str,
    ) -> Result<Option<(&'t Spanned<DeValue<'v>>, &'t DeTable<'v>)>, ReadError> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        match value.get_ref().as_table() {
            Some(table) => Ok(Some((value, table))),
            None => Err(self.at(value, &format!("{key}: must be a table"))),
        }
    }

    fn integer(&self, table: &DeTable<'_>, key: &str) -> Result<Option<i64>, ReadError> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let number = value.get_ref().as_integer().filter(|n| n.radix() == 10);
        match number.and_then(|n| n.as_str().parse().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(self.at(value, &format!("{key}: must be a number"))),
        }
    }

    /// Seconds since 1970 as a time.
    fn time(&self, table: &DeTable<'_>, key: &str) -> Result<Option<SystemTime>, ReadError> {
        let seconds = self.integer(table, key)?;
        Ok(seconds.map(|seconds| {
            let since = Duration::from_secs(seconds.try_into().unwrap_or_default());
            SystemTime::UNIX_EPOCH
                .checked_add(since)
                .unwrap_or(SystemTime::UNIX_EPOCH)
        }))
    }
}

fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=64).contains(&text.len())
        && text.bytes().all(fits)
        && !AccountId::from(text).is_test_line()
}
