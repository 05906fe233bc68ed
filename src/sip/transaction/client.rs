use std::time::{Duration, Instant};

use super::{LIFETIME, T1, T2, T4};

/// The client side of a transaction (RFC 3261 17.1, RFC 6026 section 8.4).
#[derive(Debug)]
pub struct ClientTransaction {
    invite: bool,
    reliable: bool,
    state: State,
    interval: Duration,
    repeat_at: Option<Instant>,
    over_at: Option<Instant>,
    /// Nobody waits for the outcome: it ends in time, whatever provisional responses say.
    abandoned: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// "Calling" of an INVITE, "Trying" of anything else.
    Trying,
    Proceeding,
    /// A 2xx to INVITE came; more of them may come from other branches.
    Accepted,
    Completed,
    Terminated,
}

/// What to do with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reception {
    /// Hand it to the transaction user.
    pub deliver: bool,
    /// Send an ACK within the transaction (RFC 3261 17.1.1.3).
    pub acknowledge: bool,
}

/// What a timer of a client transaction asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientTimeout {
    /// Nothing is due.
    Nothing,
    /// Send the request again (timers A and E).
    Repeat,
    /// No final response came in time (timers B and F); the transaction is terminated.
    Expired,
    /// The transaction is over and can be forgotten (timers D, K and M).
    Over,
}

impl ClientTransaction {
    /// A transaction whose request is sent at `now`.
    pub fn new(now: Instant, invite: bool, reliable: bool) -> Self {
        Self {
            invite,
            reliable,
            state: State::Trying,
            interval: T1,
            repeat_at: (!reliable).then(|| now + T1),
            over_at: Some(now + LIFETIME),
            abandoned: false,
        }
    }

    /// A response with this status arrived.
    pub fn response(&mut self, now: Instant, status: u16) -> Reception {
        let waiting = matches!(self.state, State::Trying | State::Proceeding);
        match status {
            100..=199 if waiting => {
                if self.invite {
                    // Timers A and B stop: from here on only a final response ends it.
                    self.repeat_at = None;
                    self.over_at = self.over_at.filter(|_| self.abandoned);
                } else if self.state == State::Trying && !self.reliable {
                    self.interval = T2;
                    self.repeat_at = Some(now + T2);
                }
                self.state = State::Proceeding;
                Reception::DELIVER
            }
            200..=299 if self.invite && waiting => {
                self.finish(State::Accepted, now, LIFETIME);
                Reception::DELIVER
            }
            200..=299 if self.invite && self.state == State::Accepted => Reception::DELIVER,
            300..=699 if self.invite && waiting => {
                let linger = if self.reliable {
                    Duration::ZERO
                } else {
                    LIFETIME
                };
                self.finish(State::Completed, now, linger);
                Reception {
                    deliver: true,
                    acknowledge: true,
                }
            }
            300..=699 if self.invite && self.state == State::Completed => Reception {
                deliver: false,
                acknowledge: true,
            },
            200..=699 if !self.invite && waiting => {
                let linger = if self.reliable { Duration::ZERO } else { T4 };
                self.finish(State::Completed, now, linger);
                Reception::DELIVER
            }
            _ => Reception {
                deliver: false,
                acknowledge: false,
            },
        }
    }

    fn finish(&mut self, state: State, now: Instant, linger: Duration) {
        self.state = state;
        self.repeat_at = None;
        self.over_at = Some(now + linger);
    }

    /// Acts on the timers that are due.
    pub fn timeout(&mut self, now: Instant) -> ClientTimeout {
        if self.over_at.is_some_and(|at| at <= now) {
            let expired = matches!(self.state, State::Trying | State::Proceeding);
            self.state = State::Terminated;
            self.repeat_at = None;
            self.over_at = None;
            return if expired {
                ClientTimeout::Expired
            } else {
                ClientTimeout::Over
            };
        }
        if self.repeat_at.is_some_and(|at| at <= now) {
            self.interval = if self.invite {
                self.interval * 2
            } else {
                (self.interval * 2).min(T2)
            };
            self.repeat_at = Some(now + self.interval);
            return ClientTimeout::Repeat;
        }
        ClientTimeout::Nothing
    }

    /// When [`timeout`](Self::timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match (self.repeat_at, self.over_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Nobody waits for a final response any more: the time for one is limited again.
    pub fn abandon(&mut self, now: Instant) {
        self.abandoned = true;
        if self.is_waiting() {
            let limit = now + LIFETIME;
            self.over_at = Some(self.over_at.map_or(limit, |at| at.min(limit)));
        }
    }

    /// Whether a provisional response came and no final one yet: the time for a CANCEL
    /// (RFC 3261 9.1).
    pub fn is_proceeding(&self) -> bool {
        self.state == State::Proceeding
    }

    /// Whether no final response came yet.
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, State::Trying | State::Proceeding)
    }
}

impl Reception {
    const DELIVER: Self = Self {
        deliver: true,
        acknowledge: false,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(
        transaction: &mut ClientTransaction,
        start: Instant,
    ) -> (Vec<u128>, ClientTimeout, u128) {
        let mut repeats = Vec::new();
        loop {
            let Some(at) = transaction.poll_timeout() else {
                return (repeats, ClientTimeout::Nothing, 0);
            };
            let elapsed = (at - start).as_millis();
            match transaction.timeout(at) {
                ClientTimeout::Repeat => repeats.push(elapsed),
                outcome => return (repeats, outcome, elapsed),
            }
        }
    }

    #[test]
    fn an_abandoned_invite_ends_although_a_provisional_response_comes() {
        let start = Instant::now();
        let mut transaction = ClientTransaction::new(start, true, false);
        transaction.abandon(start);
        transaction.response(start, 100);
        let (_, outcome, at) = run(&mut transaction, start);
        assert_eq!((outcome, at), (ClientTimeout::Expired, 32000));
    }

    #[test]
    fn an_unanswered_invite_is_repeated_ever_slower_and_expires_after_32_s() {
        let start = Instant::now();
        let mut transaction = ClientTransaction::new(start, true, false);
        let (repeats, outcome, at) = run(&mut transaction, start);
        assert_eq!(repeats, [500, 1500, 3500, 7500, 15500, 31500]);
        assert_eq!((outcome, at), (ClientTimeout::Expired, 32000));
    }

    #[test]
    fn another_request_is_repeated_at_most_every_4_s() {
        let start = Instant::now();
        let mut transaction = ClientTransaction::new(start, false, false);
        let (repeats, outcome, at) = run(&mut transaction, start);
        assert_eq!(
            repeats,
            [
                500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500
            ]
        );
        assert_eq!((outcome, at), (ClientTimeout::Expired, 32000));
    }

    #[test]
    fn nothing_is_repeated_on_a_stream() {
        let start = Instant::now();
        for invite in [true, false] {
            let mut transaction = ClientTransaction::new(start, invite, true);
            let (repeats, outcome, at) = run(&mut transaction, start);
            assert!(repeats.is_empty());
            assert_eq!((outcome, at), (ClientTimeout::Expired, 32000));
        }
    }

    #[test]
    fn a_provisional_response_stops_the_clock_of_an_invite() {
        let start = Instant::now();
        let mut transaction = ClientTransaction::new(start, true, false);
        assert!(transaction.response(start, 180).deliver);
        assert_eq!(transaction.poll_timeout(), None);
        assert!(transaction.is_proceeding());
    }

    #[test]
    fn a_refusal_is_acknowledged_each_time_and_told_once() {
        let start = Instant::now();
        let mut transaction = ClientTransaction::new(start, true, false);
        let first = transaction.response(start, 486);
        assert!(first.deliver && first.acknowledge);
        let second = transaction.response(start, 486);
        assert!(!second.deliver && second.acknowledge);
        let (_, outcome, at) = run(&mut transaction, start);
        assert_eq!((outcome, at), (ClientTimeout::Over, 32000));
    }

    #[test]
    fn every_2xx_reaches_the_user_for_32_s() {
        let start = Instant::now();
        let mut transaction = ClientTransaction::new(start, true, true);
        assert!(transaction.response(start, 200).deliver);
        assert!(transaction.response(start, 200).deliver);
        assert!(!transaction.response(start, 486).deliver);
        let (_, outcome, at) = run(&mut transaction, start);
        assert_eq!((outcome, at), (ClientTimeout::Over, 32000));
    }

    #[test]
    fn a_provisional_response_to_another_request_slows_its_repeats() {
        let start = Instant::now();
        let mut transaction = ClientTransaction::new(start, false, false);
        assert!(transaction.response(start, 100).deliver);
        let (repeats, outcome, at) = run(&mut transaction, start);
        assert_eq!(repeats.first(), Some(&4000));
        assert_eq!((outcome, at), (ClientTimeout::Expired, 32000));
    }

    #[test]
    fn a_final_response_to_another_request_is_told_once() {
        let start = Instant::now();
        let mut transaction = ClientTransaction::new(start, false, false);
        assert!(transaction.response(start, 200).deliver);
        assert!(!transaction.response(start, 200).deliver);
        let (_, outcome, at) = run(&mut transaction, start);
        assert_eq!((outcome, at), (ClientTimeout::Over, 5000));
    }
}
