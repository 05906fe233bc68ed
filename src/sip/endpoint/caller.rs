//! Calls we make, up to the answer (RFC 3261 section 13.2), and CANCEL (9.1).

use std::time::Instant;

use super::call::{Call, Cancel, Early, MAX_CALLS, MAX_EARLY, Stage};
use super::outgoing::{ContactKind, Hop, Outgoing, Place, Purpose};
use super::prack::number_of;
use super::{Caller, Endpoint, Event, Failure};
use crate::account::Transport;
use crate::sip::dialog::{Dialog, Draft};
use crate::sip::flow::{Flow, Trust};
use crate::sip::message::{HeadersView, Method, NameAddr, Response, Uri, reason_of};
use crate::sip::transaction::LIFETIME;

/// How many Contacts of a redirection are told.
const MAX_CONTACTS: usize = 8;
/// How many branches of a forked INVITE may answer.
const MAX_ANSWERS: usize = 32;

impl Endpoint {
    /// Calls `target` under the number `call`. `body` is the offer, `application/sdp`.
    pub fn invite(
        &mut self,
        now: Instant,
        call: u64,
        from: Caller,
        target: Uri,
        extra_headers: Vec<rsip::Header>,
        body: Vec<u8>,
    ) {
        if self.calls.contains_key(&call) {
            return;
        }
        let number = self.number();
        let (account, user, from, routes, hop) = match from {
            Caller::Account(id) => {
                let Some(line) = self.lines.get(&id) else {
                    self.refuse_call(call);
                    return;
                };
                let direct = !line.identity.register && line.identity.registrar.is_none();
                let place = if direct {
                    let identity = &line.identity;
                    Place::of(&target, identity.transport, identity.trust.clone())
                } else {
                    line.place()
                };
                let hop = match line.flow.filter(|_| !direct) {
                    Some(flow) => self.hop_over(flow, place),
                    None => Hop::Place(place),
                };
                let user = if line.identity.register {
                    line.token.clone()
                } else {
                    line.identity.login.clone()
                };
                let routes = if direct {
                    line.routes()
                } else {
                    line.call_routes()
                };
                (Some(id), Some(user), line.address(), routes, hop)
            }
            Caller::Bare { from, flow } => {
                let hop = match flow {
                    Some(flow) => Hop::Flow(flow, None),
                    None => Hop::Place(Place::of(&target, Transport::Udp, Trust::default())),
                };
                let user = from.uri.unescaped_user();
                (None, user, from, Vec::new(), hop)
            }
        };
        if self.calls.len() >= MAX_CALLS || self.shutting_down {
            self.refuse_call(call);
            return;
        }
        if let Hop::Flow(flow, None) = hop
            && !self.flows.is_open(flow)
        {
            self.event(Event::Ended {
                call,
                by_peer: false,
                failure: Some(Failure::Transport {
                    host: flow.remote.to_string(),
                    error: crate::sip::flow::TransportError::Closed,
                }),
                status: None,
            });
            return;
        }
        let mut uri = target.clone();
        uri.headers = None;
        let tag = self.token();
        let draft = Draft {
            method: Method::Invite,
            to: NameAddr::new(to_address(&target)),
            uri,
            routes,
            strict: false,
            from: from.with_tag(&tag),
            call_id: self.token(),
            cseq: 1,
            headers: extra_headers,
            content_type: "application/sdp".into(),
            body: body.clone(),
        };
        let stage = Stage::Calling {
            invite: number,
            cancel: Cancel::No,
        };
        let mut state = Call::new(account.clone(), user.clone(), true, stage);
        state.local_body = body;
        self.calls.insert(call, state);
        let contact = ContactKind::Call { user };
        let outgoing = Outgoing::new(Purpose::Invite { call }, draft, account, contact);
        self.send(now, number, outgoing, hop);
    }

    fn refuse_call(&mut self, call: u64) {
        self.event(Event::Ended {
            call,
            by_peer: false,
            failure: Some(Failure::NoNetwork),
            status: None,
        });
    }

    /// A provisional response to our INVITE.
    pub(super) fn progress(
        &mut self,
        now: Instant,
        call: u64,
        id: u64,
        flow: Flow,
        response: &Response,
    ) {
        let Some(outgoing) = self.outgoing.get(&id) else {
            return;
        };
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let Stage::Calling { invite, cancel } = &state.stage else {
            return;
        };
        if *invite != id {
            return;
        }
        if *cancel == Cancel::Wanted {
            self.cancel_invite(now, call);
            return;
        }
        let status = response.status_code.code();
        if *cancel != Cancel::No || status == 100 {
            return;
        }
        state.flow = Some(flow);
        let mut described = !response.body.is_empty();
        if let Ok(dialog) = Dialog::as_caller(&outgoing.draft, response)
            && let Some(early) = state.early_dialog(dialog)
        {
            described &= early.answer.is_none();
            if let Some(number) = number_of(response) {
                if !early.takes(number, &response.body) {
                    return;
                }
                let tag = early.dialog.remote_tag().to_owned();
                self.acknowledge_provisional(now, call, id, tag, number);
            }
        }
        self.event(Event::Progress {
            call,
            status,
            reason: reason_of(response).to_owned(),
            body: described.then(|| response.body.clone()),
        });
    }

    /// A final response to our INVITE; there can be several 2xx.
    pub(super) fn invite_answered(
        &mut self,
        now: Instant,
        call: u64,
        id: u64,
        flow: Flow,
        response: &Response,
        failure: Failure,
    ) {
        let status = response.status_code.code();
        let current = match self.calls.get(&call).map(|call| &call.stage) {
            Some(Stage::Calling { invite, cancel }) if *invite == id => Some(*cancel),
            _ => None,
        };
        if status >= 300 {
            if current.is_some() {
                let failure = redirected(response).unwrap_or(failure);
                self.tell_end(call, true, Some(failure), Some(status));
                self.forget_call(now, call);
            }
            return;
        }
        if self.acknowledge_again(now, id, response) {
            return;
        }
        if current.is_none() && self.is_answer_of(call, response) {
            // The ACK found no way the last time.
            let cseq = response.cseq().map_or(0, |cseq| cseq.seq);
            self.acknowledge(now, Some(call), id, cseq);
            return;
        }
        let Some(cancel) = current else {
            self.stray_answered(now, id, flow, response);
            return;
        };
        let Some(outgoing) = self.outgoing.get(&id) else {
            return;
        };
        let Ok(dialog) = Dialog::as_caller(&outgoing.draft, response) else {
            let failure = Failure::Status {
                status: 502,
                reason: "Unusable answer".into(),
            };
            self.tell_end(call, true, Some(failure), Some(status));
            self.forget_call(now, call);
            return;
        };
        let (cseq, from_peer) = (outgoing.draft.cseq, dialog.remote.clone());
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        // What went and came in the early dialog counts for the order in the confirmed one.
        let early = std::mem::take(&mut state.early)
            .into_iter()
            .find(|early| early.dialog.remote_tag() == dialog.remote_tag());
        state.dialog = Some(match &early {
            Some(early) => Dialog {
                remote_cseq: early.dialog.remote_cseq,
                local_cseq: early.dialog.local_cseq,
                ..dialog
            },
            None => dialog,
        });
        // After a reliable answer no other counts (RFC 3261 13.2.1).
        let body = early
            .and_then(|early| early.answer)
            .unwrap_or_else(|| response.body.clone());
        state.flow = Some(flow);
        state.stage = Stage::Up;
        self.acknowledge(now, Some(call), id, cseq);
        if cancel != Cancel::No {
            self.leave(now, call);
            return;
        }
        self.start_timer_as_caller(now, call, response);
        self.event(Event::Answered {
            call,
            body,
            flow,
            from_peer,
        });
        self.proceed(now, call);
    }

    /// Whether the dialog of a call is the one that this response made.
    fn is_answer_of(&self, call: u64, response: &Response) -> bool {
        let dialog = self.calls.get(&call).and_then(|call| call.dialog.as_ref());
        dialog.is_some_and(|dialog| {
            response
                .to_addr()
                .is_ok_and(|to| to.tag().unwrap_or_default() == dialog.remote_tag())
                && response
                    .call_id()
                    .is_ok_and(|call_id| call_id == dialog.call_id)
        })
    }

    /// Whether our INVITE still is to be answered: nobody has hung up.
    pub(super) fn is_wanted(&self, call: u64) -> bool {
        matches!(
            self.calls.get(&call).map(|call| &call.stage),
            Some(Stage::Calling {
                cancel: Cancel::No,
                ..
            })
        )
    }

    /// Our INVITE found no way or no answer.
    pub(super) fn invite_given_up(&mut self, now: Instant, call: u64, id: u64, failure: Failure) {
        let current = matches!(
            self.calls.get(&call).map(|call| &call.stage),
            Some(Stage::Calling { invite, .. }) if *invite == id
        );
        if current {
            self.tell_end(call, false, Some(failure), None);
            self.forget_call(now, call);
        }
    }

    /// Sends the ACK for a 2xx to our INVITE with the number `id` in a call's dialog.
    pub(super) fn acknowledge(&mut self, now: Instant, call: Option<u64>, id: u64, cseq: u32) {
        let Some(state) = call.and_then(|call| self.calls.get(&call)) else {
            return;
        };
        let Some(dialog) = state.dialog.clone() else {
            return;
        };
        let (account, flow) = (state.account.clone(), state.flow);
        self.send_ack(now, account, flow, id, &dialog, cseq);
    }

    fn send_ack(
        &mut self,
        now: Instant,
        account: Option<crate::account::AccountId>,
        flow: Option<Flow>,
        id: u64,
        dialog: &Dialog,
        cseq: u32,
    ) {
        let draft = dialog.ack(cseq);
        let Some(hop) = self.dialog_hop(account.as_ref(), flow, &draft) else {
            return;
        };
        let purpose = Purpose::Ack {
            invite: id,
            tag: dialog.remote_tag().to_owned(),
        };
        let number = self.number();
        let outgoing = Outgoing::new(purpose, draft, account, ContactKind::Absent);
        self.send(now, number, outgoing, hop);
    }

    /// Sends the ACK once more if this 2xx was acknowledged before.
    pub(super) fn acknowledge_again(&mut self, now: Instant, id: u64, response: &Response) -> bool {
        let Ok(to) = response.to_addr() else {
            return true;
        };
        let tag = to.tag().unwrap_or_default();
        let sent = self.outgoing.get(&id).and_then(|outgoing| {
            let ack = outgoing.acks.iter().find(|ack| ack.tag == tag)?;
            Some((ack.flow, ack.bytes.clone()))
        });
        if let Some((flow, bytes)) = sent {
            self.transmit(now, flow, bytes);
            return true;
        }
        // The ACK still looks for its way.
        self.outgoing.values().any(|outgoing| {
            matches!(&outgoing.purpose, Purpose::Ack { invite, tag: known } if *invite == id && known == tag)
        })
    }

    /// A 2xx that nobody waits for, from another branch or after the call was given up: it is
    /// acknowledged and its dialog ended (RFC 3261 13.2.2.4).
    pub(super) fn stray_answered(
        &mut self,
        now: Instant,
        id: u64,
        flow: Flow,
        response: &Response,
    ) {
        let Some(outgoing) = self.outgoing.get(&id) else {
            return;
        };
        if outgoing.draft.method != Method::Invite || outgoing.acks.len() >= MAX_ANSWERS {
            return;
        }
        if self.acknowledge_again(now, id, response) {
            return;
        }
        let Some(outgoing) = self.outgoing.get(&id) else {
            return;
        };
        let Ok(mut dialog) = Dialog::as_caller(&outgoing.draft, response) else {
            return;
        };
        let (account, cseq) = (outgoing.account.clone(), outgoing.draft.cseq);
        self.send_ack(now, account.clone(), Some(flow), id, &dialog, cseq);
        let draft = dialog.request(Method::Bye);
        let Some(hop) = self.dialog_hop(account.as_ref(), Some(flow), &draft) else {
            return;
        };
        let number = self.number();
        let bye = Outgoing::new(Purpose::Stray, draft, account, ContactKind::Absent);
        self.send(now, number, bye, hop);
    }

    /// Cancels our INVITE: at once if a provisional response came, else when it comes.
    pub(super) fn cancel_invite(&mut self, now: Instant, call: u64) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let Stage::Calling { invite, cancel } = &mut state.stage else {
            return;
        };
        if matches!(cancel, Cancel::Sent { .. }) {
            return;
        }
        let invite = *invite;
        let Some(outgoing) = self.outgoing.get_mut(&invite) else {
            self.forget_call(now, call);
            return;
        };
        outgoing.stay();
        let (Some(transaction), Some(sent), Some(flow)) =
            (&outgoing.transaction, &outgoing.sent, outgoing.flow)
        else {
            // It did not even go out.
            self.drop_outgoing(invite);
            self.forget_call(now, call);
            return;
        };
        if !transaction.is_proceeding() {
            *cancel = Cancel::Wanted;
            return;
        }
        *cancel = Cancel::Sent {
            give_up_at: now + LIFETIME,
        };
        let draft = Draft {
            method: Method::Cancel,
            headers: Vec::new(),
            body: Vec::new(),
            ..outgoing.draft.clone()
        };
        let mut cancel = Outgoing::new(Purpose::Cancel, draft, None, ContactKind::Absent);
        cancel.via = sent.text("Via").map(str::to_owned);
        let number = self.number();
        self.send(now, number, cancel, Hop::Flow(flow, None));
    }
}

impl Call {
    /// The early dialog that a provisional response with a To tag belongs to.
    fn early_dialog(&mut self, dialog: Dialog) -> Option<&mut Early> {
        let tag = dialog.remote_tag();
        let known = |early: &Early| early.dialog.remote_tag() == tag;
        let at = match self.early.iter().position(known) {
            Some(at) => at,
            None if tag.is_empty() || self.early.len() >= MAX_EARLY => return None,
            None => {
                self.early.push(Early {
                    dialog,
                    rseq: None,
                    answer: None,
                });
                self.early.len() - 1
            }
        };
        self.early.get_mut(at)
    }
}

/// Where a 3xx response sends us (RFC 3261 21.3).
fn redirected(response: &Response) -> Option<Failure> {
    if !(300..400).contains(&response.status_code.code()) {
        return None;
    }
    let mut found = response.contacts().ok()?;
    let preference = |contact: &NameAddr| -> f32 {
        let q = contact.params.value("q").and_then(|q| q.parse().ok());
        q.filter(|q: &f32| q.is_finite()).unwrap_or(1.0)
    };
    found.sort_by(|a, b| preference(b).total_cmp(&preference(a)));
    let mut contacts: Vec<Uri> = Vec::new();
    for mut uri in found.into_iter().map(|contact| contact.uri) {
        uri.headers = None;
        if contacts.len() < MAX_CONTACTS && !contacts.iter().any(|known| known.equivalent(&uri)) {
            contacts.push(uri);
        }
    }
    (!contacts.is_empty()).then_some(Failure::Redirected { contacts })
}

/// The logical recipient: the target without what only concerns its transport.
fn to_address(target: &Uri) -> Uri {
    let mut uri = target.clone();
    uri.headers = None;
    for name in ["transport", "maddr", "ttl", "method", "lr", "ob"] {
        uri.params.remove(name);
    }
    uri
}
