use super::world::*;
use crate::sip::endpoint::*;
use crate::sip::message::{HeadersView, Method, Replaces, Uri};

const CONTACT: [(&str, &str); 1] = [("Contact", "<sip:bob@192.0.2.2:5060>")];

/// A call that is up, with a peer that the test plays; and his INVITE.
fn up() -> (
    World,
    usize,
    usize,
    (crate::sip::flow::Flow, crate::sip::message::Request),
) {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Ours);
    let peer = world.scripted();
    let target = world.uri("bob", peer);
    world.tell(caller, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
    });
    world.run(DELAY);
    let invite = world.request(peer, Method::Invite);
    world.reply(peer, &invite, 200, "b", &CONTACT, ANSWER);
    world.run(DELAY * 2);
    world.request(peer, Method::Ack);
    world.take_events(caller);
    (world, caller, peer, invite)
}

fn uri(text: &str) -> Uri {
    text.parse().expect("URI")
}

/// A request of the peer within the call that `invite` began.
fn within(
    invite: &crate::sip::message::Request,
    method: &str,
    cseq: u32,
    extra: &str,
    body: &str,
) -> String {
    let from = invite.text("From").expect("From");
    format!(
        "{method} sip:alice@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{method}{cseq}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:bob@192.0.2.2:5060>;tag=b\r\nTo: {from}\r\nCall-ID: {}\r\n\
         CSeq: {cseq} {method}\r\nContact: <sip:bob@192.0.2.2:5060>\r\n{extra}Content-Length: {}\r\n\r\n{body}",
        invite.call_id().expect("Call-ID"),
        body.len(),
    )
}

fn notify(invite: &crate::sip::message::Request, cseq: u32, status: &str, state: &str) -> String {
    let extra =
        format!("Event: refer\r\nSubscription-State: {state}\r\nContent-Type: message/sipfrag\r\n");
    within(invite, "NOTIFY", cseq, &extra, &format!("SIP/2.0 {status}"))
}

fn refer(world: &mut World, node: usize, target: &str) -> bool {
    let target = uri(target);
    world.tell(node, |endpoint, now| endpoint.refer(now, 1, &target))
}

#[test]
fn a_transfer_is_told_from_the_first_word_to_the_last() {
    let (mut world, caller, peer, invite) = up();
    assert!(refer(&mut world, caller, "sip:carol@192.0.2.9"));
    assert!(
        !refer(&mut world, caller, "sip:carol@192.0.2.9"),
        "one at a time"
    );
    world.run(DELAY);
    let asked = world.request(peer, Method::Refer);
    assert_eq!(asked.1.text("Refer-To"), Some("<sip:carol@192.0.2.9>"));
    assert_eq!(asked.1.text("Referred-By"), Some("<sip:alice@example.org>"));
    assert!(asked.1.text("Contact").is_some());
    world.reply(peer, &asked, 202, "b", &CONTACT, "");
    for (cseq, status, state) in [
        (1, "100 Trying", "active;expires=60"),
        (2, "180 Ringing", "active;expires=55"),
        (3, "200 OK", "terminated;reason=noresource"),
    ] {
        let text = notify(&invite.1, cseq, status, state);
        world.post_text(peer, caller, &text);
        world.run(DELAY * 2);
        world.response(peer, 200);
    }
    assert_eq!(
        story(&world.take_events(caller)),
        [
            "referring 100",
            "referring 100",
            "referring 180",
            "referring 200, no more"
        ]
    );
    let late = notify(&invite.1, 4, "200 OK", "terminated");
    world.post_text(peer, caller, &late);
    world.run(DELAY * 2);
    world.response(peer, 481);
}

#[test]
fn a_transfer_that_is_refused_or_forgotten_fails() {
    for (status, extra, word) in [
        (405, None, "referring 405, no more"),
        (202, Some(("Refer-Sub", "false")), "referring 200, no more"),
    ] {
        let (mut world, caller, peer, _) = up();
        refer(&mut world, caller, "sip:carol@192.0.2.9");
        world.run(DELAY);
        let asked = world.request(peer, Method::Refer);
        let extra: Vec<_> = CONTACT.into_iter().chain(extra).collect();
        world.reply(peer, &asked, status, "b", &extra, "");
        world.seconds(60);
        assert_eq!(story(&world.take_events(caller)), [word]);
        assert!(
            refer(&mut world, caller, "sip:carol@192.0.2.9"),
            "another try"
        );
    }
    let (mut world, caller, peer, invite) = up();
    refer(&mut world, caller, "sip:carol@192.0.2.9");
    world.run(DELAY);
    let asked = world.request(peer, Method::Refer);
    world.reply(peer, &asked, 202, "b", &CONTACT, "");
    world.seconds(33);
    assert_eq!(
        story(&world.take_events(caller)),
        ["referring 100", "referring 408, no more"]
    );
    refer(&mut world, caller, "sip:carol@192.0.2.9");
    world.run(DELAY);
    let asked = world.request(peer, Method::Refer);
    world.reply(peer, &asked, 202, "b", &CONTACT, "");
    let text = notify(&invite.1, 1, "100 Trying", "active;expires=40");
    world.post_text(peer, caller, &text);
    world.seconds(39);
    assert_eq!(world.take_events(caller).len(), 2, "he is trying");
    world.seconds(2);
    assert_eq!(
        story(&world.take_events(caller)),
        ["referring 408, no more"]
    );
}

#[test]
fn a_refer_is_accepted_and_its_outcome_told() {
    let (mut world, caller, peer, invite) = up();
    let to = "Refer-To: <sip:carol@192.0.2.9?Replaces=x%40y%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n\
              Referred-By: Bob <sip:bob@example.org>\r\n";
    let text = within(&invite.1, "REFER", 1, to, "");
    world.post_text(peer, caller, &text);
    world.run(DELAY * 2);
    world.response(peer, 202);
    let first = world.request(peer, Method::Notify);
    assert_eq!(first.1.text("Event"), Some("refer;id=1"));
    assert_eq!(
        first.1.text("Subscription-State"),
        Some("active;expires=600")
    );
    assert_eq!(first.1.body, b"SIP/2.0 100 Trying\r\n");
    world.reply(peer, &first, 200, "b", &[], "");
    let events = world.take_events(caller);
    assert_eq!(
        story(&events),
        ["referred to sip:carol@192.0.2.9 for x@y;to-tag=1;from-tag=2"]
    );
    let [Event::Referred { referral, .. }] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(
        referral.by.as_ref().and_then(|by| by.display.as_deref()),
        Some("Bob")
    );
    assert!(!referral.by_server);
    // Another one meanwhile has to wait.
    let again = within(&invite.1, "REFER", 2, "Refer-To: <sip:d@192.0.2.9>\r\n", "");
    world.post_text(peer, caller, &again);
    world.run(DELAY * 2);
    world.response(peer, 491);
    world.tell(caller, |endpoint, now| endpoint.refer_progress(now, 1, 180));
    world.tell(caller, |endpoint, now| endpoint.refer_progress(now, 1, 200));
    world.run(DELAY);
    for body in ["SIP/2.0 180 Ringing\r\n", "SIP/2.0 200 OK\r\n"] {
        let told = world.request(peer, Method::Notify);
        assert_eq!(told.1.body, body.as_bytes());
        assert!(world.take_events(caller).is_empty());
        world.reply(peer, &told, 200, "b", &[], "");
        world.run(DELAY * 2);
    }
    assert_eq!(story(&world.take_events(caller)), ["refer told"]);
    world.tell(caller, |endpoint, now| endpoint.refer_progress(now, 1, 200));
    assert!(world.try_request(peer, Method::Notify).is_none());
}

#[test]
fn what_is_no_transfer_is_refused() {
    let (mut world, caller, peer, invite) = up();
    for (cseq, extra, status) in [
        (1, "", 400),
        (2, "Refer-To: <sip:a@b>, <sip:c@d>\r\n", 400),
        (3, "Refer-To: nonsense\r\n", 400),
        (4, "Refer-To: <sip:a@b;method=BYE>\r\n", 501),
        (5, "Refer-To: <tel:+7926>\r\n", 416),
        (6, "Refer-To: <sip:a@b?Replaces=x>\r\n", 400),
    ] {
        let text = within(&invite.1, "REFER", cseq, extra, "");
        world.post_text(peer, caller, &text);
        world.run(DELAY * 2);
        world.response(peer, status);
    }
    assert!(world.take_events(caller).is_empty());
    assert!(world.try_request(peer, Method::Notify).is_none());
}

#[test]
fn a_subscription_to_a_transfer_can_be_ended() {
    let (mut world, caller, peer, invite) = up();
    let text = within(
        &invite.1,
        "REFER",
        1,
        "Refer-To: <sip:carol@192.0.2.9>\r\n",
        "",
    );
    world.post_text(peer, caller, &text);
    world.run(DELAY * 2);
    world.request(peer, Method::Notify);
    let text = within(
        &invite.1,
        "SUBSCRIBE",
        2,
        "Event: refer;id=1\r\nExpires: 0\r\n",
        "",
    );
    world.post_text(peer, caller, &text);
    world.run(DELAY * 2);
    let last = world.request(peer, Method::Notify);
    assert_eq!(
        last.1.text("Subscription-State"),
        Some("terminated;reason=timeout")
    );
    world.take_events(caller);
    world.tell(caller, |endpoint, now| endpoint.refer_progress(now, 1, 200));
    assert!(world.try_request(peer, Method::Notify).is_none());
    assert_eq!(story(&world.take_events(caller)), ["refer told"]);
}

/// Somebody without an account who is called, and the INVITE of a call that he has.
fn called(answered: bool) -> (World, usize, usize, String) {
    let mut world = World::new(1);
    let callee = world.endpoint(Accept::Ours);
    let peer = world.scripted();
    let mut identity = identity(&world, peer, crate::account::Transport::Udp);
    identity.register = false;
    world.tell(callee, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    let text = invite_text("first", "");
    world.post_text(peer, callee, &text);
    world.run(DELAY);
    let call = incoming(&world.take_events(callee));
    world.tell(callee, |endpoint, now| match answered {
        true => endpoint.accept(now, call, ANSWER.into()),
        false => endpoint.ring(now, call, 180, None),
    });
    world.run(DELAY * 2);
    let response = world.response(peer, if answered { 200 } else { 180 });
    let to = response.to_addr().expect("To");
    let tag = to.tag().expect("tag").to_owned();
    if answered {
        let ack = text
            .replace("INVITE sip", "ACK sip")
            .replace("1 INVITE", "1 ACK")
            .replace("z9hG4bK", "z9hG4bKack")
            .replace(
                "To: <sip:alice@192.0.2.1>",
                &format!("To: <sip:alice@192.0.2.1>;tag={tag}"),
            );
        world.post_text(peer, callee, &ack);
        world.run(DELAY * 2);
    }
    world.take_events(callee);
    (world, callee, peer, tag)
}

fn invite_text(call_id: &str, extra: &str) -> String {
    format!(
        "INVITE sip:alice@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{call_id}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:bob@192.0.2.2>;tag=b{call_id}\r\nTo: <sip:alice@192.0.2.1>\r\n\
         Call-ID: {call_id}\r\nCSeq: 1 INVITE\r\nContact: <sip:bob@192.0.2.2:5060>\r\n{extra}\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{OFFER}",
        OFFER.len()
    )
}

fn replacing(tag: &str, more: &str) -> String {
    format!("Require: replaces\r\nReplaces: first;to-tag={tag};from-tag=bfirst{more}\r\n")
}

#[test]
fn an_invite_takes_the_place_of_a_call_that_is_up() {
    let (mut world, callee, peer, tag) = called(true);
    let text = invite_text("second", &replacing(&tag, ""));
    world.post_text(peer, callee, &text);
    world.run(DELAY);
    let events = world.take_events(callee);
    let [
        Event::Incoming {
            replaces: Some(old),
            call,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}");
    };
    assert_ne!(old, call);
}

#[test]
fn an_invite_that_can_not_take_the_place_of_a_call_is_refused() {
    for (answered, more, change, status) in [
        (true, ";early-only", "", 486),
        (false, "", "", 481),
        (true, "", "nobody", 481),
        (true, ";", "", 400),
    ] {
        let (mut world, callee, peer, tag) = called(answered);
        let mut extra = replacing(&format!("{tag}{change}"), more);
        if status == 400 {
            extra = extra.replace(";from-tag=bfirst", "");
        }
        let text = invite_text("second", &extra);
        world.post_text(peer, callee, &text);
        world.run(DELAY * 2);
        world.response(peer, status);
        assert!(world.take_events(callee).is_empty());
    }
    let (mut world, callee, peer, tag) = called(true);
    let twice = format!("{}{}", replacing(&tag, ""), replacing(&tag, ""));
    for (id, extra) in [
        ("two", twice),
        ("join", replacing(&tag, "") + "Join: a\r\n"),
    ] {
        let text = invite_text(id, &extra);
        world.post_text(peer, callee, &text);
        world.run(DELAY * 2);
        world.response(peer, 400);
    }
}

#[test]
fn whoever_comes_after_the_call_has_ended_is_declined() {
    let (mut world, callee, peer, tag) = called(true);
    let bye = invite_text("first", "")
        .replace("INVITE sip", "BYE sip")
        .replace("1 INVITE", "2 BYE")
        .replace("z9hG4bK", "z9hG4bKbye")
        .replace(
            "To: <sip:alice@192.0.2.1>",
            &format!("To: <sip:alice@192.0.2.1>;tag={tag}"),
        );
    world.post_text(peer, callee, &bye);
    world.run(DELAY * 2);
    let late = |id: &str| invite_text(id, &replacing(&tag, ""));
    let text = late("second");
    world.post_text(peer, callee, &text);
    world.run(DELAY * 2);
    world.response(peer, 603);
    world.seconds(40);
    let text = late("third");
    world.post_text(peer, callee, &text);
    world.run(DELAY * 2);
    world.response(peer, 481);
}

#[test]
fn who_has_called_can_be_answered_by_somebody_else() {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Ours);
    let peer = world.scripted();
    let mut identity = identity(&world, peer, crate::account::Transport::Udp);
    identity.register = false;
    world.tell(caller, |endpoint, now| {
        endpoint.set_identity(now, account(), identity)
    });
    let target = world.uri("bob", peer);
    world.tell(caller, |endpoint, now| {
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
    let invite = world.request(peer, Method::Invite);
    world.reply(peer, &invite, 180, "b", &CONTACT, "");
    world.run(DELAY * 2);
    world.take_events(caller);
    let replaces = Replaces {
        call_id: invite.1.call_id().expect("Call-ID").to_owned(),
        to_tag: invite
            .1
            .from_addr()
            .expect("From")
            .tag()
            .expect("tag")
            .to_owned(),
        from_tag: "b".into(),
        early_only: true,
    };
    let text = invite_text("pickup", &format!("Replaces: {replaces}\r\n"));
    world.post_text(peer, caller, &text);
    world.run(DELAY);
    assert!(matches!(
        world.take_events(caller).as_slice(),
        [Event::Incoming {
            replaces: Some(1),
            ..
        }]
    ));
}

#[test]
fn nobody_makes_us_call_from_outside_of_a_call() {
    let (mut world, callee, peer, _) = called(false);
    let text = invite_text("new", "Refer-To: <sip:a@b>\r\n")
        .replace("INVITE sip", "REFER sip")
        .replace("1 INVITE", "1 REFER");
    world.post_text(peer, callee, &text);
    world.run(DELAY * 2);
    world.response(peer, 403);
    assert!(world.take_events(callee).is_empty());
}

#[test]
fn a_server_of_ours_calls_nobody_for_others() {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    world.reply(peer, &invite, 200, "b", &CONTACT, ANSWER);
    world.run(DELAY * 2);
    let text = within(&invite.1, "REFER", 1, "Refer-To: <sip:a@b>\r\n", "");
    world.post_text(peer, caller, &text);
    world.run(DELAY * 2);
    world.response(peer, 603);
}
