use std::collections::VecDeque;
use std::time::Instant;

use super::clock::Clock;
use super::device::{Demand, Microphone, Silence, Speaker, Tone};
use super::wav::{FileMicrophone, FileSpeaker};
use super::{AudioError, DeviceSpec, FRAME};

/// Frames that a loop may hold: no more than is caught up at once.
const LOOP_FRAMES: usize = super::clock::CATCH_UP;

/// A microphone and a speaker, read and written in step.
pub struct Duplex {
    microphone: Box<dyn Microphone>,
    speaker: Box<dyn Speaker>,
    clock: Clock,
    looped: Option<VecDeque<[f32; FRAME]>>,
    now: Instant,
    problems: VecDeque<AudioError>,
}

impl Duplex {
    /// Opens both.
    pub fn open(input: &DeviceSpec, output: &DeviceSpec, now: Instant) -> Result<Self, AudioError> {
        let microphone: Box<dyn Microphone> = match input {
            DeviceSpec::File(path) => Box::new(FileMicrophone::open(path)?),
            DeviceSpec::Tone(hertz) => Box::new(Tone::new(*hertz)),
            DeviceSpec::Silence | DeviceSpec::Loop => Box::new(Silence),
            DeviceSpec::Default | DeviceSpec::Named(_) => return Err(AudioError::NoMicrophone),
        };
        let speaker: Box<dyn Speaker> = match output {
            DeviceSpec::File(path) => Box::new(FileSpeaker::create(path)?),
            DeviceSpec::Silence | DeviceSpec::Loop | DeviceSpec::Tone(_) => Box::new(Silence),
            DeviceSpec::Default | DeviceSpec::Named(_) => return Err(AudioError::NoSpeaker),
        };
        Ok(Self {
            microphone,
            speaker,
            clock: Clock::new(now),
            looped: (*input == DeviceSpec::Loop).then(VecDeque::new),
            now,
            problems: VecDeque::new(),
        })
    }

    /// When the next frame is due.
    pub fn next_tick(&self, _now: Instant) -> Instant {
        self.clock.next_tick()
    }

    /// How many frames to read and write now.
    pub fn ticks_due(&mut self, now: Instant) -> usize {
        self.now = now;
        match self.speaker.demand(now) {
            Demand::Clock => self.clock.ticks_due(now),
            Demand::Frames(frames, _) => frames,
        }
    }

    /// The next 10 ms of the microphone.
    pub fn read(&mut self, frame: &mut [f32; FRAME]) {
        match &mut self.looped {
            Some(looped) => *frame = looped.pop_front().unwrap_or([0.0; FRAME]),
            None => self.microphone.read(self.now, frame),
        }
    }

    /// Plays 10 ms.
    pub fn write(&mut self, frame: &[f32; FRAME]) {
        if let Some(looped) = &mut self.looped {
            if looped.len() == LOOP_FRAMES {
                looped.pop_front();
            }
            looped.push_back(*frame);
        }
        self.speaker.write(self.now, frame);
    }

    /// What went wrong since the last call, the oldest first.
    pub fn problem(&mut self) -> Option<AudioError> {
        if let Some(error) = self.microphone.broken(self.now) {
            self.problems.push_back(error);
        }
        if let Some(error) = self.speaker.broken(self.now) {
            self.problems.push_back(error);
        }
        self.problems.pop_front()
    }

    /// Whether the microphone was a file and all of it has been read.
    pub fn input_finished(&self) -> bool {
        self.microphone.is_finished()
    }

    /// Closes both; a file that was written is whole after this.
    pub fn finish(self) {}
}
