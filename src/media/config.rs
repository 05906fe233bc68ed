//! What a stream is told about the call: direction and codec options.

use serde::{Deserialize, Serialize};

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

/// How Opus is to be encoded (RFC 7587 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OpusOptions {
    /// Target bit rate, bit/s.
    pub bitrate: u32,
    /// In-band forward error correction.
    pub fec: bool,
    /// Discontinuous transmission: nearly nothing is sent in silence.
    pub dtx: bool,
}

impl Default for OpusOptions {
    fn default() -> Self {
        Self {
            bitrate: 64_000,
            fec: true,
            dtx: false,
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
