//! The two ends that a device's callback holds. Nothing here locks, allocates or logs: samples
//! move through a wait-free ring, and a few atomics tell the other side how the device does.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cpal::{FromSample, Sample};
use rtrb::{Consumer, Producer, RingBuffer};

/// Samples that an interrupted sound takes to come back: 2.7 ms at 48 kHz.
const FADE: f32 = 1.0 / 128.0;
/// What is left of an interrupted sound after each further sample.
const DECAY: f32 = 0.97;

/// What a device's callback tells about itself.
#[derive(Debug)]
pub(super) struct Activity {
    epoch: Instant,
    /// Nanoseconds after the epoch of the last callback; 0 before the first.
    last: AtomicU64,
    /// The largest callback lately, in samples of one channel.
    chunk: AtomicU32,
    /// How often the speaker found too little.
    underruns: AtomicU32,
    /// The least that a callback of the speaker left in the ring.
    low_water: AtomicU32,
    failure: OnceLock<String>,
}

impl Activity {
    pub(super) fn new(now: Instant) -> Arc<Self> {
        Arc::new(Self {
            epoch: now,
            last: AtomicU64::new(0),
            chunk: AtomicU32::new(0),
            underruns: AtomicU32::new(0),
            low_water: AtomicU32::new(u32::MAX),
            failure: OnceLock::new(),
        })
    }

    fn beat(&self, now: Instant, chunk: usize) {
        let nanos = now.saturating_duration_since(self.epoch).as_nanos() as u64;
        self.last.store(nanos.max(1), Ordering::Release);
        // The largest chunk is forgotten slowly, so that one odd callback doesn't stay for ever.
        let held = self.chunk.load(Ordering::Relaxed);
        let faded = held - held.div_ceil(512).min(held);
        self.chunk
            .store((chunk as u32).max(faded), Ordering::Relaxed);
    }

    /// When the device last called back, if it ever did.
    pub(super) fn last_callback(&self) -> Option<Instant> {
        match self.last.load(Ordering::Acquire) {
            0 => None,
            nanos => self.epoch.checked_add(Duration::from_nanos(nanos)),
        }
    }

    /// Since when the device has been quiet: its last callback, or the time it was opened.
    pub(super) fn quiet_since(&self) -> Instant {
        self.last_callback().unwrap_or(self.epoch)
    }

    /// The largest callback lately, in samples of one channel; 0 before the first.
    pub(super) fn chunk(&self) -> usize {
        self.chunk.load(Ordering::Relaxed) as usize
    }

    /// How often the speaker found too little, ever.
    pub(super) fn underruns(&self) -> u32 {
        self.underruns.load(Ordering::Relaxed)
    }

    /// The least that was left in the ring since the last call.
    pub(super) fn take_low_water(&self) -> u32 {
        self.low_water.swap(u32::MAX, Ordering::Relaxed)
    }

    /// Keeps why the device stopped; the first reason stays. Not for the callback itself.
    pub(super) fn fail(&self, reason: String) {
        let _ = self.failure.set(reason);
    }

    /// Why the device stopped, if it did.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }
}

/// The end of a microphone's ring that the device's callback holds.
pub(super) struct CaptureEnd {
    producer: Producer<f32>,
    channels: usize,
    activity: Arc<Activity>,
}

/// A ring for a microphone: one second of one channel.
pub(super) fn capture(
    rate: u32,
    channels: u16,
    activity: Arc<Activity>,
) -> (CaptureEnd, Consumer<f32>) {
    let (producer, consumer) = RingBuffer::new(rate as usize);
    (
        CaptureEnd {
            producer,
            channels: usize::from(channels.max(1)),
            activity,
        },
        consumer,
    )
}

impl CaptureEnd {
    /// Takes what the device captured, all channels interleaved, and mixes it to one. What finds
    /// no room is lost: then nobody has read for a second.
    pub(super) fn take<T>(&mut self, now: Instant, samples: &[T])
    where
        T: Copy,
        f32: FromSample<T>,
    {
        let frames = samples.len() / self.channels;
        self.activity.beat(now, frames);
        let room = frames.min(self.producer.slots());
        let share = 1.0 / self.channels as f32;
        if let Ok(chunk) = self.producer.write_chunk_uninit(room) {
            chunk.fill_from_iter(samples.chunks_exact(self.channels).map(|frame| {
                frame
                    .iter()
                    .map(|sample| f32::from_sample_(*sample))
                    .sum::<f32>()
                    * share
            }));
        }
    }
}

/// The end of a speaker's ring that the device's callback holds.
pub(super) struct PlaybackEnd {
    consumer: Consumer<f32>,
    channels: usize,
    activity: Arc<Activity>,
    /// The last sample played; dies away while nothing comes.
    held: f32,
    /// 0.0 after an interruption, rises to 1.0.
    gain: f32,
    started: bool,
}

/// A ring for a speaker: half a second of one channel.
pub(super) fn playback(
    rate: u32,
    channels: u16,
    activity: Arc<Activity>,
) -> (Producer<f32>, PlaybackEnd) {
    let (producer, consumer) = RingBuffer::new(rate as usize / 2);
    let end = PlaybackEnd {
        consumer,
        channels: usize::from(channels.max(1)),
        activity,
        held: 0.0,
        gain: 0.0,
        started: false,
    };
    (producer, end)
}

impl PlaybackEnd {
    /// Fills what the device is about to play, the same on all channels. What is missing is
    /// faded out, not cut off.
    pub(super) fn fill<T>(&mut self, now: Instant, out: &mut [T])
    where
        T: Sample + FromSample<f32>,
    {
        let frames = out.len() / self.channels;
        self.activity.beat(now, frames);
        let there = self.consumer.slots();
        let taken = frames.min(there);
        if taken > 0 {
            self.started = true;
        }
        if taken < frames && self.started {
            self.activity.underruns.fetch_add(1, Ordering::Relaxed);
        }
        self.activity
            .low_water
            .fetch_min((there - taken) as u32, Ordering::Relaxed);
        let mut places = out.chunks_exact_mut(self.channels);
        if let Ok(chunk) = self.consumer.read_chunk(taken) {
            let (first, second) = chunk.as_slices();
            for (sample, place) in first.iter().chain(second).zip(&mut places) {
                self.gain = (self.gain + FADE).min(1.0);
                self.held += (sample - self.held) * self.gain;
                place.fill(T::from_sample_(self.held));
            }
            chunk.commit_all();
        }
        for place in places {
            self.gain = 0.0;
            self.held *= DECAY;
            place.fill(T::from_sample_(self.held));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assert_no_alloc::{AllocDisabler, assert_no_alloc};

    #[global_allocator]
    static ALLOCATOR: AllocDisabler = AllocDisabler;

    #[test]
    fn the_callbacks_allocate_nothing_not_even_when_the_rings_are_full_or_empty() {
        let now = Instant::now();
        let (mut microphone, captured) = capture(48_000, 2, Activity::new(now));
        let (mut played, mut speaker) = playback(48_000, 2, Activity::new(now));
        let input = (
            [0.1f32; 960],
            [1000i16; 960],
            [1 << 20i32; 960],
            [33_000u16; 960],
        );
        let mut output = ([0.0f32; 960], [0i16; 960], [0i32; 960], [0u16; 960]);
        // Every sample type that a device of cpal may have.
        assert_no_alloc(|| {
            for _ in 0..200 {
                microphone.take(now, &input.0);
                microphone.take(now, &input.1);
                microphone.take(now, &input.2);
                microphone.take(now, &input.3);
                speaker.fill(now, &mut output.0);
                speaker.fill(now, &mut output.1);
                speaker.fill(now, &mut output.2);
                speaker.fill(now, &mut output.3);
            }
        });
        assert_eq!(captured.slots(), 48_000);
        played.push_entire_slice(&[0.5; 10_000]).expect("room");
        assert_no_alloc(|| {
            for _ in 0..50 {
                speaker.fill(now, &mut output.0);
            }
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_callbacks_never_wait_for_the_program() {
        use crate::audio::trap::without_waiting;
        use std::sync::atomic::AtomicBool;

        let now = Instant::now();
        let activity = Activity::new(now);
        let (mut microphone, mut captured) = capture(48_000, 2, activity.clone());
        let (mut played, mut speaker) = playback(48_000, 2, activity.clone());
        let ended = Arc::new(AtomicBool::new(false));
        let program = {
            let ended = ended.clone();
            std::thread::spawn(move || {
                while !ended.load(Ordering::Acquire) {
                    while captured.pop().is_ok() {}
                    let _ = played.push_partial_slice(&[0.5; 480]);
                    activity.take_low_water();
                    activity.chunk();
                    activity.last_callback();
                }
            })
        };
        let callbacks = without_waiting(move || {
            let mut output = [0.0f32; 960];
            for _ in 0..100_000 {
                microphone.take(now, &[0.1f32; 960]);
                speaker.fill(now, &mut output);
            }
        });
        ended.store(true, Ordering::Release);
        program.join().expect("no panic");
        assert_eq!(callbacks, Some(()));
    }

    #[test]
    fn the_channels_of_a_microphone_are_mixed_to_one() {
        let now = Instant::now();
        let (mut end, mut captured) = capture(48_000, 2, Activity::new(now));
        end.take(now, &[1.0f32, 0.0, 0.5, 0.5]);
        end.take(now, &[i16::MAX, i16::MAX]);
        assert_eq!(captured.pop(), Ok(0.5));
        assert_eq!(captured.pop(), Ok(0.5));
        assert!(captured.pop().is_ok_and(|sample| sample > 0.999));
    }

    #[test]
    fn an_interruption_fades_out_and_in_and_is_counted_once() {
        let now = Instant::now();
        let activity = Activity::new(now);
        let (mut played, mut end) = playback(48_000, 1, activity.clone());
        let mut sound = [0.0f32; 1440];
        let (before, rest) = sound.split_at_mut(480);
        let (gap, after) = rest.split_at_mut(480);
        end.fill(now, &mut [0.0f32; 0]);
        assert_eq!(
            activity.underruns(),
            0,
            "nothing played yet, nothing missing"
        );
        played.push_entire_slice(&[0.5; 700]).expect("room");
        end.fill(now, before);
        end.fill(now, gap);
        played.push_entire_slice(&[0.5; 480]).expect("room");
        end.fill(now, after);
        assert_eq!(activity.underruns(), 1);
        let step = sound
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max);
        assert!(step < 0.03, "a step of {step}");
        assert!(sound[950].abs() < 0.001 && (sound[1439] - 0.5).abs() < 0.001);
    }

    #[test]
    fn activity_tells_when_the_device_last_called_and_how_much_it_takes() {
        let now = Instant::now();
        let activity = Activity::new(now);
        assert_eq!(activity.last_callback(), None);
        assert_eq!(activity.quiet_since(), now);
        let (_played, mut end) = playback(48_000, 2, activity.clone());
        let later = now + Duration::from_millis(30);
        end.fill(later, &mut [0.0f32; 2 * 480]);
        assert_eq!(activity.last_callback(), Some(later));
        assert_eq!(activity.chunk(), 480);
        activity.fail("unplugged".into());
        activity.fail("and again".into());
        assert_eq!(activity.failure(), Some("unplugged"));
    }
}
