//! UDP sockets.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Type};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use super::{Input, canonical, dscp};
use crate::sip::flow::Flow;

/// The longest datagram there is, in bytes.
const MAX_DATAGRAM: usize = 65_535;
/// A pause after an error that says nothing, so that it can't keep us busy.
const AFTER_ERROR: Duration = Duration::from_millis(100);

/// A bound socket and its address.
#[derive(Debug, Clone)]
pub(super) struct Socket {
    pub local: SocketAddr,
    socket: Arc<UdpSocket>,
}

impl Socket {
    /// Sends a datagram or leaves it: if the system has no room for it, it is lost as the network
    /// might have lost it.
    pub(super) fn send(&self, bytes: &[u8], remote: SocketAddr) -> io::Result<()> {
        // Not through tokio, which knows that a socket can be written to only after a first turn
        // of its event loop.
        match SockRef::from(&*self.socket).send_to(bytes, &remote.into()) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                tracing::debug!(%remote, "no room for a datagram");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Binds a socket; `None` if this machine doesn't have the IP version.
pub(super) fn bind(address: SocketAddr) -> io::Result<Option<Socket>> {
    let Some(socket) = open(address, Type::DGRAM, Protocol::UDP)? else {
        return Ok(None);
    };
    let socket = UdpSocket::from_std(socket.into())?;
    Ok(Some(Socket {
        local: socket.local_addr()?,
        socket: Arc::new(socket),
    }))
}

/// A bound non-blocking socket that keeps to its own IP version; `None` if this machine doesn't
/// have it.
pub(super) fn open(
    address: SocketAddr,
    kind: Type,
    protocol: Protocol,
) -> io::Result<Option<socket2::Socket>> {
    let opened = (|| {
        let socket = socket2::Socket::new(Domain::for_address(address), kind, Some(protocol))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        #[cfg(unix)]
        if kind == Type::STREAM {
            socket.set_reuse_address(true)?;
        }
        socket.bind(&address.into())?;
        dscp::mark(SockRef::from(&socket), address.ip());
        Ok(socket)
    })();
    match opened {
        Ok(socket) => Ok(Some(socket)),
        Err(error) if address.is_ipv6() && !has_ipv6() => {
            tracing::debug!(%address, %error, "no IPv6 here");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn has_ipv6() -> bool {
    std::net::UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

/// Hands up what arrives, for as long as somebody takes it.
pub(super) async fn receive(socket: Socket, inputs: mpsc::Sender<Input>) {
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        match socket.socket.recv_from(&mut buffer).await {
            Ok((0, _)) => {}
            Ok((length, remote)) => {
                let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                let flow = Flow::udp(socket.local, canonical(remote));
                if inputs.send(Input::Message { flow, bytes }).await.is_err() {
                    return;
                }
            }
            // Some systems tell here that an earlier datagram reached nobody, without saying whom
            // it was sent to.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => {
                tracing::debug!(%error, "UDP receive");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

/// Our address on the way to `remote`, as the system would choose it now; `None` if there is no
/// way. Nothing is sent.
pub fn local_ip_for(remote: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = match remote {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = std::net::UdpSocket::bind((any, 0)).ok()?;
    socket.connect(remote).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}
