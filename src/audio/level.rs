//! Levels of sound: peak, mean, and what a meter shows.

use super::FRAME;

/// What a meter shows of full silence, in decibels below full scale.
const FLOOR_DB: f32 = -60.0;
/// How much of a meter's deflection is left after 10 ms without sound: 300 ms to a tenth.
const DECAY: f32 = 0.926;

/// The largest magnitude among the samples, 0.0 to 1.0.
pub fn peak(samples: &[f32]) -> f32 {
    samples
        .iter()
        .fold(0.0f32, |peak, sample| peak.max(sample.abs()))
        .min(1.0)
}

/// The root mean square of the samples, 0.0 to 1.0.
pub fn rms(samples: &[f32]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let sum: f32 = samples.iter().map(|sample| sample * sample).sum();
    (sum / samples.len() as f32).sqrt().min(1.0)
}

/// A level as an ear judges it: 0.0 at -60 dB and below, 1.0 at full scale, even in decibels.
pub fn loudness(amplitude: f32) -> f32 {
    if amplitude <= 0.0 {
        return 0.0;
    }
    (1.0 - 20.0 * amplitude.log10() / FLOOR_DB).clamp(0.0, 1.0)
}

/// A meter: rises with the sound at once, falls back slowly enough for an eye.
#[derive(Debug, Clone, Copy, Default)]
pub struct LevelMeter {
    shown: f32,
}

impl LevelMeter {
    /// Takes in the next 10 ms and returns what to show, 0.0 to 1.0.
    pub fn update(&mut self, frame: &[f32; FRAME]) -> f32 {
        self.shown = loudness(rms(frame)).max(self.shown * DECAY);
        self.shown
    }

    /// What is shown now, 0.0 to 1.0.
    pub fn level(&self) -> f32 {
        self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_shows_nothing_and_full_scale_shows_all() {
        assert_eq!(loudness(rms(&[0.0; 16])), 0.0);
        assert_eq!(loudness(rms(&[1.0; 16])), 1.0);
        assert_eq!(peak(&[0.1, -0.7, 0.2]), 0.7);
        assert_eq!(rms(&[]), 0.0);
        assert!((loudness(0.0316) - 0.5).abs() < 0.01, "half way is -30 dB");
    }

    #[test]
    fn a_meter_jumps_up_and_sinks_back_within_a_second() {
        let mut meter = LevelMeter::default();
        assert_eq!(meter.update(&[1.0; FRAME]), 1.0);
        assert!(meter.update(&[0.0; FRAME]) > 0.9);
        for _ in 0..100 {
            meter.update(&[0.0; FRAME]);
        }
        assert!(meter.level() < 0.01);
    }
}
