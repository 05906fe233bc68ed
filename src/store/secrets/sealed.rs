use std::path::{Path, PathBuf};
use std::sync::Mutex;

use age::DecryptError;
use age::scrypt::{Identity, Recipient};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::file::{self, Secrets};
use super::{SecretError, SecretStore};
use crate::store::atomic;

/// A file sealed with a passphrase: age, scrypt, about one second of work for each try.
pub(super) struct SealedFile {
    path: PathBuf,
    passphrase: SecretString,
    /// scrypt's N is 2 to this power; `None` is one second on this machine.
    work_factor: Option<u8>,
    /// As they stand in the file, so that reading costs nothing.
    secrets: Mutex<Secrets>,
}

impl SealedFile {
    pub(super) fn open(dir: &Path, passphrase: Option<SecretString>) -> Result<Self, SecretError> {
        Self::open_with(dir, passphrase, None)
    }

    pub(super) fn open_with(
        dir: &Path,
        passphrase: Option<SecretString>,
        work_factor: Option<u8>,
    ) -> Result<Self, SecretError> {
        let path = dir.join("secrets.age");
        let passphrase = passphrase.filter(|p| !p.expose_secret().is_empty());
        let passphrase = passphrase.ok_or(SecretError::NeedsPassphrase)?;
        let secrets = match file::read_file(&path, |_| Ok(()))? {
            Some(sealed) => unseal(&sealed, &passphrase, &path)?,
            None => Secrets::new(),
        };
        Ok(Self {
            path,
            passphrase,
            work_factor,
            secrets: Mutex::new(secrets),
        })
    }

    fn change(&self, change: impl FnOnce(&mut Secrets)) -> Result<(), SecretError> {
        let io = |source| SecretError::Io {
            path: self.path.clone(),
            source,
        };
        let mut secrets = self
            .secrets
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut changed = secrets.clone();
        change(&mut changed);
        let mut recipient = Recipient::new(self.passphrase.clone());
        if let Some(work_factor) = self.work_factor {
            recipient.set_work_factor(work_factor);
        }
        let sealed = age::encrypt(&recipient, file::print(&changed).as_bytes());
        let sealed = sealed.map_err(|error| io(std::io::Error::other(error.to_string())))?;
        atomic::replace(&self.path, &sealed).map_err(io)?;
        *secrets = changed;
        Ok(())
    }
}

impl SecretStore for SealedFile {
    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        let secrets = self
            .secrets
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        Ok(secrets.get(name).cloned())
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        self.change(|secrets| {
            secrets.insert(name.into(), secret.clone());
        })
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.change(|secrets| {
            secrets.remove(name);
        })
    }
}

/// Secrets as an armoured text that only the passphrase opens; takes about a second.
pub(in crate::store) fn seal(
    secrets: &Secrets,
    passphrase: &SecretString,
) -> Result<String, SecretError> {
    let recipient = Recipient::new(passphrase.clone());
    age::encrypt_and_armor(&recipient, file::print(secrets).as_bytes()).map_err(|error| {
        SecretError::KeyStore {
            reason: error.to_string(),
        }
    })
}

/// The secrets of a sealed file or text; `path` is where it was found.
pub(in crate::store) fn unseal(
    sealed: &[u8],
    passphrase: &SecretString,
    path: &Path,
) -> Result<Secrets, SecretError> {
    let opened = age::decrypt(&Identity::new(passphrase.clone()), sealed);
    let opened = Zeroizing::new(opened.map_err(|error| refused(error, path))?);
    file::parse(&opened, path)
}

fn refused(error: DecryptError, path: &Path) -> SecretError {
    match error {
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => SecretError::WrongPassphrase,
        _ => SecretError::Damaged {
            path: path.into(),
            line: None,
        },
    }
}
