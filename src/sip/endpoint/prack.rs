//! Reliable provisional responses on the wire (RFC 3262): PRACK sent, taken and waited for.

use std::time::Instant;

use super::call::{Early, Stage, Theirs};
use super::outgoing::{ContactKind, Purpose};
use super::{Endpoint, Event, Failure};
use crate::sip::message::{HeadersView, Method, Request, Response, header};
use crate::sip::transaction::ServerKey;

impl Early {
    /// Whether a reliable response is the next in order, and not a repeat (RFC 3262 section 4).
    /// The first session description in one is the answer.
    pub fn takes(&mut self, number: u32, body: &[u8]) -> bool {
        if self
            .rseq
            .is_some_and(|last| last.checked_add(1) != Some(number))
        {
            return false;
        }
        self.rseq = Some(number);
        if self.answer.is_none() && !body.is_empty() {
            self.answer = Some(body.to_vec());
        }
        true
    }
}

/// RSeq of a response that has to be acknowledged.
pub(super) fn number_of(response: &Response) -> Option<u32> {
    if !response.lists("Require", "100rel") {
        return None;
    }
    let number = response.text("RSeq")?.trim().parse().ok()?;
    (1..1 << 31).contains(&number).then_some(number)
}

/// RAck: the number of the response and that of the INVITE.
fn acknowledged(request: &Request) -> Option<(u32, u32)> {
    let mut words = request.text("RAck")?.split_ascii_whitespace();
    let numbers = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (words.next()? == "INVITE" && words.next().is_none()).then_some(numbers)
}

impl Endpoint {
    /// Sends the PRACK for a response to our INVITE `id`.
    pub(super) fn acknowledge_provisional(
        &mut self,
        now: Instant,
        call: u64,
        id: u64,
        tag: String,
        number: u32,
    ) {
        let cseq = self
            .outgoing
            .get(&id)
            .map_or(0, |outgoing| outgoing.draft.cseq);
        let purpose = Purpose::Prack { call, tag };
        let prepared = self.prepare(call, Method::PRack, purpose, ContactKind::Absent);
        if let Some((id, mut outgoing, hop)) = prepared {
            outgoing.draft.headers = vec![header("RAck", format!("{number} {cseq} INVITE"))];
            self.send(now, id, outgoing, hop);
        }
    }

    pub(super) fn receive_prack(
        &mut self,
        now: Instant,
        call: u64,
        key: ServerKey,
        request: Request,
    ) {
        let state = self.calls.get_mut(&call);
        let Some(state) = state.filter(|call| {
            call.reliable.as_ref().is_some_and(|reliable| {
                acknowledged(&request) == Some((reliable.last, reliable.cseq))
            })
        }) else {
            self.answer(now, &key, 481, Vec::new(), Vec::new());
            return;
        };
        let Some(reliable) = &mut state.reliable else {
            return;
        };
        let pending = reliable.pending.take();
        let accepted = reliable.accepted;
        let next = reliable.next.take().filter(|_| !accepted);
        let offered = match &state.stage {
            Stage::Ringing { key, .. } => self
                .served
                .get(key)
                .is_some_and(|invite| invite.request.body.is_empty()),
            _ => false,
        };
        let offers = !request.body.is_empty() && !offered;
        if offers && (!reliable.described || state.theirs.is_some()) {
            self.answer(now, &key, 488, Vec::new(), Vec::new());
        } else if offers {
            let body = Some(request.body.clone());
            let request = Box::new(request);
            state.theirs = Some(Theirs { key, request });
            self.event(Event::Offer { call, body });
        } else {
            self.answer(now, &key, 200, Vec::new(), Vec::new());
            if pending.is_some_and(|pending| pending.described) && offered {
                self.event(Event::DelayedAnswer {
                    call,
                    body: request.body,
                });
            }
        }
        if let Some((status, body)) = next {
            self.ring(now, call, status, Some(body));
        }
        self.accept_at_last(now, call);
    }

    /// Sends the 2xx that had to wait, if it need not any more.
    pub(super) fn accept_at_last(&mut self, now: Instant, call: u64) {
        let reliable = self
            .calls
            .get(&call)
            .and_then(|call| call.reliable.as_ref());
        if reliable.is_some_and(|reliable| reliable.accepted) {
            self.accept(now, call, Vec::new());
        }
    }

    /// Repeats what was not acknowledged; in the end the call is refused.
    pub(super) fn reliable_timeout(&mut self, now: Instant, call: u64) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let pending = state
            .reliable
            .as_mut()
            .and_then(|reliable| reliable.pending.as_mut());
        let (Some(pending), Stage::Ringing { key, .. }) = (pending, &state.stage) else {
            return;
        };
        if pending.give_up_at <= now {
            let (key, host) = (key.clone(), pending.flow.remote.to_string());
            self.answer(now, &key, 504, Vec::new(), Vec::new());
            self.tell_end(call, false, Some(Failure::Timeout { host }), Some(504));
            self.forget_call(now, call);
        } else if pending.repeat_at <= now {
            pending.interval *= 2;
            pending.repeat_at = now + pending.interval;
            let (flow, bytes) = (pending.flow, pending.bytes.clone());
            self.transmit(now, flow, bytes);
        }
    }
}
