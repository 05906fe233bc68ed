//! The server's half of the proof that a person knows the second password.
//! <https://core.telegram.org/api/srp>

use grammers_tl_types::{enums, types};
use num_bigint::BigUint;

use crate::crypt::{random, sha256};

const G: u32 = 3;
const SALT1: &[u8] = b"the first salt";
const SALT2: &[u8] = b"the second salt";
/// The prime that Telegram uses.
const P: &str = "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f\
48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37\
20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64\
2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4\
a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754\
fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4\
e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f\
0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b";

fn p() -> BigUint {
    BigUint::parse_bytes(P.as_bytes(), 16).expect("a number")
}

fn padded(number: &BigUint) -> Vec<u8> {
    let octets = number.to_bytes_be();
    let mut padded = vec![0; 256 - octets.len()];
    padded.extend(octets);
    padded
}

fn salted(data: &[u8], salt: &[u8]) -> [u8; 32] {
    sha256(&[salt, data, salt])
}

fn number(octets: &[u8]) -> BigUint {
    BigUint::from_bytes_be(octets)
}

fn g() -> BigUint {
    BigUint::from(G)
}

/// What a server keeps of a password.
fn verifier(password: &str) -> BigUint {
    let first = salted(&salted(password.as_bytes(), SALT1), SALT2);
    let mut derived = [0; 64];
    pbkdf2::pbkdf2_hmac::<sha2::Sha512>(&first, SALT1, 100_000, &mut derived);
    g().modpow(&number(&salted(&derived, SALT2)), &p())
}

fn multiplier() -> BigUint {
    number(&sha256(&[&padded(&p()), &padded(&g())]))
}

/// How passwords are hashed.
pub fn algorithm() -> enums::PasswordKdfAlgo {
    types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow {
        salt1: SALT1.to_vec(),
        salt2: SALT2.to_vec(),
        g: G as i32,
        p: padded(&p()),
    }
    .into()
}

/// A secret, and what is shown of it.
pub fn offer(password: &str) -> (Vec<u8>, Vec<u8>) {
    let secret = random::<256>().to_vec();
    let shown = shown(&verifier(password), &secret);
    (secret, padded(&shown))
}

fn shown(verifier: &BigUint, secret: &[u8]) -> BigUint {
    (multiplier() * verifier + g().modpow(&number(secret), &p())) % p()
}

/// Whether `m1` proves that whoever made `a` knows the password.
pub fn is_proof(password: &str, secret: &[u8], a: &[u8], m1: &[u8]) -> bool {
    let verifier = verifier(password);
    let b = padded(&shown(&verifier, secret));
    let u = number(&sha256(&[a, &b]));
    let shared = (number(a) * verifier.modpow(&u, &p())).modpow(&number(secret), &p());
    let key = sha256(&[&padded(&shared)]);
    let (hash_p, hash_g) = (sha256(&[&padded(&p())]), sha256(&[&padded(&g())]));
    let mixed: Vec<u8> = hash_p.iter().zip(hash_g).map(|(p, g)| p ^ g).collect();
    let expected = sha256(&[&mixed, &sha256(&[SALT1]), &sha256(&[SALT2]), a, &b, &key]);
    expected[..] == *m1
}
