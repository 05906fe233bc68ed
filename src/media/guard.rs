//! Encrypts what a stream sends, and opens what comes to it, as was agreed.

use std::time::Instant;

use super::PacketKind;
use super::dtls::{Association, DtlsFailure, Progress};
use super::security::{Keying, Keys, Protection};
use super::srtp::{MasterKey, Opener, Sealer, SrtpError};

/// What a guard noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// The keys of the sound are there.
    Keyed(Protection),
    /// There will be none.
    Failed(DtlsFailure),
}

/// The keys of a stream. Without any agreed upon all goes in the clear; with an agreement nothing
/// does.
pub struct Guard {
    keying: Option<Keying>,
    /// RTCP goes where RTP does (RFC 5761).
    one_port: bool,
    /// Of RTP, and of RTCP unless that has its own.
    rtp: Link,
    /// Of RTCP, if it has its own port and its own handshake there (RFC 5764 4.1).
    rtcp: Link,
}

/// The keys of one port.
#[derive(Default)]
struct Link {
    association: Option<Association>,
    sealer: Option<Sealer>,
    opener: Option<Opener>,
    /// Opens what was sent before the far side had the new keys.
    before: Option<Opener>,
}

impl Guard {
    /// What was agreed upon at the beginning.
    pub fn new(keying: Option<&Keying>, one_port: bool, now: Instant) -> Self {
        let mut guard = Self {
            keying: None,
            one_port,
            rtp: Link::default(),
            rtcp: Link::default(),
        };
        guard.agree(keying, one_port, now);
        guard
    }

    /// Goes on under another agreement. Keys that stay go on with their counters; DTLS that stays
    /// is not begun anew.
    pub fn agree(&mut self, keying: Option<&Keying>, one_port: bool, now: Instant) {
        let both = !one_port && matches!(keying, Some(Keying::Dtls { .. }));
        if keying != self.keying.as_ref() || one_port != self.one_port {
            let same = keying == self.keying.as_ref();
            if !same {
                self.rtp.agree(keying, now);
            }
            match both {
                true if !same || self.rtcp.association.is_none() => self.rtcp.agree(keying, now),
                true => {}
                false => self.rtcp = Link::default(),
            }
        }
        self.keying = keying.cloned();
        self.one_port = one_port;
    }

    /// Whether all goes in the clear.
    pub fn is_open(&self) -> bool {
        self.keying.is_none()
    }

    /// Protects a packet in place; false if it must not be sent.
    pub fn seal(&mut self, kind: PacketKind, packet: &mut Vec<u8>) -> bool {
        if self.is_open() {
            return true;
        }
        let sealer = self.link(kind).sealer.as_mut();
        let sealed = match kind {
            PacketKind::Rtp => sealer.map(|sealer| sealer.seal_rtp(packet)),
            PacketKind::Rtcp => sealer.map(|sealer| sealer.seal_rtcp(packet)),
        };
        matches!(sealed, Some(Ok(())))
    }

    /// Opens a packet of this kind into `plain`; false if it is to be dropped.
    pub fn open(&mut self, kind: PacketKind, packet: &[u8], plain: &mut Vec<u8>) -> bool {
        self.link(kind).open(kind, packet, plain)
    }

    /// Takes a datagram of DTLS that came to a port; gives whether one was waited for there, and
    /// what it came to.
    pub fn handshake(
        &mut self,
        now: Instant,
        port: PacketKind,
        datagram: &[u8],
    ) -> (bool, Option<Guarded>) {
        let link = match port {
            PacketKind::Rtp => &mut self.rtp,
            PacketKind::Rtcp => &mut self.rtcp,
        };
        let Some(association) = &mut link.association else {
            return (false, None);
        };
        let progress = association.receive(now, datagram);
        (true, self.take(port, progress))
    }

    /// Does what is due; what it came to.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Guarded> {
        let mut guarded = None;
        for port in [PacketKind::Rtcp, PacketKind::Rtp] {
            let link = match port {
                PacketKind::Rtp => &mut self.rtp,
                PacketKind::Rtcp => &mut self.rtcp,
            };
            let due = |association: &&mut Association| {
                association.poll_timeout().is_some_and(|at| at <= now)
            };
            if let Some(association) = link.association.as_mut().filter(due) {
                let progress = association.handle_timeout(now);
                guarded = self.take(port, progress).or(guarded);
            }
        }
        guarded
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let links = [&self.rtp, &self.rtcp].into_iter();
        links
            .filter_map(|link| link.association.as_ref()?.poll_timeout())
            .min()
    }

    /// The next datagram of DTLS to send, and from which port.
    pub fn poll_transmit(&mut self) -> Option<(PacketKind, Vec<u8>)> {
        let next = |link: &mut Link| link.association.as_mut()?.poll_transmit();
        let rtp = next(&mut self.rtp).map(|datagram| (PacketKind::Rtp, datagram));
        rtp.or_else(|| next(&mut self.rtcp).map(|datagram| (PacketKind::Rtcp, datagram)))
    }

    fn link(&mut self, kind: PacketKind) -> &mut Link {
        let own = !self.one_port && matches!(self.keying, Some(Keying::Dtls { .. }));
        match kind {
            PacketKind::Rtcp if own => &mut self.rtcp,
            _ => &mut self.rtp,
        }
    }

    /// Without the keys of RTCP the far side's reports are missed, nothing else.
    fn take(&mut self, port: PacketKind, progress: Progress) -> Option<Guarded> {
        let link = match port {
            PacketKind::Rtp => &mut self.rtp,
            PacketKind::Rtcp => &mut self.rtcp,
        };
        let guarded = match progress {
            Progress::None => return None,
            Progress::Keys { ours, theirs } => {
                let suite = ours.suite();
                link.seal_with(&ours);
                link.open_with(&theirs);
                let keys = Keys::Dtls;
                Guarded::Keyed(Protection { suite, keys })
            }
            Progress::Failed(failure) => Guarded::Failed(failure),
        };
        (port == PacketKind::Rtp).then_some(guarded)
    }
}

impl Link {
    fn agree(&mut self, keying: Option<&Keying>, now: Instant) {
        match keying {
            None => *self = Self::default(),
            Some(Keying::Sdes { ours, theirs }) => {
                self.association = None;
                self.seal_with(ours);
                self.open_with(theirs);
            }
            Some(Keying::Dtls {
                identity,
                active,
                fingerprints,
                ..
            }) => {
                let (identity, fingerprints) = (identity.clone(), fingerprints.clone());
                self.association = Some(Association::new(identity, *active, fingerprints, now));
            }
        }
    }

    fn seal_with(&mut self, key: &MasterKey) {
        if self
            .sealer
            .as_ref()
            .is_none_or(|sealer| sealer.key() != key)
        {
            self.sealer = Sealer::new(key);
        }
    }

    fn open_with(&mut self, key: &MasterKey) {
        match self.opener.take() {
            Some(opener) if opener.key() == key => self.opener = Some(opener),
            Some(opener) => {
                self.opener = Opener::after(key, &opener);
                self.before = Some(opener);
            }
            None => self.opener = Opener::new(key),
        }
    }

    fn open(&mut self, kind: PacketKind, packet: &[u8], plain: &mut Vec<u8>) -> bool {
        let mut open = |opener: &mut Opener| {
            plain.clear();
            plain.extend_from_slice(packet);
            match kind {
                PacketKind::Rtp => opener.open_rtp(plain),
                PacketKind::Rtcp => opener.open_rtcp(plain),
            }
        };
        let opened = match &mut self.opener {
            Some(opener) => open(opener),
            None => Err(SrtpError::NotAuthentic),
        };
        match opened {
            Ok(()) => {
                // The far side has the new keys, too.
                self.before = None;
                true
            }
            Err(_) => self
                .before
                .as_mut()
                .is_some_and(|before| open(before).is_ok()),
        }
    }
}
