//! Keys for SRTP by DTLS (RFC 5763, RFC 5764). Sans-I/O.

mod association;
mod fingerprint;
mod identity;
#[cfg(test)]
mod tests;

pub use association::{Association, DtlsFailure, Progress};
pub use fingerprint::Fingerprint;
pub use identity::Identity;

/// Whether a datagram that came where RTP does is DTLS (RFC 7983 7).
pub(super) fn is_dtls(datagram: &[u8]) -> bool {
    datagram
        .first()
        .is_some_and(|first| (20..=63).contains(first))
}
