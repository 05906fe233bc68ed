//! The path SIP bytes take: a flow, where it may lead, whom it trusts, and how it fails.
//!
//! These are plain values: the endpoint names flows in its outputs, the transport opens and
//! closes them. Nothing here touches a socket.

use std::net::SocketAddr;

use crate::account::Transport;
use crate::sip::message::Host;

/// One bidirectional path to a peer (RFC 5626 section 3): a UDP address pair or one stream
/// connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flow {
    /// The transport protocol.
    pub transport: Transport,
    /// Our address on this flow.
    pub local: SocketAddr,
    /// The peer's address on this flow.
    pub remote: SocketAddr,
    /// Tells two connections of the same addresses apart; 0 for UDP.
    pub connection: u64,
}

impl Flow {
    /// A UDP flow between two addresses.
    pub fn udp(local: SocketAddr, remote: SocketAddr) -> Self {
        Self {
            transport: Transport::Udp,
            local,
            remote,
            connection: 0,
        }
    }

    /// Whether both lead to the same peer in the same way.
    pub fn is_like(&self, other: Self) -> bool {
        self.transport == other.transport && self.remote == other.remote
    }

    /// Whether the transport itself delivers reliably (RFC 3261 section 17): TCP and TLS.
    pub fn is_reliable(&self) -> bool {
        self.transport != Transport::Udp
    }
}

/// One place a host was located at (RFC 3263 section 4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// The transport protocol to use there.
    pub transport: Transport,
    /// Address and port.
    pub addr: SocketAddr,
    /// The name a TLS certificate has to carry (RFC 5922 section 7): the domain that was asked
    /// for, not what DNS pointed to.
    pub server_name: String,
}

/// Which TLS certificates an identity accepts besides, or with a pin instead of, those the system
/// trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Trust {
    /// An additional certificate authority, PEM.
    pub ca_pem: Option<String>,
    /// SHA-256 fingerprint of the one certificate that is then accepted, whatever its name and
    /// issuer, and no other: hexadecimal, optionally separated by colons.
    pub pinned_sha256: Option<String>,
}

/// What a driver can be asked to do.
#[derive(Debug, Clone)]
pub enum Action {
    /// Send a datagram or a message on a stream.
    Transmit {
        /// The way it takes.
        flow: Flow,
        /// The whole message, or a keepalive (RFC 5626 3.5.1).
        bytes: Vec<u8>,
    },
    /// Find the addresses of a host. Answered by [`located`](crate::sip::Endpoint::located).
    Locate {
        /// Comes back with the answer.
        id: u64,
        /// Whom to find.
        host: Host,
        /// The port, if it is given; SRV records are asked for otherwise.
        port: Option<u16>,
        /// The transport that will be used.
        transport: Transport,
    },
    /// Open a TCP or TLS connection. Answered by [`connected`](crate::sip::Endpoint::connected).
    Connect {
        /// Comes back with the answer.
        id: u64,
        /// Where to.
        target: Target,
        /// Which certificates are accepted.
        trust: Trust,
    },
    /// Send what is queued on a stream and end it. Nothing is told about it any more.
    Close {
        /// The stream.
        flow: Flow,
    },
}

/// Why bytes could not be carried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The name does not exist, or has no address.
    #[error("the host name is unknown")]
    UnknownHost,
    /// The peer refused the connection, or nobody listens on the UDP port.
    #[error("the connection was refused")]
    Refused,
    /// There is no route to the peer, or no network at all.
    #[error("the peer is unreachable")]
    Unreachable,
    /// The connection was not set up, or no reply came, in time.
    #[error("timed out")]
    TimedOut,
    /// The connection ended.
    #[error("the connection was closed")]
    Closed,
    /// The certificate's issuer is not trusted.
    #[error("the certificate is not trusted: {reason}")]
    CertificateNotTrusted {
        /// SHA-256 of the certificate, hexadecimal.
        fingerprint: String,
        /// What the verification found wrong.
        reason: String,
    },
    /// The certificate is trusted but belongs to another name.
    #[error("the certificate belongs to another name")]
    CertificateWrongName {
        /// SHA-256 of the certificate, hexadecimal.
        fingerprint: String,
    },
    /// Another failure of the TLS handshake.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// Another failure of the operating system.
    #[error("input/output failed: {0}")]
    Io(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_udp_is_unreliable() {
        let local: SocketAddr = ([127, 0, 0, 1], 5060).into();
        let udp = Flow::udp(local, local);
        assert!(!udp.is_reliable());
        assert!(
            Flow {
                transport: Transport::Tls,
                connection: 1,
                ..udp
            }
            .is_reliable()
        );
    }
}
