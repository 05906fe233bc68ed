//! A network on invented time: endpoints and scripted peers, with seeded loss, duplication and
//! reordering of datagrams.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::account::{AccountId, Transport};
use crate::sip::auth::{Algorithm, DigestServer, Verdict};
use crate::sip::endpoint::*;
use crate::sip::flow::{Action, Flow, Target, TransportError, Trust};
use crate::sip::message::{
    HeadersView, Host, Method, NameAddr, Request, Response, SipMessage, Uri, header, read,
    response_to, write_response,
};

/// How long a packet takes.
pub const DELAY: Duration = Duration::from_millis(5);

/// Picks messages by a look at them.
pub type Choice = Box<dyn FnMut(&SipMessage) -> bool>;
type Behaviour = Box<dyn FnMut(&mut Endpoint, Instant, &Event)>;

pub enum Kind {
    Endpoint(Box<Endpoint>, Option<Behaviour>),
    /// A peer that the test plays itself.
    Scripted,
}

pub struct Node {
    pub address: SocketAddr,
    pub kind: Kind,
    pub events: Vec<Event>,
    /// What a scripted peer received.
    pub inbox: Vec<(Flow, SipMessage)>,
    /// Whether it is there at all.
    pub up: bool,
    /// Whether it takes TCP and TLS.
    pub streams: bool,
    /// Whether pings on streams are answered.
    pub pongs: bool,
}

struct Packet {
    at: Instant,
    number: u64,
    to: usize,
    what: What,
}

enum What {
    Bytes(Flow, Vec<u8>),
    Connected(u64, Result<Flow, TransportError>),
    Located(u64, Result<Vec<Target>, TransportError>),
    Closed(Flow, TransportError),
}

pub struct World {
    pub now: Instant,
    pub start: Instant,
    pub nodes: Vec<Node>,
    pub names: HashMap<String, Vec<Target>>,
    pub loss: f64,
    pub duplicates: f64,
    pub jitter: Duration,
    /// Datagrams that are lost, by a look at them.
    pub lose: Option<Choice>,
    /// A refused UDP port is told by ICMP.
    pub icmp: bool,
    /// Everything that was sent: time, sender's node, text.
    pub trace: Vec<(Duration, usize, String)>,
    connections: HashMap<u64, (usize, usize)>,
    packets: Vec<Packet>,
    rng: fastrand::Rng,
    numbers: u64,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let now = Instant::now();
        Self {
            now,
            start: now,
            nodes: Vec::new(),
            names: HashMap::new(),
            loss: 0.0,
            duplicates: 0.0,
            jitter: Duration::ZERO,
            lose: None,
            icmp: false,
            trace: Vec::new(),
            connections: HashMap::new(),
            packets: Vec::new(),
            rng: fastrand::Rng::with_seed(seed),
            numbers: 0,
        }
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn add(&mut self, address: SocketAddr, kind: Kind) -> usize {
        self.nodes.push(Node {
            address,
            kind,
            events: Vec::new(),
            inbox: Vec::new(),
            up: true,
            streams: true,
            pongs: true,
        });
        self.nodes.len() - 1
    }

    pub fn endpoint(&mut self, accept: Accept) -> usize {
        let last = self.nodes.len() as u8 + 1;
        let address = SocketAddr::from(([192, 0, 2, last], 5060));
        let mut endpoint = Endpoint::new(EndpointConfig {
            user_agent: "Gudok".into(),
            instance: format!("00000000-0000-4000-8000-0000000000{last:02}"),
            accept,
            seed: self.rng.u64(..),
        });
        endpoint.local_addresses(vec![address], vec![], vec![]);
        self.add(address, Kind::Endpoint(Box::new(endpoint), None))
    }

    pub fn scripted(&mut self) -> usize {
        let last = self.nodes.len() as u8 + 1;
        self.add(SocketAddr::from(([192, 0, 2, last], 5060)), Kind::Scripted)
    }

    pub fn behave(
        &mut self,
        node: usize,
        behaviour: impl FnMut(&mut Endpoint, Instant, &Event) + 'static,
    ) {
        if let Kind::Endpoint(_, slot) = &mut self.nodes[node].kind {
            *slot = Some(Box::new(behaviour));
        }
    }

    /// Something is told to an endpoint.
    pub fn tell<R>(&mut self, node: usize, tell: impl FnOnce(&mut Endpoint, Instant) -> R) -> R {
        let now = self.now;
        let result = tell(self.at(node), now);
        self.pump();
        result
    }

    pub fn at(&mut self, node: usize) -> &mut Endpoint {
        match &mut self.nodes[node].kind {
            Kind::Endpoint(endpoint, _) => endpoint,
            Kind::Scripted => panic!("node {node} has no endpoint"),
        }
    }

    pub fn take_events(&mut self, node: usize) -> Vec<Event> {
        std::mem::take(&mut self.nodes[node].events)
    }

    /// The time since the world began, in milliseconds.
    pub fn elapsed_ms(&self) -> u128 {
        (self.now - self.start).as_millis()
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        let until = self.now + time;
        let mut steps = 0;
        loop {
            steps += 1;
            assert!(steps < 200_000, "the world does not come to rest");
            self.pump();
            let packet = self.packets.iter().map(|packet| packet.at).min();
            let timer = self
                .nodes
                .iter()
                .filter_map(|node| match &node.kind {
                    Kind::Endpoint(endpoint, _) => endpoint.poll_timeout(),
                    Kind::Scripted => None,
                })
                .min();
            let Some(next) = [packet, timer].into_iter().flatten().min() else {
                break;
            };
            if next > until {
                break;
            }
            self.now = self.now.max(next);
            let due = (0..self.packets.len())
                .filter(|index| self.packets[*index].at <= self.now)
                .min_by_key(|index| (self.packets[*index].at, self.packets[*index].number));
            if let Some(index) = due {
                let packet = self.packets.swap_remove(index);
                self.deliver(packet);
                continue;
            }
            let now = self.now;
            for node in &mut self.nodes {
                if let Kind::Endpoint(endpoint, _) = &mut node.kind
                    && endpoint.poll_timeout().is_some_and(|at| at <= now)
                {
                    endpoint.handle_timeout(now);
                }
            }
        }
        self.now = until;
    }

    pub fn seconds(&mut self, seconds: u64) {
        self.run(Duration::from_secs(seconds));
    }

    fn deliver(&mut self, packet: Packet) {
        let now = self.now;
        let node = &mut self.nodes[packet.to];
        if !node.up {
            return;
        }
        match (&mut node.kind, packet.what) {
            (Kind::Endpoint(endpoint, _), What::Bytes(flow, bytes)) => {
                if flow.is_reliable() && bytes == b"\r\n\r\n" {
                    if node.pongs {
                        self.send_from(packet.to, flow, b"\r\n".to_vec());
                    }
                    return;
                }
                endpoint.receive(now, flow, &bytes);
            }
            (Kind::Endpoint(endpoint, _), What::Connected(id, result)) => {
                endpoint.connected(now, id, result);
            }
            (Kind::Endpoint(endpoint, _), What::Located(id, result)) => {
                endpoint.located(now, id, result);
            }
            (Kind::Endpoint(endpoint, _), What::Closed(flow, error)) => {
                endpoint.closed(now, flow, error);
            }
            (Kind::Scripted, What::Bytes(flow, bytes)) => {
                if let Ok(message) = read(&bytes) {
                    node.inbox.push((flow, message));
                } else if flow.is_reliable() && bytes == b"\r\n\r\n" && node.pongs {
                    self.send_from(packet.to, flow, b"\r\n".to_vec());
                }
            }
            (Kind::Scripted, _) => {}
        }
    }

    fn later(&mut self, to: usize, delay: Duration, what: What) {
        let number = self.number();
        let at = self.now + delay;
        self.packets.push(Packet {
            at,
            number,
            to,
            what,
        });
    }

    /// Does what the endpoints ask for.
    pub fn pump(&mut self) {
        loop {
            let mut quiet = true;
            for index in 0..self.nodes.len() {
                let now = self.now;
                let mut actions = Vec::new();
                if let Kind::Endpoint(endpoint, behaviour) = &mut self.nodes[index].kind {
                    let mut events = Vec::new();
                    while let Some(output) = endpoint.poll_output() {
                        match output {
                            Output::Event(event) => {
                                if let Some(behaviour) = behaviour {
                                    behaviour(endpoint, now, &event);
                                }
                                events.push(event);
                            }
                            Output::Action(action) => actions.push(action),
                        }
                        quiet = false;
                    }
                    self.nodes[index].events.extend(events);
                }
                for action in actions {
                    self.perform(index, action);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn perform(&mut self, from: usize, action: Action) {
        match action {
            Action::Transmit { flow, bytes } => self.send_from(from, flow, bytes),
            Action::Locate {
                id,
                host,
                transport,
                ..
            } => {
                let found = self.names.get(&host.to_string()).cloned();
                let found: Option<Vec<_>> = found.map(|targets| {
                    targets
                        .into_iter()
                        .filter(|target| target.transport == transport)
                        .collect()
                });
                let result = found.ok_or(TransportError::UnknownHost);
                self.later(from, DELAY, What::Located(id, result));
            }
            Action::Connect { id, target, .. } => {
                let peer = self.node_at(target.addr);
                let Some(peer) = peer.filter(|peer| self.nodes[*peer].streams) else {
                    let refused = Err(TransportError::Refused);
                    self.later(from, DELAY * 2, What::Connected(id, refused));
                    return;
                };
                let connection = self.number();
                self.connections.insert(connection, (from, peer));
                let local = SocketAddr::new(
                    self.nodes[from].address.ip(),
                    40_000 + connection as u16 % 20_000,
                );
                let flow = Flow {
                    transport: target.transport,
                    local,
                    remote: target.addr,
                    connection,
                };
                self.later(from, DELAY * 2, What::Connected(id, Ok(flow)));
            }
            Action::Close { flow } => self.cut(flow),
        }
    }

    fn node_at(&self, address: SocketAddr) -> Option<usize> {
        self.nodes
            .iter()
            .position(|node| node.address == address && node.up)
    }

    /// A connection ends for both sides.
    pub fn cut(&mut self, flow: Flow) {
        let Some((one, two)) = self.connections.remove(&flow.connection) else {
            return;
        };
        let opener_is_local = self.nodes[one].address.ip() == flow.local.ip();
        let (mine, other) = if opener_is_local {
            (one, two)
        } else {
            (two, one)
        };
        self.later(mine, DELAY, What::Closed(flow, TransportError::Closed));
        self.later(
            other,
            DELAY,
            What::Closed(mirrored(flow), TransportError::Closed),
        );
    }

    /// All connections of a node end, for itself unnoticed.
    pub fn drop_connections(&mut self, node: usize) {
        self.connections
            .retain(|_, (one, two)| *one != node && *two != node);
    }

    pub fn send_from(&mut self, from: usize, flow: Flow, bytes: Vec<u8>) {
        let at = self.now - self.start;
        self.trace
            .push((at, from, String::from_utf8_lossy(&bytes).into_owned()));
        if flow.is_reliable() {
            if let Some((one, two)) = self.connections.get(&flow.connection).copied() {
                let to = if one == from { two } else { one };
                self.later(to, DELAY, What::Bytes(mirrored(flow), bytes));
            }
            return;
        }
        let Some(to) = self.node_at(flow.remote) else {
            if self.icmp {
                self.later(from, DELAY, What::Closed(flow, TransportError::Refused));
            }
            return;
        };
        if let Some(lose) = &mut self.lose
            && let Ok(message) = read(&bytes)
            && lose(&message)
        {
            return;
        }
        let copies = if self.rng.f64() < self.duplicates {
            2
        } else {
            1
        };
        for _ in 0..copies {
            if self.rng.f64() < self.loss {
                continue;
            }
            let jitter = self.jitter.mul_f64(self.rng.f64());
            self.later(
                to,
                DELAY + jitter,
                What::Bytes(mirrored(flow), bytes.clone()),
            );
        }
    }

    /// The next request of this method that a scripted peer received.
    pub fn request(&mut self, node: usize, method: Method) -> (Flow, Request) {
        self.try_request(node, method)
            .unwrap_or_else(|| panic!("no {method} arrived at {}", self.elapsed_ms()))
    }

    pub fn try_request(&mut self, node: usize, method: Method) -> Option<(Flow, Request)> {
        let inbox = &mut self.nodes[node].inbox;
        let index = inbox.iter().position(
            |(_, message)| matches!(message, SipMessage::Request(request) if request.method == method),
        )?;
        match inbox.remove(index) {
            (flow, SipMessage::Request(request)) => Some((flow, request)),
            _ => None,
        }
    }

    /// The next response with this status that a scripted peer received.
    pub fn response(&mut self, node: usize, status: u16) -> Response {
        let inbox = &mut self.nodes[node].inbox;
        let index = inbox.iter().position(|(_, message)| {
            matches!(message, SipMessage::Response(response) if response.status_code.code() == status)
        });
        match index.map(|index| inbox.remove(index)) {
            Some((_, SipMessage::Response(response))) => response,
            _ => panic!("no {status} arrived; there is {:?}", self.summary(node)),
        }
    }

    /// What lies in a scripted peer's inbox, in short.
    pub fn summary(&self, node: usize) -> Vec<String> {
        self.nodes[node]
            .inbox
            .iter()
            .map(|(_, message)| match message {
                SipMessage::Request(request) => request.method.to_string(),
                SipMessage::Response(response) => {
                    let cseq = response.text("CSeq").unwrap_or_default();
                    format!("{} {cseq}", response.status_code.code())
                }
            })
            .collect()
    }

    /// A scripted peer answers.
    pub fn reply(
        &mut self,
        node: usize,
        (flow, request): &(Flow, Request),
        status: u16,
        tag: &str,
        extra: &[(&str, &str)],
        body: &str,
    ) {
        let mut extra: Vec<_> = extra
            .iter()
            .map(|(name, value)| header(name, *value))
            .collect();
        if !body.is_empty() {
            extra.push(header("Content-Type", "application/sdp"));
        }
        let response = response_to(request, status, None, Some(tag), extra, body.into());
        self.send_from(node, *flow, write_response(&response));
    }

    /// A scripted peer sends a request over UDP.
    pub fn post_text(&mut self, from: usize, to: usize, text: &str) {
        let flow = Flow::udp(self.nodes[from].address, self.nodes[to].address);
        let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        self.send_from(from, flow, text.into_bytes());
    }

    /// `sip:user@` this node.
    pub fn uri(&self, user: &str, node: usize) -> Uri {
        let address = self.nodes[node].address;
        Uri::new(Some(user), address.ip().into(), Some(address.port()))
    }

    /// How often something was sent whose text begins so.
    pub fn count_sent(&self, from: usize, beginning: &str) -> usize {
        self.trace
            .iter()
            .filter(|(_, sender, text)| *sender == from && text.starts_with(beginning))
            .count()
    }

    /// Nothing may be left over in an endpoint.
    pub fn assert_clean(&mut self, node: usize) {
        let endpoint = self.at(node);
        assert!(endpoint.calls.is_empty(), "calls: {:?}", endpoint.calls);
        assert!(
            endpoint.outgoing.is_empty(),
            "requests: {:?}",
            endpoint.outgoing
        );
        assert!(
            endpoint.branches.is_empty(),
            "branches: {:?}",
            endpoint.branches
        );
        assert!(endpoint.served.is_empty(), "served: {:?}", endpoint.served);
        assert!(endpoint.subscriptions.is_empty());
        assert!(endpoint.connecting.is_empty(), "{:?}", endpoint.connecting);
        assert!(endpoint.requests.is_empty(), "{:?}", endpoint.requests);
        assert!(endpoint.is_idle());
    }
}

pub fn mirrored(flow: Flow) -> Flow {
    Flow {
        local: flow.remote,
        remote: flow.local,
        ..flow
    }
}

pub const OFFER: &str = "v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";
pub const ANSWER: &str = "v=0\r\no=b 1 1 IN IP4 192.0.2.2\r\ns=-\r\n";

/// Somebody without an account.
pub fn nobody(name: &str) -> Caller {
    Caller::Bare {
        from: NameAddr::new(Uri::new(Some(name), Host::Name("example.org".into()), None)),
        flow: None,
    }
}

/// An account at a node.
pub fn identity(world: &World, server: usize, transport: Transport) -> Identity {
    let address = world.nodes[server].address;
    Identity {
        login: "alice".into(),
        domain: HostPort {
            host: address.ip().into(),
            port: Some(address.port()),
        },
        registrar: None,
        auth_user: None,
        password: Some(SecretString::from("secret".to_string())),
        display_name: Some("Alice".into()),
        transport,
        trust: Trust::default(),
        register: true,
        expires_s: 600,
    }
}

pub fn account() -> AccountId {
    AccountId::from("a1")
}

/// Lets a node behave as a registrar that wants these algorithms and the password "secret".
pub fn registrar(world: &mut World, node: usize, algorithms: Vec<Algorithm>, password: &str) {
    let mut digest = DigestServer::new("test", algorithms, 1);
    let password = password.to_owned();
    world.behave(node, move |endpoint, now, event| {
        let Event::Request { id, request, .. } = event else {
            return;
        };
        let verdict = digest.verify(now, request, |user| {
            (user == "alice").then(|| SecretString::from(password.clone()))
        });
        match verdict {
            Verdict::Ok(_) => {
                let contacts = request
                    .all("Contact")
                    .into_iter()
                    .map(|contact| header("Contact", contact))
                    .collect();
                endpoint.respond(now, *id, 200, contacts, Vec::new());
            }
            Verdict::Stale => {
                let challenge = digest.challenge_stale(now);
                endpoint.respond(now, *id, 401, challenge, Vec::new());
            }
            Verdict::Refused | Verdict::Missing => {
                let challenge = digest.challenge(now);
                endpoint.respond(now, *id, 401, challenge, Vec::new());
            }
        }
    });
}

/// The last word about a registration.
pub fn last_status(events: &[Event]) -> Option<RegistrationStatus> {
    events.iter().rev().find_map(|event| match event {
        Event::Registration { status, .. } => Some(status.clone()),
        _ => None,
    })
}

/// Events in short, to compare a whole story at once.
pub fn story(events: &[Event]) -> Vec<String> {
    let text = |body: &[u8]| match std::str::from_utf8(body) {
        Ok(text) if text == OFFER => "offer".to_owned(),
        Ok(text) if text == ANSWER => "answer".to_owned(),
        Ok(text) => text.to_owned(),
        Err(_) => "bytes".to_owned(),
    };
    events
        .iter()
        .map(|event| match event {
            Event::Registration { status, .. } => match status {
                RegistrationStatus::Registering => "registering".into(),
                RegistrationStatus::Registered { .. } => "registered".into(),
                RegistrationStatus::NotNeeded => "not needed".into(),
                RegistrationStatus::Failed { failure, retry_at } => {
                    format!("failed {failure:?} again {}", retry_at.is_some())
                }
                RegistrationStatus::Off => "off".into(),
            },
            Event::Incoming { request, .. } => format!("incoming {}", text(&request.body)),
            Event::Progress { status, body, .. } => match body {
                Some(body) => format!("progress {status} {}", text(body)),
                None => format!("progress {status}"),
            },
            Event::Answered { body, .. } => format!("answered {}", text(body)),
            Event::Confirmed { .. } => "confirmed".into(),
            Event::Offer { body, .. } => match body {
                Some(body) => format!("offer {}", text(body)),
                None => "offer wanted".into(),
            },
            Event::OfferAnswered { result, .. } => match result {
                Ok(body) => format!("offer answered {}", text(body)),
                Err(status) => format!("offer refused {status}"),
            },
            Event::DelayedAnswer { body, .. } => format!("delayed {}", text(body)),
            Event::Info {
                content_type, body, ..
            } => format!("info {content_type} {}", text(body)),
            Event::Referring { status, last, .. } => match last {
                true => format!("referring {status}, no more"),
                false => format!("referring {status}"),
            },
            Event::Referred { referral, .. } => match &referral.replaces {
                Some(replaces) => format!("referred to {} for {replaces}", referral.target),
                None => format!("referred to {}", referral.target),
            },
            Event::ReferTold { .. } => "refer told".into(),
            Event::Notified { body, .. } => format!("notified {}", text(body)),
            Event::SubscriptionLost { status, .. } => format!("subscription lost {status}"),
            Event::Summary { body, .. } => format!("summary {}", text(body)),
            Event::Ended {
                by_peer,
                failure,
                status,
                ..
            } => {
                let who = if *by_peer { "them" } else { "us" };
                let failure = failure.as_ref().map(|failure| match failure {
                    Failure::Transport { error, .. } => format!(" {error:?}"),
                    Failure::Timeout { .. } => " timeout".into(),
                    Failure::WrongPassword => " wrong password".into(),
                    Failure::Status { status, .. } => format!(" refused {status}"),
                    Failure::Redirected { contacts } => {
                        let contacts: Vec<_> = contacts.iter().map(ToString::to_string).collect();
                        format!(" redirected to {}", contacts.join(" "))
                    }
                    Failure::NoNetwork => " no network".into(),
                });
                let status = status.map(|status| format!(" {status}"));
                format!(
                    "ended by {who}{}{}",
                    failure.unwrap_or_default(),
                    status.unwrap_or_default()
                )
            }
            Event::Request { request, .. } => format!("request {}", request.method),
        })
        .collect()
}

/// The number of the call that came in last.
pub fn incoming(events: &[Event]) -> u64 {
    events
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Incoming { call, .. } => Some(*call),
            _ => None,
        })
        .expect("a call came in")
}

/// A caller that has sent its INVITE, and a callee that the test plays.
pub fn calling_a_script() -> (World, usize, usize) {
    let mut world = World::new(1);
    let caller = world.endpoint(Accept::Anyone);
    let peer = world.scripted();
    let target = world.uri("bob", peer);
    world.tell(caller, |endpoint, now| {
        endpoint.invite(now, 1, nobody("alice"), target, vec![], OFFER.into());
    });
    world.run(DELAY);
    (world, caller, peer)
}
