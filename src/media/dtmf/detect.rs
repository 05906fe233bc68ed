//! Keys heard as tones in the sound (ITU-T Q.23), by what Q.24 asks of a receiver.
//!
//! Every 5 ms the last 20 are looked at by Goertzel's algorithm at the eight frequencies. A key
//! is believed when for 40 ms nearly all energy lies in one row and one column, both are there
//! in a fair proportion and steady, and both have their frequency within 2.2 %: how the phase of
//! a tone goes on tells that more finely than its level. Speech hardly ever does all of it.

use std::f32::consts::{PI, TAU};

use super::tone::{COLUMNS, KEYPAD, ROWS};
use crate::media::FRAME;

/// All eight frequencies, Hz.
const TONES: [f32; 8] = [
    ROWS[0], ROWS[1], ROWS[2], ROWS[3], COLUMNS[0], COLUMNS[1], COLUMNS[2], COLUMNS[3],
];
/// Samples at 48 kHz that are taken together: the tones are looked for at 8 kHz.
const FACTOR: usize = 6;
const RATE: f32 = 8_000.0;
/// Samples at 8 kHz that are looked at, and how many are new each time.
const WINDOW: usize = 160;
const STEP: usize = 40;

/// The least mean square of one tone: -36 dBm0.
const QUIETEST: f32 = 6.1e-5;
/// The part of the energy below 4 kHz that the two tones have to have …
const SHARE: f32 = 0.85;
/// … and what of it lets a key that is known go on: concealment bends it.
const SHARE_GOES_ON: f32 = 0.5;
/// The part of all energy that has to lie below 4 kHz.
const LOW_SHARE: f32 = 0.7;
/// The column may be stronger than the row by this factor of power: 6 dB …
const TWIST: f32 = 4.0;
/// … or weaker by this: 10 dB. Lines weaken high tones.
const REVERSE_TWIST: f32 = 10.0;
/// How far from its frequency a tone may be; Q.24: 1.5 % has to be taken, 3.5 % must not.
const OFF: f32 = 0.022;
/// The factor of power by which a tone may change in 5 ms: 3 dB.
const STEADY: f32 = 2.0;
/// A key is believed after so many looks like the one before.
const BELIEVED: u8 = 4;
/// A key is over after so many looks without it: an interruption of 10 ms is none (Q.24).
const OVER: u8 = 5;

/// The strongest row and the strongest column of a look.
#[derive(Clone, Copy)]
struct Look {
    tones: [Tone; 2],
    /// The part of the energy they have.
    share: f32,
    /// Whether there is much above 4 kHz.
    hisses: bool,
}

#[derive(Clone, Copy, Default)]
struct Tone {
    /// Which row or column.
    number: usize,
    /// Mean square.
    power: f32,
    /// The tone at the end of the window, as a complex number.
    real: f32,
    imaginary: f32,
}

/// Hears the keys of one stream.
pub struct ToneDetector {
    /// The last 20 ms at 8 kHz.
    sound: [f32; WINDOW],
    /// The energy of each 5 ms of them at 48 kHz.
    energies: [f32; WINDOW / STEP],
    shape: [f32; WINDOW],
    last: Option<Look>,
    /// Looks in a row that are like the one before.
    alike: u8,
    /// The key that sounds, and for how many looks it has not.
    sounding: Option<(char, u8)>,
}

impl ToneDetector {
    /// One that has heard silence so far.
    pub fn new() -> Self {
        Self {
            sound: [0.0; WINDOW],
            energies: [0.0; WINDOW / STEP],
            // Hann's window: a tone is not seen where the other one is.
            shape: std::array::from_fn(|n| (PI * (n as f32 + 0.5) / WINDOW as f32).sin().powi(2)),
            last: None,
            alike: 0,
            sounding: None,
        }
    }

    /// Takes the next 10 ms; gives a key once, when it is believed.
    pub fn hear(&mut self, frame: &[f32; FRAME]) -> Option<char> {
        let mut key = None;
        for part in frame.as_chunks::<{ STEP * FACTOR }>().0 {
            key = self.step(part).or(key);
        }
        key
    }

    fn step(&mut self, part: &[f32; STEP * FACTOR]) -> Option<char> {
        self.sound.rotate_left(STEP);
        let new = self.sound.iter_mut().skip(WINDOW - STEP);
        for (sample, six) in new.zip(part.as_chunks::<FACTOR>().0) {
            *sample = six.iter().sum::<f32>() / FACTOR as f32;
        }
        self.energies.rotate_left(1);
        if let Some(energy) = self.energies.last_mut() {
            *energy = part.iter().map(|sample| sample * sample).sum();
        }
        let look = self.look();
        let last = std::mem::replace(&mut self.last, look);
        self.alike = match (last, look) {
            (Some(last), Some(look)) if look.follows(&last) => self.alike.saturating_add(1),
            _ => 0,
        };
        let key = look.and_then(|look| look.key());
        if let Some((sounding, without)) = &mut self.sounding {
            let goes_on = look.is_some_and(|look| look.share >= SHARE_GOES_ON);
            let goes_on = goes_on && key == Some(*sounding);
            *without = if goes_on { 0 } else { *without + 1 };
            if *without >= OVER {
                self.sounding = None;
            }
        }
        let key = key.filter(|_| self.alike >= BELIEVED)?;
        if self.sounding.is_some_and(|(sounding, _)| sounding == key) {
            return None;
        }
        self.sounding = Some((key, 0));
        Some(key)
    }

    /// What there is in the last 20 ms; `None` if it is too quiet for a key, or no sound at all.
    fn look(&self) -> Option<Look> {
        let mut shaped = self.sound;
        let mut plain = 0.0;
        for (sample, shape) in shaped.iter_mut().zip(&self.shape) {
            plain += *sample * *sample;
            *sample *= shape;
        }
        let energy: f32 = shaped.iter().map(|sample| sample * sample).sum();
        // Of a tone that is there all the time 3/8 go through the window.
        if !energy.is_finite() || energy < QUIETEST * WINDOW as f32 * 3.0 / 8.0 {
            return None;
        }
        let tones = goertzel(&shaped);
        let (rows, columns) = tones.split_at(ROWS.len());
        let tones = [strongest(rows), strongest(columns)];
        let power: f32 = tones.iter().map(|tone| tone.power).sum();
        let all: f32 = self.energies.iter().sum();
        Some(Look {
            tones,
            share: power * WINDOW as f32 * 3.0 / 8.0 / energy,
            hisses: plain * (FACTOR as f32) < LOW_SHARE * all,
        })
    }
}

impl Look {
    fn key(&self) -> Option<char> {
        let [row, column] = self.tones;
        KEYPAD.get(row.number)?.get(column.number).copied()
    }

    /// Whether this can be a part of a key.
    fn is_key(&self) -> bool {
        let [row, column] = self.tones;
        self.share >= SHARE
            && !self.hisses
            && row.power.min(column.power) >= QUIETEST
            && column.power <= row.power * TWIST
            && row.power <= column.power * REVERSE_TWIST
    }

    /// Whether a key goes on since the look before.
    fn follows(&self, last: &Self) -> bool {
        let groups = [&ROWS, &COLUMNS].into_iter();
        let mut pairs = groups.zip(self.tones.iter().zip(&last.tones));
        let goes_on = |(group, (tone, last)): (&[f32; 4], (&Tone, &Tone))| {
            let hertz = group.get(tone.number).copied().unwrap_or_default();
            tone.number == last.number
                && tone.power <= last.power * STEADY
                && last.power <= tone.power * STEADY
                && tone.off_by(last, hertz).abs() <= hertz * OFF
        };
        self.is_key() && last.is_key() && pairs.all(goes_on)
    }
}

impl Tone {
    /// How far the tone is from `hertz`, by how much its phase went on since the last look, Hz;
    /// known up to a multiple of 200.
    fn off_by(&self, last: &Self, hertz: f32) -> f32 {
        let real = self.real * last.real + self.imaginary * last.imaginary;
        let imaginary = self.imaginary * last.real - self.real * last.imaginary;
        let turns = imaginary.atan2(real) / TAU - hertz * STEP as f32 / RATE;
        (turns - turns.round()) * RATE / STEP as f32
    }
}

fn strongest(tones: &[Tone]) -> Tone {
    let by_power = |a: &&Tone, b: &&Tone| a.power.total_cmp(&b.power);
    tones.iter().max_by(by_power).copied().unwrap_or_default()
}

/// The window at each of the eight frequencies, rows first.
fn goertzel(window: &[f32; WINDOW]) -> [Tone; 8] {
    let angles = TONES.map(|hertz| TAU * hertz / RATE);
    let factors = angles.map(|angle| 2.0 * angle.cos());
    let (mut last, mut before) = ([0.0f32; 8], [0.0f32; 8]);
    for sample in window {
        for ((last, before), factor) in last.iter_mut().zip(&mut before).zip(&factors) {
            let next = sample + factor * *last - *before;
            *before = *last;
            *last = next;
        }
    }
    std::array::from_fn(|n| {
        let of = |values: &[f32; 8]| values.get(n).copied().unwrap_or_default();
        let (last, before, angle) = (of(&last), of(&before), of(&angles));
        let (real, imaginary) = (last - before * angle.cos(), before * angle.sin());
        // What the mean of six samples leaves of the tone, and the window, whose mean is a half.
        let six = angle / FACTOR as f32 / 2.0;
        let gain = (six * FACTOR as f32).sin() / (six.sin() * FACTOR as f32);
        let size = gain * WINDOW as f32 / 2.0;
        Tone {
            number: n % ROWS.len(),
            power: 2.0 * (real * real + imaginary * imaginary) / (size * size),
            real,
            imaginary,
        }
    })
}

#[cfg(test)]
mod tests;
