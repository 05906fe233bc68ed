//! `a=crypto`: a key in a description (RFC 4568).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::zeroize::Zeroizing;

use crate::media::srtp::{MasterKey, Suite};

/// Keys are padded as they should be, and taken however they come.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// The longest attribute that is looked at.
const MAX_LENGTH: usize = 1_000;

/// One `a=crypto` that we can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crypto {
    /// Names it in the answer.
    pub tag: u32,
    /// The suite as it was written.
    pub name: String,
    pub key: MasterKey,
}

impl Crypto {
    /// One of ours.
    pub(super) fn new(tag: u32, key: MasterKey) -> Self {
        let name = key.suite().name().into();
        Self { tag, name, key }
    }

    /// Reads the value of an attribute; `None` for suites and parameters that we don't do: several
    /// keys (they need an MKI), a derivation rate, packets that are not encrypted or not
    /// authenticated.
    pub(super) fn read(value: &str) -> Option<Self> {
        if value.len() > MAX_LENGTH {
            return None;
        }
        let mut words = value.split_ascii_whitespace();
        let tag = words.next()?.parse().ok()?;
        let name = words.next()?;
        let suite = Suite::from_name(name)?;
        let inline = words.next()?;
        let (method, info) = inline.split_once(':')?;
        if !method.eq_ignore_ascii_case("inline") || info.contains(';') {
            return None;
        }
        // RFC 4568 9.2: session parameters have to be understood, but for those with a dash.
        if !words.all(|word| word.starts_with('-') || is_harmless(word)) {
            return None;
        }
        let mut parts = info.split('|');
        let octets = Zeroizing::new(BASE64.decode(parts.next()?).ok()?);
        // What follows is the lifetime, or an MKI (RFC 4568 6.1).
        if parts.any(|part| part.contains(':')) {
            return None;
        }
        Some(Self {
            tag,
            name: name.into(),
            key: MasterKey::new(suite, octets)?,
        })
    }

    /// The value of the attribute. It holds the key.
    pub(super) fn write(&self) -> String {
        let key = Zeroizing::new(BASE64.encode(self.key.bytes()));
        format!("{} {} inline:{}", self.tag, self.name, *key)
    }
}

/// Parameters that ask for nothing but the usual (RFC 4568 6.3).
fn is_harmless(word: &str) -> bool {
    let (name, value) = word.split_once('=').unwrap_or((word, ""));
    match name.to_ascii_uppercase().as_str() {
        "KDR" => value == "0",
        "WSH" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    #[test]
    fn the_key_of_rfc_4568_is_read_and_written() {
        let text = format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4");
        assert_eq!(Crypto::read(&text), None);
        let text = format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20");
        let crypto = Crypto::read(&text).unwrap();
        assert_eq!(
            (crypto.tag, crypto.key.suite()),
            (1, Suite::AesCm128HmacSha1_80)
        );
        assert_eq!(
            crypto.write(),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}")
        );
        assert!(!format!("{crypto:?}").contains(KEY));
    }

    #[test]
    fn padding_and_case_do_not_matter() {
        let zeros = "A".repeat(59);
        for padding in ["=", ""] {
            let text = format!("7 aead_aes_256_gcm INLINE:{zeros}{padding}");
            let read = Crypto::read(&text);
            assert_eq!(read.map(|crypto| crypto.tag), Some(7), "{text}");
        }
    }

    #[test]
    fn what_we_don_t_do_is_left_out() {
        for (rest, taken) in [
            ("", true),
            (" KDR=0 WSH=128 -X", true),
            (" KDR=4", false),
            (" UNENCRYPTED_SRTCP", false),
            (" UNAUTHENTICATED_SRTP", false),
            (" FEC_ORDER=FEC_SRTP", false),
        ] {
            let text = format!("1 AES_CM_128_HMAC_SHA1_32 inline:{KEY}{rest}");
            assert_eq!(Crypto::read(&text).is_some(), taken, "{text}");
        }
        for text in [
            "",
            "1",
            "1 AES_CM_128_HMAC_SHA1_80",
            "1 AES_CM_128_HMAC_SHA1_80 inline:",
            "1 AES_CM_128_HMAC_SHA1_80 inline:AAAA",
            "1 F8_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "x AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "1 AES_CM_128_HMAC_SHA1_80 uri:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
        ] {
            assert_eq!(Crypto::read(text), None, "{text}");
        }
    }
}
