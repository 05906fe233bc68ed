use std::net::SocketAddr;

use serde::Serialize;

use super::secrets::SecretsKind;
use crate::account::{AccountId, Entry, Party};
use crate::audio::Processing;
use crate::audio::tones::{Country, RingSound};

/// Everything that is kept in `settings.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Where passwords are kept.
    pub secrets: SecretsKind,
    /// Whether a call was ever made or an account added in this profile.
    pub used_before: bool,
    /// Preferences of the program.
    pub preferences: Preferences,
    /// The chosen sound devices.
    pub devices: DeviceSettings,
    /// How this Gudok is on the network.
    pub sip: SipSettings,
    /// How this Gudok is known to Telegram.
    pub telegram: TelegramSettings,
    /// The accounts in the order the person gave them.
    pub accounts: Vec<Entry>,
}

/// Preferences of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preferences {
    /// `ru`, `en` or `system`.
    pub language: String,
    /// `light`, `dark` or `system`.
    pub theme: String,
    /// The line a number goes to when several could take it; `None` asks.
    pub default_line: Option<AccountId>,
    /// What is done to the microphone's sound.
    #[serde(flatten)]
    pub processing: Processing,
    /// The country whose tones are played (ISO 3166-1 alpha-2, small letters), or `system`.
    pub tones: String,
    /// How it rings: the name of a built-in ring, or a file.
    pub ring_tone: String,
    /// Whether both sides hear a tone while a call is recorded.
    pub recording_tone: bool,
    /// Whether calls are refused without ringing.
    pub do_not_disturb: bool,
}

impl Preferences {
    /// What may stand in [`language`](Self::language).
    pub const LANGUAGES: [&'static str; 3] = ["system", "ru", "en"];
    /// What may stand in [`theme`](Self::theme).
    pub const THEMES: [&'static str; 3] = ["system", "light", "dark"];

    /// What may stand in [`tones`](Self::tones).
    pub fn tones() -> impl Iterator<Item = &'static str> {
        let countries = Country::all().iter().map(|country| country.code);
        std::iter::once("system").chain(countries)
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: "system".into(),
            theme: "system".into(),
            default_line: None,
            processing: Processing::default(),
            tones: "system".into(),
            ring_tone: RingSound::default().to_string(),
            recording_tone: false,
            do_not_disturb: false,
        }
    }
}

/// The chosen sound devices; `None` is "as the system has it".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceSettings {
    /// Captures the person.
    pub microphone: Option<String>,
    /// Plays the far side.
    pub speaker: Option<String>,
    /// Rings.
    pub ring: Option<String>,
}

/// How this Gudok is on the network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SipSettings {
    /// The addresses SIP listens on; empty is every address and a free port.
    pub listen: Vec<SocketAddr>,
    /// The UUID of this Gudok for `+sip.instance` (RFC 5626 4.1). [`Profile::load`] gives one to
    /// a profile that has none.
    ///
    /// [`Profile::load`]: super::Profile::load
    pub instance: String,
}

/// How this Gudok is known to Telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelegramSettings {
    /// The `api_id` of my.telegram.org; the `api_hash` that goes with it is among the secrets.
    pub api_id: Option<i32>,
    /// Whether numbers that the person writes to the dial chat are dialled.
    pub dial: bool,
    /// The dial chat; `None` is Saved Messages.
    pub dial_chat: Option<Party>,
    /// Whether callers are written to the dial chat.
    pub callers: bool,
    /// Whether missed calls are written to the dial chat.
    pub missed: bool,
}

impl Default for TelegramSettings {
    fn default() -> Self {
        Self {
            api_id: None,
            dial: true,
            dial_chat: None,
            callers: false,
            missed: false,
        }
    }
}

impl SipSettings {
    /// A new random UUID (RFC 9562 version 4).
    pub(super) fn new_instance() -> String {
        let bits = (fastrand::u128(..) & !(0xf << 76) & !(0b11 << 62)) | (4 << 76) | (0b10 << 62);
        let hex = format!("{bits:032x}");
        let (a, rest) = hex.split_at(8);
        let (b, rest) = rest.split_at(4);
        let (c, rest) = rest.split_at(4);
        let (d, e) = rest.split_at(4);
        format!("{a}-{b}-{c}-{d}-{e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_a_random_uuid() {
        for _ in 0..100 {
            let uuid = SipSettings::new_instance();
            let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12]);
            assert!(uuid.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit()));
            assert_eq!(uuid.as_bytes()[14], b'4', "{uuid}");
            assert!(b"89ab".contains(&uuid.as_bytes()[19]), "{uuid}");
        }
    }
}
