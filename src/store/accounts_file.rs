//! Accounts carried from one Gudok to another as a file.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::error::StoreError;
use super::secrets::{self, SecretError, Secrets};
use super::toml_file::{Accounts, ReadError};
use super::{atomic, profile};
use crate::account::{Account, AccountId};

/// An account with its password, if that is known.
pub type Carried = (Account, Option<SecretString>);

/// Why a file of accounts can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The passphrase of its passwords.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// Accounts as a text. With a passphrase their passwords are in it, sealed, which takes about a
/// second; without, they stay out.
///
/// # Errors
/// If sealing fails.
pub fn export(
    carried: &[Carried],
    passphrase: Option<&SecretString>,
) -> Result<String, SecretError> {
    let sealed_passwords = match passphrase {
        None => None,
        Some(passphrase) if passphrase.expose_secret().is_empty() => {
            return Err(SecretError::NeedsPassphrase);
        }
        Some(passphrase) => {
            let passwords = carried.iter().filter_map(|(account, password)| {
                Some((account.id.to_string(), password.clone()?))
            });
            Some(secrets::seal(&passwords.collect::<Secrets>(), passphrase)?)
        }
    };
    let accounts = carried.iter().map(|(account, _)| account.clone()).collect();
    Ok(Accounts {
        accounts,
        sealed_passwords,
    }
    .write())
}

/// Writes such a text so that only its owner can read it.
///
/// # Errors
/// What the system said.
pub fn write(path: &Path, text: &str) -> Result<(), StoreError> {
    atomic::replace(path, text.as_bytes()).map_err(|error| StoreError::io(path, error))
}

/// Reads a file of accounts. Without a passphrase sealed passwords are left aside.
///
/// # Errors
/// What is wrong with the file, with the line, or that the passphrase doesn't open it.
pub fn import(path: &Path, passphrase: Option<&SecretString>) -> Result<Vec<Carried>, ImportError> {
    let text = profile::read_whole(path)?;
    let read = Accounts::read(&text).map_err(|error| match error {
        ReadError::Newer(version) => StoreError::Newer {
            path: path.into(),
            version,
        },
        ReadError::Damaged { line, reason } => StoreError::Unreadable {
            path: path.into(),
            line,
            reason,
        },
    })?;
    let passwords = match (read.sealed_passwords, passphrase) {
        (Some(sealed), Some(passphrase)) => secrets::unseal(sealed.as_bytes(), passphrase, path)?,
        _ => Secrets::new(),
    };
    let password = |id: &AccountId| passwords.get(id.as_str()).cloned();
    let accounts = read.accounts.into_iter();
    Ok(accounts
        .map(|account| {
            let password = password(&account.id);
            (account, password)
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::SettingId;

    fn carried() -> Vec<Carried> {
        let mut account = Account::new("a1".into());
        account.set(SettingId::Login, "101").unwrap();
        account.set(SettingId::Rules, "^8=7").unwrap();
        vec![
            (account, Some("geheim".into())),
            (Account::new("a2".into()), None),
        ]
    }

    fn kept(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("accounts.toml");
        write(&path, text).unwrap();
        (dir, path)
    }

    #[test]
    fn without_a_passphrase_no_password_leaves() {
        let text = export(&carried(), None).unwrap();
        assert!(!text.contains("geheim") && !text.contains("sealed"));
        let (_dir, path) = kept(&text);
        let back = import(&path, None).unwrap();
        assert_eq!(back[0].0, carried()[0].0);
        assert!(back[0].1.is_none());
    }

    #[test]
    fn passwords_travel_sealed_and_only_the_passphrase_opens_them() {
        let passphrase = SecretString::from("sesam");
        let text = export(&carried(), Some(&passphrase)).unwrap();
        assert!(!text.contains("geheim"));
        let (_dir, path) = kept(&text);
        let back = import(&path, Some(&passphrase)).unwrap();
        let password = back[0].1.as_ref().map(|p| p.expose_secret().to_owned());
        assert_eq!(password.as_deref(), Some("geheim"));
        assert!(back[1].1.is_none());
        assert!(matches!(
            import(&path, Some(&"wrong".into())),
            Err(ImportError::Secret(SecretError::WrongPassphrase))
        ));
    }

    #[test]
    fn an_empty_passphrase_seals_nothing() {
        assert!(matches!(
            export(&carried(), Some(&"".into())),
            Err(SecretError::NeedsPassphrase)
        ));
    }

    #[test]
    fn a_broken_file_is_refused_with_its_line() {
        let (_dir, path) = kept("version = 2\n[[accounts]]\ndomain = \"a b\"\n");
        match import(&path, None) {
            Err(ImportError::Store(StoreError::Unreadable { line, .. })) => {
                assert_eq!(line, Some(3));
            }
            other => panic!("{other:?}"),
        }
    }
}
