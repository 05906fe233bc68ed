//! The pair of UDP sockets a call's RTP and RTCP go through (RFC 3550 section 11).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// The mark of telephone sound, expedited forwarding (RFC 4594 4.1, RFC 3246), as it stands in the
/// header of IP.
const EXPEDITED: u32 = 46 << 2;
/// How many ports are tried before giving up.
const ATTEMPTS: usize = 64;

/// An even RTP port and the odd RTCP port after it, both non-blocking.
#[derive(Debug)]
pub struct Ports {
    /// The RTP socket.
    pub rtp: UdpSocket,
    /// The RTCP socket.
    pub rtcp: UdpSocket,
}

impl Ports {
    /// Binds a pair on the wildcard address of the family of `towards`.
    ///
    /// # Errors
    /// Whatever the system says when no pair could be bound.
    pub fn bind(towards: IpAddr) -> io::Result<Self> {
        let wildcard = match towards {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let mut last = io::ErrorKind::AddrInUse.into();
        for _ in 0..ATTEMPTS {
            let port = fastrand::u16(8_000..30_000) * 2;
            match (bind(wildcard, port), bind(wildcard, port + 1)) {
                (Ok(rtp), Ok(rtcp)) => return Ok(Self { rtp, rtcp }),
                (Err(error), _) | (_, Err(error)) => last = error,
            }
        }
        Err(last)
    }

    /// The RTP port.
    ///
    /// # Errors
    /// If the system can't tell.
    pub fn rtp_port(&self) -> io::Result<u16> {
        Ok(self.rtp.local_addr()?.port())
    }
}

fn bind(ip: IpAddr, port: u16) -> io::Result<UdpSocket> {
    let domain = if ip.is_ipv4() {
        Domain::IPV4
    } else {
        Domain::IPV6
    };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if ip.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::new(ip, port).into())?;
    mark(&socket, ip);
    Ok(socket.into())
}

/// Asks the network for haste. A system that does not let it is none the worse.
fn mark(socket: &Socket, ip: IpAddr) {
    let marked = match ip {
        IpAddr::V4(_) => socket.set_tos_v4(EXPEDITED),
        #[cfg(unix)]
        IpAddr::V6(_) => socket.set_tclass_v6(EXPEDITED),
        #[cfg(not(unix))]
        IpAddr::V6(_) => Ok(()),
    };
    if let Err(error) = marked {
        tracing::debug!(%error, "sound goes without a mark");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rtp_is_even_and_rtcp_follows() {
        let ports = Ports::bind(Ipv4Addr::LOCALHOST.into()).unwrap();
        let rtp = ports.rtp_port().unwrap();
        assert_eq!(rtp % 2, 0);
        assert_eq!(ports.rtcp.local_addr().unwrap().port(), rtp + 1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn sound_is_marked_as_expedited() {
        let v4 = Ports::bind(Ipv4Addr::LOCALHOST.into()).unwrap();
        for socket in [&v4.rtp, &v4.rtcp] {
            let socket = socket2::SockRef::from(socket);
            assert_eq!(socket.tos_v4().unwrap(), 0xb8);
        }
        if let Ok(v6) = Ports::bind(Ipv6Addr::LOCALHOST.into()) {
            let socket = socket2::SockRef::from(&v6.rtp);
            assert_eq!(socket.tclass_v6().unwrap(), 0xb8);
        }
    }
}
