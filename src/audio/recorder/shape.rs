use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use ogg::PacketReader;
use opus::{Channels, Decoder};

use super::error::{RecordCause, RecordError};
use crate::audio::level::{loudness, peak};

/// How many points of loudness there are.
pub const POINTS: usize = 100;
/// Enough to judge loudness by, and quick to decode, Hz.
const RATE: u32 = 8_000;
/// Samples of the clock of Ogg Opus (RFC 7845 4) to one of ours.
const CLOCK: u64 = 6;
/// The longest packet of Opus, samples: 120 ms.
const PACKET: usize = 960;

/// What a recording sounds like from afar.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// How long it plays.
    pub duration: Duration,
    /// How loud it is in each hundredth of its time, 0.0 to 1.0 as an ear judges it.
    pub loudness: [f32; POINTS],
}

impl Shape {
    /// Reads a recording to its end, or as far as it can be played; takes about a thousandth of
    /// the time it plays.
    ///
    /// # Errors
    /// [`RecordError`] if it can't be read, or is no Ogg Opus.
    pub fn of(path: &Path) -> Result<Self, RecordError> {
        let file = File::open(path).map_err(|error| RecordError::new(path, &error))?;
        let unknown = || RecordError {
            path: path.into(),
            cause: RecordCause::Other("reason-not-recording".into()),
        };
        let mut packets = PacketReader::new(BufReader::new(file));
        let head = packets.read_packet().ok().flatten().ok_or_else(unknown)?;
        let skip = match (head.data.get(..8), head.data.get(10..12)) {
            (Some(b"OpusHead"), Some(&[low, high])) => u64::from(u16::from_le_bytes([low, high])),
            _ => return Err(unknown()),
        };
        let mut decoder = Decoder::new(RATE, Channels::Mono).map_err(|_| unknown())?;
        let mut sound = [0.0; PACKET];
        let (mut played, mut end) = (0, None);
        let mut peaks = Vec::new();
        // The second packet holds names and comments; what is cut short ends where it is cut.
        let comments = packets.read_packet().ok().flatten();
        while comments.is_some()
            && let Ok(Some(packet)) = packets.read_packet()
        {
            let Ok(made) = decoder.decode_float(&packet.data, &mut sound, false) else {
                break;
            };
            played += made as u64 * CLOCK;
            if packet.last_in_stream() {
                end = Some(packet.absgp_page());
            }
            peaks.push(peak(sound.get(..made).unwrap_or_default()));
        }
        let played = end
            .map_or(played, |end| end.min(played))
            .saturating_sub(skip);
        Ok(Self {
            duration: Duration::from_secs_f64(played as f64 / f64::from(super::super::RATE)),
            loudness: points(&peaks),
        })
    }
}

/// The peaks gathered into as many points as there are, as an ear judges them.
fn points(peaks: &[f32]) -> [f32; POINTS] {
    std::array::from_fn(|point| {
        let (from, to) = (
            point * peaks.len() / POINTS,
            ((point + 1) * peaks.len()).div_ceil(POINTS),
        );
        let part = peaks.get(from..to).unwrap_or_default();
        loudness(part.iter().fold(0.0, |peak, next| peak.max(*next)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::OggOpus;
    use super::*;

    fn recording(seconds: usize, loud: impl Fn(usize) -> f32) -> Vec<u8> {
        let mut sound = OggOpus::new(1).unwrap();
        for second in 0..seconds {
            let tone = |at: usize| (at as f32 * 0.06).sin() * loud(second);
            sound
                .take(&(0..48_000).map(tone).collect::<Vec<_>>())
                .unwrap();
        }
        sound.finish().unwrap();
        sound.take_pages()
    }

    fn shape(contents: &[u8]) -> Result<Shape, RecordError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.ogg");
        std::fs::write(&path, contents).unwrap();
        Shape::of(&path)
    }

    #[test]
    fn a_recording_tells_how_long_it_is_and_where_it_is_loud() {
        let whole = recording(4, |second| if second == 2 { 0.8 } else { 0.0 });
        let shape = shape(&whole).unwrap();
        assert_eq!(shape.duration.as_millis(), 4_000);
        assert!(shape.loudness[..49].iter().all(|point| *point < 0.3));
        assert!(shape.loudness[53..72].iter().all(|point| *point > 0.8));
        assert!(shape.loudness[78..].iter().all(|point| *point < 0.3));
    }

    #[test]
    fn what_was_cut_short_is_read_up_to_the_cut() {
        let whole = recording(4, |_| 0.5);
        let shape = shape(&whole[..whole.len() / 2]).unwrap();
        let seconds = shape.duration.as_secs_f64();
        assert!((1.0..2.5).contains(&seconds), "{seconds}");
        assert!(shape.loudness.iter().all(|point| *point > 0.7));
    }

    #[test]
    fn what_is_no_recording_is_said_and_an_empty_one_has_no_length() {
        for contents in [&b""[..], b"OggS", b"RIFF....WAVE", &[0; 4096]] {
            assert!(shape(contents).is_err());
        }
        let empty = recording(0, |_| 0.0);
        assert_eq!(shape(&empty).unwrap().duration, Duration::ZERO);
    }

    #[test]
    fn few_packets_fill_all_points() {
        assert!(points(&[1.0, 1.0, 1.0]).iter().all(|point| *point == 1.0));
        assert_eq!(points(&[]), [0.0; POINTS]);
    }
}
