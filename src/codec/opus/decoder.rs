use super::library::{self, Redundancy, Source};
use super::noise;
use super::{MAX_SAMPLES, setup};
use crate::codec::{CodecError, CodecId, Decoder};

/// From this on the decoder conceals with a neural network.
const COMPLEXITY: u8 = 5;
/// What is made up comes in multiples of 2.5 ms.
const STEP: usize = 120;

/// The decoder.
pub struct OpusDecoder {
    library: library::Decoder,
    redundancy: Redundancy,
}

impl OpusDecoder {
    /// A decoder to one channel, whatever comes in.
    pub fn new() -> Result<Self, CodecError> {
        Ok(Self {
            library: library::Decoder::new(COMPLEXITY).map_err(setup)?,
            redundancy: Redundancy::new().map_err(setup)?,
        })
    }

    /// Appends `samples`, in steps of which `decode` makes each from how much is still left;
    /// silence where it can't.
    fn fill(
        &mut self,
        samples: usize,
        sound: &mut Vec<f32>,
        mut decode: impl FnMut(&mut Self, usize, &mut [f32]) -> Result<usize, library::Error>,
    ) {
        let end = sound.len() + samples;
        let mut at = sound.len();
        sound.resize(end.next_multiple_of(STEP) + STEP, 0.0);
        while at < end {
            let left = end - at;
            let step = left.next_multiple_of(STEP).min(MAX_SAMPLES);
            let Some(room) = sound.get_mut(at..at + step) else {
                break;
            };
            match decode(self, left, room) {
                Ok(done) if done > 0 => at += done,
                _ => {
                    room.fill(0.0);
                    break;
                }
            }
        }
        sound.truncate(end);
    }
}

impl Decoder for OpusDecoder {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<f32>) -> Result<(), CodecError> {
        let fail = |reason: String| CodecError::Decode {
            codec: CodecId::Opus,
            reason,
        };
        let samples = self
            .duration(payload)
            .ok_or_else(|| fail("not an Opus packet".to_owned()))?;
        let start = sound.len();
        sound.resize(start + samples, 0.0);
        let room = sound.get_mut(start..).unwrap_or_default();
        match self.library.decode(Source::Packet(payload), room) {
            Ok(done) => {
                sound.truncate(start + done);
                Ok(())
            }
            Err(error) => {
                sound.truncate(start);
                Err(fail(error.to_string()))
            }
        }
    }

    fn conceal(&mut self, samples: usize, sound: &mut Vec<f32>) {
        let heard = sound.len();
        self.fill(samples, sound, |decoder, _, room| {
            decoder.library.decode(Source::Nothing, room)
        });
        noise::go_on(sound, heard);
    }

    /// What lies further back comes from DRED; the last packet, where it is repeated whole, from
    /// LBRR, which sounds better.
    fn recover(&mut self, next: &[u8], samples: usize, sound: &mut Vec<f32>) {
        let packet = self.duration(next).unwrap_or(MAX_SAMPLES);
        let repeated = library::repeats(next) && samples.is_multiple_of(STEP);
        let known = self.redundancy.read(next, samples, true);
        let known = known.unwrap_or_default();
        self.fill(samples, sound, |decoder, left, room| {
            if repeated && left == packet {
                return decoder.library.decode(Source::Repeated(next), room);
            }
            let step = match repeated && left > packet {
                true => left - packet,
                false => left.next_multiple_of(STEP),
            };
            let room = room.get_mut(..step).unwrap_or_default();
            match known.contains(&left.saturating_sub(1)) {
                true => decoder
                    .library
                    .decode_redundancy(&decoder.redundancy, left, room),
                false => decoder.library.decode(Source::Nothing, room),
            }
        });
    }

    fn reach(&mut self, payload: &[u8]) -> usize {
        let repeated = match library::repeats(payload) {
            true => self.duration(payload).unwrap_or(0),
            false => 0,
        };
        // DRED travels as padding, which only a packet of several frames can have (RFC 6716 3.2.5).
        let padded = matches!(*payload, [toc, count, ..] if toc & 3 == 3 && count & 0x40 != 0);
        let redundancy = match padded {
            true => self.redundancy.read(payload, MAX_SAMPLES, false),
            false => Ok(0..0),
        };
        repeated.max(redundancy.map_or(0, |known| known.end))
    }

    fn duration(&self, payload: &[u8]) -> Option<usize> {
        let samples = library::samples_in(payload).ok()?;
        (1..=MAX_SAMPLES).contains(&samples).then_some(samples)
    }

    fn reset(&mut self) {
        // A decoder that cannot be reset goes on with its old state: one odd transition.
        let _ = self.library.reset();
    }
}
