use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::call::{Call, CallState, Direction, Problem};
use crate::store::history::Beginning;

/// Something that is written to a chat, before it is put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// What stands under the recording of a call; how long it plays is put behind.
    Recording {
        /// The name of the far side, if one is known.
        name: Option<String>,
        /// Its number or address.
        number: String,
        /// Whether they called us.
        incoming: bool,
        /// When the call began.
        began: SystemTime,
        /// The line it went over.
        line: String,
    },
    /// Somebody calls.
    Caller {
        /// The name of the caller, if one is known.
        name: Option<String>,
        /// The number or address.
        number: String,
        /// The line that is called.
        line: String,
    },
    /// Somebody called, and nobody answered.
    Missed {
        /// The name of the caller, if one is known.
        name: Option<String>,
        /// The number or address.
        number: String,
        /// The line that was called.
        line: String,
    },
    /// Something is wrong with a line of yours that somebody else uses.
    LineTrouble {
        /// The line.
        line: String,
        /// What is wrong.
        problem: Problem,
        /// Since when.
        since: SystemTime,
    },
    /// All is well again with such a line.
    LineWell {
        /// The line.
        line: String,
    },
    /// A number of the dial chat was not dialled, because it came too late.
    DialLate {
        /// The number.
        number: String,
    },
    /// Over which line is a number of the dial chat to be dialled?
    DialQuestion {
        /// The number.
        number: String,
        /// The names of the lines, from 1.
        lines: Vec<String>,
    },
    /// A number of the dial chat could not be dialled.
    DialFailed {
        /// Why.
        problem: Problem,
    },
    /// Somebody at the computer did not want a number of the dial chat dialled.
    DialDeclined,
    /// Nobody at the computer let a number of the dial chat be dialled in time.
    DialLapsed,
    /// What became of a number of the dial chat.
    DialDone {
        /// The line it went over.
        line: String,
        /// How long it was up, if it was answered.
        talked: Option<Duration>,
        /// Why it failed, if it did.
        problem: Option<Problem>,
    },
}

impl Note {
    /// Somebody calls.
    pub fn caller(call: &Call) -> Self {
        Self::Caller {
            name: call.peer.name.clone(),
            number: call.peer.number.clone(),
            line: call.line.name.clone(),
        }
    }

    /// Somebody called, and nobody answered.
    pub fn missed(call: &Call) -> Self {
        Self::Missed {
            name: call.peer.name.clone(),
            number: call.peer.number.clone(),
            line: call.line.name.clone(),
        }
    }

    /// What became of a number of the dial chat.
    pub fn dialled(call: &Call) -> Self {
        let problem = match &call.state {
            CallState::Ended { problem, .. } => problem.clone(),
            _ => None,
        };
        Self::DialDone {
            line: call.line.name.clone(),
            talked: call.answered_at.and(call.duration()),
            problem,
        }
    }

    /// What stands under the recording of a call of the history.
    pub fn recorded(call: &Beginning) -> Self {
        let began = Duration::from_micros(call.began_us.unsigned_abs());
        Self::Recording {
            name: call.name.clone(),
            number: call.number.clone(),
            incoming: call.incoming,
            began: SystemTime::UNIX_EPOCH + began,
            line: call.line.clone(),
        }
    }

    /// What stands under the recording of a call.
    pub fn recording(call: &Call) -> Self {
        let now = SystemTime::now();
        Self::Recording {
            name: call.peer.name.clone(),
            number: call.peer.number.clone(),
            incoming: call.direction == Direction::Incoming,
            began: now.checked_sub(call.started_at.elapsed()).unwrap_or(now),
            line: call.line.name.clone(),
        }
    }
}

/// Puts notes into words, in the language that a preference names. The texts themselves are not
/// the engine's.
#[derive(Clone)]
pub struct Words(Arc<Say>);

/// What gives the words: of a language and a note.
type Say = dyn Fn(&str, &Note) -> String + Send + Sync;

impl Words {
    /// Words that come from `say`, which is given `ru`, `en` or `system` and the note.
    pub fn new(say: impl Fn(&str, &Note) -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(say))
    }

    /// A note in words.
    pub fn say(&self, language: &str, note: &Note) -> String {
        (self.0)(language, note)
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words")
    }
}
