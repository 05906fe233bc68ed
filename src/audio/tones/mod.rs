//! The tones of a telephone, as generators of 10 ms frames.

mod country;
mod ring;
mod supervisory;

use std::f32::consts::TAU;

use super::{FRAME, RATE};

pub use country::{Country, Rhythm};
pub use ring::{Ring, RingSound, load};
pub use supervisory::Supervisory;

/// How fast a tone is switched on and off, in samples: 5 ms, so that it doesn't click.
const EDGE: u32 = 240;

/// A sine that goes on without a break over any number of frames.
#[derive(Debug, Clone)]
pub struct Sine {
    phase: f32,
    step: f32,
}

impl Sine {
    /// A sine of this frequency in Hz.
    pub fn new(hertz: f32) -> Self {
        Self {
            phase: 0.0,
            step: hertz / RATE as f32,
        }
    }

    /// The next sample, -1.0 to 1.0.
    pub fn sample(&mut self) -> f32 {
        let sample = (self.phase * TAU).sin();
        self.phase = (self.phase + self.step).fract();
        sample
    }

    /// Fills a frame at this peak.
    pub fn fill(&mut self, frame: &mut [f32; FRAME], peak: f32) {
        frame
            .iter_mut()
            .for_each(|sample| *sample = peak * self.sample());
    }
}

/// The envelope of a tone that lasts `length` samples: straight edges of [`EDGE`] samples.
fn edge(at: u32, length: u32) -> f32 {
    let inside = at.min(length.saturating_sub(at)).min(EDGE);
    inside as f32 / EDGE as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of a tone.
    pub(super) fn play(seconds: u32, mut fill: impl FnMut(&mut [f32; FRAME])) -> Vec<f32> {
        let mut sound = Vec::new();
        let mut frame = [0.0; FRAME];
        for _ in 0..seconds * 100 {
            fill(&mut frame);
            sound.extend_from_slice(&frame);
        }
        sound
    }

    /// The steepest step between two samples.
    pub(super) fn step(sound: &[f32]) -> f32 {
        let steps = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs());
        steps.fold(0.0, f32::max)
    }
}
