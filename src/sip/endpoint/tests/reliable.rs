//! Provisional responses that are acknowledged, and what may be changed before the answer.

use super::world::*;
use crate::sip::endpoint::*;
use crate::sip::flow::Flow;
use crate::sip::message::{HeadersView, Method, Request};

const RELIABLE: [(&str, &str); 2] = [
    ("Contact", "<sip:bob@192.0.2.2:5060>"),
    ("Require", "100rel"),
];

/// A call to a peer that the test plays; gives the INVITE.
fn calling() -> (World, usize, usize, (Flow, Request)) {
    let (mut world, caller, peer) = calling_a_script();
    let invite = world.request(peer, Method::Invite);
    (world, caller, peer, invite)
}

fn reliably(
    world: &mut World,
    peer: usize,
    invite: &(Flow, Request),
    status: u16,
    tag: &str,
    rseq: &str,
    body: &str,
) {
    let mut headers = RELIABLE.to_vec();
    headers.push(("RSeq", rseq));
    world.reply(peer, invite, status, tag, &headers, body);
    world.run(DELAY * 2);
}

/// A caller that the test plays, who requires reliable responses; the callee's tag comes back in
/// them.
struct Caller262 {
    world: World,
    callee: usize,
    peer: usize,
    call: u64,
}

impl Caller262 {
    fn new(offer: &str) -> Self {
        let mut world = World::new(1);
        let callee = world.endpoint(Accept::Anyone);
        let peer = world.scripted();
        let mut this = Self {
            world,
            callee,
            peer,
            call: 0,
        };
        this.post("INVITE", 1, "", "Require: 100rel\n", offer);
        this.call = incoming(&this.world.nodes[callee].events);
        this
    }

    fn post(&mut self, method: &str, cseq: u32, tag: &str, extra: &str, body: &str) {
        let kind = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\n"
        };
        let to = if tag.is_empty() {
            String::new()
        } else {
            format!(";tag={tag}")
        };
        let text = format!(
            "{method} sip:bob@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{method}{cseq}
From: <sip:a@192.0.2.2>;tag=a
To: <sip:bob@192.0.2.1>{to}
Call-ID: c
CSeq: {cseq} {method}
Contact: <sip:a@192.0.2.2>
Max-Forwards: 70
{extra}{kind}Content-Length: {}

{body}",
            body.len()
        );
        self.world.post_text(self.peer, self.callee, &text);
        self.world.run(DELAY * 2);
    }

    fn ring(&mut self, status: u16, body: Option<&str>) {
        let (call, body) = (self.call, body.map(|body| body.as_bytes().to_vec()));
        self.world.tell(self.callee, |endpoint, now| {
            endpoint.ring(now, call, status, body)
        });
        self.world.run(DELAY);
    }

    fn accept(&mut self, body: &str) {
        let call = self.call;
        self.world.tell(self.callee, |endpoint, now| {
            endpoint.accept(now, call, body.into())
        });
        self.world.run(DELAY);
    }

    /// The callee's tag and RSeq in a response.
    fn rung(&mut self, status: u16) -> (String, u32, String) {
        let response = self.world.response(self.peer, status);
        assert!(response.lists("Require", "100rel"));
        let number = response
            .text("RSeq")
            .expect("RSeq")
            .parse()
            .expect("a number");
        let tag = response
            .to_addr()
            .expect("To")
            .tag()
            .expect("a tag")
            .to_owned();
        let body = String::from_utf8_lossy(&response.body).into_owned();
        (tag, number, body)
    }

    fn prack(&mut self, cseq: u32, tag: &str, number: u32, body: &str) {
        let rack = format!("RAck: {number} 1 INVITE\n");
        self.post("PRACK", cseq, tag, &rack, body);
    }

    fn story(&mut self) -> Vec<String> {
        story(&self.world.take_events(self.callee))
    }
}

#[test]
fn a_reliable_response_is_acknowledged_once_and_told_once() {
    let (mut world, caller, peer, invite) = calling();
    assert!(invite.1.lists("Supported", "100rel") && invite.1.lists("Allow", "PRACK"));
    reliably(&mut world, peer, &invite, 180, "b", "17", "");
    let prack = world.request(peer, Method::PRack);
    assert_eq!(prack.1.text("RAck"), Some("17 1 INVITE"));
    assert_eq!(prack.1.cseq().expect("CSeq").seq, 2);
    assert_eq!(prack.1.to_addr().expect("To").tag(), Some("b"));
    world.reply(peer, &prack, 200, "b", &[], "");
    world.run(DELAY * 2);
    // A repeat, and one that is out of order, are not even acknowledged.
    reliably(&mut world, peer, &invite, 180, "b", "17", "");
    reliably(&mut world, peer, &invite, 183, "b", "19", ANSWER);
    assert!(world.try_request(peer, Method::PRack).is_none());
    reliably(&mut world, peer, &invite, 183, "b", "18", ANSWER);
    let prack = world.request(peer, Method::PRack);
    assert_eq!(prack.1.text("RAck"), Some("18 1 INVITE"));
    assert_eq!(prack.1.cseq().expect("CSeq").seq, 3);
    world.reply(peer, &prack, 200, "b", &[], "");
    // The answer was given: another one in the 2xx is none.
    world.reply(peer, &invite, 200, "b", &RELIABLE[..1], "another");
    world.run(DELAY * 2);
    let ack = world.request(peer, Method::Ack);
    assert_eq!(ack.1.cseq().expect("CSeq").seq, 1);
    assert_eq!(
        story(&world.take_events(caller)),
        ["progress 180", "progress 183 answer", "answered answer"]
    );
    world.tell(caller, |endpoint, now| endpoint.hang_up(now, 1));
    world.run(DELAY);
    let bye = world.request(peer, Method::Bye);
    assert_eq!(bye.1.cseq().expect("CSeq").seq, 4, "numbers go on");
    world.reply(peer, &bye, 200, "b", &[], "");
    world.seconds(60);
    world.assert_clean(caller);
}

#[test]
fn a_lost_prack_is_repeated_and_one_that_is_refused_harms_nothing() {
    let (mut world, caller, peer, invite) = calling();
    reliably(&mut world, peer, &invite, 180, "b", "1", "");
    world.seconds(1);
    assert_eq!(world.count_sent(caller, "PRACK"), 2, "no answer yet");
    let prack = world.request(peer, Method::PRack);
    world.reply(peer, &prack, 481, "b", &[], "");
    world.reply(peer, &invite, 200, "b", &RELIABLE[..1], ANSWER);
    world.run(DELAY * 2);
    world.request(peer, Method::Ack);
    assert_eq!(
        story(&world.take_events(caller)),
        ["progress 180", "answered answer"]
    );
}

#[test]
fn every_branch_of_a_fork_has_its_own_order() {
    let (mut world, caller, peer, invite) = calling();
    reliably(&mut world, peer, &invite, 183, "b", "5", ANSWER);
    reliably(&mut world, peer, &invite, 180, "c", "900", "");
    reliably(&mut world, peer, &invite, 180, "b", "6", "");
    for rack in ["5 1 INVITE", "900 1 INVITE", "6 1 INVITE"] {
        let prack = world.request(peer, Method::PRack);
        assert_eq!(prack.1.text("RAck"), Some(rack));
        world.reply(peer, &prack, 200, "x", &[], "");
    }
    world.reply(peer, &invite, 200, "c", &RELIABLE[..1], "its own");
    world.run(DELAY * 2);
    assert_eq!(
        story(&world.take_events(caller)).last().map(String::as_str),
        Some("answered its own")
    );
}

#[test]
fn a_number_that_is_none_is_not_acknowledged() {
    let (mut world, caller, peer, invite) = calling();
    for (tag, number) in [("b", "0"), ("c", "x"), ("d", "2147483648"), ("e", "")] {
        reliably(&mut world, peer, &invite, 180, tag, number, "");
    }
    assert_eq!(world.count_sent(caller, "PRACK"), 0);
    reliably(&mut world, peer, &invite, 180, "f", "2147483647", "");
    reliably(&mut world, peer, &invite, 180, "f", "2147483648", "");
    assert_eq!(world.count_sent(caller, "PRACK"), 1);
}

#[test]
fn after_a_reliable_answer_an_early_dialog_takes_an_offer() {
    let (mut world, caller, peer, invite) = calling();
    reliably(&mut world, peer, &invite, 183, "b", "1", ANSWER);
    let from = invite.1.text("From").expect("From").to_owned();
    let update = |cseq: u32, body: &str| {
        format!(
            "UPDATE sip:alice@192.0.2.1:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKupdate{cseq}
From: <sip:bob@192.0.2.2:5060>;tag=b
To: {from}
Call-ID: {}
CSeq: {cseq} UPDATE
Contact: <sip:moved@192.0.2.2:5060>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: {}

{body}",
            invite.1.call_id().expect("Call-ID"),
            body.len()
        )
    };
    world.post_text(peer, caller, &update(1, "new"));
    world.run(DELAY * 2);
    world.tell(caller, |endpoint, now| {
        endpoint.answer_offer(now, 1, Ok("agreed".into()));
    });
    world.run(DELAY);
    assert_eq!(world.response(peer, 200).body, b"agreed");
    // The first answer does not count any more, even if it is said once more.
    world.reply(peer, &invite, 200, "b", &RELIABLE[..1], ANSWER);
    world.run(DELAY * 2);
    assert_eq!(
        story(&world.take_events(caller)),
        ["progress 183 answer", "offer new", "answered "]
    );
}

#[test]
fn a_caller_who_requires_it_gets_every_ring_until_he_acknowledges_it() {
    let mut caller = Caller262::new(OFFER);
    caller.ring(180, None);
    let (tag, number, body) = caller.rung(180);
    assert_eq!(body, "");
    caller.world.seconds(4);
    assert_eq!(
        caller.world.count_sent(caller.callee, "SIP/2.0 180"),
        4,
        "at 0, 0.5, 1.5 and 3.5 s"
    );
    // What comes in between waits for its turn.
    caller.ring(182, None);
    assert_eq!(caller.world.count_sent(caller.callee, "SIP/2.0 182"), 0);
    caller.prack(2, &tag, number + 1, "");
    caller.world.response(caller.peer, 481);
    caller.prack(3, &tag, number, "");
    caller.world.response(caller.peer, 200);
    assert_eq!(caller.rung(182).1, number + 1);
    caller.prack(4, &tag, number + 1, "");
    caller.world.response(caller.peer, 200);
    caller.accept(ANSWER);
    assert_eq!(
        caller.world.response(caller.peer, 200).body,
        ANSWER.as_bytes()
    );
    caller.post("ACK", 1, &tag, "", "");
    caller.world.seconds(40);
    assert_eq!(caller.world.count_sent(caller.callee, "SIP/2.0 182"), 1);
    assert_eq!(caller.story(), ["incoming offer", "confirmed"]);
}

#[test]
fn an_answer_does_not_wait_for_the_prack_of_a_bare_ring() {
    let mut caller = Caller262::new(OFFER);
    caller.ring(180, None);
    let (tag, number, _) = caller.rung(180);
    caller.accept(ANSWER);
    caller.world.response(caller.peer, 200);
    caller.prack(2, &tag, number, "");
    let late = caller.world.response(caller.peer, 200);
    assert!(late.cseq().is_ok_and(|cseq| cseq.method == Method::PRack));
    caller.post("ACK", 1, &tag, "", "");
    caller.world.seconds(40);
    assert_eq!(caller.world.count_sent(caller.callee, "SIP/2.0 180"), 1);
    assert_eq!(caller.story(), ["incoming offer", "confirmed"]);
}

#[test]
fn whoever_never_acknowledges_a_ring_is_refused() {
    let mut caller = Caller262::new(OFFER);
    caller.ring(180, None);
    caller.world.seconds(33);
    caller.world.response(caller.peer, 504);
    assert_eq!(
        caller.story(),
        ["incoming offer", "ended by us timeout 504"]
    );
    caller.world.seconds(40);
    caller.world.assert_clean(caller.callee);
}

#[test]
fn an_offer_in_the_ring_is_answered_in_its_prack() {
    let mut caller = Caller262::new("");
    let events = caller.world.take_events(caller.callee);
    assert!(matches!(
        events.as_slice(),
        [Event::Incoming { describe: true, .. }]
    ));
    caller.ring(180, Some(OFFER));
    let (tag, number, body) = caller.rung(180);
    assert_eq!(body, OFFER);
    // The person is quicker than the PRACK.
    caller.accept("not asked for");
    assert_eq!(caller.world.count_sent(caller.callee, "SIP/2.0 200"), 0);
    caller.prack(2, &tag, number, ANSWER);
    caller.world.response(caller.peer, 200);
    let ok = caller.world.response(caller.peer, 200);
    assert!(ok.cseq().is_ok_and(|cseq| cseq.method == Method::Invite) && ok.body.is_empty());
    caller.post("ACK", 1, &tag, "", "");
    assert_eq!(caller.story(), ["delayed answer", "confirmed"]);
}

#[test]
fn a_prack_and_an_update_may_offer_once_the_first_offer_is_answered() {
    let mut caller = Caller262::new(OFFER);
    caller.ring(183, Some(ANSWER));
    let (tag, number, _) = caller.rung(183);
    caller.post("UPDATE", 2, &tag, "", "too early");
    caller.world.response(caller.peer, 500);
    caller.prack(3, &tag, number, "more");
    let said = caller.world.summary(caller.peer);
    assert!(!said.iter().any(|said| said.starts_with("200")), "{said:?}");
    let call = caller.call;
    caller.accept("");
    caller.world.tell(caller.callee, |endpoint, now| {
        endpoint.answer_offer(now, call, Ok("yes".into()));
    });
    caller.world.run(DELAY * 2);
    assert_eq!(caller.world.response(caller.peer, 200).body, b"yes");
    let ok = caller.world.response(caller.peer, 200);
    assert!(ok.cseq().is_ok_and(|cseq| cseq.method == Method::Invite) && ok.body.is_empty());

    let mut caller = Caller262::new(OFFER);
    caller.ring(183, Some(ANSWER));
    let (tag, number, _) = caller.rung(183);
    caller.prack(2, &tag, number, "");
    caller.post("UPDATE", 3, &tag, "", "more");
    let call = caller.call;
    caller.world.tell(caller.callee, |endpoint, now| {
        endpoint.answer_offer(now, call, Ok("yes".into()));
    });
    caller.world.run(DELAY);
    caller.world.response(caller.peer, 200);
    assert_eq!(caller.world.response(caller.peer, 200).body, b"yes");
    assert_eq!(caller.story(), ["incoming offer", "offer more"]);
}

#[test]
fn a_prack_for_nothing_gets_481() {
    let mut caller = Caller262::new(OFFER);
    caller.ring(180, None);
    let (tag, ..) = caller.rung(180);
    for (cseq, rack) in [
        (2, ""),
        (3, "RAck: x\n"),
        (4, "RAck: 1 2 3 INVITE\n"),
        (5, "RAck: 1 1 BYE\n"),
    ] {
        caller.post("PRACK", cseq, &tag, rack, "");
        caller.world.response(caller.peer, 481);
    }
}
