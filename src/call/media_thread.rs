//! The media thread: the one place where streams, devices and tones meet, in ticks of 10 ms.
//!
//! It waits for packets and for the next tick, never longer. A microphone frame goes to every
//! stream that sends; what the streams play is mixed for the speaker, and of those that are
//! joined each also gets the others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};

use crate::audio::tones::{Ring, Supervisory};
use crate::audio::{AudioError, DeviceSpec, Duplex, Limiter, level::LevelMeter};
use crate::call::CallId;
use crate::call::leg::{Leg, add};
use crate::call::media_request::{
    DeviceChoice, DeviceRole, Request, SoundEvent, SoundOptions, Tone,
};
use crate::call::trial::Trial;
use crate::media::{FRAME, StreamEvent};

/// The longest datagram taken from a media socket; longer ones are cut and then fail to parse.
const MAX_DATAGRAM: usize = 2048;
/// How often statistics are told.
const STATS_EVERY: Duration = Duration::from_secs(1);
/// How often the level meters move.
const LEVELS_EVERY: Duration = Duration::from_millis(66);
/// The longest wait when there is nothing to do.
const IDLE: Duration = Duration::from_secs(3600);

/// The token of the waker; sockets take two tokens per call from 0 up.
pub(super) const WAKE: Token = Token(usize::MAX);

/// A tone that the person hears, and for how many frames yet.
struct Playing {
    tone: Supervisory,
    left: usize,
}

/// The thread's state.
pub(super) struct MediaThread {
    poll: Poll,
    inbox: Receiver<Request>,
    tell: Arc<dyn Fn(SoundEvent) + Send + Sync>,
    levels: Box<dyn Fn(f32, f32) + Send>,
    devices: DeviceChoice,
    options: SoundOptions,
    legs: BTreeMap<CallId, Leg>,
    /// Microphone and speaker, open while a stream, a tone or the meter needs them.
    voice: Option<Duplex>,
    /// The ring device and what rings, open while somebody calls.
    ring: Option<(Duplex, Ring)>,
    /// Why the ring device could not be opened.
    ring_not_opened: Option<AudioError>,
    /// Why what was chosen could not be opened, while something else stands in for it.
    not_opened: Option<AudioError>,
    /// What was told last to be wrong with the devices.
    told: Option<AudioError>,
    tone: Option<Playing>,
    trial: Option<Trial>,
    meter: bool,
    limiter: Limiter,
    next_stats: Instant,
    next_levels: Instant,
    microphone_meter: LevelMeter,
    speaker_meter: LevelMeter,
}

/// Frames of the busy tone, and of the one for congestion: 4 s.
const BUSY_FRAMES: usize = 400;

impl MediaThread {
    /// A thread that has yet to [`run`](Self::run).
    pub fn new(
        poll: Poll,
        inbox: Receiver<Request>,
        tell: Arc<dyn Fn(SoundEvent) + Send + Sync>,
        levels: impl Fn(f32, f32) + Send + 'static,
        devices: DeviceChoice,
    ) -> Self {
        Self {
            poll,
            inbox,
            tell,
            levels: Box::new(levels),
            devices,
            options: SoundOptions::default(),
            legs: BTreeMap::new(),
            voice: None,
            ring: None,
            ring_not_opened: None,
            not_opened: None,
            told: None,
            tone: None,
            trial: None,
            meter: false,
            limiter: Limiter::default(),
            next_stats: Instant::now(),
            next_levels: Instant::now(),
            microphone_meter: LevelMeter::default(),
            speaker_meter: LevelMeter::default(),
        }
    }

    /// Works until nobody can ask any more.
    pub fn run(mut self) {
        let mut events = Events::with_capacity(64);
        let mut buffer = vec![0; MAX_DATAGRAM];
        let mut unread: Vec<Token> = Vec::new();
        loop {
            let now = Instant::now();
            let wait = if unread.is_empty() {
                self.next_wake(now).saturating_duration_since(now)
            } else {
                Duration::ZERO
            };
            if let Err(error) = self.poll.poll(&mut events, Some(wait))
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "the media thread can't wait for packets");
                return;
            }
            if !self.take_requests() {
                break;
            }
            let now = Instant::now();
            let mut ready = std::mem::take(&mut unread);
            ready.extend(
                events
                    .iter()
                    .map(|event| event.token())
                    .filter(|token| *token != WAKE),
            );
            for token in ready {
                let leg = self
                    .legs
                    .values_mut()
                    .find(|leg| leg.token == token.0 / 2 * 2);
                if leg.is_some_and(|leg| leg.receive(now, token.0 % 2 == 1, &mut buffer)) {
                    unread.push(token);
                }
            }
            self.tick(now);
            self.housekeep(now);
        }
        let calls: Vec<_> = self.legs.keys().copied().collect();
        for call in calls {
            self.stop(call);
        }
        self.close_voice();
    }

    fn next_wake(&self, now: Instant) -> Instant {
        let ticks = [
            self.voice.as_ref().map(|voice| voice.next_tick(now)),
            self.ring.as_ref().map(|(ring, _)| ring.next_tick(now)),
        ];
        let timers = self
            .legs
            .values()
            .filter_map(|leg| leg.stream.poll_timeout());
        let stats = (!self.legs.is_empty()).then_some(self.next_stats);
        timers
            .chain(ticks.into_iter().flatten())
            .chain(stats)
            .min()
            .unwrap_or(now + IDLE)
    }

    /// Carries out what was asked; false once nobody can ask any more.
    fn take_requests(&mut self) -> bool {
        loop {
            match self.inbox.try_recv() {
                Ok(request) => self.carry_out(request),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn carry_out(&mut self, request: Request) {
        match request {
            Request::Start {
                call,
                ports,
                config,
                remote,
                seed,
            } => match Leg::start(
                self.poll.registry(),
                self.free_token(),
                ports,
                config,
                remote,
                seed,
            ) {
                Ok(leg) => {
                    self.end_trial();
                    self.legs.insert(call, leg);
                    self.open_voice();
                    // What is wrong already is wrong for this call, too.
                    if let Some(trouble) = self.told.clone() {
                        (self.tell)(SoundEvent::Problem(Some(trouble)));
                    }
                }
                Err(reason) => tracing::error!(reason, "a stream could not be started"),
            },
            Request::Reconfigure {
                call,
                config,
                remote,
            } => {
                if let Some(leg) = self.legs.get_mut(&call) {
                    if let Err(error) = leg.stream.reconfigure(Instant::now(), config) {
                        tracing::error!(%error, "a stream could not be changed");
                    }
                    leg.redirect(remote);
                }
            }
            Request::Stop { call } => self.stop(call),
            Request::Mix { call, mix } => {
                if let Some(leg) = self.legs.get_mut(&call) {
                    leg.mix = mix;
                }
            }
            Request::Dtmf { call, digit } => {
                if let Some(leg) = self.legs.get_mut(&call) {
                    leg.stream.send_dtmf(digit);
                }
            }
            Request::DtmfTone { call, digit } => {
                if let Some(leg) = self.legs.get_mut(&call) {
                    leg.stream.send_tone(digit);
                }
            }
            Request::Record { call, tap } => {
                let told = self.options.recording_tone && tap.is_some();
                if let Some(leg) = self.legs.get_mut(&call) {
                    leg.notice = told.then(Supervisory::recording);
                    leg.tap = tap;
                }
            }
            Request::PauseRecording { call, on } => {
                if let Some(tap) = self.legs.get_mut(&call).and_then(|leg| leg.tap.as_mut()) {
                    tap.pause(on);
                }
            }
            Request::Tone(tone) => self.play(tone),
            Request::Devices(devices) => self.change_devices(devices),
            Request::Options(options) => {
                if let Some(voice) = &mut self.voice {
                    voice.process(options.processing);
                }
                self.options = options;
            }
            Request::Try(role) => self.try_device(role),
            Request::Meter(on) => {
                self.meter = on;
                if on {
                    self.open_voice()
                } else {
                    self.close_unneeded_voice()
                }
            }
        }
    }

    /// The lowest even token that no stream has.
    fn free_token(&self) -> usize {
        let taken = |token: &usize| self.legs.values().any(|leg| leg.token == *token);
        (0..)
            .step_by(2)
            .find(|token| !taken(token))
            .unwrap_or_default()
    }

    fn stop(&mut self, call: CallId) {
        let Some(mut leg) = self.legs.remove(&call) else {
            return;
        };
        let now = Instant::now();
        leg.end(now, self.poll.registry());
        (self.tell)(SoundEvent::Stats {
            call,
            stats: leg.stream.stats(now),
        });
        self.close_unneeded_voice();
    }

    fn play(&mut self, tone: Option<Tone>) {
        self.end_trial();
        self.ring = None;
        self.tone = None;
        let country = self.options.country;
        if self.devices.tones {
            let rhythm = match tone {
                Some(Tone::Ring) if self.legs.is_empty() => {
                    self.open_ring();
                    None
                }
                // A second call is told by the tone of the far side's ringing, in the ear.
                Some(Tone::Ring | Tone::Ringback) => Some((&country.ringback, usize::MAX)),
                Some(Tone::Busy) => Some((&country.busy, BUSY_FRAMES)),
                Some(Tone::Congestion) => Some((&country.congestion, BUSY_FRAMES)),
                None => None,
            };
            self.tone = rhythm.map(|(rhythm, left)| Playing {
                tone: rhythm.into(),
                left,
            });
        }
        if self.tone.is_some() {
            self.open_voice()
        } else {
            self.close_unneeded_voice()
        }
    }

    fn open_ring(&mut self) {
        let opened = Duplex::open(&DeviceSpec::Silence, &self.devices.ring, Instant::now());
        let ring = Ring::new(&self.options.ring, self.options.ring_file.as_ref());
        match opened {
            Ok(device) => {
                self.ring = Some((device, ring));
                self.ring_not_opened = None;
            }
            Err(error) => self.ring_not_opened = Some(error),
        }
        self.tell_trouble();
    }

    /// Begins to try out a device, or ends it.
    fn try_device(&mut self, role: Option<DeviceRole>) {
        self.end_trial();
        let free = self.legs.is_empty() && self.ring.is_none();
        if role.is_some() && !free {
            (self.tell)(SoundEvent::Trial(None));
        }
        if let Some(role) = role.filter(|_| free) {
            let trial = Trial::new(role);
            (self.tell)(SoundEvent::Trial(Some(trial.shown)));
            self.trial = Some(trial);
            if role == DeviceRole::Ring {
                self.open_ring();
            }
            self.open_voice();
        }
        self.close_unneeded_voice();
    }

    fn end_trial(&mut self) {
        if let Some(trial) = self.trial.take() {
            if trial.shown.role == DeviceRole::Ring {
                self.ring = None;
            }
            (self.tell)(SoundEvent::Trial(None));
        }
    }

    fn open_voice(&mut self) {
        if self.voice.is_some() {
            return;
        }
        let now = Instant::now();
        let (microphone, speaker) = (&self.devices.microphone, &self.devices.speaker);
        let silence = &DeviceSpec::Silence;
        let attempts = [
            (microphone, speaker),
            (silence, speaker),
            (microphone, silence),
            (silence, silence),
        ];
        let mut problem = None;
        for (microphone, speaker) in attempts {
            match Duplex::open(microphone, speaker, now) {
                Ok(mut device) => {
                    device.process(self.options.processing);
                    self.voice = Some(device);
                    break;
                }
                Err(error) => {
                    problem.get_or_insert(error);
                }
            }
        }
        self.not_opened = problem;
        self.tell_trouble();
    }

    /// Tells what is wrong with the devices when that changes.
    fn tell_trouble(&mut self) {
        let ring = self.ring.as_ref().and_then(|(ring, _)| ring.trouble());
        let voice = self.voice.as_ref().and_then(Duplex::trouble);
        let not_opened = self.not_opened.as_ref().or(self.ring_not_opened.as_ref());
        let now = not_opened.or(voice).or(ring);
        if now != self.told.as_ref() {
            self.told = now.cloned();
            (self.tell)(SoundEvent::Problem(self.told.clone()));
        }
    }

    fn close_unneeded_voice(&mut self) {
        if self.legs.is_empty() && self.tone.is_none() && self.trial.is_none() && !self.meter {
            self.close_voice();
        }
    }

    fn close_voice(&mut self) {
        if let Some(voice) = self.voice.take() {
            voice.finish();
            (self.levels)(0.0, 0.0);
        }
    }

    fn change_devices(&mut self, devices: DeviceChoice) {
        let ring_changed = devices.ring != self.devices.ring;
        self.devices = devices;
        if self.voice.is_some() {
            self.close_voice();
            self.open_voice();
        }
        if ring_changed && self.ring.is_some() {
            self.open_ring();
        }
    }

    fn tick(&mut self, now: Instant) {
        let mut microphone = [0.0; FRAME];
        let mut played = [0.0; FRAME];
        let mut mixed = [0.0; FRAME];
        let mut joined = [0.0; FRAME];
        if let Some((device, tone)) = &mut self.ring {
            for _ in 0..device.ticks_due(now) {
                device.read(&mut microphone);
                tone.fill(&mut mixed);
                device.write(&mixed);
            }
        }
        let shown = self.trial.as_ref().map(|trial| trial.shown);
        let mut trial_over = false;
        if let Some(voice) = &mut self.voice {
            for _ in 0..voice.ticks_due(now) {
                voice.read(&mut microphone);
                mixed.fill(0.0);
                joined.fill(0.0);
                for leg in self.legs.values_mut() {
                    leg.play(now);
                    leg.mix_into(&mut mixed, &mut joined);
                }
                for leg in self.legs.values_mut() {
                    leg.capture(now, &microphone, &joined);
                }
                mix_tone(&mut self.tone, &mut played, &mut mixed);
                self.limiter.limit(&mut mixed);
                if let Some(trial) = &mut self.trial {
                    trial_over |= !trial.tick(&microphone, &mut mixed);
                }
                self.microphone_meter.update(&microphone);
                self.speaker_meter.update(&mixed);
                voice.write(&mixed);
            }
        }
        self.tell_trouble();
        match &self.trial {
            Some(_) if trial_over => self.end_trial(),
            Some(trial) if Some(trial.shown) != shown => {
                (self.tell)(SoundEvent::Trial(Some(trial.shown)));
            }
            _ => {}
        }
        for (call, leg) in &mut self.legs {
            leg.stream.handle_timeout(now);
            while let Some(event) = leg.stream.poll_event() {
                let call = *call;
                match event {
                    StreamEvent::Dtmf(digit) => (self.tell)(SoundEvent::Dtmf { call, digit }),
                    StreamEvent::Keyed(protection) => {
                        (self.tell)(SoundEvent::Keyed { call, protection });
                    }
                    StreamEvent::NotKeyed(failure) => {
                        (self.tell)(SoundEvent::NotKeyed { call, failure });
                    }
                    _ => {}
                }
            }
            leg.transmit();
        }
    }

    fn housekeep(&mut self, now: Instant) {
        if self.voice.is_some() && now >= self.next_levels {
            self.next_levels = now + LEVELS_EVERY;
            (self.levels)(self.microphone_meter.level(), self.speaker_meter.level());
        }
        if now >= self.next_stats {
            self.next_stats = now + STATS_EVERY;
            for (call, leg) in &self.legs {
                (self.tell)(SoundEvent::Stats {
                    call: *call,
                    stats: leg.stream.stats(now),
                });
            }
        }
        if self.tone.is_none() {
            self.close_unneeded_voice();
        }
    }
}

fn mix_tone(playing: &mut Option<Playing>, scratch: &mut [f32; FRAME], mixed: &mut [f32; FRAME]) {
    let Some(Playing { tone, left }) = playing else {
        return;
    };
    tone.fill(scratch);
    add(mixed, scratch);
    *left = left.saturating_sub(1);
    if *left == 0 {
        *playing = None;
    }
}
