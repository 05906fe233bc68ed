//! The accounts and preferences of a profile: changed, kept, and turned into lines and identities.

mod choice;
mod edit;
mod identity;
mod passwords;
mod people;
mod telegram;
mod templates;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use crate::account::{Account, AccountId, Catalogue, Entry, Role, SettingError};
use crate::audio::DeviceSpec;
use crate::call::{DeviceChoice, Problem};
use crate::engine::{DeviceRole, PreferenceChange, Preferences};
use crate::store::secrets::{self, SecretError, SecretStore, SecretsKind};
use crate::store::{Loaded, Profile, Recent, Settings, StoreError};

pub use choice::{Choice, names_test_line};
pub use people::Acquaintances;

/// The accounts, the preferences, and the file and key store behind them.
pub struct Book {
    profile: Profile,
    secrets: Arc<dyn SecretStore>,
    settings: Settings,
    /// Accounts that live in memory only: the test line's.
    lent: Vec<Entry>,
    recent: Recent,
    own_templates: Catalogue,
    /// One's own and the built-in ones.
    templates: Arc<Catalogue>,
    acquaintances: Acquaintances,
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
        let (own_templates, unread) = match profile.templates() {
            Ok(own) => (own, None),
            Err(error) => (Catalogue::default(), Some(error)),
        };
        let trouble = trouble.or(unread);
        let mut book = Self {
            templates: Catalogue::with_own(&own_templates).into(),
            own_templates,
            recent: Recent::open(profile.dir()),
            profile,
            secrets: store.into(),
            settings,
            lent: Vec::new(),
            acquaintances: Acquaintances::default(),
        };
        book.bound_times(SystemTime::now());
        Ok((book, trouble.map(Problem::from)))
    }

    /// All accounts that are not removed, the lent ones last.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        let kept = |entry: &&Entry| entry.removed.is_none();
        self.settings.accounts.iter().filter(kept).chain(&self.lent)
    }

    /// The accounts as they are in force.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.entries().map(|entry| &entry.account)
    }

    /// The accounts whose removal can be undone.
    pub fn removed(&self) -> impl Iterator<Item = &Entry> {
        let removed = |entry: &&Entry| entry.removed.is_some();
        self.settings.accounts.iter().filter(removed)
    }

    /// An account by its identifier.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts().find(|account| account.id == *id)
    }

    /// What the person here may do with an account.
    pub fn role(&self, entry: &Entry) -> Role {
        entry.role(self.acquaintances.me)
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

    /// Adds an account that is not kept.
    pub fn lend(&mut self, account: Account) {
        self.lent.push(Entry::new(account));
    }

    /// Preferences of the program.
    pub fn preferences(&self) -> Preferences {
        self.settings.preferences.clone()
    }

    /// Changes preferences; `None` leaves one as it is.
    ///
    /// # Errors
    /// [`Problem::BadValue`] or [`Problem::File`].
    pub fn set_preferences(&mut self, change: &PreferenceChange) -> Result<(), Problem> {
        let check = |setting: &str, value: &Option<String>, known: &[&str]| match value {
            Some(value) if !known.contains(&value.as_str()) => {
                Err(Problem::bad_value(setting, "reason-choice"))
            }
            _ => Ok(()),
        };
        check("language", &change.language, &Preferences::LANGUAGES)?;
        check("theme", &change.theme, &Preferences::THEMES)?;
        let countries: Vec<_> = Preferences::tones().collect();
        check("tones", &change.tones, &countries)?;
        let default_line = match change.default_line.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(id) => Some(Some(self.known(&id.into())?.id.clone())),
        };
        self.change_settings(|settings| {
            let preferences = &mut settings.preferences;
            if let Some(language) = &change.language {
                preferences.language.clone_from(language);
            }
            if let Some(theme) = &change.theme {
                preferences.theme.clone_from(theme);
            }
            if let Some(line) = default_line {
                preferences.default_line = line;
            }
            if let Some(tones) = &change.tones {
                preferences.tones.clone_from(tones);
            }
            if let Some(ring) = &change.ring_tone {
                preferences.ring_tone.clone_from(ring);
            }
            let recording = change.recording_tone;
            preferences.recording_tone = recording.unwrap_or(preferences.recording_tone);
            let quiet = change.do_not_disturb;
            preferences.do_not_disturb = quiet.unwrap_or(preferences.do_not_disturb);
            change.change(&mut preferences.processing);
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

    /// Changes the settings in the file and here, or in neither.
    fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) -> Result<(), Problem> {
        let mut changed = self.settings.clone();
        change(&mut changed);
        self.profile.save(&changed)?;
        self.settings = changed;
        Ok(())
    }
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
            args: error.args,
        }
    }
}

#[cfg(test)]
mod tests;
