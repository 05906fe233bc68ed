//! Templates: what is known of a provider or PBX, so that login and password are all a person
//! must give.
//!
//! The catalogue is data, `assets/templates.toml`, whose head describes the format. A file of
//! one's own has the same format; there `group`, `source` and `checked` may be left out. A key
//! that is not in the format is refused: passed over, a misspelt one would go unnoticed.

mod catalogue;
mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{Account, AccountId, SettingId, SettingKind};

pub use catalogue::Catalogue;
pub use file::TemplateError;

/// The settings a template may hold, in the order they are written. Whom one is (login, display
/// name) and whom one trusts (certificates) is not for a template to say.
const SETTINGS: [&str; 12] = [
    "domain",
    "registrar",
    "transport",
    "register",
    AUTH_LOGIN,
    "codecs",
    "ptime",
    "opus_bitrate",
    "opus_fec",
    "opus_dtx",
    "dtmf",
    "rules",
];

/// Stands in a template only if it is the same for everybody; an account's own is never taken.
const AUTH_LOGIN: &str = "auth_login";

/// What kind of service a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// A provider in Russia.
    Ru,
    /// A provider elsewhere.
    World,
    /// A PBX of one's own.
    Pbx,
}

impl Group {
    /// All groups in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Ru, Self::World, Self::Pbx];

    /// The name in files and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::World => "world",
            Self::Pbx => "pbx",
        }
    }

    /// The locale key of the heading.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Ru => "template-group-ru",
            Self::World => "template-group-world",
            Self::Pbx => "template-group-pbx",
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bilingual {
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
}

impl Bilingual {
    /// One text for both languages.
    pub fn same(text: impl Into<String>) -> Self {
        let ru = text.into();
        Self { en: ru.clone(), ru }
    }

    /// The text in the language with this code; English unless it is `ru`.
    pub fn get(&self, language: &str) -> &str {
        match language {
            "ru" => &self.ru,
            _ => &self.en,
        }
    }
}

/// What is known of one provider or PBX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Small Latin letters, digits and dashes, 1 to 64; it names the template for good.
    pub id: String,
    /// The name as people know it.
    pub name: Bilingual,
    /// The heading it stands under.
    pub group: Group,
    /// Whether it is the person's own and not from the built-in catalogue.
    pub own: bool,
    /// What serves as the login.
    pub login: Option<Bilingual>,
    /// What else one must know, in one sentence.
    pub note: Option<Bilingual>,
    /// Further words it is found by.
    pub keywords: Vec<String>,
    /// The page it was read from; empty if none is named.
    pub source: String,
    /// The day it was read, `YYYY-MM-DD`; empty if none is named.
    pub checked: String,
    /// Values by the names of their settings, some of which another version may not know.
    settings: BTreeMap<String, String>,
}

impl Template {
    /// The settings of an account as a template of one's own. Login, password and all else that
    /// is personal stays behind. The same name gives the same identifier.
    pub fn from_values(name: &str, values: &BTreeMap<String, String>) -> Self {
        let is_kept = |name: &str| name != AUTH_LOGIN && SETTINGS.contains(&name);
        let kept = values
            .iter()
            .filter(|(name, value)| is_kept(name) && !value.is_empty());
        Self {
            id: id_of(name),
            name: Bilingual::same(name),
            group: Group::Pbx,
            own: true,
            login: None,
            note: None,
            keywords: Vec::new(),
            source: String::new(),
            checked: String::new(),
            settings: kept
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        }
    }

    /// The domain, if it is the same for everybody.
    pub fn domain(&self) -> Option<&str> {
        self.settings.get("domain").map(String::as_str)
    }

    /// What it fills in: values by the names of their settings, as [`Account::with`] takes them.
    /// What this program does not know, a setting or a codec, is left out.
    pub fn values(&self) -> BTreeMap<String, String> {
        let known = self.settings.iter().filter_map(|(name, value)| {
            let value = known_part(name.parse().ok()?, value)?;
            Some((name.clone(), value))
        });
        let mut values: BTreeMap<String, String> = known.collect();
        if values.contains_key("domain") {
            // The proxy of another provider must not stay in the way.
            values.entry("registrar".into()).or_default();
        }
        values
    }

    /// What a person must still give before an account with these values can be used.
    pub fn missing(&self) -> Vec<SettingId> {
        let blank = Account::new(AccountId::from(""));
        blank.with(&self.values()).unwrap_or(blank).missing(false)
    }

    /// The template as a `[[templates]]` entry of a file.
    pub fn to_toml(&self) -> String {
        file::write(self)
    }
}

/// The value without the words of a list that this program does not know; `None` if none is left.
fn known_part(setting: SettingId, value: &str) -> Option<String> {
    if !matches!(setting.spec().kind, SettingKind::Ordered(_)) {
        return Some(value.into());
    }
    let mut scratch = Account::new(AccountId::from(""));
    let words = value.split(',').map(str::trim);
    let known: Vec<&str> = words
        .filter(|word| scratch.set(setting, word).is_ok())
        .collect();
    (!known.is_empty()).then(|| known.join(","))
}

fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// An identifier for a name: its Latin letters and digits, and if that is not all of it, a
/// number that tells it from other names.
fn id_of(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let latin = |c: char| c.is_ascii_alphanumeric();
    let words = name.split(|c| !latin(c)).filter(|word| !word.is_empty());
    let mut id = words.collect::<Vec<_>>().join("-");
    if id.is_empty() || id.len() > 64 || name.chars().any(|c| c.is_alphanumeric() && !latin(c)) {
        // FNV-1a, 32 bits.
        let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        id.truncate(48);
        id = format!("{id}-{hash:08x}").trim_start_matches('-').into();
    }
    id
}
