//! MTProto 2.0: what is in a packet.
//! <https://core.telegram.org/mtproto/description>

use grammers_crypto::aes::{ige_decrypt, ige_encrypt};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A key that a device shares with a data centre.
pub type AuthKey = [u8; 256];
/// The name of a key on the wire.
pub type KeyId = [u8; 8];

/// What is in a packet from a client.
pub struct Packet {
    /// The client's name for its connection.
    pub session: i64,
    /// The name of the message.
    pub message: i64,
    /// What it says.
    pub body: Vec<u8>,
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).expect("the system gives randomness");
    octets
}

pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

pub fn key_id(key: &AuthKey) -> KeyId {
    let hash = Sha1::digest(key);
    hash[12..20].try_into().expect("8 octets")
}

/// The AES key and vector of one packet; `x` is 0 from the client and 8 to it.
fn aes(key: &AuthKey, message_key: &[u8], x: usize) -> ([u8; 32], [u8; 32]) {
    let a = sha256(&[message_key, &key[x..x + 36]]);
    let b = sha256(&[&key[40 + x..76 + x], message_key]);
    let aes_key = [&a[..8], &b[8..24], &a[24..]].concat();
    let vector = [&b[..8], &a[8..24], &b[24..]].concat();
    let whole = |octets: Vec<u8>| octets.try_into().expect("32 octets");
    (whole(aes_key), whole(vector))
}

/// Opens a packet; nothing if it was not made with this key.
pub fn open(key: &AuthKey, packet: &[u8]) -> Option<Packet> {
    let message_key = packet.get(8..24)?;
    let mut inner = packet.get(24..)?.to_vec();
    if inner.is_empty() || !inner.len().is_multiple_of(16) {
        return None;
    }
    let (aes_key, vector) = aes(key, message_key, 0);
    ige_decrypt(&mut inner, &aes_key, &vector);
    if sha256(&[&key[88..120], &inner])[8..24] != *message_key {
        return None;
    }
    let number = |at: usize| Some(i64::from_le_bytes(inner.get(at..at + 8)?.try_into().ok()?));
    let length = u32::from_le_bytes(inner.get(28..32)?.try_into().ok()?) as usize;
    Some(Packet {
        session: number(8)?,
        message: number(16)?,
        body: inner.get(32..32 + length)?.to_vec(),
    })
}

/// Makes a packet of one message.
pub fn seal(key: &AuthKey, session: i64, message: i64, sequence: i32, body: &[u8]) -> Vec<u8> {
    let mut inner = Vec::with_capacity(body.len() + 64);
    inner.extend(0_i64.to_le_bytes());
    inner.extend(session.to_le_bytes());
    inner.extend(message.to_le_bytes());
    inner.extend(sequence.to_le_bytes());
    inner.extend((body.len() as u32).to_le_bytes());
    inner.extend(body);
    let padding = 16 + (16 - inner.len() % 16) % 16;
    inner.extend(&random::<32>()[..padding]);
    let hash = sha256(&[&key[96..128], &inner]);
    let message_key = &hash[8..24];
    let (aes_key, vector) = aes(key, message_key, 8);
    ige_encrypt(&mut inner, &aes_key, &vector);
    [&key_id(key)[..], message_key, &inner].concat()
}
