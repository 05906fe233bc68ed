//! Lets noise go on where a packet is missing. The network of Opus makes voices go on, and lets noise
//! fade within a few milliseconds, which is heard as a dropout.

/// Samples per millisecond.
const MS: usize = 48;
/// What is looked at of the sound before.
const PAST: usize = 20 * MS;
/// Levels are taken over so much.
const STEP: usize = 5 * MS / 2;
/// Sound that repeats itself as much as this is no noise.
const VOICED: f32 = 0.5;
/// Periods of a voice.
const SHORTEST: usize = 5 * MS / 2;
const LONGEST: usize = 25 * MS / 2;
/// The search runs at 8 kHz.
const COARSE: usize = 6;

/// Adds to what was made up from `heard` on what it lacks of the noise before: the same backwards,
/// which sounds alike and begins where the other ended.
pub(super) fn go_on(sound: &mut [f32], heard: usize) {
    let (before, made) = sound.split_at_mut(heard);
    let Some(past) = before.last_chunk::<PAST>() else {
        return;
    };
    let wanted = power(
        past.last_chunk::<{ 4 * STEP }>()
            .unwrap_or(&[0.0; 4 * STEP]),
    );
    if wanted == 0.0 || likeness(past) >= VOICED {
        return;
    }
    let mut part = 0.0;
    let backwards = past.rchunks_exact(STEP);
    for (step, noise) in made.chunks_mut(STEP).zip(backwards) {
        let missing = (1.0 - power(step) / wanted).max(0.0).sqrt();
        let rise = (missing - part) / STEP as f32;
        for (sample, noise) in step.iter_mut().zip(noise.iter().rev()) {
            part += rise;
            *sample += part * noise;
        }
    }
}

fn power(sound: &[f32]) -> f32 {
    sound.iter().map(|x| x * x).sum::<f32>() / sound.len().max(1) as f32
}

/// How much the sound repeats itself after the period by which it does so most, at most 1.
fn likeness(past: &[f32; PAST]) -> f32 {
    // A mean of each few samples keeps what lies above a voice's harmonics out.
    let thin: Vec<f32> = past
        .chunks_exact(COARSE)
        .map(|samples| samples.iter().sum())
        .collect();
    let like = |period: usize| {
        let (mut product, mut one, mut other) = (0.0f32, 0.0f32, 1e-9f32);
        for (x, y) in thin.iter().zip(thin.iter().skip(period)) {
            product += x * y;
            one += x * x;
            other += y * y;
        }
        product / (one * other).sqrt().max(1e-9)
    };
    (SHORTEST / COARSE..=LONGEST / COARSE)
        .map(like)
        .fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::opus::{OpusDecoder, OpusEncoder};
    use crate::codec::{Decoder, Encoder, OpusOptions};

    /// The power of 10 ms that were made up to that of the 10 ms before, in decibels.
    fn made_up(mut sample: impl FnMut(usize) -> f32) -> f32 {
        let mut encoder = OpusEncoder::new(&OpusOptions::default()).expect("an encoder");
        let mut decoder = OpusDecoder::new().expect("a decoder");
        let (mut payload, mut heard) = (Vec::new(), Vec::new());
        for packet in 0..50 {
            let block: Vec<f32> = (packet * 960..(packet + 1) * 960)
                .map(&mut sample)
                .collect();
            encoder.encode(&block, &mut payload).expect("a payload");
            decoder.decode(&payload, &mut heard).expect("sound");
        }
        let end = heard.len();
        decoder.conceal(480, &mut heard);
        10.0 * (power(&heard[end..]) / power(&heard[end - 480..end])).log10()
    }

    #[test]
    fn noise_goes_on_as_loud_as_it_was() {
        let mut random = fastrand::Rng::with_seed(2);
        let mut last = 0.0;
        let level = made_up(|_| {
            last = 0.8 * last + 0.05 * (random.f32() - 0.5);
            last
        });
        assert!((-4.0..3.0).contains(&level), "{level} dB");
    }

    #[test]
    fn a_voice_is_left_to_the_network() {
        let voiced = |n: usize| {
            let t = n as f32 / 48_000.0;
            let tau = std::f32::consts::TAU;
            (1..20)
                .map(|h| (tau * 120.0 * h as f32 * t).sin() / h as f32)
                .sum::<f32>()
                * 0.1
        };
        let past: Vec<f32> = (0..PAST).map(voiced).collect();
        let past: &[f32; PAST] = past.as_slice().try_into().expect("as long");
        assert!(likeness(past) > 0.8, "{}", likeness(past));
        let level = made_up(voiced);
        assert!((-4.0..3.0).contains(&level), "{level} dB");
    }

    #[test]
    fn silence_and_too_little_sound_stay_as_they_are() {
        let mut sound = vec![0.0; 2_000];
        go_on(&mut sound, 1_500);
        assert!(sound.iter().all(|x| *x == 0.0));
        let mut short = vec![0.1; 900];
        go_on(&mut short, 400);
        assert_eq!(short, vec![0.1; 900]);
    }
}
