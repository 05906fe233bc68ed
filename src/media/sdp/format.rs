//! What an RTP payload type can mean to us, and its parameters.

use sdp_types::{Fmtp, FmtpParam, RtpMap};

use crate::codec::CodecId;
use crate::media::OpusOptions;

/// A payload format we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Sound.
    Codec(CodecId),
    /// Telephone events (RFC 4733) on a clock of so many Hz.
    Event(u32),
}

impl Format {
    /// The format an `a=rtpmap` names; encoding names are case-insensitive (RFC 8866 6.6).
    pub(super) fn of_rtpmap(map: &RtpMap) -> Option<Self> {
        let name = map.encoding_name.trim();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let channels = map.encoding_params.as_deref().map_or("1", str::trim);
        if is("telephone-event") && matches!(map.clock_rate, 8_000 | 48_000) {
            return Some(Self::Event(map.clock_rate));
        }
        // RFC 7587 7 wants opus/48000/2; the channels are not looked at, for any Opus decoder
        // takes both mono and stereo.
        CodecId::from_rtpmap(name, map.clock_rate)
            .filter(|codec| codec.rtpmap_channels().is_some() || channels == "1")
            .map(Self::Codec)
    }

    /// The format a payload type has without an `a=rtpmap` (RFC 3551 6).
    pub(super) fn of_static(payload_type: u8) -> Option<Self> {
        CodecId::from_static_payload_type(payload_type).map(Self::Codec)
    }

    /// The payload type we would like for it; the dynamic ones may be moved.
    pub(super) fn usual_number(self) -> u8 {
        match self {
            Self::Codec(codec) => codec.static_payload_type().unwrap_or(96),
            Self::Event(48_000) => 102,
            Self::Event(_) => 101,
        }
    }

    /// The `a=rtpmap` that binds `number` to this format.
    pub(super) fn rtpmap(self, number: u8) -> RtpMap {
        match self {
            Self::Codec(codec) => {
                let (name, clock) = (codec.encoding_name(), codec.clock_rate());
                match codec.rtpmap_channels() {
                    Some(channels) => {
                        RtpMap::with_encoding_params(number, name, clock, channels.to_string())
                    }
                    None => RtpMap::new(number, name, clock),
                }
            }
            Self::Event(clock) => RtpMap::new(number, "telephone-event", clock),
        }
    }

    /// What we say about ourselves as a receiver of this format.
    pub(super) fn fmtp(self, number: u8, opus: &OpusOptions) -> Option<Fmtp> {
        let mut fmtp = Fmtp::new(number);
        match self {
            Self::Codec(CodecId::Opus) => {
                fmtp.add_format_specific_params([
                    FmtpParam::with_value("minptime", 10),
                    FmtpParam::with_value("useinbandfec", u8::from(opus.fec)),
                    FmtpParam::with_value("maxaveragebitrate", opus.bitrate),
                ]);
                // Saying no would forbid it to a far side that wants to save traffic.
                if opus.dtx {
                    fmtp.add_format_specific_param(FmtpParam::with_value("usedtx", 1));
                }
            }
            Self::Event(_) => fmtp.add_format_specific_param(FmtpParam::new("0-15")),
            Self::Codec(_) => return None,
        }
        Some(fmtp)
    }
}

/// A parameter of a format that is a number.
pub(super) fn parameter(fmtp: Option<&Fmtp>, name: &str) -> Option<u32> {
    fmtp?
        .format_specific_params
        .iter()
        .find(|param| param.param.trim().eq_ignore_ascii_case(name))?
        .val
        .as_deref()?
        .trim()
        .parse()
        .ok()
}

/// How to encode Opus for a far side that describes itself with `fmtp` (RFC 7587 6.1).
pub(super) fn opus_for(own: OpusOptions, fmtp: Option<&Fmtp>) -> OpusOptions {
    let value = |name| parameter(fmtp, name);
    let ceiling = value("maxaveragebitrate").unwrap_or(MAX_OPUS_BITRATE);
    OpusOptions {
        bitrate: own.bitrate.min(ceiling.max(MIN_OPUS_BITRATE)),
        // Not naming it means "can't use it".
        fec: own.fec && value("useinbandfec") == Some(1),
        // What the far side prefers; the default only says that it doesn't ask, our user may.
        dtx: value("usedtx").map_or(own.dtx, |prefers| prefers != 0),
    }
}

/// The bounds RFC 7587 7 sets for `maxaveragebitrate`, bit/s.
const MIN_OPUS_BITRATE: u32 = 6_000;
const MAX_OPUS_BITRATE: u32 = 510_000;
