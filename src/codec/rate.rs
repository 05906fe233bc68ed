//! 8 kHz and 48 kHz: the one change of sampling rate that G.711 needs.
//!
//! A linear-phase low-pass of 121 taps at 48 kHz, run as six phases. Its group delay is 60
//! samples (1.25 ms), it is flat to 3.4 kHz and at least 50 dB down from 4.6 kHz on.

use std::f64::consts::PI;
use std::sync::OnceLock;

/// 48 kHz samples to one of 8 kHz.
pub const FACTOR: usize = 6;
const TAPS: usize = 121;
const PHASE_TAPS: usize = TAPS.div_ceil(FACTOR);
const CUTOFF: f64 = 4_000.0 / 48_000.0;
const KAISER_BETA: f64 = 4.6;

/// The low-pass, laid out for both directions.
struct Filter {
    /// For each phase the taps that meet the samples from the oldest to the newest.
    up: [[f32; PHASE_TAPS]; FACTOR],
    down: [f32; TAPS],
}

fn filter() -> &'static Filter {
    static FILTER: OnceLock<Filter> = OnceLock::new();
    FILTER.get_or_init(|| {
        let middle = (TAPS - 1) as f64 / 2.0;
        let taps: Vec<f64> = (0..TAPS)
            .map(|n| {
                let x = n as f64 - middle;
                let sinc = if x == 0.0 {
                    2.0 * CUTOFF
                } else {
                    (2.0 * PI * CUTOFF * x).sin() / (PI * x)
                };
                let edge = x / middle;
                sinc * bessel_i0(KAISER_BETA * (1.0 - edge * edge).max(0.0).sqrt())
            })
            .collect();
        let sum: f64 = taps.iter().sum();
        let mut filter = Filter {
            up: [[0.0; PHASE_TAPS]; FACTOR],
            down: [0.0; TAPS],
        };
        for (n, tap) in taps.iter().enumerate() {
            let tap = tap / sum;
            filter.down[n] = tap as f32;
            filter.up[n % FACTOR][PHASE_TAPS - 1 - n / FACTOR] = (tap * FACTOR as f64) as f32;
        }
        filter
    })
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

/// From 8 kHz to 48 kHz.
pub struct Upsampler {
    /// The last samples of the block before, then the block.
    input: Vec<f32>,
}

impl Upsampler {
    /// One that has heard silence so far.
    pub fn new() -> Self {
        Self {
            input: vec![0.0; PHASE_TAPS - 1],
        }
    }

    /// Appends six samples for each one given.
    pub fn process(&mut self, narrow: &[f32], wide: &mut Vec<f32>) {
        let filter = filter();
        self.input.extend_from_slice(narrow);
        wide.reserve(narrow.len() * FACTOR);
        for window in self.input.windows(PHASE_TAPS) {
            wide.extend(filter.up.iter().map(|phase| dot(window, phase)));
        }
        self.input.drain(..narrow.len());
    }
}

/// From 48 kHz to 8 kHz.
pub struct Downsampler {
    input: Vec<f32>,
}

impl Downsampler {
    /// One that has heard silence so far.
    pub fn new() -> Self {
        Self {
            input: vec![0.0; TAPS - FACTOR],
        }
    }

    /// Appends one sample for each six given; what is left over waits for the next block.
    pub fn process(&mut self, wide: &[f32], narrow: &mut Vec<f32>) {
        let filter = filter();
        self.input.extend_from_slice(wide);
        let mut used = 0;
        // The filter is symmetric: no need to turn it round.
        for window in self.input.windows(TAPS).step_by(FACTOR) {
            narrow.push(dot(window, &filter.down));
            used += FACTOR;
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
    fn the_telephone_band_passes_unchanged_both_ways() {
        for hz in [100.0, 300.0, 1000.0, 2000.0, 3000.0, 3400.0] {
            let mut wide = Vec::new();
            Upsampler::new().process(&tone(hz, 8_000.0, 8_000), &mut wide);
            assert_eq!(wide.len(), 48_000);
            let up = level_db(&wide[960..47_040]);
            let mut narrow = Vec::new();
            Downsampler::new().process(&tone(hz, 48_000.0, 48_000), &mut narrow);
            assert_eq!(narrow.len(), 8_000);
            let down = level_db(&narrow[160..7_840]);
            assert!(
                up.abs() < 0.15 && down.abs() < 0.15,
                "{hz} Hz: up {up} dB, down {down} dB"
            );
        }
    }

    #[test]
    fn what_lies_above_is_kept_out() {
        for hz in [4700.0, 6000.0, 9000.0, 15_000.0] {
            let mut narrow = Vec::new();
            Downsampler::new().process(&tone(hz, 48_000.0, 48_000), &mut narrow);
            let alias = level_db(&narrow[160..7_840]);
            assert!(alias < -48.0, "{hz} Hz comes through at {alias} dB");
        }
    }

    #[test]
    fn there_and_back_takes_two_and_a_half_milliseconds() {
        let sound = tone(700.0, 48_000.0, 4_800);
        let (mut narrow, mut wide) = (Vec::new(), Vec::new());
        let (mut down, mut up) = (Downsampler::new(), Upsampler::new());
        for block in sound.chunks(480) {
            narrow.clear();
            down.process(block, &mut narrow);
            up.process(&narrow, &mut wide);
        }
        let error = |delay: usize| -> f32 {
            (960..4_000)
                .map(|n| (wide[n] - sound[n - delay]).abs())
                .sum::<f32>()
                / 3_040.0
        };
        let best = (0..200)
            .min_by(|a, b| error(*a).total_cmp(&error(*b)))
            .unwrap_or(0);
        assert!((110..=125).contains(&best), "{best} samples");
        assert!(error(best) < 0.01);
    }
}
