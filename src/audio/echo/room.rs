//! What a room makes of what is played, learned by a Kalman filter over frequencies, in partitions
//! (Enzner and Vary 2006; Kuech, Mabande and Enzner 2014). For each part of the room's response it
//! knows how unsure it still is, and so it learns fast what it doesn't know, and little from a
//! microphone in which somebody speaks.
//!
//! Sound comes in blocks, and a spectrum is one of two blocks. The echo of a block begins with the
//! next one: no device is faster.

use super::FRAME;
use super::spectrum::{Bin, Fourier};

/// Samples of a block, which is also the length of a partition: 20 ms.
pub(super) const BLOCK: usize = 2 * FRAME;
/// Frequencies of a spectrum, 25 Hz apart.
pub(super) const BINS: usize = BLOCK + 1;
/// Partitions of the response: 400 ms, for the way through the devices and the reverberation.
const PARTITIONS: usize = 20;
/// How unsure the response is before anything was played.
const UNKNOWN: f32 = 0.2;
/// What is left after each block of what is known: rooms change, a little.
const KEPT: f32 = 0.999998;
/// How unsure each part stays at least.
const NEVER_SURE: f32 = 1e-11;
/// Partitions that are made to keep to their block, at each block.
const CONSTRAINED: usize = 10;
/// Keeps a division from going astray in silence.
const TINY: f32 = 1e-9;

type Spectrum = [Bin; BINS];
type Powers = [f32; BINS];

/// Silence.
pub(super) const NOTHING: Spectrum = [Bin::new(0.0, 0.0); BINS];

/// The spectra of what was played.
pub(super) struct Played {
    spectra: Vec<Spectrum>,
    powers: Vec<Powers>,
    newest: usize,
    last: [f32; BLOCK],
}

impl Played {
    pub(super) fn new() -> Self {
        Self {
            spectra: vec![NOTHING; PARTITIONS],
            powers: vec![[0.0; BINS]; PARTITIONS],
            newest: 0,
            last: [0.0; BLOCK],
        }
    }

    pub(super) fn push(&mut self, fourier: &mut Fourier, block: &[f32; BLOCK]) {
        self.newest = (self.newest + PARTITIONS - 1) % PARTITIONS;
        let powers = self.powers.get_mut(self.newest);
        if let (Some(spectrum), Some(powers)) = (self.spectra.get_mut(self.newest), powers) {
            fourier.spectrum(self.last.iter().chain(block).copied(), spectrum);
            for (power, bin) in powers.iter_mut().zip(spectrum) {
                *power = bin.norm_sqr();
            }
        }
        self.last = *block;
    }

    fn newest_first(&self) -> impl Iterator<Item = (&Spectrum, &Powers)> {
        let (spectra, newer) = self.spectra.split_at(self.newest);
        let (powers, newer_powers) = self.powers.split_at(self.newest);
        let newer = newer.iter().zip(newer_powers);
        newer.chain(spectra.iter().zip(powers))
    }
}

/// The response of a room.
#[derive(Clone)]
pub(super) struct Room {
    response: Vec<Spectrum>,
    uncertainty: Vec<Powers>,
    /// The power of the echo that is not known.
    unknown: Powers,
    constrained: usize,
}

impl Room {
    /// One of which nothing is known.
    pub(super) fn new() -> Self {
        Self {
            response: vec![NOTHING; PARTITIONS],
            uncertainty: vec![[UNKNOWN; BINS]; PARTITIONS],
            unknown: [0.0; BINS],
            constrained: 0,
        }
    }

    /// The echo of what was played.
    pub(super) fn echo(&self, fourier: &mut Fourier, played: &Played, out: &mut [f32; BLOCK]) {
        let mut echo = NOTHING;
        for (response, (spectrum, _)) in self.response.iter().zip(played.newest_first()) {
            for ((echo, response), bin) in echo.iter_mut().zip(response).zip(spectrum) {
                *echo += response * bin;
            }
        }
        let sound = fourier.sound(&echo);
        for (out, sample) in out.iter_mut().zip(sound.iter().skip(BLOCK)) {
            *out = *sample;
        }
    }

    /// The power of the echo that is left in a block, as far as can be told.
    pub(super) fn unknown(&self) -> &Powers {
        &self.unknown
    }

    /// Learns from what was left in the microphone after the echo was taken out.
    pub(super) fn learn(&mut self, fourier: &mut Fourier, played: &Played, left: &[f32; BLOCK]) {
        let mut step = NOTHING;
        let silence = std::iter::repeat_n(0.0, BLOCK);
        fourier.spectrum(silence.chain(left.iter().copied()), &mut step);
        let power = step.map(|bin| bin.norm_sqr());
        self.unknown = [0.0; BINS];
        for (uncertainty, (_, powers)) in self.uncertainty.iter().zip(played.newest_first()) {
            for ((sum, unsure), power) in self.unknown.iter_mut().zip(uncertainty).zip(powers) {
                *sum += 0.5 * unsure * power;
            }
        }
        let mut gain = [0.0; BINS];
        for (at, gain) in gain.iter_mut().enumerate() {
            // What the microphone hears beside the echo, smoothed over three frequencies.
            let value = |at: usize| power.get(at).copied().unwrap_or_default();
            let beside = value(at.wrapping_sub(1)) + value(at + 1);
            let farther = value(at.wrapping_sub(2)) + value(at + 2);
            let other = 0.375 * value(at) + 0.25 * beside + 0.0625 * farther;
            let unknown = self.unknown.get(at).copied().unwrap_or_default();
            // Other frequencies of the echo that is left are noise to this one.
            *gain = 1.0 / (2.0 * unknown + 0.5 * other + TINY);
        }
        for (step, gain) in step.iter_mut().zip(&gain) {
            *step *= gain;
        }
        let parts = self.response.iter_mut().zip(&mut self.uncertainty);
        for ((response, uncertainty), (spectrum, powers)) in parts.zip(played.newest_first()) {
            let known = spectrum.iter().zip(powers).zip(gain.iter().zip(&step));
            let learned = response.iter_mut().zip(uncertainty.iter_mut());
            for ((response, unsure), ((bin, power), (gain, step))) in learned.zip(known) {
                *response += bin.conj() * step * *unsure;
                *unsure = KEPT * (1.0 - 0.5 * *unsure * power * gain) * *unsure
                    + (1.0 - KEPT) * response.norm_sqr()
                    + NEVER_SURE;
            }
        }
        for _ in 0..CONSTRAINED {
            self.constrained = (self.constrained + 1) % PARTITIONS;
            if let Some(response) = self.response.get_mut(self.constrained) {
                let mut within = [0.0; BLOCK];
                let sound = fourier.sound(response).iter();
                for (place, sample) in within.iter_mut().zip(sound) {
                    *place = *sample;
                }
                fourier.spectrum(within, response);
            }
        }
    }
}
