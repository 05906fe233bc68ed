//! G.711 (ITU-T): companded samples at 8 kHz, one octet each, in A-law and µ-law.

use super::conceal::Concealer;
use super::rate::{Downsampler, Rate, Upsampler};
use super::{CodecError, CodecId, Decoder, Encoder};

/// Samples at 48 kHz to one of G.711.
const FACTOR: usize = Rate::Narrow.factor();
/// The longest payload taken: 200 ms.
const MAX_PAYLOAD: usize = 1_600;

/// The two laws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// A-law, ITU-T G.711 table 1.
    A,
    /// µ-law, ITU-T G.711 table 2.
    Mu,
}

impl Law {
    /// The octet for a 16-bit sample.
    pub fn compress(self, sample: i16) -> u8 {
        match self {
            Self::A => alaw_from_linear(sample),
            Self::Mu => ulaw_from_linear(sample),
        }
    }

    /// The 16-bit sample of an octet.
    pub fn expand(self, octet: u8) -> i16 {
        match self {
            Self::A => linear_from_alaw(octet),
            Self::Mu => linear_from_ulaw(octet),
        }
    }

    fn codec(self) -> CodecId {
        match self {
            Self::A => CodecId::Alaw,
            Self::Mu => CodecId::Ulaw,
        }
    }
}

/// Even bits are inverted on the line (G.711 table 1a, note 2).
const ALAW_LINE: u8 = 0x55;
/// Added to a µ-law magnitude, so that segment borders fall on powers of two.
const ULAW_BIAS: u16 = 0x84;

fn alaw_from_linear(sample: i16) -> u8 {
    // 13 bits with the sign apart; a negative magnitude is one less, so that it fits.
    let (sign, magnitude) = if sample >= 0 {
        (0x80, sample as u16 >> 3)
    } else {
        (0, !sample as u16 >> 3)
    };
    let code = match magnitude {
        0..=31 => magnitude >> 1,
        _ => {
            let segment = 11 - magnitude.leading_zeros() as u16;
            segment << 4 | (magnitude >> segment & 0x0f)
        }
    };
    (code as u8 | sign) ^ ALAW_LINE
}

fn linear_from_alaw(octet: u8) -> i16 {
    let code = octet ^ ALAW_LINE;
    let segment = code >> 4 & 7;
    let step = i16::from(code & 0x0f) << 4 | 8;
    let magnitude = if segment == 0 {
        step
    } else {
        (step + 0x100) << (segment - 1)
    };
    if code & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

fn ulaw_from_linear(sample: i16) -> u8 {
    let (sign, magnitude) = if sample >= 0 {
        (0x80, sample as u16)
    } else {
        (0, !sample as u16)
    };
    let biased = (magnitude.min(0x7f7b) & !3) + ULAW_BIAS;
    let segment = 8 - biased.leading_zeros() as u16;
    let code = segment << 4 | (biased >> (segment + 3) & 0x0f);
    !(code as u8) & 0x7f | sign
}

fn linear_from_ulaw(octet: u8) -> i16 {
    let code = !octet;
    let step = (i16::from(code & 0x0f) << 3) + ULAW_BIAS as i16;
    let magnitude = (step << (code >> 4 & 7)) - ULAW_BIAS as i16;
    if code & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// The encoder.
pub struct G711Encoder {
    law: Law,
    down: Downsampler,
    narrow: Vec<f32>,
}

impl G711Encoder {
    /// An encoder by this law.
    pub fn new(law: Law) -> Self {
        Self {
            law,
            down: Downsampler::new(Rate::Narrow),
            narrow: Vec::new(),
        }
    }
}

impl Encoder for G711Encoder {
    fn encode(&mut self, sound: &[f32], payload: &mut Vec<u8>) -> Result<(), CodecError> {
        self.narrow.clear();
        self.down.process(sound, &mut self.narrow);
        payload.clear();
        payload.extend(self.narrow.iter().map(|sample| {
            // A cast saturates.
            self.law.compress((sample * 32_768.0).round() as i16)
        }));
        Ok(())
    }

    fn expect_loss(&mut self, _percent: u8) {}
}

/// The decoder.
pub struct G711Decoder {
    law: Law,
    up: Upsampler,
    concealer: Concealer,
    narrow: Vec<f32>,
}

impl G711Decoder {
    /// A decoder by this law.
    pub fn new(law: Law) -> Self {
        Self {
            law,
            up: Upsampler::new(Rate::Narrow),
            concealer: Concealer::new(Rate::Narrow),
            narrow: Vec::new(),
        }
    }
}

impl Decoder for G711Decoder {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<f32>) -> Result<(), CodecError> {
        if self.duration(payload).is_none() {
            let reason = format!("{} octets", payload.len());
            return Err(CodecError::Decode {
                codec: self.law.codec(),
                reason,
            });
        }
        self.narrow.clear();
        let law = self.law;
        self.narrow.extend(
            payload
                .iter()
                .map(|octet| f32::from(law.expand(*octet)) / 32_768.0),
        );
        self.concealer.join(&mut self.narrow);
        self.up.process(&self.narrow, sound);
        Ok(())
    }

    fn conceal(&mut self, samples: usize, sound: &mut Vec<f32>) {
        let end = sound.len() + samples;
        self.narrow.clear();
        self.concealer
            .extend(samples.div_ceil(FACTOR), &mut self.narrow);
        self.up.process(&self.narrow, sound);
        sound.truncate(end);
    }

    fn recover(&mut self, next: &[u8], samples: usize, sound: &mut Vec<f32>) {
        let end = sound.len() + samples;
        let law = self.law;
        let next: Vec<f32> = next
            .iter()
            .map(|octet| f32::from(law.expand(*octet)) / 32_768.0)
            .collect();
        self.narrow.clear();
        self.concealer
            .bridge(samples.div_ceil(FACTOR), &next, &mut self.narrow);
        self.up.process(&self.narrow, sound);
        sound.truncate(end);
    }

    fn duration(&self, payload: &[u8]) -> Option<usize> {
        (1..=MAX_PAYLOAD)
            .contains(&payload.len())
            .then(|| payload.len() * FACTOR)
    }

    fn reset(&mut self) {
        *self = Self::new(self.law);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decoder output values of G.711 table 1a (A-law, positive), scaled to 16 bits.
    fn alaw_levels() -> Vec<i32> {
        let mut levels = Vec::new();
        for segment in 0..8 {
            for step in 0..16 {
                let level: i32 = match segment {
                    0 => 2 * step + 1,
                    _ => (2 * step + 33) << (segment - 1),
                };
                levels.push(level * 8);
            }
        }
        levels
    }

    /// Decoder output values of G.711 table 2a (µ-law, positive), scaled to 16 bits.
    fn ulaw_levels() -> Vec<i32> {
        let mut levels = Vec::new();
        for segment in 0..8 {
            for step in 0..16 {
                levels.push((((2 * step + 33) << segment) - 33) * 4);
            }
        }
        levels
    }

    #[test]
    fn every_octet_has_the_value_of_the_itu_tables() {
        for (n, level) in alaw_levels().into_iter().enumerate() {
            let octet = n as u8 ^ 0x55;
            assert_eq!(i32::from(Law::A.expand((n as u8 | 0x80) ^ 0x55)), level);
            assert_eq!(i32::from(Law::A.expand(octet)), -level);
        }
        for (n, level) in ulaw_levels().into_iter().enumerate() {
            assert_eq!(i32::from(Law::Mu.expand(0xff - n as u8)), level);
            assert_eq!(i32::from(Law::Mu.expand(0x7f - n as u8)), -level);
        }
        assert_eq!((Law::A.expand(0xd5), Law::A.expand(0xaa)), (8, 32_256));
        assert_eq!((Law::Mu.expand(0xff), Law::Mu.expand(0x80)), (0, 32_124));
    }

    /// Decision values of tables 1a and 2a, scaled to 16 bits: where each level begins.
    fn decision_values(law: Law) -> Vec<i32> {
        let mut values = Vec::new();
        for segment in 0..8 {
            for step in 0..16 {
                values.push(match (law, segment) {
                    (Law::A, 0) => 16 * step,
                    (Law::A, _) => ((2 * step + 32) << (segment - 1)) * 8,
                    (Law::Mu, _) => ((((2 * step + 32) << segment) - 33) * 4).max(0),
                });
            }
        }
        values
    }

    #[test]
    fn every_sample_goes_to_the_level_between_its_decision_values() {
        for (law, levels) in [(Law::A, alaw_levels()), (Law::Mu, ulaw_levels())] {
            let decisions = decision_values(law);
            for sample in i16::MIN..=i16::MAX {
                let magnitude = i32::from(if sample < 0 { !sample } else { sample });
                let level = levels[decisions.partition_point(|from| *from <= magnitude) - 1];
                let expected = if sample < 0 { -level } else { level };
                assert_eq!(
                    i32::from(law.expand(law.compress(sample))),
                    expected,
                    "{law:?} {sample}"
                );
            }
        }
    }

    #[test]
    fn every_octet_survives_going_through() {
        for octet in 0..=255u8 {
            assert_eq!(Law::A.compress(Law::A.expand(octet)), octet);
            let again = Law::Mu.compress(Law::Mu.expand(octet));
            // Both zeros of µ-law have the value 0.
            assert!(again == octet || (octet == 0x7f && again == 0xff));
        }
    }

    #[test]
    fn a_tone_comes_back_clean_and_loss_is_bridged() {
        for law in [Law::A, Law::Mu] {
            let tone: Vec<f32> = (0..48_000)
                .map(|n| 0.5 * (std::f32::consts::TAU * 400.0 * n as f32 / 48_000.0).sin())
                .collect();
            let (mut encoder, mut decoder) = (G711Encoder::new(law), G711Decoder::new(law));
            let (mut payload, mut sound) = (Vec::new(), Vec::new());
            for (n, block) in tone.chunks(960).enumerate() {
                encoder.encode(block, &mut payload).expect("a payload");
                assert_eq!(payload.len(), 160);
                if n == 20 {
                    decoder.conceal(960, &mut sound);
                } else {
                    decoder.decode(&payload, &mut sound).expect("sound");
                }
            }
            assert_eq!(sound.len(), 48_000);
            let error = |delay: usize| -> f32 {
                let sum: f32 = (9_600..43_200)
                    .map(|n| (sound[n] - tone[n - delay]).powi(2))
                    .sum();
                sum / 33_600.0
            };
            let best = (100..130).map(error).fold(f32::MAX, f32::min);
            assert!(10.0 * (0.125 / best).log10() > 25.0, "{law:?}: {best}");
        }
    }

    #[test]
    fn an_empty_or_huge_payload_is_refused() {
        let mut decoder = G711Decoder::new(Law::A);
        let mut sound = Vec::new();
        assert!(decoder.decode(&[], &mut sound).is_err());
        assert!(decoder.decode(&[0; 1_601], &mut sound).is_err());
        decoder.recover(&[1], 100, &mut sound);
        assert_eq!(sound.len(), 100);
    }
}
