use std::net::Ipv4Addr;
use std::sync::Arc;

use super::*;
use crate::account::{Encryption, KeyExchange};
use crate::media::srtp::Suite;
use crate::media::{Keying, Keys};

use Encryption::{Off, Optional, Required};

const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const SHA256: &str = "sha-256 BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD";

fn side(encryption: Encryption, exchange: KeyExchange, tls: bool) -> Session {
    let wanted = Wanted {
        codecs: vec![CodecId::Alaw],
        dtmf: false,
        ptime_ms: 20,
        opus: OpusOptions::default(),
        security: Security::of(encryption, exchange, tls),
        identity: Some(Arc::new(Identity::make().expect("randomness"))),
        one_port: true,
    };
    let local = LocalMedia {
        address: Ipv4Addr::new(192, 0, 2, 1).into(),
        rtp_port: 40_000,
        wanted,
    };
    Session::new(local, 1)
}

fn over_tls(encryption: Encryption) -> Session {
    side(encryption, KeyExchange::Auto, true)
}

fn dtls(encryption: Encryption) -> Session {
    side(encryption, KeyExchange::Dtls, false)
}

fn description(lines: &[&str]) -> Vec<u8> {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n";
    format!("{head}{}\r\n", lines.join("\r\n")).into_bytes()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn media_line(bytes: &[u8]) -> String {
    let text = text(bytes);
    let line = text.lines().find(|line| line.starts_with("m=")).unwrap();
    line.to_owned()
}

fn offer(session: &mut Session) -> Vec<u8> {
    session.offer(Direction::SendRecv)
}

fn suite(negotiated: &Negotiated) -> Option<Suite> {
    let protection = negotiated.keying.as_ref()?.protection()?;
    assert_eq!(protection.keys, Keys::Sdes);
    Some(protection.suite)
}

fn crypto(tag: u32, name: &str) -> String {
    format!("a=crypto:{tag} {name} inline:{KEY}")
}

/// Two sides come together: their keys cross.
fn agree(caller: &mut Session, callee: &mut Session) -> Keying {
    let (answer, theirs) = callee.accept_offer(&offer(caller), false).unwrap();
    let ours = caller.accept_answer(&answer).unwrap();
    match (ours.keying.clone().unwrap(), theirs.keying.unwrap()) {
        (Keying::Sdes { ours: a, theirs: b }, Keying::Sdes { ours: c, theirs: d }) => {
            assert!(a == d && b == c && a != b)
        }
        (
            Keying::Dtls {
                active: a,
                fingerprints: of_callee,
                identity: caller,
                ..
            },
            Keying::Dtls {
                active: b,
                fingerprints: of_caller,
                identity: callee,
                ..
            },
        ) => {
            assert_ne!(a, b);
            assert_eq!(of_callee, [callee.fingerprint().clone()]);
            assert_eq!(of_caller, [caller.fingerprint().clone()]);
        }
        other => panic!("{other:?}"),
    }
    ours.keying.unwrap()
}

#[test]
fn encryption_that_is_off_or_has_no_safe_way_is_not_offered() {
    for mut session in [over_tls(Off), side(Optional, KeyExchange::Auto, false)] {
        let offer = text(&offer(&mut session));
        assert!(offer.contains("m=audio 40000 RTP/AVP 8\r\n"));
        assert!(!offer.contains("crypto") && !offer.contains("fingerprint"));
    }
}

#[test]
fn over_tls_all_suites_are_offered_beside_plain_rtp() {
    let offer = text(&offer(&mut over_tls(Optional)));
    assert!(offer.contains("m=audio 40000 RTP/AVP 8\r\n"));
    for (tag, suite) in (1..).zip(Suite::ALL) {
        let start = format!("a=crypto:{tag} {suite} inline:");
        assert_eq!(offer.matches(&start).count(), 1, "{offer}");
    }
    assert!(!offer.contains("fingerprint"));
}

#[test]
fn required_encryption_changes_the_profile() {
    assert!(media_line(&offer(&mut over_tls(Required))).contains(" RTP/SAVP "));
    let mut session = side(Required, KeyExchange::Auto, false);
    let offer = offer(&mut session);
    assert!(media_line(&offer).contains(" UDP/TLS/RTP/SAVP "));
    assert!(text(&offer).contains("a=fingerprint:sha-256 "));
    assert!(text(&offer).contains("a=setup:actpass\r\n"));
    assert!(!text(&offer).contains("a=crypto"));
}

#[test]
fn two_of_us_agree_by_sdes_on_the_strongest_suite() {
    for (a, b) in [
        (Optional, Optional),
        (Required, Optional),
        (Optional, Required),
    ] {
        let keying = agree(&mut over_tls(a), &mut over_tls(b));
        let protection = keying.protection().unwrap();
        assert_eq!(protection.suite, Suite::AeadAes256Gcm);
    }
}

#[test]
fn two_of_us_agree_by_dtls_and_the_answerer_begins() {
    for (a, b) in [
        (Optional, Optional),
        (Required, Optional),
        (Optional, Required),
    ] {
        let keying = agree(&mut dtls(a), &mut dtls(b));
        assert!(matches!(keying, Keying::Dtls { active: false, .. }));
    }
}

#[test]
fn a_further_offer_keeps_the_keys_and_the_sides_whoever_makes_it() {
    for make in [over_tls as fn(Encryption) -> Session, dtls] {
        let (mut caller, mut callee) = (make(Optional), make(Optional));
        let first = agree(&mut caller, &mut callee);
        let hold = text(&caller.offer(Direction::SendOnly));
        assert!(hold.matches("a=crypto").count() <= 1, "{hold}");
        let (answer, _) = callee.accept_offer(hold.as_bytes(), false).unwrap();
        assert_eq!(
            caller.accept_answer(&answer).unwrap().keying,
            Some(first.clone())
        );
        let back = offer(&mut callee);
        let (answer, again) = caller.accept_offer(&back, false).unwrap();
        assert_eq!(again.keying, Some(first));
        callee.accept_answer(&answer).unwrap();
    }
}

#[test]
fn the_far_side_may_change_its_key() {
    let mut session = over_tls(Optional);
    let with = |key: &str| {
        let line = format!("a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:{key}");
        description(&["m=audio 6000 RTP/SAVP 8", &line])
    };
    let (answer, first) = session.accept_offer(&with(KEY), false).unwrap();
    let (again, second) = session
        .accept_offer(&with(&KEY.replace("WVN", "AAA")), false)
        .unwrap();
    let (Some(Keying::Sdes { ours: a, theirs: b }), Some(Keying::Sdes { ours: c, theirs: d })) =
        (first.keying, second.keying)
    else {
        panic!("no keys")
    };
    assert!(a == c && b != d);
    for answer in [answer, again] {
        assert!(text(&answer).contains("m=audio 40000 RTP/SAVP 8\r\n"));
        assert!(text(&answer).contains("a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:"));
    }
}

#[test]
fn a_best_effort_offer_is_answered_in_its_own_profile() {
    let plain = description(&[
        "m=audio 6000 RTP/AVP 8",
        &crypto(1, "AES_CM_128_HMAC_SHA1_32"),
    ]);
    let (answer, agreed) = over_tls(Optional).accept_offer(&plain, false).unwrap();
    assert!(text(&answer).contains(" RTP/AVP 8\r\n") && text(&answer).contains("a=crypto:1 "));
    assert_eq!(suite(&agreed), Some(Suite::AesCm128HmacSha1_32));
    let (answer, agreed) = over_tls(Off).accept_offer(&plain, false).unwrap();
    assert!(!text(&answer).contains("crypto") && agreed.keying.is_none());
}

#[test]
fn an_answer_counts_in_either_profile_and_without_keys_only_if_that_will_do() {
    for proto in ["RTP/AVP", "RTP/SAVP"] {
        let mut session = over_tls(Optional);
        offer(&mut session);
        let line = format!("m=audio 6000 {proto} 8");
        let answer = description(&[&line, &crypto(4, "AES_CM_128_HMAC_SHA1_80")]);
        let agreed = session.accept_answer(&answer).unwrap();
        assert_eq!(suite(&agreed), Some(Suite::AesCm128HmacSha1_80));
    }
    let bare = description(&["m=audio 6000 RTP/AVP 8"]);
    let mut session = over_tls(Optional);
    offer(&mut session);
    assert_eq!(session.accept_answer(&bare).unwrap().keying, None);
    for mut session in [over_tls(Required), dtls(Required)] {
        offer(&mut session);
        let refused = session.accept_answer(&bare);
        assert_eq!(refused.unwrap_err(), SdpError::NotEncrypted);
    }
}

#[test]
fn a_suite_that_was_not_offered_is_no_answer() {
    let mut session = over_tls(Optional);
    offer(&mut session);
    let answer = description(&["m=audio 6000 RTP/SAVP 8", &crypto(1, "F8_128_HMAC_SHA1_80")]);
    let refused = session.accept_answer(&answer);
    assert_eq!(refused.unwrap_err(), SdpError::NotEncrypted);
}

#[test]
fn keys_in_a_description_are_taken_only_over_tls_unless_that_is_wanted() {
    let secure = description(&[
        "m=audio 6000 RTP/SAVP 8",
        &crypto(1, "AES_CM_128_HMAC_SHA1_80"),
    ]);
    for (exchange, tls, taken) in [
        (KeyExchange::Auto, true, true),
        (KeyExchange::Auto, false, false),
        (KeyExchange::Sdes, false, true),
        (KeyExchange::Dtls, true, false),
    ] {
        let answered = side(Optional, exchange, tls).accept_offer(&secure, false);
        match taken {
            true => assert!(answered.unwrap().1.keying.is_some()),
            false => assert_eq!(answered.unwrap_err(), SdpError::Encrypted),
        }
    }
}

#[test]
fn who_requires_encryption_refuses_plain_sound() {
    let plain = description(&["m=audio 6000 RTP/AVP 8"]);
    let refused = over_tls(Required).accept_offer(&plain, false);
    assert_eq!(refused.unwrap_err(), SdpError::NotEncrypted);
}

#[test]
fn of_two_streams_the_encrypted_one_is_taken() {
    let both = description(&[
        "m=audio 6000 RTP/AVP 8",
        "m=audio 6002 RTP/SAVP 8",
        &crypto(1, "AES_CM_128_HMAC_SHA1_80"),
    ]);
    let (_, agreed) = over_tls(Optional).accept_offer(&both, false).unwrap();
    assert_eq!(agreed.remote.port(), 6002);
    let (_, agreed) = over_tls(Off).accept_offer(&both, false).unwrap();
    assert_eq!(agreed.remote.port(), 6000);
}

#[test]
fn the_sides_of_a_handshake_follow_from_setup() {
    let fingerprint = format!("a=fingerprint:{SHA256}");
    for (setup, active, said) in [
        (Some("actpass"), true, "a=setup:active\r\n"),
        (Some("passive"), true, "a=setup:active\r\n"),
        (Some("active"), false, "a=setup:passive\r\n"),
        (None, false, "a=setup:passive\r\n"),
    ] {
        let setup = setup.map_or("a=x".to_owned(), |setup| format!("a=setup:{setup}"));
        let offer = description(&["m=audio 6000 UDP/TLS/RTP/SAVPF 8", &fingerprint, &setup]);
        let mut callee = side(Optional, KeyExchange::Auto, false);
        let (answer, agreed) = callee.accept_offer(&offer, false).unwrap();
        assert!(text(&answer).contains(said), "{setup}");
        assert!(text(&answer).contains("UDP/TLS/RTP/SAVPF 8\r\n"));
        match agreed.keying {
            Some(Keying::Dtls { active: is, .. }) => assert_eq!(is, active, "{setup}"),
            other => panic!("{other:?}"),
        }
    }
    for (setup, active) in [("active", false), ("passive", true)] {
        let mut caller = dtls(Required);
        offer(&mut caller);
        let setup = format!("a=setup:{setup}");
        let answer = description(&["m=audio 6000 UDP/TLS/RTP/SAVP 8", &fingerprint, &setup]);
        match caller.accept_answer(&answer).unwrap().keying {
            Some(Keying::Dtls { active: is, .. }) => assert_eq!(is, active),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn whoever_begins_begins_anew_if_the_far_side_wants_it_but_once_an_answer() {
    let fingerprint = format!("a=fingerprint:{SHA256}");
    let with = |connection: &str| {
        let connection = format!("a=connection:{connection}");
        let lines = [
            "m=audio 6000 UDP/TLS/RTP/SAVP 8",
            &fingerprint,
            "a=setup:passive",
            &connection,
        ];
        description(&lines)
    };
    let round = |agreed: Negotiated| match agreed.keying {
        Some(Keying::Dtls { round, .. }) => round,
        other => panic!("{other:?}"),
    };
    let mut session = dtls(Required);
    offer(&mut session);
    for connection in ["new", "new", "existing"] {
        assert_eq!(round(session.accept_answer(&with(connection)).unwrap()), 0);
    }
    offer(&mut session);
    for _ in 0..2 {
        assert_eq!(round(session.accept_answer(&with("new")).unwrap()), 1);
    }
    offer(&mut session);
    assert_eq!(round(session.accept_answer(&with("existing")).unwrap()), 1);
}

#[test]
fn a_fingerprint_may_stand_above_all_media() {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n";
    let offer = format!(
        "{head}a=fingerprint:{SHA256}\r\na=setup:actpass\r\nm=audio 6000 UDP/TLS/RTP/SAVP 8\r\n"
    );
    let (_, agreed) = dtls(Optional)
        .accept_offer(offer.as_bytes(), false)
        .unwrap();
    assert!(matches!(
        agreed.keying,
        Some(Keying::Dtls { active: true, .. })
    ));
}

#[test]
fn no_key_is_printed() {
    let mut session = over_tls(Optional);
    let offer = text(&offer(&mut session));
    let keys: Vec<&str> = offer
        .lines()
        .filter_map(|line| line.split_once("inline:"))
        .map(|(_, key)| key)
        .collect();
    assert_eq!(keys.len(), Suite::ALL.len());
    let (_, agreed) = over_tls(Optional)
        .accept_offer(offer.as_bytes(), false)
        .unwrap();
    let printed = format!("{session:?} {agreed:?}");
    assert!(keys.iter().all(|key| !printed.contains(key)));
}
