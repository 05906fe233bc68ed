//! Between the endpoint and the driver: what one says is handed to the other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use crate::account::Transport;
use crate::sip::transport::{Action, Driver, Input, local_ip_for};
use crate::sip::{Endpoint, Event, Output, Target};

/// Somewhere on the internet, to learn the address that faces it (RFC 5737, RFC 3849); nothing is
/// sent there.
const OUTSIDE: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9),
    SocketAddr::new(
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
        9,
    ),
];

/// A driver with the knowledge of which of this computer's addresses faces whom: a socket may be
/// bound to all of them, but a message has to name one.
#[derive(Debug)]
pub struct Link {
    driver: Driver,
}

impl Link {
    /// Takes the driver, and tells the endpoint where it is reached.
    pub fn new(driver: Driver, endpoint: &mut Endpoint) -> Self {
        let link = Self { driver };
        link.tell_addresses(endpoint, &[]);
        link
    }

    /// The UDP addresses that are listened on.
    pub fn udp_addresses(&self) -> Vec<SocketAddr> {
        self.driver.udp_addresses()
    }

    /// The next thing that comes from the network.
    pub async fn next(&mut self) -> Input {
        self.driver.next().await
    }

    /// Hands what came from the network to the endpoint.
    pub fn deliver(&self, endpoint: &mut Endpoint, now: Instant, input: Input) {
        match input {
            Input::Message { mut flow, bytes } => {
                if flow.transport == Transport::Udp && flow.local.ip().is_unspecified() {
                    let ip = local_ip_for(flow.remote).unwrap_or(flow.local.ip());
                    flow.local.set_ip(ip);
                }
                endpoint.receive(now, flow, &bytes);
            }
            Input::Located { id, result } => {
                if let Ok(targets) = &result {
                    self.tell_addresses(endpoint, targets);
                }
                endpoint.located(now, id, result);
            }
            Input::Connected { id, result } => endpoint.connected(now, id, result),
            Input::Closed { flow, error } => endpoint.closed(now, flow, error),
        }
    }

    /// Lets the driver do what the endpoint wants, up to the next event.
    pub fn next_event(&self, endpoint: &mut Endpoint) -> Option<Event> {
        loop {
            self.driver.execute(match endpoint.poll_output()? {
                Output::Event(event) => return Some(event),
                Output::Transmit { flow, bytes } => Action::Transmit { flow, bytes },
                Output::Locate {
                    id,
                    host,
                    port,
                    transport,
                } => Action::Locate {
                    id,
                    host,
                    port,
                    transport,
                },
                Output::Connect { id, target, trust } => Action::Connect { id, target, trust },
                Output::Close { flow } => Action::Close { flow },
            });
        }
    }

    /// Names to the endpoint the addresses that face these targets and the outside, as they are
    /// now: they change with the network.
    fn tell_addresses(&self, endpoint: &mut Endpoint, targets: &[Target]) {
        let mut udp = Vec::new();
        for local in self.driver.udp_addresses() {
            if !local.ip().is_unspecified() {
                udp.push(local);
                continue;
            }
            let facing = targets.iter().map(|target| target.addr).chain(OUTSIDE);
            let same_family = facing.filter(|remote| remote.is_ipv4() == local.is_ipv4());
            let loopback: IpAddr = match local {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            };
            for ip in same_family.filter_map(local_ip_for).chain([loopback]) {
                let address = SocketAddr::new(ip, local.port());
                if !udp.contains(&address) {
                    udp.push(address);
                }
            }
        }
        endpoint.local_addresses(
            udp,
            self.driver.tcp_addresses(),
            self.driver.tls_addresses(),
        );
    }
}
