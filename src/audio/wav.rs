use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Instant;

use hound::{SampleFormat, WavIntoSamples, WavReader, WavSpec, WavWriter};

use super::convert::ToFrames;
use super::device::{Microphone, Speaker};
use super::{AudioError, FRAME, RATE};

/// Rates that a file may have, Hz.
const RATES: std::ops::RangeInclusive<u32> = 8000..=96_000;
/// After so many samples the file's header is brought up to date.
const FLUSH_EVERY: usize = RATE as usize;

fn failed(path: &Path, reason: impl ToString) -> AudioError {
    AudioError::File {
        path: path.into(),
        reason: reason.to_string(),
    }
}

/// The samples of a file, as they come, -1.0 to 1.0.
enum Samples {
    Whole {
        samples: WavIntoSamples<BufReader<File>, i32>,
        scale: f32,
    },
    Float(WavIntoSamples<BufReader<File>, f32>),
}

impl Samples {
    fn next(&mut self) -> Option<Result<f32, hound::Error>> {
        match self {
            Self::Whole { samples, scale } => {
                Some(samples.next()?.map(|sample| sample as f32 * *scale))
            }
            Self::Float(samples) => Some(samples.next()?.map(|sample| {
                if sample.is_finite() {
                    sample.clamp(-1.0, 1.0)
                } else {
                    0.0
                }
            })),
        }
    }
}

/// A WAV file as a microphone: read once, as it is needed, then silence.
pub(super) struct FileMicrophone {
    path: PathBuf,
    samples: Option<Samples>,
    channels: u16,
    converter: Option<ToFrames>,
    /// Samples at 48 kHz that are still inside the converter when the file ends.
    tail: usize,
    broken: Option<AudioError>,
}

impl FileMicrophone {
    /// Opens a file of 8 to 96 kHz, one or two channels, 16, 24 or 32 bits, or 32-bit float.
    pub(super) fn open(path: &Path) -> Result<Self, AudioError> {
        let reader = WavReader::open(path).map_err(|error| failed(path, error))?;
        let spec = reader.spec();
        if !RATES.contains(&spec.sample_rate) {
            return Err(failed(
                path,
                format!("{} Hz is not between 8000 and 96000", spec.sample_rate),
            ));
        }
        if !(1..=2).contains(&spec.channels) {
            return Err(failed(
                path,
                format!("{} channels, not one or two", spec.channels),
            ));
        }
        let samples = match (spec.sample_format, spec.bits_per_sample) {
            (SampleFormat::Int, bits @ (16 | 24 | 32)) => Samples::Whole {
                samples: reader.into_samples(),
                scale: 1.0 / (1u32 << (bits - 1)) as f32,
            },
            (SampleFormat::Float, 32) => Samples::Float(reader.into_samples()),
            (format, bits) => {
                return Err(failed(
                    path,
                    format!("samples of {bits} bits ({format:?}) are not known"),
                ));
            }
        };
        let converter = (spec.sample_rate != RATE)
            .then(|| ToFrames::new(spec.sample_rate))
            .transpose()
            .map_err(|error| failed(path, error))?;
        Ok(Self {
            path: path.into(),
            samples: Some(samples),
            channels: spec.channels,
            tail: converter.as_ref().map_or(0, ToFrames::delay),
            converter,
            broken: None,
        })
    }
}

/// The next sample, channels mixed; the end of the file or an error ends the samples.
fn next_mono(
    samples: &mut Option<Samples>,
    channels: u16,
    path: &Path,
    broken: &mut Option<AudioError>,
) -> f32 {
    let Some(source) = samples else {
        return 0.0;
    };
    let mut sum = 0.0;
    for _ in 0..channels {
        match source.next() {
            Some(Ok(sample)) => sum += sample,
            Some(Err(error)) => {
                *broken = Some(failed(path, error));
                *samples = None;
                return 0.0;
            }
            None => {
                *samples = None;
                return 0.0;
            }
        }
    }
    sum / f32::from(channels)
}

impl Microphone for FileMicrophone {
    fn read(&mut self, _now: Instant, frame: &mut [f32; FRAME]) {
        let Self {
            path,
            samples,
            channels,
            converter,
            tail,
            broken,
        } = self;
        if samples.is_none() {
            *tail = tail.saturating_sub(FRAME);
        }
        let mut fill = |input: &mut [f32]| {
            input.fill_with(|| next_mono(samples, *channels, path, broken));
        };
        match converter {
            Some(converter) => converter.read(frame, fill),
            None => fill(frame),
        }
    }

    fn is_finished(&self) -> bool {
        self.samples.is_none() && self.tail == 0
    }

    fn broken(&mut self, _now: Instant) -> Option<AudioError> {
        self.broken.take()
    }
}

/// Reads the sound of a file, at 48 kHz in one channel, as far as `longest` samples.
pub(super) fn read(path: &Path, longest: usize) -> Result<Vec<f32>, AudioError> {
    let mut microphone = FileMicrophone::open(path)?;
    let mut samples = Vec::new();
    let mut frame = [0.0; FRAME];
    let now = Instant::now();
    while !microphone.is_finished() && samples.len() < longest {
        microphone.read(now, &mut frame);
        samples.extend_from_slice(&frame);
    }
    match microphone.broken(now) {
        Some(error) => Err(error),
        None => Ok(samples),
    }
}

/// A WAV file as a speaker: 48 kHz, mono, 16 bits. Its header is right after every second of
/// sound, so that a crash costs no more than that.
pub(super) struct FileSpeaker {
    path: PathBuf,
    writer: Option<WavWriter<BufWriter<File>>>,
    unflushed: usize,
    broken: Option<AudioError>,
}

impl FileSpeaker {
    /// Makes the file, or empties it if it exists.
    pub(super) fn create(path: &Path) -> Result<Self, AudioError> {
        let spec = WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let mut writer = WavWriter::create(path, spec).map_err(|error| failed(path, error))?;
        writer.flush().map_err(|error| failed(path, error))?;
        Ok(Self {
            path: path.into(),
            writer: Some(writer),
            unflushed: 0,
            broken: None,
        })
    }

    fn append(&mut self, frame: &[f32; FRAME]) -> Result<(), hound::Error> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        for sample in frame {
            writer.write_sample((sample * 32_767.0).round() as i16)?;
        }
        self.unflushed += FRAME;
        if self.unflushed >= FLUSH_EVERY {
            self.unflushed = 0;
            writer.flush()?;
        }
        Ok(())
    }
}

impl Speaker for FileSpeaker {
    fn write(&mut self, _now: Instant, frame: &[f32; FRAME]) {
        if let Err(error) = self.append(frame) {
            self.writer = None;
            self.broken = Some(failed(&self.path, error));
        }
    }

    fn broken(&mut self, _now: Instant) -> Option<AudioError> {
        self.broken.take()
    }
}

#[cfg(test)]
#[path = "wav_tests.rs"]
mod tests;
