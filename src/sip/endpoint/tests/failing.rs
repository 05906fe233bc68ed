use std::time::Duration;

use super::world::*;
use crate::account::Transport;
use crate::sip::endpoint::*;
use crate::sip::flow::{Flow, Target};
use crate::sip::message::{Host, Method};

fn dial(world: &mut World, caller: usize, target: &str) {
    let target = target.parse().expect("a URI");
    world.tell(caller, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
    });
}

#[test]
fn an_invite_that_nobody_answers_ends_after_32_s_and_7_attempts() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    world.nodes[peer].up = false;
    dial(&mut world, caller, "sip:bob@192.0.2.2");
    world.run(Duration::from_millis(31_999));
    assert!(world.take_events(caller).is_empty());
    world.run(Duration::from_millis(2));
    assert_eq!(story(&world.take_events(caller)), ["ended by us timeout"]);
    assert_eq!(world.count_sent(caller, "INVITE"), 7);
    world.assert_clean(caller);
}

#[test]
fn a_host_without_an_address_ends_the_call_at_once() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    dial(&mut world, caller, "sip:bob@nowhere.test");
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(caller)),
        ["ended by us UnknownHost"]
    );
    dial(&mut world, caller, "sip:bob@192.0.2.9;transport=tcp");
    world.seconds(1);
    assert_eq!(story(&world.take_events(caller)), ["ended by us Refused"]);
    world.assert_clean(caller);
}

#[test]
fn a_call_is_tried_at_the_next_place_after_503() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let peers = [world.scripted(), world.scripted()];
    let places = peers.map(|peer| Target {
        transport: Transport::Udp,
        addr: world.nodes[peer].address,
        server_name: "two.test".into(),
    });
    world.names.insert("two.test".into(), places.to_vec());
    dial(&mut world, caller, "sip:bob@two.test");
    world.seconds(1);
    let first = world.request(peers[0], Method::Invite);
    world.reply(peers[0], &first, 503, "x", &[], "");
    world.seconds(1);
    world.request(peers[0], Method::Ack);
    let second = world.request(peers[1], Method::Invite);
    world.reply(peers[1], &second, 486, "y", &[], "");
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(caller)),
        ["ended by them refused 486 486"]
    );
    world.seconds(60);
    world.assert_clean(caller);
}

#[test]
fn a_registered_account_whose_connection_died_calls_over_a_new_one() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    let identity = identity(&world, server, Transport::Tcp);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.run(DELAY * 4);
    let register = world.request(server, Method::Register);
    world.reply(server, &register, 200, "t", &[("Expires", "600")], "");
    world.seconds(1);
    // The server restarts; the phone finds out by a reset when it sends.
    world.drop_connections(server);
    let target = world.uri("bob", server);
    world.tell(phone, |endpoint, now| {
        endpoint.invite(
            now,
            1,
            Caller::Account(account()),
            target,
            vec![],
            OFFER.into(),
        );
    });
    let dead = Flow {
        connection: register.0.connection,
        ..mirrored(register.0)
    };
    world.tell(phone, |endpoint, now| {
        endpoint.closed(now, dead, crate::sip::flow::TransportError::Closed);
    });
    world.seconds(1);
    let invite = world.request(server, Method::Invite);
    assert_ne!(invite.0.connection, register.0.connection);
    world.request(server, Method::Register);
}

#[test]
fn a_connection_that_closes_while_it_rings_ends_the_call() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    dial(&mut world, caller, "sip:bob@192.0.2.2;transport=tcp");
    world.seconds(1);
    let invite = world.request(peer, Method::Invite);
    world.reply(peer, &invite, 180, "b", &[], "");
    world.seconds(1);
    world.cut(mirrored(invite.0));
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(caller)),
        ["progress 180", "ended by us Closed"]
    );
    world.assert_clean(caller);
}

#[test]
fn a_call_survives_its_connection() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let callee = world.endpoint(Accept::Anyone);
    dial(&mut world, caller, "sip:bob@192.0.2.2;transport=tcp");
    world.seconds(1);
    let events = world.take_events(callee);
    let Some(Event::Incoming { call, flow, .. }) = events.first() else {
        panic!("nothing came in");
    };
    let (call, flow) = (*call, *flow);
    world.tell(callee, |endpoint, now| {
        endpoint.accept(now, call, ANSWER.into())
    });
    world.seconds(1);
    world.cut(flow);
    world.seconds(1);
    world.tell(caller, |endpoint, now| endpoint.hang_up(now, 1));
    world.seconds(60);
    assert_eq!(
        story(&world.take_events(callee)),
        ["confirmed", "ended by them"],
        "the BYE came over a new connection"
    );
    world.assert_clean(caller);
    world.assert_clean(callee);
}

#[test]
fn an_unusable_answer_ends_the_call() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    dial(&mut world, caller, "sip:bob@192.0.2.2");
    world.run(DELAY);
    let invite = world.request(peer, Method::Invite);
    // Without Contact the target stays that of the INVITE.
    world.reply(peer, &invite, 200, "b", &[], ANSWER);
    world.run(DELAY * 2);
    world.request(peer, Method::Ack);
    assert_eq!(story(&world.take_events(caller)), ["answered answer"]);
}

#[test]
fn responses_that_fit_no_request_are_dropped_and_counted() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let peer = world.scripted();
    world.post_text(
        peer,
        phone,
        "SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKmadeup
From: <sip:a@192.0.2.2>;tag=a
To: <sip:bob@192.0.2.1>;tag=b
Call-ID: c
CSeq: 1 INVITE
Content-Length: 0

",
    );
    world.run(DELAY);
    assert_eq!(world.at(phone).counters().dropped, 1);
    assert!(world.nodes[peer].inbox.is_empty());
}

#[test]
fn a_tel_uri_needs_a_server() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    dial(&mut world, caller, "tel:+74951234567");
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(caller)),
        ["ended by us UnknownHost"]
    );
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    let mut identity = identity(&world, server, Transport::Udp);
    identity.register = false;
    identity.registrar = Some(HostPort {
        host: Host::V4([192, 0, 2, 3].into()),
        port: Some(5060),
    });
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity);
        let target = "tel:+74951234567".parse().expect("a URI");
        endpoint.invite(
            now,
            1,
            Caller::Account(account()),
            target,
            vec![],
            OFFER.into(),
        );
    });
    world.run(DELAY);
    world.request(server, Method::Invite);
}

#[test]
fn a_redirection_tells_where_to_and_calls_nobody() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    for (call, contact, expected) in [
        (
            1,
            "<sip:c@c.test>;q=0.2, \"B\" <sip:b@b.test?Replaces=x>;q=0.9, <sip:c@c.test>;q=0.1, \
             <mailto:a@a.test>",
            "ended by them redirected to sip:b@b.test sip:c@c.test 302",
        ),
        (2, "<mailto:a@a.test>", "ended by them refused 302 302"),
    ] {
        let target = world.uri("bob", peer);
        world.tell(caller, |endpoint, now| {
            endpoint.invite(now, call, nobody("alice"), target, vec![], OFFER.into());
        });
        world.run(DELAY);
        let invite = world.request(peer, Method::Invite);
        world.reply(peer, &invite, 302, "b", &[("Contact", contact)], "");
        world.run(DELAY * 2);
        world.request(peer, Method::Ack);
        assert_eq!(story(&world.take_events(caller)), [expected]);
    }
    world.seconds(60);
    world.assert_clean(caller);
    assert_eq!(world.count_sent(caller, "INVITE"), 2);
}
