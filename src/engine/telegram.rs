//! The engine's hold on the Telegram room, and what the faces see of it.

use std::collections::HashMap;
use std::future::pending;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use secrecy::SecretString;
use serde::{Serialize, Serializer};
use tokio::sync::mpsc;

use crate::account::Party;
use crate::call::Problem;
use crate::engine::book::Book;
use crate::store::PrivateFile;
use crate::telegram::{
    self, ApiKey, Ask, Listen, Options, PostStatus, Stage, Status, Told, Trouble, Vault,
};

use crate::telegram::international;
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
    /// How many messages, most of them recordings, wait to be sent.
    pub queued: u64,
    /// The first hundred of them, in their order.
    #[serde(serialize_with = "one_by_one")]
    pub queue: Arc<[PostView]>,
    /// Why none of them leaves now, while that is so.
    pub queue_problem: Option<Problem>,
    /// When they are tried again.
    #[serde(rename = "queue_retry_s", serialize_with = "seconds_until")]
    pub queue_retry_at: Option<Instant>,
    /// What the dial chat does.
    pub dial_chat: DialChatView,
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

/// What the dial chat does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DialChatView {
    /// Whether numbers that the person writes there are dialled.
    pub dial: bool,
    /// Which chat it is; `None` is Saved Messages.
    pub chat: Option<Party>,
    /// Whether callers are written there.
    pub callers: bool,
    /// Whether missed calls are written there.
    pub missed: bool,
}

/// A message on its way to Telegram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostView {
    /// Its number in the queue.
    pub id: i64,
    /// Where it goes: the name of the chat; `None` is Saved Messages.
    pub chat: Option<String>,
    /// The recording that is sent; `None` for a note.
    pub recording: Option<PathBuf>,
    /// How far it has come.
    pub state: PostState,
    /// Why it can't be sent, and what to do about that.
    pub problem: Option<Problem>,
}

/// How far a message has come on its way to Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PostState {
    /// The call is still recorded.
    Recording,
    /// It waits for its turn, or for a connection.
    Waiting,
    /// It is being sent.
    Sending,
    /// A person has to do something about it.
    Refused,
}

impl From<&PostStatus> for PostView {
    fn from(post: &PostStatus) -> Self {
        let problem = match &post.stage {
            Stage::Refused { trouble } => Some(Problem::from(trouble.clone())),
            _ => None,
        };
        Self {
            id: post.id,
            chat: post.to.as_ref().map(|to| to.name.clone()),
            recording: post.recording.clone(),
            state: match post.stage {
                Stage::Unfinished => PostState::Recording,
                Stage::Refused { .. } => PostState::Refused,
                Stage::Waiting | Stage::Sent if post.sending => PostState::Sending,
                Stage::Waiting | Stage::Sent => PostState::Waiting,
            },
            problem,
        }
    }
}

fn seconds_until<S: Serializer>(at: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.saturating_duration_since(Instant::now()).as_secs())
        .serialize(serializer)
}

fn dial_chat(book: &Book) -> DialChatView {
    let settings = book.telegram_settings();
    DialChatView {
        dial: settings.dial,
        chat: settings.dial_chat.clone(),
        callers: settings.callers,
        missed: settings.missed,
    }
}

fn one_by_one<S: Serializer>(posts: &Arc<[PostView]>, serializer: S) -> Result<S::Ok, S::Error> {
    posts.as_ref().serialize(serializer)
}

fn number_of<S: Serializer>(peers: &Arc<[TelegramPeer]>, serializer: S) -> Result<S::Ok, S::Error> {
    peers.len().serialize(serializer)
}

/// The room, opened when it is first needed.
#[derive(Default)]
pub(super) struct Telegram {
    room: Option<telegram::Telegram>,
    told: Option<mpsc::UnboundedReceiver<Told>>,
    status: Status,
    queue: Arc<[PostView]>,
    /// The names of people by their numbers.
    names: HashMap<String, String>,
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
        if book.owns_profile() && (book.telegram_file().exists() || book.has_outbox()) {
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
            shelf: Box::new(book.outbox()),
            tell: Box::new(move |what| {
                let _ = tell.send(what);
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
                self.listen(book);
            }
            Err(error) => self.broken = Some(stopped(&error.to_string())),
        }
    }

    /// Lets the room listen to the dial chat as it is set.
    pub fn listen(&mut self, book: &Book) {
        let settings = book.telegram_settings();
        let listen = match (&settings.dial_chat, settings.dial) {
            (_, false) => Listen::Off,
            (None, true) => Listen::Saved,
            (Some(chat), true) => Listen::Chat(chat.id),
        };
        if let Some(room) = &self.room {
            self.asked = self.asked.saturating_add(1);
            room.ask(Ask::Listen(listen));
        }
    }

    /// The name that a contact with this number has.
    pub fn name_of(&self, number: &str) -> Option<&str> {
        let number = number.split('@').next().unwrap_or(number);
        let number = international(number)?;
        let found = self.names.get(&number);
        found.map(String::as_str)
    }

    /// What is told next; waits for ever while there is no room.
    pub async fn next(&mut self) -> Option<Told> {
        match &mut self.told {
            Some(told) => told.recv().await,
            None => pending().await,
        }
    }

    /// Takes in the status that [`next`](Self::next) gave; whether the state is another one.
    pub fn take(&mut self, told: Option<Told>) -> bool {
        let before = std::mem::take(&mut self.status);
        match told {
            Some(Told::Status(status)) => {
                self.status = *status;
                if !Arc::ptr_eq(&self.status.people, &before.people) {
                    self.names = names(&self.status.people);
                }
                if self.status.posts != before.posts {
                    self.queue = self.status.posts.iter().map(PostView::from).collect();
                }
            }
            Some(_) => {
                self.status = before;
                return false;
            }
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
            queued: status.queued,
            queue: self.queue.clone(),
            queue_problem: status.post_trouble.clone().map(Problem::from),
            queue_retry_at: status.post_retry_at,
            dial_chat: dial_chat(book),
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

/// The names of people by their numbers; of two with one number the first.
fn names(people: &[TelegramPeer]) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for person in people.iter().filter(|person| !person.name.is_empty()) {
        if let Some(number) = person.phone.as_deref().and_then(international) {
            names.entry(number).or_insert_with(|| person.name.clone());
        }
    }
    names
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
            Trouble::ChatGone { chat } => Self::TelegramChatGone { chat },
            Trouble::MayNotPost { chat } => Self::TelegramMayNotPost { chat },
            Trouble::OtherAccount => Self::TelegramOtherAccount,
            Trouble::Refused { code, reason } => Self::TelegramRefused { code, reason },
            Trouble::KeyStore { reason } => Self::KeyStore { reason },
            Trouble::File { path, reason } => Self::File { path, reason },
        }
    }
}

#[cfg(test)]
mod tests;
