//! Makes quieter what is left of the echo, frequency by frequency, and leaves alone what is louder.

use std::f32::consts::PI;

use super::FRAME;
use super::spectrum::{Bin, Fourier};

/// Samples of a window; windows overlap by half.
pub(super) const WINDOW: usize = 2 * FRAME;
/// Frequencies of a spectrum, 50 Hz apart.
pub(super) const BINS: usize = FRAME + 1;
/// How much stronger the rest of the echo is taken to be than it seems.
const CAUTION: f32 = 1.5;
/// The part of the echo that is taken to be left at least: loudspeakers distort.
const DISTORTION: f32 = 1e-4;
/// The least that a frequency is left at: -40 dB.
const FLOOR: f32 = 0.01;
/// How slowly powers are followed.
const SMOOTHING: f32 = 0.2;
/// An echo of less says nothing.
const AUDIBLE: f32 = 1e-5;
const TINY: f32 = 1e-12;

type Spectrum = [Bin; BINS];
type Powers = [f32; BINS];

/// The suppressor. What it gives is one frame late.
pub(super) struct Suppressor {
    fourier: Fourier,
    window: [f32; WINDOW],
    last: [f32; FRAME],
    last_echo: [f32; FRAME],
    overlap: [f32; FRAME],
    smooth: Powers,
    smooth_echo: Powers,
    ratio: Powers,
    noise: Least,
    leakage: Least,
}

impl Suppressor {
    pub(super) fn new() -> Self {
        let mut window = [0.0; WINDOW];
        for (at, value) in window.iter_mut().enumerate() {
            *value = (PI * (at as f32 + 0.5) / WINDOW as f32).sin();
        }
        Self {
            fourier: Fourier::new(WINDOW),
            window,
            last: [0.0; FRAME],
            last_echo: [0.0; FRAME],
            overlap: [0.0; FRAME],
            smooth: [0.0; BINS],
            smooth_echo: [0.0; BINS],
            ratio: [1.0; BINS],
            noise: Least::new(0.0),
            leakage: Least::new(1.0),
        }
    }

    /// Takes what was left after `echo` was taken out, in which an echo of the powers `unknown` is
    /// still expected, and gives the frame before it.
    pub(super) fn process(
        &mut self,
        frame: &mut [f32; FRAME],
        echo: &[f32; FRAME],
        unknown: &Powers,
    ) {
        let mut sound = windowed(&mut self.fourier, &self.window, &self.last, frame);
        let of_echo = windowed(&mut self.fourier, &self.window, &self.last_echo, echo);
        let powers = sound.map(|bin| bin.norm_sqr());
        let echo_powers = of_echo.map(|bin| bin.norm_sqr());
        follow(&mut self.smooth, &powers);
        follow(&mut self.smooth_echo, &echo_powers);
        let both = self.smooth.iter().zip(&self.smooth_echo);
        for (ratio, (power, echo)) in self.ratio.iter_mut().zip(both) {
            if *echo > AUDIBLE {
                *ratio = (power / echo).min(1.0);
            }
        }
        let noise = self.noise.follow(&self.smooth);
        let leakage = self.leakage.follow(&self.ratio);
        let mut gains = [0.0; BINS];
        let expected = echo_powers.iter().zip(leakage).zip(unknown).zip(noise);
        for ((gain, power), (((echo, leakage), unknown), noise)) in
            gains.iter_mut().zip(&powers).zip(expected)
        {
            let power = power + TINY;
            let left = unknown + leakage.max(DISTORTION) * echo;
            let wanted = (1.0 - CAUTION * left / power).max(FLOOR);
            // What is as quiet as the room's noise need not be quieter.
            *gain = wanted.max((noise / power).sqrt().min(1.0));
        }
        for (at, bin) in sound.iter_mut().enumerate() {
            let around = at.saturating_sub(1)..(at + 2).min(BINS);
            let near = gains.get(around).unwrap_or_default();
            *bin *= near.iter().sum::<f32>() / near.len().max(1) as f32;
        }
        self.last = *frame;
        self.last_echo = *echo;
        let made = self.fourier.sound(&sound);
        let mut made = made
            .iter()
            .zip(&self.window)
            .map(|(sample, window)| sample * window);
        for (out, rest) in frame.iter_mut().zip(&self.overlap) {
            *out = rest + made.next().unwrap_or_default();
        }
        for (rest, sample) in self.overlap.iter_mut().zip(made) {
            *rest = sample;
        }
    }
}

fn follow(smooth: &mut Powers, powers: &Powers) {
    for (smooth, power) in smooth.iter_mut().zip(powers) {
        *smooth += SMOOTHING * (power - *smooth);
    }
}

fn windowed(
    fourier: &mut Fourier,
    window: &[f32; WINDOW],
    earlier: &[f32; FRAME],
    later: &[f32; FRAME],
) -> Spectrum {
    let mut spectrum = [Bin::default(); BINS];
    let sound = earlier.iter().chain(later).zip(window);
    fourier.spectrum(sound.map(|(sample, window)| sample * window), &mut spectrum);
    spectrum
}

/// What a value of each frequency doesn't fall below for long.
struct Least {
    least: Powers,
    next: Powers,
    frames: u32,
}

impl Least {
    /// The least is looked for in the last one to two times so many frames.
    const FRAMES: u32 = 300;

    fn new(at_first: f32) -> Self {
        Self {
            least: [at_first; BINS],
            next: [f32::INFINITY; BINS],
            frames: 0,
        }
    }

    fn follow(&mut self, values: &Powers) -> &Powers {
        let leasts = self.least.iter_mut().zip(&mut self.next);
        for ((least, next), value) in leasts.zip(values) {
            *next = next.min(*value);
            *least = least.min(*next);
        }
        self.frames += 1;
        if self.frames == Self::FRAMES {
            self.frames = 0;
            self.least = self.next;
            self.next = *values;
        }
        &self.least
    }
}
