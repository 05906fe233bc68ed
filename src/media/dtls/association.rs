use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dimpl::{Dtls, Error, KeyingMaterial, Output, SrtpProfile};
use secrecy::zeroize::Zeroizing;

use super::identity::HANDSHAKE;
use super::{Fingerprint, Identity};
use crate::media::srtp::{MasterKey, Suite};

/// The largest datagram that is made.
const MAX_DATAGRAM: usize = 1_500;
/// Datagrams that wait to be sent; there are never more than a few.
const MAX_WAITING: usize = 64;
/// When there is nothing to wait for.
const FAR: Duration = Duration::from_secs(3_600);
/// Handshakes that are begun anew after one was broken, be it by a stranger.
const ATTEMPTS: u8 = 4;
/// A far side that begins anew is believed no more often than this.
const ANEW: Duration = Duration::from_millis(200);

/// Why there are no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtlsFailure {
    /// The certificate is not the one that the description told of: somebody is in between.
    WrongCertificate,
    /// The far side does not answer.
    NoAnswer,
    /// The far side and we have no version, cipher or certificate in common.
    Refused,
}

/// What a step of the handshake has come to.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on, or is over.
    None,
    /// The keys are there; the association is kept to answer what the far side repeats.
    Keys {
        /// Protects what we send.
        ours: MasterKey,
        /// Opens what the far side sends.
        theirs: MasterKey,
    },
    /// It came to nothing; told once.
    Failed(DtlsFailure),
}

/// One DTLS association: of the RTP port, or of the RTCP port (RFC 5764 4.1).
pub struct Association {
    identity: Arc<Identity>,
    dtls: Dtls,
    active: bool,
    /// One of these the certificate has to have.
    fingerprints: Vec<Fingerprint>,
    trusted: bool,
    stage: Stage,
    /// Whether there were keys before; they stay good if there come no others.
    had_keys: bool,
    /// By what the far side's ClientHello is told from another, and when it came.
    hello: Option<([u8; 32], Instant)>,
    attempts: u8,
    waiting: VecDeque<Vec<u8>>,
    wake: Instant,
    /// When there have to be keys.
    until: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Handshake,
    Keyed,
    Failed,
}

impl Association {
    /// Begins a handshake, as the client if `active` (RFC 5763 5), with whoever has a certificate
    /// of one of these fingerprints.
    pub fn new(
        identity: Arc<Identity>,
        active: bool,
        fingerprints: Vec<Fingerprint>,
        now: Instant,
    ) -> Self {
        let mut association = Self {
            dtls: connection(&identity, active, now),
            identity,
            active,
            fingerprints,
            trusted: false,
            stage: Stage::Handshake,
            had_keys: false,
            hello: None,
            attempts: 1,
            waiting: VecDeque::new(),
            wake: now,
            until: now + HANDSHAKE,
        };
        // The first flight has nothing to tell yet; if it can't be made, that shows in time.
        let _ = association.handle_timeout(now);
        association
    }

    /// Takes a datagram.
    pub fn receive(&mut self, now: Instant, datagram: &[u8]) -> Progress {
        if self.stage == Stage::Failed {
            return Progress::None;
        }
        if let Some(random) = client_random(datagram).filter(|_| !self.active) {
            self.greeted(now, random);
        }
        let taken = self.dtls.handle_timeout(now);
        let taken = taken.and_then(|()| self.dtls.handle_packet(datagram));
        self.go_on(now, taken)
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) -> Progress {
        if self.stage == Stage::Failed {
            return Progress::None;
        }
        if self.stage == Stage::Handshake && now >= self.until {
            return self.fail(DtlsFailure::NoAnswer);
        }
        let done = self.dtls.handle_timeout(now);
        self.go_on(now, done)
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.waiting.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.stage {
            Stage::Handshake => Some(self.wake.min(self.until)),
            Stage::Keyed => Some(self.wake),
            Stage::Failed => None,
        }
    }

    /// A ClientHello came. With another random than before the far side begins anew, as it may
    /// after a further offer.
    fn greeted(&mut self, now: Instant, random: [u8; 32]) {
        match self.hello {
            Some((known, _)) if known == random => return,
            Some((_, at)) if now < at + ANEW => return,
            Some(_) => self.restart(now),
            None => {}
        }
        self.hello = Some((random, now));
    }

    fn restart(&mut self, now: Instant) {
        self.dtls = connection(&self.identity, self.active, now);
        self.trusted = false;
        self.waiting.clear();
        self.stage = Stage::Handshake;
        self.until = now + HANDSHAKE;
    }

    fn go_on(&mut self, now: Instant, outcome: Result<(), Error>) -> Progress {
        let progress = self.poll(now);
        match outcome {
            Ok(()) => progress,
            Err(_) if progress != Progress::None => progress,
            // What was agreed upon stays, whatever comes after.
            Err(_) if self.stage == Stage::Keyed => {
                self.wake = self.until + FAR;
                progress
            }
            Err(Error::Timeout(_)) => self.fail(DtlsFailure::NoAnswer),
            Err(error) => {
                tracing::debug!(%error, "a DTLS handshake broke off");
                if self.attempts >= ATTEMPTS {
                    return self.fail(DtlsFailure::Refused);
                }
                self.attempts += 1;
                self.hello = None;
                self.restart(now);
                match self.dtls.handle_timeout(now) {
                    Ok(()) => self.poll(now),
                    Err(_) => self.fail(DtlsFailure::Refused),
                }
            }
        }
    }

    /// Fetches all that there is until the next time to wait for.
    fn poll(&mut self, now: Instant) -> Progress {
        let mut buffer = [0; MAX_DATAGRAM];
        let mut progress = Progress::None;
        // It always ends with a time; the bound is for a library that does not.
        for _ in 0..4 * MAX_WAITING {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => {
                    if self.waiting.len() >= MAX_WAITING {
                        self.waiting.pop_front();
                    }
                    self.waiting.push_back(packet.to_vec());
                }
                Output::PeerCert(certificate) => {
                    let mut known = self.fingerprints.iter();
                    self.trusted = known.any(|fingerprint| fingerprint.is_of(certificate));
                    if !self.trusted {
                        return self.fail(DtlsFailure::WrongCertificate);
                    }
                }
                Output::KeyingMaterial(material, profile) => {
                    progress = match self.keys(&material, profile) {
                        Some((ours, theirs)) if self.trusted => {
                            self.stage = Stage::Keyed;
                            self.had_keys = true;
                            self.attempts = 1;
                            Progress::Keys { ours, theirs }
                        }
                        Some(_) => return self.fail(DtlsFailure::WrongCertificate),
                        None => return self.fail(DtlsFailure::Refused),
                    };
                }
                Output::Timeout(at) => {
                    self.wake = at.max(now);
                    return progress;
                }
                Output::BufferTooSmall { .. } => return self.fail(DtlsFailure::Refused),
                _ => {}
            }
        }
        self.wake = now + HANDSHAKE;
        progress
    }

    /// A stranger's attempt must not end what goes on with other keys.
    fn fail(&mut self, failure: DtlsFailure) -> Progress {
        self.waiting.clear();
        if self.had_keys {
            tracing::debug!(?failure, "a further DTLS handshake came to nothing");
            self.stage = Stage::Keyed;
            self.wake = self.until + FAR;
            return Progress::None;
        }
        self.stage = Stage::Failed;
        Progress::Failed(failure)
    }

    /// RFC 5764 4.2: the client's key, the server's, the client's salt, the server's.
    fn keys(
        &self,
        material: &KeyingMaterial,
        profile: SrtpProfile,
    ) -> Option<(MasterKey, MasterKey)> {
        let suite = match profile {
            SrtpProfile::AES128_CM_SHA1_80 => Suite::AesCm128HmacSha1_80,
            SrtpProfile::AEAD_AES_128_GCM => Suite::AeadAes128Gcm,
            SrtpProfile::AEAD_AES_256_GCM => Suite::AeadAes256Gcm,
            _ => return None,
        };
        let (keys, salts) = material.split_at_checked(2 * suite.key_length())?;
        let (client_key, server_key) = keys.split_at_checked(suite.key_length())?;
        let (client_salt, server_salt) = salts.split_at_checked(suite.salt_length())?;
        let client = Zeroizing::new([client_key, client_salt].concat());
        let server = Zeroizing::new([server_key, server_salt].concat());
        let client = MasterKey::new(suite, client)?;
        let server = MasterKey::new(suite, server)?;
        Some(match self.active {
            true => (client, server),
            false => (server, client),
        })
    }
}

/// The random of a ClientHello (RFC 6347 4.2.2, RFC 5246 7.4.1.2), if a datagram begins with the
/// first fragment of one that is not encrypted.
fn client_random(datagram: &[u8]) -> Option<[u8; 32]> {
    const HANDSHAKE_RECORD: u8 = 22;
    const CLIENT_HELLO: u8 = 1;
    // The record's type, version, epoch, sequence number, length: 13 octets. The message's type,
    // length, sequence number, offset and length of the fragment: 12. Its version: 2.
    let in_clear = datagram.get(3..5) == Some(&[0, 0]);
    let is_hello = datagram.first() == Some(&HANDSHAKE_RECORD)
        && datagram.get(13) == Some(&CLIENT_HELLO)
        && datagram.get(19..22) == Some(&[0, 0, 0]);
    let random = datagram.get(27..59).filter(|_| in_clear && is_hello)?;
    random.try_into().ok()
}

fn connection(identity: &Identity, active: bool, now: Instant) -> Dtls {
    let config = identity.config.clone();
    let mut dtls = Dtls::new_12(config, identity.certificate.clone(), now);
    dtls.set_active(active);
    dtls
}
