use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::call::{Call, Direction};

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
}

impl Note {
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
pub struct Words(Arc<dyn Fn(&str, &Note) -> String + Send + Sync>);

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
