//! What is kept of a call, and what is asked of the history.

use std::path::PathBuf;

use rusqlite::ToSql;
use serde::{Deserialize, Serialize};

/// A call that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastCall {
    /// Its place: the later a call began, the larger.
    pub id: i64,
    /// What was known when it began.
    #[serde(flatten)]
    pub began: Beginning,
    /// What became of it.
    #[serde(flatten)]
    pub ended: Ending,
}

/// What is known when a call begins.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Beginning {
    /// When, microseconds since 1970.
    pub began_us: i64,
    /// The identifier of its account.
    pub account: String,
    /// The name of its account.
    pub line: String,
    /// Whether they called us.
    pub incoming: bool,
    /// The name of the far side, if there is one.
    pub name: Option<String>,
    /// Its number or SIP address as a person would read it.
    pub number: String,
    /// The full SIP URI.
    pub uri: String,
    /// What was typed, if the dial rules made another number of it.
    pub typed: Option<String>,
}

/// What is known when a call has ended.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ending {
    /// How it ended.
    pub outcome: Outcome,
    /// Why it failed or was refused, as the engine tells it.
    pub problem: Option<serde_json::Value>,
    /// The final SIP status, if there was one.
    pub status: Option<u16>,
    /// How long it was up, milliseconds; `None` if it was not answered.
    pub talked_ms: Option<i64>,
    /// The codec, by its registry name.
    pub codec: Option<String>,
    /// How good the sound was, as the engine tells it.
    pub quality: Option<serde_json::Value>,
    /// Its recording, while that is here.
    pub recording: Option<PathBuf>,
    /// The Telegram chat that the recording was sent to; empty is Saved Messages.
    #[serde(default)]
    pub sent_to: Option<String>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The two sides spoke.
    Talked,
    /// They called, and nobody answered.
    Missed,
    /// They called, and it was declined here.
    Declined,
    /// They called, and it was sent on to another number.
    Forwarded,
    /// We called, and gave up before it was answered.
    Cancelled,
    /// We called, and it was refused or failed; the problem says why.
    Failed,
    /// The program ended while it lasted.
    #[default]
    Interrupted,
}

impl Outcome {
    const ALL: [Self; 7] = [
        Self::Talked,
        Self::Missed,
        Self::Declined,
        Self::Forwarded,
        Self::Cancelled,
        Self::Failed,
        Self::Interrupted,
    ];

    /// The name in the file and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Talked => "talked",
            Self::Missed => "missed",
            Self::Declined => "declined",
            Self::Forwarded => "forwarded",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    pub(super) fn named(name: &str) -> Self {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == name);
        known.unwrap_or_default()
    }
}

/// Which calls are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Query {
    /// Words, or parts of a number: all of them have to be there. Case and the punctuation of
    /// telephone numbers don't matter.
    #[serde(default)]
    pub text: String,
    /// What kind of calls.
    #[serde(default)]
    pub show: Show,
    /// Only calls before the one in this place.
    #[serde(default)]
    pub before: Option<i64>,
    /// How many at most; never more than 500.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// What kind of calls are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// All.
    #[default]
    All,
    /// Those that nobody took here.
    Missed,
    /// Those that came in.
    Incoming,
    /// Those that went out.
    Outgoing,
    /// Those with a recording.
    Recorded,
}

impl Beginning {
    /// What a search looks at. The digits of the number stand there without punctuation, too.
    pub(super) fn words(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        let typed = self.typed.as_deref().unwrap_or_default();
        let (number, line) = (&self.number, &self.line);
        let digits = digits(number);
        let words = format!("{name}\n{number}\n{digits}\n{typed}\n{line}\n{}", self.uri);
        words.to_lowercase()
    }
}

impl Query {
    /// The condition of a `WHERE`, and the values of its parameters.
    pub(super) fn condition(&self) -> (String, Vec<Box<dyn ToSql>>) {
        let kind = match self.show {
            Show::All => "1",
            Show::Missed => "outcome = 'missed'",
            Show::Incoming => "incoming",
            Show::Outgoing => "NOT incoming",
            Show::Recorded => "recording IS NOT NULL",
        };
        let mut condition = kind.to_owned();
        let mut values: Vec<Box<dyn ToSql>> = Vec::new();
        if let Some(before) = self.before {
            condition.push_str(" AND id < ?");
            values.push(Box::new(before));
        }
        for word in self.wanted() {
            condition.push_str(" AND instr(words, ?)");
            values.push(Box::new(word));
        }
        (condition, values)
    }

    fn wanted(&self) -> Vec<String> {
        let is_number = |c: char| c.is_ascii_digit() || " +-().".contains(c);
        let digits = digits(&self.text);
        if !digits.is_empty() && self.text.chars().all(is_number) {
            return vec![digits];
        }
        let words = self.text.split_whitespace();
        words.map(str::to_lowercase).collect()
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
