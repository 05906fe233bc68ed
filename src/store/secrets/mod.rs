//! Passwords: in the system's key store, or in a file where there is none.

mod file;
mod keyring;
mod plain;
mod sealed;

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

use crate::account::AccountId;

pub(super) use file::Secrets;
pub(super) use sealed::{seal, unseal};

/// The environment variable with the passphrase of the sealed file.
const VARIABLE: &str = "GUDOK_PASSPHRASE";

/// Keeps secrets by name. Calls may take seconds: not for the window's thread.
pub trait SecretStore: Send + Sync {
    /// The secret of that name, if there is one.
    ///
    /// # Errors
    /// Why the store cannot be used.
    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError>;

    /// Keeps a secret under that name instead of the one there was.
    ///
    /// # Errors
    /// Why the store cannot be used; the old secret stands.
    fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretError>;

    /// Forgets the secret of that name. If there is none, that is as good.
    ///
    /// # Errors
    /// Why the store cannot be used; the secret stands.
    fn remove(&self, name: &str) -> Result<(), SecretError>;
}

/// The name of an account's password in a [`SecretStore`].
pub fn account_password(account: &AccountId) -> String {
    format!("account/{account}/password")
}

/// The name of a new password that waits for [`Draft`](crate::account::Draft) to be applied.
pub fn draft_password(account: &AccountId) -> String {
    format!("account/{account}/draft-password")
}

/// The name of the `api_hash` for Telegram in a [`SecretStore`].
pub const TELEGRAM_API_HASH: &str = "telegram/api_hash";

/// Where secrets are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SecretsKind {
    /// In the system's key store.
    #[default]
    Keyring,
    /// In a file sealed with a passphrase.
    Sealed,
    /// In a plain file that its owner alone can read; chosen knowingly, never by default.
    File,
}

impl SecretsKind {
    /// `keyring`, `sealed` or `file`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Sealed => "sealed",
            Self::File => "file",
        }
    }
}

impl fmt::Display for SecretsKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not `keyring`, `sealed` or `file`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be keyring, sealed or file")]
pub struct UnknownKind;

impl FromStr for SecretsKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let all = [Self::Keyring, Self::Sealed, Self::File];
        all.into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownKind)
    }
}

/// Opens the store of that kind for the profile in `dir`. Only the sealed file needs a
/// passphrase; a new one is sealed with it when the first secret is kept.
///
/// # Errors
/// Why the store cannot be used. The key store is not asked yet: whether it is there shows with
/// the first secret.
pub fn open(
    kind: SecretsKind,
    dir: &Path,
    passphrase: Option<SecretString>,
) -> Result<Box<dyn SecretStore>, SecretError> {
    Ok(match kind {
        SecretsKind::Keyring => Box::new(keyring::Keyring),
        SecretsKind::Sealed => Box::new(sealed::SealedFile::open(dir, passphrase)?),
        SecretsKind::File => Box::new(plain::PlainFile::open(dir)?),
    })
}

/// The passphrase in `GUDOK_PASSPHRASE`, if it is set.
pub fn passphrase_from_environment() -> Option<SecretString> {
    env::var(VARIABLE)
        .ok()
        .filter(|text| !text.is_empty())
        .map(SecretString::from)
}

/// Why a secret could not be read or kept. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The system has no key store, or none that runs.
    #[error("there is no key store on this system")]
    NoKeyStore,
    /// The key store did not answer; perhaps it waits to be unlocked.
    #[error("the key store did not answer within {} s", limit.as_secs())]
    TimedOut {
        /// How long it was waited for.
        limit: Duration,
    },
    /// The key store refused.
    #[error("key store: {reason}")]
    KeyStore {
        /// What it said.
        reason: String,
    },
    /// The sealed file cannot be opened without a passphrase.
    #[error("the file of secrets needs its passphrase")]
    NeedsPassphrase,
    /// The passphrase is not the one it was sealed with.
    #[error("the passphrase does not open the file of secrets")]
    WrongPassphrase,
    /// Others may read the plain file.
    #[error("{}: others may read it (mode {mode:o}, must be 600)", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file cannot be understood.
    #[error("{}: damaged{}", path.display(), line.map(|l| format!(" in line {l}")).unwrap_or_default())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1, if one is to blame.
        line: Option<usize>,
    },
    /// The file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl SecretError {
    /// What is wrong: a locale key, or the words of whoever found it.
    pub fn reason(&self) -> String {
        match self {
            Self::NoKeyStore => "reason-secrets-none".into(),
            Self::TimedOut { .. } => "reason-secrets-timeout".into(),
            Self::NeedsPassphrase => "reason-secrets-passphrase".into(),
            Self::WrongPassphrase => "reason-secrets-wrong-passphrase".into(),
            Self::KeyStore { reason } => reason.clone(),
            Self::Exposed { .. } | Self::Damaged { .. } | Self::Io { .. } => self.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
