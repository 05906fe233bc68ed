use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// Names a setting of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SettingId {
    /// The name shown to a person.
    Name,
    /// The preset the settings were filled from.
    Template,
    /// The user part of the address of record.
    Login,
    /// The password; it is kept in the secret store, never in the account.
    Password,
    /// The host part of the address of record.
    Domain,
    /// Where the messages are sent, if not to the domain.
    Registrar,
    /// The name the far side is shown.
    DisplayName,
    /// The user name for digest authentication, if it is not the login.
    AuthLogin,
    /// Whether the account is switched on.
    Enabled,
    /// The transport of the signalling.
    Transport,
    /// Whether sound is encrypted.
    Encryption,
    /// How the keys for it are agreed upon.
    KeyExchange,
    /// The machine the account runs on.
    Worker,
    /// How digits are sent, the most wanted first.
    Dtmf,
    /// Whether to register; without it the account can call, and be called at its own address.
    Register,
    /// The path of a private authority's certificate in PEM.
    Certificate,
    /// The SHA-256 fingerprint of a certificate trusted for this account.
    Pinned,
    /// The codecs, the most wanted first.
    Codecs,
    /// Milliseconds of sound in a packet (RFC 4566 `a=ptime`).
    Ptime,
    /// The bit rate of Opus, kbit/s.
    OpusBitrate,
    /// Whether Opus repeats lost sound in later packets (in-band FEC).
    OpusFec,
    /// Whether Opus sends less in silence (DTX).
    OpusDtx,
    /// The dial rules.
    Rules,
    /// Where every call is sent on to.
    ForwardAlways,
    /// Where calls are sent on to while there is no time for them.
    ForwardBusy,
    /// Where calls are sent on to that nobody answers.
    ForwardNoAnswer,
    /// After how many seconds nobody has answered.
    ForwardAfter,
    /// Whether a call may come in during another.
    CallWaiting,
    /// Whether calls are answered by themselves.
    AutoAnswer,
    /// The number of the voicemail box.
    Voicemail,
    /// The numbers whose state is watched.
    Favourites,
    /// What is dialled before a watched number to pick up the call that rings there.
    Pickup,
    /// Whether calls are recorded by themselves.
    Record,
    /// The Telegram chat recordings go to.
    RecordChat,
    /// Whether a recording that was sent to its chat stays on this computer, too.
    RecordKeep,
    /// The Telegram user the account is assigned to.
    User,
    /// Whether a number from the dial chat rings here first.
    Callback,
}

impl SettingId {
    /// The name of the setting in files, in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        self.spec().name
    }

    /// The description of the setting.
    pub fn spec(self) -> &'static SettingSpec {
        let found = SETTINGS.iter().find(|spec| spec.id == self);
        found.unwrap_or(&SETTINGS[0])
    }
}

impl fmt::Display for SettingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no setting of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such setting")]
pub struct UnknownSetting;

impl FromStr for SettingId {
    type Err = UnknownSetting;

    fn from_str(name: &str) -> Result<Self, UnknownSetting> {
        let found = SETTINGS.iter().find(|spec| spec.name == name);
        found.map(|spec| spec.id).ok_or(UnknownSetting)
    }
}

impl Serialize for SettingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How a setting is shown and changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// One line of text, asked for in place.
    Text,
    /// A text that is never shown; its prompt starts empty.
    Secret,
    /// One of these values; a press goes to the next.
    Choice(&'static [&'static str]),
    /// `on` or `off`; a press toggles.
    Switch,
    /// Some of these values in an order of one's own, as a comma list.
    Ordered(&'static [&'static str]),
    /// The path of a file, or empty.
    File,
    /// Dial rules, with a place to try them.
    Rules,
    /// A preset from the catalogue, by its identifier; choosing one fills what it knows.
    Template,
    /// One of the machines accounts can run on; empty is this computer.
    Worker,
    /// A Telegram chat one may write to, as [`Party`](super::Party); empty is Saved Messages.
    Chat,
    /// A Telegram user, as [`Party`](super::Party); empty is oneself.
    Person,
}

/// When a changed value comes into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Applies {
    /// As soon as it is given.
    AtOnce,
    /// When the draft is applied.
    OnApply,
}

/// The groups of the account page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Who one is.
    Login,
    /// How the server is reached.
    Connection,
    /// Codecs and numbers.
    Sound,
    /// What becomes of calls that come in.
    Calls,
    /// Recordings, and who uses the account.
    People,
}

impl Section {
    /// All sections in the order they are shown.
    pub const ALL: [Self; 5] = [
        Self::Login,
        Self::Connection,
        Self::Sound,
        Self::Calls,
        Self::People,
    ];

    /// The locale key of the heading.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Login => "section-login",
            Self::Connection => "section-connection",
            Self::Sound => "section-sound",
            Self::Calls => "section-calls",
            Self::People => "section-people",
        }
    }
}

/// All there is to know about one setting, so that every face shows it the same way. Only an
/// account's owner changes settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SettingSpec {
    /// Which setting.
    #[serde(skip)]
    pub id: SettingId,
    /// Its name in files, in JSON and on the command line.
    pub name: &'static str,
    /// How it is shown and changed.
    pub kind: SettingKind,
    /// When a changed value comes into force.
    pub applies: Applies,
    /// The group it stands in.
    pub section: Section,
    /// The setting it is a detail of and stands inside of.
    pub within: Option<SettingId>,
    /// The locale key of its name.
    #[serde(skip)]
    pub title_key: &'static str,
    /// The locale key of a sentence that says what it is for.
    #[serde(skip)]
    pub help_key: &'static str,
    /// The locale key of further words it is found by.
    #[serde(skip)]
    pub keywords_key: &'static str,
    /// Whether most people never need it.
    pub advanced: bool,
}

impl SettingSpec {
    const fn advanced(self) -> Self {
        Self {
            advanced: true,
            ..self
        }
    }

    const fn within(self, outer: SettingId) -> Self {
        Self {
            within: Some(outer),
            ..self
        }
    }
}

/// The settings of an account in the order they are shown.
pub fn settings() -> &'static [SettingSpec] {
    &SETTINGS
}

macro_rules! spec {
    ($section:ident, $id:ident, $name:literal, $key:literal, $kind:expr, $applies:ident) => {
        SettingSpec {
            id: SettingId::$id,
            name: $name,
            kind: $kind,
            applies: Applies::$applies,
            section: Section::$section,
            within: None,
            title_key: concat!("setting-", $key),
            help_key: concat!("setting-", $key, ".help"),
            keywords_key: concat!("setting-", $key, ".keywords"),
            advanced: false,
        }
    };
}

const TRANSPORTS: &[&str] = &["udp", "tcp", "tls"];
const ENCRYPTIONS: &[&str] = &["off", "optional", "required"];
const KEY_EXCHANGES: &[&str] = &["auto", "sdes", "dtls"];
const DTMF_METHODS: &[&str] = &["rfc2833", "info", "inband"];
const CODECS: &[&str] = &["opus", "g722", "alaw", "ulaw"];
const PACKET_TIMES: &[&str] = &["10", "20", "40", "60"];
const FORWARD_AFTER: &[&str] = &["10", "15", "20", "30", "45", "60"];
const AUTO_ANSWER: &[&str] = &["off", "asked", "always"];
const BIT_RATES: &[&str] = &["auto", "16", "24", "32", "48", "64", "96", "128"];

static SETTINGS: [SettingSpec; 37] = {
    use SettingKind::*;
    [
        spec!(Login, Name, "name", "name", Text, AtOnce),
        spec!(Login, Template, "template", "template", Template, OnApply),
        spec!(Login, Login, "login", "login", Text, OnApply),
        spec!(Login, Password, "password", "password", Secret, OnApply),
        spec!(Login, Domain, "domain", "domain", Text, OnApply),
        spec!(Login, Registrar, "registrar", "registrar", Text, OnApply),
        spec!(
            Login,
            DisplayName,
            "display_name",
            "display-name",
            Text,
            AtOnce
        ),
        spec!(Login, AuthLogin, "auth_login", "auth-login", Text, OnApply),
        spec!(Connection, Enabled, "enabled", "enabled", Switch, AtOnce),
        spec!(
            Connection,
            Transport,
            "transport",
            "transport",
            Choice(TRANSPORTS),
            OnApply
        ),
        spec!(
            Connection,
            Encryption,
            "encryption",
            "encryption",
            Choice(ENCRYPTIONS),
            OnApply
        ),
        spec!(Connection, Worker, "worker", "worker", Worker, OnApply),
        spec!(
            Connection,
            Dtmf,
            "dtmf",
            "dtmf",
            Ordered(DTMF_METHODS),
            OnApply
        ),
        spec!(
            Connection, Register, "register", "register", Switch, OnApply
        )
        .advanced(),
        spec!(
            Connection,
            KeyExchange,
            "key_exchange",
            "key-exchange",
            Choice(KEY_EXCHANGES),
            OnApply
        )
        .advanced(),
        spec!(
            Connection,
            Certificate,
            "certificate",
            "certificate",
            File,
            OnApply
        )
        .advanced(),
        spec!(Connection, Pinned, "pinned", "pinned", Text, OnApply).advanced(),
        spec!(Sound, Codecs, "codecs", "codecs", Ordered(CODECS), OnApply),
        spec!(
            Sound,
            Ptime,
            "ptime",
            "ptime",
            Choice(PACKET_TIMES),
            OnApply
        )
        .within(SettingId::Codecs),
        spec!(
            Sound,
            OpusBitrate,
            "opus_bitrate",
            "opus-bitrate",
            Choice(BIT_RATES),
            OnApply
        )
        .within(SettingId::Codecs),
        spec!(Sound, OpusFec, "opus_fec", "opus-fec", Switch, OnApply).within(SettingId::Codecs),
        spec!(Sound, OpusDtx, "opus_dtx", "opus-dtx", Switch, OnApply).within(SettingId::Codecs),
        spec!(Sound, Rules, "rules", "rules", Rules, OnApply),
        spec!(
            Calls,
            CallWaiting,
            "call_waiting",
            "call-waiting",
            Switch,
            AtOnce
        ),
        spec!(
            Calls,
            AutoAnswer,
            "auto_answer",
            "auto-answer",
            Choice(AUTO_ANSWER),
            AtOnce
        ),
        spec!(
            Calls,
            ForwardAlways,
            "forward_always",
            "forward-always",
            Text,
            AtOnce
        ),
        spec!(
            Calls,
            ForwardBusy,
            "forward_busy",
            "forward-busy",
            Text,
            AtOnce
        ),
        spec!(
            Calls,
            ForwardNoAnswer,
            "forward_no_answer",
            "forward-no-answer",
            Text,
            AtOnce
        ),
        spec!(
            Calls,
            ForwardAfter,
            "forward_after",
            "forward-after",
            Choice(FORWARD_AFTER),
            AtOnce
        ),
        spec!(Calls, Voicemail, "voicemail", "voicemail", Text, AtOnce),
        spec!(Calls, Favourites, "favourites", "favourites", Text, AtOnce),
        spec!(Calls, Pickup, "pickup", "pickup", Text, AtOnce),
        spec!(People, Record, "record", "record", Switch, AtOnce),
        spec!(
            People,
            RecordChat,
            "record_chat",
            "record-chat",
            Chat,
            AtOnce
        ),
        spec!(
            People,
            RecordKeep,
            "record_keep",
            "record-keep",
            Switch,
            AtOnce
        ),
        spec!(People, User, "user", "user", Person, AtOnce),
        spec!(People, Callback, "callback", "callback", Switch, AtOnce),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_found_by_its_name_and_says_who_it_is() {
        for spec in settings() {
            assert_eq!(spec.id.as_str().parse(), Ok(spec.id));
            assert_eq!(spec.id.spec(), spec);
        }
        assert_eq!("colour".parse::<SettingId>(), Err(UnknownSetting));
    }

    #[test]
    fn settings_stand_section_by_section() {
        let sections: Vec<Section> = settings().iter().map(|spec| spec.section).collect();
        assert!(sections.is_sorted());
        assert!(
            Section::ALL
                .iter()
                .all(|section| sections.contains(section))
        );
    }
}
