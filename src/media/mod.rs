//! One call's sound on the network: RTP, RTCP, their encryption, jitter buffer, telephone keys.
//! Sans-I/O, but for [`Ports`].
//!
//! A [`Stream`] is told what the network brought and what the microphone heard, and gives what
//! to send and what to play. It knows no socket, no device and no clock: time comes in with
//! each call. Inside everything is 48 kHz, mono, `f32`, in blocks of 10 ms.

mod bit_rate;
mod bursts;
mod config;
mod congestion;
mod dtls;
mod dtmf;
mod guard;
mod jitter;
mod open;
mod ports;
mod quality;
mod random;
mod receiver;
mod reception;
mod rtcp;
pub mod sdp;
mod security;
mod sender;
mod srtp;
mod stats;
mod stream;
#[cfg(test)]
mod tests;
mod voip_metrics;

pub use bursts::Bursts;
pub use config::{Direction, OpusOptions, StreamConfig};
pub use dtls::{DtlsFailure, Identity};
pub use dtmf::DigitMerger;
pub use open::open;
pub use ports::Ports;
pub use security::{Keying, Keys, Protection, Security};
pub use srtp::Suite;
pub use stats::Stats;
pub use stream::{MediaError, Packet, PacketKind, Stream, StreamEvent};
pub use voip_metrics::VoipMetrics;

/// Samples of 10 ms at 48 kHz: the block in which sound goes in and out.
pub const FRAME: usize = 480;
