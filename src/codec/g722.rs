//! G.722 (ITU-T), mode 1: 64 kbit/s, wideband. Sound at 16 kHz is split into two bands of 8 kHz,
//! each coded as the difference from what a predictor expects; an octet holds 6 bits of the lower
//! band and 2 of the higher. Its RTP clock is 8 kHz all the same (RFC 3551 4.5.2).
//!
//! All in integers, so that both sides come to the same predictions. The names of the steps are
//! the blocks of the recommendation's clause 6.

use super::conceal::Concealer;
use super::rate::{Downsampler, Rate, Upsampler};
use super::{CodecError, CodecId, Decoder, Encoder};

/// Samples at 48 kHz to one octet.
const OCTET: usize = 6;
/// The longest payload taken: 200 ms.
const MAX_PAYLOAD: usize = 1_600;
/// The delay from the encoder's input to the decoder's output, samples at 16 kHz.
const DELAY: usize = 22;

/// Taps of the quadrature mirror filters, the even ones; the odd ones are the same backwards
/// (table 11).
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// Decision levels of the lower band's quantizer (table 14).
const DECISIONS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
    1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
/// Output levels of the lower band's decoder at 6 bits, by magnitude from the largest (table 17).
const LEVELS_6: [i32; 30] = [
    24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576,
    6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
];
/// The same at 4 bits, with which both sides predict; by code (table 16).
const LEVELS_4: [i32; 16] = [
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
    1200, 0,
];
/// Output levels of the higher band, by code (table 21).
const LEVELS_2: [i32; 4] = [-7408, -1616, 7408, 1616];
/// How the scale of the lower band grows with a code of 4 bits (tables 18 and 19).
const GROWTH_4: [i32; 16] = [
    -60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60,
];
/// How the scale of the higher band grows with a code (tables 22 and 23).
const GROWTH_2: [i32; 4] = [798, -214, 798, -214];
/// Above this part of the scale the higher band takes the outer level (table 20).
const DECISION_2: i32 = 564;
/// Powers of two in steps of a 32nd, times 2048 (table 15).
const POWERS: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
/// The largest logarithmic scales.
const MAX_SCALE_LOW: i32 = 18_432;
const MAX_SCALE_HIGH: i32 = 22_528;

fn saturate(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

/// The predictor and the scale of one band.
#[derive(Clone)]
struct Band {
    /// What is expected: by the poles and zeros, and by the zeros alone.
    expected: i32,
    by_zeros: i32,
    /// Coefficients of the poles and zeros.
    poles: [i32; 2],
    zeros: [i32; 6],
    /// The last differences, reconstructed samples, and partly reconstructed samples.
    differences: [i32; 6],
    reconstructed: [i32; 2],
    partial: [i32; 2],
    /// The logarithm of the scale, and the scale.
    log_scale: i32,
    scale: i32,
}

impl Band {
    fn new(scale: i32) -> Self {
        Self {
            expected: 0,
            by_zeros: 0,
            poles: [0; 2],
            zeros: [0; 6],
            differences: [0; 6],
            reconstructed: [0; 2],
            partial: [0; 2],
            log_scale: 0,
            scale,
        }
    }

    /// INVQAL, INVQAH: a level at the present scale.
    fn scaled(&self, level: i32) -> i32 {
        (self.scale * level) >> 15
    }

    /// LOGSCL, SCALEL; LOGSCH, SCALEH: the scale follows the codes. `shift` is 8 in the lower
    /// band, 10 in the higher.
    fn rescale(&mut self, growth: i32, max: i32, shift: i32) {
        self.log_scale = (((self.log_scale * 127) >> 7) + growth).clamp(0, max);
        let index = (self.log_scale >> 6 & 31) as usize;
        let power = POWERS.get(index).copied().unwrap_or_default();
        let down = shift - (self.log_scale >> 11);
        self.scale = match down < 0 {
            true => power << -down,
            false => power >> down,
        } << 2;
    }

    /// RECONS to PREDIC: takes the next difference into the prediction.
    fn adapt(&mut self, difference: i32) {
        let reconstructed = saturate(self.expected + difference);
        let partial = saturate(self.by_zeros + difference);
        let [before, before_that] = self.partial;
        let same = |a: i32, b: i32| (a < 0) == (b < 0);

        // UPPOL2
        let quarter = saturate(self.poles[0] << 2);
        let lean = match same(partial, before) {
            true => (-quarter).min(32_767),
            false => quarter,
        };
        let nudge = match same(partial, before_that) {
            true => 128,
            false => -128,
        };
        let second =
            ((lean >> 7) + nudge + ((self.poles[1] * 32_512) >> 15)).clamp(-12_288, 12_288);
        // UPPOL1
        let nudge = match same(partial, before) {
            true => 192,
            false => -192,
        };
        let bound = 15_360 - second;
        let first = saturate(((self.poles[0] * 32_640) >> 15) + nudge).clamp(-bound, bound);
        self.poles = [first, second];

        // UPZERO
        let nudge = match difference {
            0 => 0,
            _ => 128,
        };
        for (zero, past) in self.zeros.iter_mut().zip(&self.differences) {
            let nudge = match same(difference, *past) {
                true => nudge,
                false => -nudge,
            };
            *zero = saturate(((*zero * 32_640) >> 15) + nudge);
        }

        // DELAYA
        self.differences.rotate_right(1);
        self.differences[0] = difference;
        self.reconstructed = [reconstructed, self.reconstructed[0]];
        self.partial = [partial, before];

        // FILTEP, FILTEZ, PREDIC
        let term = |coefficient: &i32, sample: &i32| (coefficient * saturate(2 * sample)) >> 15;
        let poles = self.poles.iter().zip(&self.reconstructed);
        let by_poles = saturate(poles.map(|(a, r)| term(a, r)).sum());
        let zeros = self.zeros.iter().zip(&self.differences).rev();
        self.by_zeros = zeros.fold(0, |sum, (b, d)| saturate(sum + term(b, d)));
        self.expected = saturate(by_poles + self.by_zeros);
    }
}

/// Both bands; encoder and decoder run the same.
#[derive(Clone)]
struct Bands {
    low: Band,
    high: Band,
}

impl Bands {
    fn new() -> Self {
        Self {
            low: Band::new(32),
            high: Band::new(8),
        }
    }

    /// The octet for a sample of each band.
    fn encode(&mut self, low: i32, high: i32) -> u8 {
        // QUANTL
        let error = saturate(low - self.low.expected);
        let magnitude = if error < 0 { !error } else { error };
        let step = DECISIONS
            .iter()
            .position(|decision| magnitude < (decision * self.low.scale) >> 12)
            .unwrap_or(DECISIONS.len());
        // The two smallest negative steps stand apart from the others (table 13).
        let code_low = match (error < 0, step) {
            (true, 0 | 1) => 63 - step as u8,
            (true, _) => 33 - step as u8,
            (false, _) => 61 - step as u8,
        };
        // QUANTH
        let error = saturate(high - self.high.expected);
        let magnitude = if error < 0 { !error } else { error };
        let outer = magnitude >= (DECISION_2 * self.high.scale) >> 12;
        let code_high = match (error < 0, outer) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        let octet = code_high << 6 | code_low;
        self.adapt(octet);
        octet
    }

    /// A sample of each band for an octet.
    fn decode(&mut self, octet: u8) -> (i32, i32) {
        let code = usize::from(octet & 63);
        let level = |magnitude: usize| LEVELS_6.get(magnitude).copied().unwrap_or_default();
        let level = match code {
            // What no encoder sends.
            0..=3 => -level(29),
            4..=31 => -level(code - 4),
            32..=61 => level(code - 32),
            62 => -level(28),
            _ => -level(29),
        };
        let low = (self.low.expected + self.low.scaled(level)).clamp(-16_384, 16_383);
        let level = LEVELS_2.get(usize::from(octet >> 6)).copied();
        let high = self.high.expected + self.high.scaled(level.unwrap_or_default());
        self.adapt(octet);
        (low, high.clamp(-16_384, 16_383))
    }

    fn adapt(&mut self, octet: u8) {
        let (low, high) = (usize::from(octet >> 2 & 15), usize::from(octet >> 6));
        let of = |table: &[i32], code: usize| table.get(code).copied().unwrap_or_default();
        let difference = self.low.scaled(of(&LEVELS_4, low));
        self.low.rescale(of(&GROWTH_4, low), MAX_SCALE_LOW, 8);
        self.low.adapt(difference);
        let difference = self.high.scaled(of(&LEVELS_2, high));
        self.high.rescale(of(&GROWTH_2, high), MAX_SCALE_HIGH, 10);
        self.high.adapt(difference);
    }
}

/// The memory of a quadrature mirror filter.
#[derive(Clone)]
struct Mirror {
    memory: [i32; 24],
}

impl Mirror {
    fn new() -> Self {
        Self { memory: [0; 24] }
    }

    /// The sums over the even and the odd taps, after two samples more.
    fn turn(&mut self, first: i32, second: i32) -> (i32, i32) {
        self.memory.copy_within(2.., 0);
        self.memory[22] = first;
        self.memory[23] = second;
        let pairs = self.memory.as_chunks::<2>().0;
        let even = pairs.iter().zip(&QMF).map(|([x, _], tap)| x * tap).sum();
        let odd = pairs.iter().zip(QMF.iter().rev());
        (even, odd.map(|([_, x], tap)| x * tap).sum())
    }

    /// Two samples at 16 kHz to one of each band.
    fn split(&mut self, first: i32, second: i32) -> (i32, i32) {
        let (even, odd) = self.turn(first, second);
        ((odd + even) >> 14, (odd - even) >> 14)
    }

    /// One sample of each band to two at 16 kHz.
    fn join(&mut self, low: i32, high: i32) -> [i32; 2] {
        let (even, odd) = self.turn(low + high, low - high);
        [saturate(odd >> 11), saturate(even >> 11)]
    }
}

fn to_integer(sample: f32) -> i32 {
    // A cast saturates.
    i32::from((sample * 32_768.0).round() as i16)
}

/// The encoder.
pub struct G722Encoder {
    down: Downsampler,
    mirror: Mirror,
    bands: Bands,
    wide: Vec<f32>,
}

impl G722Encoder {
    /// An encoder for mode 1.
    pub fn new() -> Self {
        Self {
            down: Downsampler::new(Rate::Wide),
            mirror: Mirror::new(),
            bands: Bands::new(),
            wide: Vec::new(),
        }
    }
}

impl Encoder for G722Encoder {
    fn encode(&mut self, sound: &[f32], payload: &mut Vec<u8>) -> Result<(), CodecError> {
        self.wide.clear();
        self.down.process(sound, &mut self.wide);
        payload.clear();
        for [first, second] in self.wide.as_chunks::<2>().0 {
            let (low, high) = self.mirror.split(to_integer(*first), to_integer(*second));
            payload.push(self.bands.encode(low, high));
        }
        Ok(())
    }

    fn expect_loss(&mut self, _percent: u8) {}
}

/// The decoder.
pub struct G722Decoder {
    up: Upsampler,
    mirror: Mirror,
    bands: Bands,
    /// Follows what is made up, as the far side's encoder followed what was lost.
    follower: Option<Mirror>,
    concealer: Concealer,
    wide: Vec<f32>,
}

impl G722Decoder {
    /// A decoder for mode 1.
    pub fn new() -> Self {
        Self {
            up: Upsampler::new(Rate::Wide),
            mirror: Mirror::new(),
            bands: Bands::new(),
            follower: None,
            concealer: Concealer::new(Rate::Wide),
            wide: Vec::new(),
        }
    }

    /// Decodes to 16 kHz.
    fn play(&mut self, payload: &[u8], wide: &mut Vec<f32>) {
        for octet in payload {
            let (low, high) = self.bands.decode(*octet);
            let pair = self.mirror.join(low, high);
            wide.extend(pair.map(|sample| sample as f32 / 32_768.0));
        }
    }

    /// Encodes what was made up, so that the bands are near where the far side's are. The encoder
    /// was ahead of what is heard by the delay of both filters: `wide` goes on for so long.
    fn follow(&mut self, made: usize) {
        self.wide.resize(made + DELAY, 0.0);
        let follower = self.follower.get_or_insert_with(|| {
            let mut follower = Mirror::new();
            let begun = self.wide.get(..DELAY).unwrap_or_default();
            for [first, second] in begun.as_chunks::<2>().0 {
                follower.turn(to_integer(*first), to_integer(*second));
            }
            follower
        });
        let ahead = self.wide.get(DELAY..DELAY + made).unwrap_or_default();
        for [first, second] in ahead.as_chunks::<2>().0 {
            let (low, high) = follower.split(to_integer(*first), to_integer(*second));
            self.bands.encode(low, high);
            self.mirror.join(low, high);
        }
        self.wide.truncate(made);
    }
}

impl Decoder for G722Decoder {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<f32>) -> Result<(), CodecError> {
        if self.duration(payload).is_none() {
            return Err(CodecError::Decode {
                codec: CodecId::G722,
                reason: format!("{} octets", payload.len()),
            });
        }
        self.follower = None;
        let mut wide = std::mem::take(&mut self.wide);
        wide.clear();
        self.play(payload, &mut wide);
        self.concealer.join(&mut wide);
        self.up.process(&wide, sound);
        self.wide = wide;
        Ok(())
    }

    fn conceal(&mut self, samples: usize, sound: &mut Vec<f32>) {
        let end = sound.len() + samples;
        // Both bands have a sample for two of these.
        let made = samples.div_ceil(OCTET) * 2;
        self.wide.clear();
        self.concealer.extend(made, &mut self.wide);
        self.concealer.peek(DELAY, &mut self.wide);
        self.follow(made);
        self.up.process(&self.wide, sound);
        sound.truncate(end);
    }

    /// The sound before and after a gap is known: it is led from one to the other. How `next`
    /// sounds depends on what was lost, so that is made up once to find out.
    fn recover(&mut self, next: &[u8], samples: usize, sound: &mut Vec<f32>) {
        let end = sound.len() + samples;
        let made = samples.div_ceil(OCTET) * 2;
        let before = (
            self.bands.clone(),
            self.mirror.clone(),
            self.follower.clone(),
        );
        self.wide.clear();
        self.concealer.begin();
        self.concealer.peek(made + DELAY, &mut self.wide);
        self.follow(made);
        let mut next_sound = Vec::with_capacity(2 * next.len());
        self.play(next, &mut next_sound);
        (self.bands, self.mirror, self.follower) = before;
        self.wide.clear();
        self.concealer.bridge(made, &next_sound, &mut self.wide);
        self.wide.extend(next_sound.iter().take(DELAY));
        self.follow(made);
        self.up.process(&self.wide, sound);
        sound.truncate(end);
    }

    fn duration(&self, payload: &[u8]) -> Option<usize> {
        (1..=MAX_PAYLOAD)
            .contains(&payload.len())
            .then(|| payload.len() * OCTET)
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(sound: &[f32], lost: impl Fn(usize) -> bool) -> Vec<f32> {
        let (mut encoder, mut decoder) = (G722Encoder::new(), G722Decoder::new());
        let (mut payload, mut heard) = (Vec::new(), Vec::new());
        for (n, block) in sound.chunks(960).enumerate() {
            encoder.encode(block, &mut payload).expect("a payload");
            assert_eq!(payload.len(), 160);
            if lost(n) {
                decoder.conceal(960, &mut heard);
            } else {
                decoder.decode(&payload, &mut heard).expect("sound");
            }
        }
        assert_eq!(heard.len(), sound.len());
        heard
    }

    /// Of `heard` against `sound`, decibels, at the delay that fits best.
    fn signal_to_noise(sound: &[f32], heard: &[f32], range: std::ops::Range<usize>) -> f32 {
        let noise = |delay: usize| -> f32 {
            let errors = range.clone().map(|n| heard[n] - sound[n - delay]);
            errors.map(|error| error * error).sum()
        };
        let least = (100..160).map(noise).fold(f32::MAX, f32::min);
        let signal: f32 = sound[range.clone()].iter().map(|x| x * x).sum();
        10.0 * (signal / least).log10()
    }

    fn tone(hz: f32, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|n| 0.4 * (std::f32::consts::TAU * hz * n as f32 / 48_000.0).sin())
            .collect()
    }

    /// The octets and the sound of ffmpeg 5.1 for the same 16,000 samples as `in.raw`:
    /// `ffmpeg -f s16le -ar 16000 -ac 1 -i in.raw -f g722 out.g722`, and back with
    /// `ffmpeg -f g722 -i out.g722 -f s16le back.raw`; FNV-1a of each file.
    #[test]
    fn octets_and_sound_are_those_of_another_implementation() {
        let mut state = 1u32;
        let samples = (0..16_000i32).map(|n| {
            state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345) & 0x7fff_ffff;
            let noise = (state >> 15) as i32 - 32_768;
            let saw = n * (37 + n / 400) % 65_536 - 32_768;
            (((noise + 3 * saw) >> 2) * (n / 500 % 8 + 1)) >> 3
        });
        let samples: Vec<i32> = samples.collect();
        let hash = |hash: u64, octet: u8| (hash ^ u64::from(octet)).wrapping_mul(0x100_0000_01b3);
        let (mut octets, mut sound) = (0xcbf2_9ce4_8422_2325, 0xcbf2_9ce4_8422_2325);
        let (mut out, mut back) = (Mirror::new(), Mirror::new());
        let (mut encoder, mut decoder) = (Bands::new(), Bands::new());
        for pair in samples.chunks(2) {
            let (low, high) = out.split(pair[0], pair[1]);
            let octet = encoder.encode(low, high);
            octets = hash(octets, octet);
            let (low, high) = decoder.decode(octet);
            for sample in back.join(low, high) {
                sound = (sample as i16).to_le_bytes().into_iter().fold(sound, hash);
            }
        }
        assert_eq!(octets, 0x9f5b_233b_4725_0277);
        assert_eq!(sound, 0x08b4_9278_a114_65e2);
    }

    #[test]
    fn both_bands_come_back_clean() {
        for (hz, least) in [
            (100.0, 25.0),
            (440.0, 25.0),
            (1_500.0, 25.0),
            (3_000.0, 25.0),
        ] {
            let sound = tone(hz, 48_000);
            let clean = signal_to_noise(&sound, &there_and_back(&sound, |_| false), 9_600..43_200);
            assert!(clean > least, "{hz} Hz: {clean} dB");
        }
        for hz in [4_700.0, 5_500.0, 6_500.0] {
            let sound = tone(hz, 48_000);
            let clean = signal_to_noise(&sound, &there_and_back(&sound, |_| false), 9_600..43_200);
            assert!(clean > 10.0, "{hz} Hz: {clean} dB");
        }
    }

    #[test]
    fn the_filters_alone_give_back_what_they_took() {
        let (mut split, mut join) = (Mirror::new(), Mirror::new());
        let mut rng = fastrand::Rng::with_seed(1);
        let sound: Vec<i32> = (0..2_000).map(|_| rng.i32(-16_000..16_000)).collect();
        let mut heard = Vec::new();
        for pair in sound.chunks(2) {
            let (low, high) = split.split(pair[0], pair[1]);
            heard.extend(join.join(low, high));
        }
        let error: i64 = (100..2_000)
            .map(|n| i64::from(heard[n] - sound[n - DELAY]).pow(2))
            .sum();
        let power: i64 = sound[100..].iter().map(|x| i64::from(*x).pow(2)).sum();
        assert!(error * 10_000 < power, "{error} of {power}");
    }

    #[test]
    fn after_a_loss_the_sound_is_soon_what_it_would_have_been() {
        let sound: Vec<f32> = (0..96_000)
            .map(|n| {
                let t = n as f32 / 48_000.0;
                let harmonic =
                    |h: i32| (std::f32::consts::TAU * 150.0 * h as f32 * t).sin() / (1 + h) as f32;
                0.15 * (1..30).map(harmonic).sum::<f32>()
            })
            .collect();
        let heard = there_and_back(&sound, |n| n % 20 == 15);
        let loudest = |sound: &[f32]| sound.iter().fold(0.0f32, |a, b| a.max(b.abs()));
        let (said, hears) = (loudest(&sound), loudest(&heard));
        assert!(hears < said * 1.3, "{hears} of {said}");
        // From 20 ms after one loss to the next.
        let range = 37 * 960..54 * 960;
        let after_loss = signal_to_noise(&sound, &heard, range.clone());
        let clean = signal_to_noise(&sound, &there_and_back(&sound, |_| false), range);
        assert!(after_loss > clean - 1.0, "{after_loss} dB of {clean}");
    }

    #[test]
    fn an_empty_or_huge_payload_is_refused() {
        let mut decoder = G722Decoder::new();
        let mut sound = Vec::new();
        assert!(decoder.decode(&[], &mut sound).is_err());
        assert!(decoder.decode(&[0; 1_601], &mut sound).is_err());
        decoder.recover(&[1], 100, &mut sound);
        assert_eq!(sound.len(), 100);
    }

    #[test]
    fn no_octets_lead_out_of_bounds() {
        let mut rng = fastrand::Rng::with_seed(3);
        let mut decoder = G722Decoder::new();
        let mut sound = Vec::new();
        for _ in 0..500 {
            let payload: Vec<u8> = match rng.bool() {
                true => (0..160).map(|_| rng.u8(..)).collect(),
                false => vec![rng.u8(..); 160],
            };
            sound.clear();
            decoder.decode(&payload, &mut sound).expect("sound");
            assert!(sound.iter().all(|sample| sample.abs() < 2.0));
        }
    }
}
