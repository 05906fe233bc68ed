//! Randomness for keys.

use rustls::crypto::ring;
use secrecy::zeroize::Zeroizing;

/// So many octets that nobody can guess; `None` if the system gives none.
pub(super) fn secret(length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(vec![0; length]);
    let random = ring::default_provider().secure_random;
    random.fill(&mut octets).ok()?;
    Some(octets)
}
