//! What must hold for any bytes.

use proptest::prelude::*;

use super::*;

const SEEDS: [&str; 3] = [
    "INVITE sip:bob@[2001:db8::1]:5060;transport=tcp SIP/2.0\r\n\
     v: SIP / 2.0 / TCP [::1];branch=z9hG4bK1 ,\r\n SIP/2.0/UDP h:5060;rport\r\n\
     Max-Forwards: 70\r\nf: \"A, \\\"B\\\"\" <sip:a@a>;tag=1\r\nt: Bob <sip:bob@b;x=y>\r\n\
     i: c@d\r\nCSeq: 1 INVITE\r\nm: <sip:a@1.2.3.4;lr?x=y>;q=0.5;+sip.instance=\"<urn:1>\"\r\n\
     Record-Route: <sip:p;lr>,<sip:q;lr>\r\nc: application/sdp\r\nl: 5\r\n\r\nv=0\r\n",
    "SIP/2.0 401 Nope\r\nVia: SIP/2.0/UDP h;received=1.2.3.4;rport=9\r\nFrom: sip:a@a;tag=1\r\n\
     To: sip:a@a;tag=2\r\nCall-ID: c\r\nCSeq: 2 REGISTER\r\nContact: *\r\n\
     WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nContent-Length: 0\r\n\r\n",
    "OPTIONS tel:+7(926)1234567;phone-context=x SIP/2.0\r\nVia: SIP/2.0/TLS h\r\nFrom: <sip:h>\r\n\
     To: <tel:12>\r\nCall-ID: c\r\nCSeq: 2147483647 OPTIONS\r\nX-Y:\r\n z\r\nContent-Length: 0\r\n\r\n",
];

/// Bytes that mean something in SIP, more often than any others.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        prop::sample::select(b"\r\n \t\":;,<>[]@?=/%\\0129azSIP".to_vec()),
        any::<u8>(),
    ]
}

/// A good message with some bytes changed, put in, or taken out.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<prop::sample::Index>(), 0..3_u8, byte());
    (
        prop::sample::select(&SEEDS[..]),
        prop::collection::vec(edit, 0..8),
    )
        .prop_map(|(seed, edits)| {
            let mut bytes = seed.as_bytes().to_vec();
            for (index, kind, byte) in edits {
                let at = index.index(bytes.len().max(1));
                match kind {
                    0 if at < bytes.len() => bytes[at] = byte,
                    1 if at < bytes.len() => drop(bytes.remove(at)),
                    _ => bytes.insert(at.min(bytes.len()), byte),
                }
            }
            bytes
        })
}

/// Looks at everything a message shows and writes it back.
fn exercise(bytes: &[u8]) -> Result<(), TestCaseError> {
    let message = match read(bytes) {
        Ok(message) => message,
        Err(error) => {
            if let Some(answer) = error.answer(Some("t")) {
                let _ = read(&write_response(&answer));
            }
            return Ok(());
        }
    };
    prop_assert!(message.via().is_ok() && message.from_addr().is_ok());
    prop_assert!(message.to_addr().is_ok() && message.cseq().is_ok());
    let _ = (
        message.contacts(),
        message.routes(),
        message.record_routes(),
    );
    let written = write(&message);
    let again = read(&written);
    prop_assert!(again.is_ok(), "{:?}", again);
    let again = again.expect("read again");
    prop_assert_eq!(write(&again), written);
    if let SipMessage::Request(request) = &message {
        let uri = request_uri(request);
        prop_assert!(uri.is_ok());
        let response = response_to(request, 200, None, Some("t"), vec![], vec![]);
        let response = read(&write_response(&response));
        prop_assert!(response.is_ok(), "{:?}", response);
    }
    Ok(())
}

/// What a framer makes of a stream that arrives in pieces of these lengths. A pong before a ping is
/// left out: it is the first half of a torn ping.
fn framed(stream: &[u8], lengths: &[usize]) -> Vec<Result<Frame, ReadError>> {
    let mut framer = Framer::new();
    let mut frames = Vec::new();
    let mut rest = stream;
    let mut lengths = lengths.iter().cycle();
    while !rest.is_empty() {
        let length = lengths.next().copied().unwrap_or(1).clamp(1, rest.len());
        let (piece, after) = rest.split_at(length);
        framer.push(piece);
        rest = after;
        while let Some(frame) = framer.next() {
            if frame == Ok(Frame::Ping) && frames.last() == Some(&Ok(Frame::Pong)) {
                frames.pop();
            }
            frames.push(frame);
        }
    }
    frames
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(&SEEDS[..]).prop_map(|text| text.as_bytes().to_vec()),
        2 => Just(b"\r\n".to_vec()),
        2 => Just(b"\r\n\r\n".to_vec()),
        1 => mutated(),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(byte(), 0..400)) {
        exercise(&bytes)?;
    }

    #[test]
    fn a_changed_message_is_read_or_refused_and_reading_is_stable(bytes in mutated()) {
        exercise(&bytes)?;
    }

    #[test]
    fn small_values_never_panic_and_print_as_they_read(text in "[\\x20-\\x7eя\"<>;:@\\[\\]%=,]{0,40}") {
        if let Ok(address) = text.parse::<NameAddr>() {
            prop_assert_eq!(address.to_string().parse::<NameAddr>(), Ok(address));
        }
        if let Ok(uri) = format!("sip:{text}").parse::<Uri>() {
            prop_assert_eq!(uri.to_string().parse::<Uri>(), Ok(uri.clone()));
            prop_assert!(uri.equivalent(&uri));
        }
        if let Ok(via) = format!("SIP/2.0/UDP {text}").parse::<Via>() {
            prop_assert_eq!(via.to_string().parse::<Via>(), Ok(via));
        }
        prop_assert_eq!(unquote(&quote(&text)), text);
    }

    #[test]
    fn frames_are_the_same_whatever_the_pieces(
        pieces in prop::collection::vec(piece(), 1..6),
        lengths in prop::collection::vec(1..200_usize, 1..8),
    ) {
        let stream = pieces.concat();
        let whole = framed(&stream, &[stream.len()]);
        prop_assert_eq!(framed(&stream, &lengths), whole.clone());
        prop_assert_eq!(framed(&stream, &[1]), whole);
    }
}
