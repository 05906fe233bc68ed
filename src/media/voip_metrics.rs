//! The VoIP Metrics block of RTCP XR (RFC 3611 4.7).

use rtcp_types::{RtcpParseError, XrBlockParser, XrBlockStaticType};
use serde::Serialize;

use super::bursts::{Bursts, GMIN};

/// The packet type of XR.
pub const XR: u8 = 207;
/// Octets of the block with its head.
const LENGTH: usize = 36;
/// Words after the first.
const WORDS: u16 = 8;
/// "Not known" in fields of one octet.
const UNKNOWN: u8 = 127;
/// Enhanced concealment, an adaptive jitter buffer, of medium speed (RFC 3611 4.7.6).
const RECEIVER: u8 = 0b1011_0111;

/// How the sender of the block hears a source.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct VoipMetrics {
    /// The source it hears.
    #[serde(skip)]
    pub source: u32,
    /// The part of packets that never came, 0 to 1.
    pub loss: f32,
    /// The part of packets that came too late, 0 to 1.
    pub discard: f32,
    /// Where the loss is dense.
    pub bursts: Bursts,
    /// Round trip by RTCP, milliseconds; 0 if not known.
    pub round_trip_ms: f32,
    /// What its side adds to the delay, milliseconds; 0 if not known.
    pub end_system_ms: f32,
    /// The transmission rating of G.107, 0 to 100.
    pub rating: Option<f32>,
    /// The mean opinion score of listening, 1.0 to 5.0.
    pub mos_lq: Option<f32>,
    /// The mean opinion score of conversation, which delay makes worse, 1.0 to 5.0.
    pub mos_cq: Option<f32>,
    /// What its jitter buffer makes packets wait, milliseconds.
    pub buffer_ms: f32,
    /// What it may make them wait, milliseconds.
    pub max_buffer_ms: f32,
}

impl VoipMetrics {
    /// The body of an XR packet of the sender `ssrc` with this block alone.
    pub fn packet_body(&self, ssrc: u32) -> Vec<u8> {
        // A cast saturates.
        let part = |part: f32| (part * 256.0).round() as u8;
        let ms = |ms: f32| (ms.round() as u16).to_be_bytes();
        let score =
            |score: Option<f32>| score.map_or(UNKNOWN, |score| (score * 10.0).round() as u8);
        let mut body = Vec::with_capacity(4 + LENGTH);
        body.extend(ssrc.to_be_bytes());
        body.extend([<Self as XrBlockStaticType>::BLOCK_TYPE, 0]);
        body.extend(WORDS.to_be_bytes());
        body.extend(self.source.to_be_bytes());
        body.extend([part(self.loss), part(self.discard)]);
        body.extend([
            part(self.bursts.burst_density),
            part(self.bursts.gap_density),
        ]);
        for field in [
            self.bursts.burst_ms,
            self.bursts.gap_ms,
            self.round_trip_ms,
            self.end_system_ms,
        ] {
            body.extend(ms(field));
        }
        // Levels of signal, noise and echo are not measured.
        body.extend([UNKNOWN, UNKNOWN, UNKNOWN, GMIN as u8]);
        let rating = self
            .rating
            .map_or(UNKNOWN, |rating| rating.round().min(100.0) as u8);
        body.extend([rating, UNKNOWN, score(self.mos_lq), score(self.mos_cq)]);
        body.extend([RECEIVER, 0]);
        body.extend(ms(self.buffer_ms));
        body.extend(ms(self.max_buffer_ms));
        body.extend(ms(self.max_buffer_ms));
        body
    }
}

impl XrBlockStaticType for VoipMetrics {
    const BLOCK_TYPE: u8 = 7;
}

impl XrBlockParser<'_> for VoipMetrics {
    fn parse(block: &[u8]) -> Result<Self, RtcpParseError> {
        let Some((block, _)) = block.split_first_chunk::<LENGTH>() else {
            return Err(RtcpParseError::Truncated {
                expected: LENGTH,
                actual: block.len(),
            });
        };
        let part = |at: usize| f32::from(block[at]) / 256.0;
        let ms = |at: usize| f32::from(u16::from_be_bytes([block[at], block[at + 1]]));
        let known = |at: usize| Some(block[at]).filter(|value| *value != UNKNOWN);
        let score = |at: usize| {
            let score = known(at).filter(|score| (10..=50).contains(score));
            score.map(|score| f32::from(score) / 10.0)
        };
        Ok(Self {
            source: u32::from_be_bytes([block[4], block[5], block[6], block[7]]),
            loss: part(8),
            discard: part(9),
            bursts: Bursts {
                burst_density: part(10),
                gap_density: part(11),
                burst_ms: ms(12),
                gap_ms: ms(14),
            },
            round_trip_ms: ms(16),
            end_system_ms: ms(18),
            rating: known(24).filter(|rating| *rating <= 100).map(f32::from),
            mos_lq: score(26),
            mos_cq: score(27),
            buffer_ms: ms(30),
            max_buffer_ms: ms(32),
        })
    }

    fn header_data(&self) -> [u8; 4] {
        let [high, low] = WORDS.to_be_bytes();
        [Self::BLOCK_TYPE, 0, high, low]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_as_it_was_written_and_has_the_length_it_says() {
        let metrics = VoipMetrics {
            source: 0xdead_beef,
            loss: 0.25,
            discard: 0.125,
            bursts: Bursts {
                burst_density: 0.5,
                gap_density: 0.0625,
                burst_ms: 140.0,
                gap_ms: 65_535.0,
            },
            round_trip_ms: 44.0,
            end_system_ms: 60.0,
            rating: Some(82.0),
            mos_lq: Some(4.1),
            mos_cq: None,
            buffer_ms: 40.0,
            max_buffer_ms: 400.0,
        };
        let body = metrics.packet_body(7);
        assert_eq!(body.len(), 4 + 4 * (1 + usize::from(WORDS)));
        assert_eq!(body[..8], [0, 0, 0, 7, 7, 0, 0, 8]);
        assert_eq!(VoipMetrics::parse(&body[4..]), Ok(metrics));
        let long_gap = VoipMetrics {
            bursts: Bursts {
                gap_ms: 1e9,
                ..Bursts::default()
            },
            ..metrics
        };
        let read = VoipMetrics::parse(&long_gap.packet_body(7)[4..]).expect("a block");
        assert_eq!(read.bursts.gap_ms, 65_535.0);
    }

    #[test]
    fn a_short_block_is_refused_and_nonsense_is_not_known() {
        assert!(VoipMetrics::parse(&[7; 35]).is_err());
        let nonsense = VoipMetrics::parse(&[255; 36]).expect("a block");
        assert_eq!(
            (nonsense.rating, nonsense.mos_lq, nonsense.mos_cq),
            (None, None, None)
        );
    }
}
