//! One call: its dialog, its session, its stream.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::account::{AccountId, DtmfMethod, Encryption, KeyExchange, Transport};
use crate::call::media_request::{Mix, Remote};
use crate::call::sound::Sound;
use crate::call::{
    CallId, CallProgress, CallState, Direction, Peer, Problem, Quality, Recording, Transfer,
    TransferAsked, Wishes,
};
use crate::codec::CodecId;
use crate::media;
use crate::media::sdp::{Negotiated, SdpError, Session, Wanted};
use crate::media::{DigitMerger, OpusOptions, Ports, Stats, StreamConfig};
use crate::media::{Identity, Keying, Protection, Security};
use crate::sip::Endpoint;

/// Silence of the network after which a running call warns.
const NO_MEDIA_AFTER: Duration = Duration::from_secs(5);

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
    /// Milliseconds of sound in a packet: 10 to 60.
    pub ptime_ms: u32,
    /// How Opus is encoded.
    pub opus: OpusOptions,
    /// What its messages travel over.
    pub transport: Transport,
    /// Whether sound is encrypted.
    pub encryption: Encryption,
    /// How the keys for it are agreed upon.
    pub key_exchange: KeyExchange,
    /// Whether its calls are recorded by themselves.
    pub record: bool,
    /// Whether such a recording can't be stopped here: the account is another's.
    pub record_locked: bool,
    /// What it wants done with calls that come in.
    pub wishes: Box<Wishes>,
}

/// How a digit came from the far side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DigitBy {
    /// Among the sound, as an event or a tone.
    Sound,
    /// In a SIP INFO.
    Info,
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
    /// Whether it is part of the conference.
    pub joined: bool,
    /// Whether nobody gets to hear the far side.
    pub silenced: bool,
    /// Whether the far side holds us.
    pub held_by_peer: bool,
    /// The codec in use.
    pub codec: Option<CodecId>,
    /// How the sound is encrypted; `None` is not at all, or not yet.
    pub protection: Option<Protection>,
    /// The transport of the signalling.
    pub transport: Option<Transport>,
    /// The latest figures.
    pub quality: Option<Quality>,
    /// Whether `quality` holds the last figures of a call that has ended.
    pub final_figures: bool,
    /// Digits from the far side.
    pub dtmf_received: String,
    /// Its recording, if there is or was one.
    pub recording: Option<Recording>,
    /// A transfer of ours, under way or just over.
    pub transfer: Option<Transfer>,
    /// Whom the far side asks us to call instead.
    pub asked: Option<TransferAsked>,
    /// The call that this one came of, by a transfer.
    pub instead_of: Option<CallId>,
    /// Where it was sent instead of being answered here.
    pub forwarded_to: Option<String>,
    /// Who sent it to us, if it was meant for another.
    pub diverted_by: Option<Peer>,
    /// What the network does with it until it is answered.
    pub progress: Option<CallProgress>,
    /// When it is answered by itself.
    pub(super) answer_at: Option<Instant>,
    /// When it is forwarded because nobody answers.
    pub(super) forward_at: Option<Instant>,
    /// Whether the person refused it.
    pub declined: bool,
    /// Whether it is only there for the history.
    pub unseen: bool,
    /// The call whose far side waits to hear how this one goes on.
    pub(super) referrer: Option<CallId>,
    /// Whether it is to go on as soon as it is held: what it was held for has failed.
    pub(super) resume_once_held: bool,
    /// Whether it takes the place of one that is on hold, so that it begins there.
    pub(super) begins_held: bool,
    /// Our address in its sound.
    pub(super) local: IpAddr,
    /// What is wrong with the sound of the running call.
    pub(super) warning: Option<Problem>,
    /// Why it is not recorded although it should be.
    pub(super) recording_problem: Option<Problem>,
    /// How the endpoint names it.
    pub(super) sip: u64,
    pub(super) session: Session,
    /// The sockets until the media thread has them.
    pub(super) ports: Option<Ports>,
    /// Digits of the far side, each once.
    pub(super) digits: DigitMerger<DigitBy>,
    /// Our answer to the offer of an incoming call, until it is answered.
    pub(super) answer: Option<Vec<u8>>,
    pub(super) negotiated: Option<Negotiated>,
    /// Whether an offer of ours asks for hold (true) or resume (false).
    pub(super) hold_asked: Option<bool>,
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

    /// A call that has just begun.
    pub(super) fn new(
        id: CallId,
        sip: u64,
        line: Line,
        direction: Direction,
        peer: Peer,
        (session, ports): (Session, Ports),
        now: Instant,
    ) -> Self {
        Self {
            id,
            line,
            direction,
            peer,
            state: match direction {
                Direction::Outgoing => CallState::Dialing,
                Direction::Incoming => CallState::Incoming,
            },
            started_at: now,
            answered_at: None,
            ended_at: None,
            muted: false,
            joined: false,
            silenced: false,
            held_by_peer: false,
            codec: None,
            protection: None,
            transport: None,
            quality: None,
            final_figures: false,
            dtmf_received: String::new(),
            recording: None,
            transfer: None,
            asked: None,
            instead_of: None,
            forwarded_to: None,
            diverted_by: None,
            progress: None,
            answer_at: None,
            forward_at: None,
            declined: false,
            unseen: false,
            referrer: None,
            resume_once_held: false,
            begins_held: false,
            local: session.local().address,
            warning: None,
            recording_problem: None,
            sip,
            session,
            ports: Some(ports),
            digits: DigitMerger::default(),
            answer: None,
            negotiated: None,
            hold_asked: None,
        }
    }

    pub(super) fn take_answer(&mut self, sound: &Sound, answer: &[u8]) -> Result<(), SdpError> {
        let agreed = self.session.accept_answer(answer)?;
        self.negotiated = Some(agreed);
        self.start_sound(sound);
        Ok(())
    }

    /// Starts the stream, or changes the running one. Whoever rings here hears nothing yet.
    pub(super) fn start_sound(&mut self, sound: &Sound) {
        let Some(agreed) = &self.negotiated else {
            return;
        };
        if self.state == CallState::Incoming {
            return;
        }
        self.codec = Some(agreed.codec);
        // A handshake tells later.
        match &agreed.keying {
            Some(Keying::Dtls { .. }) => {}
            keying => self.protection = keying.as_ref().and_then(Keying::protection),
        }
        let remote = Remote {
            rtp: agreed.remote,
            rtcp: agreed.remote_rtcp,
        };
        let cname = format!("{:08x}", fastrand::u32(..));
        let config = StreamConfig::agreed(agreed, cname);
        match self.ports.take() {
            Some(ports) => {
                sound.begin(self.id, ports, config, remote);
                self.update_mix(sound);
            }
            None => sound.reconfigure(self.id, config, remote),
        }
    }

    /// How digits are sent.
    pub(super) fn dtmf_method(&self, sip: &Endpoint) -> DtmfMethod {
        let events = self.negotiated.as_ref().and_then(|agreed| agreed.dtmf);
        first_possible(
            &self.line.dtmf,
            events.is_some(),
            sip.allows(self.sip, "INFO"),
        )
    }

    /// Whoever is on hold does not hear what is said to others meanwhile.
    pub(super) fn update_mix(&self, sound: &Sound) {
        let held = self.state == CallState::Held;
        let mix = Mix {
            microphone: !self.muted && !held,
            joined: self.joined && !held,
            silenced: self.silenced,
        };
        sound.mix(self.id, mix);
    }

    pub(super) fn take_stats(&mut self, now: Instant, stats: &Stats) {
        self.quality = Some(self.quality.unwrap_or_default().after(stats));
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

/// The first way of sending digits that the far side can do, by whether it takes events and INFO.
/// Tones can be heard by everyone, and are what is left if nothing else is possible.
fn first_possible(wanted: &[DtmfMethod], events: bool, info: bool) -> DtmfMethod {
    let can = |method: &&DtmfMethod| match method {
        DtmfMethod::Rfc2833 => events,
        DtmfMethod::Info => info,
        DtmfMethod::Inband => true,
    };
    let first = wanted.iter().find(can);
    first.copied().unwrap_or(DtmfMethod::Inband)
}

impl Line {
    /// A session over this line, on ports of `local`, for a call whose messages travel over
    /// `transport`.
    ///
    /// # Errors
    /// [`Problem::NoNetwork`] if no port could be had.
    pub(super) fn open(
        &self,
        local: IpAddr,
        transport: Transport,
        identity: Option<Arc<Identity>>,
    ) -> Result<(Session, Ports), Problem> {
        let tls = transport == Transport::Tls;
        let wanted = Wanted {
            codecs: self.codecs.clone(),
            dtmf: self.dtmf.contains(&DtmfMethod::Rfc2833),
            ptime_ms: self.ptime_ms,
            opus: self.opus,
            security: Security::of(self.encryption, self.key_exchange, tls),
            identity,
            one_port: true,
        };
        media::open(local, wanted).map_err(|_| Problem::NoNetwork)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_go_the_first_way_that_both_sides_can() {
        use DtmfMethod::{Inband, Info, Rfc2833};
        let all = [Rfc2833, Info, Inband];
        for (wanted, events, info, chosen) in [
            (&all[..], true, true, Rfc2833),
            (&all, false, true, Info),
            (&all, false, false, Inband),
            (&[Info, Rfc2833], true, true, Info),
            (&[Info, Rfc2833], true, false, Rfc2833),
            (&[Inband, Rfc2833], true, true, Inband),
            (&[Rfc2833], false, true, Inband),
            (&[], true, true, Inband),
        ] {
            let found = first_possible(wanted, events, info);
            assert_eq!(found, chosen, "{wanted:?} {events} {info}");
        }
    }
}
