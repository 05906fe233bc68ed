//! The endpoint: one user agent (RFC 3261), or the lower half of a server, without sockets and
//! without a clock.
//!
//! The driver tells it what arrived, what was found and opened, and what time it is; it asks
//! [`poll_output`](Endpoint::poll_output) what to do until there is nothing left, and
//! [`poll_timeout`](Endpoint::poll_timeout) when to call
//! [`handle_timeout`](Endpoint::handle_timeout). Commands come from the engine; what it has to know
//! comes out as [`Event`]s.
//!
//! | file | job |
//! |---|---|
//! | `line`, `register`, `preferred` | identities, REGISTER |
//! | `outgoing`, `sending`, `responses`, `outages` | requests on their way: lookup, flow, failover, credentials |
//! | `incoming` | requests that arrive: transactions, checks, strangers |
//! | `call` | what a call is, and what both sides of it share |
//! | `caller`, `callee` | INVITE up to the answer, either way |
//! | `reliable` | provisional responses that are acknowledged, either way |
//! | `session` | re-INVITE, UPDATE, INFO, BYE within a call |
//! | `referring`, `referred`, `replace` | REFER either way, calls that take the place of others |
//! | `refresh` | session timers |
//! | `subscriptions` | SUBSCRIBE and what is told by NOTIFY |
//! | `flows`, `keepalive` | open connections |

mod call;
mod callee;
mod caller;
mod flows;
mod incoming;
mod keepalive;
mod line;
mod outages;
mod outgoing;
mod prack;
mod preferred;
mod referred;
mod referring;
mod refresh;
mod register;
mod reliable;
mod replace;
mod responses;
mod sending;
mod session;
mod strangers;
mod subscriptions;
#[cfg(test)]
mod tests;
mod timer;
mod types;
mod way_back;

pub use subscriptions::Package;
pub use types::{
    Accept, Caller, Counters, EndpointConfig, Event, Failure, HostPort, Identity, Output, Referral,
    RegistrationStatus, RequestId,
};

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::account::{AccountId, Transport};
use crate::sip::flow::{Action, Flow, Target, TransportError, Trust};
use crate::sip::message::{self, ReadError, SipMessage, Uri};
use crate::sip::transaction::{ClientTimeout, ServerKey, ServerTimeout};

use call::Call;
use flows::Flows;
use incoming::Served;
use keepalive::KeepaliveTimeout;
use line::Line;
use outages::Outages;
use outgoing::{Hop, Outgoing, Place, Purpose};
use replace::Gone;
use strangers::Strangers;
use subscriptions::Subscription;

/// The methods we take.
const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, REFER, NOTIFY, SUBSCRIBE";
/// The extensions we have in a call.
const SUPPORTED: &str = "100rel, timer, replaces, norefersub";
/// How many outputs may wait before bytes are dropped.
const MAX_OUTPUTS: usize = 16_384;

/// One user agent. See the [module](self).
#[derive(Debug)]
pub struct Endpoint {
    config: EndpointConfig,
    rng: fastrand::Rng,
    outputs: VecDeque<Output>,
    counters: Counters,
    udp: Vec<SocketAddr>,
    tcp_listen: Vec<SocketAddr>,
    tls_listen: Vec<SocketAddr>,
    source: Option<fn(SocketAddr) -> Option<IpAddr>>,
    last_number: u64,
    lines: BTreeMap<AccountId, Line>,
    calls: BTreeMap<u64, Call>,
    outgoing: BTreeMap<u64, Outgoing>,
    /// Client transactions by branch, CANCEL apart.
    branches: BTreeMap<(String, bool), u64>,
    /// What was asked of the driver and not yet answered.
    connecting: BTreeMap<u64, (Target, Trust)>,
    served: BTreeMap<ServerKey, Served>,
    requests: BTreeMap<RequestId, ServerKey>,
    flows: Flows,
    outages: Outages,
    strangers: Strangers,
    gone: Gone,
    subscriptions: BTreeMap<u64, Subscription>,
    shutting_down: bool,
}

impl Endpoint {
    /// A user agent with no identity and no address yet.
    pub fn new(config: EndpointConfig) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(config.seed),
            config,
            outputs: VecDeque::new(),
            counters: Counters::default(),
            udp: Vec::new(),
            tcp_listen: Vec::new(),
            tls_listen: Vec::new(),
            source: None,
            last_number: 0,
            lines: BTreeMap::new(),
            calls: BTreeMap::new(),
            outgoing: BTreeMap::new(),
            branches: BTreeMap::new(),
            connecting: BTreeMap::new(),
            served: BTreeMap::new(),
            requests: BTreeMap::new(),
            flows: Flows::default(),
            outages: Outages::default(),
            strangers: Strangers::default(),
            gone: Gone::default(),
            subscriptions: BTreeMap::new(),
            shutting_down: false,
        }
    }

    /// Where the driver sends UDP from, and where it takes connections.
    pub fn local_addresses(
        &mut self,
        udp: Vec<SocketAddr>,
        tcp_listen: Vec<SocketAddr>,
        tls_listen: Vec<SocketAddr>,
    ) {
        self.udp = udp;
        self.tcp_listen = tcp_listen;
        self.tls_listen = tls_listen;
    }

    /// How to find out which address of this machine is used towards a peer. It tells which of
    /// several sockets to send from, and what stands in Via and Contact if that one is bound to
    /// all addresses (`0.0.0.0`, `[::]`).
    pub fn set_source(&mut self, source: fn(SocketAddr) -> Option<IpAddr>) {
        self.source = Some(source);
    }

    /// One datagram, or one message or keepalive from a stream.
    pub fn receive(&mut self, now: Instant, flow: Flow, bytes: &[u8]) {
        self.flows.used(now, flow);
        if bytes == b"\r\n" {
            for line in self.lines.values_mut() {
                line.keepalive.pong(flow);
            }
            return;
        }
        match message::read(bytes) {
            Ok(SipMessage::Request(request)) => self.receive_request(now, flow, request),
            Ok(SipMessage::Response(response)) => self.receive_response(now, flow, response),
            Err(ReadError::Empty) => {}
            Err(error) => self.receive_broken(now, flow, &error),
        }
    }

    /// A connection is gone, or a UDP peer is unreachable (ICMP).
    pub fn closed(&mut self, now: Instant, flow: Flow, error: TransportError) {
        self.flows.closed(flow);
        self.forget_flow(now, flow, &error);
    }

    fn forget_flow(&mut self, now: Instant, flow: Flow, error: &TransportError) {
        let waiting: Vec<u64> = self
            .outgoing
            .iter()
            .filter(|(_, outgoing)| {
                outgoing.transaction.is_some() && outgoing.is_waiting() && outgoing.is_on(flow)
            })
            .map(|(id, _)| *id)
            .collect();
        for id in waiting {
            self.way_failed(now, id, error.clone());
        }
        let lines: Vec<AccountId> = self
            .lines
            .iter()
            .filter(|(_, line)| {
                line.flow.is_some_and(|own| {
                    own == flow
                        || (!own.is_reliable()
                            && own.transport == flow.transport
                            && own.remote == flow.remote)
                })
            })
            .map(|(id, _)| id.clone())
            .collect();
        for id in lines {
            self.line_flow_closed(now, &id, error.clone());
        }
    }

    /// Acts on all timers that are due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.outgoing_timeouts(now);
        self.served_timeouts(now);
        self.call_timeouts(now);
        self.line_timeouts(now);
        self.subscription_timeouts(now);
        let (lines, calls, outgoing) = (&self.lines, &self.calls, &self.outgoing);
        let idle = self.flows.take_idle(now, |flow| {
            lines.values().any(|line| line.flow == Some(flow))
                || calls.values().any(|call| call.flow == Some(flow))
                || outgoing
                    .values()
                    .any(|outgoing| outgoing.flow == Some(flow))
        });
        for flow in idle {
            self.push(Output::Action(Action::Close { flow }));
        }
    }

    fn outgoing_timeouts(&mut self, now: Instant) {
        let due: Vec<u64> = self
            .outgoing
            .iter()
            .filter(|(_, outgoing)| outgoing.poll_timeout().is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let Some(outgoing) = self.outgoing.get_mut(&id) else {
                continue;
            };
            if outgoing.is_overdue(now) {
                self.way_failed(now, id, TransportError::TimedOut);
                continue;
            }
            let Some(transaction) = &mut outgoing.transaction else {
                continue;
            };
            match transaction.timeout(now) {
                ClientTimeout::Nothing => {}
                ClientTimeout::Repeat => {
                    if let Some(flow) = outgoing.flow {
                        let bytes = outgoing.bytes().to_vec();
                        self.transmit(now, flow, bytes);
                    }
                }
                ClientTimeout::Expired => self.expired(now, id),
                ClientTimeout::Over => {
                    self.drop_outgoing(id);
                }
            }
        }
    }

    fn served_timeouts(&mut self, now: Instant) {
        let due: Vec<ServerKey> = self
            .served
            .iter()
            .filter(|(_, served)| {
                served
                    .transaction
                    .poll_timeout()
                    .is_some_and(|at| at <= now)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in due {
            let Some(served) = self.served.get_mut(&key) else {
                continue;
            };
            match served.transaction.timeout(now) {
                ServerTimeout::Nothing => {}
                ServerTimeout::Repeat => {
                    let (flow, bytes) = (served.flow, served.last.clone());
                    self.transmit(now, flow, bytes);
                }
                ServerTimeout::Over => {
                    self.served.remove(&key);
                    self.requests.retain(|_, known| *known != key);
                }
            }
        }
    }

    fn line_timeouts(&mut self, now: Instant) {
        let due: Vec<AccountId> = self
            .lines
            .iter()
            .filter(|(_, line)| line.poll_timeout().is_some_and(|at| at <= now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in due {
            let Some(line) = self.lines.get_mut(&id) else {
                continue;
            };
            let flow = line.flow;
            match (line.keepalive.timeout(now, &mut self.rng), flow) {
                (KeepaliveTimeout::Ping, Some(flow)) => {
                    self.transmit(now, flow, b"\r\n\r\n".to_vec());
                }
                (KeepaliveTimeout::Dead, Some(flow)) => {
                    self.push(Output::Action(Action::Close { flow }));
                    self.closed(now, flow, TransportError::TimedOut);
                }
                _ => {}
            }
            self.register(now, &id);
            self.ask_preferred(now, &id);
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let outgoing = self.outgoing.values().filter_map(Outgoing::poll_timeout);
        let served = self
            .served
            .values()
            .filter_map(|served| served.transaction.poll_timeout());
        let calls = self.calls.values().filter_map(Call::poll_timeout);
        let lines = self.lines.values().filter_map(Line::poll_timeout);
        let subscriptions = self
            .subscriptions
            .values()
            .filter_map(Subscription::poll_timeout);
        outgoing
            .chain(served)
            .chain(calls)
            .chain(lines)
            .chain(subscriptions)
            .chain(self.flows.poll_timeout())
            .min()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Ends all calls and unregisters all identities. [`is_idle`](Self::is_idle) tells when that
    /// is done.
    pub fn shut_down(&mut self, now: Instant) {
        self.shutting_down = true;
        let calls: Vec<u64> = self.calls.keys().copied().collect();
        for call in calls {
            self.hang_up(now, call);
        }
        let lines: Vec<AccountId> = self.lines.keys().cloned().collect();
        for line in lines {
            self.remove_identity(now, &line);
        }
    }

    /// Whether nothing is under way: no call, no request that waits for its response.
    pub fn is_idle(&self) -> bool {
        self.outputs.is_empty()
            && self.calls.is_empty()
            && !self.outgoing.values().any(Outgoing::is_waiting)
            && !self
                .served
                .values()
                .any(|served| served.transaction.awaits_ack())
            && !self.lines.values().any(|line| line.outgoing.is_some())
    }

    /// What was refused or dropped so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// A number for a request, a question or a call.
    fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// A random token: a tag, a Call-ID.
    fn token(&mut self) -> String {
        format!("{:016x}", self.rng.u64(..))
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    fn transmit(&mut self, now: Instant, flow: Flow, bytes: Vec<u8>) {
        let open = if self.flows.is_open(flow) {
            Some(flow)
        } else {
            self.flows.instead_of(flow)
        };
        match open {
            Some(flow) if self.outputs.len() < MAX_OUTPUTS => {
                self.flows.used(now, flow);
                self.outputs
                    .push_back(Output::Action(Action::Transmit { flow, bytes }));
            }
            _ => self.counters.dropped += 1,
        }
    }

    fn drop_outgoing(&mut self, id: u64) -> Option<Outgoing> {
        let outgoing = self.outgoing.remove(&id)?;
        self.branches.remove(&outgoing.branch_key());
        Some(outgoing)
    }

    /// Nobody waits for this request any more.
    fn abandon(&mut self, now: Instant, id: u64) {
        if let Some(outgoing) = self.outgoing.get_mut(&id) {
            outgoing.purpose = Purpose::Stray;
            outgoing.abandon(now);
            if outgoing.transaction.is_none() {
                self.drop_outgoing(id);
            }
        }
    }

    /// The address UDP to this peer goes out from.
    fn udp_local(&self, remote: SocketAddr) -> Option<SocketAddr> {
        let family = |local: &&SocketAddr| local.is_ipv4() == remote.is_ipv4();
        let locals = || self.udp.iter().filter(family);
        let source = self.source.and_then(|source| source(remote));
        locals()
            .find(|local| source == Some(local.ip()))
            .or_else(|| locals().find(|local| local.ip().is_unspecified() && source.is_some()))
            .or_else(|| {
                locals().find(|local| {
                    local.ip().is_loopback() == remote.ip().is_loopback()
                        && !local.ip().is_unspecified()
                })
            })
            .or_else(|| locals().find(|local| local.ip().is_unspecified()))
            .or_else(|| locals().next())
            .copied()
    }

    /// An open flow as it is now, if it still can be used.
    fn live(&self, flow: Flow) -> Option<Flow> {
        if flow.is_reliable() {
            return self.flows.is_open(flow).then_some(flow);
        }
        if self.udp.contains(&flow.local) {
            return Some(flow);
        }
        Some(Flow::udp(self.udp_local(flow.remote)?, flow.remote))
    }

    /// Over this flow if it is open, else (or if it turns out dead) by looking up `place`.
    fn hop_over(&self, flow: Flow, place: Place) -> Hop {
        match self.live(flow) {
            Some(flow) => Hop::Flow(flow, Some(place)),
            None => Hop::Place(place),
        }
    }

    /// Our Contact on a flow.
    fn contact(&self, flow: Flow, account: Option<&AccountId>, user: Option<&str>) -> Uri {
        let line = account.and_then(|account| self.lines.get(account));
        // A large request may go by a passing TCP connection; we are still found where we
        // registered.
        let registered = line.and_then(|line| line.flow);
        let flow = registered
            .filter(|own| own.transport != flow.transport)
            .unwrap_or(flow);
        let public = line
            .and_then(|line| line.public)
            .filter(|_| registered == Some(flow));
        let address = public.unwrap_or_else(|| match flow.transport {
            Transport::Udp => self.visible(flow),
            // A server is called back where it listens, a client over its own connection.
            Transport::Tcp => self.listening(&self.tcp_listen, flow, line),
            Transport::Tls => self.listening(&self.tls_listen, flow, line),
        });
        let mut uri = Uri::new(user, address.ip().into(), Some(address.port()));
        if flow.is_reliable() {
            let name = outgoing::protocol(flow.transport).to_ascii_lowercase();
            uri = uri.with_param("transport", Some(&name));
        }
        if line.is_some_and(|line| line.identity.register) {
            uri = uri.with_param("ob", None);
        }
        uri
    }

    fn listening(&self, listen: &[SocketAddr], flow: Flow, line: Option<&Line>) -> SocketAddr {
        let local = self.visible(flow);
        if line.is_some_and(|line| line.identity.register) {
            return local;
        }
        let port = listen
            .iter()
            .find(|address| address.ip() == local.ip() || address.ip().is_unspecified())
            .map_or(local.port(), SocketAddr::port);
        SocketAddr::new(local.ip(), port)
    }

    /// Our own address on a flow, as far as we can know it.
    fn visible(&self, flow: Flow) -> SocketAddr {
        let ip = flow.local.ip();
        if !ip.is_unspecified() {
            return flow.local;
        }
        let ip = match self.source.and_then(|source| source(flow.remote)) {
            Some(source) => source,
            None if flow.remote.ip().is_loopback() => flow.remote.ip(),
            None => ip,
        };
        SocketAddr::new(ip, flow.local.port())
    }
}
