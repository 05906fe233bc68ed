//! The transforms of one direction: encryption and authentication of RTP or RTCP.

use aes::{Aes128, Aes256};
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use ctr::Ctr128BE;
use ctr::cipher::{InnerIvInit, StreamCipher};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::derive::{Label, session_key};
use super::{MasterKey, SrtpError, Suite};

/// The session authentication key of HMAC-SHA1 (RFC 3711 5.2), octets.
const AUTHENTICATION_KEY: usize = 20;
/// The authentication tag of AES-GCM (RFC 7714 13.1), octets.
const GCM_TAG: usize = 16;

/// Which packet it is about: it makes the initialization vector.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub ssrc: u32,
    /// Rollover counter and sequence number of RTP, or the index of SRTCP: 48 bits at most.
    pub index: u64,
}

/// What encrypts and authenticates one kind of packets.
pub(super) enum Cipher {
    /// AES in counter mode, then HMAC-SHA1 (RFC 3711 4).
    Counter {
        aes: Aes,
        salt: [u8; 14],
        hmac: Box<Hmac<Sha1>>,
        tag: usize,
    },
    /// AES-GCM does both (RFC 7714).
    Gcm { gcm: Box<Gcm>, salt: [u8; 12] },
}

/// The block cipher.
pub(super) enum Aes {
    Short(Box<Aes128>),
    Long(Box<Aes256>),
}

/// The same with its authentication.
pub(super) enum Gcm {
    Short(Aes128Gcm),
    Long(Aes256Gcm),
}

impl Cipher {
    /// For RTP.
    pub(super) fn rtp(master: &MasterKey) -> Option<Self> {
        let labels = [
            Label::RtpEncryption,
            Label::RtpAuthentication,
            Label::RtpSalt,
        ];
        Self::new(master, labels, master.suite().rtp_tag())
    }

    /// For RTCP.
    pub(super) fn rtcp(master: &MasterKey) -> Option<Self> {
        let labels = [
            Label::RtcpEncryption,
            Label::RtcpAuthentication,
            Label::RtcpSalt,
        ];
        Self::new(master, labels, master.suite().rtcp_tag())
    }

    fn new(master: &MasterKey, labels: [Label; 3], tag: usize) -> Option<Self> {
        let [encryption, authentication, salt] = labels;
        let suite = master.suite();
        let key = session_key(master, encryption, suite.key_length());
        let salt = session_key(master, salt, suite.salt_length());
        let long = suite.key_length() == 32;
        match suite {
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => Some(Self::Gcm {
                gcm: Box::new(match long {
                    true => Gcm::Long(Aes256Gcm::new_from_slice(&key).ok()?),
                    false => Gcm::Short(Aes128Gcm::new_from_slice(&key).ok()?),
                }),
                salt: salt.as_slice().try_into().ok()?,
            }),
            _ => {
                let authentication = session_key(master, authentication, AUTHENTICATION_KEY);
                Some(Self::Counter {
                    aes: match long {
                        true => Aes::Long(Box::new(Aes256::new_from_slice(&key).ok()?)),
                        false => Aes::Short(Box::new(Aes128::new_from_slice(&key).ok()?)),
                    },
                    salt: salt.as_slice().try_into().ok()?,
                    hmac: Box::new(Hmac::new_from_slice(&authentication).ok()?),
                    tag,
                })
            }
        }
    }

    /// Encrypts what follows the first `clear` octets of an RTP packet and appends the tag.
    pub(super) fn seal_rtp(
        &self,
        place: Place,
        clear: usize,
        packet: &mut Vec<u8>,
    ) -> Result<(), SrtpError> {
        match self {
            Self::Counter { hmac, tag, .. } => {
                self.crypt(place, packet, clear)?;
                let tag = mac(hmac, packet, &rollover(place), *tag);
                packet.extend_from_slice(&tag);
            }
            Self::Gcm { gcm, salt } => {
                let iv = gcm_iv(salt, place);
                let (header, payload) = split(packet, clear)?;
                let tag = gcm.seal(&iv, header, payload)?;
                packet.extend_from_slice(&tag);
            }
        }
        Ok(())
    }

    /// Turns a protected RTP packet back into what it was, in place.
    pub(super) fn open_rtp(
        &self,
        place: Place,
        clear: usize,
        packet: &mut Vec<u8>,
    ) -> Result<(), SrtpError> {
        match self {
            Self::Counter { hmac, tag, .. } => {
                let body = packet.len().checked_sub(*tag).filter(|body| *body >= clear);
                let body = body.ok_or(SrtpError::Malformed)?;
                let (content, tag) = split(packet, body)?;
                verify(hmac, content, &rollover(place), tag)?;
                packet.truncate(body);
                self.crypt(place, packet, clear)
            }
            Self::Gcm { gcm, salt } => {
                let body = packet.len().checked_sub(GCM_TAG);
                let body = body.filter(|body| *body >= clear);
                let body = body.ok_or(SrtpError::Malformed)?;
                let iv = gcm_iv(salt, place);
                let (content, tag) = split(packet, body)?;
                let (header, payload) = split(content, clear)?;
                gcm.open(&iv, header, payload, tag)?;
                packet.truncate(body);
                Ok(())
            }
        }
    }

    /// Encrypts an RTCP packet after its first `clear` octets; appends `trailer` (the index with
    /// its bit, RFC 3711 3.4) and the tag, in the order of the suite.
    pub(super) fn seal_rtcp(
        &self,
        place: Place,
        clear: usize,
        trailer: u32,
        packet: &mut Vec<u8>,
    ) -> Result<(), SrtpError> {
        let trailer = trailer.to_be_bytes();
        match self {
            Self::Counter { hmac, tag, .. } => {
                self.crypt(place, packet, clear)?;
                let tag = mac(hmac, packet, &trailer, *tag);
                packet.extend_from_slice(&trailer);
                packet.extend_from_slice(&tag);
            }
            Self::Gcm { gcm, salt } => {
                let iv = gcm_iv(salt, place);
                let (header, payload) = split(packet, clear)?;
                let tag = gcm.seal(&iv, &[&*header, &trailer].concat(), payload)?;
                packet.extend_from_slice(&tag);
                packet.extend_from_slice(&trailer);
            }
        }
        Ok(())
    }

    /// The index of a protected RTCP packet with its bit (RFC 3711 3.4, RFC 7714 9.3).
    pub(super) fn rtcp_trailer(&self, packet: &[u8]) -> Result<u32, SrtpError> {
        let end = match self {
            Self::Counter { tag, .. } => packet.len().checked_sub(*tag),
            Self::Gcm { .. } => Some(packet.len()),
        };
        end.and_then(|end| packet.get(end.checked_sub(super::RTCP_INDEX)?..end))
            .and_then(|bytes| bytes.try_into().ok())
            .map(u32::from_be_bytes)
            .ok_or(SrtpError::Malformed)
    }

    /// Turns a protected RTCP packet back into what it was, in place.
    pub(super) fn open_rtcp(
        &self,
        place: Place,
        clear: usize,
        trailer: u32,
        packet: &mut Vec<u8>,
    ) -> Result<(), SrtpError> {
        let trailer = trailer.to_be_bytes();
        let overhead = super::RTCP_INDEX
            + match self {
                Self::Counter { tag, .. } => *tag,
                Self::Gcm { .. } => GCM_TAG,
            };
        let body = packet.len().checked_sub(overhead);
        let body = body.filter(|body| *body >= clear);
        let body = body.ok_or(SrtpError::Malformed)?;
        let (content, rest) = split(packet, body)?;
        match self {
            Self::Counter { hmac, .. } => {
                let tag = rest.get(super::RTCP_INDEX..).unwrap_or_default();
                verify(hmac, content, &trailer, tag)?;
                packet.truncate(body);
                self.crypt(place, packet, clear)
            }
            Self::Gcm { gcm, salt } => {
                let iv = gcm_iv(salt, place);
                let (header, payload) = split(content, clear)?;
                let aad = [&*header, &trailer].concat();
                gcm.open(&iv, &aad, payload, rest.get(..GCM_TAG).unwrap_or_default())?;
                packet.truncate(body);
                Ok(())
            }
        }
    }

    /// AES in counter mode over what follows the first `clear` octets (RFC 3711 4.1.1).
    fn crypt(&self, place: Place, packet: &mut [u8], clear: usize) -> Result<(), SrtpError> {
        let Self::Counter { aes, salt, .. } = self else {
            return Ok(());
        };
        let (_, payload) = split(packet, clear)?;
        let mut iv = [0; 16];
        let from_packet = [&place.ssrc.to_be_bytes()[..], &low_48(place.index)].concat();
        iv[..14].copy_from_slice(salt);
        for (octet, known) in iv[4..14].iter_mut().zip(from_packet) {
            *octet ^= known;
        }
        let iv = (&iv).into();
        match aes {
            Aes::Short(aes) => {
                Ctr128BE::<Aes128>::from_core(InnerIvInit::inner_iv_init((**aes).clone(), iv))
                    .apply_keystream(payload);
            }
            Aes::Long(aes) => {
                Ctr128BE::<Aes256>::from_core(InnerIvInit::inner_iv_init((**aes).clone(), iv))
                    .apply_keystream(payload);
            }
        }
        Ok(())
    }
}

impl Gcm {
    fn seal(&self, iv: &[u8; 12], aad: &[u8], data: &mut [u8]) -> Result<[u8; 16], SrtpError> {
        let (iv, data) = (iv.into(), InOutBuf::from(data));
        let tag = match self {
            Self::Short(gcm) => gcm.encrypt_inout_detached(iv, aad, data),
            Self::Long(gcm) => gcm.encrypt_inout_detached(iv, aad, data),
        };
        tag.map(Into::into).map_err(|_| SrtpError::Malformed)
    }

    fn open(
        &self,
        iv: &[u8; 12],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8],
    ) -> Result<(), SrtpError> {
        let tag: &[u8; GCM_TAG] = tag.try_into().map_err(|_| SrtpError::Malformed)?;
        let (iv, tag, data) = (iv.into(), tag.into(), InOutBuf::from(data));
        match self {
            Self::Short(gcm) => gcm.decrypt_inout_detached(iv, aad, data, tag),
            Self::Long(gcm) => gcm.decrypt_inout_detached(iv, aad, data, tag),
        }
        .map_err(|_| SrtpError::NotAuthentic)
    }
}

/// RFC 7714 8.1 and 9.1: two zero octets, the source, the index, and the salt over all.
fn gcm_iv(salt: &[u8; 12], place: Place) -> [u8; 12] {
    let mut iv = *salt;
    let from_packet = [&place.ssrc.to_be_bytes()[..], &low_48(place.index)].concat();
    for (octet, known) in iv[2..].iter_mut().zip(from_packet) {
        *octet ^= known;
    }
    iv
}

fn low_48(index: u64) -> [u8; 6] {
    let [_, _, a, b, c, d, e, f] = index.to_be_bytes();
    [a, b, c, d, e, f]
}

/// The rollover counter, which is authenticated with an RTP packet (RFC 3711 4.2).
fn rollover(place: Place) -> [u8; 4] {
    let [_, _, a, b, c, d, _, _] = place.index.to_be_bytes();
    [a, b, c, d]
}

fn mac(hmac: &Hmac<Sha1>, content: &[u8], more: &[u8], length: usize) -> Vec<u8> {
    let mut hmac = hmac.clone();
    hmac.update(content);
    hmac.update(more);
    let mut tag = hmac.finalize().into_bytes().to_vec();
    tag.truncate(length);
    tag
}

fn verify(hmac: &Hmac<Sha1>, content: &[u8], more: &[u8], tag: &[u8]) -> Result<(), SrtpError> {
    let mut hmac = hmac.clone();
    hmac.update(content);
    hmac.update(more);
    hmac.verify_truncated_left(tag)
        .map_err(|_| SrtpError::NotAuthentic)
}

fn split(packet: &mut [u8], at: usize) -> Result<(&mut [u8], &mut [u8]), SrtpError> {
    packet.split_at_mut_checked(at).ok_or(SrtpError::Malformed)
}
