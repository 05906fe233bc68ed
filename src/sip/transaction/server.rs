use std::time::{Duration, Instant};

use super::{LIFETIME, T1, T2, T4};
use crate::sip::message::{HeadersView, Method, Request};

/// What tells server transactions apart (RFC 3261 17.2.3). An ACK has the key of its INVITE.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerKey {
    branch: String,
    sent_by: String,
    method: String,
}

impl ServerKey {
    /// The key of a request, `None` if its Via, CSeq or From is missing.
    pub fn of(request: &Request) -> Option<Self> {
        let via = request.via().ok()?;
        let cseq = request.cseq().ok()?;
        let method = if request.method == Method::Ack {
            Method::Invite
        } else {
            request.method
        };
        let port = via.port.map(|port| port.to_string()).unwrap_or_default();
        let branch = match via.branch() {
            Some(branch) if branch.starts_with("z9hG4bK") => branch.to_owned(),
            // A client of RFC 2543: its transactions are known by all that stays the same.
            _ => format!(
                "{} {} {}",
                request.call_id().ok()?,
                cseq.seq,
                request.from_addr().ok()?.tag().unwrap_or_default()
            ),
        };
        Some(Self {
            branch,
            sent_by: format!("{}:{port}", via.host).to_ascii_lowercase(),
            method: method.to_string(),
        })
    }

    /// The key of the INVITE that a CANCEL with this key would cancel (RFC 3261 9.2).
    pub fn cancelled(&self) -> Self {
        Self {
            method: Method::Invite.to_string(),
            ..self.clone()
        }
    }
}

/// The server side of a transaction (RFC 3261 17.2, RFC 6026 section 8.4).
#[derive(Debug)]
pub struct ServerTransaction {
    invite: bool,
    reliable: bool,
    state: State,
    interval: Duration,
    repeat_at: Option<Instant>,
    over_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    /// A 2xx to INVITE was sent; the call repeats it until its ACK.
    Accepted,
    Completed,
    Confirmed,
    Terminated,
}

/// What a timer of a server transaction asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerTimeout {
    /// Nothing is due.
    Nothing,
    /// Send the last response again (timer G).
    Repeat,
    /// The transaction is over and can be forgotten (timers H, I, J and L).
    Over,
}

impl ServerTransaction {
    /// A transaction whose request has just arrived.
    pub fn new(now: Instant, invite: bool, reliable: bool) -> Self {
        Self {
            invite,
            reliable,
            state: if invite {
                State::Proceeding
            } else {
                State::Trying
            },
            interval: T1,
            repeat_at: None,
            // A request other than INVITE has no use for an answer after timer F of its client.
            over_at: (!invite).then(|| now + LIFETIME),
        }
    }

    /// Whether a response may still be sent.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Trying | State::Proceeding)
    }

    /// Whether a refused INVITE still waits for its ACK.
    pub fn awaits_ack(&self) -> bool {
        self.invite && self.state == State::Completed
    }

    /// A response with this status is sent now.
    pub fn respond(&mut self, now: Instant, status: u16) {
        match status {
            100..=199 => self.state = State::Proceeding,
            200..=299 if self.invite => {
                self.state = State::Accepted;
                self.over_at = Some(now + LIFETIME);
            }
            _ => {
                self.state = State::Completed;
                self.over_at = Some(if self.invite || !self.reliable {
                    now + LIFETIME
                } else {
                    now
                });
                if self.invite && !self.reliable {
                    self.interval = T1;
                    self.repeat_at = Some(now + T1);
                }
            }
        }
    }

    /// The request arrived again; true if the last response has to be sent again.
    pub fn repeated(&self) -> bool {
        matches!(self.state, State::Proceeding | State::Completed)
    }

    /// An ACK arrived for a response other than 2xx.
    pub fn acknowledged(&mut self, now: Instant) {
        if self.awaits_ack() {
            self.state = State::Confirmed;
            self.repeat_at = None;
            self.over_at = Some(if self.reliable { now } else { now + T4 });
        }
    }

    /// Acts on the timers that are due.
    pub fn timeout(&mut self, now: Instant) -> ServerTimeout {
        if self.over_at.is_some_and(|at| at <= now) {
            self.state = State::Terminated;
            self.repeat_at = None;
            self.over_at = None;
            return ServerTimeout::Over;
        }
        if self.repeat_at.is_some_and(|at| at <= now) {
            self.interval = (self.interval * 2).min(T2);
            self.repeat_at = Some(now + self.interval);
            return ServerTimeout::Repeat;
        }
        ServerTimeout::Nothing
    }

    /// When [`timeout`](Self::timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match (self.repeat_at, self.over_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_repeated_until_its_ack() {
        let start = Instant::now();
        let mut transaction = ServerTransaction::new(start, true, false);
        transaction.respond(start, 486);
        assert_eq!(transaction.timeout(start + T1), ServerTimeout::Repeat);
        assert!(transaction.awaits_ack());
        transaction.acknowledged(start + T1);
        assert!(!transaction.repeated(), "a late repeat is absorbed");
        assert_eq!(transaction.poll_timeout(), Some(start + T1 + T4));
        assert_eq!(transaction.timeout(start + T1 + T4), ServerTimeout::Over);
    }

    #[test]
    fn a_refusal_without_an_ack_is_given_up_after_32_s() {
        let start = Instant::now();
        let mut transaction = ServerTransaction::new(start, true, false);
        transaction.respond(start, 486);
        let mut repeats = 0;
        while let Some(at) = transaction.poll_timeout() {
            match transaction.timeout(at) {
                ServerTimeout::Repeat => repeats += 1,
                ServerTimeout::Over => assert_eq!(at, start + LIFETIME),
                ServerTimeout::Nothing => panic!("a timer fired for nothing"),
            }
        }
        assert_eq!(
            repeats, 10,
            "0.5, 1.5, 3.5, 7.5 s and every 4 s from then on"
        );
    }

    #[test]
    fn a_2xx_leaves_repeats_of_the_invite_absorbed() {
        let start = Instant::now();
        let mut transaction = ServerTransaction::new(start, true, false);
        assert!(transaction.repeated(), "the 100 is sent again");
        transaction.respond(start, 200);
        assert!(!transaction.repeated());
        assert_eq!(transaction.poll_timeout(), Some(start + LIFETIME));
    }

    #[test]
    fn another_request_gets_its_response_again_for_32_s() {
        let start = Instant::now();
        let mut transaction = ServerTransaction::new(start, false, false);
        assert!(
            !transaction.repeated(),
            "there is nothing to send again yet"
        );
        transaction.respond(start, 200);
        assert!(transaction.repeated());
        assert_eq!(transaction.timeout(start + LIFETIME), ServerTimeout::Over);
    }

    #[test]
    fn a_stream_needs_no_memory_of_what_was_answered() {
        let start = Instant::now();
        let mut transaction = ServerTransaction::new(start, false, true);
        transaction.respond(start, 200);
        assert_eq!(transaction.timeout(start), ServerTimeout::Over);
    }
}
