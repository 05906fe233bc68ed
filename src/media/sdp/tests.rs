use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use proptest::prelude::*;

use super::*;
use crate::account::{Encryption, KeyExchange};

fn wanted() -> Wanted {
    Wanted {
        codecs: vec![CodecId::Opus, CodecId::Alaw, CodecId::Ulaw],
        dtmf: true,
        ptime_ms: 20,
        opus: OpusOptions::default(),
        security: Security::OFF,
        identity: None,
        one_port: true,
    }
}

fn wanting(wanted: Wanted) -> LocalMedia {
    LocalMedia {
        address: Ipv4Addr::new(192, 0, 2, 1).into(),
        rtp_port: 40_000,
        wanted,
    }
}

fn local() -> LocalMedia {
    wanting(wanted())
}

fn only(codecs: &[CodecId]) -> LocalMedia {
    wanting(Wanted {
        codecs: codecs.to_vec(),
        ..wanted()
    })
}

fn session() -> Session {
    Session::new(local(), 7)
}

/// A description with `lines` after the session's part.
fn description(lines: &[&str]) -> Vec<u8> {
    let head = "v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\nt=0 0\r\n";
    format!("{head}{}\r\n", lines.join("\r\n")).into_bytes()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn lines_of(text: &str) -> Vec<&str> {
    text.lines().collect()
}

fn version_of(text: &str) -> u64 {
    let origin = text.lines().find(|line| line.starts_with("o=")).unwrap();
    origin.split(' ').nth(2).unwrap().parse().unwrap()
}

fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn an_offer_says_all_we_have_in_the_users_order() {
    let offer = text(session().offer(Direction::SendRecv));
    let lines = lines_of(&offer);
    assert_eq!(lines[0], "v=0");
    assert!(lines[1].starts_with("o=- ") && lines[1].ends_with(" 1 IN IP4 192.0.2.1"));
    assert_eq!(
        &lines[2..],
        [
            "s=-",
            "c=IN IP4 192.0.2.1",
            "t=0 0",
            "m=audio 40000 RTP/AVP 96 8 0 102 101",
            "a=rtpmap:96 opus/48000/2",
            "a=fmtp:96 minptime=10;useinbandfec=1;maxaveragebitrate=64000",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:102 telephone-event/48000",
            "a=fmtp:102 0-15",
            "a=rtpmap:101 telephone-event/8000",
            "a=fmtp:101 0-15",
            "a=rtcp-xr:voip-metrics",
            "a=sendrecv",
            "a=rtcp-mux",
            "a=rtcp-fb:* ccm tmmbr",
        ]
    );
}

#[test]
fn two_of_us_come_together_on_opus_with_events_on_its_clock() {
    let (mut caller, mut callee) = (session(), Session::new(local(), 8));
    let offer = caller.offer(Direction::SendRecv);
    let (answer, heard) = callee.accept_offer(&offer, false).unwrap();
    let agreed = caller.accept_answer(&answer).unwrap();
    for negotiated in [&heard, &agreed] {
        assert_eq!(negotiated.codec, CodecId::Opus);
        assert_eq!(negotiated.payload_type, 96);
        assert_eq!(negotiated.dtmf, Some(102));
        assert_eq!(negotiated.dtmf_receive, Some(102));
        assert_eq!(negotiated.direction, Direction::SendRecv);
        assert_eq!(negotiated.remote, addr("192.0.2.1:40000"));
        assert_eq!(negotiated.remote_rtcp, addr("192.0.2.1:40000"));
        assert!(negotiated.one_port);
        assert_eq!(negotiated.ptime_ms, 20);
        assert!(negotiated.opus.fec && !negotiated.opus.dtx);
    }
}

#[test]
fn the_answer_stands_in_our_order_under_the_offers_numbers() {
    let offer = description(&[
        "m=audio 6000 RTP/AVP 0 8 9 118 101 110",
        "a=rtpmap:118 OPUS/48000/2",
        "a=rtpmap:101 telephone-event/8000",
        "a=rtpmap:110 Telephone-Event/48000",
    ]);
    let (answer, negotiated) = session().accept_offer(&offer, false).unwrap();
    assert!(text(answer).contains("m=audio 40000 RTP/AVP 118 8 0 110 101\r\n"));
    assert_eq!(negotiated.codec, CodecId::Opus);
    assert_eq!(negotiated.payload_type, 118);
    assert_eq!(negotiated.dtmf, Some(110));
    let types = [(118, CodecId::Opus), (8, CodecId::Alaw), (0, CodecId::Ulaw)];
    assert_eq!(negotiated.receive_payload_types, types);
}

#[test]
fn static_types_need_no_rtpmap() {
    let offer = description(&["m=audio 6000 RTP/AVP 0 8"]);
    let mut session = Session::new(only(&[CodecId::Ulaw]), 1);
    let (answer, negotiated) = session.accept_offer(&offer, false).unwrap();
    assert!(text(answer).contains("m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"));
    assert_eq!(negotiated.codec, CodecId::Ulaw);
    assert_eq!((negotiated.dtmf, negotiated.dtmf_receive), (None, None));
}

#[test]
fn a_static_number_mapped_to_something_else_is_not_g711() {
    let offer = description(&["m=audio 6000 RTP/AVP 0", "a=rtpmap:0 G726-32/8000"]);
    let refused = session().accept_offer(&offer, false);
    assert_eq!(refused.unwrap_err(), SdpError::NoCommonCodec);
}

#[test]
fn payload_types_may_differ_in_the_two_directions() {
    let mut session = session();
    session.offer(Direction::SendRecv);
    let answer = description(&[
        "m=audio 6000 RTP/AVP 107 99",
        "a=rtpmap:107 opus/48000/2",
        "a=rtpmap:99 telephone-event/48000",
    ]);
    let negotiated = session.accept_answer(&answer).unwrap();
    assert_eq!((negotiated.payload_type, negotiated.dtmf), (107, Some(99)));
    assert_eq!(negotiated.dtmf_receive, Some(102));
    let types = &negotiated.receive_payload_types;
    assert!(types.contains(&(96, CodecId::Opus)) && types.contains(&(107, CodecId::Opus)));
}

#[test]
fn we_send_with_the_first_format_of_the_answer() {
    let mut session = session();
    session.offer(Direction::SendRecv);
    let answer = description(&["m=audio 6000 RTP/AVP 8 96", "a=rtpmap:96 opus/48000/2"]);
    assert_eq!(session.accept_answer(&answer).unwrap().codec, CodecId::Alaw);
}

#[test]
fn an_answer_may_leave_out_what_the_offer_said() {
    let mut session = session();
    session.offer(Direction::SendRecv);
    let answer = description(&["m=audio 6000 RTP/AVP 96 102"]);
    let negotiated = session.accept_answer(&answer).unwrap();
    assert_eq!(negotiated.codec, CodecId::Opus);
    assert_eq!(negotiated.dtmf, Some(102));
}

#[test]
fn events_on_a_foreign_clock_are_better_than_none() {
    let offer = description(&[
        "m=audio 6000 RTP/AVP 96 101",
        "a=rtpmap:96 opus/48000/2",
        "a=rtpmap:101 telephone-event/8000",
    ]);
    let mut session = Session::new(only(&[CodecId::Opus]), 1);
    let (answer, negotiated) = session.accept_offer(&offer, false).unwrap();
    assert!(text(answer).contains("a=rtpmap:101 telephone-event/8000\r\n"));
    assert_eq!(negotiated.dtmf, Some(101));
}

#[test]
fn without_dtmf_no_events_are_offered_or_answered() {
    let quiet = Wanted {
        dtmf: false,
        ..wanted()
    };
    let mut session = Session::new(wanting(quiet), 1);
    let offer = text(session.offer(Direction::SendRecv));
    assert!(!offer.contains("telephone-event"));
    let theirs = Session::new(local(), 2).offer(Direction::SendRecv);
    let (answer, negotiated) = session.accept_offer(&theirs, false).unwrap();
    assert!(!text(answer).contains("telephone-event"));
    assert_eq!(negotiated.dtmf, None);
}

#[test]
fn every_media_line_of_the_offer_gets_a_line_in_the_answer_and_in_later_offers() {
    let offer = description(&[
        "m=video 7000 RTP/AVP 96 97",
        "m=audio 6000 RTP/SAVP 8",
        "m=audio 6002 RTP/AVPF 8",
        "m=image 8000 udptl t38",
    ]);
    let mut session = session();
    let (answer, negotiated) = session.accept_offer(&offer, false).unwrap();
    let expected = [
        "m=video 0 RTP/AVP 96 97",
        "m=audio 0 RTP/SAVP 8",
        "m=audio 40000 RTP/AVPF 8",
        "m=image 0 udptl t38",
    ];
    let answer = text(answer);
    let media = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("m="));
        lines.map(str::to_string).collect()
    };
    assert_eq!(media(&answer), expected);
    assert_eq!(negotiated.remote.port(), 6002);
    let again = media(&text(session.offer(Direction::SendOnly)));
    assert_eq!(again.len(), 4);
    assert!(again[2].starts_with("m=audio 40000 RTP/AVPF 96 8 0"));
}

#[test]
fn encrypted_sound_alone_is_refused_where_encryption_is_off() {
    let offer = description(&["m=audio 6000 RTP/SAVP 8"]);
    let refused = session().accept_offer(&offer, false);
    assert_eq!(refused.unwrap_err(), SdpError::Encrypted);
}

#[test]
fn rtcp_has_its_own_port_unless_both_sides_want_one() {
    let plain = description(&["m=audio 6000 RTP/AVP 8"]);
    let (answer, negotiated) = session().accept_offer(&plain, false).unwrap();
    assert!(!text(answer).contains("rtcp-mux") && !negotiated.one_port);
    assert_eq!(negotiated.remote_rtcp, addr("198.51.100.9:6001"));

    let both = description(&["m=audio 6000 RTP/AVP 8", "a=rtcp-mux", "a=rtcp:6005"]);
    let (answer, negotiated) = session().accept_offer(&both, false).unwrap();
    assert!(text(answer).contains("a=rtcp-mux\r\n") && negotiated.one_port);
    assert_eq!(negotiated.remote_rtcp, addr("198.51.100.9:6000"));

    let two_ports = wanting(Wanted {
        one_port: false,
        ..wanted()
    });
    let mut session = Session::new(two_ports, 1);
    let (answer, negotiated) = session.accept_offer(&both, false).unwrap();
    assert!(!text(answer).contains("rtcp-mux") && !negotiated.one_port);
    assert_eq!(negotiated.remote_rtcp, addr("198.51.100.9:6005"));
    assert!(!text(session.offer(Direction::SendRecv)).contains("rtcp-mux"));
}

#[test]
fn no_sound_and_no_common_codec_are_told_apart() {
    for (line, error) in [
        ("m=video 6000 RTP/AVP 96", SdpError::NoAudio),
        ("m=audio 0 RTP/AVP 8", SdpError::NoAudio),
        ("m=audio 6000 RTP/AVP 9 18", SdpError::NoCommonCodec),
    ] {
        let refused = session().accept_offer(&description(&[line]), false);
        assert_eq!(refused.unwrap_err(), error);
    }
}

#[test]
fn a_refused_stream_in_the_answer_is_no_common_codec() {
    let mut session = session();
    session.offer(Direction::SendRecv);
    let answer = session.accept_answer(&description(&["m=audio 0 RTP/AVP 8"]));
    assert_eq!(answer.unwrap_err(), SdpError::NoCommonCodec);
}

#[test]
fn an_answer_to_nothing_is_an_error() {
    let answer = session().accept_answer(&description(&["m=audio 6000 RTP/AVP 8"]));
    assert_eq!(answer.unwrap_err(), SdpError::NoOffer);
}

#[test]
fn directions_mirror_and_the_medias_own_goes_before_the_sessions() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    for (theirs, hold, ours) in [
        ("sendrecv", false, SendRecv),
        ("sendonly", false, RecvOnly),
        ("recvonly", false, SendOnly),
        ("inactive", false, Inactive),
        ("sendrecv", true, SendOnly),
        ("sendonly", true, Inactive),
        ("recvonly", true, SendOnly),
        ("inactive", true, Inactive),
    ] {
        let attribute = format!("a={theirs}");
        let on_media = description(&["a=inactive", "m=audio 6000 RTP/AVP 8", &attribute]);
        let on_session = description(&[&attribute, "m=audio 6000 RTP/AVP 8"]);
        for offer in [on_media, on_session] {
            let (_, negotiated) = session().accept_offer(&offer, hold).unwrap();
            assert_eq!(negotiated.direction, ours, "{theirs} {hold}");
        }
    }
}

#[test]
fn our_hold_is_in_force_whatever_they_answer() {
    let mut session = session();
    session.offer(Direction::SendOnly);
    let answer = description(&["m=audio 6000 RTP/AVP 8"]);
    let negotiated = session.accept_answer(&answer).unwrap();
    assert_eq!(negotiated.direction, Direction::SendOnly);
}

#[test]
fn all_zeros_is_hold_in_the_old_way() {
    let offer = description(&["m=audio 6000 RTP/AVP 8", "c=IN IP4 0.0.0.0"]);
    let (answer, negotiated) = session().accept_offer(&offer, false).unwrap();
    assert!(text(answer).contains("a=recvonly"));
    assert_eq!(negotiated.direction, Direction::RecvOnly);
    assert!(!negotiated.has_remote_address());
}

#[test]
fn the_medias_address_goes_before_the_sessions() {
    let offer = description(&["m=audio 6000 RTP/AVP 8", "c=IN IP4 203.0.113.4"]);
    let (_, negotiated) = session().accept_offer(&offer, false).unwrap();
    assert_eq!(negotiated.remote, addr("203.0.113.4:6000"));
}

#[test]
fn rtcp_goes_where_the_far_side_wants_it() {
    for (attribute, rtcp) in [
        ("a=rtcp:7001", "198.51.100.9:7001"),
        ("a=rtcp:7001 IN IP4 203.0.113.4", "203.0.113.4:7001"),
        ("a=rtcp:7001 IN IP4 224.0.0.1", "198.51.100.9:7001"),
        ("a=rtcp:junk", "198.51.100.9:6001"),
        ("a=x", "198.51.100.9:6001"),
    ] {
        let offer = description(&["m=audio 6000 RTP/AVP 8", attribute]);
        let (_, negotiated) = session().accept_offer(&offer, false).unwrap();
        assert_eq!(negotiated.remote_rtcp, addr(rtcp));
    }
}

#[test]
fn ipv6_is_spoken() {
    let v6 = LocalMedia {
        address: Ipv6Addr::LOCALHOST.into(),
        ..local()
    };
    let (mut caller, mut callee) = (Session::new(v6.clone(), 1), Session::new(v6, 2));
    let offer = caller.offer(Direction::SendRecv);
    assert!(text(offer.clone()).contains("c=IN IP6 ::1\r\n"));
    let (_, negotiated) = callee.accept_offer(&offer, false).unwrap();
    assert_eq!(negotiated.remote, addr("[::1]:40000"));
}

#[test]
fn names_groups_and_the_other_ip_version_can_not_be_sent_to() {
    for address in [
        "IP4 sip.example",
        "IP4 224.2.1.1/127",
        "IP4 239.1.2.3",
        "IP4 255.255.255.255",
        "IP6 2001:db8::1",
    ] {
        let line = format!("c=IN {address}");
        let offer = description(&["m=audio 6000 RTP/AVP 8", &line]);
        let refused = session().accept_offer(&offer, false);
        assert!(
            matches!(refused, Err(SdpError::UnusableAddress(_))),
            "{address}: {refused:?}"
        );
    }
}

#[test]
fn the_version_grows_only_when_the_description_changes() {
    let mut session = session();
    let first = text(session.offer(Direction::SendRecv));
    let same = text(session.offer(Direction::SendRecv));
    assert_eq!(first, same);
    let held = text(session.offer(Direction::SendOnly));
    assert_eq!(version_of(&held), version_of(&first) + 1);
    session.set_local(LocalMedia {
        address: Ipv4Addr::new(192, 0, 2, 77).into(),
        ..local()
    });
    let moved = text(session.offer(Direction::SendOnly));
    assert_eq!(version_of(&moved), version_of(&held) + 1);
    assert!(moved.contains("c=IN IP4 192.0.2.77"));
    let id = |text: &str| text.split(' ').nth(1).map(str::to_string);
    assert_eq!(id(&moved), id(&first));
}

#[test]
fn payload_types_stay_as_they_were_bound() {
    let mut session = session();
    let offer = description(&[
        "m=audio 6000 RTP/AVP 102 96",
        "a=rtpmap:102 opus/48000/2",
        "a=rtpmap:96 telephone-event/8000",
    ]);
    session.accept_offer(&offer, false).unwrap();
    let again = text(session.offer(Direction::SendRecv));
    assert!(again.contains("a=rtpmap:102 opus/48000/2\r\n"));
    assert!(again.contains("a=rtpmap:96 telephone-event/8000\r\n"));
    let line = again.lines().find(|line| line.starts_with("m=")).unwrap();
    let mut numbers: Vec<&str> = line.split(' ').skip(3).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 5, "{line}");
}

#[test]
fn the_far_sides_packet_time_goes_first_within_what_the_codec_has() {
    for (codec, attributes, expected) in [
        (CodecId::Alaw, vec![], 20),
        (CodecId::Alaw, vec!["a=ptime:30"], 30),
        (CodecId::Opus, vec!["a=ptime:30"], 20),
        (CodecId::Opus, vec!["a=ptime:3"], 10),
        (CodecId::Opus, vec!["a=ptime:1000"], 60),
        (CodecId::Opus, vec!["a=fmtp:96 minptime=40"], 40),
        (CodecId::Opus, vec!["a=fmtp:96 minptime=30"], 40),
        (CodecId::Opus, vec!["a=fmtp:96 minptime=4294967295"], 60),
        (
            CodecId::Opus,
            vec!["a=fmtp:96 minptime=40", "a=maxptime:20"],
            20,
        ),
        (CodecId::Alaw, vec!["a=fmtp:8 minptime=40"], 20),
        (CodecId::Alaw, vec!["a=ptime:40", "a=maxptime:25"], 20),
        (CodecId::Alaw, vec!["a=ptime:0"], 20),
        (CodecId::Alaw, vec!["a=ptime:junk"], 20),
    ] {
        let mut lines = vec!["m=audio 6000 RTP/AVP 8 96", "a=rtpmap:96 opus/48000/2"];
        lines.extend(&attributes);
        let mut session = Session::new(only(&[codec]), 1);
        let (_, negotiated) = session.accept_offer(&description(&lines), false).unwrap();
        assert_eq!(negotiated.ptime_ms, expected, "{codec:?} {attributes:?}");
    }
}

#[test]
fn what_the_user_wants_is_said_and_sent_unless_the_far_side_wants_otherwise() {
    let own = Wanted {
        ptime_ms: 40,
        opus: OpusOptions {
            bitrate: 24_000,
            fec: false,
            dtx: true,
        },
        ..wanted()
    };
    let mut session = Session::new(wanting(own.clone()), 1);
    let offer = text(session.offer(Direction::SendRecv));
    assert!(offer.contains("a=ptime:40\r\n"));
    assert!(offer.contains("useinbandfec=0;"));
    assert!(offer.contains("maxaveragebitrate=24000;usedtx=1\r\n"));
    for (fmtp, ptime, agreed_ptime, bitrate, fec, dtx) in [
        ("a=x", "a=x", 40, 24_000, false, true),
        (
            "a=fmtp:96 useinbandfec=1;usedtx=0",
            "a=ptime:20",
            20,
            24_000,
            false,
            false,
        ),
        (
            "a=fmtp:96 maxaveragebitrate=12000",
            "a=maxptime:20",
            20,
            12_000,
            false,
            true,
        ),
    ] {
        let lines = [
            "m=audio 6000 RTP/AVP 96",
            "a=rtpmap:96 opus/48000/2",
            fmtp,
            ptime,
        ];
        let agreed = session.accept_answer(&description(&lines)).unwrap();
        let opus = OpusOptions { bitrate, fec, dtx };
        assert_eq!(
            (agreed.ptime_ms, agreed.opus),
            (agreed_ptime, opus),
            "{fmtp} {ptime}"
        );
    }
}

#[test]
fn a_far_side_that_prefers_discontinuous_transmission_gets_it() {
    let lines = [
        "m=audio 6000 RTP/AVP 96",
        "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 usedtx=1",
    ];
    let (_, agreed) = session().accept_offer(&description(&lines), false).unwrap();
    assert!(agreed.opus.dtx);
}

#[test]
fn opus_is_sent_as_the_far_side_can_take_it() {
    let with = |fmtp: &str| {
        let offer = description(&["m=audio 6 RTP/AVP 96", "a=rtpmap:96 opus/48000/2", fmtp]);
        session().accept_offer(&offer, false).unwrap().1.opus
    };
    assert!(!with("a=x").fec);
    let limited = with("a=fmtp:96 stereo=1; UseInbandFEC=1 ;maxaveragebitrate=20000");
    assert!(limited.fec);
    assert_eq!(limited.bitrate, 20_000);
    assert_eq!(with("a=fmtp:96 maxaveragebitrate=1").bitrate, 6_000);
    assert_eq!(with("a=fmtp:96 maxaveragebitrate=999999").bitrate, 64_000);
}

#[test]
fn lapses_in_lines_we_do_not_use_do_no_harm() {
    let mut offer = b"v=0\no=broken\ns=\xcf\xf0\xe8\xe2\xe5\xf2\nb=AS:1.5\nr=7\njunk\n".to_vec();
    offer.extend_from_slice(b"c=IN IP4 198.51.100.9 \nm=audio 6000 RTP/AVP 8\n");
    let (_, negotiated) = session().accept_offer(&offer, false).unwrap();
    assert_eq!(negotiated.remote, addr("198.51.100.9:6000"));
}

#[test]
fn what_can_not_be_read_is_malformed_and_changes_nothing() {
    let mut session = session();
    let before = session.offer(Direction::SendRecv);
    let many = vec!["m=audio 6000 RTP/AVP 8"; 33];
    let long = format!("a={}", "x".repeat(70_000));
    for broken in [
        b"".to_vec(),
        b"hello".to_vec(),
        b"v=1\r\n".to_vec(),
        description(&["m=audio 70000 RTP/AVP 8"]),
        description(&["m=audio"]),
        description(&many),
        description(&["m=audio 6000 RTP/AVP 8", &long]),
    ] {
        let refused = session.accept_offer(&broken, false);
        assert!(
            matches!(refused, Err(SdpError::Malformed(_))),
            "{refused:?}"
        );
    }
    assert_eq!(session.offer(Direction::SendRecv), before);
}

fn hostile_line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[vosctma]=[ -~]{0,40}",
        "m=(audio|video) [0-9]{1,6}(/[0-9]{1,6})? (RTP/AVP|RTP/SAVP|UDP/TLS/RTP/SAVP|udptl) [0-9 ]{0,30}",
        "a=crypto:[0-9]{1,3} (AES_CM_128_HMAC_SHA1_80|AEAD_AES_256_GCM|X) inline:[A-Za-z0-9+/=|;:]{0,60}",
        "a=fingerprint:sha-(1|256) ([0-9A-F]{2}:){0,31}[0-9A-F]{2}",
        "a=(setup:(active|passive|actpass|holdconn|x)|rtcp-mux)",
        "a=rtpmap:[0-9]{1,4} (opus|PCMA|pcmu|telephone-event)/[0-9]{1,11}(/[0-9]{0,3})?",
        "a=fmtp:[0-9]{1,4} [a-z=;0-9-]{0,40}",
        "a=rtcp:[0-9]{0,6}( IN IP[46] [0-9.:]{0,20})?",
        "a=(ptime|maxptime):[0-9]{0,12}",
        "c=IN IP[46] [0-9a-f.:/]{0,24}",
        "\\PC{0,30}",
    ]
}

proptest! {
    #[test]
    fn hostile_bytes_never_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mut session = session();
        session.offer(Direction::SendRecv);
        let _ = session.accept_answer(&bytes);
        let _ = session.accept_offer(&bytes, false);
    }

    #[test]
    fn hostile_lines_never_harm_and_our_words_can_always_be_read(
        lines in proptest::collection::vec(hostile_line(), 0..30)
    ) {
        let bytes = format!("v=0\r\n{}\r\n", lines.join("\r\n")).into_bytes();
        let mut session = Session::new(wanting(Wanted {
            security: Security::of(Encryption::Optional, KeyExchange::Sdes, false),
            ..wanted()
        }), 7);
        session.offer(Direction::SendRecv);
        let _ = session.accept_answer(&bytes);
        if let Ok((answer, negotiated)) = session.accept_offer(&bytes, false) {
            let read = remote::read(&answer).unwrap();
            prop_assert_eq!(read.len(), remote::read(&bytes).unwrap().len());
            prop_assert!((10..=60).contains(&negotiated.ptime_ms));
            prop_assert!(negotiated.receive_payload_types.iter().all(|(number, _)| *number < 128));
        }
        let offer = session.offer(Direction::SendRecv);
        prop_assert!(remote::read(&offer).is_ok());
    }
}

#[test]
fn voip_metrics_are_asked_for_and_told_to_who_asks() {
    for (lines, wanted) in [
        (vec!["a=rtcp-xr:rcvr-rtt=all:10 voip-metrics"], true),
        (vec!["a=rtcp-xr:pkt-loss-rle=40"], false),
        (vec!["a=rtcp-xr"], false),
        (vec![], false),
    ] {
        let mut session = session();
        let offer = text(session.offer(Direction::SendRecv));
        assert!(offer.contains("a=rtcp-xr:voip-metrics"), "{offer}");
        let all: Vec<&str> = ["m=audio 4000 RTP/AVP 8"]
            .into_iter()
            .chain(lines)
            .collect();
        let negotiated = session
            .accept_answer(&description(&all))
            .expect("an answer");
        assert_eq!(negotiated.voip_metrics, wanted, "{all:?}");
    }
}

#[test]
fn limits_of_the_bit_rate_are_offered_and_answered_to_who_offers_them() {
    for (lines, wanted) in [
        (
            vec!["a=rtcp-fb:* trr-int 1000", "a=rtcp-fb:* ccm tmmbr"],
            true,
        ),
        (vec!["a=rtcp-fb:8 ccm tmmbr smaxpr=120"], true),
        (vec!["a=rtcp-fb:* ccm fir"], false),
        (vec!["a=rtcp-fb:*"], false),
        (vec![], false),
    ] {
        let all: Vec<&str> = ["m=audio 4000 RTP/AVP 8"]
            .into_iter()
            .chain(lines)
            .collect();
        let mut offering = session();
        let offer = text(offering.offer(Direction::SendRecv));
        assert!(offer.contains("a=rtcp-fb:* ccm tmmbr"), "{offer}");
        let negotiated = offering.accept_answer(&description(&all));
        assert_eq!(negotiated.expect("an answer").bit_rate_requests, wanted);
        let (answer, _) = session()
            .accept_offer(&description(&all), false)
            .expect("an answer");
        assert_eq!(text(answer).contains("rtcp-fb"), wanted, "{all:?}");
    }
}
