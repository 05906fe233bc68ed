//! Recordings of calls: when they begin and end, and what they are called.

use std::path::PathBuf;

use jiff::Zoned;
use serde::Serialize;

use crate::audio::recorder::{RecordCause, RecordError};
use crate::call::calls::{CallEvent, Calls, Rooms};
use crate::call::single::Call;
use crate::call::{CallId, Direction, Problem};

/// The longest part of a name that comes from the far side, octets.
const LONGEST_NUMBER: usize = 100;

/// A call's recording: of several the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recording {
    /// The file: Ogg Opus, both sides in one channel.
    pub path: PathBuf,
    /// Whether sound goes into it.
    pub state: RecordingState,
    /// Whether it can neither be stopped nor paused here: the account is another's, who wants
    /// its calls recorded.
    pub locked: bool,
}

/// Whether sound goes into a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// It does.
    Running,
    /// Not for now.
    Paused,
    /// No more; the end is still being written.
    Stopped,
    /// No more, and the file is whole.
    Saved,
}

impl Recording {
    /// Whether sound goes into it, now or after a pause.
    pub fn is_open(&self) -> bool {
        matches!(self.state, RecordingState::Running | RecordingState::Paused)
    }

    /// Ends it, if that didn't happen yet.
    pub(super) fn stop(&mut self) {
        if self.is_open() {
            self.state = RecordingState::Stopped;
        }
    }
}

impl Calls {
    /// Starts or stops the recording of a call by hand.
    ///
    /// # Errors
    /// [`Problem::Unknown`], [`Problem::WrongState`] without sound, [`Problem::RecordingLocked`],
    /// or [`Problem::Recording`] if the file can't be made.
    pub fn record(&mut self, rooms: &mut Rooms<'_>, id: CallId, on: bool) -> Result<(), Problem> {
        let folder = self.recordings.clone();
        let call = self.find(id, |call| call.state.has_media())?;
        match (call.recording.as_mut().filter(|now| now.is_open()), on) {
            (Some(recording), false) => {
                recording.may_be_stopped()?;
                recording.stop();
                rooms.sound.stop_recording(id);
            }
            (None, true) => call.start_recording(rooms, folder)?,
            _ => {}
        }
        self.events.push(CallEvent::State(id));
        Ok(())
    }

    /// Pauses or resumes the recording of a call.
    ///
    /// # Errors
    /// [`Problem::Unknown`], [`Problem::WrongState`] if it isn't recorded,
    /// [`Problem::RecordingLocked`].
    pub fn pause_recording(
        &mut self,
        rooms: &mut Rooms<'_>,
        id: CallId,
        on: bool,
    ) -> Result<(), Problem> {
        let call = self.find(id, |call| call.state.has_media())?;
        let recording = call.recording.as_mut().filter(|now| now.is_open());
        let recording = recording.ok_or(Problem::WrongState)?;
        if on {
            recording.may_be_stopped()?;
        }
        recording.state = match on {
            true => RecordingState::Paused,
            false => RecordingState::Running,
        };
        rooms.sound.pause_recording(id, on);
        self.events.push(CallEvent::State(id));
        Ok(())
    }

    /// Starts the recording that the account's setting wants, once the call is up. Without one
    /// the call goes on, with a warning.
    pub(super) fn record_by_itself(&mut self, rooms: &mut Rooms<'_>, id: CallId) {
        let folder = self.recordings.clone();
        let wanted = |call: &Call| call.line.record && call.recording.is_none();
        if let Ok(call) = self.find(id, wanted)
            && let Err(problem) = call.start_recording(rooms, folder)
        {
            tracing::warn!(%problem, "a call is not recorded");
        }
    }

    /// The recorder has written the last of a file, or could not go on.
    pub(super) fn recorded(&mut self, id: CallId, path: PathBuf, outcome: Result<(), RecordError>) {
        let Some(call) = self.calls.iter_mut().find(|call| call.id == id) else {
            return;
        };
        if let Some(recording) = call.recording.as_mut().filter(|now| now.path == path) {
            recording.state = RecordingState::Saved;
        }
        if let Err(error) = outcome {
            tracing::warn!(%error, "a recording ended early");
            call.recording_problem = Some(error.into());
        }
        self.events.push(CallEvent::State(id));
    }
}

impl Recording {
    fn may_be_stopped(&self) -> Result<(), Problem> {
        match self.locked {
            true => Err(Problem::RecordingLocked),
            false => Ok(()),
        }
    }
}

impl Call {
    fn start_recording(&mut self, rooms: &Rooms<'_>, folder: PathBuf) -> Result<(), Problem> {
        let name = name(&Zoned::now(), &self.peer.number, self.direction);
        let started = rooms.sound.record(self.id, &folder, &name);
        let started = started.map_err(Problem::from);
        self.recording_problem = started.as_ref().err().cloned();
        let path = started?;
        self.recording = Some(Recording {
            path,
            state: RecordingState::Running,
            locked: self.line.record && self.line.record_locked,
        });
        Ok(())
    }

    /// What is wrong in the running call.
    pub fn warning(&self) -> Option<&Problem> {
        self.warning.as_ref().or(self.recording_problem.as_ref())
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        Self::Recording {
            path: error.path.display().to_string(),
            reason: match error.cause {
                RecordCause::DiskFull => "reason-disk-full".into(),
                RecordCause::NotAllowed => "reason-not-allowed".into(),
                RecordCause::Other(reason) => reason,
            },
        }
    }
}

/// What a recording is called: when it began, by the clock on the wall, with whom, and who called.
fn name(at: &Zoned, number: &str, direction: Direction) -> String {
    let way = match direction {
        Direction::Incoming => "in",
        Direction::Outgoing => "out",
    };
    let number = safe(number);
    format!("{} {number} {way}", at.strftime("%Y-%m-%d %H-%M-%S"))
}

/// A number or address that may stand in the name of a file on every system.
fn safe(number: &str) -> String {
    let known = |c: char| c.is_alphanumeric() || " +-_.,@#()".contains(c);
    let mut name = String::new();
    for c in number.chars() {
        if name.len() + c.len_utf8() > LONGEST_NUMBER {
            break;
        }
        name.push(if known(c) { c } else { '_' });
    }
    match name.trim_matches([' ', '.']) {
        "" => "unknown".into(),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_called_by_time_number_and_direction() {
        let at = jiff::civil::date(2026, 11, 22).at(16, 45, 3, 0);
        let at = at.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        assert_eq!(
            name(&at, "+79261234567", Direction::Outgoing),
            "2026-11-22 16-45-03 +79261234567 out"
        );
        assert_eq!(
            name(&at, "echo@test-line", Direction::Incoming),
            "2026-11-22 16-45-03 echo@test-line in"
        );
    }

    #[test]
    fn no_number_leads_out_of_the_folder_or_breaks_a_system() {
        for (number, expected) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a\\b:c*d?e\"f<g>h|i", "a_b_c_d_e_f_g_h_i"),
            ("+7 (926) 123-45-67", "+7 (926) 123-45-67"),
            ("Иван", "Иван"),
            ("a\u{202e}b\0c\n", "a_b_c_"),
            ("*100#", "_100#"),
            ("...", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(safe(number), expected);
        }
        assert_eq!(safe(&"ы".repeat(500)).len(), LONGEST_NUMBER);
    }
}
