use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use ogg::PacketReader;
use opus::{Channels, Decoder};

use super::{FRAME, RATE, Sine, edge};
use crate::audio::AudioError;
use crate::audio::wav;

/// How this telephone rings, as it stands in the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RingSound {
    /// Two soft alternating notes.
    #[default]
    Marimba,
    /// The bell of an old telephone.
    Bell,
    /// Three rising notes.
    Chime,
    /// A file: WAV or Ogg Opus.
    File(PathBuf),
}

impl RingSound {
    /// The built-in ones.
    pub const BUILT_IN: [Self; 3] = [Self::Marimba, Self::Bell, Self::Chime];
}

impl FromStr for RingSound {
    type Err = std::convert::Infallible;

    /// What is no name of a built-in one is a path.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "" | "marimba" => Self::Marimba,
            "bell" => Self::Bell,
            "chime" => Self::Chime,
            path => Self::File(path.into()),
        })
    }
}

impl fmt::Display for RingSound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Marimba => f.write_str("marimba"),
            Self::Bell => f.write_str("bell"),
            Self::Chime => f.write_str("chime"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Peak of the ring: -10 dB below full scale.
const RING_PEAK: f32 = 0.32;
/// Rings until the full loudness is reached, so that nobody starts up.
const RING_RISE: u32 = 3;

/// Where the samples of a ring come from, at a peak of 1.0.
#[derive(Debug, Clone)]
enum Voice {
    Marimba(Marimba),
    Bell {
        low: Sine,
        high: Sine,
        hammer: Sine,
        at: u32,
    },
    Chime {
        notes: [Sine; 3],
        at: u32,
    },
    Recorded {
        samples: Arc<[f32]>,
        at: usize,
    },
}

/// This telephone rings, the first rings quieter than the rest.
#[derive(Debug, Clone)]
pub struct Ring {
    voice: Voice,
    at: u32,
    rings: u32,
}

impl Ring {
    /// A ring from its beginning. A file has to be [`load`]ed before; without it the built-in
    /// ring sounds.
    pub fn new(sound: &RingSound, file: Option<&Arc<[f32]>>) -> Self {
        let voice = match (sound, file) {
            (RingSound::Bell, _) => Voice::Bell {
                low: Sine::new(1000.0),
                high: Sine::new(1250.0),
                hammer: Sine::new(20.0),
                at: 0,
            },
            (RingSound::Chime, _) => Voice::Chime {
                notes: [523.25, 659.25, 783.99].map(Sine::new),
                at: 0,
            },
            (RingSound::File(_), Some(samples)) if !samples.is_empty() => Voice::Recorded {
                samples: samples.clone(),
                at: 0,
            },
            (RingSound::Marimba | RingSound::File(_), _) => Voice::Marimba(Marimba::new()),
        };
        Self {
            voice,
            at: 0,
            rings: 0,
        }
    }

    /// The next 10 ms.
    pub fn fill(&mut self, frame: &mut [f32; FRAME]) {
        for sample in frame {
            let rise = (self.rings + 1).min(RING_RISE) as f32 / RING_RISE as f32;
            *sample = RING_PEAK * rise * self.voice.sample();
            self.at += 1;
            if self.at == RING_PERIOD {
                self.at = 0;
                self.rings = self.rings.saturating_add(1);
            }
        }
    }
}

impl Voice {
    fn sample(&mut self) -> f32 {
        match self {
            Self::Marimba(marimba) => marimba.sample(),
            Self::Bell {
                low,
                high,
                hammer,
                at,
            } => {
                // Two gongs, struck 20 times a second, for one second of three.
                let strike = 0.5 + 0.5 * hammer.sample();
                let sound = strike * low.sample() + (1.0 - strike) * high.sample();
                let loud = edge((*at).min(RATE), RATE);
                *at = (*at + 1) % RING_PERIOD;
                loud * sound
            }
            Self::Chime { notes, at } => {
                let number = (*at / CHIME_NOTE) as usize;
                let inside = *at % CHIME_NOTE;
                *at = (*at + 1) % RING_PERIOD;
                let all = notes.each_mut().map(Sine::sample);
                let faded = 1.0 - inside as f32 / CHIME_NOTE as f32;
                let sample = all.get(number).copied().unwrap_or_default();
                edge(inside, CHIME_NOTE) * faded * sample
            }
            Self::Recorded { samples, at } => {
                let sample = samples.get(*at).copied().unwrap_or_default();
                *at = (*at + 1) % samples.len().max(1);
                sample
            }
        }
    }
}

/// How long a note of the chime sounds: 0.3 s.
const CHIME_NOTE: u32 = RATE / 10 * 3;

/// The two notes of the ring, Hz: a major third.
const RING_NOTES: [f32; 2] = [659.25, 830.61];
/// Notes follow each other every 0.16 s, eight of them, then a rest; 3 s in all.
const RING_NOTE: u32 = RATE / 100 * 16;
const RING_NOTES_IN_A_ROW: u32 = 8;
const RING_PERIOD: u32 = RATE * 3;

/// Two soft alternating notes that fade like a struck bar.
#[derive(Debug, Clone)]
struct Marimba {
    fundamental: [Sine; 2],
    overtone: [Sine; 2],
    at: u32,
}

impl Marimba {
    fn new() -> Self {
        Self {
            fundamental: RING_NOTES.map(Sine::new),
            overtone: RING_NOTES.map(|hertz| Sine::new(hertz * 3.0)),
            at: 0,
        }
    }

    fn sample(&mut self) -> f32 {
        let (note, at) = (self.at / RING_NOTE, self.at % RING_NOTE);
        self.at += 1;
        self.at %= RING_PERIOD;
        let [low, high] = &mut self.fundamental;
        let [low_over, high_over] = &mut self.overtone;
        let fundamentals = [low.sample(), high.sample()];
        let overtones = [low_over.sample(), high_over.sample()];
        if note >= RING_NOTES_IN_A_ROW {
            return 0.0;
        }
        let pick = |notes: [f32; 2]| if note % 2 == 0 { notes[0] } else { notes[1] };
        let faded = 1.0 - at as f32 / RING_NOTE as f32;
        let sound = 0.85 * pick(fundamentals) + 0.15 * faded * pick(overtones);
        edge(at, RING_NOTE) * faded.sqrt() * sound
    }
}

/// No ring of a person is longer, seconds; what follows in the file is left out.
const LONGEST: usize = 30;
/// No file of such a ring is larger, octets.
const LARGEST: u64 = 32 << 20;
/// The longest packet of Opus, samples at 48 kHz: 120 ms.
const PACKET: usize = 5_760;

/// Reads a ring from a file: WAV, or Ogg Opus (RFC 7845) of one or two channels. The loudest
/// sample becomes 1.0. May take some 100 ms.
///
/// # Errors
/// [`AudioError::File`] if it is not there, too large, silent, or no sound that is known.
pub fn load(path: &Path) -> Result<Arc<[f32]>, AudioError> {
    let failed = |reason: String| AudioError::File {
        path: path.into(),
        reason,
    };
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let length = file.metadata().map_err(|error| failed(error.to_string()))?;
    if length.len() > LARGEST {
        return Err(failed("reason-ring-large".into()));
    }
    let mut file = BufReader::new(file.take(LARGEST));
    let mut magic = [0; 4];
    file.read_exact(&mut magic)
        .map_err(|error| failed(error.to_string()))?;
    let mut samples = match &magic {
        b"OggS" => read_opus(path).map_err(failed)?,
        b"RIFF" => wav::read(path, LONGEST * RATE as usize)?,
        _ => return Err(failed("reason-ring-unknown".into())),
    };
    let loudest = samples
        .iter()
        .fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    if loudest < 1e-3 {
        return Err(failed("reason-ring-silent".into()));
    }
    samples.iter_mut().for_each(|sample| *sample /= loudest);
    Ok(samples.into())
}

fn read_opus(path: &Path) -> Result<Vec<f32>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut packets = PacketReader::new(BufReader::new(file));
    let mut next = || packets.read_packet().map_err(|error| error.to_string());
    let head = next()?.map(|packet| packet.data).unwrap_or_default();
    let (channels, count) = match (head.get(..8), head.get(9)) {
        (Some(b"OpusHead"), Some(1)) => (Channels::Mono, 1),
        (Some(b"OpusHead"), Some(2)) => (Channels::Stereo, 2),
        (Some(b"OpusHead"), _) => return Err("reason-ring-unknown".into()),
        _ => return Err("reason-ring-unknown".into()),
    };
    let skip = match head.get(10..12) {
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        _ => return Err("reason-ring-unknown".into()),
    };
    let mut decoder = Decoder::new(RATE, channels).map_err(|error| error.to_string())?;
    let mut decoded = vec![0.0; PACKET * count];
    let mut samples = Vec::new();
    // The second packet holds names and comments.
    next()?;
    while samples.len() < skip + LONGEST * RATE as usize {
        let Some(packet) = next()? else { break };
        let made = decoder
            .decode_float(&packet.data, &mut decoded, false)
            .map_err(|error| error.to_string())?;
        let made = decoded.get(..made * count).unwrap_or_default();
        let mono = made.chunks_exact(count);
        samples.extend(mono.map(|frame| frame.iter().sum::<f32>() / count as f32));
    }
    Ok(samples.split_off(skip.min(samples.len())))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{play, step};
    use super::*;
    use crate::audio::level::peak;

    #[test]
    fn no_built_in_ring_clicks_or_clips() {
        for sound in RingSound::BUILT_IN {
            let mut ring = Ring::new(&sound, None);
            let sound_of = play(12, |frame| ring.fill(frame));
            assert!(
                step(&sound_of) < 0.1,
                "{sound}: a step of {}",
                step(&sound_of)
            );
            assert!(peak(&sound_of) <= RING_PEAK, "{sound}");
        }
    }

    #[test]
    fn every_built_in_ring_starts_softly_and_rests_between_rings() {
        for sound in RingSound::BUILT_IN {
            let mut ring = Ring::new(&sound, None);
            let heard = play(12, |frame| ring.fill(frame));
            let rings: Vec<f32> = heard.chunks(RING_PERIOD as usize).map(peak).collect();
            assert!(rings[0] < rings[1] && rings[1] < rings[2], "{sound}");
            assert!((rings[2] - rings[3]).abs() < 0.01, "{sound}");
            assert_eq!(
                peak(&heard[RATE as usize * 2..RATE as usize * 3]),
                0.0,
                "{sound}"
            );
        }
    }

    #[test]
    fn a_ring_is_named_in_the_settings_or_is_a_file() {
        for sound in RingSound::BUILT_IN {
            assert_eq!(sound.to_string().parse(), Ok(sound));
        }
        let file = RingSound::File("/home/me/ring.opus".into());
        assert_eq!(file.to_string().parse(), Ok(file));
        assert_eq!("".parse(), Ok(RingSound::Marimba));
    }

    fn wav_file(path: &Path, samples: impl Iterator<Item = i16>) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).expect("a file");
        samples.for_each(|sample| writer.write_sample(sample).expect("room"));
        writer.finalize().expect("room");
    }

    #[test]
    fn a_file_rings_over_and_over_at_the_loudness_of_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ring.wav");
        wav_file(
            &path,
            (0..800).map(|at| (2000.0 * (f64::from(at) / 4.0).sin()) as i16),
        );
        let samples = load(&path).expect("a sound");
        assert!(
            samples.len().abs_diff(4800) < 1000,
            "{} samples",
            samples.len()
        );
        let mut ring = Ring::new(&RingSound::File(path), Some(&samples));
        let heard = play(9, |frame| ring.fill(frame));
        let last = &heard[8 * RATE as usize..];
        assert!((0.3..=RING_PEAK).contains(&peak(last)), "{}", peak(last));
        assert!(last.chunks(RATE as usize / 10).all(|part| peak(part) > 0.2));
    }

    #[test]
    fn a_recording_of_this_program_is_a_ring() {
        let folder = tempfile::tempdir().expect("a folder");
        let done = |_: &Path, _| {};
        let (mut tap, path, thread) =
            crate::audio::recorder::start(folder.path(), "r", done).expect("a recorder");
        let mut sine = Sine::new(440.0);
        for _ in 0..100 {
            let mut frame = [0.0; FRAME];
            sine.fill(&mut frame, 0.3);
            tap.write(&frame, &[0.0; FRAME]);
        }
        drop(tap);
        thread.join().expect("written");
        let samples = load(&path).expect("a sound");
        assert!(
            samples.len().abs_diff(RATE as usize) < 2000,
            "{}",
            samples.len()
        );
        assert_eq!(peak(&samples), 1.0);
    }

    #[test]
    fn what_is_no_sound_is_refused_and_never_rings() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x");
        for bytes in [
            &b""[..],
            b"RI",
            b"RIFF\0\0\0\0WAVE",
            b"OggS",
            b"OggS\0\x02 and so on",
        ] {
            std::fs::write(&path, bytes).expect("room");
            assert!(
                matches!(load(&path), Err(AudioError::File { .. })),
                "{bytes:?}"
            );
        }
        wav_file(&path, std::iter::repeat_n(0, 8000));
        assert!(load(&path).is_err(), "silence");
        assert!(load(&folder.path().join("missing")).is_err());
        let mut ring = Ring::new(&RingSound::File(path), None);
        let heard = play(1, |frame| ring.fill(frame));
        assert!(peak(&heard) > 0.05, "the built-in ring stands in");
    }
}
