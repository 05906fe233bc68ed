use std::time::Duration;

use super::world::*;
use crate::sip::endpoint::*;
use crate::sip::message::{HeadersView, Method, header};

const CONTACT: [(&str, &str); 1] = [("Contact", "<sip:bob@192.0.2.2:5060>")];

fn hang_up(world: &mut World, node: usize) {
    world.tell(node, |endpoint, now| endpoint.hang_up(now, 1));
}

#[test]
fn a_call_that_rings_is_cancelled() {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    world.reply(peer, &invite, 180, "b", &CONTACT, "");
    world.seconds(1);
    hang_up(&mut world, caller);
    assert_eq!(
        story(&world.take_events(caller)),
        ["progress 180", "ended by us"]
    );
    world.run(DELAY);
    let cancel = world.request(peer, Method::Cancel);
    assert_eq!(cancel.1.via().expect("Via"), invite.1.via().expect("Via"));
    assert_eq!(cancel.1.cseq().expect("CSeq").seq, 1);
    world.reply(peer, &cancel, 200, "b", &[], "");
    world.reply(peer, &invite, 487, "b", &[], "");
    world.run(DELAY * 2);
    world.request(peer, Method::Ack);
    world.seconds(60);
    assert!(world.take_events(caller).is_empty());
    world.assert_clean(caller);
}

#[test]
fn a_cancel_waits_for_the_first_provisional_response() {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    hang_up(&mut world, caller);
    world.run(Duration::from_millis(300));
    assert!(world.try_request(peer, Method::Cancel).is_none());
    world.reply(peer, &invite, 100, "b", &[], "");
    world.run(DELAY * 2);
    let cancel = world.request(peer, Method::Cancel);
    world.reply(peer, &cancel, 200, "b", &[], "");
    world.reply(peer, &invite, 487, "b", &[], "");
    world.seconds(60);
    assert_eq!(story(&world.take_events(caller)), ["ended by us"]);
    world.assert_clean(caller);
}

#[test]
fn a_late_200_after_cancel_is_acknowledged_and_ended() {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    world.reply(peer, &invite, 180, "b", &CONTACT, "");
    world.run(DELAY * 2);
    world.reply(peer, &invite, 200, "b", &CONTACT, ANSWER);
    hang_up(&mut world, caller);
    world.run(DELAY * 2);
    let cancel = world.request(peer, Method::Cancel);
    world.reply(peer, &cancel, 200, "b", &[], "");
    world.request(peer, Method::Ack);
    let bye = world.request(peer, Method::Bye);
    world.reply(peer, &bye, 200, "b", &[], "");
    world.seconds(60);
    assert_eq!(
        story(&world.take_events(caller)),
        ["progress 180", "ended by us"]
    );
    world.assert_clean(caller);
}

#[test]
fn a_200_before_any_provisional_response_is_ended_too() {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    hang_up(&mut world, caller);
    world.reply(peer, &invite, 200, "b", &CONTACT, ANSWER);
    world.run(DELAY * 2);
    world.request(peer, Method::Ack);
    let bye = world.request(peer, Method::Bye);
    world.reply(peer, &bye, 481, "b", &[], "");
    world.seconds(60);
    assert!(world.try_request(peer, Method::Cancel).is_none());
    world.assert_clean(caller);
}

#[test]
fn a_cancel_that_nobody_heeds_is_given_up_after_32_s() {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    world.reply(peer, &invite, 180, "b", &CONTACT, "");
    world.run(DELAY * 2);
    hang_up(&mut world, caller);
    world.seconds(31);
    assert!(!world.at(caller).is_idle());
    world.seconds(2);
    world.assert_clean(caller);
}

#[test]
fn hanging_up_before_the_host_is_found_sends_nothing() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let target = "sip:bob@slow.test".parse().expect("a URI");
    world.tell(caller, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
        endpoint.hang_up(now, 1);
    });
    world.seconds(60);
    assert!(world.trace.is_empty());
    assert_eq!(story(&world.take_events(caller)), ["ended by us"]);
    world.assert_clean(caller);
}

#[test]
fn a_caller_that_gives_up_cancels_our_ringing() {
    for (reason, status) in [(None, 487), (Some("SIP;cause=200;text=\"elsewhere\""), 200)] {
        let mut world = World::new(1);
        let caller = world.endpoint(Accept::Anyone);
        let callee = world.endpoint(Accept::Anyone);
        let target = world.uri("bob", callee);
        world.tell(caller, |endpoint, now| {
            endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
        });
        world.run(DELAY * 2);
        let call = incoming(&world.nodes[callee].events);
        world.tell(callee, |endpoint, now| endpoint.ring(now, call, 180, None));
        world.seconds(1);
        if let Some(reason) = reason {
            // A proxy says why, which our own CANCEL does not.
            let flow = crate::sip::flow::Flow::udp(
                world.nodes[caller].address,
                world.nodes[callee].address,
            );
            let invite = world
                .trace
                .iter()
                .find(|(_, _, text)| text.starts_with("INVITE"))
                .map(|(_, _, text)| text.clone())
                .expect("an INVITE");
            let Ok(crate::sip::message::SipMessage::Request(mut cancel)) =
                crate::sip::message::read(invite.as_bytes())
            else {
                panic!("unreadable");
            };
            use crate::sip::message::HeadersEdit;
            cancel.method = Method::Cancel;
            cancel.headers.set("CSeq", "1 CANCEL");
            cancel.headers.push(header("Reason", reason));
            cancel.body.clear();
            let bytes = crate::sip::message::write_request(&cancel);
            world.send_from(caller, flow, bytes);
        } else {
            hang_up(&mut world, caller);
        }
        world.seconds(1);
        let events = world.take_events(callee);
        assert_eq!(
            story(&events),
            [
                "incoming offer".to_owned(),
                format!("ended by them {status}")
            ]
        );
        // Too late to answer.
        world.tell(callee, |endpoint, now| {
            endpoint.accept(now, call, ANSWER.into())
        });
        world.seconds(60);
        world.assert_clean(caller);
        world.assert_clean(callee);
    }
}

#[test]
fn a_lost_ack_is_sent_again_for_each_repeated_200() {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    for _ in 0..5 {
        world.reply(peer, &invite, 200, "b", &CONTACT, ANSWER);
        world.run(DELAY * 2);
        world.request(peer, Method::Ack);
    }
    assert_eq!(story(&world.take_events(caller)), ["answered answer"]);
}

#[test]
fn a_200_is_repeated_until_its_ack_comes() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let callee = world.endpoint(Accept::Anyone);
    let mut lost = 0;
    world.lose = Some(Box::new(move |message| {
        let is_200 = matches!(message, crate::sip::message::SipMessage::Response(response)
            if response.status_code.code() == 200 && response.text("CSeq") == Some("1 INVITE"));
        lost += usize::from(is_200);
        is_200 && lost <= 3
    }));
    let target = world.uri("bob", callee);
    world.tell(caller, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
    });
    world.run(DELAY * 2);
    let call = incoming(&world.nodes[callee].events);
    world.tell(callee, |endpoint, now| {
        endpoint.accept(now, call, ANSWER.into())
    });
    world.seconds(10);
    assert_eq!(
        world.count_sent(callee, "SIP/2.0 200"),
        4,
        "0, 0.5, 1.5 and 3.5 s"
    );
    assert_eq!(story(&world.take_events(caller)), ["answered answer"]);
    assert_eq!(
        story(&world.take_events(callee)),
        ["incoming offer", "confirmed"]
    );
}

#[test]
fn a_200_that_is_never_acknowledged_ends_in_a_bye() {
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
    world.seconds(31);
    assert!(world.try_request(peer, Method::Bye).is_none());
    world.seconds(2);
    let bye = world.request(peer, Method::Bye);
    assert_eq!(bye.1.to_addr().expect("To").tag(), Some("a"));
    world.reply(peer, &bye, 200, "", &[], "");
    world.seconds(60);
    assert_eq!(
        story(&world.take_events(callee)),
        ["incoming ", "ended by us timeout"]
    );
    world.assert_clean(callee);
}

#[test]
fn hanging_up_before_the_ack_waits_for_it() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let callee = world.endpoint(Accept::Anyone);
    let target = world.uri("bob", callee);
    world.tell(caller, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
    });
    world.run(DELAY * 2);
    let call = incoming(&world.nodes[callee].events);
    world.tell(callee, |endpoint, now| {
        endpoint.accept(now, call, ANSWER.into());
        endpoint.hang_up(now, call);
    });
    assert_eq!(world.count_sent(callee, "BYE"), 0);
    world.seconds(1);
    assert_eq!(world.count_sent(callee, "BYE"), 1);
    assert_eq!(
        story(&world.take_events(callee)),
        ["incoming offer", "ended by us"]
    );
    assert_eq!(
        story(&world.take_events(caller)),
        ["answered answer", "ended by them"]
    );
}

#[test]
fn both_hang_up_at_once() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let callee = world.endpoint(Accept::Anyone);
    let target = world.uri("bob", callee);
    world.tell(caller, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
    });
    world.run(DELAY * 2);
    let call = incoming(&world.nodes[callee].events);
    world.tell(callee, |endpoint, now| {
        endpoint.accept(now, call, ANSWER.into())
    });
    world.seconds(1);
    world.tell(callee, |endpoint, now| endpoint.hang_up(now, call));
    hang_up(&mut world, caller);
    world.seconds(60);
    assert_eq!(
        story(&world.take_events(caller)),
        ["answered answer", "ended by us"]
    );
    world.assert_clean(caller);
    world.assert_clean(callee);
}

#[test]
fn a_bye_for_a_dialog_nobody_knows_gets_481() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let peer = world.scripted();
    world.post_text(
        peer,
        phone,
        "BYE sip:bob@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1
From: <sip:a@192.0.2.2>;tag=a
To: <sip:bob@192.0.2.1>;tag=b
Call-ID: c
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

",
    );
    world.run(DELAY * 2);
    world.response(peer, 481);
}

#[test]
fn shutting_down_ends_calls_of_every_kind() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Anyone);
    let other = world.endpoint(Accept::Anyone);
    let (there, here) = (world.uri("bob", other), world.uri("alice", phone));
    world.tell(phone, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), there.clone(), vec![], OFFER.into());
        endpoint.invite(now, 2, nobody("alice"), there, vec![], OFFER.into());
    });
    world.tell(other, |endpoint, now| {
        endpoint.invite(now, 3, nobody("bob"), here, vec![], OFFER.into());
    });
    world.run(DELAY * 2);
    let answered = incoming(&world.nodes[other].events);
    world.tell(other, |endpoint, now| {
        endpoint.accept(now, answered, ANSWER.into())
    });
    world.seconds(1);
    world.tell(phone, |endpoint, now| endpoint.shut_down(now));
    world.seconds(1);
    assert!(world.at(phone).is_idle());
    let ended = story(&world.take_events(other));
    assert_eq!(
        ended
            .iter()
            .filter(|line| line.starts_with("ended by them"))
            .count(),
        3
    );
    world.seconds(60);
    world.assert_clean(phone);
    world.assert_clean(other);
}

#[test]
fn a_challenge_after_hanging_up_is_not_answered() {
    let mut world = World::new(1);
    let phone = world.endpoint(Accept::Ours);
    let server = world.scripted();
    let mut identity = identity(&world, server, crate::account::Transport::Udp);
    identity.register = false;
    let target = world.uri("bob", server);
    world.tell(phone, |endpoint, now| {
        endpoint.set_identity(now, account(), identity);
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
    hang_up(&mut world, phone);
    let invite = world.request(server, Method::Invite);
    let challenge = "Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth\"";
    world.reply(
        server,
        &invite,
        401,
        "s",
        &[("WWW-Authenticate", challenge)],
        "",
    );
    world.run(DELAY * 2);
    world.request(server, Method::Ack);
    world.seconds(60);
    assert!(world.try_request(server, Method::Invite).is_none());
    assert_eq!(
        story(&world.take_events(phone)),
        ["not needed", "ended by us"]
    );
    world.assert_clean(phone);
}

#[test]
fn a_peer_that_names_a_private_or_unknown_address_is_reached_the_way_he_came() {
    for contact in ["<sip:bob@10.1.2.3:5060>", "<sip:bob@desk.invalid>"] {
        let (mut world, caller, peer) = calling_a_script();
        let invite = world.request(peer, Method::Invite);
        world.reply(peer, &invite, 200, "b", &[("Contact", contact)], ANSWER);
        world.seconds(1);
        world.request(peer, Method::Ack);
        hang_up(&mut world, caller);
        world.seconds(1);
        let bye = world.request(peer, Method::Bye);
        world.reply(peer, &bye, 200, "b", &[], "");
        world.seconds(60);
        world.assert_clean(caller);
    }
}
