//! Between the endpoint and the driver: what one says is handed to the other.

use std::net::SocketAddr;
use std::time::{Instant, SystemTime};

use crate::sip::trace::Trace;
use crate::sip::transport::{Driver, Input, local_ip_for};
use crate::sip::{Action, Endpoint, Event, Output};

/// A driver that works for an endpoint.
#[derive(Debug)]
pub struct Link {
    driver: Driver,
    trace: Trace,
}

impl Link {
    /// Takes the driver, and tells the endpoint where it is reached.
    pub fn new(driver: Driver, endpoint: &mut Endpoint) -> Self {
        let link = Self {
            driver,
            trace: Trace::default(),
        };
        endpoint.set_source(local_ip_for);
        endpoint.local_addresses(
            link.driver.udp_addresses(),
            link.driver.tcp_addresses(),
            link.driver.tls_addresses(),
        );
        link
    }

    /// The UDP addresses that are listened on.
    pub fn udp_addresses(&self) -> Vec<SocketAddr> {
        self.driver.udp_addresses()
    }

    /// The last messages.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The next thing that comes from the network.
    pub async fn next(&mut self) -> Input {
        self.driver.next().await
    }

    /// Hands what came from the network to the endpoint.
    pub fn deliver(&mut self, endpoint: &mut Endpoint, now: Instant, input: Input) {
        match input {
            Input::Message { flow, bytes } => {
                self.trace.keep(SystemTime::now(), flow, false, &bytes);
                endpoint.receive(now, flow, &bytes);
            }
            Input::Located { id, result } => endpoint.located(now, id, result),
            Input::Connected { id, result } => endpoint.connected(now, id, result),
            Input::Closed { flow, error } => endpoint.closed(now, flow, error),
        }
    }

    /// Lets the driver do what the endpoint wants, up to the next event.
    pub fn next_event(&mut self, endpoint: &mut Endpoint) -> Option<Event> {
        loop {
            match endpoint.poll_output()? {
                Output::Event(event) => return Some(event),
                Output::Action(action) => {
                    if let Action::Transmit { flow, bytes } = &action {
                        self.trace.keep(SystemTime::now(), *flow, true, bytes);
                    }
                    self.driver.execute(action);
                }
            }
        }
    }
}
