use std::fmt;

use std::io;

use grammers_client::InvocationError;
use grammers_client::sender::RpcError;
use serde::{Deserialize, Serialize};

/// Why Telegram did not do what was asked, as a cause that a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// The program has no `api_id` and `api_hash`.
    #[error("no api_id and api_hash")]
    NeedsApi,
    /// Telegram does not accept this `api_id` and `api_hash`.
    #[error("api_id or api_hash refused")]
    Api,
    /// What was given is no telephone number to Telegram.
    #[error("not a telephone number")]
    Phone,
    /// Nobody has an account with this number.
    #[error("no account has this number")]
    NoAccount,
    /// Telegram has banned the number or deleted the account.
    #[error("the account is banned or deleted")]
    Banned,
    /// The code is not the one that was sent.
    #[error("wrong code")]
    Code,
    /// The code is too old.
    #[error("the code has expired")]
    CodeExpired,
    /// The second password is wrong.
    #[error("wrong password")]
    Password {
        /// What the person wrote down to remember it by; may be empty.
        hint: String,
    },
    /// Telegram wants to be left alone for a while.
    #[error("asked to wait {seconds} s")]
    Flood {
        /// For how long; 0 if it doesn't say, which means a day or so.
        seconds: u64,
    },
    /// Telegram can't be reached.
    #[error("Telegram can't be reached")]
    Unreachable,
    /// This device was signed out elsewhere.
    #[error("signed out elsewhere")]
    SignedOut,
    /// It does not fit what is going on.
    #[error("not possible now")]
    NotNow,
    /// Telegram asks for a way to sign in that is not known here.
    #[error("Telegram asks for something that is not known here")]
    Unsupported,
    /// A chat is not there any more, or was never known.
    #[error("the chat is not there")]
    ChatGone {
        /// What it was called.
        chat: String,
    },
    /// A chat takes no voice messages, or nothing at all, from this person.
    #[error("posting to the chat is not allowed")]
    MayNotPost {
        /// What it is called.
        chat: String,
    },
    /// It was to be sent by somebody else than who is signed in.
    #[error("somebody else is signed in")]
    OtherAccount,
    /// Any other refusal.
    #[error("Telegram answered {code} {reason}")]
    Refused {
        /// The code of Telegram's answer, 0 if it could not be understood.
        code: i32,
        /// Its name.
        reason: String,
    },
    /// The key store did not give the `api_hash`.
    #[error("key store: {reason}")]
    KeyStore {
        /// A locale key, or what the key store said.
        reason: String,
    },
    /// The file with the session could not be read or written.
    #[error("{path}: {reason}")]
    File {
        /// Which file.
        path: String,
        /// A locale key, or what the system said.
        reason: String,
    },
}

impl Trouble {
    /// The trouble with a file.
    pub(super) fn file(path: &str, error: &io::Error) -> Self {
        Self::File {
            path: path.into(),
            reason: error.to_string(),
        }
    }

    /// An answer that does not fit the question.
    pub(super) fn unexpected(what: &str) -> Self {
        Self::Refused {
            code: 0,
            reason: what.into(),
        }
    }
}

impl From<&RpcError> for Trouble {
    fn from(error: &RpcError) -> Self {
        match (error.code, error.name.as_str()) {
            (420, _) => Self::Flood {
                seconds: error.value.unwrap_or_default().into(),
            },
            (_, "PHONE_NUMBER_FLOOD" | "PHONE_PASSWORD_FLOOD") => Self::Flood { seconds: 0 },
            (_, "API_ID_INVALID" | "API_ID_PUBLISHED_FLOOD") => Self::Api,
            (_, "PHONE_NUMBER_INVALID" | "PHONE_NUMBER_EMPTY") => Self::Phone,
            (_, "PHONE_NUMBER_UNOCCUPIED") => Self::NoAccount,
            (_, "PHONE_NUMBER_BANNED" | "USER_DEACTIVATED_BAN" | "USER_DEACTIVATED") => {
                Self::Banned
            }
            (_, "PHONE_CODE_INVALID" | "PHONE_CODE_EMPTY" | "CODE_INVALID") => Self::Code,
            (_, "PHONE_CODE_EXPIRED" | "PHONE_CODE_HASH_EMPTY") => Self::CodeExpired,
            (_, "PASSWORD_HASH_INVALID") => Self::Password {
                hint: String::new(),
            },
            (401, _) | (_, "AUTH_KEY_DUPLICATED") => Self::SignedOut,
            (code, name) => Self::Refused {
                code,
                reason: name.into(),
            },
        }
    }
}

impl From<InvocationError> for Trouble {
    fn from(error: InvocationError) -> Self {
        match error {
            InvocationError::Rpc(error) => Self::from(&error),
            InvocationError::Io(_) | InvocationError::Transport(_) => Self::Unreachable,
            InvocationError::Dropped(_) => Self::Unreachable,
            InvocationError::Session(error) => match error.downcast::<SessionError>() {
                Ok(error) => error.0,
                Err(error) => Self::unexpected(&error.to_string()),
            },
            InvocationError::InvalidDc => Self::unexpected("INVALID_DC"),
            InvocationError::Deserialize(_) => Self::unexpected("UNREADABLE_ANSWER"),
            InvocationError::Authentication(_) => Self::unexpected("NO_KEY"),
        }
    }
}

/// The session could not be kept.
#[derive(Debug)]
pub struct SessionError(pub Trouble);

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SessionError {}

#[cfg(test)]
mod tests {
    use grammers_client::tl;

    use super::*;

    fn of(code: i32, message: &str) -> Trouble {
        let error = tl::types::RpcError {
            error_code: code,
            error_message: message.into(),
        };
        Trouble::from(InvocationError::Rpc(error.into()))
    }

    #[test]
    fn what_telegram_answers_becomes_a_cause_that_one_can_act_on() {
        let hint = String::new();
        for (code, message, trouble) in [
            (400, "API_ID_INVALID", Trouble::Api),
            (400, "PHONE_NUMBER_INVALID", Trouble::Phone),
            (400, "PHONE_NUMBER_UNOCCUPIED", Trouble::NoAccount),
            (400, "PHONE_NUMBER_BANNED", Trouble::Banned),
            (401, "USER_DEACTIVATED_BAN", Trouble::Banned),
            (400, "PHONE_CODE_INVALID", Trouble::Code),
            (400, "PHONE_CODE_EXPIRED", Trouble::CodeExpired),
            (400, "PASSWORD_HASH_INVALID", Trouble::Password { hint }),
            (420, "FLOOD_WAIT_37", Trouble::Flood { seconds: 37 }),
            (406, "PHONE_PASSWORD_FLOOD", Trouble::Flood { seconds: 0 }),
            (401, "AUTH_KEY_UNREGISTERED", Trouble::SignedOut),
            (401, "SESSION_REVOKED", Trouble::SignedOut),
            (406, "AUTH_KEY_DUPLICATED", Trouble::SignedOut),
        ] {
            assert_eq!(of(code, message), trouble, "{message}");
        }
    }

    #[test]
    fn what_is_not_known_keeps_its_name() {
        let refused = Trouble::Refused {
            code: 400,
            reason: "MOON_TOO_FULL".into(),
        };
        assert_eq!(of(400, "MOON_TOO_FULL"), refused);
    }

    #[test]
    fn a_broken_connection_is_no_answer() {
        let error = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(
            Trouble::from(InvocationError::Io(error)),
            Trouble::Unreachable
        );
        assert_eq!(
            Trouble::from(InvocationError::Dropped("gone")),
            Trouble::Unreachable
        );
    }
}
