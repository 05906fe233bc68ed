use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use secrecy::SecretString;

use super::file::{self, Secrets};
use super::{SecretError, SecretStore};
use crate::store::atomic;

/// A plain file, readable by its owner alone. It is refused if others may read it.
pub(super) struct PlainFile {
    path: PathBuf,
    /// One change at a time.
    changing: Mutex<()>,
}

impl PlainFile {
    pub(super) fn open(dir: &Path) -> Result<Self, SecretError> {
        let store = Self {
            path: dir.join("secrets.toml"),
            changing: Mutex::new(()),
        };
        store.read()?;
        Ok(store)
    }

    fn read(&self) -> Result<Secrets, SecretError> {
        match file::read_file(&self.path, |file| check_owner_alone(file, &self.path))? {
            Some(bytes) => file::parse(&bytes, &self.path),
            None => Ok(Secrets::new()),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Secrets)) -> Result<(), SecretError> {
        let _one = self
            .changing
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut secrets = self.read()?;
        change(&mut secrets);
        let written = atomic::replace(&self.path, file::print(&secrets).as_bytes());
        written.map_err(|source| SecretError::Io {
            path: self.path.clone(),
            source,
        })
    }
}

impl SecretStore for PlainFile {
    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        Ok(self.read()?.remove(name))
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

#[cfg(unix)]
fn check_owner_alone(file: &File, path: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|source| SecretError::Io {
        path: path.into(),
        source,
    })?;
    match metadata.permissions().mode() & 0o777 {
        mode if mode & 0o077 != 0 => Err(SecretError::Exposed {
            path: path.into(),
            mode,
        }),
        _ => Ok(()),
    }
}

/// On Windows a person's own folder is closed to others by the system.
#[cfg(not(unix))]
fn check_owner_alone(_file: &File, _path: &Path) -> Result<(), SecretError> {
    Ok(())
}
