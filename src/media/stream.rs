//! A call's sound, both ways.

use std::collections::VecDeque;
use std::time::Instant;

use super::dtls::{DtlsFailure, is_dtls};
use super::dtmf::{DigitMerger, ToneDetector};
use super::guard::{Guard, Guarded};
use super::jitter::MAX_WAIT_MS;
use super::quality::{Conditions, opinion};
use super::receiver::{Receiver, ReceiverConfig};
use super::rtcp::{Rtcp, Told};
use super::sender::{Sender, SenderConfig};
use super::voip_metrics::VoipMetrics;
use super::{FRAME, Protection, Stats, StreamConfig};
use crate::codec::CodecError;

/// Packets and events that wait to be fetched; older ones are dropped.
const MAX_QUEUE: usize = 256;
/// A datagram longer than this is nothing for us.
const MAX_DATAGRAM: usize = 2_048;
/// Received packets after which quality is judged.
const JUDGED_AFTER: u64 = 50;
/// What the far side and both devices may add to the delay, milliseconds.
const DEVICES_MS: f32 = 40.0;

/// Why a stream cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// A codec could not be set up.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// Which socket a packet goes out on, or came in on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketKind {
    /// Sound or keys.
    Rtp,
    /// Reports.
    Rtcp,
}

/// A packet to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Where it goes.
    pub kind: PacketKind,
    /// The datagram.
    pub bytes: Vec<u8>,
}

/// What a stream noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamEvent {
    /// The far side pressed a key: `0`-`9`, `*`, `#`, `A`-`D`. By whichever way, or both, each is
    /// told once.
    Dtmf(char),
    /// The far side's source said goodbye (RTCP BYE).
    Bye,
    /// The handshake gave keys: sound flows from now on, encrypted like this.
    Keyed(Protection),
    /// The handshake came to nothing: no sound will flow.
    NotKeyed(DtlsFailure),
}

/// One call's sound on the network.
pub struct Stream {
    started: Instant,
    config: StreamConfig,
    sender: Sender,
    receiver: Receiver,
    rtcp: Rtcp,
    guard: Guard,
    /// What was opened last.
    plain: Vec<u8>,
    rng: fastrand::Rng,
    muted: bool,
    closed: bool,
    packets: VecDeque<Packet>,
    events: VecDeque<StreamEvent>,
    last_received: Option<Instant>,
    lost_by_peer: Option<f32>,
    heard_by_peer: Option<VoipMetrics>,
    expected_loss: f32,
    tones: ToneDetector,
    digits: DigitMerger<DigitBy>,
}

/// How a digit came.
#[derive(Clone, Copy, PartialEq)]
enum DigitBy {
    Event,
    Tone,
}

impl Stream {
    /// A stream by this agreement; `seed` makes its random beginnings.
    ///
    /// # Errors
    /// [`MediaError::Codec`] if a codec cannot be set up.
    pub fn new(config: StreamConfig, now: Instant, seed: u64) -> Result<Self, MediaError> {
        let mut rng = fastrand::Rng::with_seed(seed);
        Ok(Self {
            started: now,
            sender: Sender::new(sender_config(&config), &mut rng)?,
            receiver: Receiver::new(receiver_config(&config))?,
            rtcp: Rtcp::new(now, &config.cname, &mut rng),
            guard: Guard::new(config.keying.as_ref(), config.one_port, now),
            plain: Vec::new(),
            config,
            rng,
            muted: false,
            closed: false,
            packets: VecDeque::new(),
            events: VecDeque::new(),
            last_received: None,
            lost_by_peer: None,
            heard_by_peer: None,
            expected_loss: 0.0,
            tones: ToneDetector::new(),
            digits: DigitMerger::default(),
        })
    }

    /// Goes on under another agreement: the same source, sequence numbers and timestamps.
    ///
    /// # Errors
    /// [`MediaError::Codec`] if a codec cannot be set up.
    pub fn reconfigure(&mut self, now: Instant, config: StreamConfig) -> Result<(), MediaError> {
        // First of all: in the clear goes only what was agreed to.
        self.guard
            .agree(config.keying.as_ref(), config.one_port, now);
        self.sender.reconfigure(sender_config(&config))?;
        self.receiver.reconfigure(receiver_config(&config))?;
        self.rtcp.set_cname(&config.cname);
        self.config = config;
        Ok(())
    }

    /// The agreement in force.
    pub fn config(&self) -> &StreamConfig {
        &self.config
    }

    /// Takes a datagram of the RTP socket; tells whether it may be the far side's. RTCP on the
    /// same socket (RFC 5761) is understood.
    pub fn receive_rtp(&mut self, now: Instant, packet: &[u8]) -> bool {
        let rtcp = packet.get(1).is_some_and(|kind| (192..=223).contains(kind));
        let kind = if rtcp {
            PacketKind::Rtcp
        } else {
            PacketKind::Rtp
        };
        self.receive(now, PacketKind::Rtp, kind, packet)
    }

    /// Takes a datagram of the RTCP socket; tells whether it may be the far side's.
    pub fn receive_rtcp(&mut self, now: Instant, packet: &[u8]) -> bool {
        self.receive(now, PacketKind::Rtcp, PacketKind::Rtcp, packet)
    }

    fn receive(&mut self, now: Instant, port: PacketKind, kind: PacketKind, packet: &[u8]) -> bool {
        if packet.len() > MAX_DATAGRAM {
            return false;
        }
        if is_dtls(packet) {
            let (awaited, guarded) = self.guard.handshake(now, port, packet);
            self.guarded(guarded);
            return awaited;
        }
        if self.guard.is_open() {
            self.take(now, kind, packet);
            return true;
        }
        let mut plain = std::mem::take(&mut self.plain);
        let opened = self.guard.open(kind, packet, &mut plain);
        if opened {
            self.take(now, kind, &plain);
        }
        self.plain = plain;
        opened
    }

    fn take(&mut self, now: Instant, kind: PacketKind, packet: &[u8]) {
        match kind {
            PacketKind::Rtp => self.take_rtp(now, packet),
            PacketKind::Rtcp => self.take_rtcp(now, packet),
        }
    }

    fn take_rtp(&mut self, now: Instant, packet: &[u8]) {
        let wall = self.wall(now);
        let (before, _) = self.receiver.received();
        let source = self.receiver.ssrc();
        if let Some(key) = self.receiver.receive(wall, packet) {
            self.heard(now, key, DigitBy::Event);
        }
        if self.receiver.ssrc() != source {
            self.rtcp.forget_source();
        }
        let limit = self.receiver.take_limit();
        if let Some(limit) = limit.filter(|_| self.config.bit_rate_requests) {
            self.rtcp.ask(now, limit);
        }
        if self.receiver.received().0 != before {
            self.last_received = Some(now);
        }
    }

    fn take_rtcp(&mut self, now: Instant, packet: &[u8]) {
        let ours = self.sender.sent().ssrc;
        let theirs = self.receiver.ssrc();
        let mut bye = false;
        let mut fraction = None;
        let mut metrics = None;
        let mut limit = None;
        self.rtcp
            .receive(now, ours, theirs, packet, |told| match told {
                Told::FractionLost(lost) => fraction = Some(f32::from(lost) / 256.0),
                Told::Metrics(told) => metrics = Some(told),
                Told::Limit(told) => limit = Some(told),
                Told::Bye => bye = true,
            });
        self.heard_by_peer = metrics.or(self.heard_by_peer);
        if let Some(limit) = limit {
            self.sender.limit(limit);
        }
        if let Some(lost) = fraction {
            self.lost_by_peer = Some(lost);
            self.expect_loss(lost);
        }
        if bye {
            self.tell(StreamEvent::Bye);
        }
    }

    /// Sends what a handshake has to send, and tells what it came to.
    fn guarded(&mut self, guarded: Option<Guarded>) {
        while let Some((kind, bytes)) = self.guard.poll_transmit() {
            self.queue(kind, bytes);
        }
        match guarded {
            Some(Guarded::Keyed(protection)) => self.tell(StreamEvent::Keyed(protection)),
            Some(Guarded::Failed(failure)) => self.tell(StreamEvent::NotKeyed(failure)),
            None => {}
        }
    }

    /// Takes the next 10 ms of the microphone.
    pub fn capture(&mut self, _now: Instant, frame: &[f32; FRAME]) {
        // A block the codec refuses is left out: the far side conceals it.
        if let Ok(Some(bytes)) = self.sender.capture(frame, self.muted) {
            self.send(PacketKind::Rtp, bytes);
        }
    }

    /// Gives the next 10 ms for the speaker.
    pub fn playout(&mut self, now: Instant, frame: &mut [f32; FRAME]) {
        let wall = self.wall(now);
        self.receiver.playout(wall, frame);
        if let Some(key) = self.tones.hear(frame) {
            self.heard(now, key, DigitBy::Tone);
        }
    }

    /// Sends silence in place of the microphone, or the microphone again.
    pub fn set_muted(&mut self, muted: bool) {
        self.muted = muted;
    }

    /// Whether the far side gets to hear anything: it is not on hold.
    pub fn sends(&self) -> bool {
        self.config.direction.sends()
    }

    /// Queues a key (RFC 4733): `0`-`9`, `*`, `#`, `A`-`D`. Tells whether it will be sent: not
    /// if it is none, the far side takes none, nothing is sent now, or too many wait.
    pub fn send_dtmf(&mut self, digit: char) -> bool {
        self.sender.press(digit)
    }

    /// Queues a key to be heard as a tone in place of the microphone (ITU-T Q.23), also while
    /// that is muted. Tells whether it will be sent.
    pub fn send_tone(&mut self, digit: char) -> bool {
        self.sender.sound(digit)
    }

    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Packet> {
        self.packets.pop_front()
    }

    /// The next thing noticed.
    pub fn poll_event(&mut self) -> Option<StreamEvent> {
        self.events.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let report = self.rtcp.next_report();
        let wake = self.guard.poll_timeout();
        (!self.closed).then(|| wake.map_or(report, |at| at.min(report)))
    }

    /// Does what is due by now: reports, and what a handshake repeats.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.closed {
            return;
        }
        let guarded = self.guard.handle_timeout(now);
        self.guarded(guarded);
        if now < self.rtcp.next_report() {
            return;
        }
        if self.lost_by_peer.is_none() {
            // The far side does not report: what we lose ourselves is the best guess.
            self.expect_loss(self.receiver.buffer().recent_loss());
        }
        let sent = self.sender.sent();
        let metrics = self.metrics(now);
        let report = self.rtcp.report(
            now,
            &sent,
            self.receiver.reception(),
            metrics,
            &mut self.rng,
        );
        self.send(PacketKind::Rtcp, report);
    }

    /// Says goodbye to the far side; only once.
    pub fn bye(&mut self, now: Instant) {
        if !self.closed {
            let metrics = self.metrics(now);
            let sent = self.sender.sent();
            let bye = self
                .rtcp
                .bye(now, &sent, self.receiver.reception(), metrics);
            self.send(PacketKind::Rtcp, bye);
            self.closed = true;
        }
    }

    /// How the stream fares.
    pub fn stats(&self, _now: Instant) -> Stats {
        let sent = self.sender.sent();
        let (received_packets, received_bytes) = self.receiver.received();
        let buffer = self.receiver.buffer();
        let round_trip_ms = self
            .rtcp
            .round_trip()
            .map(|time| time.as_secs_f32() * 1_000.0);
        let buffer_ms = buffer.wait_ms();
        let codec = self
            .receiver
            .codec()
            .filter(|_| received_packets >= JUDGED_AFTER);
        let opinion = codec.map(|codec| {
            opinion(&Conditions {
                codec,
                loss: buffer.recent_loss(),
                repeats: buffer.repeats(),
                delay_ms: round_trip_ms.unwrap_or(0.0) / 2.0 + self.own_delay_ms(),
            })
        });
        Stats {
            sent_packets: sent.packets,
            sent_bytes: sent.octets,
            received_packets,
            received_bytes,
            lost: self.receiver.lost(),
            late: self.receiver.late(),
            jitter_ms: self.receiver.jitter_ms(),
            round_trip_ms,
            buffer_ms,
            concealed_ms: buffer.concealed() / 48,
            lost_by_peer: self.lost_by_peer,
            last_received: self.last_received,
            bursts: buffer.bursts(self.config.ptime_ms as f32),
            rating: opinion.map(|opinion| opinion.rating),
            mos_listening: opinion.map(|opinion| opinion.listening),
            mos: opinion.map(|opinion| opinion.conversation),
            heard_by_peer: self.heard_by_peer,
        }
    }

    /// What the ends add to the delay of the network.
    fn own_delay_ms(&self) -> f32 {
        self.receiver.buffer().wait_ms() + self.config.ptime_ms as f32 + DEVICES_MS
    }

    /// How the far side is heard, if it wants to know and is heard at all.
    fn metrics(&self, now: Instant) -> Option<VoipMetrics> {
        let source = self.receiver.ssrc().filter(|_| self.config.voip_metrics)?;
        let stats = self.stats(now);
        let all = (stats.received_packets + stats.lost).max(1) as f32;
        Some(VoipMetrics {
            source,
            loss: stats.lost as f32 / all,
            discard: stats.late as f32 / all,
            bursts: stats.bursts,
            round_trip_ms: stats.round_trip_ms.unwrap_or(0.0),
            end_system_ms: self.own_delay_ms(),
            rating: stats.rating,
            mos_lq: stats.mos_listening,
            mos_cq: stats.mos,
            buffer_ms: stats.buffer_ms,
            max_buffer_ms: MAX_WAIT_MS,
        })
    }

    /// Time as the receiving side counts it: samples at 48 kHz.
    fn wall(&self, now: Instant) -> f64 {
        now.saturating_duration_since(self.started).as_secs_f64() * 48_000.0
    }

    /// More loss is believed at once, less only after a while.
    fn expect_loss(&mut self, fraction: f32) {
        let percent = fraction * 100.0;
        self.expected_loss = percent.max(self.expected_loss * 0.7);
        if self.expected_loss < 0.5 {
            self.expected_loss = 0.0;
        }
        self.sender
            .expect_loss(self.expected_loss.round().clamp(0.0, 100.0) as u8);
    }

    fn send(&mut self, kind: PacketKind, mut bytes: Vec<u8>) {
        if self.closed || !self.guard.seal(kind, &mut bytes) {
            return;
        }
        match self.config.one_port {
            true => self.queue(PacketKind::Rtp, bytes),
            false => self.queue(kind, bytes),
        }
    }

    fn queue(&mut self, kind: PacketKind, bytes: Vec<u8>) {
        if self.packets.len() >= MAX_QUEUE {
            self.packets.pop_front();
        }
        self.packets.push_back(Packet { kind, bytes });
    }

    /// A far side that sends a digit by both ways has sent one.
    fn heard(&mut self, now: Instant, digit: char, by: DigitBy) {
        if self.digits.is_new(now, digit, by) {
            self.tell(StreamEvent::Dtmf(digit));
        }
    }

    fn tell(&mut self, event: StreamEvent) {
        if self.events.len() >= MAX_QUEUE {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}

fn sender_config(config: &StreamConfig) -> SenderConfig {
    SenderConfig {
        codec: config.codec,
        payload_type: config.payload_type,
        dtmf: config.dtmf,
        ptime_ms: config.ptime_ms,
        opus: config.opus,
        sends: config.direction.sends(),
    }
}

fn receiver_config(config: &StreamConfig) -> ReceiverConfig {
    ReceiverConfig {
        payload_types: config.receive_payload_types.clone(),
        dtmf: config.dtmf_receive,
        receives: config.direction.receives(),
    }
}
