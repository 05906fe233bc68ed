//! One call's sound on the network: RTP, RTCP, jitter buffer, DTMF. Sans-I/O.

mod config;

pub use config::{Direction, OpusOptions};
