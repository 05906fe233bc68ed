use std::time::Duration;

use super::world::*;
use crate::account::Transport;
use crate::sip::endpoint::*;
use crate::sip::flow::Flow;
use crate::sip::message::{HeadersView, Method, Request};

const CONTACT: (&str, &str) = ("Contact", "<sip:192.0.2.2:5060>");

/// An account that has subscribed at a server which the test plays, and its SUBSCRIBE.
fn subscribed() -> (World, usize, usize, (Flow, Request)) {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    let mut identity = identity(&world, server, Transport::Udp);
    identity.register = false;
    let target = world.uri("alice", server);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity);
        endpoint.subscribe(now, 7, &account(), target, Package::MessageSummary);
    });
    world.take_events(phone);
    world.run(DELAY);
    let asked = world.request(server, Method::Subscribe);
    (world, phone, server, asked)
}

fn accept(world: &mut World, server: usize, asked: &(Flow, Request), expires: &str) {
    world.reply(
        server,
        asked,
        200,
        "s",
        &[CONTACT, ("Expires", expires)],
        "",
    );
    world.run(DELAY * 2);
}

/// The next SUBSCRIBE within so many seconds, caught before it is repeated.
fn next(world: &mut World, server: usize, seconds: u64) -> (Flow, Request) {
    for _ in 0..seconds * 10 {
        world.run(Duration::from_millis(100));
        if let Some(asked) = world.try_request(server, Method::Subscribe) {
            return asked;
        }
    }
    panic!("no SUBSCRIBE within {seconds} s");
}

fn notify(asked: &Request, cseq: u32, extra: &str, body: &str) -> String {
    let from = asked.text("From").expect("From");
    let contact = asked.contacts().expect("Contact").remove(0).uri;
    format!(
        "NOTIFY {contact} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKn{cseq}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:alice@192.0.2.2:5060>;tag=s\r\nTo: {from}\r\nCall-ID: {}\r\n\
         CSeq: {cseq} NOTIFY\r\nContact: <sip:192.0.2.2:5060>\r\n{extra}Content-Length: {}\r\n\r\n{body}",
        asked.call_id().expect("Call-ID"),
        body.len(),
    )
}

const ACTIVE: &str = "Event: message-summary\r\nSubscription-State: active\r\n";

#[test]
fn a_subscription_tells_is_refreshed_and_ended() {
    let (mut world, phone, server, asked) = subscribed();
    assert_eq!(asked.1.text("Event"), Some("message-summary"));
    assert_eq!(asked.1.text("Expires"), Some("600"));
    // The first NOTIFY may be there before the answer.
    let early = notify(&asked.1, 1, ACTIVE, "one");
    world.post_text(server, phone, &early);
    world.run(DELAY * 2);
    world.response(server, 200);
    accept(&mut world, server, &asked, "100");
    let second = notify(&asked.1, 2, ACTIVE, "two");
    world.post_text(server, phone, &second);
    world.run(DELAY * 2);
    world.response(server, 200);
    assert_eq!(
        story(&world.take_events(phone)),
        ["notified one", "notified two"]
    );
    world.seconds(69);
    assert!(world.try_request(server, Method::Subscribe).is_none());
    let again = next(&mut world, server, 2);
    assert_eq!(again.1.to_addr().expect("To").tag(), Some("s"));
    assert_eq!(again.1.cseq().expect("CSeq").seq, 2);
    accept(&mut world, server, &again, "600");
    world.tell(phone, |endpoint, now| endpoint.unsubscribe(now, 7));
    world.run(DELAY);
    let last = world.request(server, Method::Subscribe);
    assert_eq!(last.1.text("Expires"), Some("0"));
    world.reply(server, &last, 200, "s", &[CONTACT, ("Expires", "0")], "");
    let late = notify(&asked.1, 9, ACTIVE, "late");
    world.post_text(server, phone, &late);
    world.seconds(60);
    world.response(server, 481);
    assert!(world.take_events(phone).is_empty());
    world.assert_clean(phone);
}

#[test]
fn a_subscription_that_the_server_forgot_or_ended_is_begun_anew() {
    let (mut world, phone, server, asked) = subscribed();
    accept(&mut world, server, &asked, "100");
    let again = next(&mut world, server, 71);
    world.reply(server, &again, 481, "s", &[], "");
    let anew = next(&mut world, server, 1);
    assert!(anew.1.to_addr().expect("To").tag().is_none());
    assert_ne!(
        anew.1.call_id().expect("id"),
        asked.1.call_id().expect("id")
    );
    accept(&mut world, server, &anew, "600");
    let over = "Event: message-summary\r\nSubscription-State: terminated;reason=timeout\r\n";
    let text = notify(&anew.1, 1, over, "");
    world.post_text(server, phone, &text);
    world.run(DELAY * 2);
    world.request(server, Method::Subscribe);
    assert_eq!(story(&world.take_events(phone)), ["notified "]);
}

#[test]
fn a_server_that_refuses_is_left_alone_for_an_hour_and_a_busy_one_for_a_while() {
    let (mut world, phone, server, asked) = subscribed();
    world.reply(server, &asked, 489, "s", &[], "");
    world.seconds(3590);
    assert!(world.try_request(server, Method::Subscribe).is_none());
    assert_eq!(story(&world.take_events(phone)), ["subscription lost 489"]);
    let again = next(&mut world, server, 20);
    world.reply(server, &again, 503, "s", &[("Retry-After", "60")], "");
    world.run(Duration::from_secs(59));
    assert!(world.try_request(server, Method::Subscribe).is_none());
    let again = next(&mut world, server, 5);
    world.reply(server, &again, 423, "s", &[("Min-Expires", "1200")], "");
    let longer = next(&mut world, server, 1);
    assert_eq!(longer.1.text("Expires"), Some("1200"));
}

#[test]
fn a_subscription_that_can_not_be_refreshed_is_lost_and_found_again() {
    let (mut world, phone, server, asked) = subscribed();
    accept(&mut world, server, &asked, "100");
    world.nodes[server].up = false;
    world.seconds(110);
    assert_eq!(story(&world.take_events(phone)), ["subscription lost 408"]);
    world.nodes[server].up = true;
    let anew = next(&mut world, server, 120);
    assert!(anew.1.to_addr().expect("To").tag().is_none());
}

#[test]
fn only_the_server_tells_of_voicemail_unasked() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.endpoint(Accept::Anyone);
    let stranger = world.scripted();
    registrar(
        &mut world,
        server,
        vec![crate::sip::auth::Algorithm::Md5],
        "secret",
    );
    let identity = identity(&world, server, Transport::Udp);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.seconds(1);
    world.take_events(phone);
    let unasked = |branch: &str| {
        format!(
            "NOTIFY sip:alice@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{branch}\r\n\
             From: <sip:vm@192.0.2.2>;tag=v{branch}\r\nTo: <sip:alice@192.0.2.2>\r\nCall-ID: {branch}\r\n\
             CSeq: 1 NOTIFY\r\nEvent: message-summary\r\nSubscription-State: active\r\n\
             Content-Length: 3\r\n\r\nyes"
        )
    };
    world.post_text(server, phone, &unasked("a"));
    world.seconds(1);
    assert_eq!(story(&world.take_events(phone)), ["summary yes"]);
    world.post_text(stranger, phone, &unasked("b"));
    world.seconds(1);
    assert!(world.take_events(phone).is_empty());
}

#[test]
fn voicemail_that_is_told_before_the_answer_to_register_counts() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    let identity = identity(&world, server, Transport::Udp);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.seconds(1);
    let (_, register) = world.request(server, Method::Register);
    let contact = register.text("Contact").expect("a Contact");
    let user = contact
        .trim_start_matches("<sip:")
        .split('@')
        .next()
        .expect("a user");
    let notify = |user: &str, branch: &str| {
        format!(
            "NOTIFY sip:{user}@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{branch}\r\n\
             From: <sip:vm@192.0.2.2>;tag=v{branch}\r\nTo: <sip:alice@192.0.2.2>\r\nCall-ID: {branch}\r\n\
             CSeq: 1 NOTIFY\r\nEvent: message-summary\r\nSubscription-State: terminated\r\n\
             Content-Length: 3\r\n\r\nyes"
        )
    };
    world.take_events(phone);
    world.post_text(server, phone, &notify("alice", "a"));
    world.seconds(1);
    assert!(world.take_events(phone).is_empty(), "not by our Contact");
    world.post_text(server, phone, &notify(user, "b"));
    world.seconds(1);
    assert_eq!(story(&world.take_events(phone)), ["summary yes"]);
}
