use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{
    Adjustable, Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};

use super::{FRAME, RATE};

/// Taps of the interpolating filter; half of it, 0.7 ms at 48 kHz, is the delay.
const TAPS: usize = 64;
/// How far the ratio can be steered from the nominal one.
const STEERING: f64 = 1.02;

fn resampler(ratio: f64, fixed: FixedAsync) -> Result<Async<f32>, String> {
    let parameters = SincInterpolationParameters::new(TAPS, WindowFunction::Blackman2)
        .oversampling_factor(256)
        .interpolation(SincInterpolationType::Linear);
    Async::new_sinc(ratio, STEERING, &parameters, FRAME, 1, fixed)
        .map_err(|error| error.to_string())
}

/// Turns sound of any rate into frames of 48 kHz, at a speed that can be steered.
///
/// One conversion does both: the nominal ratio of the rates and the few parts per million by
/// which two clocks differ. Allocates only when it is made.
pub(super) struct ToFrames {
    resampler: Async<f32>,
    input: Vec<f32>,
    ratio: f64,
}

impl ToFrames {
    /// `rate` is that of the input, Hz.
    pub(super) fn new(rate: u32) -> Result<Self, String> {
        let ratio = f64::from(RATE) / f64::from(rate.max(1));
        let resampler = resampler(ratio, FixedAsync::Output)?;
        let input = vec![0.0; resampler.input_frames_max()];
        Ok(Self {
            resampler,
            input,
            ratio,
        })
    }

    /// Consumes the input faster (above 1.0) or slower than it is nominally made.
    pub(super) fn set_speed(&mut self, speed: f64) {
        let slowest = 1.0 / STEERING + 1e-6;
        let relative = (1.0 / speed).clamp(slowest, STEERING - 1e-6);
        // The ratio is within bounds by the clamp, the only reason for which it may be refused.
        let _ = self
            .resampler
            .set_resample_ratio(self.ratio * relative, true);
    }

    /// How many input samples the next frame takes.
    pub(super) fn needed(&self) -> usize {
        self.resampler.input_frames_next()
    }

    /// The delay of the filter, in samples of 48 kHz.
    pub(super) fn delay(&self) -> usize {
        self.resampler.output_delay()
    }

    /// Makes one frame. `fill` is given exactly [`needed`](Self::needed) samples to fill.
    pub(super) fn read(&mut self, frame: &mut [f32; FRAME], fill: impl FnOnce(&mut [f32])) {
        let needed = self.needed();
        let Some(input) = self.input.get_mut(..needed) else {
            frame.fill(0.0);
            return;
        };
        fill(input);
        let done = SequentialSlice::new(input, 1, needed).is_ok_and(|input| {
            SequentialSlice::new_mut(frame, 1, FRAME).is_ok_and(|mut output| {
                self.resampler
                    .process_into_buffer(&input, &mut output, None)
                    .is_ok()
            })
        });
        if !done {
            frame.fill(0.0);
        }
    }
}

/// Turns frames of 48 kHz into sound of any rate. Allocates only when it is made.
pub(super) struct FromFrames {
    resampler: Async<f32>,
    output: Vec<f32>,
}

impl FromFrames {
    /// `rate` is that of the output, Hz.
    pub(super) fn new(rate: u32) -> Result<Self, String> {
        let resampler = resampler(f64::from(rate) / f64::from(RATE), FixedAsync::Input)?;
        let output = vec![0.0; resampler.output_frames_max()];
        Ok(Self { resampler, output })
    }

    /// Converts one frame; the samples are valid until the next call.
    pub(super) fn convert(&mut self, frame: &[f32; FRAME]) -> &[f32] {
        let length = self.output.len();
        let made = SequentialSlice::new(frame, 1, FRAME)
            .ok()
            .and_then(|input| {
                let mut output = SequentialSlice::new_mut(&mut self.output, 1, length).ok()?;
                let (_, made) = self
                    .resampler
                    .process_into_buffer(&input, &mut output, None)
                    .ok()?;
                Some(made)
            });
        self.output.get(..made.unwrap_or(0)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// The power outside the tone, in dB relative to the tone, by a least-squares fit.
    fn distortion_db(sound: &[f32], hertz: f64, rate: f64) -> f64 {
        let (mut sines, mut cosines, mut power) = (0.0, 0.0, 0.0);
        for (at, sample) in sound.iter().enumerate() {
            let (sine, cosine) = (TAU * hertz * at as f64 / rate).sin_cos();
            sines += f64::from(*sample) * sine;
            cosines += f64::from(*sample) * cosine;
            power += f64::from(*sample) * f64::from(*sample);
        }
        let count = sound.len() as f64;
        let tone = 2.0 * (sines * sines + cosines * cosines) / count;
        10.0 * ((power - tone).max(1e-12) / tone).log10()
    }

    fn tone(hertz: f64, rate: f64) -> impl FnMut() -> f32 {
        let mut at = 0.0;
        move || {
            at += 1.0;
            (0.5 * (TAU * hertz * at / rate).sin()) as f32
        }
    }

    #[test]
    fn a_tone_stays_a_tone_at_every_rate_of_a_microphone() {
        for rate in [8000, 16_000, 22_050, 44_100, 48_000, 96_000] {
            let mut converter = ToFrames::new(rate).expect("a rate of devices");
            let mut next = tone(1000.0, f64::from(rate));
            let mut sound = Vec::new();
            for _ in 0..100 {
                let mut frame = [0.0; FRAME];
                converter.read(&mut frame, |input| input.fill_with(&mut next));
                sound.extend_from_slice(&frame);
            }
            let distortion = distortion_db(&sound[9600..], 1000.0, 48_000.0);
            assert!(distortion < -70.0, "{rate} Hz: {distortion} dB");
        }
    }

    #[test]
    fn a_tone_stays_a_tone_at_every_rate_of_a_speaker() {
        for rate in [8000, 16_000, 44_100, 96_000] {
            let mut converter = FromFrames::new(rate).expect("a rate of devices");
            let mut next = tone(1000.0, 48_000.0);
            let mut sound = Vec::new();
            for _ in 0..100 {
                let frame = std::array::from_fn(|_| next());
                sound.extend_from_slice(converter.convert(&frame));
            }
            let expected = rate as usize;
            assert!(
                sound.len().abs_diff(expected) < expected / 50,
                "{} samples",
                sound.len()
            );
            let start = sound.len() - rate as usize / 2;
            let distortion = distortion_db(&sound[start..], 1000.0, f64::from(rate));
            assert!(distortion < -70.0, "{rate} Hz: {distortion} dB");
        }
    }

    #[test]
    fn speed_is_the_share_of_input_that_a_frame_takes() {
        let mut converter = ToFrames::new(48_000).expect("the own rate");
        let mut taken = 0;
        for _ in 0..10_000 {
            converter.set_speed(1.0005);
            taken += converter.needed();
            converter.read(&mut [0.0; FRAME], |input| input.fill(0.0));
        }
        let expected = 10_000.0 * FRAME as f64 * 1.0005;
        assert!(
            (taken as f64 - expected).abs() < 100.0,
            "{taken} instead of {expected}"
        );
    }
}
