use super::*;
use crate::audio::ring::{CaptureEnd, PlaybackEnd, capture, playback};

/// A microphone with a clock of its own that speaks a 440 Hz tone in chunks.
struct Captured {
    end: CaptureEnd,
    rate: f64,
    at: u64,
    chunk: usize,
    due: f64,
    late: f64,
    period: f64,
}

impl Captured {
    fn new(
        parts_per_million: f64,
        rate: u32,
        chunk: usize,
        now: Instant,
    ) -> (Self, LineMicrophone) {
        let activity = Activity::new(now);
        let (end, ring) = capture(rate, 1, activity.clone());
        let microphone = LineMicrophone::new("mic".into(), rate, ring, activity, Box::new(()))
            .expect("a rate of devices");
        let period = chunk as f64 / (f64::from(rate) * (1.0 + parts_per_million * 1e-6));
        (
            Self {
                end,
                rate: f64::from(rate),
                at: 0,
                chunk,
                due: 0.0,
                late: 0.0,
                period,
            },
            microphone,
        )
    }

    /// Hands over all chunks that are due by this time; each comes up to `late` seconds late.
    fn advance(&mut self, start: Instant, seconds: f64, late: f64, rng: &mut fastrand::Rng) {
        while self.due + self.late <= seconds {
            let samples: Vec<f32> = (0..self.chunk as u64)
                .map(|offset| tone((self.at + offset) as f64 / self.rate))
                .collect();
            self.at += self.chunk as u64;
            self.end.take(
                start + Duration::from_secs_f64(self.due + self.late),
                &samples,
            );
            self.due += self.period;
            self.late = late * rng.f64();
        }
    }
}

fn tone(seconds: f64) -> f32 {
    (0.5 * (std::f64::consts::TAU * 440.0 * seconds).sin()) as f32
}

/// The steepest a 440 Hz tone of this peak gets between two samples, with 1 % for the pitch.
const SLOPE: f32 = 0.5 * 0.0576 * 1.01;

/// The largest step and the largest second difference: a click or a lost sample shows in both.
fn roughness(sound: &[f32]) -> (f32, f32) {
    let step = sound
        .windows(2)
        .map(|w| (w[1] - w[0]).abs())
        .fold(0.0, f32::max);
    let bend = sound
        .windows(3)
        .map(|w| (w[2] - 2.0 * w[1] + w[0]).abs())
        .fold(0.0, f32::max);
    (step, bend)
}

#[test]
fn half_an_hour_of_clocks_300_ppm_apart_is_bridged_without_a_click_or_growing_delay() {
    for (parts_per_million, ticks) in [(300.0, 180_000u32), (-300.0, 60_000)] {
        let start = Instant::now();
        let mut rng = fastrand::Rng::with_seed(1);
        let (mut captured, mut microphone) = Captured::new(parts_per_million, RATE, 480, start);
        let (mut worst, mut longest) = ((0.0f32, 0.0f32), 0.0f64);
        let mut sound = [0.0f32; FRAME + 2];
        for tick in 0..ticks {
            let seconds = f64::from(tick) * 0.01;
            let now = start + Duration::from_secs_f64(seconds);
            captured.advance(start, seconds, 0.001, &mut rng);
            let mut frame = [0.0; FRAME];
            microphone.read(now, &mut frame);
            sound.copy_within(FRAME.., 0);
            sound[2..].copy_from_slice(&frame);
            if tick > 20 {
                let (step, bend) = roughness(&sound);
                worst = (worst.0.max(step), worst.1.max(bend));
                assert!(microphone.running, "ran dry at {seconds} s");
            }
            if tick > 6000 {
                longest = longest.max(microphone.seconds(microphone.captured.slots()));
            }
        }
        assert!(
            worst.0 < SLOPE,
            "{parts_per_million} ppm: a step of {}",
            worst.0
        );
        assert!(
            worst.1 < 0.0018,
            "{parts_per_million} ppm: a bend of {}",
            worst.1
        );
        assert!(
            longest < 0.016,
            "{parts_per_million} ppm: {longest} s after a read"
        );
    }
}

#[test]
fn a_microphone_of_44100_hz_in_uneven_chunks_is_heard_whole() {
    let start = Instant::now();
    let mut rng = fastrand::Rng::with_seed(2);
    let (mut captured, mut microphone) = Captured::new(50.0, 44_100, 1024, start);
    let mut sound = Vec::new();
    for tick in 0..3000u32 {
        let seconds = f64::from(tick) * 0.01;
        captured.advance(start, seconds, 0.004, &mut rng);
        let mut frame = [0.0; FRAME];
        microphone.read(start + Duration::from_secs_f64(seconds), &mut frame);
        if tick > 100 {
            sound.extend_from_slice(&frame);
        }
    }
    let (step, bend) = roughness(&sound);
    assert!(step < SLOPE && bend < 0.0018, "step {step}, bend {bend}");
}

#[test]
fn after_a_stall_of_the_reader_the_delay_comes_back_down_without_a_click() {
    let start = Instant::now();
    let mut rng = fastrand::Rng::with_seed(3);
    let (mut captured, mut microphone) = Captured::new(0.0, RATE, 480, start);
    let mut sound = Vec::new();
    for tick in 0..1000u32 {
        let seconds = f64::from(tick) * 0.01 + if tick > 500 { 0.3 } else { 0.0 };
        captured.advance(start, seconds, 0.0, &mut rng);
        let mut frame = [0.0; FRAME];
        microphone.read(start + Duration::from_secs_f64(seconds), &mut frame);
        if tick > 20 {
            sound.extend_from_slice(&frame);
        }
    }
    let (step, _) = roughness(&sound);
    assert!(step < 2.0 * SLOPE, "a step of {step}");
    assert!(microphone.seconds(microphone.captured.slots()) < 0.02);
}

#[test]
fn a_microphone_that_pauses_fades_out_and_is_heard_again() {
    let start = Instant::now();
    let mut rng = fastrand::Rng::with_seed(4);
    let (mut captured, mut microphone) = Captured::new(0.0, RATE, 480, start);
    let mut sound = Vec::new();
    for tick in 0..300u32 {
        let seconds = f64::from(tick) * 0.01;
        if !(100..120).contains(&tick) {
            captured.advance(start, seconds, 0.0, &mut rng);
        }
        let mut frame = [0.0; FRAME];
        microphone.read(start + Duration::from_secs_f64(seconds), &mut frame);
        sound.extend_from_slice(&frame);
    }
    let level = |from: usize, to: usize| crate::audio::level::rms(&sound[from * FRAME..to * FRAME]);
    assert!(level(50, 99) > 0.3);
    assert!(level(105, 119) < 0.001);
    assert!(level(130, 300) > 0.3);
}

#[test]
fn a_device_that_stops_calling_back_is_dead_after_half_a_second() {
    let start = Instant::now();
    let (mut captured, mut microphone) = Captured::new(0.0, RATE, 480, start);
    captured.advance(start, 0.1, 0.0, &mut fastrand::Rng::with_seed(5));
    assert_eq!(microphone.broken(start + Duration::from_millis(599)), None);
    let error = microphone.broken(start + Duration::from_millis(601));
    assert!(matches!(error, Some(AudioError::Device { name, .. }) if name == "mic"));
}

/// Plays for a while against a device that takes `chunk` samples at a time; returns the frames
/// that were wanted, the underruns, and the delay through the ring at the end in seconds.
fn play(
    rate: u32,
    chunk: usize,
    seconds: u32,
    mut lateness: impl FnMut() -> Duration,
) -> (usize, u32, f64) {
    let start = Instant::now();
    let activity = Activity::new(start);
    let (ring, mut end): (_, PlaybackEnd) = playback(rate, 1, activity.clone());
    let mut speaker = LineSpeaker::new("spk".into(), rate, ring, activity.clone(), Box::new(()))
        .expect("a rate of devices");
    let period = Duration::from_secs_f64(chunk as f64 / f64::from(rate));
    let (mut callback, mut look) = (start + period, start);
    let mut out = vec![0.0f32; chunk];
    let (mut frames, mut level) = (0, 0);
    while callback < start + Duration::from_secs(u64::from(seconds)) {
        if look < callback {
            let (wanted, next) = match speaker.demand(look) {
                Demand::Frames(wanted, next) => (wanted, next),
                Demand::Clock => (1, look + TICK),
            };
            for _ in 0..wanted {
                speaker.write(look, &[0.1; FRAME]);
            }
            frames += wanted;
            level = speaker.level();
            look = next.max(look) + lateness();
        } else {
            end.fill(callback, &mut out);
            callback += period;
        }
    }
    (frames, activity.underruns(), level as f64 / f64::from(rate))
}

#[test]
fn the_speakers_clock_sets_the_number_of_frames_and_the_ring_stays_small() {
    for (rate, chunk) in [
        (48_000, 480),
        (48_000, 240),
        (48_000, 512),
        (48_000, 1056),
        (44_100, 441),
    ] {
        let (frames, underruns, delay) = play(rate, chunk, 60, || Duration::ZERO);
        assert!(
            frames.abs_diff(6000) <= 4,
            "{rate}/{chunk}: {frames} frames in 60 s"
        );
        assert!(underruns <= 1, "{rate}/{chunk}: {underruns} underruns");
        let least = chunk as f64 / f64::from(rate);
        assert!(
            delay < least + 0.013,
            "{rate}/{chunk}: {delay} s in the ring"
        );
    }
}

#[test]
fn a_sluggish_program_gets_a_larger_ring_and_then_no_more_gaps() {
    let mut rng = fastrand::Rng::with_seed(6);
    let (_, early, _) = play(48_000, 480, 10, || {
        Duration::from_micros(rng.u64(0..14_000))
    });
    let mut rng = fastrand::Rng::with_seed(6);
    let (_, all, _) = play(48_000, 480, 60, || {
        Duration::from_micros(rng.u64(0..14_000))
    });
    assert!(early > 0, "the first gaps teach");
    assert!(
        all <= early + 3,
        "{early} gaps in the first 10 s, {all} in a minute"
    );
}

#[test]
fn until_a_speaker_plays_the_clock_paces_and_no_delay_piles_up() {
    let start = Instant::now();
    let activity = Activity::new(start);
    let (ring, mut end) = playback(RATE, 1, activity.clone());
    let mut speaker =
        LineSpeaker::new("spk".into(), RATE, ring, activity, Box::new(())).expect("a line");
    for tick in 0..100 {
        assert_eq!(speaker.demand(start + tick * TICK), Demand::Clock);
        speaker.write(start + tick * TICK, &[0.0; FRAME]);
    }
    assert_eq!(speaker.level(), FRAME);
    assert_eq!(speaker.broken(start + 250 * TICK), None);
    assert!(
        speaker.broken(start + 251 * TICK).is_some(),
        "it never played"
    );
    end.fill(start + 100 * TICK, &mut [0.0f32; FRAME]);
    assert!(matches!(
        speaker.demand(start + 100 * TICK),
        Demand::Frames(1, _)
    ));
    speaker.write(start + 100 * TICK, &[0.0; FRAME]);
    assert!(
        matches!(speaker.demand(start + 103 * TICK), Demand::Frames(0, _)),
        "it stands still"
    );
    assert!(
        speaker.broken(start + 151 * TICK).is_some(),
        "it stopped playing"
    );
}
