//! What is to be done with the recordings of calls.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::call::{Call, CallId, RecordingState};
use crate::telegram::{Content, Draft};

/// Something that has happened to a recording.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It has begun.
    Begun(PathBuf),
    /// Nothing will be added to it, and its call is over.
    Whole(PathBuf),
}

/// The recordings of the calls that are up, those of a call in their order.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    calls: HashMap<CallId, Vec<PathBuf>>,
}

impl Recordings {
    /// Takes in how a call stands; gives what happened to its recordings.
    pub fn follow(&mut self, call: &Call) -> Vec<Step> {
        if call.line.account.is_test_line() {
            return Vec::new();
        }
        let recording = call.recording.as_ref();
        let recording = recording.map(|now| (now.path.as_path(), now.state));
        self.note(call.id, recording, call.state.is_ended())
    }

    fn note(
        &mut self,
        call: CallId,
        recording: Option<(&Path, RecordingState)>,
        over: bool,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some((path, state)) = recording {
            let known = self.calls.entry(call).or_default();
            if state != RecordingState::Saved && !known.iter().any(|known| known == path) {
                known.push(path.into());
                steps.push(Step::Begun(path.into()));
            }
            if over && state == RecordingState::Saved {
                let known = self.calls.remove(&call).unwrap_or_default();
                steps.extend(known.into_iter().map(Step::Whole));
            }
        }
        steps
    }
}

/// A recording on its way to the chat of its account, once it is whole.
pub(super) fn draft(account: &Account, path: PathBuf, caption: String, whole: bool) -> Draft {
    Draft {
        account: Some(account.id.to_string()),
        to: account.record_chat.clone(),
        content: Content::Voice {
            path,
            caption,
            keep: account.record_keep,
        },
        unfinished: !whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: CallId = CallId(3);

    #[test]
    fn recordings_are_whole_once_their_call_is_over_and_the_last_is_written() {
        use RecordingState::{Running, Saved, Stopped};
        let (first, second) = (Path::new("a"), Path::new("b"));
        let mut recordings = Recordings::default();
        let mut note = |recording, over| recordings.note(CALL, recording, over);
        assert_eq!(note(None, false), []);
        assert_eq!(
            note(Some((first, Running)), false),
            [Step::Begun(first.into())]
        );
        assert_eq!(note(Some((first, Stopped)), false), []);
        assert_eq!(note(Some((first, Saved)), false), []);
        assert_eq!(
            note(Some((second, Running)), false),
            [Step::Begun(second.into())]
        );
        assert_eq!(note(Some((second, Stopped)), true), []);
        let whole = [Step::Whole(first.into()), Step::Whole(second.into())];
        assert_eq!(note(Some((second, Saved)), true), whole);
        assert_eq!(note(Some((second, Saved)), true), []);
    }

    #[test]
    fn a_recording_that_was_stopped_by_hand_is_whole_when_the_call_ends() {
        use RecordingState::{Running, Saved};
        let path = Path::new("a");
        let mut recordings = Recordings::default();
        recordings.note(CALL, Some((path, Running)), false);
        recordings.note(CALL, Some((path, Saved)), false);
        let ended = recordings.note(CALL, Some((path, Saved)), true);
        assert_eq!(ended, [Step::Whole(path.into())]);
    }
}
