use std::sync::Arc;
use std::time::{Instant, SystemTime};

use serde::{Serialize, Serializer};

use super::peer::Peer;
use super::post::PostStatus;
use super::trouble::Trouble;

/// How it stands with Telegram.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Nobody is signed in.
    #[default]
    Off,
    /// Nobody is signed in, and nobody can be: the program has no `api_id` to show.
    NeedsApi,
    /// Telegram is asked to sign in or out.
    Connecting,
    /// Waits for the code that Telegram sent.
    NeedsCode {
        /// How many characters it has, if Telegram said so.
        length: Option<u32>,
        /// How it was sent.
        how: CodeWay,
    },
    /// Waits for the second password.
    NeedsPassword {
        /// What the person wrote down to remember it by; may be empty.
        hint: String,
    },
    /// Waits for a telephone that is signed in to scan a code.
    Qr {
        /// What the code says.
        url: String,
        /// When it runs out. Another one takes its place before.
        #[serde(rename = "expires_s", serialize_with = "seconds_until")]
        expires_at: Instant,
    },
    /// Signed in.
    SignedIn {
        /// Whether there is a connection now.
        online: bool,
    },
}

/// How Telegram sent the code to sign in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum CodeWay {
    /// As a message in Telegram, on another device that is signed in.
    App,
    /// By SMS.
    Sms,
    /// A voice says it on the telephone.
    Call,
    /// The last digits of the number that calls.
    MissedCall {
        /// How that number begins.
        prefix: String,
    },
    /// By e-mail.
    Email {
        /// The address, mostly hidden.
        address: String,
    },
    /// On fragment.com, for numbers that were bought there.
    Fragment {
        /// Where to look.
        url: String,
    },
}

/// All that can be seen of the Telegram account at one moment. Holds no secret.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Status {
    /// How it stands.
    pub state: State,
    /// Who is signed in.
    pub me: Option<Peer>,
    /// The chats and channels that may be posted to: Saved Messages, then as Telegram orders them.
    pub chats: Arc<[Peer]>,
    /// People: those one writes with, then the other contacts by name.
    pub people: Arc<[Peer]>,
    /// The messages on their way, in their order: the first hundred.
    pub posts: Arc<[PostStatus]>,
    /// How many messages are on their way.
    pub queued: u64,
    /// Why none of them leaves now, while that is so.
    pub post_trouble: Option<Trouble>,
    /// When they are tried again.
    pub post_retry_at: Option<Instant>,
    /// What went wrong, until something is asked or goes right.
    pub trouble: Option<Trouble>,
    /// How many asks have come to an end.
    pub answered: u64,
}

fn seconds_until<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    at.saturating_duration_since(Instant::now())
        .as_secs()
        .serialize(serializer)
}

/// Seconds since 1970, as Telegram counts them.
pub(super) fn unix_time() -> i64 {
    unix_micros() / 1_000_000
}

/// Microseconds since 1970.
pub(super) fn unix_micros() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    })
}
