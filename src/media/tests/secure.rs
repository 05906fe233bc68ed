//! Encrypted sound: what is heard, what is not, and what can be seen on the way.

use std::sync::Arc;

use secrecy::zeroize::Zeroizing;

use super::network::*;
use crate::codec::CodecId;
use crate::media::dtls::DtlsFailure;
use crate::media::srtp::{MasterKey, Suite};
use crate::media::{Identity, Keying, Keys, PacketKind, Protection, StreamConfig, StreamEvent};

fn key(suite: Suite, seed: u8) -> MasterKey {
    let length = suite.key_length() + suite.salt_length();
    MasterKey::new(suite, Zeroizing::new(vec![seed; length])).expect("a key")
}

fn by(keying: Keying, one_port: bool) -> StreamConfig {
    StreamConfig {
        keying: Some(keying),
        one_port,
        ..config(CodecId::Alaw)
    }
}

fn sdes(suite: Suite, ours: u8, theirs: u8) -> StreamConfig {
    let (ours, theirs) = (key(suite, ours), key(suite, theirs));
    by(Keying::Sdes { ours, theirs }, true)
}

/// Two sides of DTLS; A begins. B expects the certificate of `expected`.
fn dtls(expected: Option<&Identity>, one_port: bool, conditions: Conditions) -> Pair {
    let [a, b] = [(); 2].map(|()| Arc::new(Identity::make().expect("randomness")));
    let of_a = expected.unwrap_or(&a).fingerprint().clone();
    let of_b = b.fingerprint().clone();
    let side = |identity: &Arc<Identity>, active, fingerprint| Keying::Dtls {
        identity: identity.clone(),
        active,
        fingerprints: vec![fingerprint],
        round: 0,
    };
    Pair::new(
        by(side(&a, true, of_b), one_port),
        by(side(&b, false, of_a), one_port),
        conditions,
    )
}

fn is_heard(pair: &Pair) -> bool {
    pair.delay(2).1 > 0.99
}

#[test]
fn sound_is_heard_through_every_suite_and_the_reports_too() {
    for suite in Suite::ALL {
        let mut pair = Pair::new(sdes(suite, 1, 2), sdes(suite, 2, 1), Conditions::default());
        pair.run(12.0);
        assert!(is_heard(&pair), "{suite}");
        let stats = pair.a.stats(pair.at(12e6));
        assert!(stats.round_trip_ms.is_some(), "{suite}: no report came");
        assert_eq!(pair.b.stats(pair.at(12e6)).lost, 0);
    }
}

#[test]
fn with_another_key_nothing_is_heard_and_nobody_is_taken_for_the_far_side() {
    let suite = Suite::AesCm128HmacSha1_80;
    let mut pair = Pair::new(sdes(suite, 1, 2), sdes(suite, 3, 4), Conditions::default());
    pair.run(2.0);
    assert!(pair.heard.iter().all(|sample| *sample == 0.0));
    assert!(!pair.sent.is_empty());
    let now = pair.at(2e6);
    assert!(!pair.b.receive_rtp(now, &pair.sent[0].clone()));
    assert!(pair.b.stats(now).last_received.is_none());
}

#[test]
fn sound_in_the_clear_is_dropped_once_it_has_to_be_encrypted() {
    let suite = Suite::AeadAes128Gcm;
    let mut pair = Pair::new(
        config(CodecId::Alaw),
        sdes(suite, 1, 2),
        Conditions::default(),
    );
    pair.run(2.0);
    assert_eq!(pair.b.stats(pair.at(2e6)).received_packets, 0);
}

#[test]
fn a_recorded_packet_is_played_once() {
    let suite = Suite::AesCm128HmacSha1_32;
    let mut pair = Pair::new(sdes(suite, 1, 2), sdes(suite, 2, 1), Conditions::default());
    pair.run(2.0);
    let now = pair.at(2e6);
    let before = pair.b.stats(now).received_packets;
    // The last ones are still on their way.
    for packet in &pair.sent[..pair.sent.len() - 3] {
        assert!(!pair.b.receive_rtp(now, packet));
    }
    assert_eq!(pair.b.stats(now).received_packets, before);
}

#[test]
fn keys_that_change_in_the_call_are_not_heard() {
    let suite = Suite::AesCm128HmacSha1_80;
    let conditions = Conditions {
        delay_ms: 60.0,
        ..Conditions::default()
    };
    let mut pair = Pair::new(sdes(suite, 1, 2), sdes(suite, 2, 1), conditions);
    pair.run(4.0);
    // B knows of the new key first; A's packets of the old one are still on their way.
    let now = pair.at(4e6);
    pair.b
        .reconfigure(now, sdes(suite, 2, 7))
        .expect("a stream");
    pair.run(0.3);
    pair.a
        .reconfigure(pair.at(4.3e6), sdes(suite, 7, 2))
        .expect("a stream");
    pair.run(4.0);
    let stats = pair.b.stats(pair.at(8.3e6));
    assert_eq!((stats.lost, stats.late), (0, 0), "{stats:?}");
    assert!(is_heard(&pair));
    // The old key is of no use any more.
    let old = pair.sent[10].clone();
    assert!(!pair.b.receive_rtp(pair.at(8.3e6), &old));
}

#[test]
fn a_handshake_gives_keys_and_nothing_goes_in_the_clear_before() {
    for one_port in [true, false] {
        let mut pair = dtls(None, one_port, Conditions::default());
        pair.run(12.0);
        let protection = Protection {
            suite: Suite::AeadAes256Gcm,
            keys: Keys::Dtls,
        };
        assert!(pair.events.contains(&StreamEvent::Keyed(protection)));
        assert!(is_heard(&pair));
        let stats = pair.a.stats(pair.at(12e6));
        assert!(stats.round_trip_ms.is_some(), "no report came");
        // All that went out before the first packet of SRTP was DTLS.
        let first = pair.sent.iter().position(|packet| packet[0] >> 6 == 2);
        let first = first.expect("a packet");
        assert!(
            first > 0
                && pair.sent[..first]
                    .iter()
                    .all(|packet| (20..64).contains(&packet[0]))
        );
        // A-law of silence or speech never shows: two packets differ almost everywhere.
        let (one, other) = (&pair.sent[first + 1][12..], &pair.sent[first + 2][12..]);
        let same = one.iter().zip(other).filter(|(a, b)| a == b).count();
        assert!(same < 20, "{same}");
    }
}

#[test]
fn a_handshake_survives_loss() {
    let conditions = Conditions {
        delay_ms: 30.0,
        loss: 0.2,
        ..Conditions::default()
    };
    let mut pair = dtls(None, true, conditions);
    pair.run(20.0);
    let keyed = |event: &StreamEvent| matches!(event, StreamEvent::Keyed(_));
    assert_eq!(pair.events.iter().filter(|event| keyed(event)).count(), 1);
    assert!(pair.b.stats(pair.at(20e6)).received_packets > 400);
}

#[test]
fn a_handshake_with_somebody_else_ends_in_silence() {
    let other = Identity::make().expect("randomness");
    let mut pair = dtls(Some(&other), true, Conditions::default());
    pair.run(3.0);
    let failed = StreamEvent::NotKeyed(DtlsFailure::WrongCertificate);
    assert_eq!(pair.events, [failed]);
    assert!(pair.heard.iter().all(|sample| *sample == 0.0));
}

#[test]
fn reports_go_where_sound_goes_if_that_was_agreed() {
    let (mut a, mut b) = (config(CodecId::Alaw), config(CodecId::Alaw));
    a.one_port = true;
    b.one_port = true;
    let mut pair = Pair::new(a, b, Conditions::default());
    pair.keep = false;
    pair.run(12.0);
    let now = pair.at(12e6);
    assert!(pair.a.stats(now).round_trip_ms.is_some());
    pair.a.bye(now);
    let bye = pair.a.poll_transmit().expect("a goodbye");
    assert_eq!(bye.kind, PacketKind::Rtp);
}
