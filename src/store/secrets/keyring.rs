use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use keyring::{Entry, Error};
use secrecy::{ExposeSecret, SecretString};

use super::{SecretError, SecretStore};

/// The name under which the key store shows what is ours.
const SERVICE: &str = "Gudok";
/// How long the key store may take.
const LIMIT: Duration = Duration::from_secs(5);

/// The system's key store: Secret Service, Keychain, or Credential Manager.
pub(super) struct Keyring;

impl SecretStore for Keyring {
    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        let name = name.to_string();
        within(LIMIT, move || {
            found(Entry::new(SERVICE, &name).and_then(|entry| entry.get_password()))
                .map(|secret| secret.map(SecretString::from))
        })
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        let (name, secret) = (name.to_string(), secret.clone());
        within(LIMIT, move || {
            let entry = Entry::new(SERVICE, &name).map_err(refused)?;
            entry.set_password(secret.expose_secret()).map_err(refused)
        })
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        let name = name.to_string();
        within(LIMIT, move || {
            found(Entry::new(SERVICE, &name).and_then(|entry| entry.delete_credential()))
                .map(|_| ())
        })
    }
}

fn found<T>(result: keyring::Result<T>) -> Result<Option<T>, SecretError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

/// The error without the octets of a secret that some of its kinds carry.
fn refused(error: Error) -> SecretError {
    match error {
        Error::NoDefaultStore => SecretError::NoKeyStore,
        Error::BadEncoding(_) => reason("the secret is no text"),
        Error::BadDataFormat(..) => reason("the secret is damaged"),
        Error::Ambiguous(_) => reason("the secret is there more than once"),
        error => SecretError::KeyStore {
            reason: error.to_string(),
        },
    }
}

fn reason(reason: &str) -> SecretError {
    SecretError::KeyStore {
        reason: reason.into(),
    }
}

/// Does the work on a thread of its own, because a key store may wait for a person who is not
/// there. What comes too late is dropped.
fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    let (done, outcome) = mpsc::channel();
    let worker = move || {
        let _ = done.send(work());
    };
    let started = thread::Builder::new()
        .name("key-store".into())
        .spawn(worker);
    started.map_err(|error| reason(&error.to_string()))?;
    match outcome.recv_timeout(limit) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(SecretError::TimedOut { limit }),
        Err(RecvTimeoutError::Disconnected) => Err(reason("the key store failed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_store_that_hangs_is_not_waited_for() {
        let (release, held) = mpsc::channel::<()>();
        let result = within(Duration::ZERO, move || {
            let _ = held.recv();
            Ok(())
        });
        assert!(
            matches!(result, Err(SecretError::TimedOut { .. })),
            "{result:?}"
        );
        drop(release);
    }

    #[test]
    fn what_a_key_store_says_is_told_without_the_secret() {
        let error = refused(Error::BadEncoding(b"hunter2".to_vec()));
        assert!(!format!("{error:?} {error}").contains("hunter2"));
        let error = refused(Error::BadDataFormat(b"hunter2".to_vec(), "x".into()));
        assert!(!format!("{error:?} {error}").contains("hunter2"));
        assert!(matches!(
            refused(Error::NoDefaultStore),
            SecretError::NoKeyStore
        ));
        assert!(matches!(found::<()>(Err(Error::NoEntry)), Ok(None)));
    }
}
