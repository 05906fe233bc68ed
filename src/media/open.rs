use std::io;
use std::net::IpAddr;

use super::Ports;
use super::sdp::{LocalMedia, Session, Wanted};

/// Begins a call's sound: ports of its own, and a session that names them to the far side as
/// ports of `address`.
///
/// # Errors
/// If the system gives no ports.
pub fn open(address: IpAddr, wanted: Wanted) -> io::Result<(Session, Ports)> {
    let ports = Ports::bind(address)?;
    let local = LocalMedia {
        address,
        rtp_port: ports.rtp_port()?,
        wanted,
    };
    Ok((Session::new(local, fastrand::u64(..)), ports))
}
