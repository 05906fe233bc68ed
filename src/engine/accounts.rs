//! The accounts and preferences of a profile: changed, kept, and turned into lines and identities.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;

use secrecy::SecretString;

use crate::account::number::{self, Target};
use crate::account::{Account, AccountId, HostPort, SettingError, Transport};
use crate::audio::DeviceSpec;
use crate::call::{DeviceChoice, Line, Peer, Problem};
use crate::engine::{DeviceRole, Preferences, Registration, RegistrationState};
use crate::sip::message::{Host, Uri};
use crate::sip::{Identity, Trust};
use crate::store::secrets::{
    self, SecretError, SecretStore, SecretsKind, TELEGRAM_API_HASH, account_password,
};
use crate::store::{Loaded, PrivateFile, Profile, Settings, StoreError};

/// The host by which an address names the test line.
const TEST_LINE_HOST: &str = "test-line";
/// How long a registration is asked for, seconds.
const EXPIRES_S: u32 = 600;

/// The accounts, the preferences, and the file and key store behind them.
pub struct Book {
    profile: Profile,
    secrets: Arc<dyn SecretStore>,
    settings: Settings,
    /// Accounts that live in memory only: the test line's.
    lent: Vec<Account>,
}

impl Book {
    /// Reads the profile's settings and opens its store of passwords. `kind` changes where they
    /// are kept, from now on. Besides the book it gives what was wrong with the settings file.
    ///
    /// # Errors
    /// If the settings can't be read and no earlier copy of them can, or if the store of
    /// passwords can't be opened.
    pub fn open(
        profile: Profile,
        kind: Option<SecretsKind>,
    ) -> Result<(Self, Option<Problem>), Problem> {
        let Loaded {
            mut settings,
            trouble,
        } = profile.load()?;
        if let Some(kind) = kind
            && kind != settings.secrets
        {
            settings.secrets = kind;
            profile.save(&settings)?;
        }
        let passphrase = secrets::passphrase_from_environment();
        let store = secrets::open(settings.secrets, profile.dir(), passphrase)?;
        let book = Self {
            profile,
            secrets: store.into(),
            settings,
            lent: Vec::new(),
        };
        Ok((book, trouble.map(Problem::from)))
    }

    /// Reads an account's password; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn password_reader(
        &self,
        id: &AccountId,
    ) -> impl FnOnce() -> Result<Option<SecretString>, Problem> + Send + 'static {
        let (store, name) = (self.secrets.clone(), account_password(id));
        move || Ok(store.get(&name)?)
    }

    /// Keeps an account's password, or with `None` forgets it; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn password_writer(
        &self,
        id: &AccountId,
        password: Option<SecretString>,
    ) -> impl FnOnce() -> Result<(), Problem> + Send + 'static {
        let (store, name) = (self.secrets.clone(), account_password(id));
        move || {
            match password {
                Some(password) => store.set(&name, &password)?,
                None => store.remove(&name)?,
            }
            Ok(())
        }
    }

    /// All accounts, the lent ones last.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.settings.accounts.iter().chain(&self.lent)
    }

    /// An account by its identifier.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts().find(|account| account.id == *id)
    }

    /// An account that must exist.
    ///
    /// # Errors
    /// [`Problem::Unknown`].
    pub fn known(&self, id: &AccountId) -> Result<&Account, Problem> {
        self.account(id).ok_or_else(|| Problem::Unknown {
            what: format!("account {id}"),
        })
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`Problem::File`] if it can't be kept; then it is not there.
    pub fn add(&mut self, account: Account) -> Result<(), Problem> {
        self.change_settings(|settings| {
            settings.used_before = true;
            settings.accounts.push(account);
        })
    }

    /// Changes settings of an account; all of them or none.
    ///
    /// # Errors
    /// [`Problem::Unknown`], [`Problem::BadValue`] or [`Problem::File`].
    pub fn change(
        &mut self,
        id: &AccountId,
        values: &BTreeMap<String, String>,
    ) -> Result<(), Problem> {
        let changed = self.known(id)?.with(values)?;
        self.change_settings(|settings| {
            for account in settings.accounts.iter_mut().filter(|known| known.id == *id) {
                *account = changed.clone();
            }
        })
    }

    /// Removes an account and its password.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::File`].
    pub fn remove(&mut self, id: &AccountId) -> Result<(), Problem> {
        self.known(id)?;
        self.lent.retain(|account| account.id != *id);
        self.change_settings(|settings| settings.accounts.retain(|account| account.id != *id))
    }

    /// Adds an account that is not kept.
    pub fn lend(&mut self, account: Account) {
        self.lent.push(account);
    }

    /// Preferences of the program.
    pub fn preferences(&self) -> Preferences {
        self.settings.preferences.clone()
    }

    /// Changes preferences; `None` leaves one as it is.
    ///
    /// # Errors
    /// [`Problem::BadValue`] or [`Problem::File`].
    pub fn set_preferences(
        &mut self,
        language: Option<&str>,
        theme: Option<&str>,
    ) -> Result<(), Problem> {
        let check = |setting: &str, value: Option<&str>, known: &[&str]| match value {
            Some(value) if !known.contains(&value) => Err(Problem::BadValue {
                setting: setting.into(),
                reason: "reason-choice".into(),
            }),
            _ => Ok(()),
        };
        check("language", language, &Preferences::LANGUAGES)?;
        check("theme", theme, &Preferences::THEMES)?;
        self.change_settings(|settings| {
            let preferences = &mut settings.preferences;
            if let Some(language) = language {
                preferences.language = language.into();
            }
            if let Some(theme) = theme {
                preferences.theme = theme.into();
            }
        })
    }

    /// The chosen devices.
    pub fn devices(&self) -> DeviceChoice {
        let spec = |role| -> DeviceSpec {
            self.device(role)
                .unwrap_or_default()
                .parse()
                .unwrap_or_default()
        };
        DeviceChoice {
            microphone: spec(DeviceRole::Microphone),
            speaker: spec(DeviceRole::Speaker),
            ring: spec(DeviceRole::Ring),
            tones: true,
        }
    }

    /// The name of a chosen device; `None` is "as the system has it".
    pub fn device(&self, role: DeviceRole) -> Option<&str> {
        match role {
            DeviceRole::Microphone => self.settings.devices.microphone.as_deref(),
            DeviceRole::Speaker => self.settings.devices.speaker.as_deref(),
            DeviceRole::Ring => self.settings.devices.ring.as_deref(),
        }
    }

    /// Chooses a device.
    ///
    /// # Errors
    /// [`Problem::File`] if the choice can't be kept.
    pub fn set_device(&mut self, role: DeviceRole, name: Option<String>) -> Result<(), Problem> {
        self.change_settings(|Settings { devices, .. }| match role {
            DeviceRole::Microphone => devices.microphone = name,
            DeviceRole::Speaker => devices.speaker = name,
            DeviceRole::Ring => devices.ring = name,
        })
    }

    /// The SIP listening addresses that are set; empty is every address and a free port.
    pub fn listen(&self) -> &[SocketAddr] {
        &self.settings.sip.listen
    }

    /// What tells this installation from all others (RFC 5626 section 4.1).
    pub fn instance(&self) -> String {
        self.settings.sip.instance.clone()
    }

    /// Whether a call was ever made or an account added.
    pub fn used_before(&self) -> bool {
        self.settings.used_before
    }

    /// Remembers that a call was made.
    ///
    /// # Errors
    /// [`Problem::File`].
    pub fn mark_used(&mut self) -> Result<(), Problem> {
        // A profile that another Gudok owns is that one's to write.
        if self.settings.used_before || !self.profile.is_owned() {
            return Ok(());
        }
        self.change_settings(|settings| settings.used_before = true)
    }

    /// Whether the profile is ours to write.
    pub fn owns_profile(&self) -> bool {
        self.profile.is_owned()
    }

    /// # Errors
    /// [`Problem::File`] if another Gudok owns the profile.
    pub fn must_own_profile(&self) -> Result<(), Problem> {
        match self.owns_profile() {
            true => Ok(()),
            false => {
                let dir = self.profile.dir().to_owned();
                Err(StoreError::InUse { dir }.into())
            }
        }
    }

    /// Where the session of Telegram is kept.
    pub fn telegram_file(&self) -> PrivateFile {
        self.profile.private_file("telegram.session")
    }

    /// The `api_id` that was set for Telegram.
    pub fn telegram_api_id(&self) -> Option<i32> {
        self.settings.telegram.api_id
    }

    /// Sets the `api_id` for Telegram.
    ///
    /// # Errors
    /// [`Problem::File`].
    pub fn set_telegram_api_id(&mut self, id: i32) -> Result<(), Problem> {
        self.change_settings(|settings| settings.telegram.api_id = Some(id))
    }

    /// Reads the `api_hash` for Telegram; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn telegram_hash_reader(
        &self,
    ) -> impl FnOnce() -> Result<Option<SecretString>, Problem> + Send + 'static {
        let store = self.secrets.clone();
        move || Ok(store.get(TELEGRAM_API_HASH)?)
    }

    /// Keeps the `api_hash` for Telegram; may take seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`].
    pub fn telegram_hash_writer(
        &self,
        hash: SecretString,
    ) -> impl FnOnce() -> Result<(), Problem> + Send + 'static {
        let store = self.secrets.clone();
        move || Ok(store.set(TELEGRAM_API_HASH, &hash)?)
    }

    /// Where passwords are kept.
    pub fn passwords_kept_in(&self) -> SecretsKind {
        self.settings.secrets
    }

    /// Moves these passwords, and the `api_hash` for Telegram, to another kind of store; may take
    /// seconds.
    ///
    /// # Errors
    /// [`Problem::KeyStore`] if one can't be kept there; then all stay where they were.
    pub fn password_mover(
        &self,
        kind: SecretsKind,
        passwords: Vec<(AccountId, SecretString)>,
    ) -> impl FnOnce() -> Result<Arc<dyn SecretStore>, Problem> + Send + 'static {
        let (old, dir) = (self.secrets.clone(), self.profile.dir().to_owned());
        move || {
            let new = secrets::open(kind, &dir, secrets::passphrase_from_environment())?;
            for (id, password) in &passwords {
                new.set(&account_password(id), password)?;
            }
            if let Ok(Some(hash)) = old.get(TELEGRAM_API_HASH) {
                new.set(TELEGRAM_API_HASH, &hash)?;
                let _ = old.remove(TELEGRAM_API_HASH);
            }
            for (id, _) in &passwords {
                // What stays behind in a store that can't be used is out of reach anyway.
                let _ = old.remove(&account_password(id));
            }
            Ok(new.into())
        }
    }

    /// Uses the store that a [`password_mover`](Self::password_mover) has filled.
    ///
    /// # Errors
    /// [`Problem::File`].
    pub fn keep_passwords_in(
        &mut self,
        kind: SecretsKind,
        store: Arc<dyn SecretStore>,
    ) -> Result<(), Problem> {
        self.secrets = store;
        self.change_settings(|settings| settings.secrets = kind)
    }

    /// Changes the settings in the file and here, or in neither.
    fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) -> Result<(), Problem> {
        let mut changed = self.settings.clone();
        change(&mut changed);
        self.profile.save(&changed)?;
        self.settings = changed;
        Ok(())
    }

    /// What the SIP core is to know of an account; `None` if it is switched off.
    ///
    /// # Errors
    /// [`Problem::WrongParameters`] if settings are missing, [`Problem::BadValue`] or
    /// [`Problem::File`] if one can't be used.
    pub fn identity(
        &self,
        id: &AccountId,
        password: Option<SecretString>,
        register: bool,
    ) -> Result<Option<Identity>, Problem> {
        let account = self.known(id)?;
        if !account.enabled {
            return Ok(None);
        }
        let missing = account.missing(password.is_some());
        if !missing.is_empty() {
            let fields = missing
                .iter()
                .map(|setting| setting.as_str().to_owned())
                .collect();
            return Err(Problem::WrongParameters { fields });
        }
        let ca_pem = match account.certificate.as_str() {
            "" => None,
            path => Some(
                std::fs::read_to_string(path).map_err(|error| Problem::File {
                    path: path.into(),
                    reason: error.to_string(),
                })?,
            ),
        };
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Some(Identity {
            login: account.login.clone(),
            domain: host_port(&account.domain, "domain")?,
            registrar: match account.registrar.as_str() {
                "" => None,
                registrar => Some(host_port(registrar, "registrar")?),
            },
            auth_user: filled(&account.auth_login),
            password,
            display_name: filled(&account.display_name),
            transport: account.transport,
            trust: Trust {
                ca_pem,
                pinned_sha256: filled(&account.pinned),
            },
            register: register && account.register,
            expires_s: EXPIRES_S,
        }))
    }

    /// What a call over an account needs to know of it.
    pub fn line(&self, id: &AccountId) -> Option<Line> {
        let account = self.account(id)?;
        Some(Line {
            account: id.clone(),
            name: account.title(),
            codecs: account.codecs.clone(),
            dtmf: account.dtmf.clone(),
        })
    }

    /// The named account as a line.
    ///
    /// # Errors
    /// [`Problem::Unknown`], or why it can't be used.
    pub fn usable_line(
        &self,
        id: &AccountId,
        registrations: &HashMap<AccountId, Registration>,
    ) -> Result<Line, Problem> {
        let account = self.known(id)?;
        let line = self.line(id).ok_or(Problem::WrongState)?;
        match registrations.get(id) {
            Some(Registration {
                reason: Some(problem),
                ..
            }) => Err(problem.clone()),
            _ if !account.enabled => {
                let reason = "line-reason-off".to_owned();
                Err(Problem::NoLine {
                    reasons: vec![(line.name, reason)],
                })
            }
            _ => Ok(line),
        }
    }

    /// The line for a number when none is named: the first that is ready, else the first that
    /// is about to be.
    ///
    /// # Errors
    /// [`Problem::NoLine`] with a reason for each account.
    pub fn choose_line(
        &self,
        target: &str,
        registrations: &HashMap<AccountId, Registration>,
    ) -> Result<Line, Problem> {
        if names_test_line(target) {
            return Ok(test_line());
        }
        let own = || self.settings.accounts.iter();
        let state = |account: &Account| {
            registrations
                .get(&account.id)
                .map_or(RegistrationState::Off, |view| view.state)
        };
        let ready = |account: &&Account| {
            matches!(
                state(account),
                RegistrationState::Registered | RegistrationState::NotNeeded
            )
        };
        let pending = |account: &&Account| {
            account.enabled
                && (state(account) == RegistrationState::Registering
                    || !registrations.contains_key(&account.id))
        };
        let chosen = own().find(ready).or_else(|| own().find(pending));
        chosen
            .and_then(|account| self.line(&account.id))
            .ok_or_else(|| Problem::NoLine {
                reasons: own()
                    .map(|account| {
                        let reason = registrations
                            .get(&account.id)
                            .and_then(|r| r.reason.as_ref());
                        let key = reason.map_or("line-reason-off".into(), Problem::key);
                        (account.title(), key)
                    })
                    .collect(),
            })
    }

    /// From what was typed to where the INVITE goes and how the far side is shown.
    ///
    /// # Errors
    /// [`Problem::InvalidNumber`].
    pub fn target_uri(&self, target: &str, id: &AccountId) -> Result<(Uri, Peer), Problem> {
        let invalid = || Problem::InvalidNumber {
            input: target.to_owned(),
        };
        let account = self.known(id)?;
        let domain = host_port(&account.domain, "domain")?;
        let at_domain = |user: &str| -> Result<(Uri, Peer), Problem> {
            let escaped = number::request_user(user).map_err(|_| invalid())?;
            let mut uri = Uri::new(None, domain.host.clone(), domain.port);
            uri.user = Some(escaped);
            let shown = uri.to_string();
            Ok((
                uri,
                Peer {
                    name: None,
                    number: user.trim().to_owned(),
                    uri: shown,
                },
            ))
        };
        match number::parse_target(target).map_err(|_| invalid())? {
            Target::User(user) => at_domain(&user),
            Target::Uri(text) => {
                let uri: Uri = text.parse().map_err(|_| invalid())?;
                let user = uri.unescaped_user();
                if id.is_test_line()
                    && let Some(user) = &user
                {
                    return at_domain(user);
                }
                let shown = uri.to_string();
                let short = shown
                    .split_once(':')
                    .map_or(shown.as_str(), |(_, rest)| rest);
                Ok((
                    uri,
                    Peer {
                        name: None,
                        number: short.to_owned(),
                        uri: shown.clone(),
                    },
                ))
            }
        }
    }
}

impl Account {
    /// The account of the test line that listens at `address`.
    pub fn test_line(address: SocketAddr) -> Self {
        Self {
            name: TEST_LINE_HOST.into(),
            login: crate::server::TEST_LINE_LOGIN.into(),
            domain: address.to_string(),
            transport: Transport::Udp,
            ..Self::new(AccountId::test_line())
        }
    }
}

fn test_line() -> Line {
    let account = Account::new(AccountId::test_line());
    Line {
        account: account.id,
        name: TEST_LINE_HOST.into(),
        codecs: account.codecs,
        dtmf: account.dtmf,
    }
}

fn names_test_line(target: &str) -> bool {
    let Ok(Target::Uri(text)) = number::parse_target(target) else {
        return false;
    };
    text.parse::<Uri>()
        .is_ok_and(|uri| uri.host == Host::Name(TEST_LINE_HOST.to_owned()))
}

/// The SIP core's form of a host setting.
fn host_port(text: &str, setting: &str) -> Result<crate::sip::HostPort, Problem> {
    let read: HostPort = text.parse().map_err(|_| Problem::BadValue {
        setting: setting.into(),
        reason: "reason-host".into(),
    })?;
    let host = match read.host().parse() {
        Ok(std::net::IpAddr::V4(ip)) => Host::V4(ip),
        Ok(std::net::IpAddr::V6(ip)) => Host::V6(ip),
        Err(_) => Host::Name(read.host().to_owned()),
    };
    Ok(crate::sip::HostPort {
        host,
        port: read.port(),
    })
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::File {
            path: error.path(),
            reason: error.reason(),
        }
    }
}

impl From<SecretError> for Problem {
    fn from(error: SecretError) -> Self {
        Self::KeyStore {
            reason: error.reason(),
        }
    }
}

impl From<SettingError> for Problem {
    fn from(error: SettingError) -> Self {
        Self::BadValue {
            setting: error.setting,
            reason: error.reason_key.into(),
        }
    }
}
