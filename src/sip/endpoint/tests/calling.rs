use std::time::Duration;

use super::world::*;
use crate::account::Transport;
use crate::sip::auth::Algorithm;
use crate::sip::endpoint::*;
use crate::sip::flow::{Flow, Target};
use crate::sip::message::{HeadersView, Host, Method, request_uri};

/// A caller and a callee that know nothing of accounts.
fn pair(seed: u64) -> (World, usize, usize) {
    let mut world = World::new(seed);
    let caller = world.endpoint(Accept::Anyone);
    let callee = world.endpoint(Accept::Anyone);
    (world, caller, callee)
}

fn dial(world: &mut World, caller: usize, callee: usize) {
    let target = world.uri("bob", callee);
    world.tell(caller, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
    });
}

#[test]
fn a_call_rings_is_answered_and_ended_by_either_side() {
    for caller_hangs_up in [true, false] {
        let (mut world, caller, callee) = pair(1);
        dial(&mut world, caller, callee);
        world.run(DELAY * 2);
        let call = incoming(&world.nodes[callee].events);
        assert_ne!(call >> 63, 0);
        world.tell(callee, |endpoint, now| endpoint.ring(now, call, 180, None));
        world.seconds(3);
        world.tell(callee, |endpoint, now| {
            endpoint.accept(now, call, ANSWER.into())
        });
        world.seconds(60);
        let (who, which) = if caller_hangs_up {
            (caller, 1)
        } else {
            (callee, call)
        };
        world.tell(who, |endpoint, now| endpoint.hang_up(now, which));
        world.seconds(1);
        let (own, other) = ("ended by us", "ended by them");
        let (at_caller, at_callee) = if caller_hangs_up {
            (own, other)
        } else {
            (other, own)
        };
        assert_eq!(
            story(&world.take_events(caller)),
            ["progress 180", "answered answer", at_caller]
        );
        assert_eq!(
            story(&world.take_events(callee)),
            ["incoming offer", "confirmed", at_callee]
        );
        world.seconds(60);
        world.assert_clean(caller);
        world.assert_clean(callee);
    }
}

#[test]
fn early_media_comes_with_183() {
    let (mut world, caller, callee) = pair(1);
    dial(&mut world, caller, callee);
    world.run(DELAY * 2);
    let call = incoming(&world.nodes[callee].events);
    world.tell(callee, |endpoint, now| {
        endpoint.ring(now, call, 183, Some(ANSWER.into()))
    });
    world.seconds(1);
    assert_eq!(story(&world.take_events(caller)), ["progress 183 answer"]);
    // A proxy must not think that nothing happens any more.
    world.seconds(61);
    assert_eq!(world.count_sent(callee, "SIP/2.0 183"), 2);
}

#[test]
fn a_refusal_is_told_with_its_status() {
    let (mut world, caller, callee) = pair(1);
    dial(&mut world, caller, callee);
    world.run(DELAY * 2);
    let call = incoming(&world.nodes[callee].events);
    world.tell(callee, |endpoint, now| {
        endpoint.reject(now, call, 486, vec![])
    });
    world.seconds(1);
    assert_eq!(
        story(&world.take_events(caller)),
        ["ended by them refused 486 486"]
    );
    assert_eq!(world.count_sent(caller, "ACK"), 1);
    world.seconds(60);
    world.assert_clean(caller);
    world.assert_clean(callee);
}

#[test]
fn an_account_calls_over_its_server_with_its_credentials() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.endpoint(Accept::Anyone);
    registrar(&mut world, server, vec![Algorithm::Sha256], "secret");
    let identity = identity(&world, server, Transport::Udp);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.seconds(1);
    let mut target = world.uri("+7 926", server);
    target.host = Host::Name("elsewhere.test".into());
    target.port = None;
    world.take_events(server);
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
    world.run(DELAY * 2);
    let events = world.take_events(server);
    let Some(Event::Incoming { call, request, .. }) = events.last() else {
        panic!("{:?}", story(&events));
    };
    let uri = request_uri(request).expect("a URI");
    assert_eq!(
        uri.host,
        Host::Name("elsewhere.test".into()),
        "the server finds him"
    );
    assert_eq!(
        request.from_addr().expect("From").display.as_deref(),
        Some("Alice")
    );
    // A proxy wants the password for the call too.
    let challenge = vec![crate::sip::message::header(
        "Proxy-Authenticate",
        "Digest realm=\"test\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"",
    )];
    let first = *call;
    world.tell(server, |endpoint, now| {
        endpoint.reject(now, first, 407, challenge)
    });
    world.run(DELAY * 4);
    let events = world.take_events(server);
    let Some(Event::Incoming { call, request, .. }) = events
        .iter()
        .find(|event| matches!(event, Event::Incoming { .. }))
    else {
        panic!("{:?}", story(&events));
    };
    assert!(
        request
            .text("Proxy-Authorization")
            .is_some_and(|text| text.contains("abc"))
    );
    assert_eq!(request.cseq().expect("CSeq").seq, 2);
    let second = *call;
    world.tell(server, |endpoint, now| {
        endpoint.accept(now, second, ANSWER.into())
    });
    world.seconds(1);
    let events = world.take_events(phone);
    assert_eq!(
        story(&events),
        ["registering", "registered", "answered answer"]
    );
}

#[test]
fn an_outbound_proxy_is_a_loose_route() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let proxy = world.scripted();
    let mut identity = identity(&world, proxy, Transport::Tcp);
    identity.registrar = Some(identity.domain.clone());
    identity.domain = HostPort {
        host: Host::Name("sip.test".into()),
        port: None,
    };
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.run(DELAY * 4);
    let register = world.request(proxy, Method::Register);
    assert_eq!(
        register.1.text("Route"),
        Some("<sip:192.0.2.2:5060;transport=tcp;lr>")
    );
    assert_eq!(
        request_uri(&register.1).expect("a URI").to_string(),
        "sip:sip.test"
    );
    assert_eq!(
        register.1.to_addr().expect("To").uri.to_string(),
        "sip:alice@sip.test"
    );
}

#[test]
fn a_call_to_an_account_comes_over_its_flow() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut world = World::new(1);
        let phone = world.endpoint(Accept::Ours);
        let server = world.endpoint(Accept::Anyone);
        registrar(&mut world, server, vec![Algorithm::Md5], "secret");
        let identity = identity(&world, server, transport);
        world.tell(phone, |endpoint, now| {
            endpoint.set_identity(now, account(), identity)
        });
        world.seconds(1);
        let events = world.take_events(server);
        let Some(Event::Request { request, flow, .. }) = events.last() else {
            panic!("no REGISTER");
        };
        let contact = request.contacts().expect("a Contact").remove(0).uri;
        let mut from = nobody("bob");
        if let Caller::Bare { flow: slot, .. } = &mut from {
            *slot = Some(*flow);
        }
        world.tell(server, |endpoint, now| {
            endpoint.invite(now, 7, from, contact, vec![], OFFER.into());
        });
        world.seconds(1);
        let events = world.take_events(phone);
        let Some(Event::Incoming {
            account: to, call, ..
        }) = events.last()
        else {
            panic!("{:?}", story(&events));
        };
        assert_eq!(to.as_ref(), Some(&account()));
        let call = *call;
        world.tell(phone, |endpoint, now| {
            endpoint.accept(now, call, ANSWER.into())
        });
        world.seconds(1);
        world.tell(phone, |endpoint, now| endpoint.hang_up(now, call));
        world.seconds(1);
        assert_eq!(
            story(&world.take_events(server)),
            ["answered answer", "ended by them"]
        );
    }
}

#[test]
fn requests_follow_the_route_set_loose_or_strict() {
    for (routes, uri, expected) in [
        (
            "<sip:192.0.2.2;lr>, <sip:p2.test;lr>",
            "sip:bob@192.0.2.77:5099",
            vec!["<sip:192.0.2.2;lr>", "<sip:p2.test;lr>"],
        ),
        (
            "<sip:192.0.2.2>, <sip:p2.test;lr>",
            "sip:192.0.2.2",
            vec!["<sip:p2.test;lr>", "<sip:bob@192.0.2.77:5099>"],
        ),
    ] {
        let mut world = World::new(1);
        let caller = world.endpoint(Accept::Anyone);
        let proxy = world.scripted();
        dial(&mut world, caller, proxy);
        world.run(DELAY);
        let invite = world.request(proxy, Method::Invite);
        let reversed: Vec<&str> = routes.split(", ").collect();
        let reversed = format!("{}, {}", reversed[1], reversed[0]);
        world.reply(
            proxy,
            &invite,
            200,
            "b",
            &[
                ("Record-Route", &reversed),
                ("Contact", "<sip:bob@192.0.2.77:5099>"),
            ],
            ANSWER,
        );
        world.run(DELAY * 2);
        let (_, ack) = world.request(proxy, Method::Ack);
        assert_eq!(request_uri(&ack).expect("a URI").to_string(), uri);
        let routes: Vec<_> = ack
            .routes()
            .expect("routes")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(routes, expected);
        world.tell(caller, |endpoint, now| endpoint.hang_up(now, 1));
        world.run(DELAY);
        let (_, bye) = world.request(proxy, Method::Bye);
        assert_eq!(bye.routes().expect("routes").len(), 2);
        assert_eq!(bye.cseq().expect("CSeq").seq, 2);
    }
}

#[test]
fn the_first_of_several_branches_that_answers_wins_and_the_others_are_ended() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let proxy = world.scripted();
    dial(&mut world, caller, proxy);
    world.run(DELAY);
    let invite = world.request(proxy, Method::Invite);
    let contact = [("Contact", "<sip:b@192.0.2.2>")];
    for tag in ["one", "two"] {
        world.reply(proxy, &invite, 180, tag, &contact, "");
    }
    world.reply(proxy, &invite, 200, "two", &contact, ANSWER);
    world.reply(proxy, &invite, 200, "one", &contact, OFFER);
    world.run(DELAY * 2);
    assert_eq!(
        story(&world.take_events(caller)),
        ["progress 180", "progress 180", "answered answer"]
    );
    let tags = |world: &mut World, method| -> Vec<String> {
        let mut tags = Vec::new();
        while let Some((_, request)) = world.try_request(proxy, method) {
            tags.push(
                request
                    .to_addr()
                    .expect("To")
                    .tag()
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
        tags
    };
    assert_eq!(tags(&mut world, Method::Ack), ["two", "one"]);
    assert_eq!(tags(&mut world, Method::Bye), ["one"]);
    // A repeated 200 means that the ACK was lost: the same again, and nothing else.
    world.reply(proxy, &invite, 200, "one", &contact, OFFER);
    world.run(DELAY * 2);
    assert_eq!(tags(&mut world, Method::Ack), ["one"]);
    assert!(tags(&mut world, Method::Bye).is_empty());
}

#[test]
fn a_large_invite_goes_by_tcp_and_by_udp_if_nobody_takes_tcp() {
    for streams in [true, false] {
        let (mut world, caller, callee) = pair(1);
        world.nodes[callee].streams = streams;
        let target = world.uri("bob", callee);
        let body = "a=x\r\n".repeat(400);
        world.tell(caller, |endpoint, now| {
            endpoint.invite(now, 1, nobody("alice"), target, vec![], body.into_bytes());
        });
        world.seconds(1);
        let events = world.take_events(callee);
        let Some(Event::Incoming { call, flow, .. }) = events.last() else {
            panic!("nothing came in");
        };
        let transport = if streams {
            Transport::Tcp
        } else {
            Transport::Udp
        };
        assert_eq!(flow.transport, transport);
        let call = *call;
        world.tell(callee, |endpoint, now| {
            endpoint.accept(now, call, ANSWER.into())
        });
        world.seconds(1);
        world.tell(callee, |endpoint, now| endpoint.hang_up(now, call));
        world.seconds(1);
        assert_eq!(
            story(&world.take_events(caller)),
            ["answered answer", "ended by them"]
        );
    }
}

#[test]
fn an_invite_without_an_offer_gets_ours_and_the_ack_brings_the_answer() {
    let mut world = World::new(1);
    let callee = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    world.post_text(
        peer,
        callee,
        "INVITE sip:bob@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1
From: <sip:a@192.0.2.2>;tag=a
To: <sip:bob@192.0.2.1>
Call-ID: c
CSeq: 1 INVITE
Contact: <sip:a@192.0.2.2>
Max-Forwards: 70
Content-Length: 0

",
    );
    world.run(DELAY);
    let call = incoming(&world.nodes[callee].events);
    world.tell(callee, |endpoint, now| {
        endpoint.accept(now, call, OFFER.into())
    });
    world.run(DELAY);
    let ok = world.response(peer, 200);
    assert_eq!(ok.body, OFFER.as_bytes());
    let to = ok.text("To").expect("To").to_owned();
    world.post_text(
        peer,
        callee,
        &format!(
            "ACK sip:bob@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK2
From: <sip:a@192.0.2.2>;tag=a
To: {to}
Call-ID: c
CSeq: 1 ACK
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: {}

{ANSWER}",
            ANSWER.len()
        ),
    );
    world.run(DELAY);
    assert_eq!(
        story(&world.take_events(callee)),
        ["incoming ", "delayed answer", "confirmed"]
    );
}

#[test]
fn an_open_connection_is_used_again_and_an_idle_one_is_closed() {
    let (mut world, caller, callee) = pair(1);
    let place = Target {
        transport: Transport::Tcp,
        addr: world.nodes[callee].address,
        server_name: "b.test".into(),
    };
    world.names.insert("b.test".into(), vec![place]);
    let mut flows: Vec<Flow> = Vec::new();
    for call in 1..=2 {
        let target = "sip:bob@b.test;transport=tcp".parse().expect("a URI");
        world.tell(caller, |endpoint, now| {
            endpoint.invite(now, call, nobody("alice"), target, vec![], OFFER.into());
        });
        world.seconds(1);
        let events = world.take_events(callee);
        let Some(Event::Incoming { call, flow, .. }) = events.first() else {
            panic!("nothing came in");
        };
        flows.push(*flow);
        let call = *call;
        world.tell(callee, |endpoint, now| {
            endpoint.reject(now, call, 404, vec![])
        });
        world.seconds(1);
        world.take_events(callee);
    }
    assert_eq!(flows[0], flows[1]);
    world.run(Duration::from_secs(300));
    assert_eq!(
        world.at(caller).poll_timeout(),
        None,
        "nothing is left to do"
    );
}

#[test]
fn a_call_takes_the_service_route_of_the_registrar() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    let identity = identity(&world, server, Transport::Udp);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    world.run(DELAY * 2);
    let register = world.request(server, Method::Register);
    assert!(register.1.text("Route").is_none());
    let route = "<sip:strict.test>, <sip:home.test;lr>, nonsense, <sip:next.test;lr>";
    let granted = [("Expires", "600"), ("Service-Route", route)];
    world.reply(server, &register, 200, "t", &granted, "");
    world.seconds(1);
    let target = world.uri("bob", server);
    world.tell(phone, |endpoint, now| {
        let caller = Caller::Account(account());
        endpoint.invite(now, 1, caller, target, vec![], OFFER.into());
    });
    world.run(DELAY * 2);
    let (_, invite) = world.request(server, Method::Invite);
    assert_eq!(
        invite.all("Route"),
        ["<sip:home.test;lr>", "<sip:next.test;lr>"]
    );
}
