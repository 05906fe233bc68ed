//! Provisional responses that are acknowledged (RFC 3262): as caller whenever the far side sends
//! them, as callee if the caller requires it.

use std::time::Instant;

use crate::sip::flow::Flow;
use crate::sip::transaction::{LIFETIME, T1};

/// How our provisional responses to one INVITE are acknowledged.
#[derive(Debug)]
pub(super) struct Reliable {
    /// RSeq of the last one.
    pub last: u32,
    /// The number of the INVITE.
    pub cseq: u32,
    pub pending: Option<Pending>,
    /// What is to be said once the pending one is acknowledged.
    pub next: Option<(u16, Vec<u8>)>,
    /// The call was accepted, and the 2xx has to wait.
    pub accepted: bool,
    /// One of them carried our session description.
    pub described: bool,
}

/// The one that waits for its PRACK.
#[derive(Debug)]
pub(super) struct Pending {
    pub flow: Flow,
    pub bytes: Vec<u8>,
    pub described: bool,
    pub interval: std::time::Duration,
    pub repeat_at: Instant,
    pub give_up_at: Instant,
}

impl Reliable {
    /// The first response gets the number after `last`.
    pub fn new(last: u32, cseq: u32) -> Self {
        Self {
            last,
            cseq,
            pending: None,
            next: None,
            accepted: false,
            described: false,
        }
    }

    /// The number of a response that may go out now; otherwise it is kept for later.
    pub fn begin(&mut self, status: u16, body: &[u8]) -> Option<u32> {
        if self.pending.is_some() {
            self.next = Some((status, body.to_vec()));
            return None;
        }
        self.last = self.last.saturating_add(1);
        Some(self.last)
    }

    /// The response with the last number went out.
    pub fn sent(&mut self, now: Instant, flow: Flow, bytes: Vec<u8>, described: bool) {
        self.described |= described;
        self.pending = Some(Pending {
            flow,
            bytes,
            described,
            interval: T1,
            repeat_at: now + T1,
            give_up_at: now + LIFETIME,
        });
    }

    /// Whether a 2xx has to wait: for the PRACK of a session description, or for what the PRACK
    /// offered (RFC 3262 section 3). If not, nothing more is repeated.
    pub fn holds_back(&mut self, offer_is_open: bool) -> bool {
        let described = |pending: &Pending| pending.described;
        self.accepted = offer_is_open || self.pending.as_ref().is_some_and(described);
        if !self.accepted {
            self.pending = None;
        }
        self.accepted
    }

    /// Whether our session description was acknowledged.
    pub fn is_agreed(&self) -> bool {
        self.described && self.pending.is_none()
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        let pending = self.pending.as_ref()?;
        Some(pending.repeat_at.min(pending.give_up_at))
    }
}
