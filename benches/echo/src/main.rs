//! Runs the voice processing over files: `gudok-echo-bench FAR.wav MICROPHONE.wav OUT.wav [echo,noise,gain]`.
//! All of 48 kHz, one channel, 16 bits. `echo.py` makes the rooms and judges what comes out.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

#[path = "../../../src/audio/echo/mod.rs"]
mod echo;
#[path = "../../../src/audio/level.rs"]
mod level;
#[path = "../../../src/audio/processing.rs"]
mod processing;

use processing::{Processing, Processor};

/// As in the program, where `processing` finds them.
const RATE: u32 = 48_000;
const FRAME: usize = 480;

const FORMAT: WavSpec = WavSpec {
    channels: 1,
    sample_rate: RATE,
    bits_per_sample: 16,
    sample_format: SampleFormat::Int,
};

fn read(path: &str) -> anyhow::Result<Vec<f32>> {
    let mut reader = WavReader::open(path).with_context(|| path.to_owned())?;
    if reader.spec() != FORMAT {
        bail!("{path}: not 48 kHz, one channel, 16 bits");
    }
    let samples = reader.samples::<i16>();
    Ok(samples
        .map(|sample| sample.map(|sample| f32::from(sample) / 32_768.0))
        .collect::<Result<_, _>>()?)
}

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [far, microphone, out, parts] = words.as_slice() else {
        bail!("gudok-echo-bench FAR.wav MICROPHONE.wav OUT.wav echo,noise,gain");
    };
    let has = |part: &str| parts.split(',').any(|word| word == part);
    let mut processor = Processor::new(Processing {
        echo_cancellation: has("echo"),
        noise_suppression: has("noise"),
        gain_control: has("gain"),
    });
    let mut writer = WavWriter::create(out, FORMAT)?;
    let (mut took, mut longest, mut frames) = (Duration::ZERO, Duration::ZERO, 0u32);
    let (far, microphone) = (read(far)?, read(microphone)?);
    for (played, heard) in far
        .as_chunks::<FRAME>()
        .0
        .iter()
        .zip(microphone.as_chunks().0)
    {
        let mut frame = *heard;
        let began = Instant::now();
        // In a call the microphone is read before the speaker's frame is known.
        processor.capture(&mut frame);
        processor.play(played);
        let one = began.elapsed();
        took += one;
        longest = longest.max(one);
        frames += 1;
        for sample in frame {
            writer.write_sample((sample * 32_767.0).round() as i16)?;
        }
    }
    writer.finalize()?;
    let each = took.as_secs_f64() * 1e6 / f64::from(frames.max(1));
    println!("{each:.1} {:.1}", longest.as_secs_f64() * 1e6);
    Ok(())
}
