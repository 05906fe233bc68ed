use serde::{Deserialize, Serialize};

use crate::call::Problem;

/// Names a call for as long as the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u64);

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// They called us.
    Incoming,
    /// We called them.
    Outgoing,
}

/// The far side of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Peer {
    /// The display name, if one is known.
    pub name: Option<String>,
    /// The number or SIP address as a person would read it.
    pub number: String,
    /// The full SIP URI.
    pub uri: String,
    /// What was typed, if the dial rules made another number of it.
    pub typed: Option<String>,
}

impl Peer {
    /// What is dialled to call the far side again.
    pub fn to_dial(&self) -> &str {
        self.typed.as_deref().unwrap_or(&self.number)
    }
}

/// Where a call stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CallState {
    /// Outgoing, nothing heard yet.
    Dialing,
    /// Outgoing, it rings at the far side (180).
    Ringing,
    /// Outgoing, the far side already sends sound (183 with a session).
    EarlyMedia,
    /// Incoming, rings here.
    Incoming,
    /// Incoming, answered here; the far side has yet to confirm it.
    Connecting,
    /// Both hear each other.
    Active,
    /// We hold it.
    Held,
    /// Over. `problem` is absent when it ended as calls do.
    Ended {
        /// Why it failed or was refused.
        problem: Option<Problem>,
        /// Whether the far side ended it.
        by_peer: bool,
        /// The final SIP status, if there was one.
        sip_status: Option<u16>,
    },
}

impl CallState {
    /// The table of transitions. Nothing leaves [`CallState::Ended`].
    pub fn may_become(&self, next: &Self) -> bool {
        use CallState::*;
        match self {
            Dialing => !matches!(next, Incoming | Connecting | Held),
            Ringing => matches!(next, EarlyMedia | Active | Ended { .. }),
            EarlyMedia => matches!(next, Active | Ended { .. }),
            Incoming => matches!(next, Connecting | Ended { .. }),
            Connecting => matches!(next, Active | Ended { .. }),
            Active => matches!(next, Held | Ended { .. }),
            Held => matches!(next, Active | Ended { .. }),
            Ended { .. } => false,
        }
    }

    /// Whether the call is over.
    pub fn is_ended(&self) -> bool {
        matches!(self, Self::Ended { .. })
    }
    /// Whether sound can flow.
    pub fn has_media(&self) -> bool {
        matches!(
            self,
            Self::EarlyMedia | Self::Connecting | Self::Active | Self::Held
        )
    }
}

/// How good the sound of a call is.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Quality {
    /// RTP packets sent.
    pub sent_packets: u64,
    /// RTP payload octets sent.
    pub sent_bytes: u64,
    /// RTP packets received.
    pub received_packets: u64,
    /// RTP payload octets received.
    pub received_bytes: u64,
    /// Packets that never arrived or arrived too late.
    pub lost_packets: u64,
    /// Interarrival jitter (RFC 3550 6.4.1), milliseconds.
    pub jitter_ms: f32,
    /// Round trip by RTCP (RFC 3550 6.4.1), milliseconds; `None` until known.
    pub round_trip_ms: Option<f32>,
    /// Delay of our jitter buffer, milliseconds.
    pub buffer_ms: f32,
    /// Sound that was concealed, milliseconds.
    pub concealed_ms: u64,
    /// Estimated mean opinion score, 1.0 to 4.5 (ITU-T G.107).
    pub mos: Option<f32>,
}
