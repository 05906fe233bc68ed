use std::time::Duration;

use super::world::*;
use crate::sip::endpoint::*;
use crate::sip::message::{HeadersView, Method, Request, request_uri};

const CONTACT: [(&str, &str); 1] = [("Contact", "<sip:bob@192.0.2.2:5060>")];

/// Two endpoints in a call; the numbers are the call's for the caller and for the callee.
fn in_call() -> (World, usize, usize, u64, u64) {
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
    world.take_events(caller);
    world.take_events(callee);
    (world, caller, callee, 1, call)
}

/// A call with a peer that the test plays; gives the answered INVITE.
fn with_peer(extra: &[(&str, &str)]) -> (World, usize, usize, Request) {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    let mut headers = CONTACT.to_vec();
    headers.extend_from_slice(extra);
    world.reply(peer, &invite, 200, "b", &headers, ANSWER);
    world.run(DELAY * 2);
    world.request(peer, Method::Ack);
    world.take_events(caller);
    (world, caller, peer, invite.1)
}

/// The peer's request in that call.
fn from_peer(invite: &Request, method: &str, cseq: u32, extra: &str, body: &str) -> String {
    let from = invite.text("From").unwrap_or_default();
    let call_id = invite.call_id().expect("a Call-ID");
    let contact = invite.contacts().expect("a Contact").remove(0).uri;
    format!(
        "{method} {contact} SIP/2.0
Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKpeer{method}{cseq}
From: <sip:bob@192.0.2.2:5060>;tag=b
To: {from}
Call-ID: {call_id}
CSeq: {cseq} {method}
Contact: <sip:bob@192.0.2.2:5060>
Max-Forwards: 70
{extra}{}Content-Length: {}

{body}",
        if body.is_empty() || method == "INFO" {
            ""
        } else {
            "Content-Type: application/sdp\n"
        },
        body.len()
    )
}

#[test]
fn hold_and_resume_go_both_ways() {
    let (mut world, caller, callee, here, there) = in_call();
    for round in 0..4 {
        let (one, two, call, other) = if round % 2 == 0 {
            (caller, callee, here, there)
        } else {
            (callee, caller, there, here)
        };
        world.tell(one, |endpoint, now| {
            endpoint.reinvite(now, call, "hold".into())
        });
        world.seconds(1);
        assert_eq!(story(&world.take_events(two)), ["offer hold"]);
        world.tell(two, |endpoint, now| {
            endpoint.answer_offer(now, other, Ok("held".into()))
        });
        world.seconds(1);
        assert_eq!(story(&world.take_events(one)), ["offer answered held"]);
        assert_eq!(story(&world.take_events(two)), ["confirmed"]);
    }
    world.tell(callee, |endpoint, now| endpoint.hang_up(now, there));
    world.seconds(60);
    world.assert_clean(caller);
    world.assert_clean(callee);
}

#[test]
fn a_refused_change_leaves_the_call_as_it_was() {
    let (mut world, caller, callee, here, there) = in_call();
    world.tell(caller, |endpoint, now| {
        endpoint.reinvite(now, here, "video".into())
    });
    world.seconds(1);
    world.tell(callee, |endpoint, now| {
        endpoint.answer_offer(now, there, Err(488))
    });
    world.seconds(60);
    assert_eq!(story(&world.take_events(caller)), ["offer refused 488"]);
    assert_eq!(story(&world.take_events(callee)), ["offer video"]);
    world.tell(caller, |endpoint, now| endpoint.hang_up(now, here));
    world.seconds(1);
    assert_eq!(story(&world.take_events(callee)), ["ended by them"]);
}

#[test]
fn when_both_change_at_once_both_get_their_turn() {
    let (mut world, caller, callee, here, there) = in_call();
    world.tell(caller, |endpoint, now| {
        endpoint.reinvite(now, here, "one".into())
    });
    world.tell(callee, |endpoint, now| {
        endpoint.reinvite(now, there, "two".into())
    });
    let mut offers = (Vec::new(), Vec::new());
    for _ in 0..600 {
        world.run(Duration::from_millis(10));
        for (node, call, seen) in [
            (caller, here, &mut offers.0),
            (callee, there, &mut offers.1),
        ] {
            let events = world.take_events(node);
            if events
                .iter()
                .any(|event| matches!(event, Event::Offer { .. }))
            {
                world.tell(node, |endpoint, now| {
                    endpoint.answer_offer(now, call, Ok("yes".into()));
                });
            }
            seen.extend(story(&events));
        }
    }
    assert_eq!(offers.0, ["offer two", "confirmed", "offer answered yes"]);
    assert_eq!(offers.1, ["offer answered yes", "offer one", "confirmed"]);
    assert_eq!(world.count_sent(caller, "SIP/2.0 491"), 1);
    assert_eq!(world.count_sent(callee, "SIP/2.0 491"), 1);
}

#[test]
fn changes_wait_for_each_other_and_the_newest_wish_counts() {
    let (mut world, caller, peer, _) = with_peer(&[]);
    for wish in ["one", "two", "three"] {
        world.tell(caller, |endpoint, now| {
            endpoint.reinvite(now, 1, wish.into())
        });
    }
    world.run(DELAY);
    let first = world.request(peer, Method::Invite);
    assert_eq!(first.1.body, b"one");
    assert!(world.try_request(peer, Method::Invite).is_none());
    world.reply(peer, &first, 200, "b", &CONTACT, "1");
    world.run(DELAY * 2);
    let second = world.request(peer, Method::Invite);
    assert_eq!(second.1.body, b"three");
    assert_eq!(second.1.cseq().expect("CSeq").seq, 3);
}

#[test]
fn a_change_moves_the_remote_target() {
    let (mut world, caller, peer, invite) = with_peer(&[]);
    let text = from_peer(&invite, "UPDATE", 1, "", "").replace("bob@192.0.2.2", "bob2@192.0.2.2");
    let text = text.replace(
        "<sip:bob2@192.0.2.2:5060>;tag=b",
        "<sip:bob@192.0.2.2:5060>;tag=b",
    );
    world.post_text(peer, caller, &text);
    world.run(DELAY * 2);
    world.response(peer, 200);
    world.tell(caller, |endpoint, now| endpoint.hang_up(now, 1));
    world.run(DELAY);
    let (_, bye) = world.request(peer, Method::Bye);
    assert_eq!(
        request_uri(&bye).expect("a URI").to_string(),
        "sip:bob2@192.0.2.2:5060"
    );
}

#[test]
fn a_delayed_offer_is_answered_in_the_ack() {
    let (mut world, caller, peer, invite) = with_peer(&[]);
    world.post_text(peer, caller, &from_peer(&invite, "INVITE", 1, "", ""));
    world.run(DELAY);
    world.tell(caller, |endpoint, now| {
        endpoint.answer_offer(now, 1, Ok(OFFER.into()))
    });
    world.run(DELAY);
    assert_eq!(world.response(peer, 200).body, OFFER.as_bytes());
    world.post_text(peer, caller, &from_peer(&invite, "ACK", 1, "", ANSWER));
    world.run(DELAY);
    assert_eq!(
        story(&world.take_events(caller)),
        ["offer wanted", "delayed answer", "confirmed"]
    );
}

#[test]
fn an_update_with_an_offer_is_answered_like_one() {
    let (mut world, caller, peer, invite) = with_peer(&[]);
    world.post_text(peer, caller, &from_peer(&invite, "UPDATE", 1, "", OFFER));
    world.run(DELAY);
    // Another one before the first is answered comes too early.
    world.post_text(peer, caller, &from_peer(&invite, "UPDATE", 2, "", OFFER));
    world.run(DELAY * 2);
    let refused = world.response(peer, 500);
    assert!(refused.text("Retry-After").is_some());
    world.tell(caller, |endpoint, now| {
        endpoint.answer_offer(now, 1, Ok(ANSWER.into()))
    });
    world.run(DELAY);
    assert_eq!(world.response(peer, 200).body, ANSWER.as_bytes());
    world.seconds(40);
    assert_eq!(story(&world.take_events(caller)), ["offer offer"]);
    assert_eq!(
        world.count_sent(caller, "SIP/2.0 200"),
        1,
        "nobody acknowledges an UPDATE"
    );
}

#[test]
fn a_request_older_than_another_gets_500() {
    let (mut world, caller, peer, invite) = with_peer(&[]);
    world.post_text(peer, caller, &from_peer(&invite, "INFO", 7, "", ""));
    world.run(DELAY * 2);
    world.response(peer, 200);
    world.post_text(peer, caller, &from_peer(&invite, "INFO", 6, "", ""));
    world.run(DELAY * 2);
    world.response(peer, 500);
    assert_eq!(story(&world.take_events(caller)), ["info  "]);
}

#[test]
fn info_goes_both_ways() {
    let (mut world, caller, callee, here, there) = in_call();
    let digit = "Signal=5\r\nDuration=160\r\n";
    let kind = "application/dtmf-relay";
    world.tell(caller, |endpoint, now| {
        endpoint.info(now, here, kind, digit.into())
    });
    world.tell(callee, |endpoint, now| {
        endpoint.info(now, there, kind, digit.into())
    });
    world.seconds(1);
    let expected = format!("info {kind} {digit}");
    for node in [caller, callee] {
        let heard = story(&world.take_events(node));
        assert_eq!(heard.as_slice(), std::slice::from_ref(&expected));
    }
}

#[test]
fn the_peer_takes_what_its_allow_names_or_what_it_does_not_say() {
    for (allow, info) in [
        (&[][..], true),
        (&[("Allow", "INVITE, ACK, BYE, info")][..], true),
        (
            &[("Allow", "INVITE, ACK"), ("Allow", "INFO, BYE")][..],
            true,
        ),
        (&[("Allow", "INVITE, ACK, BYE")][..], false),
    ] {
        let (mut world, caller, ..) = with_peer(allow);
        assert_eq!(world.at(caller).allows(1, "INFO"), info, "{allow:?}");
        assert!(!world.at(caller).allows(2, "INFO"), "there is no such call");
    }
    let (mut world, caller, callee, here, there) = in_call();
    assert!(world.at(caller).allows(here, "INFO") && world.at(callee).allows(there, "UPDATE"));
    assert!(
        !world.at(callee).allows(there, "PUBLISH"),
        "ours is heard, too"
    );
}

#[test]
fn what_we_do_not_know_within_a_call_is_refused_with_what_we_do() {
    let (mut world, caller, peer, invite) = with_peer(&[]);
    world.post_text(peer, caller, &from_peer(&invite, "PUBLISH", 1, "", ""));
    world.post_text(peer, caller, &from_peer(&invite, "OPTIONS", 2, "", ""));
    world.post_text(
        peer,
        caller,
        &from_peer(&invite, "INFO", 3, "Require: precondition\n", ""),
    );
    world.run(DELAY * 2);
    assert!(world.response(peer, 405).lists("Allow", "UPDATE"));
    assert!(world.response(peer, 200).lists("Allow", "INVITE"));
    assert_eq!(
        world.response(peer, 420).text("Unsupported"),
        Some("precondition")
    );
}

#[test]
fn a_change_that_meets_481_ends_the_call() {
    let (mut world, caller, peer, _) = with_peer(&[]);
    world.tell(caller, |endpoint, now| {
        endpoint.reinvite(now, 1, "hold".into())
    });
    world.run(DELAY);
    let change = world.request(peer, Method::Invite);
    world.reply(peer, &change, 481, "b", &[], "");
    world.run(DELAY * 2);
    assert_eq!(
        story(&world.take_events(caller)),
        ["ended by them refused 481 481"]
    );
    let bye = world.request(peer, Method::Bye);
    world.reply(peer, &bye, 481, "b", &[], "");
    world.seconds(60);
    world.assert_clean(caller);
}

#[test]
fn a_session_is_refreshed_as_promised_without_a_word_to_the_engine() {
    let (mut world, caller, peer, _) = with_peer(&[("Session-Expires", "1800;refresher=uac")]);
    for round in 1..=3 {
        world.seconds(905);
        let refresh = world.request(peer, Method::Invite);
        assert_eq!(refresh.1.body, OFFER.as_bytes());
        assert_eq!(
            refresh.1.text("Session-Expires"),
            Some("1800;refresher=uac")
        );
        let terms = [CONTACT[0], ("Session-Expires", "1800;refresher=uac")];
        world.reply(peer, &refresh, 200, "b", &terms, ANSWER);
        world.run(DELAY * 2);
        world.request(peer, Method::Ack);
        assert!(world.take_events(caller).is_empty(), "round {round}");
        world.nodes[peer].inbox.clear();
    }
}

#[test]
fn a_session_that_is_not_refreshed_is_ended() {
    let (mut world, caller, peer, invite) = with_peer(&[
        ("Session-Expires", "90;refresher=uas"),
        ("Require", "timer"),
    ]);
    world.seconds(50);
    let session = "Session-Expires: 90;refresher=uac\nSupported: timer\n";
    world.post_text(peer, caller, &from_peer(&invite, "UPDATE", 1, session, ""));
    world.seconds(50);
    let agreed = world.response(peer, 200);
    assert_eq!(agreed.text("Session-Expires"), Some("90;refresher=uac"));
    assert!(agreed.lists("Require", "timer"));
    assert!(world.take_events(caller).is_empty());
    world.seconds(11);
    assert_eq!(story(&world.take_events(caller)), ["ended by us timeout"]);
    world.request(peer, Method::Bye);
}

#[test]
fn a_call_that_is_being_changed_can_be_ended_by_either_side() {
    for by_changer in [true, false] {
        let (mut world, caller, callee, here, there) = in_call();
        world.tell(caller, |endpoint, now| {
            endpoint.reinvite(now, here, "hold".into())
        });
        world.seconds(1);
        let (who, call) = if by_changer {
            (caller, here)
        } else {
            (callee, there)
        };
        world.tell(who, |endpoint, now| endpoint.hang_up(now, call));
        world.seconds(100);
        world.assert_clean(caller);
        world.assert_clean(callee);
    }
}

#[test]
fn an_early_dialog_takes_updates_without_an_offer() {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    world.reply(peer, &invite, 180, "b", &CONTACT, "");
    world.run(DELAY);
    world.post_text(peer, caller, &from_peer(&invite.1, "UPDATE", 1, "", ""));
    world.post_text(peer, caller, &from_peer(&invite.1, "UPDATE", 2, "", OFFER));
    world.run(DELAY * 2);
    world.response(peer, 200);
    world.response(peer, 491);
    // The numbers go on in the confirmed dialog.
    world.reply(peer, &invite, 200, "b", &CONTACT, ANSWER);
    world.run(DELAY * 2);
    world.post_text(peer, caller, &from_peer(&invite.1, "INFO", 1, "", ""));
    world.run(DELAY * 2);
    world.response(peer, 500);
    assert_eq!(
        story(&world.take_events(caller)),
        ["progress 180", "answered answer"]
    );
}

#[test]
fn a_change_that_comes_before_the_ack_stands_for_it() {
    let mut world = World::new(1);
    let callee = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    let invite = |branch: &str, to: &str, cseq: u32| {
        format!(
            "INVITE sip:bob@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{branch}
From: <sip:a@192.0.2.2>;tag=a
To: {to}
Call-ID: c
CSeq: {cseq} INVITE
Contact: <sip:a@192.0.2.2>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: {}

{OFFER}",
            OFFER.len()
        )
    };
    world.post_text(peer, callee, &invite("1", "<sip:bob@192.0.2.1>", 1));
    world.run(DELAY);
    let call = incoming(&world.nodes[callee].events);
    world.tell(callee, |endpoint, now| {
        endpoint.accept(now, call, ANSWER.into())
    });
    world.run(DELAY);
    let to = world.response(peer, 200).text("To").expect("To").to_owned();
    world.post_text(peer, callee, &invite("2", &to, 2));
    world.run(DELAY);
    assert_eq!(
        story(&world.take_events(callee)),
        ["incoming offer", "confirmed", "offer offer"]
    );
}
