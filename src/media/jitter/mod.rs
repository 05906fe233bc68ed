//! The jitter buffer: takes packets as the network brings them and gives even sound.
//!
//! Packets wait undecoded. At each tick as much is decoded as the tick needs, so that a packet
//! that repeats its predecessor can still fill the gap before it. Decoded sound is stretched or
//! shortened when the wait is not what [`DelayEstimator`] asks for. Offsets are explained there.

mod delay;
mod loss;
mod stretch;

use std::collections::VecDeque;

use crate::codec::{CodecError, CodecId, Decoder};
use crate::media::FRAME;
use crate::media::bursts::{BurstWatch, Bursts};
use delay::DelayEstimator;
use loss::LossWatch;

/// Packets that can wait.
const MAX_WAITING: usize = 200;
/// Packets that are no sound and are remembered: keys for some seconds.
const MAX_NOT_SOUND: usize = 128;
/// Payloads longer than this are no sound.
const MAX_PAYLOAD: usize = 1_500;
/// Decoded sound that is kept behind the place of playing, for stretching.
const KEEP: usize = 1_200;
/// Concealment goes in steps of 10 ms.
const STEP: usize = 480;
/// The longest wait that is asked for, milliseconds.
pub const MAX_WAIT_MS: f32 = 400.0;
/// Beyond this much too long a wait, sound is shortened wherever it is at all possible …
const HURRY: i64 = 80 * 48;
/// … and beyond this it is dropped.
const FAR_TOO_LONG: i64 = 400 * 48;
/// Nothing arrived for so long: the stream rests, and begins anew with the next packet.
const REST: usize = 2_000 * 48;
/// Rest is faded into over the last part of concealment.
const REST_FADE: f32 = 1.0 / 9_600.0;
/// What is made up for longer than this becomes quieter with each step by so much, …
const LONG: usize = 100 * 48;
const FADE: f32 = 0.7;
/// … unless it is as quiet as a pause (about -50 dBFS): the noise in one goes on.
const PAUSE: f32 = 1e-5;
/// Sound that comes back after that rises within this.
const RISE: usize = 5 * 48;
/// How much sound has to repeat itself to be stretched, at first …
const LIKENESS: f32 = 0.98;
/// … when there is no time to choose …
const LIKENESS_IN_HURRY: f32 = 0.5;
/// … and how much less that becomes with each tick that found no place.
const IMPATIENCE: f32 = 0.005;
const MAX_IMPATIENCE: f32 = 0.6;
/// Up to this impatience no more is put in than is missing, so that the wait stays even.
const CHOOSY: f32 = 10.0 * IMPATIENCE;
/// A wait that is too long by no more than this can remain so.
const PATIENT: i64 = 480;
/// Ticks between two stretches.
const SETTLE: u8 = 3;
/// Ticks further apart than this (samples) were suspended.
const TICK_PAUSE: f64 = 250.0 * 48.0;

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It waits to be played.
    Waits,
    /// Its time has passed.
    Late,
    /// It is there already, or is no sound.
    Useless,
}

/// A packet's place in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Sequence number, extended beyond 16 bits.
    pub sequence: i64,
    /// Timestamp in samples at 48 kHz, extended beyond 32 bits.
    pub timestamp: i64,
}

struct Waiting {
    place: Place,
    codec: CodecId,
    payload: Vec<u8>,
}

/// The jitter buffer with its decoders.
pub struct JitterBuffer {
    waiting: VecDeque<Waiting>,
    spare: Vec<Vec<u8>>,
    decoders: Vec<(CodecId, Box<dyn Decoder>)>,
    current: Option<CodecId>,
    delay: DelayEstimator,
    /// Decoded sound; what lies before `read` was played.
    sound: Vec<f32>,
    read: usize,
    playing: bool,
    /// Samples played since the beginning.
    played: i64,
    last_tick: Option<f64>,
    /// Timestamp at the end of the decoded sound.
    end: i64,
    /// The same, without concealment at the end: what is older is late.
    real_end: i64,
    last_sequence: i64,
    /// Sequence numbers of packets that are no sound.
    not_sound: VecDeque<i64>,
    /// Concealment since the last decoded packet.
    bridged: usize,
    /// How loud concealment still is, 0 to 1.
    level: f32,
    impatience: f32,
    /// Ticks in which sound is left as it is, after it was stretched.
    settle: u8,
    loss: LossWatch,
    bursts: BurstWatch,
    concealed: u64,
}

impl JitterBuffer {
    /// A buffer for the codecs that may come.
    ///
    /// # Errors
    /// [`CodecError::Setup`] if a decoder cannot be made.
    pub fn new(codecs: impl IntoIterator<Item = CodecId>) -> Result<Self, CodecError> {
        let mut buffer = Self {
            waiting: VecDeque::with_capacity(32),
            spare: Vec::new(),
            decoders: Vec::new(),
            current: None,
            delay: DelayEstimator::new(),
            sound: Vec::with_capacity(12_000),
            read: 0,
            playing: false,
            played: 0,
            last_tick: None,
            end: 0,
            real_end: 0,
            last_sequence: 0,
            not_sound: VecDeque::new(),
            bridged: 0,
            level: 1.0,
            impatience: 0.0,
            settle: 0,
            loss: LossWatch::default(),
            bursts: BurstWatch::default(),
            concealed: 0,
        };
        buffer.allow(codecs)?;
        Ok(buffer)
    }

    /// Makes decoders for codecs that may come from now on.
    ///
    /// # Errors
    /// [`CodecError::Setup`] if a decoder cannot be made.
    pub fn allow(&mut self, codecs: impl IntoIterator<Item = CodecId>) -> Result<(), CodecError> {
        for codec in codecs {
            if !self.decoders.iter().any(|(known, _)| *known == codec) {
                self.decoders.push((codec, codec.decoder()?));
            }
        }
        Ok(())
    }

    /// The far side's stream begins anew: what waits is dropped, what is known of the network
    /// is kept.
    pub fn restart(&mut self) {
        while let Some(old) = self.waiting.pop_front() {
            self.spare.push(old.payload);
        }
        self.not_sound.clear();
        self.playing = false;
        self.current = None;
        self.delay.restart();
    }

    /// Takes a packet that arrived at `wall` (samples at 48 kHz since the beginning).
    pub fn insert(&mut self, wall: f64, place: Place, codec: CodecId, payload: &[u8]) -> Arrival {
        let readable = payload.len() <= MAX_PAYLOAD
            && self
                .decoder(codec)
                .is_some_and(|decoder| decoder.duration(payload).is_some());
        let at = self
            .waiting
            .partition_point(|other| other.place.timestamp < place.timestamp);
        let double = self
            .waiting
            .get(at)
            .is_some_and(|other| other.place.timestamp == place.timestamp);
        if !readable || double {
            return Arrival::Useless;
        }
        self.delay.arrival(wall, place.timestamp);
        if self.playing && place.timestamp < self.real_end {
            return Arrival::Late;
        }
        let mut stored = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(256));
        stored.clear();
        stored.extend_from_slice(payload);
        self.waiting.insert(
            at,
            Waiting {
                place,
                codec,
                payload: stored,
            },
        );
        if self.waiting.len() > MAX_WAITING {
            self.drop_first();
        }
        Arrival::Waits
    }

    /// Tells of a packet that is no sound, so that its sequence number is not missed.
    pub fn pass_over(&mut self, sequence: i64) {
        if self.not_sound.len() >= MAX_NOT_SOUND {
            self.not_sound.pop_front();
        }
        self.not_sound.push_back(sequence);
    }

    /// Gives the next 10 ms at `wall` (samples at 48 kHz since the beginning).
    pub fn pull(&mut self, wall: f64, frame: &mut [f32; FRAME]) {
        if self
            .last_tick
            .replace(wall)
            .is_some_and(|last| wall - last > TICK_PAUSE)
        {
            self.delay.restart_ticks();
            for n in 0..self.waiting.len() {
                if let Some(packet) = self.waiting.get(n) {
                    self.delay.arrival(wall, packet.place.timestamp);
                }
            }
            self.playing = false;
        }
        self.delay.tick(wall, self.played);
        if !self.playing && !self.start() {
            frame.fill(0.0);
            self.played += FRAME as i64;
            return;
        }
        self.skip_what_is_far_too_old();
        while self.ready() < FRAME {
            self.produce();
        }
        self.stretch();
        if let Some(next) = self.sound.get(self.read..self.read + FRAME) {
            for (out, sample) in frame.iter_mut().zip(next) {
                *out = if sample.is_finite() {
                    sample.clamp(-1.0, 1.0)
                } else {
                    0.0
                };
            }
        }
        self.read += FRAME;
        self.played += FRAME as i64;
        if self.read > 2 * KEEP {
            self.sound.drain(..self.read - KEEP);
            self.read = KEEP;
        }
        if self.bridged > REST && self.waiting.is_empty() {
            self.playing = false;
        }
    }

    /// How long sound waits here beyond what the fastest packet needs, milliseconds.
    pub fn wait_ms(&self) -> f32 {
        match self.delay.shortest_offset() {
            Some(shortest) if self.playing => {
                ((self.offset() as f64 - shortest) / 48.0).max(0.0) as f32
            }
            _ => 0.0,
        }
    }

    /// Sound made up in place of lost or late packets, or left out where the wait was too long
    /// anyhow, samples.
    pub fn concealed(&self) -> u64 {
        self.concealed
    }

    /// The part of packets that did not come in time, of late: 0 to 1.
    pub fn recent_loss(&self) -> f32 {
        self.loss.loss()
    }

    /// How loss and lateness were spread, with packets of this length.
    pub fn bursts(&self, packet_ms: f32) -> Bursts {
        self.bursts.bursts(packet_ms)
    }

    /// Whether packets tell of lost ones, and sound waits so that they can.
    pub fn repeats(&self) -> bool {
        self.loss.waits()
    }

    fn decoder(&mut self, codec: CodecId) -> Option<&mut Box<dyn Decoder>> {
        self.decoders
            .iter_mut()
            .find(|(known, _)| *known == codec)
            .map(|(_, decoder)| decoder)
    }

    /// Decoded sound that was not played yet.
    fn ready(&self) -> usize {
        self.sound.len().saturating_sub(self.read)
    }

    fn offset(&self) -> i64 {
        self.played + self.ready() as i64 - self.end
    }

    fn excess(&mut self) -> i64 {
        let offset = self.offset();
        self.delay.offset().map_or(0, |needed| offset - needed)
    }

    /// Packets of sound between the last one decoded and this one that are not there.
    fn missing_before(&self, sequence: i64) -> i64 {
        let between = self.last_sequence + 1..sequence;
        let others = self
            .not_sound
            .iter()
            .filter(|other| between.contains(other))
            .count();
        (sequence - self.last_sequence - 1)
            .clamp(0, 100)
            .saturating_sub(others as i64)
            .max(0)
    }

    fn drop_first(&mut self) {
        if let Some(first) = self.waiting.pop_front() {
            self.spare.push(first.payload);
        }
    }

    /// Begins with the first packet, so that it waits as long as it has to.
    fn start(&mut self) -> bool {
        let Some(needed) = self.delay.offset() else {
            return false;
        };
        // Of a backlog only what is not too old is played.
        while self.waiting.len() > 1
            && self
                .waiting
                .get(1)
                .is_some_and(|next| self.played - next.place.timestamp >= needed)
        {
            self.drop_first();
        }
        let Some(first) = self.waiting.front() else {
            return false;
        };
        let wait = (needed - (self.played - first.place.timestamp)).clamp(0, FAR_TOO_LONG);
        self.end = first.place.timestamp;
        self.real_end = self.end;
        self.last_sequence = first.place.sequence - 1;
        self.sound.clear();
        self.sound.resize(KEEP + wait as usize, 0.0);
        self.read = KEEP;
        self.bridged = 0;
        self.level = 1.0;
        self.playing = true;
        true
    }

    fn skip_what_is_far_too_old(&mut self) {
        if self.excess() < FAR_TOO_LONG || self.waiting.len() < 2 {
            return;
        }
        let Some(needed) = self.delay.offset() else {
            return;
        };
        let place = self.played + self.ready() as i64;
        while self.waiting.len() > 1
            && self
                .waiting
                .get(1)
                .is_some_and(|next| place - next.place.timestamp >= needed)
        {
            self.drop_first();
        }
        if let Some(first) = self.waiting.front() {
            self.end = first.place.timestamp;
            self.real_end = self.end;
            self.last_sequence = first.place.sequence - 1;
        }
    }

    /// Adds some sound at the end of what is decoded.
    fn produce(&mut self) {
        while self
            .waiting
            .front()
            .is_some_and(|first| first.place.timestamp < self.real_end)
        {
            self.drop_first();
        }
        let Some((place, codec)) = self.waiting.front().map(|first| (first.place, first.codec))
        else {
            self.conceal(STEP);
            return;
        };
        let gap = place.timestamp - self.end;
        if gap <= 0 {
            // Concealment went beyond this packet's place: it is played all the same.
            self.end = place.timestamp;
            self.decode_first();
            return;
        }
        let lost = self.missing_before(place.sequence) > 0;
        let reach = match lost && self.current == Some(codec) {
            true => self.reach_of_first(),
            false => 0,
        };
        // A gap that is being bridged already may be cut short when the wait is too long, but for
        // what the packet can tell of it.
        let unknown = gap.saturating_sub_unsigned(reach as u64);
        let cut = unknown.min(self.excess()) / STEP as i64 * STEP as i64;
        if cut > 0 && self.bridged > 0 {
            self.end += cut;
            self.concealed += if lost { cut.unsigned_abs() } else { 0 };
            return;
        }
        let gap = usize::try_from(gap).unwrap_or(STEP);
        match gap <= reach {
            true => self.recover(gap),
            false => self.conceal((gap - reach).min(STEP)),
        }
    }

    fn reach_of_first(&mut self) -> usize {
        let first = self.waiting.front();
        let reach = first.and_then(|first| {
            let mut decoders = self.decoders.iter_mut();
            let (_, decoder) = decoders.find(|(known, _)| *known == first.codec)?;
            Some(decoder.reach(&first.payload))
        });
        reach.unwrap_or(0)
    }

    fn conceal(&mut self, samples: usize) {
        let start = self.sound.len();
        let decoder = self
            .current
            .and_then(|codec| self.decoders.iter_mut().find(|(known, _)| *known == codec));
        match decoder {
            Some((_, decoder)) if self.bridged <= REST => {
                decoder.conceal(samples, &mut self.sound);
            }
            _ => self.sound.resize(start + samples, 0.0),
        }
        let left = REST.saturating_sub(self.bridged) as f32;
        let level = (left * REST_FADE).min(1.0);
        if level < 1.0 {
            self.sound
                .iter_mut()
                .skip(start)
                .for_each(|sample| *sample *= level);
        }
        let made = self.sound.get_mut(start..).unwrap_or_default();
        let power = made.iter().map(|x| x * x).sum::<f32>() / samples.max(1) as f32;
        let fades = self.bridged >= LONG && power > PAUSE;
        let level = match fades {
            true => self.level * FADE,
            false => self.level,
        };
        ramp(made, self.level, level);
        self.level = level;
        self.end += samples as i64;
        self.bridged += samples;
    }

    /// Lets real sound, which begins at `from`, rise after concealment that had faded.
    fn rise(&mut self, from: usize) {
        if self.level < 1.0 {
            let sound = self.sound.get_mut(from..).unwrap_or_default();
            let (rising, _) = sound.split_at_mut(RISE.min(sound.len()));
            ramp(rising, self.level, 1.0);
            self.level = 1.0;
        }
    }

    fn recover(&mut self, samples: usize) {
        let Some(first) = self.waiting.front() else {
            return;
        };
        let start = self.sound.len();
        if let Some((_, decoder)) = self
            .decoders
            .iter_mut()
            .find(|(known, _)| *known == first.codec)
        {
            decoder.recover(&first.payload, samples, &mut self.sound);
        }
        self.rise(start);
        self.end += samples as i64;
        self.bridged += samples;
    }

    fn decode_first(&mut self) {
        let Some(first) = self.waiting.pop_front() else {
            return;
        };
        if self.current != Some(first.codec) {
            self.current = Some(first.codec);
            if let Some(decoder) = self.decoder(first.codec) {
                decoder.reset();
            }
        }
        let missing = self.missing_before(first.place.sequence);
        // A pause of the far side is no loss: its sequence numbers go on.
        let pause = missing == 0 && first.place.timestamp > self.real_end;
        if !pause {
            self.concealed += self.bridged as u64;
        }
        self.last_sequence = self.last_sequence.max(first.place.sequence);
        let before = self.sound.len();
        let mut reach = 0;
        if let Some((_, decoder)) = self
            .decoders
            .iter_mut()
            .find(|(known, _)| *known == first.codec)
        {
            reach = decoder.reach(&first.payload);
            if decoder.decode(&first.payload, &mut self.sound).is_err() {
                let samples = decoder.duration(&first.payload).unwrap_or(STEP);
                decoder.conceal(samples, &mut self.sound);
                self.concealed += samples as u64;
            }
        }
        let samples = self.sound.len() - before;
        self.rise(before);
        self.end += samples as i64;
        self.real_end = self.end;
        self.bridged = 0;
        // When packets are lost and others tell of them, it is worth to wait for these.
        let missing = usize::try_from(missing).unwrap_or(0);
        self.bursts.packet(missing);
        let ahead = self.loss.packet(missing, reach / samples.max(1));
        self.delay.set_look_ahead(ahead * samples);
        self.spare.push(first.payload);
    }

    /// Shortens or lengthens the decoded sound when the wait is not right.
    fn stretch(&mut self) {
        let excess = self.excess();
        let hurry = excess > HURRY;
        self.settle = self.settle.saturating_sub(1);
        if self.settle > 0 && !hurry {
            return;
        }
        // A little too long a wait can last until the sound allows to shorten it well.
        let patient = (0..=PATIENT).contains(&excess);
        let likeness = match (hurry, patient) {
            (true, _) => LIKENESS_IN_HURRY,
            (_, true) => LIKENESS,
            _ => LIKENESS - self.impatience,
        };
        let done = if excess >= stretch::MIN_LAG as i64 {
            let most = self.room_to_shorten(usize::try_from(excess).unwrap_or(0));
            stretch::shorten(&mut self.sound, self.read, most, likeness)
        } else if excess < 0 {
            let missing = usize::try_from(-excess).unwrap_or(0) + stretch::MIN_LAG;
            let most = match self.impatience < CHOOSY {
                true => missing.min(self.ready()),
                false => self.ready(),
            };
            stretch::lengthen(&mut self.sound, self.read, most, likeness)
        } else {
            self.impatience = 0.0;
            return;
        };
        if done.is_some() {
            self.impatience = 0.0;
            self.settle = SETTLE;
        } else if !patient {
            self.impatience = (self.impatience + IMPATIENCE).min(MAX_IMPATIENCE);
        }
    }

    /// Decodes ahead what is there, and tells how much can be taken out without running dry.
    fn room_to_shorten(&mut self, most: usize) -> usize {
        let wanted = FRAME + 2 * most.min(stretch::MAX_LAG);
        while self.ready() < wanted
            && self
                .waiting
                .front()
                .is_some_and(|first| first.place.timestamp == self.end)
        {
            self.decode_first();
        }
        most.min(self.ready().saturating_sub(FRAME))
    }
}

/// Scales sound by a level that goes evenly from one to another.
fn ramp(sound: &mut [f32], from: f32, to: f32) {
    if from < 1.0 || to < 1.0 {
        let step = (to - from) / sound.len().max(1) as f32;
        for (n, sample) in sound.iter_mut().enumerate() {
            *sample *= from + step * (n + 1) as f32;
        }
    }
}
