//! Every message of RFC 4475 and RFC 5118 at a running endpoint: it is answered or dropped as the
//! RFCs say, and what comes next is served as ever.

use super::world::*;
use crate::sip::endpoint::*;

const SDP: &str = "v=0\no=mhandley 29739 7272939 IN IP4 192.0.2.3\ns=-\nc=IN IP4 192.0.2.4\n\
                   t=0 0\nm=audio 49217 RTP/AVP 0 12\n";

/// A request with all that is not asked for; `extra` stands before what has no place of its own.
fn message(start: &str, cseq: &str, extra: &str, body: &str) -> String {
    let has = |name: &str| extra.lines().any(|line| line.starts_with(name));
    let mut text = format!("{start}\n");
    for (name, usual) in [
        (
            "Via",
            "Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKtorture",
        ),
        ("From", "From: <sip:caller@example.net>;tag=341518"),
        ("To", "To: <sip:user@example.com>"),
        ("Call-ID", "Call-ID: torture@host5.example.net"),
        ("Max-Forwards", "Max-Forwards: 70"),
        ("Contact", "Contact: <sip:caller@host5.example.net>"),
    ] {
        if !has(name) {
            text += &format!("{usual}\n");
        }
    }
    if !cseq.is_empty() {
        text += &format!("CSeq: {cseq}\n");
    }
    text += extra;
    if !has("Content-Length") && !has("l:") {
        let length = body.replace('\n', "\r\n").len();
        text += &format!("Content-Length: {length}\n");
    }
    text + "\n" + body
}

/// The final status a message gets, `None` if it is dropped. Whoever is called is busy, and all
/// other requests are granted.
fn answered(text: &str) -> Option<u16> {
    let mut world = World::new(1);
    let node = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    world.behave(node, |endpoint, now, event| match event {
        Event::Request { id, .. } => endpoint.respond(now, *id, 200, vec![], vec![]),
        Event::Incoming { call, .. } => endpoint.reject(now, *call, 486, vec![]),
        _ => {}
    });
    world.post_text(peer, node, text);
    world.run(DELAY * 3);
    // An answer repeats what the request had, so not every one can be read.
    let said: Vec<u16> = world
        .trace
        .iter()
        .filter(|(_, from, _)| *from == node)
        .filter_map(|(_, _, text)| text.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok())
        .filter(|status| *status >= 200)
        .collect();
    assert!(said.len() <= 1, "{text}: {said:?}");
    let extra = "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKnext\nCall-ID: next\n";
    let next = message(
        "OPTIONS sip:user@example.com SIP/2.0",
        "1 OPTIONS",
        extra,
        "",
    );
    world.post_text(peer, node, &next);
    world.run(DELAY * 3);
    world.response(peer, 200);
    world.seconds(100);
    world.assert_clean(node);
    said.first().copied()
}

/// RFC 4475 3.1.1: what is unusual and yet right.
#[test]
fn valid_messages_are_served() {
    let long = "verylong".repeat(60);
    for (name, expected, text) in [
        (
            "wsinv",
            481,
            format!(
                "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : {}
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

{SDP}",
                SDP.replace('\n', "\r\n").len()
            ),
        ),
        (
            "intmeth",
            501,
            message(
                "!interesting-Method0123456789_*+`.%indeed'~ \
                 sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_\
                 too.(doesn't-it)@example.com SIP/2.0",
                "139122385 !interesting-Method0123456789_*+`.%indeed'~",
                "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~
To: \"BEL:\\\u{7} NUL:\\\u{0} DEL:\\\u{7f}\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>
From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"работа\";tag=_token~1'+`*%!-.
Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{
Max-Forwards: 255
extensionHeader-!.%*+_`'~: \u{5927}\u{505c}\u{96fb}
",
                "",
            ),
        ),
        (
            "esc01",
            486,
            message(
                "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0",
                "29344 INVITE",
                "To: sip:%75se%72@example.com
From: <sip:I%20have%20spaces@example.net>;tag=938
Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
Content-Type: application/sdp
",
                SDP,
            ),
        ),
        (
            "escnull",
            200,
            message(
                "REGISTER sip:example.com SIP/2.0",
                "14398234 REGISTER",
                "To: sip:null-%00-null@example.com
From: sip:null-%00-null@example.com;tag=839923423
Contact: <sip:%00@host5.example.com>
Contact: <sip:%00%00@host5.example.com>
L:0
",
                "",
            )
            .replace("Content-Length: 0\n", ""),
        ),
        (
            "esc02",
            501,
            message(
                "RE%47IST%45R sip:registrar.example.com SIP/2.0",
                "29344 RE%47IST%45R",
                "To: \"%Z%45\" <sip:resource@example.com>
From: \"%Z%45\" <sip:resource@example.com>;tag=f232jadfj23
Contact: <sip:alias1@host1.example.com>
",
                "",
            ),
        ),
        (
            "lwsdisp",
            200,
            message(
                "OPTIONS sip:user@example.com SIP/2.0",
                "60 OPTIONS",
                "From: caller<sip:caller@example.com>;tag=323\nl: 0\n",
                "",
            ),
        ),
        (
            "longreq",
            486,
            message(
                "INVITE sip:user@example.com SIP/2.0",
                "3882340 INVITE",
                &format!(
                    "To: \"I have a user name of {long}\"<sip:user@example.com:6000;\
                     unknownparam1={long};{long}name=value>
From: sip:{long}amplecaller@example.net;tag=12982424;{long}unknownheaderparam={long}
Call-ID: longreq.one{long}
{long}-Header-Name: {long}
Contact: <sip:{long}amplecaller@host5.example.net>
Content-Type: application/sdp
"
                ),
                SDP,
            ),
        ),
        (
            "dblreq",
            200,
            format!(
                "{}{}",
                message(
                    "REGISTER sip:example.com SIP/2.0",
                    "8 REGISTER",
                    "Contact: <sip:j.user@host.example.com>\n",
                    "",
                ),
                message("INVITE sip:joe@example.com SIP/2.0", "8 INVITE", "", SDP)
            ),
        ),
        (
            "semiuri",
            200,
            message(
                "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0",
                "8 OPTIONS",
                "To: sip:j_user@example.com\nAccept: application/sdp\n",
                "",
            ),
        ),
        (
            "transports",
            200,
            message(
                "OPTIONS sip:user@example.com SIP/2.0",
                "60 OPTIONS",
                "Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
",
                "",
            ),
        ),
        (
            "mpart01",
            200,
            message(
                "MESSAGE sip:kumiko@example.org SIP/2.0",
                "127 MESSAGE",
                "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655\n",
                "--7a9cbec02ceef655\nContent-Type: text/plain\n\nHello\n--7a9cbec02ceef655\n\
                 Content-Type: application/octet-stream\n\n\u{0}\u{1}\u{7f}\n--7a9cbec02ceef655--\n",
            ),
        ),
        // 3.2.1: a branch that is only the magic cookie.
        (
            "badbranch",
            200,
            message(
                "OPTIONS sip:user@example.com SIP/2.0",
                "8 OPTIONS",
                "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\n",
                "",
            ),
        ),
    ] {
        assert_eq!(answered(&text), Some(expected), "{name}");
    }
}

/// RFC 4475 3.1.2: what breaks the grammar.
#[test]
fn invalid_requests_are_refused() {
    let options = "OPTIONS sip:user@example.com SIP/2.0";
    let invite = "INVITE sip:user@example.com SIP/2.0";
    for (name, expected, text) in [
        (
            "badinv01",
            400,
            message(
                invite,
                "8 INVITE",
                "Via: SIP/2.0/UDP 192.0.2.15;;,;,,
Contact: \"Joe\" <sip:joe@example.org>;;;;,;,,
Content-Type: application/sdp
",
                SDP,
            ),
        ),
        (
            "clerr",
            400,
            message(invite, "8 INVITE", "Content-Length: 9999\n", SDP),
        ),
        (
            "ncl",
            400,
            message(invite, "8 INVITE", "Content-Length: -999\n", SDP),
        ),
        (
            "scalar02",
            400,
            message(
                "REGISTER sip:example.com SIP/2.0",
                "36893488147419103232 REGISTER",
                "Max-Forwards: 300
Expires: 10000000000000000000000000
Contact: <sip:user@host129.example.com>;expires=280297596632815
",
                "",
            ),
        ),
        (
            "quotbal",
            400,
            message(
                invite,
                "8 INVITE",
                "To: \"Mr. J. User <sip:j.user@example.com>\n",
                SDP,
            ),
        ),
        (
            "ltgtruri",
            400,
            message("INVITE <sip:user@example.com> SIP/2.0", "8 INVITE", "", SDP),
        ),
        (
            "lwsruri",
            400,
            message(
                "INVITE sip:user@example.com; lr SIP/2.0",
                "8 INVITE",
                "",
                SDP,
            ),
        ),
        (
            "lwsstart",
            400,
            message("INVITE  sip:user@example.com  SIP/2.0", "8 INVITE", "", SDP),
        ),
        (
            "trws",
            400,
            message(
                "OPTIONS sip:remote-target@example.com SIP/2.0  ",
                "8 OPTIONS",
                "",
                "",
            ),
        ),
        (
            "escruri",
            400,
            message(
                "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0",
                "8 INVITE",
                "",
                SDP,
            ),
        ),
        (
            "regbadct",
            400,
            message(
                "REGISTER sip:example.com SIP/2.0",
                "8 REGISTER",
                "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E\n",
                "",
            ),
        ),
        (
            "badvers",
            505,
            message(
                "OPTIONS sip:t.watson@example.org SIP/7.0",
                "8 OPTIONS",
                "",
                "",
            ),
        ),
        ("mismatch01", 400, message(options, "8 INVITE", "", "")),
        (
            "mismatch02",
            501,
            message("NEWMETHOD sip:user@example.com SIP/2.0", "8 INVITE", "", ""),
        ),
    ] {
        assert_eq!(answered(&text), Some(expected), "{name}");
    }
}

/// RFC 4475 3.1.2.11 to 13: what may be taken or refused, but not left without an answer.
#[test]
fn what_an_endpoint_may_be_lenient_about_is_answered() {
    for (name, allowed, text) in [
        (
            "baddate",
            [486, 400],
            message(
                "INVITE sip:user@example.com SIP/2.0",
                "2234923 INVITE",
                "Date: Fri, 01 Jan 2010 16:00:00 EST\nContent-Type: application/sdp\n",
                SDP,
            ),
        ),
        (
            "badaspec",
            [200, 400],
            message(
                "OPTIONS sip:user@example.org SIP/2.0",
                "8 OPTIONS",
                "To: \"Watson, Thomas\" < sip:t.watson@example.org >\n",
                "",
            ),
        ),
        (
            "baddn",
            [200, 400],
            message(
                "OPTIONS sip:t.watson@example.org SIP/2.0",
                "8 OPTIONS",
                "From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43\n",
                "",
            ),
        ),
    ] {
        let status = answered(&text).unwrap_or_else(|| panic!("{name} gets no answer"));
        assert!(allowed.contains(&status), "{name}: {status}");
    }
}

/// RFC 4475 3.1.1.12 and 13, 3.1.2.5 and 18, 3.3.1 and 10.
#[test]
fn responses_to_nothing_and_requests_that_cannot_be_answered_are_dropped() {
    let response = |start: &str, extra: &str| message(start, "", extra, "");
    for (name, text) in [
        (
            "unreason",
            response(
                "SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять",
                "CSeq: 35 INVITE\n",
            ),
        ),
        ("noreason", response("SIP/2.0 100 ", "CSeq: 35 INVITE\n")),
        (
            "scalarlg",
            response(
                "SIP/2.0 503 Service Unavailable",
                "CSeq: 9292394834772304023312 OPTIONS\nRetry-After: 949302838503028349304023988\n\
                 Warning: 1812 overture \"In Progress\"\n",
            ),
        ),
        (
            "bigcode",
            response(
                "SIP/2.0 4294967301 better not break the receiver",
                "CSeq: 8 INVITE\n",
            ),
        ),
        (
            "bcast",
            response(
                "SIP/2.0 200 OK",
                "Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
CSeq: 8 INVITE
",
            ),
        ),
        (
            "insuf",
            "INVITE sip:user@example.com SIP/2.0\nCSeq: 193942 INVITE\n\
             Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf\n\
             Content-Type: application/sdp\nl: 0\n\n"
                .to_owned(),
        ),
    ] {
        assert_eq!(answered(&text), None, "{name}");
    }
}

/// RFC 4475 3.3: right in form, to be judged by what it asks for.
#[test]
fn what_cannot_be_done_is_refused_for_its_own_reason() {
    let register = "REGISTER sip:example.com SIP/2.0";
    for (name, expected, text) in [
        (
            "unkscm",
            416,
            message(
                "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0",
                "3 OPTIONS",
                "",
                "",
            ),
        ),
        (
            "novelsc",
            416,
            message(
                "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0",
                "3 OPTIONS",
                "",
                "",
            ),
        ),
        (
            "unksm2",
            400,
            message(
                register,
                "234902 REGISTER",
                "To: isbn:2983792873
From: <http://www.example.com>;tag=3234233
Contact: <name:John_Smith>
",
                "",
            ),
        ),
        (
            "bext01",
            420,
            message(
                "OPTIONS sip:user@example.com SIP/2.0",
                "8 OPTIONS",
                "Require: nothingSupportsThis, nothingSupportsThisEither
Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis
",
                "",
            ),
        ),
        (
            "invut",
            415,
            message(
                "INVITE sip:user@example.com SIP/2.0",
                "235448 INVITE",
                "Content-Type: application/unknownformat\n",
                "<audio>\n <pcmu port=\"443\"/>\n</audio>\n",
            ),
        ),
        (
            "regaut01",
            200,
            message(
                register,
                "9338 REGISTER",
                "Authorization: NoOneKnowsThisScheme opaque-data=here\n",
                "",
            ),
        ),
        (
            "multi01",
            400,
            message(
                "INVITE sip:user@company.com SIP/2.0",
                "5 INVITE",
                "CSeq: 59 INVITE
Call-ID: multi01.98asdh@192.0.2.1
Call-ID: multi01.98asdh@192.0.2.2
From: <sip:caller@example.com>;tag=3413415
From: <sip:other@example.net>;tag=923923
Max-Forwards: 70
Max-Forwards: 5
",
                SDP,
            ),
        ),
        (
            "mcl01",
            400,
            message(
                "OPTIONS sip:user@example.com SIP/2.0",
                "59 OPTIONS",
                "Content-Length: 13\nContent-Length: 5\n",
                "There's no way to know how many octets are supposed to be here.\n",
            ),
        ),
        (
            "zeromf",
            200,
            message(
                "OPTIONS sip:user@example.com SIP/2.0",
                "39234321 OPTIONS",
                "Max-Forwards: 0\n",
                "",
            ),
        ),
        (
            "cparam01",
            200,
            message(
                register,
                "79 REGISTER",
                "Contact: sip:+19725552222@gw1.example.net;unknownparam\n",
                "",
            ),
        ),
        (
            "cparam02",
            200,
            message(
                register,
                "79 REGISTER",
                "Contact: <sip:+19725552222@gw1.example.net;unknownparam>\n",
                "",
            ),
        ),
        (
            "regescrt",
            200,
            message(
                register,
                "14398234 REGISTER",
                "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\n",
                "",
            ),
        ),
        (
            "sdp01",
            486,
            message(
                "INVITE sip:user@example.com SIP/2.0",
                "2398 INVITE",
                "Accept: text/nobodyKnowsThis\nContent-Type: application/sdp\n",
                SDP,
            ),
        ),
        (
            "inv2543",
            486,
            format!(
                "INVITE sip:UserB@example.com SIP/2.0
Via: SIP/2.0/UDP iftgw.example.com
From: <sip:+13035551111@ift.client.example.net;user=phone>
Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>
To: sip:+16505552222@ss1.example.net;user=phone
Call-ID: inv2543.1717@ift.client.example.com
CSeq: 56 INVITE
Contact: <sip:+13035551111@ift.client.example.net>
Content-Type: application/sdp

{SDP}"
            ),
        ),
    ] {
        assert_eq!(answered(&text), Some(expected), "{name}");
    }
}

/// RFC 5118 section 4.
#[test]
fn ipv6_is_read_as_it_should_be_written() {
    let register = |host: &str| {
        message(
            &format!("REGISTER sip:{host} SIP/2.0"),
            "98176 REGISTER",
            "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111
Contact: \"Caller\" <sip:caller@[2001:db8::1]>
",
            "",
        )
    };
    let sdp = |connections: [&str; 2], media: &str| {
        let [session, stream] = connections;
        let body = format!(
            "v=0\no=assistant 971731711378798081 0 IN IP6 2001:db8::20\ns=-\n{session}t=0 0\n\
             m=audio 22334 RTP/AVP 0\n{stream}{media}"
        );
        message(
            "INVITE sip:user@[2001:db8::10] SIP/2.0",
            "8612 INVITE",
            "Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111
Contact: \"Caller\" <sip:caller@[2001:db8::20]>
Content-Type: application/sdp
",
            &body,
        )
    };
    let via = "Via: SIP/2.0/UDP [2001:db8::9:1];received=";
    for (name, expected, text) in [
        ("4.1", Some(200), register("[2001:db8::10]")),
        ("4.2", Some(400), register("2001:db8::10")),
        ("4.3", Some(200), register("[2001:db8::10:5070]")),
        ("4.4", Some(200), register("[2001:db8::10]:5070")),
        (
            "4.5 with brackets",
            Some(481),
            message(
                "BYE sip:user@[2001:db8::10] SIP/2.0",
                "98176 BYE",
                &format!(
                    "{via}[2001:db8::9:255];branch=z9hG4bKas3-111\nTo: <sip:u@a>;tag=bd76ya\n"
                ),
                "",
            ),
        ),
        (
            "4.5 without",
            Some(200),
            message(
                "OPTIONS sip:user@[2001:db8::10] SIP/2.0",
                "98176 OPTIONS",
                &format!("{via}2001:db8::9:255;branch=z9hG4bKas3\n"),
                "",
            ),
        ),
        ("4.6", Some(486), sdp(["c=IN IP6 2001:db8::20\n", ""], "")),
        (
            "4.7",
            Some(486),
            sdp(
                ["", "c=IN IP6 2001:db8::1\n"],
                "m=video 6024 RTP/AVP 107\nc=IN IP6 2001:db8::1\na=rtpmap:107 H263-1998/90000\n",
            ),
        ),
        (
            "4.8",
            Some(486),
            sdp(["c=IN IP6 ::ffff:192.0.2.10\n", ""], ""),
        ),
        // Three colons are wrong, but written by whoever goes by the grammar of RFC 3261.
        (
            "4.9",
            Some(200),
            message(
                "OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0",
                "8612 OPTIONS",
                "Via: SIP/2.0/UDP [2001:db8:::192.0.2.2];branch=z9hG4bKas3-111\n",
                "",
            ),
        ),
    ] {
        assert_eq!(answered(&text), expected, "{name}");
    }
}
