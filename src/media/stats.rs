//! What a stream counts.

use std::time::Instant;

use super::bursts::Bursts;
use super::voip_metrics::VoipMetrics;

/// How a stream fares.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stats {
    /// RTP packets sent.
    pub sent_packets: u64,
    /// RTP payload octets sent.
    pub sent_bytes: u64,
    /// RTP packets received.
    pub received_packets: u64,
    /// RTP payload octets received.
    pub received_bytes: u64,
    /// Packets that never arrived.
    pub lost: u64,
    /// Packets that arrived too late to be played.
    pub late: u64,
    /// Interarrival jitter (RFC 3550 6.4.1), milliseconds.
    pub jitter_ms: f32,
    /// Round trip by RTCP (RFC 3550 6.4.1), milliseconds; `None` until known.
    pub round_trip_ms: Option<f32>,
    /// How long sound waits in the jitter buffer, milliseconds.
    pub buffer_ms: f32,
    /// Sound made up in place of what was lost or late, or left out with it, milliseconds.
    pub concealed_ms: u64,
    /// The part of our packets that the far side said it lost, 0 to 1; `None` until it did.
    pub lost_by_peer: Option<f32>,
    /// When the last packet came.
    pub last_received: Option<Instant>,
    /// How loss and lateness are spread (RFC 3611 4.7.2).
    pub bursts: Bursts,
    /// The transmission rating R of what is heard, 0 to 100 (ITU-T G.107, G.107.1); `None` until
    /// there was a second of it, like both scores.
    pub rating: Option<f32>,
    /// Estimated mean opinion score of listening, 1.0 to 4.5.
    pub mos_listening: Option<f32>,
    /// Estimated mean opinion score of conversation, which delay makes worse, 1.0 to 4.5.
    pub mos: Option<f32>,
    /// How the far side hears us, if it tells (RFC 3611 4.7).
    pub heard_by_peer: Option<VoipMetrics>,
}
