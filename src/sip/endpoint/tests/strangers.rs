use super::world::*;
use crate::account::Transport;
use crate::sip::auth::Algorithm;
use crate::sip::endpoint::*;
use crate::sip::message::{HeadersView, Method};

fn request(method: &str, uri: &str, branch: &str, extra: &str, body: &str) -> String {
    format!(
        "{method} {uri} SIP/2.0
Via: SIP/2.0/UDP 192.0.2.66:5060;branch=z9hG4bK{branch};rport
From: <sip:100@192.0.2.66>;tag=x
To: <{uri}>
Call-ID: scan
CSeq: 1 {method}
Contact: <sip:100@192.0.2.66>
Max-Forwards: 70
{extra}Content-Length: {}

{body}",
        body.len()
    )
}

fn phone() -> (World, usize, usize) {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.endpoint(Accept::Anyone);
    registrar(&mut world, server, vec![Algorithm::Md5], "secret");
    let identity = identity(&world, server, Transport::Udp);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.seconds(1);
    world.take_events(phone);
    let stranger = world.scripted();
    (world, phone, stranger)
}

#[test]
fn a_scanner_is_refused_without_ringing_and_counted() {
    let (mut world, phone, stranger) = phone();
    for user in ["100", "alice", "admin", ""] {
        let uri = format!("sip:{user}@192.0.2.1").replace("sip:@", "sip:");
        world.post_text(stranger, phone, &request("INVITE", &uri, user, "", ""));
    }
    world.run(DELAY * 2);
    for _ in 0..4 {
        let refusal = world.response(stranger, 404);
        assert!(refusal.via().expect("a Via").rport().is_some());
    }
    assert!(world.take_events(phone).is_empty(), "nothing rang");
    assert_eq!(world.at(phone).counters().refused_invites, 4);
    // No memory is kept and nothing is repeated.
    let before = world.trace.len();
    world.run(std::time::Duration::from_secs(10));
    assert_eq!(world.trace.len(), before);
}

#[test]
fn a_flood_of_scans_gets_few_answers() {
    let (mut world, phone, stranger) = phone();
    for number in 0..1000 {
        let scan = request("INVITE", "sip:100@192.0.2.1", &number.to_string(), "", "");
        world.post_text(stranger, phone, &scan);
    }
    world.run(DELAY * 2);
    assert_eq!(world.count_sent(phone, "SIP/2.0 404"), 20);
    assert_eq!(world.at(phone).counters().refused_invites, 1000);
    assert!(world.at(phone).served.is_empty());
}

#[test]
fn our_own_server_may_call_us_by_the_login() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    let identity = identity(&world, server, Transport::Udp);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.run(DELAY);
    let register = world.request(server, Method::Register);
    world.reply(server, &register, 200, "t", &[("Expires", "600")], "");
    world.seconds(1);
    world.take_events(phone);
    let invite = request("INVITE", "sip:alice@192.0.2.1", "1", "", "");
    world.post_text(server, phone, &invite);
    world.run(DELAY);
    assert_eq!(story(&world.take_events(phone)), ["incoming "]);
}

#[test]
fn an_account_without_registration_is_called_by_its_login() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let peer = world.scripted();
    let mut identity = identity(&world, peer, Transport::Udp);
    identity.register = false;
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.post_text(
        peer,
        phone,
        &request("INVITE", "sip:alice@192.0.2.1", "1", "", ""),
    );
    world.run(DELAY);
    assert_eq!(
        story(&world.take_events(phone)),
        ["not needed", "incoming "]
    );
}

#[test]
fn options_are_answered_with_what_we_can() {
    let (mut world, phone, stranger) = phone();
    world.post_text(
        stranger,
        phone,
        &request("OPTIONS", "sip:192.0.2.1", "1", "", ""),
    );
    world.run(DELAY * 2);
    let answer = world.response(stranger, 200);
    assert!(answer.lists("Allow", "INVITE") && answer.lists("Supported", "timer"));
    assert!(answer.lists("Accept", "application/sdp"));
}

#[test]
fn other_requests_are_refused_with_what_we_allow() {
    let (mut world, phone, stranger) = phone();
    for method in ["MESSAGE", "SUBSCRIBE", "REGISTER", "PUBLISH"] {
        world.post_text(
            stranger,
            phone,
            &request(method, "sip:alice@192.0.2.1", method, "", ""),
        );
        world.run(DELAY * 2);
        assert!(world.response(stranger, 405).lists("Allow", "INVITE"));
    }
    world.post_text(
        stranger,
        phone,
        &request("FANCY", "sip:alice@192.0.2.1", "f", "", ""),
    );
    world.run(DELAY * 2);
    assert_eq!(world.count_sent(phone, "SIP/2.0 501"), 1);
}

#[test]
fn an_invite_is_checked_in_the_order_of_the_rfc() {
    let mut world = World::new(1);
    let server = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    for (number, (extra, body, status, name)) in [
        ("Require: precondition, timer\n", "", 420, "Unsupported"),
        ("Content-Type: text/plain\n", "hello", 415, "Accept"),
        (
            "Content-Type: application/sdp\nContent-Encoding: gzip\n",
            "x",
            415,
            "Accept-Encoding",
        ),
        ("Session-Expires: 30\nSupported: timer\n", "", 422, "Min-SE"),
    ]
    .into_iter()
    .enumerate()
    {
        let branch = format!("c{number}");
        let text = request("INVITE", "sip:bob@192.0.2.1", &branch, extra, body)
            .replace("Call-ID: scan", &format!("Call-ID: c{number}"));
        world.post_text(peer, server, &text);
        world.run(DELAY * 2);
        assert!(
            world.response(peer, status).text(name).is_some(),
            "{status}"
        );
    }
    world.post_text(
        peer,
        server,
        &request("INVITE", "http://192.0.2.1/", "h", "", ""),
    );
    world.run(DELAY * 2);
    assert_eq!(world.count_sent(server, "SIP/2.0 416"), 1);
    assert!(world.take_events(server).is_empty());
}

#[test]
fn the_same_invite_by_two_ways_rings_once() {
    let mut world = World::new(1);
    let server = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    let invite = request("INVITE", "sip:bob@192.0.2.1", "one", "", "");
    world.post_text(peer, server, &invite);
    world.run(DELAY * 2);
    world.post_text(peer, server, &invite);
    world.run(DELAY * 2);
    assert_eq!(
        world.count_sent(server, "SIP/2.0 100"),
        2,
        "a repeat gets the 100 again"
    );
    world.post_text(
        peer,
        server,
        &request("INVITE", "sip:bob@192.0.2.1", "two", "", ""),
    );
    world.run(DELAY * 2);
    world.response(peer, 482);
    assert_eq!(story(&world.take_events(server)), ["incoming "]);
}

#[test]
fn bytes_that_are_no_message_are_dropped_and_counted() {
    let (mut world, phone, stranger) = phone();
    let before = world.at(phone).counters().dropped;
    for text in ["\r\n\r\n", "hello", "INVITE", "\0\0\0\0"] {
        world.post_text(stranger, phone, text);
    }
    world.run(DELAY * 2);
    assert_eq!(world.at(phone).counters().dropped, before + 3);
    assert!(world.nodes[stranger].inbox.is_empty());
}

#[test]
fn a_server_answers_requests_outside_of_dialogs_itself() {
    let mut world = World::new(1);
    let server = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    let message = request(
        "MESSAGE",
        "sip:bob@192.0.2.1",
        "m",
        "Content-Type: text/plain\n",
        "hi",
    );
    world.post_text(peer, server, &message);
    world.run(DELAY);
    let events = world.take_events(server);
    let Some(Event::Request { id, .. }) = events.first() else {
        panic!("{:?}", story(&events));
    };
    let id = *id;
    world.tell(server, |endpoint, now| {
        endpoint.respond(now, id, 202, vec![], vec![])
    });
    world.tell(server, |endpoint, now| {
        endpoint.respond(now, id, 200, vec![], vec![])
    });
    world.run(DELAY);
    world.response(peer, 202);
    world.post_text(peer, server, &message);
    world.run(DELAY * 2);
    world.response(peer, 202);
    assert!(
        world.take_events(server).is_empty(),
        "the repeat was absorbed"
    );
    world.seconds(60);
    world.assert_clean(server);
}

#[test]
fn a_request_that_the_server_never_answers_is_forgotten() {
    let mut world = World::new(1);
    let server = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    world.post_text(
        peer,
        server,
        &request("MESSAGE", "sip:bob@192.0.2.1", "m", "", ""),
    );
    world.seconds(40);
    world.assert_clean(server);
}

#[test]
fn more_calls_than_anyone_can_want_are_refused_as_busy() {
    let mut world = World::new(1);
    let server = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    for number in 0..600 {
        let text = request("INVITE", "sip:bob@192.0.2.1", &number.to_string(), "", "")
            .replace("Call-ID: scan", &format!("Call-ID: flood{number}"));
        world.post_text(peer, server, &text);
    }
    world.run(DELAY * 2);
    assert_eq!(world.count_sent(server, "SIP/2.0 100"), 512);
    assert_eq!(world.count_sent(server, "SIP/2.0 486"), 88);
}
