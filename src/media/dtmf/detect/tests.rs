use proptest::prelude::*;

use super::*;
use crate::media::dtmf::tone::ToneSender;

/// A key as a bad line might bring it.
#[derive(Debug, Clone, Copy)]
struct Press {
    row: usize,
    column: usize,
    /// Level of each tone, dBm0.
    row_level: f32,
    column_level: f32,
    /// Frequencies by this factor.
    row_off: f32,
    column_off: f32,
    milliseconds: f32,
}

fn press(row: usize, column: usize) -> Press {
    Press {
        row,
        column,
        row_level: -10.0,
        column_level: -8.0,
        row_off: 1.0,
        column_off: 1.0,
        milliseconds: 60.0,
    }
}

fn peak(dbm0: f32) -> f32 {
    // A sine of full scale in µ-law.
    10.0f32.powf((dbm0 - 3.17) / 20.0)
}

fn samples(milliseconds: f32) -> usize {
    (milliseconds * 48.0) as usize
}

impl Press {
    fn sound(&self) -> impl Iterator<Item = f32> + use<> {
        let sine = |hertz: f32, level: f32| {
            let (peak, turn) = (peak(level), hertz / 48_000.0);
            move |n: usize| peak * ((turn * n as f32).fract() * TAU).sin()
        };
        let row = sine(ROWS[self.row] * self.row_off, self.row_level);
        let column = sine(COLUMNS[self.column] * self.column_off, self.column_level);
        (0..samples(self.milliseconds)).map(move |n| row(n) + column(n))
    }

    fn key(&self) -> char {
        KEYPAD[self.row][self.column]
    }
}

fn silence(milliseconds: f32) -> impl Iterator<Item = f32> {
    std::iter::repeat_n(0.0, samples(milliseconds))
}

/// White noise of this level, dBm0.
fn noise(level: f32, seed: u64) -> impl Iterator<Item = f32> {
    let mut rng = fastrand::Rng::with_seed(seed);
    // A sine of the same level has this power; a sum of four is nearly Gaussian.
    let scale = peak(level) / 2.0f32.sqrt() * 3.0f32.sqrt();
    std::iter::repeat_with(move || {
        let sum: f32 = (0..4).map(|_| rng.f32() - 0.5).sum();
        scale * sum
    })
}

fn heard(sound: impl IntoIterator<Item = f32>) -> String {
    let sound: Vec<f32> = sound.into_iter().chain(silence(40.0)).collect();
    let mut detector = ToneDetector::new();
    let frames = sound.as_chunks::<FRAME>().0.iter();
    frames.filter_map(|frame| detector.hear(frame)).collect()
}

/// The same wherever in a block it begins.
fn heard_everywhere(sound: impl Iterator<Item = f32> + Clone, expected: &str) {
    for lead in 0..20 {
        let lead = silence(30.0 + lead as f32 / 2.0);
        assert_eq!(heard(lead.chain(sound.clone())), expected);
    }
}

fn everything() -> impl Iterator<Item = (usize, usize)> {
    (0..16).map(|n| (n / 4, n % 4))
}

#[test]
fn every_key_that_we_send_is_heard_once() {
    let keys = "0123456789*#ABCD11#";
    let mut sender = ToneSender::default();
    assert!(keys.chars().all(|key| sender.press(key)));
    let sound: Vec<f32> = std::iter::from_fn(|| sender.fill()).flatten().collect();
    heard_everywhere(sound.iter().copied(), keys);
}

#[test]
fn keys_are_heard_at_30_below_and_at_the_loudest() {
    for (row, column) in everything() {
        for level in [-30.0, -3.0] {
            let press = Press {
                row_level: level,
                column_level: level,
                ..press(row, column)
            };
            let sound: Vec<f32> = press.sound().collect();
            heard_everywhere(sound.iter().copied(), &press.key().to_string());
        }
    }
}

#[test]
fn forty_milliseconds_are_enough_and_twenty_three_are_not() {
    for (row, column) in everything() {
        for (milliseconds, taken) in [(40.0, true), (23.0, false)] {
            let press = Press {
                milliseconds,
                ..press(row, column)
            };
            let expected = match taken {
                true => press.key().to_string(),
                false => String::new(),
            };
            let sound: Vec<f32> = press.sound().collect();
            heard_everywhere(sound.iter().copied(), &expected);
        }
    }
}

#[test]
fn a_pause_of_forty_parts_keys_and_an_interruption_of_ten_does_not() {
    let two = |pause: f32| -> Vec<f32> {
        let key = press(1, 1);
        let gap = silence(pause).collect::<Vec<_>>();
        key.sound().chain(gap).chain(key.sound()).collect()
    };
    heard_everywhere(two(40.0).into_iter(), "55");
    heard_everywhere(two(10.0).into_iter(), "5");
}

#[test]
fn tones_may_be_uneven_as_q24_says_and_not_more() {
    for (row, column) in everything() {
        for (twist, taken) in [(4.0, true), (-8.0, true), (12.0, false), (-15.0, false)] {
            let press = Press {
                row_level: -12.0,
                column_level: -12.0 + twist,
                ..press(row, column)
            };
            let expected = match taken {
                true => press.key().to_string(),
                false => String::new(),
            };
            assert_eq!(heard(press.sound()), expected, "{press:?}");
        }
    }
}

#[test]
fn frequencies_may_be_off_as_q24_says_and_not_more() {
    for (row, column) in everything() {
        for off in [-0.015, 0.015] {
            for (row_off, column_off) in [(off, off), (off, -off), (off, 0.0), (0.0, off)] {
                for twist in [4.0, 0.0, -8.0] {
                    let press = Press {
                        row_level: -12.0,
                        column_level: -12.0 + twist,
                        row_off: 1.0 + row_off,
                        column_off: 1.0 + column_off,
                        ..press(row, column)
                    };
                    assert_eq!(heard(press.sound()), press.key().to_string(), "{press:?}");
                }
            }
        }
        for off in [-0.035, 0.035] {
            for (row_off, column_off) in [(off, 0.0), (0.0, off)] {
                let press = Press {
                    row_off: 1.0 + row_off,
                    column_off: 1.0 + column_off,
                    milliseconds: 100.0,
                    ..press(row, column)
                };
                assert_eq!(heard(press.sound()), "", "{press:?}");
            }
        }
    }
}

#[test]
fn keys_are_heard_through_noise() {
    let mut missed = 0;
    for seed in 0..50 {
        for (row, column) in everything() {
            let key = press(row, column);
            // 12 dB below the key.
            let sound = key.sound().chain(silence(50.0));
            let sound = sound
                .zip(noise(-18.0, seed))
                .map(|(key, noise)| key + noise);
            let heard = heard(sound);
            assert!(heard.is_empty() || heard == key.key().to_string());
            missed += usize::from(heard.is_empty());
        }
    }
    assert!(missed <= 4, "{missed} of 800");
}

#[test]
fn noise_alone_and_single_tones_are_no_keys() {
    for seed in 0..5 {
        assert_eq!(heard(noise(-10.0, seed).take(48_000 * 20)), "");
    }
    for hertz in (100..3_400).step_by(7) {
        let turn = hertz as f32 / 48_000.0;
        let tone = (0..4_800).map(|n| 0.3 * ((turn * n as f32).fract() * TAU).sin());
        assert_eq!(heard(tone), "", "{hertz} Hz");
    }
}

#[test]
fn dial_ringing_and_other_tones_of_networks_are_no_keys() {
    for pair in [
        (350.0, 440.0),
        (440.0, 480.0),
        (480.0, 620.0),
        (697.0, 770.0),
        (1_209.0, 1_336.0),
    ] {
        let sine = |hertz: f32, n: usize| ((hertz / 48_000.0 * n as f32).fract() * TAU).sin();
        let tone = (0..48_000).map(|n| 0.25 * (sine(pair.0, n) + sine(pair.1, n)));
        assert_eq!(heard(tone), "", "{pair:?}");
    }
}

#[test]
fn speech_is_no_key() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/tones/voice.wav");
    let mut reader = hound::WavReader::open(file).unwrap();
    let step = 48_000 / reader.spec().sample_rate as usize;
    let voice: Vec<f32> = reader
        .samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
        .collect();
    // At many pitches: read out at other speeds.
    for speed in 50..200 {
        let at = |n: usize| {
            let place = n as f32 * speed as f32 / 100.0 / step as f32;
            let (whole, part) = (place as usize, place.fract());
            let (a, b) = (voice.get(whole)?, voice.get(whole + 1)?);
            Some(a + (b - a) * part)
        };
        assert_eq!(heard((0..).map_while(at)), "", "at {speed} %");
    }
}

/// A vowel: a pitch that glides, its harmonics through three formants, and some breath.
fn vowel(rng: &mut fastrand::Rng) -> Vec<f32> {
    let pitch = 80.0 + 220.0 * rng.f32();
    let glide = 0.6 * (rng.f32() - 0.5);
    // The two formants lie where keys do.
    let formants = [
        (ROWS[rng.usize(..4)], 80.0, 1.0),
        (COLUMNS[rng.usize(..4)], 100.0, 0.7),
        (2_500.0, 150.0, 0.3),
    ];
    let mut phase = 0.0f32;
    let breath = noise(-35.0, rng.u64(..));
    breath
        .take(24_000)
        .enumerate()
        .map(|(n, breath)| {
            let now = pitch * (1.0 + glide * n as f32 / 24_000.0);
            phase = (phase + now / 48_000.0).fract();
            let harmonics = (1..20).map(|harmonic| {
                let hertz = now * harmonic as f32;
                let gain = formants.map(|(centre, width, level)| {
                    level / (1.0 + (2.0 * (hertz - centre) / width).powi(2)).sqrt()
                });
                gain.iter().sum::<f32>() * ((phase * harmonic as f32).fract() * TAU).sin()
            });
            breath + 0.15 * harmonics.sum::<f32>()
        })
        .collect()
}

#[test]
fn even_vowels_whose_formants_lie_where_keys_do_are_hardly_ever_keys() {
    let mut rng = fastrand::Rng::with_seed(1);
    let false_keys = (0..300).filter(|_| !heard(vowel(&mut rng)).is_empty());
    assert!(false_keys.count() < 10);
}

proptest! {
    #[test]
    fn what_q24_wants_taken_is_taken(
        (row, column) in (0usize..4, 0usize..4),
        level in -28.0f32..-7.0,
        twist in -7.0f32..4.0,
        (row_off, column_off) in (0.985f32..1.015, 0.985f32..1.015),
        milliseconds in 40.0f32..200.0,
        lead in 0.0f32..10.0,
    ) {
        let press = Press {
            row,
            column,
            row_level: level,
            column_level: level + twist,
            row_off,
            column_off,
            milliseconds,
        };
        let sound = silence(lead).chain(press.sound());
        prop_assert_eq!(heard(sound), press.key().to_string());
    }

    #[test]
    fn no_sound_harms(sound in proptest::collection::vec(any::<f32>(), 2_400)) {
        heard(sound);
    }
}
