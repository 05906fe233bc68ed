//! Opus (RFC 6716) over RTP (RFC 7587): 48 kHz, mono, tuned for speech.

use ::opus::{Application, Bitrate, Channels};

use super::{CodecError, CodecId, Decoder, Encoder, OpusOptions, SAMPLE_RATE};

/// The balance of processing against sound, 0 to 10.
const COMPLEXITY: i32 = 5;
/// The largest Opus packet of one frame (RFC 6716 3.4).
const MAX_PAYLOAD: usize = 1_275;
/// Two octets or less are a frame of discontinuous transmission, which need not be sent.
const DTX_PAYLOAD: usize = 2;
/// The longest packet, 120 ms (RFC 6716 3.4).
const MAX_SAMPLES: usize = 5_760;
/// Concealment comes in multiples of 2.5 ms.
const CONCEAL_STEP: usize = 120;

fn setup(error: ::opus::Error) -> CodecError {
    CodecError::Setup {
        codec: CodecId::Opus,
        reason: error.to_string(),
    }
}

/// The encoder.
pub struct OpusEncoder {
    encoder: ::opus::Encoder,
    dtx: bool,
    expected_loss: u8,
}

impl OpusEncoder {
    /// An encoder for speech.
    pub fn new(options: &OpusOptions) -> Result<Self, CodecError> {
        let mut encoder =
            ::opus::Encoder::new(SAMPLE_RATE, Channels::Mono, Application::Voip).map_err(setup)?;
        let bitrate = i32::try_from(options.bitrate.clamp(6_000, 510_000)).unwrap_or(64_000);
        encoder.set_bitrate(Bitrate::Bits(bitrate)).map_err(setup)?;
        encoder.set_complexity(COMPLEXITY).map_err(setup)?;
        encoder.set_inband_fec(options.fec).map_err(setup)?;
        encoder.set_packet_loss_perc(0).map_err(setup)?;
        encoder.set_dtx(options.dtx).map_err(setup)?;
        Ok(Self {
            encoder,
            dtx: options.dtx,
            expected_loss: 0,
        })
    }
}

impl Encoder for OpusEncoder {
    fn encode(&mut self, sound: &[f32], payload: &mut Vec<u8>) -> Result<(), CodecError> {
        payload.resize(MAX_PAYLOAD, 0);
        match self.encoder.encode_float(sound, payload) {
            Ok(length) if self.dtx && length <= DTX_PAYLOAD => payload.clear(),
            Ok(length) => payload.truncate(length),
            Err(error) => {
                payload.clear();
                let reason = error.to_string();
                return Err(CodecError::Encode {
                    codec: CodecId::Opus,
                    reason,
                });
            }
        }
        Ok(())
    }

    fn expect_loss(&mut self, percent: u8) {
        let percent = percent.min(100);
        if percent != self.expected_loss
            && self
                .encoder
                .set_packet_loss_perc(i32::from(percent))
                .is_ok()
        {
            self.expected_loss = percent;
        }
    }
}

/// The decoder.
pub struct OpusDecoder {
    decoder: ::opus::Decoder,
}

impl OpusDecoder {
    /// A decoder to one channel, whatever comes in.
    pub fn new() -> Result<Self, CodecError> {
        let decoder = ::opus::Decoder::new(SAMPLE_RATE, Channels::Mono).map_err(setup)?;
        Ok(Self { decoder })
    }

    /// Fills `samples` in steps the decoder knows; silence where it knows none.
    fn fill(&mut self, payload: &[u8], fec: bool, samples: usize, sound: &mut Vec<f32>) {
        let start = sound.len();
        let end = start + samples;
        sound.resize(end.next_multiple_of(CONCEAL_STEP), 0.0);
        let mut at = start;
        while at < end {
            let step = (end - at).next_multiple_of(CONCEAL_STEP).min(MAX_SAMPLES);
            let Some(room) = sound.get_mut(at..at + step) else {
                break;
            };
            match self.decoder.decode_float(payload, room, fec) {
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
        match self.decoder.decode_float(payload, room, false) {
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
        self.fill(&[], false, samples, sound);
    }

    fn recover(&mut self, next: &[u8], samples: usize, sound: &mut Vec<f32>) {
        if self.helps_previous(next) && samples % CONCEAL_STEP == 0 {
            self.fill(next, true, samples, sound);
        } else {
            self.conceal(samples, sound);
        }
    }

    /// Reads the LBRR flag that opens a SILK frame (RFC 6716 4.2.3): after one voice activity
    /// bit for each 20 ms.
    fn helps_previous(&self, payload: &[u8]) -> bool {
        let Some(toc) = payload.first() else {
            return false;
        };
        let config = toc >> 3;
        if config >= 16 {
            return false;
        }
        let silk_frames = match (config < 12, config % 4) {
            (true, 2) => 2,
            (true, 3) => 3,
            _ => 1,
        };
        let first = match toc & 3 {
            0 => payload.get(1).copied(),
            // Several frames (RFC 6716 3.2): the library knows where the first begins.
            _ => ::opus::packet::parse(payload).ok().and_then(|packet| {
                packet
                    .frames
                    .first()
                    .and_then(|frame| frame.first().copied())
            }),
        };
        first.is_some_and(|first| (first >> (7 - silk_frames)) & 1 == 1)
    }

    fn duration(&self, payload: &[u8]) -> Option<usize> {
        if payload.is_empty() {
            return None;
        }
        let samples = self.decoder.get_nb_samples(payload).ok()?;
        (1..=MAX_SAMPLES).contains(&samples).then_some(samples)
    }

    fn reset(&mut self) {
        // A decoder that cannot be reset goes on with its old state: one odd transition.
        let _ = self.decoder.reset_state();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speech(samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|n| {
                let t = n as f32 / 48_000.0;
                let voice: f32 = (1..12)
                    .map(|h| (std::f32::consts::TAU * 140.0 * h as f32 * t).sin() / h as f32)
                    .sum();
                0.2 * voice * (1.0 + (std::f32::consts::TAU * 4.0 * t).sin())
            })
            .collect()
    }

    fn encoder(options: &OpusOptions) -> OpusEncoder {
        OpusEncoder::new(options).expect("an encoder")
    }

    #[test]
    fn a_packet_comes_back_as_long_as_it_was() {
        let mut payload = Vec::new();
        for ms in [10, 20, 40, 60] {
            let mut encoder = encoder(&OpusOptions::default());
            let mut decoder = OpusDecoder::new().expect("a decoder");
            encoder
                .encode(&speech(ms * 48), &mut payload)
                .expect("a payload");
            assert_eq!(decoder.duration(&payload), Some(ms * 48));
            let mut sound = Vec::new();
            decoder.decode(&payload, &mut sound).expect("sound");
            assert_eq!(sound.len(), ms * 48);
        }
    }

    #[test]
    fn a_lost_packet_is_recovered_from_the_next_when_loss_is_expected() {
        let mut encoder = encoder(&OpusOptions {
            bitrate: 32_000,
            ..OpusOptions::default()
        });
        let mut decoder = OpusDecoder::new().expect("a decoder");
        let sound = speech(48_000 * 2);
        let mut payload = Vec::new();
        let mut plain = 0;
        for block in sound.chunks(960).take(25) {
            encoder.encode(block, &mut payload).expect("a payload");
            plain += usize::from(decoder.helps_previous(&payload));
        }
        assert_eq!(plain, 0, "nothing is repeated while no loss is expected");
        encoder.expect_loss(15);
        let mut repeats = 0;
        for block in sound.chunks(960).skip(25) {
            encoder.encode(block, &mut payload).expect("a payload");
            repeats += usize::from(decoder.helps_previous(&payload));
        }
        assert!(repeats > 50, "{repeats} of 75");
        let mut out = Vec::new();
        decoder.recover(&payload, 960, &mut out);
        assert_eq!(out.len(), 960);
        decoder.conceal(481, &mut out);
        assert_eq!(out.len(), 1_441);
    }

    #[test]
    fn silence_is_hardly_sent_with_discontinuous_transmission() {
        let mut encoder = encoder(&OpusOptions {
            dtx: true,
            ..OpusOptions::default()
        });
        let mut payload = Vec::new();
        let mut sent = 0;
        for _ in 0..100 {
            encoder
                .encode(&[0.0; 960], &mut payload)
                .expect("a payload");
            sent += usize::from(!payload.is_empty());
        }
        assert!(sent < 40, "{sent} of 100 packets");
    }

    #[test]
    fn garbage_is_an_error_and_no_sound() {
        let mut decoder = OpusDecoder::new().expect("a decoder");
        let mut sound = Vec::new();
        assert!(decoder.decode(&[], &mut sound).is_err());
        assert!(decoder.decode(&[0xff], &mut sound).is_err());
        assert!(sound.is_empty());
        for first in 0..=255u8 {
            for second in [0u8, 1, 63, 252, 255] {
                let payload = [first, second];
                decoder.helps_previous(&payload);
                decoder.recover(&payload, 960, &mut sound);
                sound.clear();
                let _ = decoder.decode(&payload, &mut sound);
                sound.clear();
            }
        }
    }
}
