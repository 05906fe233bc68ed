use std::fmt;

/// What packets are encrypted and authenticated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suite {
    /// AES-GCM with a key of 256 bits (RFC 7714).
    AeadAes256Gcm,
    /// AES-GCM with a key of 128 bits (RFC 7714).
    AeadAes128Gcm,
    /// AES in counter mode with a key of 256 bits, HMAC-SHA1 of 80 (RFC 6188).
    Aes256CmHmacSha1_80,
    /// AES in counter mode with a key of 128 bits, HMAC-SHA1 of 80 (RFC 3711).
    AesCm128HmacSha1_80,
    /// The same with an HMAC of 32 bits for RTP, of 80 for RTCP (RFC 4568 6.2.2).
    AesCm128HmacSha1_32,
}

impl Suite {
    /// All of them, the strongest first.
    pub const ALL: [Self; 5] = [
        Self::AeadAes256Gcm,
        Self::AeadAes128Gcm,
        Self::Aes256CmHmacSha1_80,
        Self::AesCm128HmacSha1_80,
        Self::AesCm128HmacSha1_32,
    ];

    /// Its name in `a=crypto` (RFC 4568 6.2, RFC 6188 4, RFC 7714 14.2).
    pub fn name(self) -> &'static str {
        match self {
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::Aes256CmHmacSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    /// The suite of that name. Some turn the words of RFC 6188 round.
    pub fn from_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("AES_CM_256_HMAC_SHA1_80") {
            return Some(Self::Aes256CmHmacSha1_80);
        }
        let mut all = Self::ALL.into_iter();
        all.find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// The length of a master key, octets.
    pub fn key_length(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::Aes256CmHmacSha1_80 => 32,
            Self::AeadAes128Gcm | Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 16,
        }
    }

    /// The length of a master salt, octets.
    pub fn salt_length(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => 12,
            _ => 14,
        }
    }

    /// The authentication tag of RTP, octets.
    pub(super) fn rtp_tag(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_32 => 4,
            _ => self.rtcp_tag(),
        }
    }

    /// The authentication tag of RTCP, octets.
    pub(super) fn rtcp_tag(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => 16,
            _ => 10,
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
