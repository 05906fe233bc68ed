use super::*;

const TONE_HZ: f32 = 500.0;

fn write_tone(path: &Path, spec: WavSpec, seconds: f32) {
    let mut writer = WavWriter::create(path, spec).expect("a new file");
    let frames = (spec.sample_rate as f32 * seconds) as u32;
    for at in 0..frames {
        let sample =
            0.5 * (std::f32::consts::TAU * TONE_HZ * at as f32 / spec.sample_rate as f32).sin();
        for _ in 0..spec.channels {
            match spec.sample_format {
                SampleFormat::Float => writer.write_sample(sample),
                SampleFormat::Int => {
                    let full = (1i64 << (spec.bits_per_sample - 1)) as f64 - 1.0;
                    writer.write_sample((f64::from(sample) * full) as i32)
                }
            }
            .expect("a sample");
        }
    }
    writer.finalize().expect("a whole file");
}

fn read_all(microphone: &mut FileMicrophone) -> Vec<f32> {
    let mut sound = Vec::new();
    let mut frame = [0.0; FRAME];
    while !microphone.is_finished() && sound.len() < 60 * RATE as usize {
        microphone.read(Instant::now(), &mut frame);
        sound.extend_from_slice(&frame);
    }
    sound
}

#[test]
fn every_rate_and_format_comes_out_as_the_same_tone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("in.wav");
    for (sample_rate, channels, bits_per_sample, sample_format) in [
        (8000, 1, 16, SampleFormat::Int),
        (16_000, 2, 16, SampleFormat::Int),
        (22_050, 1, 24, SampleFormat::Int),
        (44_100, 2, 24, SampleFormat::Int),
        (48_000, 1, 32, SampleFormat::Int),
        (48_000, 2, 16, SampleFormat::Int),
        (96_000, 2, 32, SampleFormat::Float),
    ] {
        let spec = WavSpec {
            channels,
            sample_rate,
            bits_per_sample,
            sample_format,
        };
        write_tone(&path, spec, 1.0);
        let sound = read_all(&mut FileMicrophone::open(&path).expect("a known format"));
        let expected = RATE as usize;
        assert!(
            (expected..expected + 3 * FRAME).contains(&sound.len()),
            "{spec:?}: {}",
            sound.len()
        );
        let middle = &sound[4800..43_200];
        let rises = middle
            .windows(2)
            .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0)
            .count();
        assert!(
            rises.abs_diff(400) <= 1,
            "{spec:?}: {rises} periods in 0.8 s"
        );
        let peak = crate::audio::level::peak(middle);
        assert!((peak - 0.5).abs() < 0.01, "{spec:?}: a peak of {peak}");
    }
}

#[test]
fn after_its_end_a_file_is_silent_and_finished() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("in.wav");
    let spec = WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    write_tone(&path, spec, 0.025);
    let mut microphone = FileMicrophone::open(&path).expect("a file");
    assert_eq!(read_all(&mut microphone).len(), 3 * FRAME);
    let mut frame = [1.0; FRAME];
    microphone.read(Instant::now(), &mut frame);
    assert_eq!(frame, [0.0; FRAME]);
    assert!(microphone.is_finished());
    assert_eq!(microphone.broken(Instant::now()), None);
}

#[test]
fn what_is_no_sound_file_is_refused_with_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing.wav");
    let text = folder.path().join("text.wav");
    std::fs::write(&text, "this is no sound").expect("a file");
    let slow = folder.path().join("slow.wav");
    let spec = WavSpec {
        channels: 1,
        sample_rate: 4000,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    write_tone(&slow, spec, 0.1);
    let wide = folder.path().join("wide.wav");
    write_tone(
        &wide,
        WavSpec {
            channels: 6,
            sample_rate: RATE,
            ..spec
        },
        0.1,
    );
    for path in [missing, text, slow, wide] {
        match FileMicrophone::open(&path) {
            Err(AudioError::File {
                path: named,
                reason,
            }) => {
                assert_eq!(named, path);
                assert!(!reason.is_empty());
            }
            _ => panic!("{} was accepted", path.display()),
        }
    }
}

#[test]
fn a_file_cut_short_plays_what_it_has_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cut.wav");
    let spec = WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    write_tone(&path, spec, 1.0);
    let file = File::options().write(true).open(&path).expect("the file");
    file.set_len(48_000).expect("a shorter file");
    let mut microphone = FileMicrophone::open(&path).expect("the header is whole");
    let sound = read_all(&mut microphone);
    assert!(sound.len().abs_diff(24_000) < 2 * FRAME);
    assert!(matches!(
        microphone.broken(Instant::now()),
        Some(AudioError::File { .. })
    ));
}

#[test]
fn what_is_written_can_be_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.wav");
    let mut speaker = FileSpeaker::create(&path).expect("a new file");
    let frame = std::array::from_fn(|at| at as f32 / FRAME as f32 * 3.0 - 1.5);
    speaker.write(Instant::now(), &frame);
    drop(speaker);
    let mut microphone = FileMicrophone::open(&path).expect("a whole file");
    let mut back = [0.0; FRAME];
    microphone.read(Instant::now(), &mut back);
    for (written, read) in frame.iter().zip(back) {
        assert!((written.clamp(-1.0, 1.0) - read).abs() < 1e-4);
    }
}

#[test]
fn a_crash_costs_less_than_a_second_of_sound() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.wav");
    let mut speaker = FileSpeaker::create(&path).expect("a new file");
    for _ in 0..250 {
        speaker.write(Instant::now(), &[0.25; FRAME]);
    }
    // Nothing of the writer runs any more, as if the process had been killed.
    std::mem::forget(speaker);
    let reader = WavReader::open(&path).expect("a header that is right");
    assert_eq!(reader.duration(), 2 * RATE);
}
