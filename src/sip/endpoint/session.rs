//! Within a call: re-INVITE and UPDATE both ways, INFO, BYE, OPTIONS (RFC 3261 sections 14 and 15,
//! RFC 3311, RFC 6086). The early part of a call takes UPDATE as well.

use std::time::{Duration, Instant};

use super::call::{Call, Change, Early, Queued, Stage, Theirs};
use super::incoming::{capabilities, unsupported, unusable_body};
use super::outgoing::{ContactKind, Purpose};
use super::{Endpoint, Event, Failure, refresh, timer};
use crate::sip::dialog::{Dialog, Order};
use crate::sip::flow::Flow;
use crate::sip::message::{HeadersView, Method, Request, Response, header};
use crate::sip::transaction::ServerKey;

impl Endpoint {
    /// A request with a To tag.
    pub(super) fn receive_in_dialog(
        &mut self,
        now: Instant,
        flow: Flow,
        key: ServerKey,
        request: Request,
        to_tag: &str,
    ) {
        let Some((call, cseq)) = self.call_of_request(&request) else {
            if request.method == Method::Notify && self.receive_notify(now, flow, &key, &request) {
                return;
            }
            self.answer_stateless(now, flow, &request, 481, Vec::new());
            return;
        };
        let (call_id, from_tag) = match (request.call_id(), request.from_addr()) {
            (Ok(call_id), Ok(from)) => (
                call_id.to_owned(),
                from.tag().unwrap_or_default().to_owned(),
            ),
            _ => return,
        };
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let Some(dialog) = state.dialog_of(&call_id, &from_tag, to_tag) else {
            return;
        };
        let method = request.method;
        if dialog.note_request(cseq) == Order::Old {
            self.answer_stateless(now, flow, &request, 500, Vec::new());
            return;
        }
        let leaving = matches!(state.stage, Stage::Leaving { .. });
        if leaving && method != Method::Bye {
            self.answer_stateless(now, flow, &request, 481, Vec::new());
            return;
        }
        if let Some(unsupported) = unsupported(&request) {
            let extra = vec![header("Unsupported", unsupported)];
            self.answer_stateless(now, flow, &request, 420, extra);
            return;
        }
        let of_invite = (method == Method::Invite).then_some(call);
        self.serve(now, flow, key.clone(), request.clone(), of_invite);
        match method {
            Method::Bye => self.receive_bye(now, call, &key),
            Method::Invite | Method::Update => {
                self.receive_change(now, call, flow, key, request, &from_tag);
            }
            Method::PRack => self.receive_prack(now, call, key, request),
            Method::Info => {
                self.answer(now, &key, 200, Vec::new(), Vec::new());
                self.event(Event::Info {
                    call,
                    content_type: request.text("Content-Type").unwrap_or_default().to_owned(),
                    body: request.body,
                });
            }
            Method::Options => {
                self.answer(now, &key, 200, capabilities(), Vec::new());
            }
            Method::Refer => self.receive_refer(now, call, flow, &key, &request),
            Method::Subscribe => self.receive_refer_subscription(now, call, &key, &request),
            Method::Notify => self.receive_refer_notify(now, call, &key, &request),
            _ => {
                let extra = vec![header("Allow", super::ALLOW)];
                self.answer(now, &key, 405, extra, Vec::new());
            }
        }
    }

    fn receive_bye(&mut self, now: Instant, call: u64, key: &ServerKey) {
        self.answer(now, key, 200, Vec::new(), Vec::new());
        self.refuse_theirs(now, call, 487);
        let Some(state) = self.calls.get(&call) else {
            return;
        };
        match &state.stage {
            Stage::Ringing { key, .. } => {
                let key = key.clone();
                self.answer(now, &key, 487, Vec::new(), Vec::new());
            }
            Stage::Leaving { bye: Some(bye) } => {
                // Both hung up at once; ours gets its answer, or not.
                let bye = *bye;
                self.abandon(now, bye);
            }
            // A BYE in an early dialog ends that one only; the INVITE has its own final response.
            Stage::Calling { .. } => return,
            Stage::Up | Stage::Leaving { bye: None } => {}
        }
        self.tell_end(call, true, None, None);
        self.forget_call(now, call);
    }

    /// The peer's re-INVITE or UPDATE.
    fn receive_change(
        &mut self,
        now: Instant,
        call: u64,
        flow: Flow,
        key: ServerKey,
        request: Request,
        remote_tag: &str,
    ) {
        let update = request.method == Method::Update;
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        if let Some((status, accept)) = unusable_body(&request) {
            self.answer(now, &key, status, vec![accept], Vec::new());
            return;
        }
        let terms = match refresh::agree(&request) {
            Ok(terms) => terms,
            Err(min_se) => {
                self.answer(now, &key, 422, vec![min_se], Vec::new());
                return;
            }
        };
        let up = matches!(state.stage, Stage::Up);
        let offers = !update || !request.body.is_empty();
        let answer_is_due = state
            .confirm
            .as_ref()
            .is_some_and(|confirm| confirm.offered);
        // Nobody re-INVITEs before the first INVITE is answered (RFC 3261 14.2), and nobody
        // offers while another offer is open (RFC 3311 5.2).
        let agreed = up || update && state.is_agreed_early(remote_tag);
        let ours_is_open = state.stage.is_calling() && !agreed;
        if offers && (state.change.is_some() || ours_is_open || answer_is_due) {
            self.answer(now, &key, 491, Vec::new(), Vec::new());
            return;
        }
        if offers && (state.theirs.is_some() || !agreed) {
            let seconds = self.rng.u32(0..=10);
            let extra = vec![header("Retry-After", seconds.to_string())];
            self.answer(now, &key, 500, extra, Vec::new());
            return;
        }
        let mut dialogs = state.dialogs();
        if let Some(dialog) = dialogs.find(|dialog| dialog.remote_tag() == remote_tag) {
            dialog.refresh_target(&request);
        }
        drop(dialogs);
        if !state.stage.is_calling() {
            state.flow = Some(flow);
        }
        if !offers {
            let mut extra = vec![
                header("Allow", super::ALLOW),
                header("Supported", super::SUPPORTED),
            ];
            if let Some(state) = self.calls.get(&call) {
                extra.push(self.call_contact(state, flow));
            }
            extra.extend(refresh::agreed(terms));
            self.answer(now, &key, 200, extra, Vec::new());
            if up {
                self.start_timer(now, call, terms);
            }
            return;
        }
        let body = (!request.body.is_empty()).then(|| request.body.clone());
        state.theirs = Some(Theirs {
            key: key.clone(),
            request: Box::new(request),
        });
        // His next INVITE says that he has our last 200, even if its ACK was lost.
        if state.confirm.take().is_some() {
            self.event(Event::Confirmed { call });
        }
        if !update {
            self.answer(now, &key, 100, Vec::new(), Vec::new());
        }
        self.event(Event::Offer { call, body });
    }

    /// Answers an [`Event::Offer`]: with a session description or the status of a refusal.
    pub fn answer_offer(&mut self, now: Instant, call: u64, result: Result<Vec<u8>, u16>) {
        let Some(theirs) = self
            .calls
            .get_mut(&call)
            .and_then(|call| call.theirs.take())
        else {
            return;
        };
        let Theirs { key, request } = theirs;
        match result {
            Err(status) => {
                self.answer(now, &key, status.clamp(300, 699), Vec::new(), Vec::new());
            }
            Ok(body) => {
                let terms = refresh::agree(&request).unwrap_or_default();
                if request.method == Method::Invite {
                    let offered = request.body.is_empty();
                    self.accept_invite(now, call, &key, body, offered, terms);
                } else {
                    self.accept_update(now, call, &key, body, terms);
                }
            }
        }
        self.accept_at_last(now, call);
        self.proceed(now, call);
    }

    /// Sends a 200 to an UPDATE or PRACK with an offer.
    fn accept_update(
        &mut self,
        now: Instant,
        call: u64,
        key: &ServerKey,
        body: Vec<u8>,
        terms: Option<timer::Terms>,
    ) {
        let (Some(state), Some(served)) = (self.calls.get_mut(&call), self.served.get(key)) else {
            return;
        };
        state.local_body.clone_from(&body);
        let flow = served.flow;
        let tag = served.request.from_addr().ok();
        let tag = tag.as_ref().and_then(|from| from.tag()).unwrap_or_default();
        let early = |early: &&mut Early| early.dialog.remote_tag() == tag;
        if let Some(early) = state.early.iter_mut().find(early) {
            early.answer = Some(Vec::new());
        }
        let up = matches!(state.stage, Stage::Up);
        let mut extra = vec![
            header("Allow", super::ALLOW),
            header("Supported", super::SUPPORTED),
            header("Content-Type", "application/sdp"),
        ];
        if let Some(state) = self.calls.get(&call) {
            extra.push(self.call_contact(state, flow));
        }
        extra.extend(refresh::agreed(terms));
        self.answer(now, key, 200, extra, body);
        if up {
            self.start_timer(now, call, terms);
        }
    }

    /// The call ends: a change of the peer's that is still open gets a final response.
    pub(super) fn refuse_theirs(&mut self, now: Instant, call: u64, status: u16) {
        if let Some(theirs) = self
            .calls
            .get_mut(&call)
            .and_then(|call| call.theirs.take())
        {
            self.answer(now, &theirs.key, status, Vec::new(), Vec::new());
        }
    }

    /// Offers a changed session, as soon as no other change is under way. `body` is the offer;
    /// the outcome is an [`Event::OfferAnswered`].
    pub fn reinvite(&mut self, now: Instant, call: u64, body: Vec<u8>) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        if !matches!(state.stage, Stage::Up) {
            self.event(Event::OfferAnswered {
                call,
                result: Err(481),
            });
            return;
        }
        // After glare the newer wish still has to wait for its time.
        let not_before = state
            .queued
            .as_ref()
            .map_or(now, |queued| queued.not_before.max(now));
        state.queued = Some(Queued {
            not_before,
            body,
            refresh: false,
        });
        self.proceed(now, call);
    }

    /// Sends the re-INVITE that waits for its turn, if it has come. To whoever says that he takes
    /// it, a refresh is an UPDATE, which leaves the session alone (RFC 4028 section 7.4).
    pub(super) fn proceed(&mut self, now: Instant, call: u64) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        if !state.is_free() {
            return;
        }
        let Some(queued) = state.queued.take_if(|queued| queued.not_before <= now) else {
            return;
        };
        let headers = state.timer.map(|timer| timer.headers()).unwrap_or_default();
        let contact = ContactKind::Call {
            user: state.user.clone(),
        };
        let says_update = |dialog: &Dialog| dialog.allow.is_some() && dialog.allows("UPDATE");
        let update = queued.refresh && state.dialog.as_ref().is_some_and(says_update);
        let method = if update {
            Method::Update
        } else {
            Method::Invite
        };
        let Some((number, mut outgoing, hop)) =
            self.prepare(call, method, Purpose::Change { call }, contact)
        else {
            return;
        };
        outgoing.draft.headers = headers;
        if !update {
            outgoing.draft.content_type = "application/sdp".into();
            outgoing.draft.body.clone_from(&queued.body);
        }
        if let Some(state) = self.calls.get_mut(&call) {
            state.change = Some(Change {
                outgoing: number,
                body: queued.body,
                refresh: queued.refresh,
            });
        }
        self.send(now, number, outgoing, hop);
    }

    /// A final response to our re-INVITE or UPDATE.
    pub(super) fn change_answered(
        &mut self,
        now: Instant,
        call: u64,
        id: u64,
        flow: Flow,
        response: &Response,
    ) {
        let status = response.status_code.code();
        if status < 300 && self.acknowledge_again(now, id, response) {
            return;
        }
        let (cseq, update) = self.outgoing.get(&id).map_or((0, false), |outgoing| {
            let draft = &outgoing.draft;
            (draft.cseq, draft.method == Method::Update)
        });
        let Some(state) = self.calls.get_mut(&call) else {
            if status < 300 {
                self.stray_answered(now, id, flow, response);
            }
            return;
        };
        let change = state.change.take_if(|change| change.outgoing == id);
        if status < 300 {
            if let Some(dialog) = &mut state.dialog {
                dialog.refresh_target(response);
            }
            state.flow = Some(flow);
            if !update {
                self.acknowledge(now, Some(call), id, cseq);
            }
            if matches!(
                self.calls.get(&call).map(|call| &call.stage),
                Some(Stage::Up)
            ) && let Some(change) = change
            {
                self.start_timer_as_caller(now, call, response);
                self.change_accepted(now, call, change, response);
            }
            return;
        }
        if !matches!(state.stage, Stage::Up) {
            return;
        }
        let Some(change) = change else {
            return;
        };
        match status {
            491 => {
                // RFC 3261 14.1, in steps of 10 ms; whoever made the Call-ID waits longer.
                let steps = if state.ours {
                    self.rng.u64(210..=400)
                } else {
                    self.rng.u64(0..=200)
                };
                if state.queued.is_none() {
                    state.queued = Some(Queued {
                        not_before: now + Duration::from_millis(steps * 10),
                        body: change.body,
                        refresh: change.refresh,
                    });
                }
            }
            408 | 481 => {
                let failure = super::register::status_failure(response);
                self.tell_end(call, true, Some(failure), Some(status));
                self.leave(now, call);
                return;
            }
            422 if self.lengthen_timer(call, min_se(response)) => {
                self.change_again(now, call, change);
            }
            // He said that he takes it, but does not.
            405 | 501 if update => {
                if let Some(state) = self.calls.get_mut(&call)
                    && let Some(dialog) = &mut state.dialog
                {
                    dialog.allow = None;
                }
                self.change_again(now, call, change);
            }
            _ if change.refresh => {}
            _ => self.event(Event::OfferAnswered {
                call,
                result: Err(status),
            }),
        }
        self.proceed(now, call);
    }

    /// Has a change tried once more, unless there is a newer wish.
    fn change_again(&mut self, now: Instant, call: u64, change: Change) {
        if let Some(state) = self.calls.get_mut(&call)
            && state.queued.is_none()
        {
            state.queued = Some(Queued {
                not_before: now,
                body: change.body,
                refresh: change.refresh,
            });
        }
    }

    fn change_accepted(&mut self, now: Instant, call: u64, change: Change, response: &Response) {
        if !change.refresh {
            if let Some(state) = self.calls.get_mut(&call) {
                state.local_body = change.body;
            }
            self.event(Event::OfferAnswered {
                call,
                result: Ok(response.body.clone()),
            });
        }
        self.proceed(now, call);
    }

    /// Our re-INVITE or UPDATE found no way or no answer: the dialog is gone (RFC 3261 12.2.1.2).
    pub(super) fn change_given_up(&mut self, now: Instant, call: u64, id: u64, failure: Failure) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        if state
            .change
            .take_if(|change| change.outgoing == id)
            .is_some()
            && matches!(state.stage, Stage::Up)
        {
            self.tell_end(call, false, Some(failure), None);
            self.leave(now, call);
        }
    }

    /// Whether a method can be sent in a call now: it is answered, and the peer's Allow names the
    /// method or there is none.
    pub fn allows(&self, call: u64, method: &str) -> bool {
        let up = |call: &&Call| matches!(call.stage, Stage::Up);
        let dialog = self.calls.get(&call).filter(up);
        let dialog = dialog.and_then(|call| call.dialog.as_ref());
        dialog.is_some_and(|dialog| dialog.allows(method))
    }

    /// Sends an INFO in a call.
    pub fn info(&mut self, now: Instant, call: u64, content_type: &str, body: Vec<u8>) {
        let Some(state) = self.calls.get(&call) else {
            return;
        };
        if !matches!(state.stage, Stage::Up) {
            return;
        }
        let prepared = self.prepare(
            call,
            Method::Info,
            Purpose::Info { call },
            ContactKind::Absent,
        );
        if let Some((number, mut outgoing, hop)) = prepared {
            outgoing.draft.content_type = content_type.to_owned();
            outgoing.draft.body = body;
            self.send(now, number, outgoing, hop);
        }
    }
}

impl Call {
    /// Whether the first offer was answered before the call is: reliably (RFC 3262 section 5).
    fn is_agreed_early(&self, remote_tag: &str) -> bool {
        let of_this = |early: &&Early| early.dialog.remote_tag() == remote_tag;
        match self.stage {
            Stage::Calling { .. } => {
                let early = self.early.iter().find(of_this);
                early.is_some_and(|early| early.answer.is_some())
            }
            Stage::Ringing { .. } => self
                .reliable
                .as_ref()
                .is_some_and(|reliable| reliable.is_agreed()),
            Stage::Up | Stage::Leaving { .. } => false,
        }
    }
}

impl Stage {
    fn is_calling(&self) -> bool {
        matches!(self, Self::Calling { .. })
    }
}

fn min_se(response: &Response) -> Option<u32> {
    let text = response.text("Min-SE")?;
    text.split(';').next()?.trim().parse().ok()
}
