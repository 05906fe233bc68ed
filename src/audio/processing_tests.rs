use super::*;
use crate::audio::level::rms;

const SECOND: usize = RATE as usize;
const MS: usize = SECOND / 1000;

/// Speech at 48 kHz, seconds of it, as often over as it takes, at -26 dB.
fn speech(seconds: usize) -> Vec<f32> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/tones/voice.wav");
    let mut reader = hound::WavReader::open(path).expect("the voice");
    let times = SECOND / reader.spec().sample_rate as usize;
    let samples: Vec<f32> = reader
        .samples::<i16>()
        .map(|sample| f32::from(sample.expect("a whole file")) / 32_768.0)
        .collect();
    let loudness = 0.05 / rms(&samples);
    let next = samples.iter().skip(1).chain([&0.0]);
    let between = samples.iter().zip(next).flat_map(|(this, next)| {
        (0..times).map(move |part| this + (next - this) * part as f32 / times as f32)
    });
    let once: Vec<f32> = between.map(|sample| sample * loudness).collect();
    once.iter()
        .copied()
        .cycle()
        .take(seconds * SECOND)
        .collect()
}

/// What a microphone hears of a speaker in a room: after `delay_ms`, `loss_db` weaker, with
/// reflections that die away by 60 dB within 200 ms.
fn room(played: &[f32], delay_ms: usize, loss_db: f32, seed: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut reflections = vec![(0, 1.0f32)];
    reflections.extend((0..48).map(|_| {
        let late = random.usize(MS..100 * MS);
        let faded = 10.0f32.powf(-3.0 * late as f32 / (200 * MS) as f32);
        (late, faded * (random.f32() - 0.5))
    }));
    let energy: f32 = reflections.iter().map(|(_, gain)| gain * gain).sum();
    let scale = 10.0f32.powf(-loss_db / 20.0) / energy.sqrt();
    let mut heard = vec![0.0; played.len()];
    for (late, gain) in reflections {
        let late = delay_ms * MS + late;
        for (place, sample) in heard.iter_mut().skip(late).zip(played) {
            *place += scale * gain * sample;
        }
    }
    heard
}

/// What comes out of the processor, frame by frame: the microphone is read before the speaker's
/// frame is known, as in a call.
fn process(switches: Processing, played: &[f32], heard: &[f32]) -> Vec<f32> {
    let mut processor = Processor::new(switches);
    let mut out = Vec::new();
    for (played, heard) in played.chunks_exact(FRAME).zip(heard.chunks_exact(FRAME)) {
        let mut frame: [f32; FRAME] = heard.try_into().expect("a whole frame");
        processor.capture(&mut frame);
        processor.play(played.try_into().expect("a whole frame"));
        out.extend_from_slice(&frame);
    }
    out
}

fn decibels(ratio: f32) -> f32 {
    20.0 * ratio.log10()
}

const ECHO: Processing = Processing {
    echo_cancellation: true,
    ..Processing::NONE
};

const ROOMS: [(usize, f32); 6] = [
    (20, 6.0),
    (20, 20.0),
    (60, 12.0),
    (100, 6.0),
    (200, 6.0),
    (200, 20.0),
];

#[test]
fn an_echo_is_30_db_weaker_after_two_seconds_in_every_room() {
    let played = speech(8);
    for (seed, (delay, loss)) in ROOMS.into_iter().enumerate() {
        let heard = room(&played, delay, loss, seed as u64);
        for switches in [ECHO, Processing::ALL] {
            let sent = process(switches, &played, &heard);
            let after = 2 * SECOND..;
            let gone = decibels(rms(&heard[after.clone()]) / rms(&sent[after]));
            assert!(
                gone >= 30.0,
                "{gone} dB at {delay} ms, {loss} dB, {switches:?}"
            );
        }
    }
}

#[test]
fn who_speaks_while_the_speaker_plays_is_heard() {
    let played = speech(10);
    // Another place of the same speech, as loud as the echo.
    let mut said = speech(13).split_off(3 * SECOND);
    said[..5 * SECOND].fill(0.0);
    let echo = room(&played, 60, 10.0, 9);
    let heard: Vec<f32> = said.iter().zip(&echo).map(|(a, b)| 0.3 * a + b).collect();
    let sent = process(ECHO, &played, &heard);
    let talk = 6 * SECOND..;
    let loss = decibels(0.3 * rms(&said[talk.clone()]) / rms(&sent[talk]));
    assert!(loss.abs() < 6.0, "{loss} dB lost");
}

#[test]
fn while_nothing_is_played_the_microphone_is_as_it_is() {
    let voice = speech(4);
    let mut played = vec![0.0; voice.len()];
    assert_eq!(process(ECHO, &played, &voice), voice);
    // A second of the far side in the middle, and the canceller has stepped aside again.
    played[SECOND..2 * SECOND].copy_from_slice(&speech(1));
    let sent = process(ECHO, &played, &voice);
    assert_eq!(sent[..SECOND], voice[..SECOND]);
    assert_ne!(sent[SECOND..2 * SECOND], voice[SECOND..2 * SECOND]);
    assert_eq!(sent[3 * SECOND..], voice[3 * SECOND..]);
}

/// How much weaker than `said` is what differs from it, dB; what was sent is a frame late.
fn likeness(said: &[f32], sent: &[f32], from: usize) -> f32 {
    let said = &said[from - FRAME..said.len() - FRAME];
    let sent = &sent[from..];
    let rest: Vec<f32> = sent.iter().zip(said).map(|(a, b)| a - b).collect();
    decibels(rms(said) / rms(&rest))
}

#[test]
fn with_headphones_what_is_said_gets_through_whatever_is_played() {
    let played = speech(14);
    let said = speech(17).split_off(3 * SECOND);
    let sent = process(ECHO, &played, &said);
    let late = 8 * SECOND..;
    assert!(sent[late.clone()] == said[late], "not as it was said");
}

#[test]
fn a_voice_beside_a_known_echo_is_hardly_touched() {
    let played = speech(20);
    let mut said = speech(23).split_off(3 * SECOND);
    said[..10 * SECOND].fill(0.0);
    for (seed, (delay, loss)) in ROOMS.into_iter().enumerate() {
        let echo = room(&played, delay, loss, seed as u64);
        let heard: Vec<f32> = said.iter().zip(&echo).map(|(a, b)| a + b).collect();
        let like = likeness(&said, &process(ECHO, &played, &heard), 10 * SECOND);
        assert!(like > 10.0, "{like} dB at {delay} ms, {loss} dB");
    }
}

#[test]
fn a_room_that_changes_is_learned_again() {
    let played = speech(20);
    let mut heard = room(&played, 40, 10.0, 1);
    heard.truncate(10 * SECOND);
    heard.extend_from_slice(&room(&played, 70, 8.0, 2)[10 * SECOND..]);
    let sent = process(ECHO, &played, &heard);
    let late = 14 * SECOND..;
    let gone = decibels(rms(&heard[late.clone()]) / rms(&sent[late]));
    assert!(gone >= 30.0, "{gone} dB");
}

#[test]
fn the_echo_of_a_loudspeaker_that_distorts_is_taken_out() {
    let played = speech(10);
    let distorted: Vec<f32> = played.iter().map(|x| (8.0 * x).tanh() / 8.0).collect();
    let heard = room(&distorted, 60, 6.0, 3);
    let sent = process(ECHO, &played, &heard);
    let after = 2 * SECOND..;
    let gone = decibels(rms(&heard[after.clone()]) / rms(&sent[after]));
    assert!(gone >= 12.0, "{gone} dB");
}

#[test]
fn an_echo_that_begins_later_is_taken_out_too() {
    let played = speech(20);
    let mut heard = room(&played, 60, 10.0, 4);
    heard[..10 * SECOND].fill(0.0);
    let sent = process(ECHO, &played, &heard);
    let late = 15 * SECOND..;
    let gone = decibels(rms(&heard[late.clone()]) / rms(&sent[late]));
    assert!(gone >= 30.0, "{gone} dB");
}

#[test]
fn what_is_switched_off_leaves_the_microphone_as_it_is() {
    let played = speech(1);
    let heard = room(&played, 20, 6.0, 1);
    assert_eq!(process(Processing::NONE, &played, &heard), heard);
}

#[test]
fn steady_noise_gets_quieter_and_a_voice_does_not() {
    let mut random = fastrand::Rng::with_seed(3);
    let noise: Vec<f32> = std::iter::repeat_with(|| 0.01 * (random.f32() - 0.5))
        .take(4 * SECOND)
        .collect();
    let silence = vec![0.0; noise.len()];
    let switches = Processing {
        noise_suppression: true,
        ..Processing::NONE
    };
    let sent = process(switches, &silence, &noise);
    let late = 3 * SECOND..;
    let quieter = decibels(rms(&noise[late.clone()]) / rms(&sent[late.clone()]));
    assert!(quieter > 8.0, "{quieter} dB");
    let voice = speech(4);
    let sent = process(switches, &silence, &voice);
    let lost = decibels(rms(&voice[late.clone()]) / rms(&sent[late]));
    assert!(lost.abs() < 1.5, "{lost} dB");
}

#[test]
fn a_quiet_voice_becomes_louder() {
    let quiet: Vec<f32> = speech(10).iter().map(|sample| 0.1 * sample).collect();
    let switches = Processing {
        gain_control: true,
        ..Processing::NONE
    };
    let sent = process(switches, &vec![0.0; quiet.len()], &quiet);
    let late = 7 * SECOND..;
    let louder = decibels(rms(&sent[late.clone()]) / rms(&quiet[late]));
    assert!(louder > 5.0, "{louder} dB");
}

#[test]
fn a_switch_acts_in_the_middle_of_the_sound() {
    let played = speech(6);
    let heard = room(&played, 40, 6.0, 5);
    let mut processor = Processor::new(Processing::NONE);
    let mut out = Vec::new();
    for (at, (played, heard)) in played
        .chunks_exact(FRAME)
        .zip(heard.chunks_exact(FRAME))
        .enumerate()
    {
        match at {
            100 => processor.switch(ECHO),
            500 => processor.switch(Processing::NONE),
            _ => {}
        }
        let mut frame: [f32; FRAME] = heard.try_into().expect("a whole frame");
        processor.capture(&mut frame);
        processor.play(played.try_into().expect("a whole frame"));
        out.extend_from_slice(&frame);
    }
    let loss = |from: usize, to: usize| {
        let part = from * SECOND..to * SECOND;
        decibels(rms(&heard[part.clone()]) / rms(&out[part]))
    };
    assert!(loss(0, 1).abs() < 0.1 && loss(5, 6).abs() < 0.1);
    assert!(loss(3, 5) > 25.0, "{} dB", loss(3, 5));
}
