//! Keys as tones in the sound: the frequencies of ITU-T Q.23, and their sender.

use std::collections::VecDeque;
use std::f32::consts::TAU;

use crate::codec::SAMPLE_RATE;
use crate::media::FRAME;

/// The rows of the keypad, Hz (Q.23).
pub(super) const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
/// Its columns, Hz.
pub(super) const COLUMNS: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
/// The key in each row and column.
pub(super) const KEYPAD: [[char; 4]; 4] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];

/// The peak of a row's tone: -9 dBm0, where a sine of full scale has +3.14 (G.711). ETSI ES 201
/// 235-2 wants the column's 2 dB above it.
const ROW_PEAK: f32 = 0.247;
/// The peak of a column's tone: -7 dBm0.
const COLUMN_PEAK: f32 = 0.311;
/// Samples of a tone: 100 ms. Receivers need 40 (Q.24), automatic senders give 65 and more.
const TONE: usize = 4_800;
/// Samples of the pause after it: 80 ms, as much is wanted.
const PAUSE: usize = 3_840;
/// Samples of its beginning and end: 2 ms, so that it doesn't click.
const EDGE: usize = 96;
/// Keys that can wait.
const MAX_WAITING: usize = 64;

/// Where a key stands on the keypad: row and column.
fn place_of(key: char) -> Option<(usize, usize)> {
    let key = key.to_ascii_uppercase();
    KEYPAD.iter().enumerate().find_map(|(row, keys)| {
        let column = keys.iter().position(|known| *known == key)?;
        Some((row, column))
    })
}

struct Running {
    /// Parts of a full turn for each sample.
    row: f32,
    column: f32,
    at: usize,
}

/// Puts the keys that were pressed in place of the sound, in their order.
#[derive(Default)]
pub struct ToneSender {
    waiting: VecDeque<(usize, usize)>,
    running: Option<Running>,
}

impl ToneSender {
    /// Queues a key; tells whether it is one and found a place.
    pub fn press(&mut self, key: char) -> bool {
        match place_of(key) {
            Some(place) if self.waiting.len() < MAX_WAITING => {
                self.waiting.push_back(place);
                true
            }
            _ => false,
        }
    }

    /// Forgets what sounds and waits.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The next 10 ms in place of the microphone; `None` when there is no key.
    pub fn fill(&mut self) -> Option<[f32; FRAME]> {
        if self.running.is_none() {
            let (row, column) = self.waiting.pop_front()?;
            let turn = |hertz: Option<&f32>| hertz.map(|hertz| hertz / SAMPLE_RATE as f32);
            self.running = Some(Running {
                row: turn(ROWS.get(row))?,
                column: turn(COLUMNS.get(column))?,
                at: 0,
            });
        }
        let running = self.running.as_mut()?;
        let mut frame = [0.0; FRAME];
        for sample in &mut frame {
            *sample = running.sample();
        }
        if running.at >= TONE + PAUSE {
            self.running = None;
        }
        Some(frame)
    }
}

impl Running {
    fn sample(&mut self) -> f32 {
        let at = self.at;
        self.at += 1;
        let sine = |turn: f32| ((turn * at as f32).fract() * TAU).sin();
        let edge = at.min(TONE.saturating_sub(at)).min(EDGE) as f32 / EDGE as f32;
        edge * (ROW_PEAK * sine(self.row) + COLUMN_PEAK * sine(self.column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::dtmf::key_of;

    /// Everything a sender gives for these keys.
    fn sound(keys: &str) -> Vec<f32> {
        let mut sender = ToneSender::default();
        assert!(keys.chars().all(|key| sender.press(key)));
        std::iter::from_fn(|| sender.fill()).flatten().collect()
    }

    /// The peak of a sine of this frequency in the sound.
    fn peak_at(sound: &[f32], hertz: f32) -> f32 {
        let (mut real, mut imaginary) = (0.0f64, 0.0f64);
        for (n, sample) in sound.iter().enumerate() {
            let angle = std::f64::consts::TAU * f64::from(hertz) * n as f64 / 48_000.0;
            real += f64::from(*sample) * angle.cos();
            imaginary += f64::from(*sample) * angle.sin();
        }
        (2.0 * real.hypot(imaginary) / sound.len() as f64) as f32
    }

    fn decibels(ratio: f32) -> f32 {
        20.0 * ratio.log10()
    }

    #[test]
    fn every_key_has_its_place() {
        for code in 0..16 {
            let key = key_of(code).unwrap();
            let (row, column) = place_of(key).unwrap();
            assert_eq!(KEYPAD[row][column], key);
        }
        assert_eq!(place_of('d'), Some((3, 3)));
        assert_eq!(place_of('x'), None);
    }

    #[test]
    fn a_key_is_two_tones_of_the_right_level_and_nothing_else() {
        for (row, keys) in KEYPAD.iter().enumerate() {
            for (column, key) in keys.iter().enumerate() {
                let sound = sound(&key.to_string());
                // Between the edges.
                let tone = &sound[480..4_320];
                let low = peak_at(tone, ROWS[row]);
                let high = peak_at(tone, COLUMNS[column]);
                assert!(decibels(low / ROW_PEAK).abs() < 0.3, "{key}: {low}");
                assert!(decibels(high / COLUMN_PEAK).abs() < 0.3, "{key}: {high}");
                let power: f32 = tone.iter().map(|x| x * x).sum::<f32>() / tone.len() as f32;
                let wanted = (ROW_PEAK.powi(2) + COLUMN_PEAK.powi(2)) / 2.0;
                assert!((power / wanted - 1.0).abs() < 0.02, "{key}: {power}");
            }
        }
    }

    #[test]
    fn tones_and_pauses_are_long_enough_for_every_receiver() {
        let sound = sound("55");
        assert_eq!(sound.len(), 2 * (TONE + PAUSE));
        let quiet = |part: &[f32]| part.iter().all(|sample| *sample == 0.0);
        for key in sound.chunks(TONE + PAUSE) {
            let (tone, pause) = key.split_at(TONE);
            assert!(tone.chunks(240).all(|part| !quiet(part)));
            assert!(quiet(pause));
        }
        // 65 ms is the least of both (ETSI ES 201 235-2).
        assert!(TONE.min(PAUSE) >= 65 * 48);
    }

    #[test]
    fn nothing_clicks_or_clips() {
        let sound = sound("1D");
        let step = sound
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max);
        assert!(step < 0.11, "a step of {step}");
        assert!(sound.iter().all(|sample| sample.abs() < 0.6));
    }

    #[test]
    fn what_is_no_key_makes_no_sound_and_the_queue_is_bounded() {
        let mut sender = ToneSender::default();
        assert!(!sender.press('x'));
        assert!(sender.fill().is_none());
        assert_eq!((0..100).filter(|_| sender.press('1')).count(), MAX_WAITING);
        sender.clear();
        assert!(sender.fill().is_none());
    }
}
