//! A device's rings as this program's side sees them: a [`Microphone`] and a [`Speaker`].

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer};

use super::clock::{CATCH_UP, TICK};
use super::convert::{FromFrames, ToFrames};
use super::device::{Demand, Microphone, Speaker};
use super::drift::Drift;
use super::ring::Activity;
use super::{AudioError, FRAME, RATE};

/// A device that doesn't call back for so long is dead.
const DEAD: Duration = Duration::from_millis(500);
/// How long a device may take to call back for the first time: a source that was asleep may have
/// to run out a buffer of two seconds first.
const STILLBORN: Duration = Duration::from_millis(2500);
/// More than this above the target is not worked off but left out.
const SKIP_SECONDS: f64 = 0.06;
/// Samples over which sound before and after a piece left out is blended.
const BLEND: usize = 240;
/// What is left of the sound after each sample that is missing.
const DECAY: f32 = 0.97;

/// What keeps a device going: dropped, it stops.
pub(super) type Stream = Box<dyn Any + Send>;

fn dead(name: &str, activity: &Activity, now: Instant) -> Option<AudioError> {
    let quiet = now.saturating_duration_since(activity.quiet_since());
    let started = activity.last_callback().is_some();
    let reason = match activity.failure() {
        Some(reason) => reason.to_owned(),
        None if started && quiet > DEAD => "it stopped answering".to_owned(),
        None if quiet > STILLBORN => "it does not answer".to_owned(),
        None => return None,
    };
    Some(AudioError::Device {
        name: name.to_owned(),
        reason,
    })
}

/// A device that captures.
pub(super) struct LineMicrophone {
    name: String,
    rate: f64,
    captured: Consumer<f32>,
    activity: Arc<Activity>,
    converter: ToFrames,
    drift: Drift,
    running: bool,
    last: f32,
    _stream: Stream,
}

impl LineMicrophone {
    pub(super) fn new(
        name: String,
        rate: u32,
        captured: Consumer<f32>,
        activity: Arc<Activity>,
        stream: Stream,
    ) -> Result<Self, AudioError> {
        let converter = ToFrames::new(rate).map_err(|reason| AudioError::Device {
            name: name.clone(),
            reason,
        })?;
        Ok(Self {
            name,
            rate: f64::from(rate),
            captured,
            activity,
            converter,
            drift: Drift::default(),
            running: false,
            last: 0.0,
            _stream: stream,
        })
    }

    fn seconds(&self, samples: usize) -> f64 {
        samples as f64 / self.rate
    }

    fn samples(&self, seconds: f64) -> usize {
        (seconds * self.rate) as usize
    }

    /// What the ring would hold if the device handed over every sample at once.
    fn level(&self, now: Instant, there: f64, chunk: f64) -> f64 {
        let since = self
            .activity
            .last_callback()
            .map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        there + since.as_secs_f64().min(2.0 * chunk)
    }

    /// Makes a frame out of the ring, leaving out `skip` samples under a blend.
    fn convert(&mut self, frame: &mut [f32; FRAME], skip: usize) {
        let Self {
            captured,
            converter,
            last,
            ..
        } = self;
        converter.read(frame, |input| {
            let Ok(chunk) = captured.read_chunk((input.len() + skip).min(captured.slots())) else {
                input.fill(0.0);
                return;
            };
            let (first, second) = chunk.as_slices();
            let at = |index: usize| first.get(index).or_else(|| second.get(index - first.len()));
            for (index, place) in input.iter_mut().enumerate() {
                // What is missing dies away from the last sample there was.
                *last = at(index + skip).copied().unwrap_or(*last * DECAY);
                *place = *last;
                if skip > 0 && index < BLEND {
                    let before = at(index).copied().unwrap_or(0.0);
                    *place = before + (*last - before) * (index as f32 / BLEND as f32);
                }
            }
            chunk.commit_all();
        });
    }
}

impl Microphone for LineMicrophone {
    fn read(&mut self, now: Instant, frame: &mut [f32; FRAME]) {
        let slots = self.captured.slots();
        let there = self.seconds(slots);
        let need = self.seconds(self.converter.needed());
        let chunk = self.seconds(self.activity.chunk());
        let level = self.level(now, there, chunk);
        let target = self.drift.target(need, chunk);
        if !self.running {
            if level < target {
                self.last *= DECAY;
                frame.fill(0.0);
                return;
            }
            self.running = true;
            self.drift.moved();
            let excess = self.samples(level - target).min(slots);
            if let Ok(stale) = self.captured.read_chunk(excess) {
                stale.commit_all();
            }
            self.convert(frame, 0);
            return;
        }
        let speed = self.drift.observe(there, level, need, chunk);
        self.converter.set_speed(speed);
        let needed = self.converter.needed();
        let mut skip = 0;
        if level > target + SKIP_SECONDS {
            skip = self
                .samples(level - target)
                .min(slots.saturating_sub(needed));
            self.drift.moved();
        }
        self.running = slots >= needed;
        self.convert(frame, skip);
    }

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn broken(&mut self, now: Instant) -> Option<AudioError> {
        dead(&self.name, &self.activity, now)
    }
}

/// How long the ring has to do without running dry before less is kept in it.
const CALM: Duration = Duration::from_secs(10);
const CALMEST: Duration = Duration::from_secs(320);
/// The least time between two looks at the ring.
const LOOK: Duration = Duration::from_millis(1);
/// How long after the device is expected to have called back the ring is looked at.
const AFTER_CALLBACK: Duration = Duration::from_micros(300);

/// A device that plays. Its callbacks pace the program: frames are wanted when the ring holds
/// less than the next callback will take.
pub(super) struct LineSpeaker {
    name: String,
    rate: u32,
    played: Producer<f32>,
    activity: Arc<Activity>,
    converter: Option<FromFrames>,
    /// What is kept beyond the next callback, in samples of the device. Grows when the ring ran
    /// dry, shrinks as far as that would not have been too little for long.
    margin: usize,
    underruns: u32,
    calm: Duration,
    calm_since: Instant,
    _stream: Stream,
}

impl LineSpeaker {
    pub(super) fn new(
        name: String,
        rate: u32,
        played: Producer<f32>,
        activity: Arc<Activity>,
        stream: Stream,
    ) -> Result<Self, AudioError> {
        let converter = (rate != RATE)
            .then(|| FromFrames::new(rate))
            .transpose()
            .map_err(|reason| AudioError::Device {
                name: name.clone(),
                reason,
            })?;
        let calm_since = activity.quiet_since();
        Ok(Self {
            name,
            rate,
            played,
            activity,
            converter,
            margin: 0,
            underruns: 0,
            calm: CALM,
            calm_since,
            _stream: stream,
        })
    }

    /// A tick in samples of the device.
    fn tick(&self) -> usize {
        (self.rate as usize / 100).max(1)
    }

    /// What the ring holds, in samples of the device.
    fn level(&self) -> usize {
        self.played.buffer().capacity() - self.played.slots()
    }

    /// How much less the ring would hold with a smaller margin. Frames are whole, and so is what
    /// is there before each callback if that takes whole frames: a little less may be a tick.
    fn saved_by(&self, less: usize) -> usize {
        let held = |margin: usize| match self.activity.chunk().is_multiple_of(self.tick()) {
            true => margin.next_multiple_of(self.tick()),
            false => margin,
        };
        held(self.margin) - held(less)
    }

    fn adapt(&mut self, now: Instant) {
        let underruns = self.activity.underruns();
        if underruns != self.underruns {
            // Many missing callbacks in a row are one event: the device outran a stall.
            self.underruns = underruns;
            if self.calm_since < now {
                self.margin = (self.margin + self.tick() / 2).min(5 * self.tick());
                self.calm = (self.calm * 2).min(CALMEST);
            }
            self.calm_since = now + Duration::from_millis(200);
            self.activity.take_low_water();
        } else if now.saturating_duration_since(self.calm_since) > self.calm {
            self.calm_since = now;
            let step = self.tick() / 4;
            let less = self.margin.saturating_sub(step);
            if self.activity.take_low_water() as usize >= self.saved_by(less) + step {
                self.margin = less;
            }
        }
    }
}

impl Speaker for LineSpeaker {
    fn write(&mut self, _now: Instant, frame: &[f32; FRAME]) {
        if self.activity.last_callback().is_none() && self.level() > 0 {
            // Nothing is kept for a device that doesn't play yet: it would stay as delay.
            return;
        }
        let samples = match &mut self.converter {
            Some(converter) => converter.convert(frame),
            None => frame.as_slice(),
        };
        // Room for half a second; whoever writes more than was asked for loses the rest.
        let _ = self.played.push_partial_slice(samples);
    }

    fn demand(&mut self, now: Instant) -> Demand {
        self.adapt(now);
        let Some(last) = self.activity.last_callback() else {
            return Demand::Clock;
        };
        // What the next callback will take, and the margin, have to be there.
        let chunk = self.activity.chunk().max(1);
        let wanted = chunk + self.margin;
        let frames = wanted
            .saturating_sub(self.level())
            .div_ceil(self.tick())
            .min(CATCH_UP);
        let spare = (self.level() + frames * self.tick()).saturating_sub(wanted);
        let callbacks = spare / chunk + 1;
        let until = Duration::from_secs_f64((callbacks * chunk) as f64 / f64::from(self.rate));
        let look = (last + until + AFTER_CALLBACK).clamp(now + LOOK, now + 2 * TICK);
        Demand::Frames(frames, look)
    }

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn broken(&mut self, now: Instant) -> Option<AudioError> {
        dead(&self.name, &self.activity, now)
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
