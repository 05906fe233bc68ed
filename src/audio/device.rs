use std::time::Instant;

use super::{AudioError, FRAME, RATE, tones::Sine};

/// Peak of the `tone:` device: -6 dB below full scale.
const TONE_PEAK: f32 = 0.5;

/// Anything that sound can be read from, 10 ms at a time.
pub(super) trait Microphone: Send {
    /// Fills a frame; silence where there is no sound.
    fn read(&mut self, now: Instant, frame: &mut [f32; FRAME]);

    /// The name that the system shows, if it is a device of the system.
    fn name(&self) -> Option<&str> {
        None
    }

    /// Whether all there was has been read. A device that listens never finishes.
    fn is_finished(&self) -> bool {
        false
    }

    /// Why nothing more will come from this device, once it broke.
    fn broken(&mut self, _now: Instant) -> Option<AudioError> {
        None
    }
}

/// When a speaker wants its next frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    /// The speaker has no clock of its own.
    Clock,
    /// So many frames now, and a look again at this time.
    Frames(usize, Instant),
}

/// Anything that sound can be written to, 10 ms at a time.
pub(super) trait Speaker: Send {
    /// Takes a frame.
    fn write(&mut self, now: Instant, frame: &[f32; FRAME]);

    /// The name that the system shows, if it is a device of the system.
    fn name(&self) -> Option<&str> {
        None
    }

    /// When frames are wanted.
    fn demand(&mut self, _now: Instant) -> Demand {
        Demand::Clock
    }

    /// Why nothing more can be written to this device, once it broke.
    fn broken(&mut self, _now: Instant) -> Option<AudioError> {
        None
    }
}

/// Hears nothing, swallows all.
#[derive(Debug)]
pub(super) struct Silence;

impl Microphone for Silence {
    fn read(&mut self, _now: Instant, frame: &mut [f32; FRAME]) {
        frame.fill(0.0);
    }
}

impl Speaker for Silence {
    fn write(&mut self, _now: Instant, _frame: &[f32; FRAME]) {}
}

/// A sine as a microphone.
#[derive(Debug)]
pub(super) struct Tone(Sine);

impl Tone {
    /// `hertz` is kept below half the sampling rate.
    pub(super) fn new(hertz: f32) -> Self {
        Self(Sine::new(hertz.clamp(0.0, RATE as f32 / 2.0)))
    }
}

impl Microphone for Tone {
    fn read(&mut self, _now: Instant, frame: &mut [f32; FRAME]) {
        self.0.fill(frame, TONE_PEAK);
    }
}
