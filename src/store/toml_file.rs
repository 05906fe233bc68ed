//! The settings as a TOML file that a person can read and change.

mod entries;
mod migrate;

use std::str::FromStr;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use crate::audio::Processing;
use crate::audio::tones::RingSound;

use super::settings::{DeviceSettings, Preferences, Settings, SipSettings, TelegramSettings};

pub(super) use entries::Accounts;

/// The layout this program writes, and the newest it reads.
const VERSION: i64 = 3;
const HEADER: &str = "# The settings of Gudok. Passwords are not here.\n";

/// Why a text is not the settings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ReadError {
    /// Something is wrong in it.
    Damaged { line: Option<usize>, reason: String },
    /// A newer program wrote it.
    Newer(i64),
}

/// The settings as they are now laid out, and the layout they were written in.
#[derive(Debug)]
pub(super) struct Read {
    pub settings: Settings,
    pub version: i64,
}

impl Read {
    /// Whether an older program wrote them.
    pub fn is_old(&self) -> bool {
        self.version < VERSION
    }
}

/// Reads the settings. What is not known is passed over; [`write`] keeps it.
pub(super) fn read(text: &str) -> Result<Read, ReadError> {
    let reader = Reader { text };
    let table = reader.table()?;
    let version = reader.version(&table)?;
    let mut settings = reader.settings(&table)?;
    migrate::migrate(&mut settings, version);
    Ok(Read { settings, version })
}

struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn table(&self) -> Result<DeTable<'a>, ReadError> {
        match DeTable::parse(self.text) {
            Ok(table) => Ok(table.into_inner()),
            Err(error) => Err(self.broken(&error)),
        }
    }

    /// The layout of a file; one that names none was written by hand for the present one.
    fn version(&self, table: &DeTable<'_>) -> Result<i64, ReadError> {
        let Some(version) = table.get("version") else {
            return Ok(VERSION);
        };
        let number = version.get_ref().as_integer().filter(|n| n.radix() == 10);
        match number.and_then(|n| n.as_str().parse().ok()) {
            Some(number) if number > VERSION => Err(ReadError::Newer(number)),
            Some(number @ 1..) => Ok(number),
            _ => Err(self.at(version, &format!("version: must be from 1 to {VERSION}"))),
        }
    }
}

impl Reader<'_> {
    fn settings(&self, table: &DeTable<'_>) -> Result<Settings, ReadError> {
        let empty = DeTable::new();
        let section = |name| match table.get(name) {
            None => Ok(&empty),
            Some(value) => value
                .get_ref()
                .as_table()
                .ok_or_else(|| self.at(value, &format!("{name}: must be a table"))),
        };
        let countries: Vec<_> = Preferences::tones().collect();
        let (preferences, sound, devices, sip, telegram) = (
            section("preferences")?,
            section("sound")?,
            section("devices")?,
            section("sip")?,
            section("telegram")?,
        );
        Ok(Settings {
            secrets: self
                .parsed(table, "secrets", "keyring, sealed or file")?
                .unwrap_or_default(),
            used_before: self.flag(table, "used_before")?.unwrap_or_default(),
            preferences: Preferences {
                language: self.choice(preferences, "language", &Preferences::LANGUAGES)?,
                theme: self.choice(preferences, "theme", &Preferences::THEMES)?,
                default_line: self
                    .text(preferences, "default_line")?
                    .map(|id| id.as_str().into()),
                processing: self.processing(sound)?,
                tones: self.choice(sound, "tones", &countries)?,
                ring_tone: self
                    .text(sound, "ring_tone")?
                    .unwrap_or_else(|| RingSound::default().to_string()),
                recording_tone: self.flag(sound, "recording_tone")?.unwrap_or_default(),
                do_not_disturb: self
                    .flag(preferences, "do_not_disturb")?
                    .unwrap_or_default(),
            },
            devices: DeviceSettings {
                microphone: self.text(devices, "microphone")?,
                speaker: self.text(devices, "speaker")?,
                ring: self.text(devices, "ring")?,
            },
            sip: SipSettings {
                listen: self.addresses(sip, "listen")?,
                instance: self.text(sip, "instance")?.unwrap_or_default(),
            },
            telegram: TelegramSettings {
                api_id: self.number(telegram, "api_id")?,
                dial: self.flag(telegram, "dial")?.unwrap_or(true),
                dial_chat: self.parsed(telegram, "dial_chat", "an identifier and a name")?,
                callers: self.flag(telegram, "callers")?.unwrap_or_default(),
                missed: self.flag(telegram, "missed")?.unwrap_or_default(),
            },
            accounts: self.entries(table)?,
        })
    }

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

    /// A switch that is on unless it is turned off.
    fn processing(&self, sound: &DeTable<'_>) -> Result<Processing, ReadError> {
        let usual = Processing::default();
        let switch = |key: &str, usual: bool| Ok(self.flag(sound, key)?.unwrap_or(usual));
        Ok(Processing {
            echo_cancellation: switch("echo_cancellation", usual.echo_cancellation)?,
            noise_suppression: switch("noise_suppression", usual.noise_suppression)?,
            gain_control: switch("gain_control", usual.gain_control)?,
        })
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
    let tables = [
        "preferences",
        "sound",
        "devices",
        "sip",
        "telegram",
        "accounts",
    ];
    put(&mut out, &top, &before, &tables);

    out.push_str("\n[preferences]\n");
    let preferences = [
        ("language", text(&settings.preferences.language)),
        ("theme", text(&settings.preferences.theme)),
        (
            "default_line",
            settings
                .preferences
                .default_line
                .as_ref()
                .and_then(|id| text(id.as_str())),
        ),
        (
            "do_not_disturb",
            Some(Value::Boolean(settings.preferences.do_not_disturb)),
        ),
    ];
    put(&mut out, &preferences, section("preferences"), &[]);

    out.push_str("\n[sound]\n");
    let processing = settings.preferences.processing;
    let flag = |on| Some(Value::Boolean(on));
    let sound = [
        ("echo_cancellation", flag(processing.echo_cancellation)),
        ("noise_suppression", flag(processing.noise_suppression)),
        ("gain_control", flag(processing.gain_control)),
        ("tones", text(&settings.preferences.tones)),
        ("ring_tone", text(&settings.preferences.ring_tone)),
        ("recording_tone", flag(settings.preferences.recording_tone)),
    ];
    put(&mut out, &sound, section("sound"), &[]);

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

    let of_telegram = &settings.telegram;
    if *of_telegram != TelegramSettings::default() || !section("telegram").is_empty() {
        out.push_str("\n[telegram]\n");
        let chat = of_telegram.dial_chat.as_ref().map(ToString::to_string);
        let api_id = of_telegram.api_id;
        let telegram = [
            ("api_id", api_id.map(|id| Value::Integer(id.into()))),
            ("dial", flag(of_telegram.dial)),
            ("dial_chat", chat.as_deref().and_then(text)),
            ("callers", flag(of_telegram.callers)),
            ("missed", flag(of_telegram.missed)),
        ];
        put(&mut out, &telegram, section("telegram"), &["api_hash"]);
    }

    entries::write_entries(&mut out, &settings.accounts, &before);
    out
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
