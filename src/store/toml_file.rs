//! The settings as a TOML file that a person can read and change.

use std::collections::HashSet;
use std::str::FromStr;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::settings::{DeviceSettings, Preferences, Settings, SipSettings, TelegramSettings};
use crate::account::{Account, AccountId, SettingKind, settings};

/// The layout this program writes, and the newest it reads.
const VERSION: i64 = 1;
const HEADER: &str = "# The settings of Gudok. Passwords are not here.\n";

/// Why a text is not the settings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ReadError {
    /// Something is wrong in it.
    Damaged { line: Option<usize>, reason: String },
    /// A newer program wrote it.
    Newer(i64),
}

/// Reads the settings. What is not known is passed over; [`write`] keeps it.
pub(super) fn read(text: &str) -> Result<Settings, ReadError> {
    let reader = Reader { text };
    let table = DeTable::parse(text)
        .map_err(|error| reader.broken(&error))?
        .into_inner();
    if let Some(version) = table.get("version") {
        let number = version.get_ref().as_integer().filter(|n| n.radix() == 10);
        match number.and_then(|n| n.as_str().parse::<i64>().ok()) {
            Some(number) if number > VERSION => return Err(ReadError::Newer(number)),
            Some(VERSION) => {}
            _ => return Err(reader.at(version, "version: must be 1")),
        }
    }
    let empty = DeTable::new();
    let section = |name| match table.get(name) {
        None => Ok(&empty),
        Some(value) => value
            .get_ref()
            .as_table()
            .ok_or_else(|| reader.at(value, &format!("{name}: must be a table"))),
    };
    let (preferences, devices, sip, telegram) = (
        section("preferences")?,
        section("devices")?,
        section("sip")?,
        section("telegram")?,
    );
    Ok(Settings {
        secrets: reader
            .parsed(&table, "secrets", "keyring, sealed or file")?
            .unwrap_or_default(),
        used_before: reader.flag(&table, "used_before")?.unwrap_or_default(),
        preferences: Preferences {
            language: reader.choice(preferences, "language", &Preferences::LANGUAGES)?,
            theme: reader.choice(preferences, "theme", &Preferences::THEMES)?,
        },
        devices: DeviceSettings {
            microphone: reader.text(devices, "microphone")?,
            speaker: reader.text(devices, "speaker")?,
            ring: reader.text(devices, "ring")?,
        },
        sip: SipSettings {
            listen: reader.addresses(sip, "listen")?,
            instance: reader.text(sip, "instance")?.unwrap_or_default(),
        },
        telegram: TelegramSettings {
            api_id: reader.number(telegram, "api_id")?,
        },
        accounts: reader.accounts(&table)?,
    })
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn line_of(&self, offset: usize) -> usize {
        let before = self
            .text
            .as_bytes()
            .get(..offset)
            .unwrap_or(self.text.as_bytes());
        before
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            .saturating_add(1)
    }

    fn broken(&self, error: &toml::de::Error) -> ReadError {
        let line = error.span().map(|span| self.line_of(span.start));
        ReadError::Damaged {
            line,
            reason: error.message().replace('\n', ", "),
        }
    }

    fn at<T>(&self, place: &Spanned<T>, reason: &str) -> ReadError {
        let line = Some(self.line_of(place.span().start));
        ReadError::Damaged {
            line,
            reason: reason.into(),
        }
    }

    fn text(&self, table: &DeTable<'_>, key: &str) -> Result<Option<String>, ReadError> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        match value.get_ref().as_str() {
            Some(text) => Ok(Some(text.into())),
            None => Err(self.at(value, &format!("{key}: must be text in quotes"))),
        }
    }

    fn flag(&self, table: &DeTable<'_>, key: &str) -> Result<Option<bool>, ReadError> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        match value.get_ref().as_bool() {
            Some(flag) => Ok(Some(flag)),
            None => Err(self.at(value, &format!("{key}: must be true or false"))),
        }
    }

    fn number(&self, table: &DeTable<'_>, key: &str) -> Result<Option<i32>, ReadError> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let number = value.get_ref().as_integer().filter(|n| n.radix() == 10);
        match number.and_then(|n| n.as_str().parse().ok()) {
            Some(number) if number > 0 => Ok(Some(number)),
            _ => Err(self.at(value, &format!("{key}: must be a positive number"))),
        }
    }

    fn parsed<T: FromStr>(
        &self,
        table: &DeTable<'_>,
        key: &str,
        expected: &str,
    ) -> Result<Option<T>, ReadError> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        match value.get_ref().as_str().and_then(|text| text.parse().ok()) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(self.at(value, &format!("{key}: must be {expected}"))),
        }
    }

    /// One of the values; the first if nothing is given.
    fn choice(
        &self,
        table: &DeTable<'_>,
        key: &str,
        values: &[&'static str],
    ) -> Result<String, ReadError> {
        let Some(value) = table.get(key) else {
            return Ok(values.first().copied().unwrap_or_default().into());
        };
        match value
            .get_ref()
            .as_str()
            .filter(|text| values.contains(text))
        {
            Some(text) => Ok(text.into()),
            None => Err(self.at(
                value,
                &format!("{key}: must be one of {}", values.join(", ")),
            )),
        }
    }

    fn addresses<T: FromStr>(&self, table: &DeTable<'_>, key: &str) -> Result<Vec<T>, ReadError> {
        let Some(value) = table.get(key) else {
            return Ok(Vec::new());
        };
        let reason = format!("{key}: must be a list such as [\"0.0.0.0:5060\"]");
        let items = value
            .get_ref()
            .as_array()
            .ok_or_else(|| self.at(value, &reason))?;
        let read = |item: &Spanned<DeValue<'_>>| {
            let address = item.get_ref().as_str().and_then(|text| text.parse().ok());
            address.ok_or_else(|| self.at(item, &reason))
        };
        items.iter().map(read).collect()
    }

    fn accounts(&self, table: &DeTable<'_>) -> Result<Vec<Account>, ReadError> {
        let Some(value) = table.get("accounts") else {
            return Ok(Vec::new());
        };
        let items = value.get_ref().as_array();
        let items =
            items.ok_or_else(|| self.at(value, "accounts: each begins with [[accounts]]"))?;
        let mut seen = HashSet::new();
        let mut accounts = Vec::new();
        for item in items.iter() {
            let table = item.get_ref().as_table();
            let table = table.ok_or_else(|| self.at(item, "accounts: must be a table"))?;
            let account = self.account(item, table)?;
            if !seen.insert(account.id.clone()) {
                return Err(self.at(item, &format!("id: {} is there twice", account.id)));
            }
            accounts.push(account);
        }
        Ok(accounts)
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
        for spec in settings() {
            let Some(value) = table.get(spec.id.as_str()) else {
                continue;
            };
            let text = match value.get_ref() {
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
                _ => return Err(self.at(value, &format!("{}: must be text", spec.id))),
            };
            account
                .set(spec.id, &text)
                .map_err(|error| self.at(value, error.reason_key))?;
        }
        Ok(account)
    }
}

fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=64).contains(&text.len())
        && text.bytes().all(fits)
        && !AccountId::from(text).is_test_line()
}

/// Writes the settings. Keys of `before`, the text that stands there now, that this program does
/// not know are kept.
pub(super) fn write(settings: &Settings, before: &str) -> String {
    let before: Table = before.parse().unwrap_or_default();
    let nothing = Table::new();
    let section = |name| {
        before
            .get(name)
            .and_then(Value::as_table)
            .unwrap_or(&nothing)
    };

    let mut out = String::from(HEADER);
    let top = [
        ("version", Some(Value::Integer(VERSION))),
        ("secrets", text(settings.secrets.as_str())),
        ("used_before", Some(Value::Boolean(settings.used_before))),
    ];
    let tables = ["preferences", "devices", "sip", "telegram", "accounts"];
    put(&mut out, &top, &before, &tables);

    out.push_str("\n[preferences]\n");
    let preferences = [
        ("language", text(&settings.preferences.language)),
        ("theme", text(&settings.preferences.theme)),
    ];
    put(&mut out, &preferences, section("preferences"), &[]);

    out.push_str("\n[devices]\n");
    let devices = [
        (
            "microphone",
            settings.devices.microphone.as_deref().and_then(text),
        ),
        (
            "speaker",
            settings.devices.speaker.as_deref().and_then(text),
        ),
        ("ring", settings.devices.ring.as_deref().and_then(text)),
    ];
    put(&mut out, &devices, section("devices"), &[]);

    out.push_str("\n[sip]\n");
    let listen = settings
        .sip
        .listen
        .iter()
        .map(|address| Value::String(address.to_string()));
    let sip = [
        ("listen", Some(Value::Array(listen.collect()))),
        ("instance", text(&settings.sip.instance)),
    ];
    put(&mut out, &sip, section("sip"), &[]);

    let api_id = settings.telegram.api_id;
    if api_id.is_some() || !section("telegram").is_empty() {
        out.push_str("\n[telegram]\n");
        let telegram = [("api_id", api_id.map(|id| Value::Integer(id.into())))];
        put(&mut out, &telegram, section("telegram"), &["api_hash"]);
    }

    let known = before
        .get("accounts")
        .and_then(Value::as_array)
        .map(Vec::as_slice);
    for account in settings
        .accounts
        .iter()
        .filter(|account| !account.id.is_test_line())
    {
        let known = known.unwrap_or_default().iter().filter_map(Value::as_table);
        let is_this =
            |table: &&Table| table.get("id").and_then(Value::as_str) == Some(account.id.as_str());
        out.push_str("\n[[accounts]]\n");
        let values = account_values(account);
        put(
            &mut out,
            &values,
            known.clone().find(is_this).unwrap_or(&nothing),
            &["password"],
        );
    }
    out
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
        values.push((spec.id.as_str(), value));
    }
    values
}

fn text(value: &str) -> Option<Value> {
    Some(Value::String(value.into()))
}

/// Writes the values that are given, then what stood there before under keys that are neither
/// among them nor in `not_kept`.
fn put(out: &mut String, values: &[(&str, Option<Value>)], before: &Table, not_kept: &[&str]) {
    for (key, value) in values {
        if let Some(value) = value {
            put_line(out, key, value);
        }
    }
    let is_known = |key: &str| values.iter().any(|(known, _)| *known == key);
    for (key, value) in before {
        if !is_known(key) && !not_kept.contains(&key.as_str()) {
            put_line(out, key, value);
        }
    }
}

fn put_line(out: &mut String, key: &str, value: &Value) {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !key.is_empty() && key.bytes().all(bare) {
        out.push_str(key);
    } else {
        out.push_str(&Value::String(key.into()).to_string());
    }
    out.push_str(&format!(" = {value}\n"));
}

#[cfg(test)]
mod tests;
