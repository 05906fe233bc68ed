//! What the system's errors mean to a caller.

use std::io::{Error, ErrorKind};

use crate::sip::flow::TransportError;

/// The cause behind an error of a socket.
pub(super) fn of_io(error: Error) -> TransportError {
    match error.kind() {
        ErrorKind::ConnectionRefused => TransportError::Refused,
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => TransportError::Unreachable,
        ErrorKind::TimedOut => TransportError::TimedOut,
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected
        | ErrorKind::UnexpectedEof => TransportError::Closed,
        _ => TransportError::Io(error.to_string()),
    }
}
