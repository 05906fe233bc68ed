//! A call: what both sides of it share, and how it ends.

use std::time::{Duration, Instant};

use super::outgoing::{ContactKind, Hop, Outgoing, Place, Purpose};
use super::referred::Referred;
use super::referring::Referring;
use super::reliable::Reliable;
use super::timer::SessionTimer;
use super::{Endpoint, Event, Failure};
use crate::account::{AccountId, Transport};
use crate::sip::auth::DigestClient;
use crate::sip::dialog::{Dialog, Draft};
use crate::sip::flow::{Flow, Trust};
use crate::sip::message::{Method, Request};
use crate::sip::transaction::{LIFETIME, ServerKey, T1, T2};

/// How many calls there can be.
pub(super) const MAX_CALLS: usize = 512;
/// How many early dialogs of one INVITE are remembered.
pub(super) const MAX_EARLY: usize = 16;

#[derive(Debug)]
pub(super) struct Call {
    pub account: Option<AccountId>,
    /// The user part of our Contact.
    pub user: Option<String>,
    /// Whether we made the Call-ID; decides who waits longer after glare (RFC 3261 14.1).
    pub ours: bool,
    pub stage: Stage,
    /// Whether `Ended` was told: the rest is tidying up.
    pub told: bool,
    pub dialog: Option<Dialog>,
    pub early: Vec<Early>,
    /// Whether and how our provisional responses are acknowledged, if it is required.
    pub reliable: Option<Reliable>,
    /// The flow the last INVITE of either side came or went by.
    pub flow: Option<Flow>,
    pub digest: DigestClient,
    /// Our last session description, for refreshes.
    pub local_body: Vec<u8>,
    pub change: Option<Change>,
    pub queued: Option<Queued>,
    pub theirs: Option<Theirs>,
    pub confirm: Option<Confirm>,
    pub timer: Option<SessionTimer>,
    /// Our REFER whose outcome is not known yet.
    pub referring: Option<Referring>,
    /// His REFER whose outcome is not told yet.
    pub referred: Option<Referred>,
}

/// A dialog that a provisional response to our INVITE made.
#[derive(Debug)]
pub(super) struct Early {
    pub dialog: Dialog,
    /// The number of its last reliable response (RFC 3262 section 4).
    pub rseq: Option<u32>,
    /// The reliable answer to our offer; empty if the session was changed since.
    pub answer: Option<Vec<u8>>,
}

#[derive(Debug)]
pub(super) enum Stage {
    /// Our INVITE has no final response yet.
    Calling { invite: u64, cancel: Cancel },
    /// Their INVITE has no final response yet.
    Ringing {
        key: ServerKey,
        provisional: Option<Provisional>,
    },
    /// Answered.
    Up,
    /// Our BYE is on its way, or will be once the ACK for our 200 came (RFC 3261 section 15).
    Leaving { bye: Option<u64> },
}

/// Whether our INVITE is being cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cancel {
    No,
    /// As soon as a provisional response comes (RFC 3261 9.1).
    Wanted,
    Sent {
        give_up_at: Instant,
    },
}

/// A provisional response of ours that is repeated, lest a proxy gives up (RFC 3261 13.3.1.1).
#[derive(Debug)]
pub(super) struct Provisional {
    pub repeat_at: Instant,
    pub status: u16,
    pub body: Vec<u8>,
}

/// Our re-INVITE or UPDATE that has no final response yet.
#[derive(Debug)]
pub(super) struct Change {
    pub outgoing: u64,
    pub body: Vec<u8>,
    /// A refresh the engine did not ask for.
    pub refresh: bool,
}

/// A re-INVITE of ours that waits for its turn.
#[derive(Debug)]
pub(super) struct Queued {
    pub not_before: Instant,
    pub body: Vec<u8>,
    pub refresh: bool,
}

/// The peer's re-INVITE or UPDATE that has no final response yet.
#[derive(Debug)]
pub(super) struct Theirs {
    pub key: ServerKey,
    pub request: Box<Request>,
}

/// Our 2xx to INVITE that is repeated until its ACK (RFC 3261 13.3.1.4).
#[derive(Debug)]
pub(super) struct Confirm {
    pub cseq: u32,
    pub flow: Flow,
    pub bytes: Vec<u8>,
    /// The 2xx carried our offer: the ACK brings the answer.
    pub offered: bool,
    interval: Duration,
    repeat_at: Instant,
    give_up_at: Instant,
}

impl Confirm {
    pub fn new(now: Instant, cseq: u32, flow: Flow, bytes: Vec<u8>, offered: bool) -> Self {
        Self {
            cseq,
            flow,
            bytes,
            offered,
            interval: T1,
            repeat_at: now + T1,
            give_up_at: now + LIFETIME,
        }
    }
}

impl Call {
    pub fn new(account: Option<AccountId>, user: Option<String>, ours: bool, stage: Stage) -> Self {
        Self {
            account,
            user,
            ours,
            stage,
            told: false,
            dialog: None,
            early: Vec::new(),
            reliable: None,
            flow: None,
            digest: DigestClient::new(),
            local_body: Vec::new(),
            change: None,
            queued: None,
            theirs: None,
            confirm: None,
            timer: None,
            referring: None,
            referred: None,
        }
    }

    /// The dialog of this call that a request of the peer belongs to.
    pub fn dialog_of(&mut self, call_id: &str, from: &str, to: &str) -> Option<&mut Dialog> {
        self.dialogs()
            .find(|dialog| dialog.is_of(call_id, from, to))
    }

    /// The dialog that a request of ours belongs to.
    pub fn dialog_for(&mut self, purpose: &Purpose) -> Option<&mut Dialog> {
        match purpose {
            Purpose::Prack { tag, .. } => self.dialogs().find(|dialog| dialog.remote_tag() == tag),
            _ => self.dialog.as_mut(),
        }
    }

    pub fn dialogs(&mut self) -> impl Iterator<Item = &mut Dialog> {
        let early = self.early.iter_mut().map(|early| &mut early.dialog);
        self.dialog.iter_mut().chain(early)
    }

    /// A request went out again under another number.
    pub fn replace_outgoing(&mut self, old: u64, new: u64) {
        match &mut self.stage {
            Stage::Calling { invite, .. } if *invite == old => *invite = new,
            Stage::Leaving { bye: Some(bye) } if *bye == old => *bye = new,
            _ => {}
        }
        if let Some(change) = &mut self.change
            && change.outgoing == old
        {
            change.outgoing = new;
        }
    }

    /// Whether a re-INVITE of ours may go out.
    pub fn is_free(&self) -> bool {
        matches!(self.stage, Stage::Up)
            && self.change.is_none()
            && self.theirs.is_none()
            && self.confirm.is_none()
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        let stage = match &self.stage {
            Stage::Calling {
                cancel: Cancel::Sent { give_up_at },
                ..
            } => Some(*give_up_at),
            Stage::Ringing {
                provisional: Some(provisional),
                ..
            } => Some(provisional.repeat_at),
            _ => None,
        };
        let confirm = self
            .confirm
            .as_ref()
            .map(|confirm| confirm.repeat_at.min(confirm.give_up_at));
        let queued = self
            .queued
            .as_ref()
            .filter(|_| self.is_free())
            .map(|queued| queued.not_before);
        let timer = self
            .timer
            .as_ref()
            .filter(|_| matches!(self.stage, Stage::Up))
            .map(|timer| timer.at);
        let reliable = match (&self.stage, &self.reliable) {
            (Stage::Ringing { .. }, Some(reliable)) => reliable.poll_timeout(),
            _ => None,
        };
        let referring = self.referring.as_ref().and_then(Referring::poll_timeout);
        [stage, confirm, queued, timer, reliable, referring]
            .into_iter()
            .flatten()
            .min()
    }
}

impl Endpoint {
    /// Ends a call in whatever state it is: CANCEL, BYE or 603.
    pub fn hang_up(&mut self, now: Instant, call: u64) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        match &mut state.stage {
            Stage::Calling { .. } => {
                self.tell_end(call, false, None, None);
                self.cancel_invite(now, call);
            }
            Stage::Ringing { .. } => self.reject(now, call, 603, Vec::new()),
            Stage::Up => {
                self.tell_end(call, false, None, None);
                self.leave(now, call);
            }
            Stage::Leaving { .. } => {}
        }
    }

    /// Sends the BYE, or lets the ACK trigger it.
    pub(super) fn leave(&mut self, now: Instant, call: u64) {
        self.refuse_theirs(now, call, 487);
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        state.stage = Stage::Leaving { bye: None };
        state.queued = None;
        state.timer = None;
        state.referring = None;
        state.referred = None;
        if let Some(change) = state.change.take() {
            self.abandon(now, change.outgoing);
        }
        if self
            .calls
            .get(&call)
            .is_some_and(|call| call.confirm.is_some())
        {
            return;
        }
        let Some((number, outgoing, hop)) = self.prepare(
            call,
            Method::Bye,
            Purpose::Bye { call },
            ContactKind::Absent,
        ) else {
            self.forget_call(now, call);
            return;
        };
        if let Some(state) = self.calls.get_mut(&call) {
            state.stage = Stage::Leaving { bye: Some(number) };
        }
        self.send(now, number, outgoing, hop);
    }

    /// The next request of a call's dialog, ready to be filled in and sent.
    pub(super) fn prepare(
        &mut self,
        call: u64,
        method: Method,
        purpose: Purpose,
        contact: ContactKind,
    ) -> Option<(u64, Outgoing, Hop)> {
        let number = self.number();
        let state = self.calls.get_mut(&call)?;
        let draft = state.dialog_for(&purpose)?.request(method);
        let (account, flow) = (state.account.clone(), state.flow);
        let hop = self.dialog_hop(account.as_ref(), flow, &draft)?;
        Some((number, Outgoing::new(purpose, draft, account, contact), hop))
    }

    /// Which way a request within a dialog goes. A stream stays in use as long as it is open
    /// (RFC 5626 5.3): behind NAT there is no other way.
    pub(super) fn dialog_hop(
        &self,
        account: Option<&AccountId>,
        flow: Option<Flow>,
        draft: &Draft,
    ) -> Option<Hop> {
        let line = account.and_then(|account| self.lines.get(account));
        let uri = draft.next_hop();
        let trust = line.map_or_else(Trust::default, |line| line.identity.trust.clone());
        // A URI without a transport says UDP (RFC 3263 4.1), but who came by a stream is not
        // reachable otherwise.
        let transport = flow.map_or(Transport::Udp, |flow| flow.transport);
        let place = Place::of(uri, transport, trust);
        let renewed = line
            .and_then(|line| line.flow)
            .filter(|own| flow.is_some_and(|flow| own.is_like(flow)));
        let live = flow.and_then(|flow| self.live(flow));
        let Some(flow) = live.or_else(|| self.live(renewed?)) else {
            return Some(Hop::Place(place));
        };
        let stays = flow.is_reliable()
            || match uri.host.ip() {
                Some(ip) if place.transport == Transport::Udp => {
                    (ip == flow.remote.ip() && uri.port.unwrap_or(5060) == flow.remote.port())
                        || (is_private(ip) && !is_private(flow.remote.ip()))
                }
                Some(_) => false,
                None => line.is_some_and(|line| line.is_server(&uri.host, uri.port)),
            };
        Some(if stays {
            Hop::Flow(flow, Some(place))
        } else {
            Hop::PlaceElse(place, flow)
        })
    }

    /// Tells that a call is over, once.
    pub(super) fn tell_end(
        &mut self,
        call: u64,
        by_peer: bool,
        failure: Option<Failure>,
        status: Option<u16>,
    ) {
        if let Some(state) = self.calls.get_mut(&call)
            && !std::mem::replace(&mut state.told, true)
        {
            self.event(Event::Ended {
                call,
                by_peer,
                failure,
                status,
            });
        }
    }

    pub(super) fn forget_call(&mut self, now: Instant, call: u64) {
        let Some(state) = self.calls.remove(&call) else {
            return;
        };
        if let Some(dialog) = state.dialog {
            self.gone.note(now, dialog);
        }
        if let Some(change) = state.change {
            self.abandon(now, change.outgoing);
        }
    }

    /// Which call a request of the peer belongs to.
    pub(super) fn call_of(&mut self, call_id: &str, from: &str, to: &str) -> Option<u64> {
        self.calls
            .iter_mut()
            .find_map(|(id, call)| call.dialog_of(call_id, from, to).map(|_| *id))
    }

    pub(super) fn call_timeouts(&mut self, now: Instant) {
        let due: Vec<u64> = self
            .calls
            .iter()
            .filter(|(_, call)| call.poll_timeout().is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.call_timeout(now, id);
        }
    }

    fn call_timeout(&mut self, now: Instant, id: u64) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if let Some(confirm) = &mut call.confirm {
            if confirm.give_up_at <= now {
                call.confirm = None;
                let host = confirm_host(call);
                self.tell_end(id, false, Some(Failure::Timeout { host }), None);
                self.leave(now, id);
                return;
            }
            if confirm.repeat_at <= now {
                confirm.interval = (confirm.interval * 2).min(T2);
                confirm.repeat_at = now + confirm.interval;
                let (flow, bytes) = (confirm.flow, confirm.bytes.clone());
                self.transmit(now, flow, bytes);
            }
        }
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        match &mut call.stage {
            Stage::Calling {
                invite,
                cancel: Cancel::Sent { give_up_at },
            } if *give_up_at <= now => {
                let invite = *invite;
                self.drop_outgoing(invite);
                self.forget_call(now, id);
            }
            Stage::Ringing { provisional, .. } => {
                let again = provisional.take_if(|provisional| provisional.repeat_at <= now);
                if let Some(provisional) = again {
                    self.ring(now, id, provisional.status, Some(provisional.body));
                }
                self.reliable_timeout(now, id);
            }
            Stage::Up => {
                self.session_timeout(now, id);
                self.referring_timeout(now, id);
                self.proceed(now, id);
            }
            _ => {}
        }
    }
}

fn confirm_host(call: &Call) -> String {
    call.dialog
        .as_ref()
        .map(|dialog| dialog.remote_target.host.to_string())
        .unwrap_or_default()
}

/// An address that means nothing outside of its own network.
fn is_private(ip: std::net::IpAddr) -> bool {
    match ip {
        std::net::IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64;
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || shared
        }
        std::net::IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
        }
    }
}
