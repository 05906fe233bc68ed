//! The mark by which networks know signalling (RFC 4594 4.1).

use std::net::IpAddr;

use socket2::SockRef;

/// Class selector 3, as it stands in the header of IP.
const SIGNALLING: u32 = 24 << 2;

/// Marks what a socket of this IP version sends. A system that does not let it is none the worse.
pub(super) fn mark(socket: SockRef<'_>, ip: IpAddr) {
    let marked = match ip {
        IpAddr::V4(_) => socket.set_tos_v4(SIGNALLING),
        #[cfg(unix)]
        IpAddr::V6(_) => socket.set_tclass_v6(SIGNALLING),
        #[cfg(not(unix))]
        IpAddr::V6(_) => Ok(()),
    };
    if let Err(error) = marked {
        tracing::debug!(%error, "messages go without a mark");
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn messages_are_marked_as_signalling() {
        let v4 = UdpSocket::bind("127.0.0.1:0").unwrap();
        mark((&v4).into(), v4.local_addr().unwrap().ip());
        assert_eq!(SockRef::from(&v4).tos_v4().unwrap(), 0x60);
        if let Ok(v6) = UdpSocket::bind("[::1]:0") {
            mark((&v6).into(), v6.local_addr().unwrap().ip());
            assert_eq!(SockRef::from(&v6).tclass_v6().unwrap(), 0x60);
        }
    }
}
