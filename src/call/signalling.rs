//! What the far side does: the SIP side of the set of calls.

use std::time::Duration;

use crate::account::Encryption;
use crate::call::CallId;
use crate::call::calls::{CallEvent, Calls, Rooms};
use crate::call::info::digit_of;
use crate::call::single::{Call, DigitBy, Line};
use crate::call::state::peer_of;
use crate::call::{CallProgress, CallState, Direction, Problem};
use crate::media;
use crate::media::Ports;
use crate::media::sdp::{SdpError, Session};
use crate::sip::message::NameAddr;
use crate::sip::transport::local_ip_for;
use crate::sip::{self, Flow};

/// Calls at once; more are refused with 486.
const MAX_CALLS: usize = 64;

/// What an INVITE says.
#[derive(Debug, Clone, Copy)]
pub struct Invite<'a> {
    /// How the endpoint names its call.
    pub sip_call: u64,
    /// Who calls.
    pub from: &'a NameAddr,
    /// His offer; empty if he asks for ours.
    pub offer: &'a [u8],
    /// He wants our offer before the answer (RFC 3262 section 5).
    pub describe: bool,
    /// After how long he asks for it to be answered by itself.
    pub answer_after: Option<Duration>,
    /// Who sent it to us, if it was meant for another.
    pub diverted_by: Option<&'a NameAddr>,
    /// The call it takes the place of, as the endpoint names it (RFC 3891).
    pub replaces: Option<u64>,
    /// The flow it came by.
    pub flow: Flow,
}

impl Calls {
    /// An INVITE for `line` came in.
    pub fn incoming(&mut self, rooms: &mut Rooms<'_>, line: Line, invite: &Invite<'_>) {
        let Invite {
            sip_call,
            from,
            offer,
            describe,
            answer_after,
            diverted_by,
            replaces,
            flow,
        } = *invite;
        let replaced = replaces.and_then(|sip_call| self.by_sip(sip_call));
        let begins_held = replaced.is_some_and(|old| self.waits_behind_another(old));
        let alive = self
            .calls
            .iter()
            .filter(|call| !call.state.is_ended())
            .count();
        if alive >= MAX_CALLS {
            rooms.sip.reject(rooms.now, sip_call, 486, Vec::new());
            return;
        }
        let local = local_ip_for(flow.remote).unwrap_or(flow.local.ip());
        let identity = self.identity.clone();
        let (mut session, ports) = match line.open(local, flow.transport, identity) {
            Ok(made) => made,
            Err(problem) => {
                tracing::warn!(%problem, "an incoming call finds no media port");
                rooms.sip.reject(rooms.now, sip_call, 500, Vec::new());
                return;
            }
        };
        let (answer, negotiated) = if offer.is_empty() {
            (None, None)
        } else {
            match session.accept_offer(offer, begins_held) {
                Ok((answer, agreed)) => (Some(answer), Some(agreed)),
                Err(error) => {
                    tracing::info!(%error, "an incoming call's offer is refused");
                    let status = sdp_status(&error);
                    rooms.sip.reject(rooms.now, sip_call, status, Vec::new());
                    if matches!(error, SdpError::NotEncrypted | SdpError::Encrypted) {
                        let problem = Problem::from(&error);
                        self.refused(rooms, line, invite, (session, ports), problem);
                    }
                    return;
                }
            }
        };
        if let Some(old) = replaced {
            let made = (session, ports);
            let mut call = Call::new(
                self.next_id(),
                sip_call,
                line,
                Direction::Incoming,
                peer_of(from),
                made,
                rooms.now,
            );
            call.transport = Some(flow.transport);
            call.answer = answer;
            call.negotiated = negotiated;
            call.begins_held = begins_held;
            self.replace(rooms, old, call);
            return;
        }
        let turned = line.wishes.turned(self.do_not_disturb, alive > 0);
        if let Some(turned) = turned {
            let made = (session, ports);
            let (id, peer) = (self.next_id(), peer_of(from));
            let direction = Direction::Incoming;
            let mut call = Call::new(id, sip_call, line, direction, peer, made, rooms.now);
            call.diverted_by = diverted_by.map(peer_of);
            self.turn(rooms, call, &turned);
            return;
        }
        let early_offer = describe.then(|| session.offer(media::Direction::SendRecv));
        rooms.sip.ring(rooms.now, sip_call, 180, early_offer);
        let id = self.next_id();
        let made = (session, ports);
        let peer = peer_of(from);
        let mut call = Call::new(
            id,
            sip_call,
            line,
            Direction::Incoming,
            peer,
            made,
            rooms.now,
        );
        call.transport = Some(flow.transport);
        call.answer = answer;
        call.negotiated = negotiated;
        call.diverted_by = diverted_by.map(peer_of);
        self.set_timers(rooms.now, &mut call, answer_after);
        self.calls.push(call);
        self.update_tone(rooms.sound);
        self.events.push(CallEvent::Incoming(id));
    }

    /// Shows a call that was refused with 488 without ringing: somebody has to see why.
    fn refused(
        &mut self,
        rooms: &mut Rooms<'_>,
        line: Line,
        invite: &Invite<'_>,
        made: (Session, Ports),
        problem: Problem,
    ) {
        if self.calls.len() >= MAX_CALLS {
            return;
        }
        let id = self.next_id();
        let (sip_call, peer) = (invite.sip_call, peer_of(invite.from));
        let direction = Direction::Incoming;
        let mut call = Call::new(id, sip_call, line, direction, peer, made, rooms.now);
        call.transport = Some(invite.flow.transport);
        self.calls.push(call);
        self.end(rooms, id, Some(problem), false, Some(488));
    }

    /// Whether a call is on hold while another is spoken with.
    fn waits_behind_another(&self, id: CallId) -> bool {
        let held = self
            .get(id)
            .is_some_and(|call| call.state == CallState::Held);
        held && self
            .calls
            .iter()
            .any(|call| call.state == CallState::Active)
    }

    /// A call takes the place of another: it is answered as it comes, and the other is over. The
    /// person speaks with somebody else, all the rest is as it was.
    fn replace(&mut self, rooms: &mut Rooms<'_>, old: CallId, mut call: Call) {
        let (id, sip_call) = (call.id, call.sip);
        if let Some(old) = self.get(old) {
            call.muted = old.muted;
            call.joined = old.joined;
            call.silenced = old.silenced;
        }
        call.instead_of = Some(old);
        call.answered_at = Some(rooms.now);
        let direction = match call.begins_held {
            true => media::Direction::SendOnly,
            false => media::Direction::SendRecv,
        };
        let body = match call.answer.take() {
            Some(answer) => answer,
            None => call.session.offer(direction),
        };
        rooms.sip.accept(rooms.now, sip_call, body);
        self.calls.push(call);
        self.become_state(rooms, id, CallState::Connecting);
        if let Ok(call) = self.find(id, |_| true) {
            call.start_sound(rooms.sound);
        }
        let _ = self.hang_up(rooms, old);
    }

    /// Both sides hear each other, unless the call begins on hold.
    fn confirmed(&mut self, rooms: &mut Rooms<'_>, id: CallId) {
        if self
            .get(id)
            .is_none_or(|call| call.state == CallState::Held)
        {
            return;
        }
        self.become_state(rooms, id, CallState::Active);
        if let Ok(call) = self.find(id, |call| call.begins_held) {
            call.begins_held = false;
            self.become_state(rooms, id, CallState::Held);
        }
    }

    /// Something the endpoint says of a call that is known.
    pub fn on_sip(&mut self, rooms: &mut Rooms<'_>, event: sip::Event) {
        match event {
            sip::Event::Progress {
                call, status, body, ..
            } => {
                self.progress(rooms, call, status, body);
            }
            sip::Event::Answered {
                call, body, flow, ..
            } => {
                self.answered(rooms, call, &body, flow);
            }
            sip::Event::Confirmed { call } => {
                if let Some(id) = self.by_sip(call)
                    && self.get(id).is_some_and(|call| {
                        call.negotiated.is_some() && call.state == CallState::Connecting
                    })
                {
                    self.confirmed(rooms, id);
                }
            }
            sip::Event::Offer { call, body } => self.offered(rooms, call, body.as_deref()),
            sip::Event::OfferAnswered { call, result } => {
                self.offer_answered(rooms, call, result);
            }
            sip::Event::DelayedAnswer { call, body } => {
                if let Some(id) = self.by_sip(call) {
                    self.agree(rooms, id, &body);
                }
            }
            sip::Event::Info {
                call,
                content_type,
                body,
            } => {
                if let Some(id) = self.by_sip(call)
                    && let Some(digit) = digit_of(&content_type, &body)
                {
                    self.heard_digit(rooms.now, id, digit, DigitBy::Info);
                }
            }
            sip::Event::Referring { call, status, last } => {
                self.transfer_progress(rooms, call, status, last);
            }
            sip::Event::Referred { call, referral } => self.referred(rooms, call, *referral),
            sip::Event::ReferTold { call } => self.referrer_knows(rooms, call),
            sip::Event::Ended {
                call,
                by_peer,
                failure,
                status,
            } => {
                if let Some(id) = self.by_sip(call) {
                    if by_peer {
                        self.left_for_transfer(id);
                    }
                    let ours = failure.as_ref().filter(|_| status != Some(487));
                    let problem = ours.map(Problem::of_call);
                    let problem = problem.map(|problem| self.judged(id, problem));
                    self.end(rooms, id, problem, by_peer, status);
                }
            }
            _ => {}
        }
    }

    fn progress(
        &mut self,
        rooms: &mut Rooms<'_>,
        sip_call: u64,
        status: u16,
        body: Option<Vec<u8>>,
    ) {
        let Some(id) = self.by_sip(sip_call) else {
            return;
        };
        if let Ok(call) = self.find(id, |_| true) {
            let progress = CallProgress::of_status(status);
            if call.progress != progress {
                call.progress = progress;
                self.events.push(CallEvent::State(id));
            }
        }
        let early = body.is_some_and(|body| {
            self.find(id, |_| true)
                .is_ok_and(|call| call.take_answer(rooms.sound, &body).is_ok())
        });
        if early {
            self.become_state(rooms, id, CallState::EarlyMedia);
        } else if status == 180 {
            self.become_state(rooms, id, CallState::Ringing);
        }
    }

    fn answered(&mut self, rooms: &mut Rooms<'_>, sip_call: u64, body: &[u8], flow: Flow) {
        let Some(id) = self.by_sip(sip_call) else {
            rooms.sip.hang_up(rooms.now, sip_call);
            return;
        };
        if let Ok(call) = self.find(id, |_| true) {
            call.answered_at = Some(rooms.now);
            call.transport = Some(flow.transport);
        }
        self.agree(rooms, id, body);
    }

    /// Takes the far side's answer; without a common codec the call ends.
    fn agree(&mut self, rooms: &mut Rooms<'_>, id: CallId, answer: &[u8]) {
        let Ok(call) = self.find(id, |_| true) else {
            return;
        };
        let rings = call.state == CallState::Incoming;
        // An answer in a reliable provisional stands, the 2xx needs none (RFC 3261 13.2.1).
        let taken = if answer.is_empty() && call.negotiated.is_some() {
            Ok(())
        } else {
            call.take_answer(rooms.sound, answer)
        };
        match taken {
            Ok(()) if rings => {}
            Ok(()) => self.confirmed(rooms, id),
            Err(error) => {
                tracing::info!(%error, "the answer can't be used");
                let sip_call = call.sip;
                rooms.sip.hang_up(rooms.now, sip_call);
                self.end(rooms, id, Some((&error).into()), false, Some(200));
            }
        }
    }

    /// Whoever refuses sound that has to be encrypted most likely can't encrypt it.
    fn judged(&self, id: CallId, problem: Problem) -> Problem {
        let required = |call: &Call| {
            call.direction == Direction::Outgoing && call.line.encryption == Encryption::Required
        };
        match problem {
            Problem::NoCommonCodec if self.get(id).is_some_and(required) => Problem::NotEncrypted,
            problem => problem,
        }
    }

    fn offered(&mut self, rooms: &mut Rooms<'_>, sip_call: u64, offer: Option<&[u8]>) {
        let Some(id) = self.by_sip(sip_call) else {
            rooms.sip.answer_offer(rooms.now, sip_call, Err(481));
            return;
        };
        let Ok(call) = self.find(id, |_| true) else {
            return;
        };
        let held = call.state == CallState::Held;
        let Some(offer) = offer else {
            let direction = if held {
                media::Direction::SendOnly
            } else {
                media::Direction::SendRecv
            };
            let ours = call.session.offer(direction);
            rooms.sip.answer_offer(rooms.now, sip_call, Ok(ours));
            return;
        };
        match call.session.accept_offer(offer, held) {
            Ok((answer, agreed)) => {
                rooms.sip.answer_offer(rooms.now, sip_call, Ok(answer));
                call.held_by_peer = !held && !agreed.direction.sends();
                call.negotiated = Some(agreed);
                call.start_sound(rooms.sound);
            }
            Err(error) => {
                tracing::info!(%error, "a new offer in a call is refused");
                rooms
                    .sip
                    .answer_offer(rooms.now, sip_call, Err(sdp_status(&error)));
            }
        }
        self.events.push(CallEvent::State(id));
    }

    fn offer_answered(
        &mut self,
        rooms: &mut Rooms<'_>,
        sip_call: u64,
        result: Result<Vec<u8>, u16>,
    ) {
        let Some(id) = self.by_sip(sip_call) else {
            return;
        };
        let Ok(call) = self.find(id, |_| true) else {
            return;
        };
        let Some(hold) = call.hold_asked.take() else {
            return;
        };
        let taken = match result {
            Ok(body) => call.take_answer(rooms.sound, &body).map_err(|_| 488),
            Err(status) => Err(status),
        };
        match taken {
            Ok(()) => {
                let next = if hold {
                    CallState::Held
                } else {
                    CallState::Active
                };
                self.become_state(rooms, id, next);
                if let Ok(call) = self.find(id, |call| call.resume_once_held && hold) {
                    call.resume_once_held = false;
                    let _ = self.hold(rooms, id, false);
                }
            }
            Err(status) => {
                let reason = String::new();
                self.events
                    .push(CallEvent::Failed(Problem::Refused { status, reason }));
                self.events.push(CallEvent::State(id));
            }
        }
    }
}

/// The status that refuses an offer: 488 for sound we don't speak, 400 for nonsense.
fn sdp_status(error: &SdpError) -> u16 {
    match error {
        SdpError::Malformed(_) => 400,
        _ => 488,
    }
}
