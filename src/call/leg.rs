//! A call's stream with its sockets.

use std::net::SocketAddr;
use std::time::Instant;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};

use crate::audio::Limiter;
use crate::audio::recorder::Tap;
use crate::audio::tones::Supervisory;
use crate::call::media_request::{Mix, Remote};
use crate::media::{FRAME, PacketKind, Ports, Stream, StreamConfig};

/// At most this many datagrams are read from one socket before the others get their turn.
const READ_BURST: usize = 32;

/// A stream, its sockets, and where its packets go.
pub(super) struct Leg {
    pub stream: Stream,
    /// Where the call is recorded, if it is.
    pub tap: Option<Tap>,
    /// The tone by which both sides know that the call is recorded, if there is to be one.
    pub notice: Option<Supervisory>,
    /// Who hears whom.
    pub mix: Mix,
    /// The last 10 ms of the far side.
    heard: [f32; FRAME],
    /// The same 10 ms of the notice.
    beep: Option<[f32; FRAME]>,
    limiter: Limiter,
    rtp: UdpSocket,
    rtcp: UdpSocket,
    remote: Remote,
    /// Where RTP comes from, if that is not the negotiated host.
    rtp_source: Option<SocketAddr>,
    /// The same of RTCP.
    rtcp_source: Option<SocketAddr>,
    heard_negotiated: bool,
    /// RTP has this token, RTCP the next one.
    pub token: usize,
}

impl Leg {
    /// Starts a stream; its sockets are told of by `registry` under `token` and the one after.
    ///
    /// # Errors
    /// What the codec or the system said.
    pub fn start(
        registry: &Registry,
        token: usize,
        ports: Ports,
        config: StreamConfig,
        remote: Remote,
        seed: u64,
    ) -> Result<Self, String> {
        let stream =
            Stream::new(config, Instant::now(), seed).map_err(|error| error.to_string())?;
        let mut leg = Self {
            stream,
            tap: None,
            mix: Mix {
                microphone: true,
                joined: false,
                silenced: false,
            },
            notice: None,
            heard: [0.0; FRAME],
            beep: None,
            limiter: Limiter::default(),
            rtp: UdpSocket::from_std(ports.rtp),
            rtcp: UdpSocket::from_std(ports.rtcp),
            remote,
            rtp_source: None,
            rtcp_source: None,
            heard_negotiated: false,
            token,
        };
        registry
            .register(&mut leg.rtp, Token(token), Interest::READABLE)
            .and_then(|()| registry.register(&mut leg.rtcp, Token(token + 1), Interest::READABLE))
            .map_err(|error| error.to_string())?;
        Ok(leg)
    }

    /// Says goodbye to the far side and leaves the registry.
    pub fn end(&mut self, now: Instant, registry: &Registry) {
        self.stream.bye(now);
        self.transmit();
        for socket in [&mut self.rtp, &mut self.rtcp] {
            let _ = registry.deregister(socket);
        }
    }

    /// Hears the next 10 ms of the far side.
    pub fn play(&mut self, now: Instant) {
        self.stream.playout(now, &mut self.heard);
        if self.mix.silenced {
            self.heard.fill(0.0);
        }
        self.beep = self.next_beep();
    }

    /// Adds what the far side says to what the person hears, and to what those who are `joined`
    /// with it hear.
    pub fn mix_into(&self, person: &mut [f32; FRAME], joined: &mut [f32; FRAME]) {
        add(person, &self.heard);
        if let Some(beep) = &self.beep {
            add(person, beep);
        }
        if self.mix.joined {
            add(joined, &self.heard);
        }
    }

    /// Sends 10 ms: the microphone, and what the `joined` calls say in sum, but not what this
    /// one says itself. Records it with what was played, if the call is recorded.
    pub fn capture(&mut self, now: Instant, microphone: &[f32; FRAME], joined: &[f32; FRAME]) {
        let Mix {
            microphone: speaks,
            joined: is_joined,
            ..
        } = self.mix;
        let mut said = if speaks { *microphone } else { [0.0; FRAME] };
        if is_joined {
            for (said, (all, own)) in said.iter_mut().zip(joined.iter().zip(&self.heard)) {
                *said += all - own;
            }
            self.limiter.limit(&mut said);
        }
        if let Some(beep) = &self.beep {
            add(&mut said, beep);
        }
        let says = speaks || is_joined || self.beep.is_some();
        self.stream.set_muted(!says);
        self.stream.capture(now, &said);
        if let Some(tap) = &mut self.tap {
            if !self.stream.sends() {
                said.fill(0.0);
            }
            tap.write(&said, &self.heard);
        }
    }

    /// What both sides hear of the recording in these 10 ms, if anything.
    fn next_beep(&mut self) -> Option<[f32; FRAME]> {
        let recorded = self.tap.as_ref().is_some_and(|tap| !tap.is_paused());
        let notice = self.notice.as_mut().filter(|_| recorded)?;
        let sounds = notice.sounds();
        let mut beep = [0.0; FRAME];
        notice.fill(&mut beep);
        sounds.then_some(beep)
    }

    /// Sends what the stream has to send.
    pub fn transmit(&mut self) {
        while let Some(packet) = self.stream.poll_transmit() {
            let (socket, remote) = match packet.kind {
                PacketKind::Rtp => (&self.rtp, self.rtp_source.unwrap_or(self.remote.rtp)),
                PacketKind::Rtcp => (&self.rtcp, self.rtcp_source.unwrap_or(self.remote.rtcp)),
            };
            // The hold of RFC 2543: the far side has no address for now.
            if self.remote.rtp.ip().is_unspecified() {
                continue;
            }
            if let Err(error) = socket.send_to(&packet.bytes, remote) {
                tracing::debug!(%error, "a media packet was not sent");
            }
        }
    }

    /// Reads what has arrived; true if there may be more.
    pub fn receive(&mut self, now: Instant, rtcp: bool, buffer: &mut [u8]) -> bool {
        for _ in 0..READ_BURST {
            let socket = if rtcp { &self.rtcp } else { &self.rtp };
            match socket.recv_from(buffer) {
                Ok((length, from)) => {
                    let packet = buffer.get(..length).unwrap_or_default();
                    if !self.is_expected(from, rtcp) {
                        continue;
                    }
                    let theirs = if rtcp {
                        self.stream.receive_rtcp(now, packet)
                    } else {
                        self.stream.receive_rtp(now, packet)
                    };
                    if theirs {
                        self.heard_from(from, rtcp);
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                // An ICMP error of an earlier packet; the socket itself is fine.
                Err(error) => tracing::trace!(%error, "media socket"),
            }
        }
        true
    }

    /// Whether a packet may be the far side's. Many are behind NAT or name another of their
    /// addresses in SDP: until something comes from the negotiated host, the first source of RTP
    /// counts, and is sent to (symmetric RTP, RFC 4961). All others are strangers.
    fn is_expected(&self, from: SocketAddr, rtcp: bool) -> bool {
        let known = self.rtp_source.map(|source| source.ip());
        self.is_negotiated(from)
            || known == Some(from.ip())
            || known.is_none() && !rtcp && !self.heard_negotiated
    }

    fn is_negotiated(&self, from: SocketAddr) -> bool {
        from.ip() == self.remote.rtp.ip() || from.ip() == self.remote.rtcp.ip()
    }

    /// Remembers where packets come from; encrypted ones only once they were opened.
    fn heard_from(&mut self, from: SocketAddr, rtcp: bool) {
        match (self.is_negotiated(from), rtcp) {
            (true, false) => {
                self.rtp_source = None;
                self.heard_negotiated = true;
            }
            (true, true) => self.rtcp_source = None,
            (false, false) => {
                self.rtp_source.get_or_insert(from);
            }
            (false, true) => {
                self.rtcp_source.get_or_insert(from);
            }
        }
    }

    /// Sends elsewhere from now on.
    pub fn redirect(&mut self, remote: Remote) {
        if remote != self.remote {
            self.remote = remote;
            self.rtp_source = None;
            self.rtcp_source = None;
            self.heard_negotiated = false;
        }
    }
}

/// Adds a frame to another.
pub(super) fn add(sum: &mut [f32; FRAME], frame: &[f32; FRAME]) {
    for (sum, sample) in sum.iter_mut().zip(frame) {
        *sum += sample;
    }
}
