//! The codecs: one trait, one file each, one registry. Pure.

use serde::{Deserialize, Serialize};

/// The codecs Gudok speaks, by their registry name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodecId {
    /// Opus, RFC 6716 and RFC 7587.
    Opus,
    /// G.711 A-law, RFC 3551 payload type 8.
    Alaw,
    /// G.711 µ-law, RFC 3551 payload type 0.
    Ulaw,
}
