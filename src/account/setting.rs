use std::fmt;
use std::str::FromStr;

/// Names a setting of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SettingId {
    /// The name shown to a person.
    Name,
    /// Whether the account is switched on.
    Enabled,
    /// The user part of the address of record.
    Login,
    /// The password; it is kept in the secret store, never in the account.
    Password,
    /// The host part of the address of record.
    Domain,
    /// The name the far side is shown.
    DisplayName,
    /// Whether to register; without it the account can call, and be called at its own address.
    Register,
    /// The transport of the signalling.
    Transport,
    /// Where the messages are sent, if not to the domain.
    Registrar,
    /// The user name for digest authentication, if it is not the login.
    AuthLogin,
    /// The path of a private authority's certificate in PEM.
    Certificate,
    /// The SHA-256 fingerprint of a certificate trusted for this account.
    Pinned,
    /// The codecs, the most wanted first.
    Codecs,
    /// How digits are sent, the most wanted first.
    Dtmf,
}

impl SettingId {
    /// The name of the setting in files, in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Enabled => "enabled",
            Self::Login => "login",
            Self::Password => "password",
            Self::Domain => "domain",
            Self::DisplayName => "display_name",
            Self::Register => "register",
            Self::Transport => "transport",
            Self::Registrar => "registrar",
            Self::AuthLogin => "auth_login",
            Self::Certificate => "certificate",
            Self::Pinned => "pinned",
            Self::Codecs => "codecs",
            Self::Dtmf => "dtmf",
        }
    }

    /// The description of the setting.
    pub fn spec(self) -> &'static SettingSpec {
        match self {
            Self::Name => &NAME,
            Self::Enabled => &ENABLED,
            Self::Login => &LOGIN,
            Self::Password => &PASSWORD,
            Self::Domain => &DOMAIN,
            Self::DisplayName => &DISPLAY_NAME,
            Self::Register => &REGISTER,
            Self::Transport => &TRANSPORT,
            Self::Registrar => &REGISTRAR,
            Self::AuthLogin => &AUTH_LOGIN,
            Self::Certificate => &CERTIFICATE,
            Self::Pinned => &PINNED,
            Self::Codecs => &CODECS,
            Self::Dtmf => &DTMF,
        }
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
        let found = settings().iter().find(|spec| spec.id.as_str() == name);
        found.map(|spec| spec.id).ok_or(UnknownSetting)
    }
}

/// How a setting is shown and changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// One line of text.
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
}

/// The groups of the account page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// Who one is.
    Login,
    /// How the server is reached.
    Connection,
    /// Codecs and digits.
    Sound,
}

impl Section {
    /// All sections in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Login, Self::Connection, Self::Sound];

    /// The locale key of the heading.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Login => "section-login",
            Self::Connection => "section-connection",
            Self::Sound => "section-sound",
        }
    }
}

/// All there is to know about one setting, so that every face shows it the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingSpec {
    /// Which setting.
    pub id: SettingId,
    /// How it is shown and changed.
    pub kind: SettingKind,
    /// The group it stands in.
    pub section: Section,
    /// The locale key of its name.
    pub title_key: &'static str,
    /// The locale key of a sentence that says what it is for.
    pub help_key: &'static str,
    /// The locale key of further words it is found by.
    pub keywords_key: &'static str,
    /// Whether most people never need it.
    pub advanced: bool,
}

/// The settings of an account in the order they are shown.
pub fn settings() -> &'static [SettingSpec] {
    &SETTINGS
}

static SETTINGS: [SettingSpec; 14] = [
    NAME,
    ENABLED,
    LOGIN,
    PASSWORD,
    DOMAIN,
    DISPLAY_NAME,
    AUTH_LOGIN,
    TRANSPORT,
    REGISTER,
    REGISTRAR,
    CERTIFICATE,
    PINNED,
    CODECS,
    DTMF,
];

macro_rules! spec {
    ($const:ident, $id:ident, $key:literal, $kind:expr, $section:ident, advanced: $advanced:literal) => {
        const $const: SettingSpec = SettingSpec {
            id: SettingId::$id,
            kind: $kind,
            section: Section::$section,
            title_key: concat!("setting-", $key),
            help_key: concat!("setting-", $key, ".help"),
            keywords_key: concat!("setting-", $key, ".keywords"),
            advanced: $advanced,
        };
    };
}

spec!(NAME, Name, "name", SettingKind::Text, Login, advanced: false);
spec!(ENABLED, Enabled, "enabled", SettingKind::Switch, Login, advanced: false);
spec!(LOGIN, Login, "login", SettingKind::Text, Login, advanced: false);
spec!(PASSWORD, Password, "password", SettingKind::Secret, Login, advanced: false);
spec!(DOMAIN, Domain, "domain", SettingKind::Text, Login, advanced: false);
spec!(DISPLAY_NAME, DisplayName, "display-name", SettingKind::Text, Login, advanced: false);
spec!(AUTH_LOGIN, AuthLogin, "auth-login", SettingKind::Text, Login, advanced: true);
spec!(
    TRANSPORT, Transport, "transport",
    SettingKind::Choice(&["udp", "tcp", "tls"]), Connection, advanced: false
);
spec!(REGISTER, Register, "register", SettingKind::Switch, Connection, advanced: true);
spec!(REGISTRAR, Registrar, "registrar", SettingKind::Text, Connection, advanced: true);
spec!(CERTIFICATE, Certificate, "certificate", SettingKind::File, Connection, advanced: true);
spec!(PINNED, Pinned, "pinned", SettingKind::Text, Connection, advanced: true);
spec!(
    CODECS, Codecs, "codecs",
    SettingKind::Ordered(&["opus", "alaw", "ulaw"]), Sound, advanced: false
);
spec!(
    DTMF, Dtmf, "dtmf",
    SettingKind::Ordered(&["rfc2833", "info"]), Sound, advanced: false
);

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
