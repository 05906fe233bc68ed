//! Whatever a peer says in whatever order, and whatever is asked of the endpoint meanwhile: once
//! all is hung up nothing is left over.

use std::time::Duration;

use proptest::prelude::*;

use super::world::*;
use crate::sip::endpoint::*;
use crate::sip::flow::Flow;
use crate::sip::message::{HeadersView, Method, Request, SipMessage};

const METHODS: [&str; 12] = [
    "INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE", "INFO", "OPTIONS", "REGISTER", "MESSAGE",
    "REFER", "FANCY",
];
const EXTRAS: [&str; 10] = [
    "",
    "Require: 100rel\n",
    "Require: timer, 100rel\nSession-Expires: 90;refresher=uac\n",
    "Supported: timer\nSession-Expires: 90;refresher=uas\n",
    "RAck: 1 1 INVITE\n",
    "Contact: <sip:else@192.0.2.2:5060;transport=tcp>\n",
    "Record-Route: <sip:192.0.2.2;lr>, <sip:strict.test>\n",
    "Require: everything\n",
    "Session-Expires: 1\n",
    "Reason: SIP;cause=200\nContent-Type: text/plain\n",
];
const STATUSES: [u16; 16] = [
    100, 180, 183, 200, 202, 300, 302, 401, 407, 408, 422, 481, 486, 491, 503, 603,
];
const ANSWER_EXTRAS: [&[(&str, &str)]; 8] = [
    &[],
    &[("Contact", "<sip:bob@192.0.2.2>")],
    &[
        ("Contact", "<sip:bob@192.0.2.2>"),
        ("Require", "100rel"),
        ("RSeq", "1"),
    ],
    &[
        ("Contact", "<sip:bob@nowhere.test>"),
        ("Require", "100rel"),
        ("RSeq", "2"),
    ],
    &[("Session-Expires", "90;refresher=uac"), ("Allow", "UPDATE")],
    &[
        ("Session-Expires", "90;refresher=uas"),
        ("Require", "timer"),
    ],
    &[("Min-SE", "200"), ("Retry-After", "1")],
    &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")],
];

#[derive(Debug, Clone)]
enum Step {
    /// The peer sends a request.
    Ask {
        method: usize,
        cseq: u32,
        branch: u8,
        /// With the tag of the endpoint, as far as one is known.
        inside: bool,
        extra: usize,
        body: bool,
    },
    /// The peer answers a request it got.
    Answer {
        which: prop::sample::Index,
        status: usize,
        tag: u8,
        extra: usize,
        body: bool,
    },
    /// The endpoint is told something about one of its calls.
    Tell {
        what: u8,
        call: prop::sample::Index,
    },
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..METHODS.len(), 1..6_u32, 0..4_u8, any::<bool>(), 0..EXTRAS.len(), any::<bool>())
            .prop_map(|(method, cseq, branch, inside, extra, body)| Step::Ask {
                method, cseq, branch, inside, extra, body,
            }),
        4 => (any::<prop::sample::Index>(), 0..STATUSES.len(), 0..3_u8, 0..ANSWER_EXTRAS.len(),
            any::<bool>())
            .prop_map(|(which, status, tag, extra, body)| Step::Answer {
                which, status, tag, extra, body,
            }),
        4 => (0..9_u8, any::<prop::sample::Index>())
            .prop_map(|(what, call)| Step::Tell { what, call }),
        2 => (0..40_000_u64).prop_map(Step::Wait),
    ]
}

struct Play {
    world: World,
    node: usize,
    peer: usize,
    calls: Vec<u64>,
    got: Vec<(Flow, Request)>,
    tag: String,
}

impl Play {
    fn new() -> Self {
        let mut world = World::new(1);
        let node = world.endpoint(Accept::Anyone);
        let peer = world.scripted();
        world.behave(node, |endpoint, now, event| {
            if let Event::Request { id, .. } = event {
                endpoint.respond(now, *id, 200, vec![], vec![]);
            }
        });
        Self {
            world,
            node,
            peer,
            calls: Vec::new(),
            got: Vec::new(),
            tag: String::new(),
        }
    }

    /// Looks at what happened meanwhile.
    fn look(&mut self) {
        for (flow, message) in std::mem::take(&mut self.world.nodes[self.peer].inbox) {
            let own = match &message {
                SipMessage::Request(request) => request.from_addr(),
                SipMessage::Response(response) => response.to_addr(),
            };
            if let Some(tag) = own.ok().and_then(|own| own.tag().map(str::to_owned)) {
                self.tag = tag;
            }
            if let SipMessage::Request(request) = message
                && request.method != Method::Ack
            {
                self.got.push((flow, request));
            }
        }
        for event in self.world.take_events(self.node) {
            if let Event::Incoming { call, .. } = event {
                self.calls.push(call);
            }
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Ask {
                method,
                cseq,
                branch,
                inside,
                extra,
                body,
            } => {
                let (method, extra) = (METHODS[*method], EXTRAS[*extra]);
                let tag = match inside {
                    true => format!(";tag={}", self.tag),
                    false => String::new(),
                };
                let body = if *body { OFFER } else { "" };
                let text = format!(
                    "{method} sip:a@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{branch}
From: <sip:b@192.0.2.2>;tag=t1
To: <sip:a@192.0.2.1>{tag}
Call-ID: {branch}
CSeq: {cseq} {method}
Contact: <sip:b@192.0.2.2>
{extra}Max-Forwards: 70
Content-Length: {}

{body}",
                    body.len()
                );
                self.world.post_text(self.peer, self.node, &text);
            }
            Step::Answer {
                which,
                status,
                tag,
                extra,
                body,
            } => {
                if self.got.is_empty() {
                    return;
                }
                let request = self.got[which.index(self.got.len())].clone();
                let body = if *body { ANSWER } else { "" };
                let (status, extra) = (STATUSES[*status], ANSWER_EXTRAS[*extra]);
                let tag = format!("t{tag}");
                self.world
                    .reply(self.peer, &request, status, &tag, extra, body);
            }
            Step::Tell { what, call } => self.tell(*what, *call),
            Step::Wait(time) => self.world.run(Duration::from_millis(*time)),
        }
        self.world.run(DELAY * 2);
        self.look();
    }

    fn tell(&mut self, what: u8, call: prop::sample::Index) {
        let target = self.world.uri("b", self.peer);
        let fresh = self.calls.len() as u64 + 1;
        let call = match self.calls.is_empty() {
            true => 0,
            false => self.calls[call.index(self.calls.len())],
        };
        self.world.tell(self.node, |endpoint, now| match what {
            0 => endpoint.invite(now, fresh, nobody("a"), target, vec![], OFFER.into()),
            1 => endpoint.ring(now, call, 180, None),
            2 => endpoint.ring(now, call, 183, Some(ANSWER.into())),
            3 => endpoint.accept(now, call, ANSWER.into()),
            4 => endpoint.reject(now, call, 486, vec![]),
            5 => endpoint.hang_up(now, call),
            6 => endpoint.reinvite(now, call, OFFER.into()),
            7 => endpoint.answer_offer(now, call, Ok(ANSWER.into())),
            _ => endpoint.answer_offer(now, call, Err(488)),
        });
        if what == 0 {
            self.calls.push(fresh);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_sequence_of_messages_leaves_nothing_behind(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut play = Play::new();
        for step in &steps {
            play.take(step);
        }
        for call in play.calls.clone() {
            play.world.tell(play.node, |endpoint, now| endpoint.hang_up(now, call));
        }
        play.world.seconds(300);
        play.world.assert_clean(play.node);
    }
}
