//! What two descriptions come to.

use std::net::SocketAddr;

use sdp_types::Fmtp;

use super::format::{Format, opus_for, parameter};
use super::remote::RemoteMedia;
use super::{LocalMedia, SdpError};
use crate::codec::CodecId;
use crate::media::{Direction, Keying, OpusOptions};

/// What both sides have agreed upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// Where RTP is sent to. Unspecified (`0.0.0.0`, `::`) if the far side holds in the way of
    /// RFC 2543: then neither RTP nor RTCP may be sent (RFC 3264 8.4).
    pub remote: SocketAddr,
    /// Where RTCP is sent to.
    pub remote_rtcp: SocketAddr,
    /// The codec to send in.
    pub codec: CodecId,
    /// The payload type to send the codec under.
    pub payload_type: u8,
    /// The payload types that may come, and what is in them.
    pub receive_payload_types: Vec<(u8, CodecId)>,
    /// The payload type to send telephone events under (RFC 4733).
    pub dtmf: Option<u8>,
    /// The payload type under which telephone events come.
    pub dtmf_receive: Option<u8>,
    /// How much sound to send in one packet, ms: a multiple of 10, and for Opus a frame length
    /// that it has.
    pub ptime_ms: u32,
    /// Which way sound flows, seen from here.
    pub direction: Direction,
    /// How to encode Opus for the far side.
    pub opus: OpusOptions,
    /// Whether the far side wants VoIP metrics in RTCP (RFC 3611 5.1).
    pub voip_metrics: bool,
    /// Whether the far side understands TMMBR and TMMBN (RFC 5104 7.1).
    pub bit_rate_requests: bool,
    /// What the sound is encrypted with; `None` is not at all.
    pub keying: Option<Keying>,
    /// Whether RTCP goes where RTP does (RFC 5761): `remote_rtcp` is `remote` then.
    pub one_port: bool,
}

impl Negotiated {
    /// Whether the far side has given an address at all; nothing may be sent otherwise.
    pub fn has_remote_address(&self) -> bool {
        !self.remote.ip().is_unspecified()
    }

    /// `send` are the formats the far side takes, under its numbers; `receive` those we take,
    /// under ours. `wanted` is the direction we would like, `keying` what was agreed upon.
    pub(super) fn new(
        local: &LocalMedia,
        media: &RemoteMedia,
        wanted: Direction,
        send: &[(u8, Format)],
        receive: &[(u8, Format)],
        keying: Option<Keying>,
    ) -> Result<Self, SdpError> {
        let (payload_type, codec) = send
            .iter()
            .find_map(codec_in)
            .ok_or(SdpError::NoCommonCodec)?;
        let (remote, own_rtcp) = media.addresses(local.address)?;
        let one_port = local.wanted.one_port && media.one_port;
        let mut receive_payload_types: Vec<_> = receive.iter().filter_map(codec_in).collect();
        for (number, codec) in send.iter().filter_map(codec_in) {
            // Some send under the numbers of their own description.
            let taken = receive.iter().any(|(taken, _)| *taken == number)
                || receive_payload_types
                    .iter()
                    .any(|(taken, _)| *taken == number);
            if !taken {
                receive_payload_types.push((number, codec));
            }
        }
        let event = event_format(send, codec);
        let number_in = |formats: &[(u8, Format)]| {
            let found = formats.iter().find(|(_, format)| Some(*format) == event);
            found.map(|(number, _)| *number)
        };
        let fmtp = media
            .formats
            .iter()
            .find(|format| format.number == payload_type)
            .and_then(|format| format.fmtp.as_ref());
        Ok(Self {
            remote,
            remote_rtcp: if one_port { remote } else { own_rtcp },
            codec,
            payload_type,
            receive_payload_types,
            dtmf: number_in(send),
            dtmf_receive: number_in(receive),
            ptime_ms: packet_time(codec, local.wanted.ptime_ms, media, fmtp),
            direction: flow(wanted, media),
            opus: opus_for(local.wanted.opus, fmtp),
            voip_metrics: media.voip_metrics,
            bit_rate_requests: media.bit_rate_requests,
            keying,
            one_port,
        })
    }
}

fn codec_in((number, format): &(u8, Format)) -> Option<(u8, CodecId)> {
    match format {
        Format::Codec(codec) => Some((*number, *codec)),
        Format::Event(_) => None,
    }
}

/// Events run on the codec's clock (RFC 4733 2.1); those on another are a last resort.
fn event_format(send: &[(u8, Format)], codec: CodecId) -> Option<Format> {
    let mut events = send.iter().map(|(_, format)| *format);
    let fitting = Format::Event(codec.clock_rate());
    if events.clone().any(|format| format == fitting) {
        return Some(fitting);
    }
    events.find(|format| matches!(format, Format::Event(_)))
}

/// Sound flows where one side wants to send and the other to receive (RFC 3264 6.1).
fn flow(wanted: Direction, media: &RemoteMedia) -> Direction {
    let they_receive = media.direction.receives() && !media.has_no_address();
    match (
        wanted.sends() && they_receive,
        wanted.receives() && media.direction.sends(),
    ) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::RecvOnly,
        (false, false) => Direction::Inactive,
    }
}

/// `a=ptime` is what the receiver would like (RFC 8866 6.4), so the far side's comes first; so do
/// the least it wants of Opus (`minptime`, RFC 7587 6.1) and the most it takes (`a=maxptime`).
fn packet_time(codec: CodecId, own: u32, media: &RemoteMedia, fmtp: Option<&Fmtp>) -> u32 {
    let least = match codec {
        CodecId::Opus => parameter(fmtp, "minptime").unwrap_or(0).min(60),
        _ => 0,
    };
    let wanted = media.ptime.unwrap_or(own).max(least);
    let longest = codec.packet_ms(media.max_ptime.unwrap_or(60));
    // A codec may only have the next shorter one, and that may be too short.
    let fitting = codec.packet_ms(wanted);
    let fitting = match fitting < least {
        true => codec.packet_ms(wanted + 10),
        false => fitting,
    };
    fitting.min(longest)
}
