use serde::{Deserialize, Serialize};

use crate::call::Problem;
use crate::media::{Bursts, Stats, VoipMetrics};
use crate::sip::message::NameAddr;

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

/// What the network does with a call of ours that is not answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallProgress {
    /// It is sent to another number (181).
    Forwarded,
    /// It waits in a queue (182).
    Queued,
}

impl CallProgress {
    /// What a provisional status says; `None` if nothing of the kind.
    pub fn of_status(status: u16) -> Option<Self> {
        match status {
            181 => Some(Self::Forwarded),
            182 => Some(Self::Queued),
            _ => None,
        }
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
    /// Those of them that arrived too late.
    pub late_packets: u64,
    /// Interarrival jitter (RFC 3550 6.4.1), milliseconds.
    pub jitter_ms: f32,
    /// Round trip by RTCP (RFC 3550 6.4.1), milliseconds; `None` until known.
    pub round_trip_ms: Option<f32>,
    /// Delay of our jitter buffer, milliseconds.
    pub buffer_ms: f32,
    /// Sound that was concealed, milliseconds.
    pub concealed_ms: u64,
    /// How loss and lateness are spread (RFC 3611 4.7.2).
    pub bursts: Bursts,
    /// The transmission rating R, 0 to 100 (ITU-T G.107, G.107.1).
    pub rating: Option<f32>,
    /// Estimated mean opinion score of conversation now, 1.0 to 4.5 (ITU-T G.107).
    pub mos: Option<f32>,
    /// The same of listening, which minds no delay.
    pub mos_listening: Option<f32>,
    /// The worst score of conversation so far.
    pub mos_worst: Option<f32>,
    /// The mean of that score so far.
    pub mos_mean: Option<f32>,
    /// How often it was judged.
    #[serde(skip)]
    pub judged: u32,
    /// How the far side hears us, if it tells (RFC 3611 4.7).
    pub heard_by_peer: Option<VoipMetrics>,
}

impl Quality {
    /// What it is with the figures that came after.
    pub(super) fn after(&self, stats: &Stats) -> Self {
        let worst = |mos: f32| self.mos_worst.map_or(mos, |worst| worst.min(mos));
        let judged = self.judged + u32::from(stats.mos.is_some());
        let mean = |mos: f32| {
            let before = self.mos_mean.unwrap_or(mos);
            before + (mos - before) / judged as f32
        };
        Self {
            sent_packets: stats.sent_packets,
            sent_bytes: stats.sent_bytes,
            received_packets: stats.received_packets,
            received_bytes: stats.received_bytes,
            lost_packets: stats.lost + stats.late,
            late_packets: stats.late,
            jitter_ms: stats.jitter_ms,
            round_trip_ms: stats.round_trip_ms,
            buffer_ms: stats.buffer_ms,
            concealed_ms: stats.concealed_ms,
            bursts: stats.bursts,
            rating: stats.rating,
            mos: stats.mos,
            mos_listening: stats.mos_listening,
            mos_worst: stats.mos.map(worst).or(self.mos_worst),
            mos_mean: stats.mos.map(mean).or(self.mos_mean),
            judged,
            heard_by_peer: stats.heard_by_peer,
        }
    }
}

/// Whom a name and address of SIP stands for.
pub(super) fn peer_of(from: &NameAddr) -> Peer {
    let user = from.uri.unescaped_user();
    Peer {
        name: from.display.clone().filter(|name| !name.is_empty()),
        number: user
            .filter(|user| !user.is_empty())
            .unwrap_or_else(|| from.uri.host.to_string()),
        uri: from.uri.to_string(),
        typed: None,
    }
}
