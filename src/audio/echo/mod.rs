//! The echo canceller: takes what the speaker plays out of what the microphone hears. Pure.
//!
//! [`room`] learns the way from the speaker to the microphone and foretells the echo, which is taken
//! out; [`suppressor`] makes quieter what is left of it. A voice that the speaker doesn't play is
//! touched by neither.

mod room;
mod spectrum;
mod suppressor;

use room::{BLOCK, Played, Room};
use spectrum::Fourier;
use suppressor::Suppressor;

use super::FRAME;

/// How often the room is learned anew, in blocks in which something is played: 4 s.
const ANEW: u32 = 200;
/// What is quieter in a block teaches nothing: -60 dB.
const AUDIBLE: f32 = 1e-6 * BLOCK as f32;
/// Sound is made this much brighter before it is looked at, so that all of a voice is about as loud.
const EMPHASIS: f32 = 0.95;
/// How slowly the power of what is left is followed when rooms are compared, in blocks, …
const SLOWLY: f32 = 0.95;
/// … and when an echo is looked for.
const QUICKLY: f32 = 0.8;
/// An echo is there if this part of what was heard could be taken out: 3 dB.
const TAKEN: f32 = 2.0;
/// How slowly an echo that was there is forgotten, in blocks in which something is played.
const FORGETTING: f32 = 0.997;
/// How long an echo is looked for, in such blocks: 4 s.
const LISTENED: u32 = 200;
/// How much less another room has to leave of the echo to be believed.
const BETTER: f32 = 0.5;
/// Keeps a division from going astray in silence.
const TINY: f32 = 1e-9;

/// The echo canceller of one pair of microphone and speaker.
pub struct EchoCanceller {
    fourier: Fourier,
    played: Played,
    room: Room,
    /// Learns the room anew all the time, in case that it changed.
    changed: Room,
    suppressor: Suppressor,
    brighten_played: Brighten,
    brighten_heard: Brighten,
    darken: f32,
    /// What is played in the block that is being filled, …
    block: [f32; BLOCK],
    /// … what the microphone heard in it, …
    heard: [f32; BLOCK],
    /// … and its echo by both rooms.
    echo: [f32; BLOCK],
    echo_changed: [f32; BLOCK],
    at: usize,
    played_at: usize,
    left: Mean,
    left_changed: Mean,
    /// Blocks since `changed` began anew.
    blocks: u32,
    heard_lately: Mean,
    left_lately: Mean,
    /// What was heard to what was left, at best.
    taken: f32,
    /// Blocks in which something was played.
    listened: u32,
    unknown: [f32; suppressor::BINS],
}

impl EchoCanceller {
    /// One that has heard nothing yet.
    pub fn new() -> Self {
        Self {
            fourier: Fourier::new(2 * BLOCK),
            played: Played::new(),
            room: Room::new(),
            changed: Room::new(),
            suppressor: Suppressor::new(),
            brighten_played: Brighten::default(),
            brighten_heard: Brighten::default(),
            darken: 0.0,
            block: [0.0; BLOCK],
            heard: [0.0; BLOCK],
            echo: [0.0; BLOCK],
            echo_changed: [0.0; BLOCK],
            at: 0,
            played_at: 0,
            left: Mean::slow(SLOWLY),
            left_changed: Mean::slow(SLOWLY),
            blocks: 0,
            heard_lately: Mean::slow(QUICKLY),
            left_lately: Mean::slow(QUICKLY),
            taken: 1.0,
            listened: 0,
            unknown: [0.0; suppressor::BINS],
        }
    }

    /// Takes in what the speaker is about to play.
    pub fn play(&mut self, frame: &[f32; FRAME]) {
        let places = self.block.iter_mut().skip(self.played_at);
        for (place, sample) in places.zip(frame) {
            *place = self.brighten_played.next(*sample);
        }
        self.played_at += FRAME;
        if self.played_at == BLOCK {
            self.played_at = 0;
            self.played.push(&mut self.fourier, &self.block);
            let fourier = &mut self.fourier;
            self.room.echo(fourier, &self.played, &mut self.echo);
            self.changed
                .echo(fourier, &self.played, &mut self.echo_changed);
        }
    }

    /// Takes the echo out of what the microphone heard; gives the frame before.
    pub fn capture(&mut self, frame: &mut [f32; FRAME]) {
        let mut echo = [0.0; FRAME];
        for (place, sample) in echo.iter_mut().zip(self.echo.iter().skip(self.at)) {
            *place = *sample;
        }
        let heard = self.heard.iter_mut().skip(self.at);
        for ((sample, place), echo) in frame.iter_mut().zip(heard).zip(&echo) {
            *place = self.brighten_heard.next(*sample);
            *sample = *place - echo;
        }
        self.at += FRAME;
        if self.at == BLOCK {
            self.at = 0;
            self.learn();
        }
        self.suppressor.process(frame, &echo, &self.unknown);
        for sample in frame {
            self.darken = *sample + EMPHASIS * self.darken;
            *sample = self.darken;
        }
    }

    /// Whether the microphone hears the speaker, as far as can be told: not so with headphones.
    pub fn finds_echo(&self) -> bool {
        self.listened < LISTENED || self.taken > TAKEN
    }

    fn learn(&mut self) {
        let left = without(&self.heard, &self.echo);
        let left_changed = without(&self.heard, &self.echo_changed);
        let fourier = &mut self.fourier;
        self.room.learn(fourier, &self.played, &left);
        self.changed.learn(fourier, &self.played, &left_changed);
        self.left.follow(power(&left));
        self.left_changed.follow(power(&left_changed));
        self.heard_lately.follow(power(&self.heard));
        self.left_lately.follow(power(&left));
        if self.left_changed.value < BETTER * self.left.value {
            self.room = self.changed.clone();
            self.left = self.left_changed;
        }
        if power(&self.block) > AUDIBLE {
            let taken = self.heard_lately.value / (self.left_lately.value + TINY);
            self.taken = taken.max(1.0 + FORGETTING * (self.taken - 1.0));
            self.listened = self.listened.saturating_add(1);
            self.blocks += 1;
        }
        if self.blocks == ANEW {
            self.blocks = 0;
            self.changed = Room::new();
            self.left_changed = self.left;
        }
        for (at, unknown) in self.unknown.iter_mut().enumerate() {
            let finer = self.room.unknown();
            let value = |at: usize| finer.get(at).copied().unwrap_or_default();
            // A window of the suppressor holds half as much, in frequencies twice as wide.
            *unknown = 0.25 * value(2 * at)
                + 0.125 * (value((2 * at).wrapping_sub(1)) + value(2 * at + 1));
        }
    }
}

/// A mean that forgets.
#[derive(Clone, Copy)]
struct Mean {
    value: f32,
    kept: f32,
}

impl Mean {
    fn slow(kept: f32) -> Self {
        Self { value: 0.0, kept }
    }

    fn follow(&mut self, value: f32) {
        self.value = self.kept * self.value + (1.0 - self.kept) * value;
    }
}

fn power(sound: &[f32; BLOCK]) -> f32 {
    sound.iter().map(|x| x * x).sum()
}

fn without(heard: &[f32; BLOCK], echo: &[f32; BLOCK]) -> [f32; BLOCK] {
    let mut left = *heard;
    for (sample, echo) in left.iter_mut().zip(echo) {
        *sample -= echo;
    }
    left
}

/// Raises the high frequencies, in which a voice is weak.
#[derive(Default)]
struct Brighten {
    last: f32,
}

impl Brighten {
    fn next(&mut self, sample: f32) -> f32 {
        sample - EMPHASIS * std::mem::replace(&mut self.last, sample)
    }
}
