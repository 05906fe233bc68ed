//! One call's sound on the network: RTP, RTCP, jitter buffer, DTMF. Sans-I/O.

mod config;
pub mod sdp;

pub use config::{Direction, OpusOptions};

mod ports;
mod stub;
pub use ports::{Ports, local_address_towards};
pub use stub::*;
