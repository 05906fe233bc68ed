//! What a stream counts.

use std::time::Instant;

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
    /// Sound made up in place of what was lost or late, milliseconds.
    pub concealed_ms: u64,
    /// The part of our packets that the far side said it lost, 0 to 1; `None` until it did.
    pub lost_by_peer: Option<f32>,
    /// When the last packet came.
    pub last_received: Option<Instant>,
    /// Estimated mean opinion score of what is heard, 1.0 to 4.5 (ITU-T G.107); `None` until
    /// there was a second of it.
    pub mos: Option<f32>,
}
