//! What a stream is told about the call: direction and codec options.

use serde::{Deserialize, Serialize};

use crate::codec::CodecId;
pub use crate::codec::OpusOptions;
use crate::media::Keying;
use crate::media::sdp::Negotiated;

/// Which way sound flows, seen from here (RFC 3264 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Both ways.
    #[default]
    SendRecv,
    /// Only from here to the far side.
    SendOnly,
    /// Only from the far side to here.
    RecvOnly,
    /// Neither way.
    Inactive,
}

impl Direction {
    /// Whether sound is sent from here.
    pub fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether sound of the far side is taken.
    pub fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// What a stream has to know of the agreement with the far side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamConfig {
    /// The codec sent.
    pub codec: CodecId,
    /// The payload type it is sent as.
    pub payload_type: u8,
    /// The payload types that may come, each with its codec.
    pub receive_payload_types: Vec<(u8, CodecId)>,
    /// The payload type keys are sent as (RFC 4733), on the clock of `codec`; `None` if the far
    /// side takes none.
    pub dtmf: Option<u8>,
    /// The payload type keys come as.
    pub dtmf_receive: Option<u8>,
    /// The wished length of packets, milliseconds: 10 to 60.
    pub ptime_ms: u32,
    /// Which way sound flows, seen from here.
    pub direction: Direction,
    /// How Opus is encoded.
    pub opus: OpusOptions,
    /// Whether the far side wants to be told VoIP metrics (RFC 3611 4.7).
    pub voip_metrics: bool,
    /// Whether the far side keeps to the bit rate it is asked for (RFC 5104 4.2).
    pub bit_rate_requests: bool,
    /// What it is encrypted with; `None` is not at all.
    pub keying: Option<Keying>,
    /// Whether RTCP goes where RTP does (RFC 5761).
    pub one_port: bool,
    /// The canonical name in RTCP (RFC 7022 says how to choose one).
    pub cname: String,
}

impl StreamConfig {
    /// What offer and answer have come to.
    pub fn agreed(agreed: &Negotiated, cname: String) -> Self {
        Self {
            codec: agreed.codec,
            payload_type: agreed.payload_type,
            receive_payload_types: agreed.receive_payload_types.clone(),
            dtmf: agreed.dtmf,
            dtmf_receive: agreed.dtmf_receive,
            ptime_ms: agreed.ptime_ms,
            direction: agreed.direction,
            opus: agreed.opus,
            voip_metrics: agreed.voip_metrics,
            bit_rate_requests: agreed.bit_rate_requests,
            keying: agreed.keying.clone(),
            one_port: agreed.one_port,
            cname,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_says_who_speaks() {
        assert!(Direction::SendRecv.sends() && Direction::SendRecv.receives());
        assert!(Direction::SendOnly.sends() && !Direction::SendOnly.receives());
        assert!(!Direction::RecvOnly.sends() && Direction::RecvOnly.receives());
        assert!(!Direction::Inactive.sends() && !Direction::Inactive.receives());
    }
}
