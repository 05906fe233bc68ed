use proptest::prelude::*;
use secrecy::zeroize::Zeroizing;

use super::cipher::{Cipher, Place};
use super::derive::{Label, session_key};
use super::*;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).unwrap();
        u8::from_str_radix(pair, 16).unwrap()
    };
    digits.chunks(2).map(pair).collect()
}

fn master(suite: Suite, hex: &str) -> MasterKey {
    MasterKey::new(suite, Zeroizing::new(octets(hex))).unwrap()
}

/// A key of the suite, made of one number.
fn key(suite: Suite, seed: u8) -> MasterKey {
    let length = suite.key_length() + suite.salt_length();
    let bytes = (0..length).map(|n| (n as u8).wrapping_mul(7) ^ seed);
    MasterKey::new(suite, Zeroizing::new(bytes.collect())).unwrap()
}

fn rtp(sequence: u16, ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x80, 8];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 160]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0x55; 160]);
    packet
}

fn rtcp(ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x80, 201, 0, 1];
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, b'x', 0]);
    packet
}

fn sealed(sealer: &mut Sealer, sequence: u16) -> Vec<u8> {
    let mut packet = rtp(sequence, 7);
    sealer.seal_rtp(&mut packet).unwrap();
    packet
}

fn open(opener: &mut Opener, packet: &[u8]) -> Result<Vec<u8>, SrtpError> {
    let mut packet = packet.to_vec();
    opener.open_rtp(&mut packet).map(|()| packet)
}

fn pair(suite: Suite) -> (Sealer, Opener) {
    let key = key(suite, 1);
    (Sealer::new(&key).unwrap(), Opener::new(&key).unwrap())
}

#[test]
fn session_keys_are_those_of_rfc_3711_b_3() {
    let master = master(
        Suite::AesCm128HmacSha1_80,
        "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6",
    );
    let is = |label, expected: &str| {
        let expected = octets(expected);
        assert_eq!(*session_key(&master, label, expected.len()), expected);
    };
    is(Label::RtpEncryption, "C61E7A93744F39EE10734AFE3FF7A087");
    is(Label::RtpSalt, "30CBBC08863D8C85D49DB34A9AE1");
    is(
        Label::RtpAuthentication,
        "CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE
         E049646C43D9327AD175578EF7227098 6371C10C9A369AC2F94A8C5FBCDDDC25
         6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2",
    );
}

#[test]
fn session_keys_of_256_bits_are_those_of_rfc_6188_7() {
    let master = master(
        Suite::Aes256CmHmacSha1_80,
        "f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6
         3b04803de51ee7c96423ab5b78d2",
    );
    let is = |label, expected: &str| {
        let expected = octets(expected);
        assert_eq!(*session_key(&master, label, expected.len()), expected);
    };
    is(
        Label::RtpEncryption,
        "5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4",
    );
    is(Label::RtpSalt, "fa31791685ca444a9e07c6c64e93");
    is(
        Label::RtpAuthentication,
        "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05",
    );
}

#[test]
fn the_key_stream_is_that_of_rfc_3711_b_2() {
    let aes = aes::cipher::KeyInit::new_from_slice(&octets("2B7E151628AED2A6ABF7158809CF4F3C"));
    let cipher = Cipher::Counter {
        aes: super::cipher::Aes::Short(Box::new(aes.unwrap())),
        salt: octets("F0F1F2F3F4F5F6F7F8F9FAFBFCFD").try_into().unwrap(),
        hmac: Box::new(aes::cipher::KeyInit::new_from_slice(&[0; 20]).unwrap()),
        tag: 10,
    };
    let mut packet = vec![0; 48];
    let place = Place { ssrc: 0, index: 0 };
    cipher.seal_rtp(place, 0, &mut packet).unwrap();
    let expected = octets(
        "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB
         41E95B3BB0A2E8DD477901E4FCA894C0",
    );
    assert_eq!(packet[..48], expected);
}

#[test]
fn a_packet_is_what_libsrtp_makes_of_it() {
    let master = master(
        Suite::AesCm128HmacSha1_80,
        "e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6",
    );
    let plain = octets("800f1234decafbadcafebabe abababababababababababababababab");
    let expected = octets(
        "800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402
         b78d6acc99ea179b8dbb",
    );
    let mut packet = plain.clone();
    Sealer::new(&master).unwrap().seal_rtp(&mut packet).unwrap();
    assert_eq!(packet, expected);
    Opener::new(&master).unwrap().open_rtp(&mut packet).unwrap();
    assert_eq!(packet, plain);
}

/// RFC 7714 gives session keys.
fn gcm(hex: &str) -> Cipher {
    let key = octets(hex);
    let gcm = match key.len() {
        16 => super::cipher::Gcm::Short(aes_gcm::KeyInit::new_from_slice(&key).unwrap()),
        _ => super::cipher::Gcm::Long(aes_gcm::KeyInit::new_from_slice(&key).unwrap()),
    };
    Cipher::Gcm {
        gcm: Box::new(gcm),
        salt: octets("517569642070726f2071756f").try_into().unwrap(),
    }
}

const SHORT_KEY: &str = "000102030405060708090a0b0c0d0e0f";
const LONG_KEY: &str = "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f";

#[test]
fn packets_of_rtp_are_those_of_rfc_7714_16() {
    let header = "8040f17b8041f8d35501a0b2";
    let plain = octets(&format!(
        "{header} 47616c6c696120657374206f6d6e697320646976697361
         20696e207061727465732074726573"
    ));
    let place = Place {
        ssrc: 0x5501_a0b2,
        index: 0xf17b,
    };
    for (key, expected) in [
        (
            SHORT_KEY,
            "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b
             36de3adf8833 899d7f27beb16a9152cf765ee4390cce",
        ),
        (
            LONG_KEY,
            "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f
             1ba63799b87b 7aa3db36dfffd6b0f9bb7878d7a76c13",
        ),
    ] {
        let cipher = gcm(key);
        let mut packet = plain.clone();
        cipher.seal_rtp(place, 12, &mut packet).unwrap();
        assert_eq!(packet, octets(&format!("{header} {expected}")));
        cipher.open_rtp(place, 12, &mut packet).unwrap();
        assert_eq!(packet, plain);
    }
}

#[test]
fn packets_of_rtcp_are_those_of_rfc_7714_17() {
    let plain = octets(
        "81c8000d4d617273 4e5450314e545032525450200000042a0000e9304c756e61
         deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    );
    let expected = octets(
        "81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32d
         c676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf872
         45d9eade 800005d4",
    );
    let cipher = gcm(SHORT_KEY);
    let place = Place {
        ssrc: 0x4d61_7273,
        index: 0x5d4,
    };
    let mut packet = plain.clone();
    cipher
        .seal_rtcp(place, 8, ENCRYPTED | 0x5d4, &mut packet)
        .unwrap();
    assert_eq!(packet, expected);
    assert_eq!(cipher.rtcp_trailer(&packet), Ok(ENCRYPTED | 0x5d4));
    cipher
        .open_rtcp(place, 8, ENCRYPTED | 0x5d4, &mut packet)
        .unwrap();
    assert_eq!(packet, plain);
}

#[test]
fn what_is_sealed_is_opened_by_every_suite_and_no_other_key() {
    for suite in Suite::ALL {
        let (mut sealer, mut opener) = pair(suite);
        let mut stranger = Opener::new(&key(suite, 2)).unwrap();
        for sequence in 0..50 {
            let protected = sealed(&mut sealer, sequence);
            assert_eq!(
                open(&mut stranger, &protected),
                Err(SrtpError::NotAuthentic)
            );
            assert_eq!(open(&mut opener, &protected), Ok(rtp(sequence, 7)));
        }
        let mut report = rtcp(7);
        sealer.seal_rtcp(&mut report).unwrap();
        assert_eq!(
            stranger.open_rtcp(&mut report.clone()),
            Err(SrtpError::NotAuthentic)
        );
        opener.open_rtcp(&mut report).unwrap();
        assert_eq!(report, rtcp(7), "{suite}");
    }
}

#[test]
fn a_changed_octet_anywhere_is_noticed() {
    for suite in Suite::ALL {
        let (mut sealer, mut opener) = pair(suite);
        let protected = sealed(&mut sealer, 1);
        let mut report = rtcp(7);
        sealer.seal_rtcp(&mut report).unwrap();
        for at in 0..protected.len() {
            let mut changed = protected.clone();
            changed[at] ^= 1;
            assert!(open(&mut opener, &changed).is_err(), "{suite} {at}");
        }
        for at in 0..report.len() {
            let mut changed = report.clone();
            changed[at] ^= 1;
            assert!(opener.open_rtcp(&mut changed).is_err(), "{suite} {at}");
        }
        assert!(open(&mut opener, &protected).is_ok());
        assert!(opener.open_rtcp(&mut report).is_ok());
    }
}

#[test]
fn a_packet_counts_once_and_a_late_one_still_counts() {
    let (mut sealer, mut opener) = pair(Suite::AesCm128HmacSha1_80);
    let packets: Vec<_> = (0..300).map(|n| sealed(&mut sealer, n)).collect();
    assert!(open(&mut opener, &packets[0]).is_ok());
    assert_eq!(open(&mut opener, &packets[0]), Err(SrtpError::Replayed));
    assert!(open(&mut opener, &packets[200]).is_ok());
    for late in [199, 100, 73] {
        assert!(open(&mut opener, &packets[late]).is_ok(), "{late}");
        assert_eq!(open(&mut opener, &packets[late]), Err(SrtpError::Replayed));
    }
    assert_eq!(open(&mut opener, &packets[72]), Err(SrtpError::Replayed));
    let mut report = rtcp(7);
    sealer.seal_rtcp(&mut report).unwrap();
    assert!(opener.open_rtcp(&mut report.clone()).is_ok());
    assert_eq!(opener.open_rtcp(&mut report), Err(SrtpError::Replayed));
}

#[test]
fn sequence_numbers_that_begin_again_are_counted_by_both_sides() {
    for suite in Suite::ALL {
        let (mut sealer, mut opener) = pair(suite);
        let mut held_back = Vec::new();
        for n in 0..200_000_u32 {
            let sequence = (60_000 + n) as u16;
            let protected = sealed(&mut sealer, sequence);
            match n % 1_000 {
                // Every thousandth is late by 40, also around the turn.
                0 => held_back.push(protected),
                40 => assert!(open(&mut opener, &held_back.remove(0)).is_ok(), "{n}"),
                // And most are not looked at at all.
                3.. if n % 50 != 0 && suite != Suite::AeadAes128Gcm => {}
                _ => assert_eq!(open(&mut opener, &protected), Ok(rtp(sequence, 7)), "{n}"),
            }
        }
    }
}

#[test]
fn a_source_whose_first_packets_are_lost_at_the_turn_is_understood() {
    let (mut sealer, mut opener) = pair(Suite::AesCm128HmacSha1_80);
    for sequence in 65_530..=65_535 {
        sealed(&mut sealer, sequence);
    }
    assert!(open(&mut opener, &sealed(&mut sealer, 0)).is_ok());
    assert!(open(&mut opener, &sealed(&mut sealer, 1)).is_ok());
}

#[test]
fn another_source_of_the_far_side_has_its_own_counters() {
    let (mut sealer, mut opener) = pair(Suite::AeadAes256Gcm);
    let old = sealed(&mut sealer, 50_000);
    assert!(open(&mut opener, &old).is_ok());
    let mut other = rtp(3, 99);
    sealer.seal_rtp(&mut other).unwrap();
    assert!(open(&mut opener, &other).is_ok());
    assert_eq!(open(&mut opener, &old), Err(SrtpError::Replayed));
}

#[test]
fn after_another_key_a_source_may_go_on_or_begin_anew() {
    let (first, second) = (
        key(Suite::AesCm128HmacSha1_80, 1),
        key(Suite::AesCm128HmacSha1_80, 2),
    );
    let (mut sealer, mut opener) = (Sealer::new(&first).unwrap(), Opener::new(&first).unwrap());
    for n in 0..70_000_u32 {
        let protected = sealed(&mut sealer, n as u16);
        if n % 100 == 0 {
            open(&mut opener, &protected).unwrap();
        }
    }
    // Its counter goes on over the change, as RFC 3711 3.3.1 has it.
    let mut goes_on = Sealer::new(&second).unwrap();
    for n in 0..70_000_u32 {
        sealed(&mut goes_on, n as u16);
    }
    let mut after = Opener::after(&second, &opener).unwrap();
    assert!(open(&mut after, &sealed(&mut goes_on, (70_000 & 0xffff) as u16)).is_ok());
    // Or it begins at zero, as most do.
    let mut anew = Sealer::new(&second).unwrap();
    let mut after = Opener::after(&second, &opener).unwrap();
    assert!(open(&mut after, &sealed(&mut anew, (70_000 & 0xffff) as u16)).is_ok());
}

#[test]
fn sources_without_end_take_no_memory_without_end() {
    let (mut sealer, mut opener) = pair(Suite::AesCm128HmacSha1_32);
    for ssrc in 0..1_000 {
        let mut packet = rtp(1, ssrc);
        sealer.seal_rtp(&mut packet).unwrap();
        assert!(open(&mut opener, &packet).is_ok());
        opener.open_rtp(&mut rtp(1, 5_000 + ssrc)).unwrap_err();
    }
    assert!(opener.known_sources() <= 16);
}

#[test]
fn sources_and_extensions_stay_in_the_clear() {
    for suite in Suite::ALL {
        let (mut sealer, mut opener) = pair(suite);
        // Two sources and an extension of one word.
        let mut plain = octets("92 08 0001 00000001 00000007 0000000a 0000000b bede0001 10ff0000");
        plain.extend([0x42; 20]);
        let mut packet = plain.clone();
        sealer.seal_rtp(&mut packet).unwrap();
        assert_eq!(packet[..28], plain[..28]);
        assert_ne!(packet[28..48], plain[28..48]);
        assert_eq!(open(&mut opener, &packet), Ok(plain), "{suite}");
    }
}

#[test]
fn a_key_never_prints_and_has_the_length_of_its_suite() {
    let key = key(Suite::AesCm128HmacSha1_80, 1);
    assert_eq!(
        format!("{key:?}"),
        "MasterKey(AES_CM_128_HMAC_SHA1_80, ******)"
    );
    for suite in Suite::ALL {
        let short = vec![0; suite.key_length() + suite.salt_length() - 1];
        assert!(MasterKey::new(suite, Zeroizing::new(short)).is_none());
        assert_eq!(Suite::from_name(suite.name()), Some(suite));
    }
    assert_eq!(
        Suite::from_name("aes_cm_256_hmac_sha1_80"),
        Some(Suite::Aes256CmHmacSha1_80)
    );
    assert_eq!(Suite::from_name("F8_128_HMAC_SHA1_80"), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_packet_does_harm(
        suite in prop::sample::select(Suite::ALL.to_vec()),
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        rtp_like in any::<bool>(),
    ) {
        let (mut sealer, mut opener) = pair(suite);
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut().filter(|_| rtp_like) {
            *first = *first & 0x3f | 0x80;
        }
        let _ = opener.open_rtp(&mut bytes.clone());
        let _ = opener.open_rtcp(&mut bytes.clone());
        let mut protected = bytes.clone();
        if sealer.seal_rtp(&mut protected).is_ok() {
            prop_assert_eq!(open(&mut opener, &protected), Ok(bytes.clone()));
        }
        let mut protected = bytes.clone();
        if sealer.seal_rtcp(&mut protected).is_ok() {
            prop_assert_eq!(opener.open_rtcp(&mut protected), Ok(()));
            prop_assert_eq!(protected, bytes);
        }
    }
}
