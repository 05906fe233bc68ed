//! Places that did not answer lately are tried after the others (RFC 3263 section 4.3).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::account::Transport;

/// How long an outage is remembered if nothing is heard of the place.
const REMEMBERED: Duration = Duration::from_secs(300);
/// How many are remembered.
const MAX_OUTAGES: usize = 256;

/// A place requests go to.
pub(super) type Spot = (Transport, SocketAddr);

#[derive(Debug, Default)]
pub(super) struct Outages {
    until: HashMap<Spot, Instant>,
}

impl Outages {
    pub fn note(&mut self, now: Instant, spot: Spot) {
        if self.until.len() >= MAX_OUTAGES {
            self.until.retain(|_, until| now < *until);
        }
        if self.until.len() < MAX_OUTAGES || self.until.contains_key(&spot) {
            self.until.insert(spot, now + REMEMBERED);
        }
    }

    /// Something was heard of it.
    pub fn clear(&mut self, spot: Spot) {
        self.until.remove(&spot);
    }

    pub fn is_out(&self, now: Instant, spot: Spot) -> bool {
        self.until.get(&spot).is_some_and(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_forgotten_in_time_and_the_memory_is_bounded() {
        let now = Instant::now();
        let mut outages = Outages::default();
        let spot = |number: u16| (Transport::Udp, SocketAddr::from(([192, 0, 2, 1], number)));
        for number in 0..1000 {
            outages.note(now, spot(number));
        }
        assert_eq!(outages.until.len(), MAX_OUTAGES);
        assert!(outages.is_out(now, spot(1)));
        outages.clear(spot(1));
        assert!(!outages.is_out(now, spot(1)));
        let later = now + REMEMBERED;
        assert!(!outages.is_out(later, spot(2)));
        for number in [998, 999] {
            outages.note(later, spot(number));
            assert!(outages.is_out(later, spot(number)));
        }
        assert_eq!(outages.until.len(), 2);
    }
}
