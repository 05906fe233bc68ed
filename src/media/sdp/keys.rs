//! Offer and answer about encryption: `a=crypto` (RFC 4568), `a=fingerprint` and `a=setup`
//! (RFC 5763), in whichever profile; best effort is plain RTP with them beside it (RFC 8643).

use std::sync::Arc;

use sdp_types::Attribute;

use super::SdpError;
use super::crypto::Crypto;
use super::remote::{Profile, RemoteMedia, Setup};
use crate::account::Encryption;
use crate::media::dtls::Identity;
use crate::media::random;
use crate::media::security::{Keying, Keys, Security};
use crate::media::srtp::{MasterKey, Suite};

/// What one side has to say of encryption in a session.
#[derive(Debug)]
pub(super) struct Secrets {
    security: Security,
    identity: Option<Arc<Identity>>,
    /// Our keys, one a suite: they stay for the session.
    keys: Vec<MasterKey>,
    in_force: Option<Keying>,
}

/// What was offered.
#[derive(Debug, Default)]
pub(super) struct OfferedKeys {
    cryptos: Vec<Crypto>,
    dtls: Option<Arc<Identity>>,
    /// Whether there was an answer already.
    pub answered: bool,
}

/// What is in an answer of ours.
pub(super) struct Answered {
    pub keying: Option<Keying>,
    pub attributes: Vec<Attribute>,
}

impl Secrets {
    /// Nothing was said yet.
    pub(super) fn new(security: Security, identity: Option<Arc<Identity>>) -> Self {
        Self {
            security,
            identity,
            keys: Vec::new(),
            in_force: None,
        }
    }

    /// What both sides have come to.
    pub(super) fn settle(&mut self, keying: Option<Keying>) {
        self.in_force = keying;
    }

    /// The profile of the first offer.
    pub(super) fn profile(&self) -> &'static str {
        match (self.security.encryption, self.security.offers) {
            (Encryption::Required, Some(Keys::Sdes)) => "RTP/SAVP",
            (Encryption::Required, Some(Keys::Dtls)) => "UDP/TLS/RTP/SAVP",
            _ => "RTP/AVP",
        }
    }

    /// What is offered: what is in force, or else all that is allowed; and how it is written.
    pub(super) fn offer(&mut self) -> (OfferedKeys, Vec<Attribute>) {
        let suites = match &self.in_force {
            Some(Keying::Sdes { ours, .. }) => vec![ours.suite()],
            Some(Keying::Dtls { .. }) => Vec::new(),
            None if self.security.offers == Some(Keys::Sdes) => Suite::ALL.to_vec(),
            None => Vec::new(),
        };
        let dtls = match &self.in_force {
            Some(Keying::Dtls { .. }) => true,
            Some(Keying::Sdes { .. }) => false,
            None => self.security.offers == Some(Keys::Dtls),
        };
        let keys = suites.into_iter().filter_map(|suite| self.own_key(suite));
        let offered = OfferedKeys {
            cryptos: (1..)
                .zip(keys)
                .map(|(tag, key)| Crypto::new(tag, key))
                .collect(),
            dtls: self.identity.clone().filter(|_| dtls),
            answered: false,
        };
        let mut attributes: Vec<_> = offered.cryptos.iter().map(attribute_of).collect();
        if let Some(identity) = &offered.dtls {
            attributes.extend(handshake(identity, "actpass"));
        }
        (offered, attributes)
    }

    /// What is answered to a stream that is offered.
    ///
    /// # Errors
    /// [`SdpError::Encrypted`] or [`SdpError::NotEncrypted`].
    pub(super) fn answer(&mut self, media: &RemoteMedia) -> Result<Answered, SdpError> {
        let plain = Answered {
            keying: None,
            attributes: Vec::new(),
        };
        let encryption = self.security.encryption;
        let is_plain = media.profile == Profile::Plain;
        if encryption == Encryption::Off {
            return match is_plain {
                true => Ok(plain),
                false => Err(SdpError::Encrypted),
            };
        }
        let answered = match media.profile {
            Profile::Dtls => self.answer_dtls(media).or_else(|| self.answer_sdes(media)),
            _ => self.answer_sdes(media).or_else(|| self.answer_dtls(media)),
        };
        match answered {
            Some(answered) => Ok(answered),
            None if !is_plain => Err(SdpError::Encrypted),
            None if encryption == Encryption::Required => Err(SdpError::NotEncrypted),
            None => Ok(plain),
        }
    }

    /// What the answer to our offer comes to.
    ///
    /// # Errors
    /// [`SdpError::NotEncrypted`].
    pub(super) fn accept(
        &self,
        offered: &OfferedKeys,
        media: &RemoteMedia,
    ) -> Result<Option<Keying>, SdpError> {
        let keying = accept_sdes(offered, media).or_else(|| self.accept_dtls(offered, media));
        let plain_will_do =
            media.profile == Profile::Plain && self.security.encryption != Encryption::Required;
        match keying {
            None if !plain_will_do => Err(SdpError::NotEncrypted),
            keying => Ok(keying),
        }
    }

    fn answer_sdes(&mut self, media: &RemoteMedia) -> Option<Answered> {
        if !self.security.sdes {
            return None;
        }
        let in_force = match &self.in_force {
            Some(Keying::Sdes { ours, .. }) => Some(ours.suite()),
            _ => None,
        };
        let known = media
            .cryptos
            .iter()
            .find(|crypto| Some(crypto.key.suite()) == in_force);
        let theirs = known.or(media.cryptos.first())?;
        let ours = self.own_key(theirs.key.suite())?;
        let answer = Crypto {
            key: ours.clone(),
            ..theirs.clone()
        };
        Some(Answered {
            attributes: vec![attribute_of(&answer)],
            keying: Some(Keying::Sdes {
                ours,
                theirs: theirs.key.clone(),
            }),
        })
    }

    fn answer_dtls(&self, media: &RemoteMedia) -> Option<Answered> {
        let identity = self.identity.clone()?;
        if media.fingerprints.is_empty() {
            return None;
        }
        let active = match media.setup {
            // RFC 5763 5: the answerer begins. What goes on keeps its sides (RFC 8842 5.3).
            Some(Setup::ActPass) => match &self.in_force {
                Some(Keying::Dtls {
                    active,
                    fingerprints,
                    ..
                }) if *fingerprints == media.fingerprints => *active,
                _ => true,
            },
            Some(Setup::Passive) => true,
            // RFC 4145 4: who says nothing in an offer begins.
            Some(Setup::Active) | None => false,
            Some(Setup::HoldConn) => return None,
        };
        Some(Answered {
            attributes: handshake(&identity, if active { "active" } else { "passive" }).to_vec(),
            keying: Some(Keying::Dtls {
                identity,
                round: self.round(active, media, true),
                active,
                fingerprints: media.fingerprints.clone(),
            }),
        })
    }

    fn accept_dtls(&self, offered: &OfferedKeys, media: &RemoteMedia) -> Option<Keying> {
        let identity = offered.dtls.clone()?;
        if media.fingerprints.is_empty() {
            return None;
        }
        let active = match media.setup {
            Some(Setup::Passive) => true,
            // Nobody may leave it open in an answer; whoever does is waited for.
            Some(Setup::Active | Setup::ActPass) | None => false,
            Some(Setup::HoldConn) => return None,
        };
        Some(Keying::Dtls {
            identity,
            round: self.round(active, media, !offered.answered),
            active,
            fingerprints: media.fingerprints.clone(),
        })
    }

    /// Whether the handshake is begun anew. Who waits for the far side sees when that begins.
    fn round(&self, active: bool, media: &RemoteMedia, first: bool) -> u32 {
        match &self.in_force {
            Some(Keying::Dtls {
                active: true,
                round,
                ..
            }) => round + u32::from(active && media.anew && first),
            Some(Keying::Dtls { round, .. }) => *round,
            _ => 0,
        }
    }

    fn own_key(&mut self, suite: Suite) -> Option<MasterKey> {
        let known = self.keys.iter().find(|key| key.suite() == suite);
        if let Some(key) = known {
            return Some(key.clone());
        }
        let octets = random::secret(suite.key_length() + suite.salt_length())?;
        let key = MasterKey::new(suite, octets)?;
        self.keys.push(key.clone());
        Some(key)
    }
}

/// The tag says which offer was taken; some write another one.
fn accept_sdes(offered: &OfferedKeys, media: &RemoteMedia) -> Option<Keying> {
    let taken = |theirs: &Crypto| {
        let mut ours = offered.cryptos.iter();
        let fits = |crypto: &&Crypto| crypto.key.suite() == theirs.key.suite();
        let ours = ours.find(fits)?;
        Some(Keying::Sdes {
            ours: ours.key.clone(),
            theirs: theirs.key.clone(),
        })
    };
    media.cryptos.iter().find_map(taken)
}

fn attribute_of(crypto: &Crypto) -> Attribute {
    Attribute::with_value("crypto", crypto.write())
}

fn handshake(identity: &Identity, setup: &str) -> [Attribute; 2] {
    [
        Attribute::with_value("fingerprint", identity.fingerprint()),
        Attribute::with_value("setup", setup),
    ]
}
