//! How the sound of a call may be encrypted, and how it is.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::dtls::{Fingerprint, Identity};
use super::srtp::{MasterKey, Suite};
use crate::account::{Encryption, KeyExchange};

/// What keys are agreed upon by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Keys {
    /// They stand in the descriptions (RFC 4568).
    Sdes,
    /// A handshake where the sound goes (RFC 5763).
    Dtls,
}

/// What an account allows and wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Security {
    /// Whether sound is encrypted.
    pub encryption: Encryption,
    /// What is offered; `None` is plain sound.
    pub offers: Option<Keys>,
    /// Whether keys may stand in a description.
    pub sdes: bool,
}

impl Security {
    /// No encryption.
    pub const OFF: Self = Self {
        encryption: Encryption::Off,
        offers: None,
        sdes: false,
    };

    /// What an account wants whose signalling goes over TLS, or does not: only there nobody on
    /// the way can read keys in a description.
    ///
    /// An offer that may be refused has to be short and plain for old servers: without TLS it
    /// says nothing of encryption by itself.
    pub fn of(encryption: Encryption, exchange: KeyExchange, tls: bool) -> Self {
        let sdes = match exchange {
            KeyExchange::Sdes => true,
            KeyExchange::Auto => tls,
            KeyExchange::Dtls => false,
        };
        let offers = match (encryption, exchange) {
            (Encryption::Off, _) => None,
            _ if sdes => Some(Keys::Sdes),
            (Encryption::Optional, KeyExchange::Auto) => None,
            _ => Some(Keys::Dtls),
        };
        Self {
            encryption,
            offers,
            sdes: sdes && encryption != Encryption::Off,
        }
    }
}

/// What both sides have agreed upon to encrypt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keying {
    /// By these keys.
    Sdes {
        /// Protects what we send.
        ours: MasterKey,
        /// Opens what the far side sends.
        theirs: MasterKey,
    },
    /// By those that a handshake gives.
    Dtls {
        /// Who we are.
        identity: Arc<Identity>,
        /// Whether we begin the handshake.
        active: bool,
        /// Of the far side's certificate; any of them counts.
        fingerprints: Vec<Fingerprint>,
        /// Goes up when we are asked to begin anew.
        round: u32,
    },
}

impl Keying {
    /// What is known of the protection before a handshake.
    pub fn protection(&self) -> Option<Protection> {
        match self {
            Self::Sdes { ours, .. } => Some(Protection {
                suite: ours.suite(),
                keys: Keys::Sdes,
            }),
            Self::Dtls { .. } => None,
        }
    }
}

/// How sound is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Protection {
    /// With what; in JSON by its name in RFC 4568.
    #[serde(serialize_with = "by_name")]
    pub suite: Suite,
    /// Where the keys came from.
    pub keys: Keys,
}

fn by_name<S: Serializer>(suite: &Suite, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(suite.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_descriptions_only_over_tls_unless_that_is_wanted() {
        use Encryption::{Off, Optional, Required};
        use KeyExchange::{Auto, Dtls, Sdes};
        for (encryption, exchange, tls, offers, sdes) in [
            (Off, Auto, true, None, false),
            (Off, Sdes, true, None, false),
            (Optional, Auto, true, Some(Keys::Sdes), true),
            (Optional, Auto, false, None, false),
            (Optional, Sdes, false, Some(Keys::Sdes), true),
            (Optional, Dtls, true, Some(Keys::Dtls), false),
            (Required, Auto, true, Some(Keys::Sdes), true),
            (Required, Auto, false, Some(Keys::Dtls), false),
            (Required, Sdes, false, Some(Keys::Sdes), true),
            (Required, Dtls, false, Some(Keys::Dtls), false),
        ] {
            let security = Security::of(encryption, exchange, tls);
            assert_eq!(
                (security.offers, security.sdes),
                (offers, sdes),
                "{encryption:?} {exchange:?} {tls}"
            );
        }
    }
}
