//! The set of calls: what a person asks and what SIP and the media thread tell, in one place.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::account::DtmfMethod;
use crate::audio::AudioError;
use crate::call::info::{RELAY, body_of, is_dtmf};
use crate::call::media_request::{SoundEvent, Tone};
use crate::call::single::{Call, DigitBy, Line};
use crate::call::sound::Sound;
use crate::call::state::peer_of;
use crate::call::{CallId, CallState, DeclineReason, Direction, Peer, Problem};
use crate::media::{self, Identity};
use crate::sip::message::{NameAddr, Replaces, Uri, header};
use crate::sip::{Caller, Endpoint};

/// How long an ended call stays to be seen.
const ENDED_SHOWN: Duration = Duration::from_secs(8);
/// The same of one that was redirected: the person has to choose.
const REDIRECTED_SHOWN: Duration = Duration::from_secs(120);
/// Digits shown of what the far side sent.
const MAX_DTMF_SHOWN: usize = 64;

/// The rooms a call works with.
pub struct Rooms<'a> {
    /// The SIP core.
    pub sip: &'a mut Endpoint,
    /// The media thread.
    pub sound: &'a Sound,
    /// The present.
    pub now: Instant,
}

/// What happened to a call.
#[derive(Debug, Clone, PartialEq)]
pub enum CallEvent {
    /// A new incoming call rings.
    Incoming(CallId),
    /// Its state changed.
    State(CallId),
    /// A transfer of ours goes on.
    Transfer(CallId),
    /// The far side asks us to call somebody else.
    TransferAsked(CallId),
    /// A digit came from the far side.
    Dtmf(CallId, char),
    /// An action inside a call failed; the call goes on.
    Failed(Problem),
}

/// All calls, running and just ended.
#[derive(Debug)]
pub struct Calls {
    pub(super) calls: Vec<Call>,
    made: u64,
    pub(super) events: Vec<CallEvent>,
    /// The folder of recordings.
    pub(super) recordings: PathBuf,
    /// Who we are in a handshake of DTLS; `None` if there was no randomness to make it.
    pub(super) identity: Option<Arc<Identity>>,
    pub(super) do_not_disturb: bool,
    /// Whether it rings although nobody calls.
    summoned: bool,
}

impl Calls {
    /// No calls yet. They are recorded into files in the folder `recordings`, which is made with
    /// the first of them.
    pub fn new(recordings: PathBuf) -> Self {
        Self {
            calls: Vec::new(),
            made: 0,
            events: Vec::new(),
            recordings,
            identity: Identity::make().map(Arc::new),
            do_not_disturb: false,
            summoned: false,
        }
    }

    /// The calls, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter()
    }

    /// A call by its identifier.
    pub fn get(&self, id: CallId) -> Option<&Call> {
        self.calls.iter().find(|call| call.id == id)
    }

    /// What happened since this was last asked.
    pub fn take_events(&mut self) -> Vec<CallEvent> {
        std::mem::take(&mut self.events)
    }

    /// Whether any call still lives.
    pub fn any_alive(&self) -> bool {
        self.calls.iter().any(|call| !call.state.is_ended())
    }

    /// Calls `target` over `line`, sending sound from `local`.
    ///
    /// # Errors
    /// [`Problem::NoNetwork`] if no media port could be had.
    pub fn dial(
        &mut self,
        rooms: &mut Rooms<'_>,
        line: Line,
        target: Uri,
        peer: Peer,
        local: IpAddr,
    ) -> Result<CallId, Problem> {
        self.place(rooms, line, target, peer, local, Vec::new())
    }

    /// Takes a call that rings elsewhere: calls whoever made it, in place of that call
    /// (RFC 3891).
    ///
    /// # Errors
    /// As [`dial`](Self::dial).
    pub fn pick_up(
        &mut self,
        rooms: &mut Rooms<'_>,
        line: Line,
        target: Uri,
        replaces: &Replaces,
        local: IpAddr,
    ) -> Result<CallId, Problem> {
        let peer = peer_of(&NameAddr::new(target.clone()));
        let headers = vec![
            header("Replaces", replaces.to_string()),
            header("Require", "replaces"),
        ];
        self.place(rooms, line, target, peer, local, headers)
    }

    fn place(
        &mut self,
        rooms: &mut Rooms<'_>,
        line: Line,
        target: Uri,
        peer: Peer,
        local: IpAddr,
        headers: Vec<rsip::Header>,
    ) -> Result<CallId, Problem> {
        self.hold_others(rooms, None);
        let (mut session, ports) = line.open(local, line.transport, self.identity.clone())?;
        let offer = session.offer(media::Direction::SendRecv);
        let id = self.next_id();
        rooms.sip.invite(
            rooms.now,
            id.0,
            Caller::Account(line.account.clone()),
            target,
            headers,
            offer,
        );
        let made = (session, ports);
        let now = rooms.now;
        let call = Call::new(id, id.0, line, Direction::Outgoing, peer, made, now);
        self.calls.push(call);
        self.events.push(CallEvent::State(id));
        Ok(id)
    }

    /// Answers an incoming call; other running calls are held.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn answer(&mut self, rooms: &mut Rooms<'_>, id: CallId) -> Result<(), Problem> {
        self.find(id, |call| call.state == CallState::Incoming)?;
        self.hold_others(rooms, Some(id));
        let call = self.find(id, |_| true)?;
        let body = match call.answer.take() {
            Some(answer) => answer,
            None if call.negotiated.is_some() => Vec::new(),
            None => call.session.offer(media::Direction::SendRecv),
        };
        rooms.sip.accept(rooms.now, call.sip, body);
        call.answered_at = Some(rooms.now);
        self.become_state(rooms, id, CallState::Connecting);
        self.find(id, |_| true)?.start_sound(rooms.sound);
        Ok(())
    }

    /// Refuses an incoming call.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn decline(
        &mut self,
        rooms: &mut Rooms<'_>,
        id: CallId,
        reason: DeclineReason,
    ) -> Result<(), Problem> {
        let call = self.find(id, |call| call.state == CallState::Incoming)?;
        let status = reason.status();
        rooms.sip.reject(rooms.now, call.sip, status, Vec::new());
        call.declined = true;
        self.end(rooms, id, None, false, Some(status));
        Ok(())
    }

    /// Ends a call in whatever state it is.
    ///
    /// # Errors
    /// [`Problem::Unknown`], or [`Problem::WrongState`] if it is over.
    pub fn hang_up(&mut self, rooms: &mut Rooms<'_>, id: CallId) -> Result<(), Problem> {
        let call = self.find(id, |call| !call.state.is_ended())?;
        rooms.sip.hang_up(rooms.now, call.sip);
        self.end(rooms, id, None, false, None);
        Ok(())
    }

    /// Holds or resumes, with all that are joined, if this call is; other running calls are held
    /// when this one resumes.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn hold(&mut self, rooms: &mut Rooms<'_>, id: CallId, on: bool) -> Result<(), Problem> {
        let from = if on {
            CallState::Active
        } else {
            CallState::Held
        };
        let fits = |call: &Call| call.state == from && call.hold_asked.is_none();
        self.find(id, fits)?;
        if !on {
            self.hold_others(rooms, Some(id));
        }
        let direction = if on {
            media::Direction::SendOnly
        } else {
            media::Direction::SendRecv
        };
        for id in self.with_joined(id) {
            if let Ok(call) = self.find(id, fits) {
                call.hold_asked = Some(on);
                let offer = call.session.offer(direction);
                rooms.sip.reinvite(rooms.now, call.sip, offer);
            }
        }
        Ok(())
    }

    /// Stops or resumes sending the microphone; to all that are joined, if this call is.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn mute(&mut self, rooms: &mut Rooms<'_>, id: CallId, on: bool) -> Result<(), Problem> {
        self.find(id, |call| !call.state.is_ended())?;
        for id in self.with_joined(id) {
            let call = self.find(id, |_| true)?;
            call.muted = on;
            call.update_mix(rooms.sound);
        }
        Ok(())
    }

    /// Sends digits, one after the other, by the first way that the account wants and the far
    /// side can do.
    ///
    /// # Errors
    /// [`Problem::Unknown`], [`Problem::WrongState`] without sound, [`Problem::InvalidNumber`]
    /// for anything but `0-9*#A-D`.
    pub fn dtmf(&mut self, rooms: &mut Rooms<'_>, id: CallId, digits: &str) -> Result<(), Problem> {
        let digits = digits.to_ascii_uppercase();
        if !digits.chars().all(is_dtmf) {
            return Err(Problem::InvalidNumber { input: digits });
        }
        let call = self.find(id, |call| call.state.has_media())?;
        let method = call.dtmf_method(rooms.sip);
        for digit in digits.chars() {
            match method {
                DtmfMethod::Rfc2833 => rooms.sound.dtmf(id, digit),
                DtmfMethod::Info => rooms.sip.info(rooms.now, call.sip, RELAY, body_of(digit)),
                DtmfMethod::Inband => rooms.sound.dtmf_tone(id, digit),
            }
        }
        Ok(())
    }

    /// Rings, or rings no more, although nobody calls: somebody is wanted here.
    pub fn summon(&mut self, rooms: &mut Rooms<'_>, on: bool) {
        if self.summoned != on {
            self.summoned = on;
            self.update_tone(rooms.sound);
        }
    }

    /// Gives the far side of a call the name that the person here knows it by.
    pub fn rename(&mut self, id: CallId, name: &str) {
        if let Some(call) = self.calls.iter_mut().find(|call| call.id == id) {
            call.peer.name = Some(name.to_owned());
        }
    }

    /// Forgets an ended call.
    ///
    /// # Errors
    /// [`Problem::Unknown`], or [`Problem::WrongState`] while it lives.
    pub fn dismiss(&mut self, id: CallId) -> Result<(), Problem> {
        self.find(id, |call| call.state.is_ended())?;
        self.calls.retain(|call| call.id != id);
        Ok(())
    }

    /// Ends every call.
    pub fn hang_up_all(&mut self, rooms: &mut Rooms<'_>) {
        let alive: Vec<_> = self
            .calls
            .iter()
            .filter(|call| !call.state.is_ended())
            .map(|call| call.id)
            .collect();
        for id in alive {
            let _ = self.hang_up(rooms, id);
        }
    }

    /// Forgets ended calls that were shown long enough; gives the time of the next such moment.
    pub fn forget_ended(&mut self, now: Instant) -> Option<Instant> {
        self.calls
            .retain(|call| shown_until(call).is_none_or(|at| now < at));
        self.calls.iter().filter_map(shown_until).min()
    }

    /// Something the media thread says.
    pub fn on_sound(&mut self, rooms: &mut Rooms<'_>, event: SoundEvent) {
        let now = rooms.now;
        match event {
            SoundEvent::Dtmf { call, digit } => {
                self.heard_digit(now, call, digit, DigitBy::Sound);
            }
            SoundEvent::Keyed { call, protection } => {
                if let Ok(call) = self.find(call, |call| !call.state.is_ended()) {
                    call.protection = Some(protection);
                }
                self.events.push(CallEvent::State(call));
            }
            SoundEvent::NotKeyed { call, failure } => {
                if let Ok(known) = self.find(call, |call| !call.state.is_ended()) {
                    rooms.sip.hang_up(now, known.sip);
                    self.end(rooms, call, Some(failure.into()), false, None);
                }
            }
            SoundEvent::Stats { call, stats } => {
                if let Some(call) = self.calls.iter_mut().find(|known| known.id == call) {
                    call.take_stats(now, &stats);
                    if call.state.is_ended() {
                        call.final_figures = true;
                        self.events.push(CallEvent::State(call.id));
                    }
                }
            }
            SoundEvent::Trial(_) => {}
            SoundEvent::Problem(problem) => self.device_problem(problem),
            SoundEvent::Recorded {
                call,
                path,
                outcome,
            } => self.recorded(call, path, outcome),
        }
    }

    fn device_problem(&mut self, problem: Option<AudioError>) {
        let problem = problem.map(Problem::from);
        for call in self.calls.iter_mut().filter(|call| call.state.has_media()) {
            call.warning.clone_from(&problem);
        }
    }

    /// A far side that sends a digit by both ways has sent one.
    pub(super) fn heard_digit(&mut self, now: Instant, id: CallId, digit: char, by: DigitBy) {
        if let Some(call) = self.calls.iter_mut().find(|call| call.id == id)
            && call.digits.is_new(now, digit, by)
        {
            if call.dtmf_received.len() < MAX_DTMF_SHOWN {
                call.dtmf_received.push(digit);
            }
            self.events.push(CallEvent::Dtmf(id, digit));
        }
    }

    /// A call, and all that are joined with it.
    fn with_joined(&self, id: CallId) -> Vec<CallId> {
        match self.get(id).is_some_and(|call| call.joined) {
            true => self.joined(),
            false => vec![id],
        }
    }

    pub(super) fn hold_others(&mut self, rooms: &mut Rooms<'_>, but: Option<CallId>) {
        let but = but.map(|id| self.with_joined(id)).unwrap_or_default();
        let active: Vec<_> = self
            .calls
            .iter()
            .filter(|call| call.state == CallState::Active && !but.contains(&call.id))
            .map(|call| call.id)
            .collect();
        for id in active {
            let _ = self.hold(rooms, id, true);
        }
    }

    pub(super) fn end(
        &mut self,
        rooms: &mut Rooms<'_>,
        id: CallId,
        problem: Option<Problem>,
        by_peer: bool,
        sip_status: Option<u16>,
    ) {
        let Ok(call) = self.find(id, |call| !call.state.is_ended()) else {
            return;
        };
        rooms.sound.end(id);
        call.ports = None;
        call.ended_at = Some(rooms.now);
        call.warning = None;
        call.asked = None;
        if let Some(recording) = &mut call.recording {
            recording.stop();
        }
        let refused = call.direction == Direction::Outgoing && problem.is_some();
        self.become_state(
            rooms,
            id,
            CallState::Ended {
                problem,
                by_peer,
                sip_status,
            },
        );
        self.part_the_last(rooms);
        self.tell_referrer(rooms, id);
        if refused && !self.any_alive() {
            rooms.sound.tone(Some(refusal(sip_status)));
        }
    }

    pub(super) fn become_state(&mut self, rooms: &mut Rooms<'_>, id: CallId, next: CallState) {
        let Some(call) = self.calls.iter_mut().find(|call| call.id == id) else {
            return;
        };
        if call.state == next || !call.state.may_become(&next) {
            return;
        }
        call.state = next;
        let is_up = call.state == CallState::Active;
        call.update_mix(rooms.sound);
        self.update_tone(rooms.sound);
        if is_up {
            self.record_by_itself(rooms, id);
        }
        self.events.push(CallEvent::State(id));
        let ended = self.get(id).is_some_and(|call| call.state.is_ended());
        if !ended {
            self.tell_referrer(rooms, id);
        }
    }

    /// What the person hears besides the far side follows from the states alone.
    pub(super) fn update_tone(&self, sound: &Sound) {
        let any = |state: CallState| self.calls.iter().any(|call| call.state == state);
        sound.tone(if any(CallState::Incoming) || self.summoned {
            Some(Tone::Ring)
        } else if any(CallState::Ringing) {
            Some(Tone::Ringback)
        } else {
            None
        });
    }

    pub(super) fn find(
        &mut self,
        id: CallId,
        fits: impl Fn(&Call) -> bool,
    ) -> Result<&mut Call, Problem> {
        let call = self.calls.iter_mut().find(|call| call.id == id);
        let call = call.ok_or_else(|| Problem::Unknown {
            what: format!("call {}", id.0),
        })?;
        if fits(call) {
            Ok(call)
        } else {
            Err(Problem::WrongState)
        }
    }

    pub(super) fn by_sip(&self, sip_call: u64) -> Option<CallId> {
        self.calls
            .iter()
            .find(|call| call.sip == sip_call && !call.state.is_ended())
            .map(|call| call.id)
    }

    pub(super) fn next_id(&mut self) -> CallId {
        self.made += 1;
        CallId(self.made)
    }
}

/// When an ended call is forgotten.
fn shown_until(call: &Call) -> Option<Instant> {
    let redirected = matches!(
        call.state,
        CallState::Ended {
            problem: Some(Problem::Redirected { .. }),
            ..
        }
    );
    if call.unseen {
        return call.ended_at;
    }
    let shown = if redirected {
        REDIRECTED_SHOWN
    } else {
        ENDED_SHOWN
    };
    call.ended_at.map(|at| at + shown)
}

/// The tone for a call that failed: congestion where the network or a server gave up, busy where
/// the far side or its number is what stands in the way.
fn refusal(status: Option<u16>) -> Tone {
    match status {
        None | Some(408 | 500..=599) => Tone::Congestion,
        Some(_) => Tone::Busy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_gives_up_sounds_like_congestion_and_a_person_like_busy() {
        for status in [None, Some(408), Some(500), Some(503)] {
            assert_eq!(refusal(status), Tone::Congestion);
        }
        for status in [404, 480, 486, 600, 603] {
            assert_eq!(refusal(Some(status)), Tone::Busy);
        }
    }
}
