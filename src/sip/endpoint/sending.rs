//! Sending requests: where to, over which flow, and what if that fails (RFC 3261 8.1.2 and 18.1,
//! RFC 3263 section 4).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::outgoing::{
    Candidate, ContactKind, Hop, Outgoing, Place, Purpose, SentAck, Way, protocol,
};
use super::{Endpoint, Failure, Output};
use crate::account::Transport;
use crate::sip::flow::{Action, Flow, Target, TransportError};
use crate::sip::message::{HeadersView, Method, Request, Response, header, request, write_request};
use crate::sip::transaction::ClientTransaction;

/// Larger requests don't go by UDP (RFC 3261 18.1.1), bytes.
const LARGEST_UDP: usize = 1300;
/// How long a large request waits for TCP before it goes by UDP after all.
const LARGE_PATIENCE: Duration = Duration::from_secs(3);
/// How long a lookup or a connection may take.
const PATIENCE: Duration = Duration::from_secs(32);
/// How many requests can be under way.
const MAX_OUTGOING: usize = 4096;
/// How many of the places of a host are tried.
const MAX_CANDIDATES: usize = 16;

impl Endpoint {
    /// Sends a request under a number taken from [`number`](Self::number) before.
    pub(super) fn send(&mut self, now: Instant, id: u64, mut outgoing: Outgoing, hop: Hop) {
        if self.outgoing.len() >= MAX_OUTGOING {
            let failure =
                outgoing.transport_failure(TransportError::Io("too many requests".into()));
            self.given_up(now, id, outgoing, failure);
            return;
        }
        match hop {
            Hop::Flow(flow, then) => {
                match &then {
                    Some(place) => outgoing.host = place.name(),
                    None if outgoing.host.is_empty() => outgoing.host = flow.remote.to_string(),
                    None => {}
                }
                if let Some(place) = &then {
                    outgoing.trust = place.trust.clone();
                }
                outgoing.then = then;
                self.outgoing.insert(id, outgoing);
                self.send_on(now, id, flow, flow.transport == Transport::Udp);
            }
            Hop::Place(place) => {
                self.outgoing.insert(id, outgoing);
                self.locate(now, id, place);
            }
            Hop::PlaceElse(place, flow) => {
                outgoing.otherwise = Some(flow);
                self.outgoing.insert(id, outgoing);
                self.locate(now, id, place);
            }
        }
    }

    fn locate(&mut self, now: Instant, id: u64, place: Place) {
        let question = self.number();
        let Some(outgoing) = self.outgoing.get_mut(&id) else {
            return;
        };
        outgoing.host = place.name();
        outgoing.trust = place.trust;
        outgoing.heading = None;
        if let Some(ip) = place.host.ip() {
            let default = if place.transport == Transport::Tls {
                5061
            } else {
                5060
            };
            outgoing.candidates = VecDeque::from([Candidate {
                target: Target {
                    transport: place.transport,
                    addr: SocketAddr::new(ip, place.port.unwrap_or(default)),
                    server_name: ip.to_string(),
                },
                whatever_size: false,
            }]);
            self.pursue(now, id);
            return;
        }
        outgoing.way = Way::Locating {
            question,
            until: now + PATIENCE,
            transport: place.transport,
        };
        self.push(Output::Action(Action::Locate {
            id: question,
            host: place.host,
            port: place.port,
            transport: place.transport,
        }));
    }

    /// The driver found a host, or did not.
    pub fn located(
        &mut self,
        now: Instant,
        locate: u64,
        result: Result<Vec<Target>, TransportError>,
    ) {
        let found = self
            .outgoing
            .iter_mut()
            .find_map(|(id, outgoing)| match outgoing.way {
                Way::Locating {
                    question,
                    transport,
                    ..
                } if question == locate => Some((*id, transport, outgoing)),
                _ => None,
            });
        let Some((id, transport, outgoing)) = found else {
            return;
        };
        outgoing.way = Way::Idle;
        match result {
            Ok(mut targets) => {
                targets.retain(|target| target.transport == transport);
                outgoing.first = targets.first().cloned();
                let outages = &self.outages;
                targets.sort_by_key(|target| outages.is_out(now, (target.transport, target.addr)));
                outgoing.error = Some(outgoing.transport_failure(TransportError::UnknownHost));
                outgoing.candidates = targets
                    .into_iter()
                    .take(MAX_CANDIDATES)
                    .map(|target| Candidate {
                        target,
                        whatever_size: false,
                    })
                    .collect();
            }
            Err(error) => outgoing.error = Some(outgoing.transport_failure(error)),
        }
        self.pursue(now, id);
    }

    /// Tries the next place a request may go to.
    pub(super) fn pursue(&mut self, now: Instant, id: u64) {
        let Some(outgoing) = self.outgoing.get_mut(&id) else {
            return;
        };
        outgoing.way = Way::Idle;
        outgoing.transaction = None;
        let Some(candidate) = outgoing.candidates.pop_front() else {
            if let Some(place) = outgoing.then.take() {
                self.locate(now, id, place);
            } else if let Some(flow) = outgoing.otherwise.take() {
                self.send_on(now, id, flow, false);
            } else if let Some(mut outgoing) = self.outgoing.remove(&id) {
                self.branches.remove(&outgoing.branch_key());
                let failure = outgoing.error.take().unwrap_or(Failure::NoNetwork);
                self.given_up(now, id, outgoing, failure);
            }
            return;
        };
        outgoing.heading = Some((candidate.target.transport, candidate.target.addr));
        if candidate.target.transport == Transport::Udp {
            match self.udp_local(candidate.target.addr) {
                Some(local) => {
                    let flow = Flow::udp(local, candidate.target.addr);
                    self.send_on(now, id, flow, !candidate.whatever_size);
                }
                None => {
                    if let Some(outgoing) = self.outgoing.get_mut(&id) {
                        outgoing.error = Some(Failure::NoNetwork);
                    }
                    self.pursue(now, id);
                }
            }
            return;
        }
        let open = self.flows.find(&candidate.target, &outgoing.trust);
        match open {
            Some(flow) => self.send_on(now, id, flow, false),
            None => self.connect(now, id, candidate.target, PATIENCE),
        }
    }

    fn connect(&mut self, now: Instant, id: u64, target: Target, patience: Duration) {
        let question = self.number();
        let Some(outgoing) = self.outgoing.get_mut(&id) else {
            return;
        };
        outgoing.way = Way::Connecting {
            question,
            until: now + patience,
        };
        let trust = outgoing.trust.clone();
        self.connecting
            .insert(question, (target.clone(), trust.clone()));
        self.push(Output::Action(Action::Connect {
            id: question,
            target,
            trust,
        }));
    }

    /// The driver opened a connection, or could not.
    pub fn connected(&mut self, now: Instant, connect: u64, result: Result<Flow, TransportError>) {
        let Some((target, trust)) = self.connecting.remove(&connect) else {
            return;
        };
        let id = self
            .outgoing
            .iter()
            .find_map(|(id, outgoing)| match outgoing.way {
                Way::Connecting { question, .. } if question == connect => Some(*id),
                _ => None,
            });
        match (result, id) {
            (Ok(flow), id) => {
                self.flows.opened(now, flow, target, trust);
                // If nobody waits any more the flow is closed once it has been idle.
                if let Some(id) = id {
                    self.send_on(now, id, flow, false);
                }
            }
            (Err(error), Some(id)) => self.way_failed(now, id, error),
            (Err(_), None) => {}
        }
    }

    /// The way a request was taking is closed; tries the next.
    pub(super) fn way_failed(&mut self, now: Instant, id: u64, error: TransportError) {
        if let Some(outgoing) = self.outgoing.get_mut(&id) {
            // A connection that only closed may be opened again.
            if error != TransportError::Closed
                && let Some(spot) = outgoing.heading
            {
                self.outages.note(now, spot);
            }
            outgoing.error = Some(outgoing.transport_failure(error));
            self.pursue(now, id);
        }
    }

    /// The transaction of a request expired (timers B and F); tries the next place.
    pub(super) fn expired(&mut self, now: Instant, id: u64) {
        let Some(outgoing) = self.outgoing.get_mut(&id) else {
            return;
        };
        outgoing.error = Some(Failure::Timeout {
            host: outgoing.host.clone(),
        });
        if let Some(spot) = outgoing.heading {
            self.outages.note(now, spot);
        }
        // Whoever leaves these without any response is not there any more. Other requests a proxy
        // answers only when the far side does.
        let dead = outgoing.flow.filter(|_| {
            outgoing.purpose != Purpose::Stray
                && matches!(outgoing.draft.method, Method::Register | Method::Invite)
        });
        if let Some(flow) = dead {
            if flow.is_reliable() {
                self.push(Output::Action(Action::Close { flow }));
            }
            self.closed(now, flow, TransportError::TimedOut);
        }
        self.pursue(now, id);
    }

    fn send_on(&mut self, now: Instant, id: u64, flow: Flow, may_grow: bool) {
        let Some(mut outgoing) = self.outgoing.remove(&id) else {
            return;
        };
        let method = outgoing.draft.method;
        self.branches.remove(&outgoing.branch_key());
        let branch = match &outgoing.via {
            Some(_) => String::new(),
            None => format!("z9hG4bK{:016x}", self.rng.u64(..)),
        };
        let authorization = match outgoing.authorization.take() {
            Some(made) => made,
            None if matches!(method, Method::Cancel | Method::Ack) => Vec::new(),
            None => self.authorization(&outgoing),
        };
        let message = self.compose(&outgoing, flow, &branch, &authorization);
        let bytes = write_request(&message);
        if may_grow && bytes.len() > LARGEST_UDP {
            let target = Target {
                transport: Transport::Udp,
                addr: flow.remote,
                server_name: flow.remote.ip().to_string(),
            };
            outgoing.candidates.push_front(Candidate {
                target: target.clone(),
                whatever_size: true,
            });
            let tcp = Target {
                transport: Transport::Tcp,
                ..target
            };
            outgoing.authorization = Some(authorization);
            let open = self.flows.find(&tcp, &outgoing.trust);
            self.outgoing.insert(id, outgoing);
            match open {
                Some(flow) => self.send_on(now, id, flow, false),
                None => self.connect(now, id, tcp, LARGE_PATIENCE),
            }
            return;
        }
        self.transmit(now, flow, bytes.clone());
        if let Purpose::Ack { invite, tag } = &outgoing.purpose {
            if let Some(invite) = self.outgoing.get_mut(invite) {
                invite.acks.push(SentAck {
                    tag: tag.clone(),
                    flow,
                    bytes,
                });
            }
            return;
        }
        let branch = message
            .via()
            .ok()
            .and_then(|via| via.branch().map(str::to_owned))
            .unwrap_or_default();
        outgoing.transaction = Some(ClientTransaction::new(
            now,
            method == Method::Invite,
            flow.is_reliable(),
        ));
        outgoing.flow = Some(flow);
        outgoing.heading = Some((flow.transport, flow.remote));
        outgoing.way = Way::Sent;
        outgoing.bytes = bytes;
        outgoing.sent = Some(message);
        outgoing.branch = branch;
        self.branches.insert(outgoing.branch_key(), id);
        self.outgoing.insert(id, outgoing);
    }

    fn compose(
        &self,
        outgoing: &Outgoing,
        flow: Flow,
        branch: &str,
        authorization: &[rsip::Header],
    ) -> Request {
        let draft = &outgoing.draft;
        let via = match &outgoing.via {
            Some(via) => via.clone(),
            None => format!(
                "SIP/2.0/{} {};branch={branch};rport",
                protocol(flow.transport),
                self.visible(flow)
            ),
        };
        let mut headers = vec![header("Via", via), header("Max-Forwards", "70")];
        headers.extend(
            draft
                .routes
                .iter()
                .map(|route| header("Route", route.to_string())),
        );
        headers.push(header("From", draft.from.to_string()));
        headers.push(header("To", draft.to.to_string()));
        headers.push(header("Call-ID", draft.call_id.clone()));
        headers.push(header("CSeq", format!("{} {}", draft.cseq, draft.method)));
        match &outgoing.contact {
            ContactKind::Absent => {}
            ContactKind::Call { user } => {
                let uri = self.contact(flow, outgoing.account.as_ref(), user.as_deref());
                headers.push(header("Contact", format!("<{uri}>")));
            }
            ContactKind::Binding { expires_s, old, .. } => {
                headers.extend(self.binding(
                    flow,
                    outgoing.account.as_ref(),
                    *expires_s,
                    old.as_deref(),
                ));
            }
        }
        headers.extend(authorization.iter().cloned());
        headers.extend(draft.headers.iter().cloned());
        if matches!(draft.method, Method::Invite | Method::Update) {
            headers.push(header("Allow", super::ALLOW));
            headers.push(header("Supported", super::SUPPORTED));
        }
        headers.push(header("User-Agent", self.config.user_agent.clone()));
        if !draft.body.is_empty() {
            headers.push(header("Content-Type", draft.content_type.clone()));
        }
        request(draft.method, &draft.uri, headers, draft.body.clone())
    }

    /// The ACK of a refusal, which belongs to the INVITE's transaction (RFC 3261 17.1.1.3).
    pub(super) fn acknowledge_refusal(&mut self, now: Instant, id: u64, response: &Response) {
        let Some(outgoing) = self.outgoing.get(&id) else {
            return;
        };
        let (Some(sent), Some(flow)) = (&outgoing.sent, outgoing.flow) else {
            return;
        };
        let draft = &outgoing.draft;
        let mut headers = vec![
            header("Via", sent.text("Via").unwrap_or_default()),
            header("Max-Forwards", "70"),
        ];
        headers.extend(
            draft
                .routes
                .iter()
                .map(|route| header("Route", route.to_string())),
        );
        headers.push(header("From", draft.from.to_string()));
        headers.push(header("To", response.text("To").unwrap_or_default()));
        headers.push(header("Call-ID", draft.call_id.clone()));
        headers.push(header("CSeq", format!("{} ACK", draft.cseq)));
        let ack = request(Method::Ack, &draft.uri, headers, Vec::new());
        self.transmit(now, flow, write_request(&ack));
    }
}
