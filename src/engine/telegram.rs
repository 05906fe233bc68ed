//! The engine's hold on the Telegram room, and what the faces see of it.

use std::future::pending;
use std::io;
use std::sync::Arc;

use secrecy::SecretString;
use serde::{Serialize, Serializer};
use tokio::sync::mpsc;

use crate::call::Problem;
use crate::engine::book::Book;
use crate::store::PrivateFile;
use crate::telegram::{self, ApiKey, Ask, Options, Status, Trouble, Vault};

pub use crate::telegram::{
    CodeWay, Peer as TelegramPeer, PeerKind as TelegramPeerKind, State as TelegramState,
    find as find_telegram_peers,
};

/// The Telegram account as it can be seen. Holds no secret.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TelegramView {
    /// How it stands.
    pub state: TelegramState,
    /// Whether something that was asked is still under way.
    pub busy: bool,
    /// Who is signed in.
    pub me: Option<TelegramPeer>,
    /// The chats and channels that may be posted to, Saved Messages first. In JSON their number:
    /// who one writes with is nobody else's business; [`Command::TelegramFind`] tells.
    ///
    /// [`Command::TelegramFind`]: crate::engine::Command::TelegramFind
    #[serde(serialize_with = "number_of")]
    pub chats: Arc<[TelegramPeer]>,
    /// People: those one writes with, then the other contacts by name. In JSON their number.
    #[serde(serialize_with = "number_of")]
    pub people: Arc<[TelegramPeer]>,
    /// What went wrong last.
    pub problem: Option<Problem>,
    /// Whether `api_id` and `api_hash` were built in; then nobody has to give them.
    pub api_built_in: bool,
    /// The `api_id` in use.
    pub api_id: Option<i32>,
}

impl TelegramView {
    /// The Telegram identifier of whoever is signed in.
    pub fn me(&self) -> Option<i64> {
        self.me.as_ref().map(|me| me.id)
    }
}

fn number_of<S: Serializer>(peers: &Arc<[TelegramPeer]>, serializer: S) -> Result<S::Ok, S::Error> {
    peers.len().serialize(serializer)
}

/// The room, opened when it is first needed.
#[derive(Default)]
pub(super) struct Telegram {
    room: Option<telegram::Telegram>,
    told: Option<mpsc::UnboundedReceiver<Status>>,
    status: Status,
    asked: u64,
    broken: Option<Problem>,
}

impl Telegram {
    /// As the profile remembers it: who is signed in is known without the network, and also
    /// beside the Gudok that is connected.
    pub fn remembered(book: &Book) -> Self {
        let me = telegram::remembered(&book.telegram_file());
        let state = match me {
            Some(_) => TelegramState::SignedIn { online: false },
            None => TelegramState::Off,
        };
        Self {
            status: Status {
                state,
                me,
                ..Status::default()
            },
            ..Self::default()
        }
    }

    /// Opens the room if there is a session, which connects if somebody is signed in.
    pub fn resume(&mut self, book: &Book) {
        if book.owns_profile() && book.telegram_file().exists() {
            self.open(book);
        }
    }

    /// Asks for something; the room is opened for it.
    ///
    /// # Errors
    /// [`Problem::File`] if another Gudok owns the profile.
    pub fn ask(&mut self, book: &Book, ask: Ask) -> Result<(), Problem> {
        book.must_own_profile()?;
        if self.room.is_none() {
            self.open(book);
        }
        if let Some(room) = &self.room {
            self.asked = self.asked.saturating_add(1);
            room.ask(ask);
        }
        Ok(())
    }

    /// Closes the room; the next ask opens it again, with another `api_id`.
    pub fn close(&mut self) {
        *self = Self::default();
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        matches!(self.status.state, TelegramState::SignedIn { .. })
    }

    fn open(&mut self, book: &Book) {
        let (tell, told) = mpsc::unbounded_channel();
        let api_hash = book.telegram_hash_reader();
        let api_id = book.telegram_api_id();
        let opened = telegram::Telegram::start(Options {
            vault: Box::new(book.telegram_file()),
            api: Box::new(move || match (ApiKey::of_build(), api_id) {
                (Some(key), _) => Ok(Some(key)),
                (None, None) => Ok(None),
                (None, Some(id)) => {
                    let hash = api_hash().map_err(|problem| Trouble::KeyStore {
                        reason: match problem {
                            Problem::KeyStore { reason } => reason,
                            other => other.to_string(),
                        },
                    })?;
                    Ok(hash.map(|hash| ApiKey { id, hash }))
                }
            }),
            tell: Box::new(move |status| {
                let _ = tell.send(status);
            }),
        });
        let status = std::mem::take(&mut self.status);
        *self = Self {
            status,
            ..Self::default()
        };
        match opened {
            Ok(room) => {
                self.room = Some(room);
                self.told = Some(told);
            }
            Err(error) => self.broken = Some(stopped(&error.to_string())),
        }
    }

    /// The next status; waits for ever while there is no room.
    pub async fn next(&mut self) -> Option<Status> {
        match &mut self.told {
            Some(told) => told.recv().await,
            None => pending().await,
        }
    }

    /// Takes in what [`next`](Self::next) gave; whether the state is another one.
    pub fn take(&mut self, status: Option<Status>) -> bool {
        let before = std::mem::take(&mut self.status);
        match status {
            Some(status) => self.status = status,
            // The room ends only when it is closed, or when its thread broke down.
            None => {
                self.close();
                self.status.me = before.me;
                self.broken = Some(stopped("thread"));
            }
        }
        self.status.state != before.state
    }

    /// As the faces see it.
    pub fn view(&self, book: &Book) -> TelegramView {
        let built_in = ApiKey::of_build();
        let api_id = built_in.as_ref().map(|key| key.id);
        let api_id = api_id.or_else(|| book.telegram_api_id());
        let status = &self.status;
        let state = match &status.state {
            TelegramState::Off if self.room.is_none() && api_id.is_none() => {
                TelegramState::NeedsApi
            }
            state => state.clone(),
        };
        let problem = status.trouble.clone().map(Problem::from);
        TelegramView {
            state,
            busy: self.asked > status.answered,
            me: status.me.clone(),
            chats: status.chats.clone(),
            people: status.people.clone(),
            problem: problem.or_else(|| self.broken.clone()),
            api_built_in: built_in.is_some(),
            api_id,
        }
    }

    /// Chats or people that a person means by what is typed, at most so many.
    pub fn find(&self, list: TelegramList, query: &str, most: usize) -> Vec<&TelegramPeer> {
        let peers = match list {
            TelegramList::Chats => &self.status.chats,
            TelegramList::People => &self.status.people,
        };
        let mut found = telegram::find(peers, query, "");
        found.truncate(most);
        found
    }
}

/// One of the lists that Telegram gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TelegramList {
    /// Chats and channels that may be posted to.
    Chats,
    /// People.
    People,
}

/// Reads what a person copied from my.telegram.org.
///
/// # Errors
/// [`Problem::BadValue`].
pub(super) fn read_api(id: i32, hash: &SecretString) -> Result<ApiKey, Problem> {
    use secrecy::ExposeSecret;
    Ok(ApiKey {
        id: Some(id)
            .filter(|id| *id > 0)
            .ok_or_else(|| Problem::bad_value("api_id", "reason-telegram-api-id"))?,
        hash: ApiKey::read_hash(hash.expose_secret())
            .ok_or_else(|| Problem::bad_value("api_hash", "reason-telegram-api-hash"))?,
    })
}

impl Vault for PrivateFile {
    fn name(&self) -> String {
        self.path().display().to_string()
    }
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Self::load(self)
    }
    fn save(&self, contents: &[u8]) -> io::Result<()> {
        Self::save(self, contents)
    }
    fn erase(&self) -> io::Result<()> {
        self.remove()
    }
    fn set_aside(&self) -> io::Result<()> {
        Self::set_aside(self)
    }
}

fn stopped(reason: &str) -> Problem {
    Problem::TelegramRefused {
        code: 0,
        reason: reason.into(),
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NeedsApi => Self::TelegramNeedsApi,
            Trouble::Api => Self::TelegramApi,
            Trouble::Phone => Self::TelegramPhone,
            Trouble::NoAccount => Self::TelegramNoAccount,
            Trouble::Banned => Self::TelegramBanned,
            Trouble::Code => Self::TelegramCode,
            Trouble::CodeExpired => Self::TelegramCodeExpired,
            Trouble::Password { hint } => Self::TelegramPassword { hint },
            Trouble::Flood { seconds } => Self::TelegramFlood { seconds },
            Trouble::Unreachable => Self::TelegramUnreachable,
            Trouble::SignedOut => Self::TelegramSignedOut,
            Trouble::NotNow => Self::TelegramNotNow,
            Trouble::Unsupported => Self::TelegramUnsupported,
            Trouble::Refused { code, reason } => Self::TelegramRefused { code, reason },
            Trouble::KeyStore { reason } => Self::KeyStore { reason },
            Trouble::File { path, reason } => Self::File { path, reason },
        }
    }
}

#[cfg(test)]
mod tests;
