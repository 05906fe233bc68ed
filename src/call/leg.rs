//! A call's stream with its sockets.

use std::time::Instant;

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};

use crate::call::sound::Remote;
use crate::media::{PacketKind, Ports, Stream, StreamConfig};

/// At most this many datagrams are read from one socket before the others get their turn.
const READ_BURST: usize = 32;

/// A stream, its sockets, and where its packets go.
pub(super) struct Leg {
    pub stream: Stream,
    rtp: UdpSocket,
    rtcp: UdpSocket,
    pub remote: Remote,
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
            rtp: UdpSocket::from_std(ports.rtp),
            rtcp: UdpSocket::from_std(ports.rtcp),
            remote,
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

    /// Sends what the stream has to send.
    pub fn transmit(&mut self) {
        while let Some(packet) = self.stream.poll_transmit() {
            let (socket, remote) = match packet.kind {
                PacketKind::Rtp => (&self.rtp, self.remote.rtp),
                PacketKind::Rtcp => (&self.rtcp, self.remote.rtcp),
            };
            // The hold of RFC 2543: the far side has no address for now.
            if remote.ip().is_unspecified() {
                continue;
            }
            let sent = socket.send_to(&packet.bytes, remote);
            if let Err(error) = sent {
                tracing::debug!(%error, "a media packet was not sent");
            }
        }
    }

    /// Reads what has arrived; true if there may be more. Only the negotiated host is listened to: its port may differ
    /// (symmetric RTP, RFC 4961), a stranger's packets are dropped.
    pub fn receive(&mut self, now: Instant, rtcp: bool, buffer: &mut [u8]) -> bool {
        let expected = if rtcp {
            self.remote.rtcp.ip()
        } else {
            self.remote.rtp.ip()
        };
        for _ in 0..READ_BURST {
            let socket = if rtcp { &self.rtcp } else { &self.rtp };
            match socket.recv_from(buffer) {
                Ok((length, from)) if from.ip() == expected => {
                    let packet = buffer.get(..length).unwrap_or_default();
                    if rtcp {
                        self.stream.receive_rtcp(now, packet);
                    } else {
                        self.stream.receive_rtp(now, packet);
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                // An ICMP error of an earlier packet; the socket itself is fine.
                Err(error) => tracing::trace!(%error, "media socket"),
            }
        }
        true
    }
}
