use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::trouble::Trouble;
use crate::account::Party;

/// What somebody wants to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The account it is about, if it is about one: its chat may be changed later.
    pub account: Option<String>,
    /// Where it goes; `None` is Saved Messages.
    pub to: Option<Party>,
    /// What is sent.
    pub content: Content,
    /// Whether it has to wait until it is [finished](super::Ask::Finished).
    pub unfinished: bool,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Content {
    /// A recording, as a voice message.
    Voice {
        /// The file: Ogg Opus of one channel.
        path: PathBuf,
        /// What stands under it; how long it plays is put behind.
        caption: String,
        /// Whether the file stays when Telegram has it.
        keep: bool,
    },
    /// Words.
    Text {
        /// Them.
        text: String,
        /// The message that is answered, if one is.
        reply_to: Option<i32>,
    },
}

/// A message on its way to Telegram, which it reaches once: whatever happens in between, it is
/// sent under the same number again, and Telegram takes a number only once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The number that Telegram knows it by.
    pub random_id: i64,
    /// Who sends it, a person of Telegram.
    pub from: i64,
    /// The account it is about.
    pub account: Option<String>,
    /// Where it goes; `None` is Saved Messages.
    pub to: Option<Party>,
    /// What is sent.
    pub content: Content,
    /// How far it has come.
    pub stage: Stage,
}

/// How far a message has come on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// What it sends is still being made.
    Unfinished,
    /// It is to be sent.
    Waiting,
    /// It can't be sent until a person does something about it.
    Refused {
        /// Why.
        trouble: Trouble,
    },
    /// Telegram has it; only the traces are left.
    Sent,
}

/// A message on its way, as it can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostStatus {
    /// Its place in the queue: the later, the larger.
    pub id: i64,
    /// Where it goes; `None` is Saved Messages.
    pub to: Option<Party>,
    /// The recording that is sent; `None` for words.
    pub recording: Option<PathBuf>,
    /// How far it has come.
    pub stage: Stage,
    /// Whether it is being sent now.
    pub sending: bool,
}

/// A recording that Telegram has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The file.
    pub path: PathBuf,
    /// Where it went; `None` is Saved Messages.
    pub to: Option<Party>,
    /// Whether the file stays here, too.
    pub kept: bool,
}

impl Content {
    /// Whether it is a recording, which takes its time.
    pub(super) fn is_voice(&self) -> bool {
        matches!(self, Self::Voice { .. })
    }

    /// The recording that is sent.
    pub(super) fn recording(&self) -> Option<&PathBuf> {
        match self {
            Self::Voice { path, .. } => Some(path),
            Self::Text { .. } => None,
        }
    }
}
