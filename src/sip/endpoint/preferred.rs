//! The server that an account would rather be registered at.

use std::time::{Duration, Instant};

use crate::sip::flow::Target;

/// The pause between two questions.
const PAUSE: Duration = Duration::from_secs(30);

/// The server that would be used if it answered.
#[derive(Debug)]
pub(super) struct Preferred {
    pub target: Target,
    /// When it is asked next.
    ask_at: Instant,
    /// The question that is on its way.
    pub asked: Option<u64>,
}

impl Preferred {
    /// A server that is asked after a pause.
    pub fn new(target: Target, now: Instant) -> Self {
        Self {
            target,
            ask_at: now + PAUSE,
            asked: None,
        }
    }

    /// The question was answered, or was not: the next one comes after a pause.
    pub fn rest(&mut self, now: Instant) {
        self.asked = None;
        self.ask_at = now + PAUSE;
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        self.asked.is_none().then_some(self.ask_at)
    }
}
