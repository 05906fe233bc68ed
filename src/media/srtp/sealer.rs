use super::cipher::{Cipher, Place};
use super::{ENCRYPTED, MasterKey, RTCP_HEADER, SrtpError};
use super::{header_length, rtcp_source, rtp_identity};

/// Packets of RTP that one key may protect (RFC 3711 9.2).
const MAX_RTP: u64 = 1 << 48;

/// Protects what is sent by one side of a call, in the order in which it is sent.
pub struct Sealer {
    key: MasterKey,
    rtp: Cipher,
    rtcp: Cipher,
    /// The source, and the index of its last packet.
    last: Option<(u32, u64)>,
    /// The index of the next SRTCP packet.
    rtcp_index: u32,
}

impl Sealer {
    /// One that has sent nothing yet; `None` if the key doesn't fit its suite.
    pub fn new(key: &MasterKey) -> Option<Self> {
        Some(Self {
            key: key.clone(),
            rtp: Cipher::rtp(key)?,
            rtcp: Cipher::rtcp(key)?,
            last: None,
            rtcp_index: 0,
        })
    }

    /// What it protects with.
    pub fn key(&self) -> &MasterKey {
        &self.key
    }

    /// Protects an RTP packet, in place.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`] or [`SrtpError::UsedUp`]; then it must not be sent.
    pub fn seal_rtp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        let clear = header_length(packet)?;
        let (sequence, ssrc) = rtp_identity(packet)?;
        let index = match self.last {
            Some((known, last)) if known == ssrc => {
                last + u64::from(sequence.wrapping_sub((last & 0xffff) as u16))
            }
            _ => u64::from(sequence),
        };
        if index >= MAX_RTP {
            return Err(SrtpError::UsedUp);
        }
        self.rtp.seal_rtp(Place { ssrc, index }, clear, packet)?;
        self.last = Some((ssrc, index));
        Ok(())
    }

    /// Protects an RTCP packet, in place.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`] or [`SrtpError::UsedUp`]; then it must not be sent.
    pub fn seal_rtcp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        let ssrc = rtcp_source(packet)?;
        if self.rtcp_index >= ENCRYPTED {
            return Err(SrtpError::UsedUp);
        }
        let place = Place {
            ssrc,
            index: self.rtcp_index.into(),
        };
        let trailer = ENCRYPTED | self.rtcp_index;
        self.rtcp.seal_rtcp(place, RTCP_HEADER, trailer, packet)?;
        self.rtcp_index += 1;
        Ok(())
    }
}
