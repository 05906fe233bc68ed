//! The codecs: one trait for each way, one file each, one registry. Pure.
//!
//! Inside Gudok sound is 48 kHz, mono, `f32` in -1.0 ..= 1.0. A codec takes and gives that;
//! what it needs in between (another sampling rate, 16-bit samples) is its own affair.

mod conceal;
mod g711;
mod g722;
mod opus;
mod rate;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The sampling rate of everything inside Gudok, Hz.
pub const SAMPLE_RATE: u32 = 48_000;

/// The codecs Gudok speaks, by their registry name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodecId {
    /// Opus, RFC 6716 and RFC 7587.
    Opus,
    /// G.722 at 64 kbit/s, RFC 3551 payload type 9.
    G722,
    /// G.711 A-law, RFC 3551 payload type 8.
    Alaw,
    /// G.711 µ-law, RFC 3551 payload type 0.
    #[serde(alias = "mulaw")]
    Ulaw,
}

impl CodecId {
    /// All codecs, the best sounding first.
    pub const ALL: [Self; 4] = [Self::Opus, Self::G722, Self::Alaw, Self::Ulaw];

    /// The name in an account's settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::G722 => "g722",
            Self::Alaw => "alaw",
            Self::Ulaw => "ulaw",
        }
    }

    /// The encoding name of `a=rtpmap` (RFC 4855); it compares without regard to case.
    pub fn encoding_name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::G722 => "G722",
            Self::Alaw => "PCMA",
            Self::Ulaw => "PCMU",
        }
    }

    /// The clock of the RTP timestamps, Hz. That of G.722 is half its sampling rate, by an old
    /// mistake that stays (RFC 3551 4.5.2).
    pub fn clock_rate(self) -> u32 {
        match self {
            Self::Opus => 48_000,
            Self::G722 | Self::Alaw | Self::Ulaw => 8_000,
        }
    }

    /// The number of channels that `a=rtpmap` has to name; `None` where it names none
    /// (RFC 7587 7: Opus always says 2).
    pub fn rtpmap_channels(self) -> Option<u8> {
        match self {
            Self::Opus => Some(2),
            Self::G722 | Self::Alaw | Self::Ulaw => None,
        }
    }

    /// The payload type fixed by RFC 3551 6, if there is one.
    pub fn static_payload_type(self) -> Option<u8> {
        match self {
            Self::Opus => None,
            Self::G722 => Some(9),
            Self::Alaw => Some(8),
            Self::Ulaw => Some(0),
        }
    }

    /// The codec of an `a=rtpmap` encoding name and clock rate.
    pub fn from_rtpmap(encoding_name: &str, clock_rate: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| {
            codec.clock_rate() == clock_rate
                && codec.encoding_name().eq_ignore_ascii_case(encoding_name)
        })
    }

    /// The codec of a payload type fixed by RFC 3551.
    pub fn from_static_payload_type(payload_type: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|codec| codec.static_payload_type() == Some(payload_type))
    }

    /// The length of packet this codec builds for a wished one, both in milliseconds: a
    /// multiple of 10 from 10 to 60, and for Opus a length that it has (RFC 6716 2.1.4).
    pub fn packet_ms(self, wished_ms: u32) -> u32 {
        let tens = (wished_ms / 10 * 10).clamp(10, 60);
        match (self, tens) {
            (Self::Opus, 30) => 20,
            (Self::Opus, 50) => 40,
            _ => tens,
        }
    }

    /// A new encoder.
    ///
    /// # Errors
    /// [`CodecError::Setup`] if the codec refuses the options.
    pub fn encoder(self, options: &OpusOptions) -> Result<Box<dyn Encoder>, CodecError> {
        Ok(match self {
            Self::Opus => Box::new(opus::OpusEncoder::new(options)?),
            Self::G722 => Box::new(g722::G722Encoder::new()),
            Self::Alaw => Box::new(g711::G711Encoder::new(g711::Law::A)),
            Self::Ulaw => Box::new(g711::G711Encoder::new(g711::Law::Mu)),
        })
    }

    /// A new decoder.
    ///
    /// # Errors
    /// [`CodecError::Setup`] if the codec cannot be set up.
    pub fn decoder(self) -> Result<Box<dyn Decoder>, CodecError> {
        Ok(match self {
            Self::Opus => Box::new(opus::OpusDecoder::new()?),
            Self::G722 => Box::new(g722::G722Decoder::new()),
            Self::Alaw => Box::new(g711::G711Decoder::new(g711::Law::A)),
            Self::Ulaw => Box::new(g711::G711Decoder::new(g711::Law::Mu)),
        })
    }
}

impl fmt::Display for CodecId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for CodecId {
    type Err = CodecError;

    fn from_str(name: &str) -> Result<Self, CodecError> {
        match name.trim().to_ascii_lowercase().as_str() {
            "opus" => Ok(Self::Opus),
            "g722" => Ok(Self::G722),
            "alaw" => Ok(Self::Alaw),
            "ulaw" | "mulaw" => Ok(Self::Ulaw),
            _ => Err(CodecError::UnknownName(name.to_owned())),
        }
    }
}

/// How Opus is to be encoded (RFC 7587 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OpusOptions {
    /// Target bit rate, bit/s.
    pub bitrate: u32,
    /// In-band forward error correction.
    pub fec: bool,
    /// Discontinuous transmission: nearly nothing is sent in silence.
    pub dtx: bool,
}

impl Default for OpusOptions {
    fn default() -> Self {
        Self {
            bitrate: 64_000,
            fec: true,
            dtx: false,
        }
    }
}

/// What can go wrong in a codec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// No codec has this name.
    #[error("there is no codec {0}")]
    UnknownName(String),
    /// The codec could not be set up.
    #[error("{codec} could not be set up: {reason}")]
    Setup {
        /// Which codec.
        codec: CodecId,
        /// What the library said.
        reason: String,
    },
    /// The codec refused a block of sound.
    #[error("{codec} could not encode: {reason}")]
    Encode {
        /// Which codec.
        codec: CodecId,
        /// What the library said.
        reason: String,
    },
    /// A payload that is none of this codec.
    #[error("{codec} could not decode: {reason}")]
    Decode {
        /// Which codec.
        codec: CodecId,
        /// What the library said.
        reason: String,
    },
}

/// Turns sound into payloads.
pub trait Encoder: Send {
    /// Encodes one packet of 48 kHz sound and puts the payload in place of what `payload`
    /// holds. An empty payload means that nothing need be sent (discontinuous transmission).
    ///
    /// # Errors
    /// [`CodecError::Encode`]; the length must be one that [`CodecId::packet_ms`] gives.
    fn encode(&mut self, sound: &[f32], payload: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Tells how many of a hundred packets are expected to be lost on the way.
    fn expect_loss(&mut self, percent: u8);

    /// Asks for at most so many bit/s from now on. A codec that has one rate only keeps to that.
    fn limit(&mut self, _bit_rate: u32) {}
}

/// Turns payloads into sound, and fills what did not arrive.
pub trait Decoder: Send {
    /// Decodes a payload and appends 48 kHz sound.
    ///
    /// # Errors
    /// [`CodecError::Decode`]; nothing was appended then.
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<f32>) -> Result<(), CodecError>;

    /// Appends exactly `samples` of sound in place of what was lost.
    fn conceal(&mut self, samples: usize, sound: &mut Vec<f32>);

    /// Appends exactly `samples` in place of what was lost before `next`, with the help of
    /// `next`: what it repeats, or what the sound has to lead to. `next` is not decoded by this.
    fn recover(&mut self, next: &[u8], samples: usize, sound: &mut Vec<f32>);

    /// How far before a payload it would be of help, samples; 0 if not at all. A codec that
    /// repeats nothing leads over a gap as long as the payload.
    fn reach(&mut self, payload: &[u8]) -> usize {
        self.duration(payload).unwrap_or(0)
    }

    /// The length of a payload in samples at 48 kHz; `None` if it cannot be read.
    fn duration(&self, payload: &[u8]) -> Option<usize>;

    /// Forgets all that was decoded before.
    fn reset(&mut self);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_is_known_by_its_name_in_the_settings() {
        for codec in CodecId::ALL {
            assert_eq!(codec.name().parse::<CodecId>(), Ok(codec));
            let json = serde_json::to_string(&codec).expect("a name");
            assert_eq!(json, format!("\"{codec}\""));
        }
        assert_eq!("mulaw".parse::<CodecId>(), Ok(CodecId::Ulaw));
        assert_eq!(
            serde_json::from_str::<CodecId>("\"mulaw\"").ok(),
            Some(CodecId::Ulaw)
        );
        assert!("g729".parse::<CodecId>().is_err());
    }

    #[test]
    fn a_codec_is_known_by_its_rtpmap_and_static_type() {
        assert_eq!(CodecId::from_rtpmap("OPUS", 48_000), Some(CodecId::Opus));
        assert_eq!(CodecId::from_rtpmap("pcma", 8_000), Some(CodecId::Alaw));
        assert_eq!(CodecId::from_rtpmap("PCMU", 16_000), None);
        assert_eq!(CodecId::from_static_payload_type(0), Some(CodecId::Ulaw));
        assert_eq!(CodecId::from_static_payload_type(8), Some(CodecId::Alaw));
        assert_eq!(CodecId::from_rtpmap("g722", 8_000), Some(CodecId::G722));
        assert_eq!(CodecId::from_rtpmap("G722", 16_000), None);
        assert_eq!(CodecId::from_static_payload_type(9), Some(CodecId::G722));
        assert_eq!(CodecId::from_static_payload_type(18), None);
    }

    #[test]
    fn packet_lengths_are_ones_the_codec_has() {
        assert_eq!(CodecId::Opus.packet_ms(30), 20);
        assert_eq!(CodecId::Alaw.packet_ms(30), 30);
        assert_eq!(CodecId::Alaw.packet_ms(0), 10);
        assert_eq!(CodecId::Opus.packet_ms(1000), 60);
        assert_eq!(CodecId::Ulaw.packet_ms(25), 20);
    }
}
