//! Opus (RFC 6716) over RTP (RFC 7587): 48 kHz, mono, tuned for speech. When loss is expected,
//! packets repeat earlier sound in two ways: the packet before, whole, at a low rate (LBRR, the FEC
//! of RFC 6716), and a coarse description of the last 100 ms (DRED, draft-ietf-mlcodec-opus-dred),
//! which a decoder that knows it not takes for padding. Where neither helps, a neural network makes
//! the sound go on.

mod decoder;
mod encoder;
mod library;
mod noise;

use super::{CodecError, CodecId};

pub use decoder::OpusDecoder;
pub use encoder::OpusEncoder;

/// The largest Opus packet of one frame (RFC 6716 3.4).
const MAX_PAYLOAD: usize = 1_275;
/// The longest packet, 120 ms (RFC 6716 3.4).
const MAX_SAMPLES: usize = 5_760;

fn setup(error: library::Error) -> CodecError {
    CodecError::Setup {
        codec: CodecId::Opus,
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Decoder, Encoder, OpusOptions};

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
            plain += usize::from(decoder.reach(&payload) > 0);
        }
        assert_eq!(plain, 0, "nothing is repeated while no loss is expected");
        encoder.expect_loss(15);
        let mut repeats = 0;
        for block in sound.chunks(960).skip(25) {
            encoder.encode(block, &mut payload).expect("a payload");
            repeats += usize::from(decoder.reach(&payload) > 0);
        }
        assert!(repeats > 50, "{repeats} of 75");
        let mut out = Vec::new();
        decoder.recover(&payload, 960, &mut out);
        assert_eq!(out.len(), 960);
        decoder.conceal(481, &mut out);
        assert_eq!(out.len(), 1_441);
    }

    /// The level of each 10 ms, of three packets lost in a row and recovered from the next.
    fn levels_recovered(fec: bool) -> (Vec<f32>, Vec<f32>) {
        let mut encoder = encoder(&OpusOptions {
            fec,
            ..OpusOptions::default()
        });
        encoder.expect_loss(10);
        let (mut whole, mut poor) = (
            OpusDecoder::new().expect("a decoder"),
            OpusDecoder::new().expect("a decoder"),
        );
        // The voice begins within what gets lost: nothing before it tells of it.
        let mut sound = vec![0.0; 960 * 50];
        sound.extend(speech(960 * 10));
        let mut payload = Vec::new();
        let (mut said, mut heard) = (Vec::new(), Vec::new());
        for (n, block) in sound.chunks(960).enumerate() {
            encoder.encode(block, &mut payload).expect("a payload");
            whole.decode(&payload, &mut said).expect("sound");
            match n {
                50..53 => {}
                53 => {
                    let reach = poor.reach(&payload);
                    // Of the silence before it DRED says nothing.
                    assert_eq!(reach > 2 * 960, fec, "{reach}");
                    poor.recover(&payload, 3 * 960, &mut heard);
                    poor.decode(&payload, &mut heard).expect("sound");
                }
                _ => poor.decode(&payload, &mut heard).expect("sound"),
            }
        }
        assert_eq!(said.len(), heard.len());
        let levels = |sound: &[f32]| -> Vec<f32> {
            let power = |block: &[f32]| block.iter().map(|x| x * x).sum::<f32>();
            sound.chunks(480).map(|block| power(block).sqrt()).collect()
        };
        (levels(&said), levels(&heard))
    }

    #[test]
    fn three_packets_lost_in_a_row_come_back_from_the_next() {
        // Blocks 100 to 105 were lost: how much of their sound is there. DRED renders this voice,
        // which is none, at a tenth of its level; without it there is nothing.
        let there = |fec: bool| {
            let (said, heard) = levels_recovered(fec);
            heard[100..106].iter().sum::<f32>() / said[100..106].iter().sum::<f32>()
        };
        let (with, without) = (there(true), there(false));
        assert!(with > 0.05 && with < 1.5, "{with}");
        assert!(
            without < with / 3.0,
            "{without} without FEC, {with} with it"
        );
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
                decoder.reach(&payload);
                decoder.recover(&payload, 960, &mut sound);
                sound.clear();
                let _ = decoder.decode(&payload, &mut sound);
                sound.clear();
            }
        }
    }
}
