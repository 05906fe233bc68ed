//! The tones of a telephone, as generators of 10 ms frames.
//!
//! The supervisory tones are Russia's: 425 Hz; ringback 0.8 s on and 3.2 s off, busy 0.35/0.35 s,
//! congestion 0.175/0.175 s.

use std::f32::consts::TAU;

use super::{FRAME, RATE};

/// Frequency of the supervisory tones, Hz.
const SUPERVISORY_HZ: f32 = 425.0;
/// Peak of the supervisory tones: -16 dB below full scale.
const SUPERVISORY_PEAK: f32 = 0.16;
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

/// A tone that is switched on and off in a steady rhythm.
#[derive(Debug, Clone)]
struct Cadence {
    sine: Sine,
    on: u32,
    period: u32,
    at: u32,
}

impl Cadence {
    fn new(on_ms: u32, off_ms: u32) -> Self {
        let samples = |ms: u32| ms * (RATE / 1000);
        Self {
            sine: Sine::new(SUPERVISORY_HZ),
            on: samples(on_ms),
            period: samples(on_ms + off_ms),
            at: 0,
        }
    }

    fn fill(&mut self, frame: &mut [f32; FRAME]) {
        for sample in frame {
            *sample = SUPERVISORY_PEAK * edge(self.at, self.on) * self.sine.sample();
            self.at = (self.at + 1) % self.period;
        }
    }
}

/// The envelope of a tone that lasts `length` samples: straight edges of [`EDGE`] samples.
fn edge(at: u32, length: u32) -> f32 {
    let inside = at.min(length.saturating_sub(at)).min(EDGE);
    inside as f32 / EDGE as f32
}

/// It rings at the far side: 0.8 s on, 3.2 s off.
#[derive(Debug, Clone)]
pub struct Ringback(Cadence);

/// The far side is busy: 0.35 s on, 0.35 s off.
#[derive(Debug, Clone)]
pub struct Busy(Cadence);

/// The call can't be put through: 0.175 s on, 0.175 s off.
#[derive(Debug, Clone)]
pub struct Congestion(Cadence);

macro_rules! cadence {
    ($tone:ident, $on_ms:literal, $off_ms:literal) => {
        impl $tone {
            /// The tone from the beginning of its rhythm.
            pub fn new() -> Self {
                Self(Cadence::new($on_ms, $off_ms))
            }

            /// The next 10 ms.
            pub fn fill(&mut self, frame: &mut [f32; FRAME]) {
                self.0.fill(frame);
            }
        }

        impl Default for $tone {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

cadence!(Ringback, 800, 3200);
cadence!(Busy, 350, 350);
cadence!(Congestion, 175, 175);

/// The two notes of the ring, Hz: a major third.
const RING_NOTES: [f32; 2] = [659.25, 830.61];
/// Notes follow each other every 0.16 s, eight of them, then a rest; 3 s in all.
const RING_NOTE: u32 = RATE / 100 * 16;
const RING_NOTES_IN_A_ROW: u32 = 8;
const RING_PERIOD: u32 = RATE * 3;
/// Peak of the ring: -10 dB below full scale.
const RING_PEAK: f32 = 0.32;
/// Rings until the full loudness is reached, so that nobody starts up.
const RING_RISE: u32 = 3;

/// This telephone rings: two soft alternating notes that fade like a struck bar, the first rings
/// quieter than the rest.
#[derive(Debug, Clone)]
pub struct RingTone {
    fundamental: [Sine; 2],
    overtone: [Sine; 2],
    at: u32,
    rings: u32,
}

impl RingTone {
    /// The ring from its beginning.
    pub fn new() -> Self {
        Self {
            fundamental: RING_NOTES.map(Sine::new),
            overtone: RING_NOTES.map(|hertz| Sine::new(hertz * 3.0)),
            at: 0,
            rings: 0,
        }
    }

    /// The next 10 ms.
    pub fn fill(&mut self, frame: &mut [f32; FRAME]) {
        for sample in frame {
            *sample = self.sample();
        }
    }

    fn sample(&mut self) -> f32 {
        let (note, at) = (self.at / RING_NOTE, self.at % RING_NOTE);
        self.at += 1;
        let rise = (self.rings + 1).min(RING_RISE) as f32 / RING_RISE as f32;
        if self.at == RING_PERIOD {
            self.at = 0;
            self.rings = self.rings.saturating_add(1);
        }
        let [low, high] = &mut self.fundamental;
        let [low_over, high_over] = &mut self.overtone;
        let fundamentals = [low.sample(), high.sample()];
        let overtones = [low_over.sample(), high_over.sample()];
        if note >= RING_NOTES_IN_A_ROW {
            return 0.0;
        }
        let pick = |notes: [f32; 2]| if note % 2 == 0 { notes[0] } else { notes[1] };
        let faded = 1.0 - at as f32 / RING_NOTE as f32;
        let sound = 0.85 * pick(fundamentals) + 0.15 * faded * pick(overtones);
        RING_PEAK * rise * edge(at, RING_NOTE) * faded.sqrt() * sound
    }
}

impl Default for RingTone {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level::peak;

    fn play(seconds: u32, mut fill: impl FnMut(&mut [f32; FRAME])) -> Vec<f32> {
        let mut sound = Vec::new();
        let mut frame = [0.0; FRAME];
        for _ in 0..seconds * 100 {
            fill(&mut frame);
            sound.extend_from_slice(&frame);
        }
        sound
    }

    fn frequency(sound: &[f32]) -> f32 {
        let rises = sound
            .windows(2)
            .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0)
            .count();
        rises as f32 * RATE as f32 / sound.len() as f32
    }

    #[test]
    fn ringback_sounds_for_0_8_s_of_every_4() {
        let mut tone = Ringback::new();
        let sound = play(8, |frame| tone.fill(frame));
        for ring in sound.chunks(4 * RATE as usize) {
            let (on, off) = ring.split_at(RATE as usize * 8 / 10);
            assert!((frequency(on) - 425.0).abs() < 3.0);
            assert_eq!(peak(off), 0.0);
        }
    }

    #[test]
    fn busy_and_congestion_alternate_evenly() {
        let mut busy = Busy::new();
        let sound = play(7, |frame| busy.fill(frame));
        let loud = sound
            .chunks(RATE as usize * 35 / 100)
            .map(|part| peak(part) > 0.1);
        assert!(loud.eq([true, false].into_iter().cycle().take(20)));
        let mut congestion = Congestion::new();
        let sound = play(7, |frame| congestion.fill(frame));
        let loud = sound
            .chunks(RATE as usize * 175 / 1000)
            .map(|part| peak(part) > 0.1);
        assert!(loud.eq([true, false].into_iter().cycle().take(40)));
    }

    #[test]
    fn no_tone_clicks_or_clips() {
        let (mut ringback, mut busy, mut ring) = (Ringback::new(), Busy::new(), RingTone::new());
        for sound in [
            play(9, |frame| ringback.fill(frame)),
            play(2, |frame| busy.fill(frame)),
            play(12, |frame| ring.fill(frame)),
        ] {
            let step = sound
                .windows(2)
                .map(|pair| (pair[1] - pair[0]).abs())
                .fold(0.0, f32::max);
            assert!(step < 0.1, "a step of {step}");
            assert!(peak(&sound) <= RING_PEAK);
        }
    }

    #[test]
    fn the_ring_starts_softly_and_rests_between_rings() {
        let mut ring = RingTone::new();
        let sound = play(12, |frame| ring.fill(frame));
        let rings: Vec<f32> = sound.chunks(RING_PERIOD as usize).map(peak).collect();
        assert!(rings[0] < rings[1] && rings[1] < rings[2] && (rings[2] - rings[3]).abs() < 0.01);
        assert_eq!(peak(&sound[RATE as usize * 2..RATE as usize * 3]), 0.0);
    }
}
