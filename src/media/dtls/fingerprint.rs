use std::fmt;
use std::str::FromStr;

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// What a description says of a certificate: `a=fingerprint` (RFC 8122 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    hash: Hash,
    octets: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    const ALL: [Self; 4] = [Self::Sha256, Self::Sha384, Self::Sha512, Self::Sha1];

    /// Its name in RFC 8122 5.
    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha-1",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    fn of(self, octets: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(octets).to_vec(),
            Self::Sha256 => Sha256::digest(octets).to_vec(),
            Self::Sha384 => Sha384::digest(octets).to_vec(),
            Self::Sha512 => Sha512::digest(octets).to_vec(),
        }
    }
}

impl Fingerprint {
    /// The SHA-256 fingerprint of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Self {
        let hash = Hash::Sha256;
        let octets = hash.of(certificate);
        Self { hash, octets }
    }

    /// Whether it is that of this certificate in DER.
    pub fn is_of(&self, certificate: &[u8]) -> bool {
        self.hash.of(certificate) == self.octets
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.hash.name())?;
        for (index, octet) in self.octets.iter().enumerate() {
            let colon = if index > 0 { ":" } else { "" };
            write!(f, "{colon}{octet:02X}")?;
        }
        Ok(())
    }
}

/// It is not written as RFC 8122 5 has it, or with a hash that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a fingerprint")]
pub struct NoFingerprint;

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let (name, digits) = text.trim().split_once(' ').ok_or(NoFingerprint)?;
        let mut all = Hash::ALL.into_iter();
        let hash = all.find(|hash| hash.name().eq_ignore_ascii_case(name));
        let hash = hash.ok_or(NoFingerprint)?;
        let octet = |pair: &str| match pair.len() {
            2 => u8::from_str_radix(pair, 16).ok(),
            _ => None,
        };
        let octets: Option<Vec<u8>> = digits.trim().split(':').map(octet).collect();
        let octets = octets.filter(|octets| octets.len() == hash.of(&[]).len());
        octets
            .map(|octets| Self { hash, octets })
            .ok_or(NoFingerprint)
    }
}
