//! Calls that come in, up to the answer and its ACK (RFC 3261 section 13.3, 9.2).

use std::time::{Duration, Instant};

use super::call::{Call, Confirm, MAX_CALLS, Provisional, Stage};
use super::incoming::unusable_body;
use super::reliable::Reliable;
use super::{Endpoint, Event, refresh, timer};
use crate::account::AccountId;
use crate::sip::dialog::Dialog;
use crate::sip::flow::Flow;
use crate::sip::message::{HeadersView, Request, header, request_uri};
use crate::sip::transaction::ServerKey;

/// Provisional responses are repeated this often (RFC 3261 13.3.1.1).
const PROVISIONAL: Duration = Duration::from_secs(60);
/// Numbers of incoming calls have this bit.
const INCOMING: u64 = 1 << 63;

impl Endpoint {
    /// An INVITE outside of dialogs, known to be for us.
    pub(super) fn receive_invite(
        &mut self,
        now: Instant,
        flow: Flow,
        key: ServerKey,
        request: Request,
        account: Option<AccountId>,
    ) {
        if let Some((status, accept)) = unusable_body(&request) {
            self.answer_stateless(now, flow, &request, status, vec![accept]);
            return;
        }
        if let Err(min_se) = refresh::agree(&request) {
            self.answer_stateless(now, flow, &request, 422, vec![min_se]);
            return;
        }
        if self.shutting_down || self.calls.len() >= MAX_CALLS {
            let status = if self.shutting_down { 480 } else { 486 };
            self.answer_stateless(now, flow, &request, status, Vec::new());
            return;
        }
        let replaces = match self.replaced_by(now, &request, account.as_ref()) {
            Ok(replaces) => replaces,
            Err(status) => {
                self.answer_stateless(now, flow, &request, status, Vec::new());
                return;
            }
        };
        let call = INCOMING | self.number();
        self.serve(now, flow, key.clone(), request.clone(), Some(call));
        let tag = self
            .served
            .get(&key)
            .map(|served| served.tag.clone())
            .unwrap_or_default();
        let made = (
            Dialog::as_callee(&request, &tag),
            request.from_addr(),
            request.cseq(),
        );
        let (dialog, from, cseq) = match made {
            (Ok(dialog), Ok(from), Ok(cseq)) => (dialog, from, cseq.seq),
            _ => {
                self.answer(now, &key, 400, Vec::new(), Vec::new());
                return;
            }
        };
        self.answer(now, &key, 100, Vec::new(), Vec::new());
        let user = match account.as_ref().and_then(|account| self.lines.get(account)) {
            Some(line) if line.identity.register => Some(line.token.clone()),
            _ => request_uri(&request)
                .ok()
                .and_then(|uri| uri.unescaped_user()),
        };
        let stage = Stage::Ringing {
            key,
            provisional: None,
        };
        let mut state = Call::new(account.clone(), user, false, stage);
        state.dialog = Some(dialog);
        state.flow = Some(flow);
        if request.lists("Require", "100rel") {
            let first = self.rng.u32(1..1 << 30);
            state.reliable = Some(Reliable::new(first, cseq));
        }
        let describe = state.reliable.is_some() && request.body.is_empty();
        self.calls.insert(call, state);
        self.event(Event::Incoming {
            call,
            account,
            request: Box::new(request),
            from,
            describe,
            replaces,
            flow,
        });
    }

    /// Our Contact in the responses of a call.
    pub(super) fn call_contact(&self, call: &Call, flow: Flow) -> rsip::Header {
        let uri = self.contact(flow, call.account.as_ref(), call.user.as_deref());
        header("Contact", format!("<{uri}>"))
    }

    /// Answers an incoming call provisionally: 180, or 183 with a session description. If the
    /// caller requires it this is repeated until he acknowledges it, and waits for its turn.
    pub fn ring(&mut self, now: Instant, call: u64, status: u16, body: Option<Vec<u8>>) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let (Stage::Ringing { key, .. }, Some(flow), 101..=199) =
            (&state.stage, state.flow, status)
        else {
            return;
        };
        let key = key.clone();
        let body = body.unwrap_or_default();
        let number = match state.reliable.as_mut() {
            Some(reliable) => match reliable.begin(status, &body) {
                Some(number) => Some(number),
                None => return,
            },
            None => None,
        };
        let Some(state) = self.calls.get(&call) else {
            return;
        };
        let mut extra = vec![
            self.call_contact(state, flow),
            header("Allow", super::ALLOW),
        ];
        if let Some(number) = number {
            extra.push(header("Require", "100rel"));
            extra.push(header("RSeq", number.to_string()));
        }
        if !body.is_empty() {
            extra.push(header("Content-Type", "application/sdp"));
        }
        let Some((flow, bytes)) = self.answer(now, &key, status, extra, body.clone()) else {
            return;
        };
        if let Some(state) = self.calls.get_mut(&call) {
            if let Some(reliable) = &mut state.reliable {
                reliable.sent(now, flow, bytes, !body.is_empty());
            }
            if !body.is_empty() {
                state.local_body.clone_from(&body);
            }
        }
        if let Some(state) = self.calls.get_mut(&call)
            && let Stage::Ringing { provisional, .. } = &mut state.stage
        {
            *provisional = Some(Provisional {
                repeat_at: now + PROVISIONAL,
                status,
                body,
            });
        }
    }

    /// Answers an incoming call with 200. `body` is the answer, or our offer if the INVITE had
    /// none; it counts for nothing if a reliable provisional response already said it.
    pub fn accept(&mut self, now: Instant, call: u64, body: Vec<u8>) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let Stage::Ringing { key, .. } = &state.stage else {
            return;
        };
        let key = key.clone();
        let mut described = false;
        if let Some(reliable) = &mut state.reliable {
            if reliable.holds_back(state.theirs.is_some()) {
                return;
            }
            described = reliable.described;
        }
        let Some(served) = self.served.get(&key) else {
            return;
        };
        let body = if described { Vec::new() } else { body };
        let offered = served.request.body.is_empty() && !described;
        let terms = refresh::agree(&served.request).unwrap_or_default();
        self.accept_invite(now, call, &key, body, offered, terms);
        if let Some(state) = self.calls.get_mut(&call) {
            state.stage = Stage::Up;
        }
    }

    /// Sends a 200 to an INVITE or re-INVITE and has it repeated until its ACK.
    pub(super) fn accept_invite(
        &mut self,
        now: Instant,
        call: u64,
        key: &ServerKey,
        body: Vec<u8>,
        offered: bool,
        terms: Option<timer::Terms>,
    ) {
        let (Some(state), Some(served)) = (self.calls.get(&call), self.served.get(key)) else {
            return;
        };
        let cseq = served.request.cseq().map_or(0, |cseq| cseq.seq);
        let mut extra = vec![
            self.call_contact(state, served.flow),
            header("Allow", super::ALLOW),
            header("Supported", super::SUPPORTED),
        ];
        extra.extend(refresh::agreed(terms));
        if !body.is_empty() {
            extra.push(header("Content-Type", "application/sdp"));
        }
        let Some((flow, bytes)) = self.answer(now, key, 200, extra, body.clone()) else {
            return;
        };
        if let Some(state) = self.calls.get_mut(&call) {
            state.confirm = Some(Confirm::new(now, cseq, flow, bytes, offered));
            if !body.is_empty() {
                state.local_body = body;
            }
        }
        self.start_timer(now, call, terms);
    }

    /// Refuses an incoming call.
    pub fn reject(&mut self, now: Instant, call: u64, status: u16, extra: Vec<rsip::Header>) {
        let Some(Stage::Ringing { key, .. }) = self.calls.get(&call).map(|call| &call.stage) else {
            return;
        };
        let key = key.clone();
        let status = status.clamp(300, 699);
        self.answer(now, &key, status, extra, Vec::new());
        self.tell_end(call, false, None, Some(status));
        self.forget_call(now, call);
    }

    /// CANCEL: answered by itself, and if its INVITE is still open that gets 487.
    pub(super) fn receive_cancel(
        &mut self,
        now: Instant,
        flow: Flow,
        key: ServerKey,
        request: Request,
    ) {
        let invite = key.cancelled();
        let Some(served) = self.served.get(&invite) else {
            self.answer_stateless(now, flow, &request, 481, Vec::new());
            return;
        };
        let (open, call, tag) = (
            served.transaction.is_open(),
            served.call,
            served.tag.clone(),
        );
        let status = cause(&request).unwrap_or(487);
        self.serve(now, flow, key.clone(), request, None);
        if let Some(served) = self.served.get_mut(&key) {
            // RFC 3261 9.2: the same To tag as the INVITE's responses.
            served.tag = tag;
        }
        self.answer(now, &key, 200, Vec::new(), Vec::new());
        if !open {
            return;
        }
        self.answer(now, &invite, 487, Vec::new(), Vec::new());
        let Some(call) = call else {
            return;
        };
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        if state
            .theirs
            .as_ref()
            .is_some_and(|theirs| theirs.key == invite)
        {
            state.theirs = None;
            self.proceed(now, call);
        } else if matches!(&state.stage, Stage::Ringing { key, .. } if *key == invite) {
            self.tell_end(call, true, None, Some(status));
            self.forget_call(now, call);
        }
    }

    /// An ACK for a 2xx.
    pub(super) fn acknowledged(&mut self, now: Instant, request: &Request) {
        let Some((call, cseq)) = self.call_of_request(request) else {
            return;
        };
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let Some(confirm) = state.confirm.take_if(|confirm| confirm.cseq == cseq) else {
            return;
        };
        if matches!(state.stage, Stage::Leaving { .. }) {
            self.leave(now, call);
            return;
        }
        if confirm.offered && !request.body.is_empty() {
            self.event(Event::DelayedAnswer {
                call,
                body: request.body.clone(),
            });
        }
        self.event(Event::Confirmed { call });
        self.proceed(now, call);
    }

    /// The call a request within a dialog belongs to, and the request's number.
    pub(super) fn call_of_request(&mut self, request: &Request) -> Option<(u64, u32)> {
        let from = request.from_addr().ok()?;
        let to = request.to_addr().ok()?;
        let cseq = request.cseq().ok()?.seq;
        let call = self.call_of(
            request.call_id().ok()?,
            from.tag().unwrap_or_default(),
            to.tag().unwrap_or_default(),
        )?;
        Some((call, cseq))
    }
}

/// The SIP cause in Reason (RFC 3326): 200 means "answered elsewhere".
fn cause(request: &Request) -> Option<u16> {
    request.list("Reason").iter().find_map(|reason| {
        let mut parts = reason.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case("SIP") {
            return None;
        }
        parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("cause"))
            .and_then(|(_, value)| value.trim().parse().ok())
    })
}
