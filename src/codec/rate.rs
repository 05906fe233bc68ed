//! 48 kHz and the sampling rates of codecs that have less.
//!
//! A linear-phase low-pass at 48 kHz, run as phases. At 8 kHz its group delay is 60 samples
//! (1.25 ms), it is flat to 3.4 kHz and at least 48 dB down from 4.7 kHz on; at 16 kHz the delay
//! is half of it and the frequencies are twice these.

use std::f64::consts::PI;
use std::sync::OnceLock;

/// A codec's own sampling rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// 8 kHz: the telephone band.
    Narrow,
    /// 16 kHz: wideband.
    Wide,
}

impl Rate {
    /// Samples to a millisecond.
    pub const fn per_ms(self) -> usize {
        match self {
            Self::Narrow => 8,
            Self::Wide => 16,
        }
    }

    /// Samples at 48 kHz to one of this rate.
    pub const fn factor(self) -> usize {
        48 / self.per_ms()
    }
}

/// Taps of each phase.
const PHASE_TAPS: usize = 21;
const KAISER_BETA: f64 = 4.6;

/// The low-pass, laid out for both directions.
struct Filter {
    /// For each phase the taps that meet the samples from the oldest to the newest.
    up: Vec<[f32; PHASE_TAPS]>,
    down: Vec<f32>,
}

fn filter(rate: Rate) -> &'static Filter {
    static NARROW: OnceLock<Filter> = OnceLock::new();
    static WIDE: OnceLock<Filter> = OnceLock::new();
    let filter = match rate {
        Rate::Narrow => &NARROW,
        Rate::Wide => &WIDE,
    };
    filter.get_or_init(|| Filter::new(rate.factor()))
}

impl Filter {
    fn new(factor: usize) -> Self {
        let cutoff = 0.5 / factor as f64;
        let count = (PHASE_TAPS - 1) * factor + 1;
        let middle = (count - 1) as f64 / 2.0;
        let taps: Vec<f64> = (0..count)
            .map(|n| {
                let x = n as f64 - middle;
                let sinc = if x == 0.0 {
                    2.0 * cutoff
                } else {
                    (2.0 * PI * cutoff * x).sin() / (PI * x)
                };
                let edge = x / middle;
                sinc * bessel_i0(KAISER_BETA * (1.0 - edge * edge).max(0.0).sqrt())
            })
            .collect();
        let sum: f64 = taps.iter().sum();
        let mut filter = Self {
            up: vec![[0.0; PHASE_TAPS]; factor],
            down: Vec::with_capacity(count),
        };
        for (n, tap) in taps.iter().enumerate() {
            let tap = tap / sum;
            filter.down.push(tap as f32);
            filter.up[n % factor][PHASE_TAPS - 1 - n / factor] = (tap * factor as f64) as f32;
        }
        filter
    }
}

/// The modified Bessel function of the first kind and order zero, by its series.
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..32 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    rest + sums.iter().sum::<f32>()
}

/// From a codec's rate to 48 kHz.
pub struct Upsampler {
    filter: &'static Filter,
    /// The last samples of the block before, then the block.
    input: Vec<f32>,
}

impl Upsampler {
    /// One that has heard silence so far.
    pub fn new(rate: Rate) -> Self {
        Self {
            filter: filter(rate),
            input: vec![0.0; PHASE_TAPS - 1],
        }
    }

    /// Appends as many samples for each one given as [`Rate::factor`] says.
    pub fn process(&mut self, own: &[f32], out: &mut Vec<f32>) {
        self.input.extend_from_slice(own);
        out.reserve(own.len() * self.filter.up.len());
        for window in self.input.windows(PHASE_TAPS) {
            out.extend(self.filter.up.iter().map(|phase| dot(window, phase)));
        }
        self.input.drain(..own.len());
    }
}

/// From 48 kHz to a codec's rate.
pub struct Downsampler {
    rate: Rate,
    filter: &'static Filter,
    input: Vec<f32>,
}

impl Downsampler {
    /// One that has heard silence so far.
    pub fn new(rate: Rate) -> Self {
        let filter = filter(rate);
        Self {
            rate,
            filter,
            input: vec![0.0; filter.down.len() - rate.factor()],
        }
    }

    /// Appends one sample for every [`Rate::factor`] given; what is left over waits for the next
    /// block.
    pub fn process(&mut self, sound: &[f32], own: &mut Vec<f32>) {
        let factor = self.rate.factor();
        self.input.extend_from_slice(sound);
        let mut used = 0;
        // The filter is symmetric: no need to turn it round.
        for window in self.input.windows(self.filter.down.len()).step_by(factor) {
            own.push(dot(window, &self.filter.down));
            used += factor;
        }
        self.input.drain(..used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, rate: f64, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|n| (2.0 * PI * hz * n as f64 / rate).sin() as f32)
            .collect()
    }

    fn level_db(sound: &[f32]) -> f64 {
        let power: f64 = sound.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        10.0 * (2.0 * power / sound.len() as f64).log10()
    }

    #[test]
    fn the_band_of_the_codec_passes_unchanged_both_ways() {
        for (rate, hz) in [Rate::Narrow, Rate::Wide]
            .into_iter()
            .flat_map(|rate| [100.0, 300.0, 1000.0, 2000.0, 3000.0, 3400.0].map(|hz| (rate, hz)))
        {
            let samples = rate.per_ms() * 1_000;
            let hz = hz * rate.per_ms() as f64 / 8.0;
            let (mut high, mut own) = (Vec::new(), Vec::new());
            let input = tone(hz, samples as f64, samples);
            Upsampler::new(rate).process(&input, &mut high);
            assert_eq!(high.len(), 48_000);
            let up = level_db(&high[960..47_040]);
            Downsampler::new(rate).process(&tone(hz, 48_000.0, 48_000), &mut own);
            assert_eq!(own.len(), samples);
            let down = level_db(&own[320..samples - 320]);
            assert!(
                up.abs() < 0.15 && down.abs() < 0.15,
                "{rate:?} {hz} Hz: up {up} dB, down {down} dB"
            );
        }
    }

    #[test]
    fn what_lies_above_is_kept_out() {
        for (rate, hz) in [
            (Rate::Narrow, 4700.0),
            (Rate::Narrow, 6000.0),
            (Rate::Narrow, 15_000.0),
            (Rate::Wide, 9400.0),
            (Rate::Wide, 12_000.0),
            (Rate::Wide, 20_000.0),
        ] {
            let mut own = Vec::new();
            Downsampler::new(rate).process(&tone(hz, 48_000.0, 48_000), &mut own);
            let alias = level_db(&own[320..own.len() - 320]);
            assert!(alias < -48.0, "{hz} Hz comes through at {alias} dB");
        }
    }

    #[test]
    fn there_and_back_takes_twice_the_delay_of_the_filter() {
        for (rate, expected) in [(Rate::Narrow, 110..=125), (Rate::Wide, 52..=62)] {
            let sound = tone(700.0, 48_000.0, 4_800);
            let (mut own, mut back) = (Vec::new(), Vec::new());
            let (mut down, mut up) = (Downsampler::new(rate), Upsampler::new(rate));
            for block in sound.chunks(480) {
                own.clear();
                down.process(block, &mut own);
                up.process(&own, &mut back);
            }
            let error = |delay: usize| -> f32 {
                (960..4_000)
                    .map(|n| (back[n] - sound[n - delay]).abs())
                    .sum::<f32>()
                    / 3_040.0
            };
            let best = (0..200)
                .min_by(|a, b| error(*a).total_cmp(&error(*b)))
                .unwrap_or(0);
            assert!(expected.contains(&best), "{rate:?}: {best} samples");
            assert!(error(best) < 0.01);
        }
    }
}
