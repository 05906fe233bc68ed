use fastrand::Rng;
use rsip::{Header, Method, Response};

use super::challenge::{Challenge, schemes};
use super::digest::Attempt;
use super::{AuthError, Credentials};
use crate::sip::message::{HeadersView, header, quote};

/// Refusals in a row after which the password is taken for wrong.
const TRIES: u32 = 2;
/// Stale nonces in a row that are believed.
const STALE_IN_A_ROW: u32 = 5;

/// Who asks: the server itself or a proxy before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Server,
    Proxy,
}

impl Side {
    fn challenge_header(self) -> &'static str {
        match self {
            Self::Server => "WWW-Authenticate",
            Self::Proxy => "Proxy-Authenticate",
        }
    }

    fn answer_header(self) -> &'static str {
        match self {
            Self::Server => "Authorization",
            Self::Proxy => "Proxy-Authorization",
        }
    }
}

/// What is known of one realm.
#[derive(Debug)]
struct Session {
    side: Side,
    challenge: Challenge,
    /// How often the nonce was used.
    count: u32,
    /// With `-sess` one value lives as long as the nonce.
    cnonce: Option<String>,
    /// Credentials were sent and not refused since.
    sent: bool,
    refused: u32,
    stale: u32,
}

/// The client's side of digest authentication: remembers the challenges of each realm, so that
/// later requests carry credentials at once.
#[derive(Debug, Default)]
pub struct DigestClient {
    sessions: Vec<Session>,
}

impl DigestClient {
    /// Knows no challenge yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns the challenges of a 401 or 407 (both headers are looked at in either). True if a new
    /// attempt makes sense. False if the password is wrong: the same nonce was refused, or two
    /// attempts in a row were; all is forgotten then, so that a later attempt begins anew.
    pub fn challenge(
        &mut self,
        response: &Response,
        credentials: &Credentials,
    ) -> Result<bool, AuthError> {
        let mut any = false;
        let mut foreign = None;
        let mut chosen: Vec<(Side, Challenge)> = Vec::new();
        for side in [Side::Server, Side::Proxy] {
            for scheme in response
                .all(side.challenge_header())
                .into_iter()
                .flat_map(schemes)
            {
                any = true;
                let Some(challenge) = Challenge::from_scheme(&scheme) else {
                    continue;
                };
                if credentials
                    .realm
                    .as_ref()
                    .is_some_and(|realm| *realm != challenge.realm)
                {
                    foreign.get_or_insert(challenge.realm);
                    continue;
                }
                let rival = chosen
                    .iter_mut()
                    .find(|(known, other)| *known == side && other.realm == challenge.realm);
                match rival {
                    Some((_, other)) if challenge.algorithm > other.algorithm => *other = challenge,
                    Some(_) => {}
                    None => chosen.push((side, challenge)),
                }
            }
        }
        if chosen.is_empty() {
            return Err(match foreign {
                Some(realm) => AuthError::ForeignRealm { realm },
                None if any => AuthError::Unsupported,
                None => AuthError::NoChallenge,
            });
        }
        let mut sensible = true;
        for (side, challenge) in chosen {
            sensible &= self.learn(side, challenge);
        }
        if !sensible {
            self.sessions.clear();
        }
        Ok(sensible)
    }

    fn learn(&mut self, side: Side, challenge: Challenge) -> bool {
        let known = self
            .sessions
            .iter_mut()
            .find(|known| known.side == side && known.challenge.realm == challenge.realm);
        let Some(session) = known else {
            self.sessions.push(Session {
                side,
                challenge,
                count: 0,
                cnonce: None,
                sent: false,
                refused: 0,
                stale: 0,
            });
            return true;
        };
        let same_nonce = session.challenge.nonce == challenge.nonce;
        if session.sent {
            if challenge.stale && !same_nonce {
                session.stale += 1;
            } else {
                session.refused += 1;
            }
        }
        let wrong = session.refused >= TRIES
            || session.stale >= STALE_IN_A_ROW
            || (session.sent && same_nonce);
        session.sent = false;
        if !same_nonce || session.challenge.algorithm != challenge.algorithm {
            session.count = 0;
            session.cnonce = None;
        }
        session.challenge = challenge;
        !wrong
    }

    /// The Authorization and Proxy-Authorization header fields for a request with this request URI;
    /// none as long as no challenge is known. The strongest algorithm of each realm is used, `auth`
    /// rather than `auth-int`, and a fresh `cnonce` from `rng` unless `-sess` binds it.
    pub fn authorize(
        &mut self,
        method: &Method,
        uri: &str,
        body: &[u8],
        credentials: &Credentials,
        rng: &mut Rng,
    ) -> Vec<Header> {
        let method = method.to_string();
        self.sessions
            .iter_mut()
            .map(|session| session.answer(&method, uri, body, credentials, rng))
            .collect()
    }
}

impl Session {
    fn answer(
        &mut self,
        method: &str,
        uri: &str,
        body: &[u8],
        credentials: &Credentials,
        rng: &mut Rng,
    ) -> Header {
        if std::mem::replace(&mut self.sent, true) {
            // The last attempt was not refused.
            self.refused = 0;
            self.stale = 0;
        }
        self.count = self.count.saturating_add(1);
        let challenge = &self.challenge;
        let fresh = format!("{:032x}", rng.u128(..));
        let cnonce = if challenge.session {
            self.cnonce.get_or_insert(fresh).clone()
        } else {
            fresh
        };
        let nc = format!("{:08x}", self.count);
        let response = Attempt {
            algorithm: challenge.algorithm,
            session: challenge.session,
            qop: challenge.qop,
            username: &credentials.username,
            realm: &challenge.realm,
            password: &credentials.password,
            nonce: &challenge.nonce,
            cnonce: &cnonce,
            nc: &nc,
            method,
            uri,
            body,
        }
        .response();
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\"",
            quote(&credentials.username),
            quote(&challenge.realm),
            quote(&challenge.nonce),
            quote(uri),
        );
        if let Some(name) = &challenge.algorithm_name {
            value += &format!(", algorithm={name}");
        }
        if challenge.qop.is_some() || challenge.session {
            value += &format!(", cnonce=\"{cnonce}\"");
        }
        if let Some(opaque) = &challenge.opaque {
            value += &format!(", opaque={}", quote(opaque));
        }
        if let Some(qop) = challenge.qop {
            value += &format!(", qop={}, nc={nc}", qop.name());
        }
        header(self.side.answer_header(), value)
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
