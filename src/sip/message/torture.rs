//! Messages after the ideas of RFC 4475 and RFC 5118, and what becomes of them.

use super::*;

/// Fixtures are written with bare line feeds.
fn wire(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

fn request_of(text: &str) -> Request {
    match read(&wire(text)) {
        Ok(SipMessage::Request(request)) => request,
        other => panic!("{text}: {other:?}"),
    }
}

/// A good OPTIONS, with `old` replaced by `new`.
fn options(old: &str, new: &str) -> String {
    let good = "OPTIONS sip:user@example.com SIP/2.0\n\
                Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n\
                Max-Forwards: 70\n\
                From: \"Caller\" <sip:caller@example.org>;tag=33242\n\
                To: <sip:user@example.com>\n\
                Call-ID: c1@192.0.2.1\n\
                CSeq: 8 OPTIONS\n\
                Contact: <sip:caller@192.0.2.1>\n\
                Content-Length: 0\n\n";
    assert!(good.contains(old), "{old}");
    good.replacen(old, new, 1)
}

/// The status such a request is answered with; 0 if it is dropped.
fn answered(text: &str) -> u16 {
    answered_bytes(&wire(text))
}

fn answered_bytes(bytes: &[u8]) -> u16 {
    let error = read(bytes).expect_err("broken");
    error.answer(Some("t")).map_or(0, |answer| {
        let good = answer.vias().is_ok() && answer.cseq().is_ok();
        if good && answer.from_addr().is_ok() && answer.to_addr().is_ok() {
            let again = read(&write_response(&answer));
            // A Call-ID with spaces can only be given back as it came.
            let call_id = answer.call_id().unwrap_or_default();
            assert!(again.is_ok() || call_id.contains(' '), "{error}: {again:?}");
        }
        answer.status_code.code()
    })
}

#[test]
fn a_folded_compact_and_spaced_invite_is_understood() {
    let request = request_of(
        "INVITE sip:viv@chair.example.com;unknownparam SIP/2.0\n\
         TO :\n sip:viv@chair.example.com ;   tag    = 1918181833n\n\
         from   : \"J Rosen \\\\\\\"\"       <sip:jd@example.com>\n  ;\n  tag = 98asjd8\n\
         MaX-fOrWaRdS: 0068\n\
         i: wsinv.ndaksdj@192.0.2.1\n\
         l   : 4\n\
         cseq: 0009\n  INVITE\n\
         Via  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390skdjuw\n\
         s :\n\
         NewFangled:   newfangled value\n\tcontinued newfangled value\n\
         UnknownWithUnusualValue: ;;,,;;,;\n\
         c: application/sdp\n\
         Route:\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\n\
         v:  SIP  / 2.0  / TCP     spindle.example.com   ;\n  branch  =   z9hG4bK9ikj8  ,\n \
         SIP  /    2.0   / UDP  192.168.255.111   ; branch=\n z9hG4bK30239\n\
         m:\"Quoted string \\\"\\\"\" <sip:jd@example.com> ; newparam =\n      newvalue ;\n  \
         secondparam ; q = 0.33\n\
         x: 1800;refresher=uac\nr: <sip:x@y>\no: refer\nu: dialog\n\n\
         v=0\n",
    );
    assert_eq!(
        request_uri(&request).expect("URI").params.to_string(),
        ";unknownparam"
    );
    assert_eq!(request.to_addr().expect("To").tag(), Some("1918181833n"));
    let from = request.from_addr().expect("From");
    assert_eq!(from.display.as_deref(), Some("J Rosen \\\""));
    assert_eq!(request.max_forwards(), Some(68));
    assert_eq!(request.cseq().expect("CSeq").to_string(), "9 INVITE");
    let branches: Vec<_> = request
        .vias()
        .expect("vias")
        .iter()
        .filter_map(|via| via.branch().map(str::to_owned))
        .collect();
    assert_eq!(branches, ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]);
    assert_eq!(request.all("Via").len(), 3);
    let contacts = request.contacts().expect("contacts");
    assert_eq!(contacts[0].params.value("q"), Some("0.33"));
    assert!(request.routes().expect("routes")[0].uri.lr());
    assert_eq!(request.text("Subject"), Some(""));
    assert_eq!(
        request.text("NewFangled"),
        Some("newfangled value continued newfangled value")
    );
    assert_eq!(request.text("UnknownWithUnusualValue"), Some(";;,,;;,;"));
    assert_eq!(request.text("Session-Expires"), Some("1800;refresher=uac"));
    assert_eq!(request.text("Refer-To"), Some("<sip:x@y>"));
    assert_eq!(request.text("Event"), Some("refer"));
    assert_eq!(request.text("Allow-Events"), Some("dialog"));
    // "v=0" without its line end: the Content-Length said four bytes.
    assert_eq!(request.body, b"v=0\r");
}

#[test]
fn unusual_characters_are_kept() {
    let request = request_of(
        "OPTIONS sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\n\
         Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\n\
         To: \"BEL:\\\u{7} NUL:\\\0 DEL:\\\u{7f}\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\n\
         From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com> ;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.\n\
         Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\n\
         CSeq: 139122385 OPTIONS\n\
         Max-Forwards: 255\n\
         extensionHeader-!.%*+_`'~:\u{feff}大停電\n\
         Content-Length: 0\n\n",
    );
    let to = request.to_addr().expect("To");
    assert_eq!(to.display.as_deref(), Some("BEL:\u{7} NUL:\0 DEL:\u{7f}"));
    assert_eq!(to.to_string().parse::<NameAddr>().as_ref(), Ok(&to));
    let from = request.from_addr().expect("From");
    assert_eq!(
        from.display.as_deref(),
        Some("token1~` token2'+_ token3*%!.-")
    );
    assert_eq!(
        from.params.unquoted("fromparam''~+*_!.-%").as_deref(),
        Some("работающий")
    );
    assert_eq!(
        request.text("extensionHeader-!.%*+_`'~"),
        Some("\u{feff}大停電")
    );
}

#[test]
fn an_old_invite_without_branch_tag_and_max_forwards_is_taken() {
    let request = request_of(
        "INVITE sip:UserB@example.com SIP/2.0\nVia: SIP/2.0/UDP iftgw.example.com\n\
         From: <sip:+13035551111@ift.client.example.net;user=phone>\n\
         Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>\n\
         To: sip:+16505552222@ss1.example.net;user=phone\n\
         Call-ID: inv2543.1717@ift.client.example.com\nCSeq: 56 INVITE\n\nv=0\n",
    );
    assert_eq!(request.via().expect("via").branch(), None);
    assert_eq!(request.max_forwards(), None);
    let to = request.to_addr().expect("To");
    assert!(to.uri.params.is_empty() && to.params.has("user"));
    assert_eq!(request.body, b"v=0\r\n");
}

#[test]
fn line_ends_before_and_bytes_after_a_message_do_no_harm() {
    let text = options(
        "Content-Length: 0\n\n",
        "Content-Length: 2\n\nhiINVITE sip:x SIP/2.0\n",
    );
    let mut bytes = b"\r\n\r\n\n".to_vec();
    bytes.extend(wire(&text));
    match read(&bytes) {
        Ok(SipMessage::Request(request)) => assert_eq!(request.body, b"hi"),
        other => panic!("{other:?}"),
    }
    assert_eq!(read(b"\r\n\r\n"), Err(ReadError::Empty));
    assert_eq!(read(b""), Err(ReadError::Empty));
}

#[test]
fn a_binary_body_is_kept_byte_by_byte() {
    let mut bytes = wire(&options("Content-Length: 0", "Content-Length: 5"));
    bytes.extend([0xff, 0, b'\r', b'\n', 0xfe]);
    let message = read(&bytes).expect("message");
    assert_eq!(message.body(), &[0xff, 0, b'\r', b'\n', 0xfe]);
    assert_eq!(read(&write(&message)), Ok(message));
}

#[test]
fn every_broken_request_is_answered_as_the_rfcs_say() {
    for (status, old, new) in [
        // The start line.
        (
            400,
            "sip:user@example.com SIP",
            "<sip:user@example.com> SIP",
        ),
        (
            400,
            "sip:user@example.com SIP",
            "sip:user@example.com; lr SIP",
        ),
        (400, "sip:user@example.com SIP", " sip:user@example.com SIP"),
        (400, "SIP/2.0\n", "SIP/2.0  \n"),
        (
            400,
            "sip:user@example.com SIP",
            "sip:user@example.com?Route=%3Csip:x%3E SIP",
        ),
        (400, "sip:user@example.com SIP", "sip:[2001:db8::1 SIP"),
        (400, "sip:user@example.com SIP", "sip:2001:db8::10 SIP"),
        (400, "SIP/2.0\n", "SIP/2.0\n folded\n"),
        (
            416,
            "sip:user@example.com SIP",
            "nobodyKnowsThisScheme:opaque SIP",
        ),
        (
            416,
            "sip:user@example.com SIP",
            "soap.beep://192.0.2.103:3002 SIP",
        ),
        (505, "SIP/2.0\n", "SIP/7.0\n"),
        (505, "SIP/2.0\n", "SIP/2.00\n"),
        // Numbers.
        (400, "Content-Length: 0", "Content-Length: -999"),
        (400, "Content-Length: 0", "Content-Length: 9999"),
        (
            400,
            "Content-Length: 0",
            "Content-Length: 18446744073709551617",
        ),
        (400, "Content-Length: 0", "Content-Length: 0\nl: 1"),
        (400, "Content-Length: 0", "Content-Length:"),
        (400, "CSeq: 8", "CSeq: 36893488147419103232"),
        (400, "CSeq: 8", "CSeq: 4294967295"),
        (400, "CSeq: 8", "CSeq: -8"),
        (400, "Max-Forwards: 70", "Max-Forwards: 300"),
        (400, "Max-Forwards: 70", "Max-Forwards: many"),
        (
            400,
            "Max-Forwards: 70",
            "Max-Forwards: 36893488147419103232",
        ),
        // What contradicts or repeats.
        (400, "8 OPTIONS", "8 INVITE"),
        (400, "8 OPTIONS", "8 options"),
        (400, "8 OPTIONS", "8 NEWMETHOD"),
        (400, "CSeq: 8 OPTIONS", "CSeq: 8 OPTIONS\nCSeq: 9 OPTIONS"),
        (400, "Call-ID: c1", "Call-ID: c0\ni: c1"),
        (400, "To: ", "t: <sip:other@example.com>\nTo: "),
        (400, "Max-Forwards: 70", "Max-Forwards: 70\nMax-Forwards: 5"),
        (400, "Contact: ", "Contact: *, "),
        // Values against the grammar.
        (400, "\"Caller\"", "\"Caller"),
        (
            400,
            "<sip:user@example.com>\n",
            "\"Mr. J. User <sip:j.user@example.com>\n",
        ),
        (400, "<sip:user@example.com>\n", "isbn:2983792873\n"),
        (400, "<sip:user@example.com>\n", "<user@example.com>\n"),
        (400, "sip:caller@192.0.2.1>", "sip:caller@192.0.2.1"),
        (
            400,
            "<sip:caller@192.0.2.1>",
            "sip:user@example.com?Route=%3Csip:x%3E",
        ),
        (400, "<sip:caller@192.0.2.1>", "<sip:a@b>,,<sip:c@d>"),
        (400, "192.0.2.1;branch=z9hG4bK1", "192.0.2.15;;,;,,"),
        (400, "SIP/2.0/UDP 192.0.2.1", "SIP/2.0/UDP 2001:db8::9:1"),
        (400, "c1@192.0.2.1", "c1 c2"),
        (400, "Contact: ", "Contact "),
        (400, "Contact: ", "Con tact: "),
        (400, "Contact: ", "Record-Route: nonsense\nContact: "),
        (400, "Contact: ", "Route: <sip:\nContact: "),
        (400, "Content-Length: 0\n\n", "Content-Length: 0\n"),
        // Unknown method.
        (
            501,
            "OPTIONS sip:user@example.com SIP/2.0",
            "FANCY sip:user@example.com SIP/2.0",
        ),
    ] {
        let mut text = options(old, new);
        if status == 501 {
            text = text.replace("8 OPTIONS", "8 FANCY");
        }
        assert_eq!(answered(&text), status, "{text}");
    }
}

#[test]
fn a_request_that_lacks_what_an_answer_repeats_is_dropped() {
    for gone in [
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\n",
        "From: \"Caller\" <sip:caller@example.org>;tag=33242\n",
        "To: <sip:user@example.com>\n",
        "Call-ID: c1@192.0.2.1\n",
        "CSeq: 8 OPTIONS\n",
    ] {
        assert_eq!(answered(&options(gone, "")), 0, "{gone}");
    }
}

#[test]
fn an_ack_and_a_response_are_never_answered() {
    let ack = options("OPTIONS sip", "ACK sip").replace("Max-Forwards: 70", "Max-Forwards: x");
    assert_eq!(answered(&ack), 0);
    for line in [
        "SIP/2.0 4294967301 better",
        "SIP/2.0 99 x",
        "SIP/2.0 700 x",
        "SIP/2.0 x",
        "SIP/7.0 200 OK",
    ] {
        let text = options("OPTIONS sip:user@example.com SIP/2.0", line);
        assert_eq!(answered(&text), 0, "{line}");
    }
    let broken = options("OPTIONS sip:user@example.com SIP/2.0", "SIP/2.0 200 OK");
    assert_eq!(
        answered(&broken.replace("CSeq: 8", "CSeq: 9292394834772304023312")),
        0
    );
    assert_eq!(answered(&broken.replace("8 OPTIONS", "8 FANCY")), 0);
}

#[test]
fn a_response_keeps_its_reason_whatever_it_is() {
    for (line, code, reason) in [
        (
            "SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое",
            200,
            "= 2**3 * 5**2 но сто девяносто девять - простое",
        ),
        ("SIP/2.0 100 ", 100, ""),
        ("sip/2.0 486", 486, ""),
        ("SIP/2.0 403 Account blocked", 403, "Account blocked"),
        ("SIP/2.0 299 Fine", 299, "Fine"),
    ] {
        let text = options("OPTIONS sip:user@example.com SIP/2.0", line);
        let Ok(SipMessage::Response(response)) = read(&wire(&text)) else {
            panic!("{line}");
        };
        assert_eq!(
            (response.status_code.code(), reason_of(&response)),
            (code, reason)
        );
        assert_eq!(read(&write_response(&response)), Ok(response.into()));
    }
}

#[test]
fn what_is_not_sip_is_dropped() {
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\0\0\0\0",
        b"jaK\0",
        b"\xff\xfe SIP/2.0\r\n\r\n",
        b"hello",
        b"SIP/2.0",
        b" ",
        b"\r\n \r\n",
    ] {
        assert_eq!(answered_bytes(bytes), 0, "{bytes:?}");
    }
}

#[test]
fn invalid_utf8_is_answered_if_the_answer_can_be_made_and_else_dropped() {
    let spoil = |text: &str| {
        let mut bytes = wire(text);
        for byte in &mut bytes {
            if *byte == b'@' + 0x20 {
                *byte = 0xff;
            }
        }
        bytes
    };
    let contact = spoil(&options("Contact: ", "Contact: `"));
    assert_eq!(answered_bytes(&contact), 400);
    let from = spoil(&options("Caller", "`"));
    assert_eq!(answered_bytes(&from), 0);
}

#[test]
fn stray_line_ends_are_no_line_ends() {
    assert_eq!(answered_bytes(b"OPTIONS sip:h SIP/2.0\n\n"), 0);
    let text = options("Contact: ", "Subject: a\rb\nContact: ");
    assert_eq!(answered(&text), 400);
}

#[test]
fn lengths_and_counts_are_bounded() {
    let line = format!("X: {}\nContact: ", "x".repeat(MAX_LINE));
    assert_eq!(answered(&options("Contact: ", &line)), 513);
    let folded = format!(
        "X: y\n{}Contact: ",
        format!(" {}\n", "x".repeat(1000)).repeat(9)
    );
    assert_eq!(answered(&options("Contact: ", &folded)), 513);
    let fields = "X: y\n".repeat(MAX_HEADERS);
    assert_eq!(answered(&options("Content-Length: 0\n", &fields)), 513);
    let list = format!(
        "Route: {}<sip:a>\nContact: ",
        "<sip:a>,".repeat(MAX_HEADERS)
    );
    assert_eq!(answered(&options("Contact: ", &list)), 513);
    let uri = format!("sip:{}@h SIP", "x".repeat(MAX_LINE));
    assert_eq!(answered(&options("sip:user@example.com SIP", &uri)), 414);
    let fits = format!("X: {}\nContact: ", "x".repeat(MAX_LINE - 3));
    assert!(read(&wire(&options("Contact: ", &fits))).is_ok());
    assert_eq!(read(&vec![b'x'; MAX_MESSAGE + 1]), Err(ReadError::TooLarge));
}

#[test]
fn ipv6_stands_everywhere_an_address_can() {
    let request = request_of(
        "REGISTER sip:[2001:db8::10] SIP/2.0\n\
         To: sip:user@example.com\nFrom: sip:user@example.com;tag=81x2\n\
         Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111\n\
         Via: SIP/2.0/UDP [2001:db8::9:1]:5070;received=2001:db8::9:255;branch=z9hG4bKas3\n\
         Call-ID: SSG9559905523997077@hlau_4100\nMax-Forwards: 70\n\
         Contact: \"Caller\" <sip:caller@[2001:db8::1]>, <sip:c@[::ffff:192.0.2.10]:5070>, \
         <sip:[2001:db8:::192.0.2.1]>\n\
         CSeq: 98176 REGISTER\nContent-Length: 0\n\n",
    );
    let uri = request_uri(&request).expect("URI");
    assert_eq!(
        (uri.host.to_string().as_str(), uri.port),
        ("[2001:db8::10]", None)
    );
    let vias = request.vias().expect("vias");
    assert_eq!(vias[0].received(), vias[1].received());
    assert_eq!((vias[0].port, vias[1].port), (None, Some(5070)));
    let hosts: Vec<_> = request
        .contacts()
        .expect("contacts")
        .iter()
        .map(|contact| (contact.uri.host.to_string(), contact.uri.port))
        .collect();
    let expected = [
        ("[2001:db8::1]", None),
        ("[::ffff:192.0.2.10]", Some(5070)),
        ("[2001:db8::c000:201]", None),
    ]
    .map(|(host, port)| (host.to_owned(), port));
    assert_eq!(hosts, expected);
    let written = String::from_utf8(write_request(&request)).expect("text");
    assert!(written.starts_with("REGISTER sip:[2001:db8::10] SIP/2.0\r\n"));
}

#[test]
fn a_port_inside_the_brackets_is_part_of_the_address() {
    let ambiguous = request_of(&options(
        "sip:user@example.com SIP",
        "sip:[2001:db8::10:5070] SIP",
    ));
    let uri = request_uri(&ambiguous).expect("URI");
    assert_eq!(
        (uri.host.to_string().as_str(), uri.port),
        ("[2001:db8::10:5070]", None)
    );
    let plain = request_of(&options(
        "sip:user@example.com SIP",
        "sip:[2001:db8::10]:5070 SIP",
    ));
    assert_eq!(request_uri(&plain).expect("URI").port, Some(5070));
}
