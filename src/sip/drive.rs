//! Between the endpoint and the driver: what one says is handed to the other.

use std::time::Instant;

use crate::sip::transport::{Driver, Input};
use crate::sip::{Endpoint, Event, Output};

/// Hands what came from the network to the endpoint.
pub fn deliver(endpoint: &mut Endpoint, now: Instant, input: Input) {
    match input {
        Input::Message { flow, bytes } => endpoint.receive(now, flow, &bytes),
        Input::Located { id, result } => endpoint.located(now, id, result),
        Input::Connected { id, result } => endpoint.connected(now, id, result),
        Input::Closed { flow, error } => endpoint.closed(now, flow, error),
    }
}

/// Lets the driver do what the endpoint wants, up to the next event.
pub fn next_event(endpoint: &mut Endpoint, driver: &Driver) -> Option<Event> {
    loop {
        match endpoint.poll_output()? {
            Output::Event(event) => return Some(event),
            other => driver.execute(other),
        }
    }
}
