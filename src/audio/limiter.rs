//! Keeps a sum of several voices within full scale.

use super::FRAME;

/// The loudest sample let out.
const CEILING: f32 = 0.98;
/// How much of a lowered level comes back in 10 ms: all of it within about 150 ms.
const RELEASE: f32 = 0.07;

/// Lowers what is louder than full scale as a whole, without bending its waves, and lets the
/// level come back gently.
#[derive(Debug, Clone, Copy)]
pub struct Limiter {
    gain: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { gain: 1.0 }
    }
}

impl Limiter {
    /// Limits 10 ms. What stays within full scale is not touched.
    pub fn limit(&mut self, frame: &mut [f32; FRAME]) {
        let peak = frame
            .iter()
            .fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        let before = self.gain;
        let allowed = if peak > CEILING { CEILING / peak } else { 1.0 };
        self.gain = allowed.min(before + RELEASE);
        if before == 1.0 && self.gain == 1.0 {
            return;
        }
        let step = (self.gain - before) / FRAME as f32;
        for (n, sample) in frame.iter_mut().enumerate() {
            let gain = before + step * (n + 1) as f32;
            *sample = (*sample * gain).clamp(-1.0, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(from: usize, peak: f32) -> [f32; FRAME] {
        std::array::from_fn(|n| {
            peak * (std::f32::consts::TAU * 300.0 * (from + n) as f32 / 48_000.0).sin()
        })
    }

    #[test]
    fn what_is_not_too_loud_is_not_touched() {
        let mut limiter = Limiter::default();
        let mut frame = tone(0, 0.95);
        limiter.limit(&mut frame);
        assert_eq!(frame, tone(0, 0.95));
    }

    #[test]
    fn eight_loud_voices_stay_a_wave() {
        let mut limiter = Limiter::default();
        let mut last = None;
        for n in 0..20 {
            let mut frame = tone(n * FRAME, 6.0);
            limiter.limit(&mut frame);
            assert!(frame.iter().all(|sample| sample.abs() <= 1.0));
            if n > 0 {
                // A wave of 300 Hz at this level never moves by more from sample to sample.
                let mut before = last.unwrap_or(0.0);
                for sample in frame {
                    assert!((sample - before).abs() < 0.045, "{n}: {before} {sample}");
                    before = sample;
                }
                let peak = frame.iter().fold(0.0f32, |peak, s| peak.max(s.abs()));
                assert!(peak > 0.9, "{n}: {peak}");
            }
            last = frame.last().copied();
        }
    }

    #[test]
    fn the_level_comes_back_when_the_noise_is_over() {
        let mut limiter = Limiter::default();
        limiter.limit(&mut tone(0, 4.0));
        for _ in 0..15 {
            limiter.limit(&mut tone(0, 0.1));
        }
        let mut frame = tone(0, 0.5);
        limiter.limit(&mut frame);
        assert_eq!(frame, tone(0, 0.5));
    }
}
