//! SRTP and SRTCP (RFC 3711) with the suites of RFC 4568, RFC 6188 and RFC 7714. Sans-I/O.
//!
//! A [`Sealer`] turns packets of RTP and RTCP into protected ones, an [`Opener`] turns them back:
//! what was changed on the way, comes a second time or from whoever has no key is refused. Keys
//! come from elsewhere, as a [`MasterKey`].

mod cipher;
mod derive;
mod key;
mod opener;
mod replay;
mod sealer;
mod suite;
#[cfg(test)]
mod tests;

pub use key::MasterKey;
pub use opener::Opener;
pub use sealer::Sealer;
pub use suite::Suite;

/// Why a packet was neither protected nor opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SrtpError {
    /// It is no packet of RTP or RTCP, or too short to be a protected one.
    #[error("not a packet of SRTP")]
    Malformed,
    /// It was changed on the way, or made with another key.
    #[error("the packet is not authentic")]
    NotAuthentic,
    /// It came before, or is too old to tell (RFC 3711 3.3.2).
    #[error("the packet was there before")]
    Replayed,
    /// The key has protected all that it may (RFC 3711 9.2).
    #[error("the key is used up")]
    UsedUp,
}

/// The fixed part of an RTP header (RFC 3550 5.1), octets.
const RTP_HEADER: usize = 12;
/// The part of an RTCP packet that is never encrypted (RFC 3711 3.4), octets.
const RTCP_HEADER: usize = 8;
/// What SRTCP appends for its index (RFC 3711 3.4), octets.
const RTCP_INDEX: usize = 4;
/// The bit of that which says that the packet is encrypted.
const ENCRYPTED: u32 = 1 << 31;

/// The length of an RTP header with sources and extension (RFC 3550 5.1, 5.3.1).
fn header_length(packet: &[u8]) -> Result<usize, SrtpError> {
    let first = *packet.first().ok_or(SrtpError::Malformed)?;
    if first >> 6 != 2 {
        return Err(SrtpError::Malformed);
    }
    let mut length = RTP_HEADER + usize::from(first & 0x0f) * 4;
    if first & 0x10 != 0 {
        let words = packet
            .get(length + 2..length + 4)
            .and_then(|bytes| bytes.try_into().ok())
            .map(u16::from_be_bytes)
            .ok_or(SrtpError::Malformed)?;
        length += 4 + usize::from(words) * 4;
    }
    match length <= packet.len() {
        true => Ok(length),
        false => Err(SrtpError::Malformed),
    }
}

/// Sequence number and source of an RTP packet.
fn rtp_identity(packet: &[u8]) -> Result<(u16, u32), SrtpError> {
    let sequence = packet.get(2..4).and_then(|bytes| bytes.try_into().ok());
    let ssrc = packet.get(8..12).and_then(|bytes| bytes.try_into().ok());
    match (sequence, ssrc) {
        (Some(sequence), Some(ssrc)) => {
            Ok((u16::from_be_bytes(sequence), u32::from_be_bytes(ssrc)))
        }
        _ => Err(SrtpError::Malformed),
    }
}

/// The source of an RTCP packet.
fn rtcp_source(packet: &[u8]) -> Result<u32, SrtpError> {
    if packet.first().is_none_or(|first| first >> 6 != 2) {
        return Err(SrtpError::Malformed);
    }
    let ssrc = packet.get(4..8).and_then(|bytes| bytes.try_into().ok());
    ssrc.map(u32::from_be_bytes).ok_or(SrtpError::Malformed)
}
