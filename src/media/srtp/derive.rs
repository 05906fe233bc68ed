//! Session keys from a master key (RFC 3711 4.3, RFC 6188 3, RFC 7714 11), without a key
//! derivation rate: they are made once.

use aes::cipher::KeyInit;
use aes::{Aes128, Aes256};
use ctr::Ctr128BE;
use ctr::cipher::{InnerIvInit, StreamCipher};
use secrecy::zeroize::Zeroizing;

use super::MasterKey;

/// What a session key is for (RFC 3711 4.3.1, 4.3.2).
#[derive(Clone, Copy)]
pub(super) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// The session key of so many octets.
pub(super) fn session_key(master: &MasterKey, label: Label, length: usize) -> Zeroizing<Vec<u8>> {
    // A salt of 96 bits has 16 zero bits after it (RFC 7714 11).
    let mut block = [0; 16];
    for (place, salt) in block.iter_mut().zip(master.salt()) {
        *place = *salt;
    }
    block[7] ^= label as u8;
    let mut key = Zeroizing::new(vec![0; length]);
    apply_counter_mode(master.key(), &block, &mut key);
    key
}

/// AES in counter mode over `data`, by a key of 16 or 32 octets; from any other it stays as it is.
fn apply_counter_mode(key: &[u8], block: &[u8; 16], data: &mut [u8]) {
    let block = block.into();
    if let Ok(aes) = Aes128::new_from_slice(key) {
        Ctr128BE::<Aes128>::from_core(InnerIvInit::inner_iv_init(aes, block)).apply_keystream(data);
    } else if let Ok(aes) = Aes256::new_from_slice(key) {
        Ctr128BE::<Aes256>::from_core(InnerIvInit::inner_iv_init(aes, block)).apply_keystream(data);
    }
}
