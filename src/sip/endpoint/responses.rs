//! Responses to our requests: to whom they go, and what is tried again by itself
//! (credentials, another place).

use std::time::Instant;

use super::outgoing::{Hop, Outgoing, Purpose};
use super::register::status_failure;
use super::{Endpoint, Failure};
use crate::sip::auth::{Credentials, DigestClient};
use crate::sip::flow::Flow;
use crate::sip::message::{HeadersView, Method, Response};

/// Challenges that one request is worth, those of proxies and stale nonces included.
const MAX_CHALLENGES: u8 = 6;

/// What became of a challenge.
enum Challenge {
    /// The request goes out again.
    Answered,
    /// There is no use in another attempt.
    Refused,
    /// We have no credentials, or the challenge is beyond us.
    Unanswerable,
}

impl Endpoint {
    pub(super) fn receive_response(&mut self, now: Instant, flow: Flow, response: Response) {
        self.outages.clear((flow.transport, flow.remote));
        let Some(id) = self.transaction_of(&response) else {
            self.counters.dropped += 1;
            return;
        };
        let status = response.status_code.code();
        let Some(outgoing) = self.outgoing.get_mut(&id) else {
            return;
        };
        let Some(transaction) = &mut outgoing.transaction else {
            return;
        };
        let reception = transaction.response(now, status);
        if reception.acknowledge {
            self.acknowledge_refusal(now, id, &response);
        }
        if reception.deliver {
            self.deliver(now, id, flow, &response);
        }
    }

    /// The client transaction a response belongs to (RFC 3261 17.1.3).
    fn transaction_of(&self, response: &Response) -> Option<u64> {
        let vias = response.vias().ok()?;
        let [via] = vias.as_slice() else {
            return None;
        };
        let cseq = response.cseq().ok()?;
        let key = (via.branch()?.to_owned(), cseq.method == Method::Cancel);
        let id = self.branches.get(&key)?;
        let draft = &self.outgoing.get(id)?.draft;
        let from = response.from_addr().ok()?;
        let fits = draft.method == cseq.method
            && draft.cseq == cseq.seq
            && response.call_id().ok()? == draft.call_id
            && from.tag() == draft.from.tag();
        fits.then_some(*id)
    }

    fn deliver(&mut self, now: Instant, id: u64, flow: Flow, response: &Response) {
        let Some(outgoing) = self.outgoing.get(&id) else {
            return;
        };
        let purpose = outgoing.purpose.clone();
        let more_places = outgoing.has_more_candidates();
        let status = response.status_code.code();
        if status < 200 {
            if let Purpose::Invite { call } = purpose {
                self.progress(now, call, id, flow, response);
            }
            return;
        }
        let wanted = match &purpose {
            Purpose::Invite { call } => self.is_wanted(*call),
            purpose => *purpose != Purpose::Cancel,
        };
        if matches!(status, 401 | 407) && wanted {
            match self.challenged(now, id, flow, response) {
                Challenge::Answered => return,
                Challenge::Refused => {
                    self.refused(now, id, purpose, flow, response, Failure::WrongPassword);
                    return;
                }
                Challenge::Unanswerable => {}
            }
        }
        if status == 503 && more_places && wanted {
            self.elsewhere(now, id);
            return;
        }
        self.refused(now, id, purpose, flow, response, status_failure(response));
    }

    /// A final response that nothing more can be done about here; also 2xx.
    fn refused(
        &mut self,
        now: Instant,
        id: u64,
        purpose: Purpose,
        flow: Flow,
        response: &Response,
        failure: Failure,
    ) {
        match purpose {
            Purpose::Register { account } if failure == Failure::WrongPassword => {
                self.register_given_up(now, id, &account, failure);
            }
            Purpose::Register { account } => {
                self.register_answered(now, id, &account, flow, response);
            }
            Purpose::Invite { call } => {
                self.invite_answered(now, call, id, flow, response, failure);
            }
            Purpose::Change { call } => self.change_answered(now, call, id, flow, response),
            Purpose::Bye { call } => self.forget_call(now, call),
            Purpose::Subscribe { subscription } => {
                self.subscribe_answered(now, subscription, id, flow, response);
            }
            Purpose::Refer { call } => self.refer_answered(now, call, response),
            Purpose::Notify { call, last } => self.notify_answered(call, last),
            Purpose::Ask { account } => {
                let answers = response.status_code.code() != 503;
                self.preferred_asked(now, id, &account, answers);
            }
            Purpose::Stray if response.status_code.code() < 300 => {
                self.stray_answered(now, id, flow, response);
            }
            Purpose::Info { .. }
            | Purpose::Prack { .. }
            | Purpose::Cancel
            | Purpose::Ack { .. }
            | Purpose::Stray => {}
        }
    }

    /// A request found no way, or no answer.
    pub(super) fn given_up(&mut self, now: Instant, id: u64, outgoing: Outgoing, failure: Failure) {
        match outgoing.purpose {
            Purpose::Register { account } => self.register_given_up(now, id, &account, failure),
            Purpose::Invite { call } => self.invite_given_up(now, call, id, failure),
            Purpose::Change { call } => self.change_given_up(now, call, id, failure),
            Purpose::Bye { call } => self.forget_call(now, call),
            Purpose::Subscribe { subscription } => {
                self.subscribe_given_up(now, subscription, id);
            }
            Purpose::Refer { call } => self.refer_given_up(call),
            Purpose::Notify { call, last } => self.notify_answered(call, last),
            Purpose::Ask { account } => self.preferred_asked(now, id, &account, false),
            Purpose::Info { .. }
            | Purpose::Prack { .. }
            | Purpose::Cancel
            | Purpose::Ack { .. }
            | Purpose::Stray => {}
        }
    }

    fn challenged(&mut self, now: Instant, id: u64, flow: Flow, response: &Response) -> Challenge {
        let Some(outgoing) = self.outgoing.get(&id) else {
            return Challenge::Unanswerable;
        };
        let (purpose, account) = (outgoing.purpose.clone(), outgoing.account.clone());
        let challenges = outgoing.challenges.saturating_add(1);
        let Some(credentials) = account
            .and_then(|account| self.lines.get(&account))
            .and_then(|line| line.credentials())
        else {
            return Challenge::Unanswerable;
        };
        let Some(digest) = self.digest(&purpose) else {
            return Challenge::Unanswerable;
        };
        match digest.challenge(response, &credentials) {
            Ok(true) => {}
            Ok(false) => return Challenge::Refused,
            Err(_) => return Challenge::Unanswerable,
        }
        if challenges > MAX_CHALLENGES {
            return Challenge::Refused;
        }
        self.again(now, id, Some(flow), |next| next.challenges = challenges);
        Challenge::Answered
    }

    /// The server is out of service: the next place gets the request (RFC 3263 4.3).
    fn elsewhere(&mut self, now: Instant, id: u64) {
        self.again(now, id, None, |_| {});
    }

    /// Sends a request again in a new transaction, over this flow or to the next place. The old
    /// transaction lingers for repeats of the response.
    fn again(
        &mut self,
        now: Instant,
        id: u64,
        flow: Option<Flow>,
        change: impl FnOnce(&mut Outgoing),
    ) {
        let number = self.number();
        let Some(outgoing) = self.outgoing.get_mut(&id) else {
            return;
        };
        let mut next = outgoing.succeed();
        change(&mut next);
        let cseq = self.next_cseq(&next.purpose, next.draft.cseq);
        next.draft.cseq = cseq;
        match &next.purpose {
            Purpose::Register { account } => {
                if let Some(line) = self.lines.get_mut(account) {
                    line.outgoing = Some(number);
                }
            }
            Purpose::Invite { call } | Purpose::Change { call } | Purpose::Bye { call } => {
                if let Some(call) = self.calls.get_mut(call) {
                    call.replace_outgoing(id, number);
                }
            }
            Purpose::Subscribe { subscription } => {
                if let Some(subscription) = self.subscriptions.get_mut(subscription) {
                    subscription.replace_outgoing(number);
                }
            }
            Purpose::Info { .. }
            | Purpose::Refer { .. }
            | Purpose::Notify { .. }
            | Purpose::Prack { .. }
            | Purpose::Ask { .. }
            | Purpose::Cancel
            | Purpose::Ack { .. }
            | Purpose::Stray => {}
        }
        match flow.and_then(|flow| self.live(flow)) {
            Some(flow) => {
                let then = next.take_place();
                self.send(now, number, next, Hop::Flow(flow, then));
            }
            None => {
                self.outgoing.insert(number, next);
                self.pursue(now, number);
            }
        }
    }

    fn next_cseq(&mut self, purpose: &Purpose, last: u32) -> u32 {
        match purpose {
            Purpose::Register { account } => self
                .lines
                .get_mut(account)
                .map_or(last, |line| line.next_cseq()),
            Purpose::Subscribe { subscription } => self
                .subscriptions
                .get_mut(subscription)
                .map_or(last, |subscription| subscription.next_cseq()),
            Purpose::Change { call }
            | Purpose::Bye { call }
            | Purpose::Info { call }
            | Purpose::Refer { call }
            | Purpose::Notify { call, .. }
            | Purpose::Prack { call, .. } => self
                .calls
                .get_mut(call)
                .and_then(|call| call.dialog_for(purpose))
                .map_or(last, |dialog| {
                    dialog.local_cseq = dialog.local_cseq.max(last).saturating_add(1);
                    dialog.local_cseq
                }),
            _ => last.saturating_add(1),
        }
    }

    fn digest(&mut self, purpose: &Purpose) -> Option<&mut DigestClient> {
        match purpose {
            Purpose::Register { account } => {
                self.lines.get_mut(account).map(|line| &mut line.digest)
            }
            Purpose::Subscribe { subscription } => self
                .subscriptions
                .get_mut(subscription)
                .map(|subscription| &mut subscription.digest),
            Purpose::Invite { call }
            | Purpose::Change { call }
            | Purpose::Bye { call }
            | Purpose::Info { call }
            | Purpose::Refer { call }
            | Purpose::Notify { call, .. }
            | Purpose::Prack { call, .. } => self.calls.get_mut(call).map(|call| &mut call.digest),
            Purpose::Ask { .. } | Purpose::Cancel | Purpose::Ack { .. } | Purpose::Stray => None,
        }
    }

    /// The credentials a request carries.
    pub(super) fn authorization(&mut self, outgoing: &Outgoing) -> Vec<rsip::Header> {
        let credentials: Option<Credentials> = outgoing
            .account
            .as_ref()
            .and_then(|account| self.lines.get(account))
            .and_then(|line| line.credentials());
        let Some(credentials) = credentials else {
            return Vec::new();
        };
        let mut rng = self.rng.fork();
        let draft = &outgoing.draft;
        let uri = draft.uri.to_string();
        match self.digest(&outgoing.purpose) {
            Some(digest) => {
                digest.authorize(&draft.method, &uri, &draft.body, &credentials, &mut rng)
            }
            None => Vec::new(),
        }
    }
}
