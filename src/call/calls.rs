//! The set of calls: what a person asks and what SIP and the media thread tell, in one place.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::account::{AccountId, DtmfMethod, Transport};
use crate::audio::AudioError;
use crate::call::sound::{Remote, Sound, SoundEvent, Tone};
use crate::call::{CallId, CallState, Direction, Peer, Problem, Quality};
use crate::codec::CodecId;
use crate::media::sdp::{LocalMedia, Negotiated, SdpError, Session};
use crate::media::{self, OpusOptions, Ports, Stats, StreamConfig};
use crate::sip::message::{NameAddr, Uri};
use crate::sip::transport::local_ip_for;
use crate::sip::{self, Caller, Endpoint, Flow};

/// How long an ended call stays to be seen.
const ENDED_SHOWN: Duration = Duration::from_secs(8);
/// Silence of the network after which a running call warns.
const NO_MEDIA_AFTER: Duration = Duration::from_secs(5);
/// Calls at once; more are refused with 486.
const MAX_CALLS: usize = 64;
/// Milliseconds of sound in a packet.
const PTIME_MS: u32 = 20;
/// Duration of a digit sent by INFO, milliseconds.
const INFO_DIGIT_MS: u32 = 160;
/// Digits shown of what the far side sent.
const MAX_DTMF_SHOWN: usize = 64;

/// What a call needs to know of its account.
#[derive(Debug, Clone)]
pub struct Line {
    /// The account.
    pub account: AccountId,
    /// Its name, for a person.
    pub name: String,
    /// Codecs in order of preference.
    pub codecs: Vec<CodecId>,
    /// Ways of sending digits in order of preference.
    pub dtmf: Vec<DtmfMethod>,
}

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
    /// A digit came from the far side.
    Dtmf(CallId, char),
    /// An action inside a call failed; the call goes on.
    Failed(Problem),
}

/// One call.
#[derive(Debug)]
pub struct Call {
    /// The identifier.
    pub id: CallId,
    /// Its account.
    pub line: Line,
    /// Who called whom.
    pub direction: Direction,
    /// The far side.
    pub peer: Peer,
    /// Where it stands.
    pub state: CallState,
    /// When it began.
    pub started_at: Instant,
    /// When it was answered.
    pub answered_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Whether the microphone is not sent.
    pub muted: bool,
    /// Whether the far side holds us.
    pub held_by_peer: bool,
    /// The codec in use.
    pub codec: Option<CodecId>,
    /// The transport of the signalling.
    pub transport: Option<Transport>,
    /// The latest figures.
    pub quality: Option<Quality>,
    /// Whether `quality` holds the last figures of a call that has ended.
    pub final_figures: bool,
    /// Digits from the far side.
    pub dtmf_received: String,
    /// What is wrong in the running call.
    pub warning: Option<Problem>,
    /// How the endpoint names it.
    sip: u64,
    session: Session,
    /// The sockets until the media thread has them.
    ports: Option<Ports>,
    /// Our answer to the offer of an incoming call, until it is answered.
    answer: Option<Vec<u8>>,
    negotiated: Option<Negotiated>,
    /// Whether an offer of ours asks for hold (true) or resume (false).
    hold_asked: Option<bool>,
}

impl Call {
    /// How long it was up, once it ended.
    pub fn duration(&self) -> Option<Duration> {
        let ended = self.ended_at?;
        Some(
            self.answered_at
                .map_or(Duration::ZERO, |at| ended.saturating_duration_since(at)),
        )
    }
}

/// All calls, running and just ended.
#[derive(Debug, Default)]
pub struct Calls {
    calls: Vec<Call>,
    made: u64,
    events: Vec<CallEvent>,
}

impl Calls {
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
        self.hold_others(rooms, None);
        let (mut session, ports) = new_session(&line, local)?;
        let offer = session.offer(media::Direction::SendRecv);
        let id = self.next_id();
        rooms.sip.invite(
            rooms.now,
            id.0,
            Caller::Account(line.account.clone()),
            target,
            Vec::new(),
            offer,
        );
        self.calls.push(Call {
            id,
            line,
            direction: Direction::Outgoing,
            peer,
            state: CallState::Dialing,
            started_at: rooms.now,
            answered_at: None,
            ended_at: None,
            muted: false,
            held_by_peer: false,
            codec: None,
            transport: None,
            quality: None,
            final_figures: false,
            dtmf_received: String::new(),
            warning: None,
            sip: id.0,
            session,
            ports: Some(ports),
            answer: None,
            negotiated: None,
            hold_asked: None,
        });
        self.events.push(CallEvent::State(id));
        Ok(id)
    }

    /// Answers an incoming call; other running calls are held.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn answer(&mut self, rooms: &mut Rooms<'_>, id: CallId) -> Result<(), Problem> {
        self.expect(id, |call| call.state == CallState::Incoming)?;
        self.hold_others(rooms, Some(id));
        let call = self.expect(id, |_| true)?;
        let body = match call.answer.take() {
            Some(answer) => answer,
            None => call.session.offer(media::Direction::SendRecv),
        };
        rooms.sip.accept(rooms.now, call.sip, body);
        call.answered_at = Some(rooms.now);
        call.start_sound(rooms.sound);
        self.become_state(rooms, id, CallState::Connecting);
        Ok(())
    }

    /// Refuses an incoming call.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn decline(&mut self, rooms: &mut Rooms<'_>, id: CallId) -> Result<(), Problem> {
        let call = self.expect(id, |call| call.state == CallState::Incoming)?;
        rooms.sip.reject(rooms.now, call.sip, 603, Vec::new());
        self.end(rooms, id, None, false, Some(603));
        Ok(())
    }

    /// Ends a call in whatever state it is.
    ///
    /// # Errors
    /// [`Problem::Unknown`], or [`Problem::WrongState`] if it is over.
    pub fn hang_up(&mut self, rooms: &mut Rooms<'_>, id: CallId) -> Result<(), Problem> {
        let call = self.expect(id, |call| !call.state.is_ended())?;
        rooms.sip.hang_up(rooms.now, call.sip);
        self.end(rooms, id, None, false, None);
        Ok(())
    }

    /// Holds or resumes; other running calls are held when this one resumes.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn hold(&mut self, rooms: &mut Rooms<'_>, id: CallId, on: bool) -> Result<(), Problem> {
        let from = if on {
            CallState::Active
        } else {
            CallState::Held
        };
        self.expect(id, |call| call.state == from && call.hold_asked.is_none())?;
        if !on {
            self.hold_others(rooms, Some(id));
        }
        let call = self.expect(id, |_| true)?;
        let direction = if on {
            media::Direction::SendOnly
        } else {
            media::Direction::SendRecv
        };
        call.hold_asked = Some(on);
        let offer = call.session.offer(direction);
        rooms.sip.reinvite(rooms.now, call.sip, offer);
        Ok(())
    }

    /// Stops or resumes sending the microphone.
    ///
    /// # Errors
    /// [`Problem::Unknown`] or [`Problem::WrongState`].
    pub fn mute(&mut self, rooms: &mut Rooms<'_>, id: CallId, on: bool) -> Result<(), Problem> {
        let call = self.expect(id, |call| !call.state.is_ended())?;
        call.muted = on;
        rooms.sound.mute(id, on);
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
        let call = self.expect(id, |call| call.state.has_media())?;
        let events = call
            .negotiated
            .as_ref()
            .is_some_and(|agreed| agreed.dtmf.is_some());
        let first_info = call.line.dtmf.first() == Some(&DtmfMethod::Info);
        let by_info = first_info || !events;
        for digit in digits.chars() {
            if by_info {
                let body = format!("Signal={digit}\r\nDuration={INFO_DIGIT_MS}\r\n");
                let kind = "application/dtmf-relay";
                rooms.sip.info(rooms.now, call.sip, kind, body.into_bytes());
            } else {
                rooms.sound.dtmf(id, digit);
            }
        }
        Ok(())
    }

    /// Forgets an ended call.
    ///
    /// # Errors
    /// [`Problem::Unknown`], or [`Problem::WrongState`] while it lives.
    pub fn dismiss(&mut self, id: CallId) -> Result<(), Problem> {
        self.expect(id, |call| call.state.is_ended())?;
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
            .retain(|call| call.ended_at.is_none_or(|at| now < at + ENDED_SHOWN));
        self.calls
            .iter()
            .filter_map(|call| call.ended_at)
            .min()
            .map(|at| at + ENDED_SHOWN)
    }

    /// An INVITE for `line` came in.
    pub fn incoming(
        &mut self,
        rooms: &mut Rooms<'_>,
        sip_call: u64,
        line: Line,
        from: &NameAddr,
        offer: &[u8],
        flow: Flow,
    ) {
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
        let (mut session, ports) = match new_session(&line, local) {
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
            match session.accept_offer(offer, false) {
                Ok((answer, agreed)) => (Some(answer), Some(agreed)),
                Err(error) => {
                    tracing::info!(%error, "an incoming call's offer is refused");
                    rooms
                        .sip
                        .reject(rooms.now, sip_call, sdp_status(&error), Vec::new());
                    return;
                }
            }
        };
        rooms.sip.ring(rooms.now, sip_call, 180, None);
        let id = self.next_id();
        self.calls.push(Call {
            id,
            line,
            direction: Direction::Incoming,
            peer: peer_of(from),
            state: CallState::Incoming,
            started_at: rooms.now,
            answered_at: None,
            ended_at: None,
            muted: false,
            held_by_peer: false,
            codec: None,
            transport: Some(flow.transport),
            quality: None,
            final_figures: false,
            dtmf_received: String::new(),
            warning: None,
            sip: sip_call,
            session,
            ports: Some(ports),
            answer,
            negotiated,
            hold_asked: None,
        });
        self.update_tone(rooms.sound);
        self.events.push(CallEvent::Incoming(id));
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
                    && self.get(id).is_some_and(|call| call.negotiated.is_some())
                {
                    self.become_state(rooms, id, CallState::Active);
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
                    && let Some(digit) = digit_of_info(&content_type, &body)
                {
                    self.heard_digit(id, digit);
                }
            }
            sip::Event::Ended {
                call,
                by_peer,
                failure,
                status,
            } => {
                if let Some(id) = self.by_sip(call) {
                    let ours = failure.as_ref().filter(|_| status != Some(487));
                    let problem = ours.map(Problem::of_call);
                    self.end(rooms, id, problem, by_peer, status);
                }
            }
            _ => {}
        }
    }

    /// Something the media thread says.
    pub fn on_sound(&mut self, now: Instant, event: SoundEvent) {
        match event {
            SoundEvent::Dtmf { call, digit } => self.heard_digit(call, digit),
            SoundEvent::Stats { call, stats } => {
                if let Some(call) = self.calls.iter_mut().find(|known| known.id == call) {
                    call.take_stats(now, &stats);
                    if call.state.is_ended() {
                        call.final_figures = true;
                        self.events.push(CallEvent::State(call.id));
                    }
                }
            }
            SoundEvent::Problem(problem) => self.device_problem(problem),
        }
    }

    fn device_problem(&mut self, problem: Option<AudioError>) {
        let problem = problem.map(Problem::from);
        for call in self.calls.iter_mut().filter(|call| call.state.has_media()) {
            call.warning.clone_from(&problem);
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
        let early = body.is_some_and(|body| {
            self.expect(id, |_| true)
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
        if let Ok(call) = self.expect(id, |_| true) {
            call.answered_at = Some(rooms.now);
            call.transport = Some(flow.transport);
        }
        self.agree(rooms, id, body);
    }

    /// Takes the far side's answer; without a common codec the call ends.
    fn agree(&mut self, rooms: &mut Rooms<'_>, id: CallId, answer: &[u8]) {
        let Ok(call) = self.expect(id, |_| true) else {
            return;
        };
        // An answer in a reliable provisional stands, the 2xx needs none (RFC 3261 13.2.1).
        let taken = if answer.is_empty() && call.negotiated.is_some() {
            Ok(())
        } else {
            call.take_answer(rooms.sound, answer)
        };
        match taken {
            Ok(()) => self.become_state(rooms, id, CallState::Active),
            Err(error) => {
                tracing::info!(%error, "the answer can't be used");
                let sip_call = call.sip;
                rooms.sip.hang_up(rooms.now, sip_call);
                self.end(rooms, id, Some(Problem::NoCommonCodec), false, Some(200));
            }
        }
    }

    fn offered(&mut self, rooms: &mut Rooms<'_>, sip_call: u64, offer: Option<&[u8]>) {
        let Some(id) = self.by_sip(sip_call) else {
            rooms.sip.answer_offer(rooms.now, sip_call, Err(481));
            return;
        };
        let Ok(call) = self.expect(id, |_| true) else {
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
        let Ok(call) = self.expect(id, |_| true) else {
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
            }
            Err(status) => {
                let reason = String::new();
                self.events
                    .push(CallEvent::Failed(Problem::Refused { status, reason }));
                self.events.push(CallEvent::State(id));
            }
        }
    }

    fn heard_digit(&mut self, id: CallId, digit: char) {
        if let Some(call) = self.calls.iter_mut().find(|call| call.id == id) {
            if call.dtmf_received.len() < MAX_DTMF_SHOWN {
                call.dtmf_received.push(digit);
            }
            self.events.push(CallEvent::Dtmf(id, digit));
        }
    }

    fn hold_others(&mut self, rooms: &mut Rooms<'_>, but: Option<CallId>) {
        let active: Vec<_> = self
            .calls
            .iter()
            .filter(|call| call.state == CallState::Active && Some(call.id) != but)
            .map(|call| call.id)
            .collect();
        for id in active {
            let _ = self.hold(rooms, id, true);
        }
    }

    fn end(
        &mut self,
        rooms: &mut Rooms<'_>,
        id: CallId,
        problem: Option<Problem>,
        by_peer: bool,
        sip_status: Option<u16>,
    ) {
        let Ok(call) = self.expect(id, |call| !call.state.is_ended()) else {
            return;
        };
        rooms.sound.end(id);
        call.ports = None;
        call.ended_at = Some(rooms.now);
        call.warning = None;
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
        if refused && !self.any_alive() {
            rooms.sound.tone(Some(Tone::Busy));
        }
    }

    fn become_state(&mut self, rooms: &mut Rooms<'_>, id: CallId, next: CallState) {
        let Some(call) = self.calls.iter_mut().find(|call| call.id == id) else {
            return;
        };
        if call.state == next || !call.state.may_become(&next) {
            return;
        }
        call.state = next;
        self.update_tone(rooms.sound);
        self.events.push(CallEvent::State(id));
    }

    /// What the person hears besides the far side follows from the states alone.
    fn update_tone(&self, sound: &Sound) {
        let any = |state: CallState| self.calls.iter().any(|call| call.state == state);
        sound.tone(if any(CallState::Incoming) {
            Some(Tone::Ring)
        } else if any(CallState::Ringing) {
            Some(Tone::Ringback)
        } else {
            None
        });
    }

    fn expect(&mut self, id: CallId, fits: impl Fn(&Call) -> bool) -> Result<&mut Call, Problem> {
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

    fn by_sip(&self, sip_call: u64) -> Option<CallId> {
        self.calls
            .iter()
            .find(|call| call.sip == sip_call && !call.state.is_ended())
            .map(|call| call.id)
    }

    fn next_id(&mut self) -> CallId {
        self.made += 1;
        CallId(self.made)
    }
}

impl Call {
    fn take_answer(&mut self, sound: &Sound, answer: &[u8]) -> Result<(), SdpError> {
        let agreed = self.session.accept_answer(answer)?;
        self.negotiated = Some(agreed);
        self.start_sound(sound);
        Ok(())
    }

    /// Starts the stream, or changes the running one.
    fn start_sound(&mut self, sound: &Sound) {
        let Some(agreed) = &self.negotiated else {
            return;
        };
        self.codec = Some(agreed.codec);
        let remote = Remote {
            rtp: agreed.remote,
            rtcp: agreed.remote_rtcp,
        };
        let config = StreamConfig {
            codec: agreed.codec,
            payload_type: agreed.payload_type,
            receive_payload_types: agreed.receive_payload_types.clone(),
            dtmf: agreed.dtmf,
            dtmf_receive: agreed.dtmf_receive,
            ptime_ms: agreed.ptime_ms,
            direction: agreed.direction,
            opus: agreed.opus.clone(),
            cname: format!("{:08x}", fastrand::u32(..)),
        };
        match self.ports.take() {
            Some(ports) => {
                sound.begin(self.id, ports, config, remote);
                if self.muted {
                    sound.mute(self.id, true);
                }
            }
            None => sound.reconfigure(self.id, config, remote),
        }
    }

    fn take_stats(&mut self, now: Instant, stats: &Stats) {
        self.quality = Some(Quality {
            sent_packets: stats.sent_packets,
            sent_bytes: stats.sent_bytes,
            received_packets: stats.received_packets,
            received_bytes: stats.received_bytes,
            lost_packets: stats.lost + stats.late,
            jitter_ms: stats.jitter_ms,
            round_trip_ms: stats.round_trip_ms,
            buffer_ms: stats.buffer_ms,
            concealed_ms: stats.concealed_ms,
            mos: stats.mos,
        });
        let hears = self
            .negotiated
            .as_ref()
            .is_some_and(|agreed| agreed.direction.receives());
        let since = stats.last_received.or(self.answered_at);
        let silent = since.is_some_and(|at| now.saturating_duration_since(at) > NO_MEDIA_AFTER);
        if self.state == CallState::Active && hears && silent {
            self.warning.get_or_insert(Problem::MediaTimeout);
        } else if self.warning == Some(Problem::MediaTimeout) {
            self.warning = None;
        }
    }
}

fn new_session(line: &Line, local: IpAddr) -> Result<(Session, Ports), Problem> {
    let ports = Ports::bind(local).map_err(|_| Problem::NoNetwork)?;
    let rtp_port = ports.rtp_port().map_err(|_| Problem::NoNetwork)?;
    let session = Session::new(
        LocalMedia {
            address: local,
            rtp_port,
            codecs: line.codecs.clone(),
            dtmf: line.dtmf.contains(&DtmfMethod::Rfc2833),
            ptime_ms: PTIME_MS,
            opus: OpusOptions::default(),
        },
        fastrand::u64(..),
    );
    Ok((session, ports))
}

/// The status that refuses an offer: 488 for sound we don't speak, 400 for nonsense.
fn sdp_status(error: &SdpError) -> u16 {
    match error {
        SdpError::Malformed(_) => 400,
        _ => 488,
    }
}

fn peer_of(from: &NameAddr) -> Peer {
    let user = from.uri.unescaped_user();
    Peer {
        name: from.display.clone().filter(|name| !name.is_empty()),
        number: user
            .filter(|user| !user.is_empty())
            .unwrap_or_else(|| from.uri.host.to_string()),
        uri: from.uri.to_string(),
    }
}

fn is_dtmf(digit: char) -> bool {
    matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D')
}

/// The digit of an INFO: `application/dtmf-relay` says `Signal=5`, `application/dtmf` says `5`.
fn digit_of_info(content_type: &str, body: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(body).ok()?;
    let kind = content_type.split(';').next()?.trim().to_ascii_lowercase();
    let signal = match kind.as_str() {
        "application/dtmf-relay" => text.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("signal")
                .then(|| value.trim())
        })?,
        "application/dtmf" => text.trim(),
        _ => return None,
    };
    // Some send the RFC 4733 event code for the star and the hash.
    let digit = match signal {
        "10" => '*',
        "11" => '#',
        one => one
            .chars()
            .next()
            .filter(|_| one.len() == 1)?
            .to_ascii_uppercase(),
    };
    is_dtmf(digit).then_some(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_by_both_kinds_of_info() {
        let relay = |body: &str| digit_of_info("application/dtmf-relay", body.as_bytes());
        assert_eq!(relay("Signal=5\r\nDuration=160\r\n"), Some('5'));
        assert_eq!(relay("signal = #\n"), Some('#'));
        assert_eq!(relay("Signal=11\n"), Some('#'));
        assert_eq!(relay("Signal=55\n"), None);
        assert_eq!(relay("Duration=1\n"), None);
        assert_eq!(digit_of_info("application/dtmf; x=y", b"*"), Some('*'));
        assert_eq!(digit_of_info("text/plain", b"1"), None);
        assert_eq!(digit_of_info("application/dtmf", b"\xff"), None);
    }
}
