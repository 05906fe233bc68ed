//! A seeded network between two streams, their clocks, and something to say.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::codec::{CodecId, OpusOptions};
use crate::media::{Direction, FRAME, Packet, PacketKind, Stream, StreamConfig, StreamEvent};

/// What a network does to packets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions {
    pub delay_ms: f64,
    /// Each packet is late by up to this much.
    pub jitter_ms: f64,
    /// 0 to 1.
    pub loss: f64,
    /// 0 to 1.
    pub duplicates: f64,
    /// So much gets through, bit/s, and the rest queues up; 0: everything.
    pub bit_rate: f64,
}

/// One direction of a network.
pub struct Network {
    pub conditions: Conditions,
    rng: fastrand::Rng,
    under_way: BTreeMap<(u64, u64), Packet>,
    count: u64,
    pub dropped: u64,
    free_at_us: u64,
}

impl Network {
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        let rng = fastrand::Rng::with_seed(seed);
        Self {
            conditions,
            rng,
            under_way: BTreeMap::new(),
            count: 0,
            dropped: 0,
            free_at_us: 0,
        }
    }

    /// Takes a packet at `at_us`.
    pub fn send(&mut self, at_us: u64, packet: Packet) {
        if packet.kind == PacketKind::Rtp && self.rng.f64() < self.conditions.loss {
            self.dropped += 1;
            return;
        }
        let at_us = match self.conditions.bit_rate {
            0.0 => at_us,
            rate => {
                let takes = (packet.bytes.len() + 28) as f64 * 8e6 / rate;
                self.free_at_us = self.free_at_us.max(at_us) + takes as u64;
                self.free_at_us
            }
        };
        let copies = 1 + u64::from(self.rng.f64() < self.conditions.duplicates);
        for _ in 0..copies {
            let delay = self.conditions.delay_ms + self.rng.f64() * self.conditions.jitter_ms;
            self.count += 1;
            let at = at_us + (delay * 1_000.0) as u64;
            self.under_way.insert((at, self.count), packet.clone());
        }
    }

    /// Gives the next packet that arrived by `now_us`, and when.
    pub fn arrived(&mut self, now_us: u64) -> Option<(u64, Packet)> {
        let entry = self
            .under_way
            .first_entry()
            .filter(|entry| entry.key().0 <= now_us)?;
        let at = entry.key().0;
        Some((at, entry.remove()))
    }
}

pub fn config(codec: CodecId) -> StreamConfig {
    let payload_type = codec.static_payload_type().unwrap_or(111);
    StreamConfig {
        codec,
        payload_type,
        receive_payload_types: vec![
            (111, CodecId::Opus),
            (9, CodecId::G722),
            (8, CodecId::Alaw),
            (0, CodecId::Ulaw),
        ],
        dtmf: Some(101),
        dtmf_receive: Some(101),
        ptime_ms: 20,
        direction: Direction::SendRecv,
        opus: OpusOptions::default(),
        voip_metrics: true,
        bit_rate_requests: true,
        keying: None,
        one_port: false,
        cname: "tester".into(),
    }
}

/// A voice: gliding pitch, harmonics, syllables with pauses. It repeats itself after 10 s.
pub fn voice(n: usize) -> f32 {
    static VOICE: OnceLock<Vec<f32>> = OnceLock::new();
    let voice = VOICE.get_or_init(|| (0..480_000).map(spoken).collect());
    voice[n % voice.len()]
}

fn spoken(n: usize) -> f32 {
    let t = n as f64 / 48_000.0;
    let tau = std::f64::consts::TAU;
    // The phase is the integral of a pitch between 100 and 160 Hz.
    let phase = tau * 130.0 * t - 30.0 / 0.7 * (tau * 0.7 * t).cos();
    let sound: f64 = (1..20)
        .map(|h| (phase * f64::from(h)).sin() / (1.0 + 0.3 * f64::from(h * h)))
        .sum();
    let syllables = ((tau * 3.0 * t).sin() + 0.6).clamp(0.0, 1.0);
    let phrases = ((tau * 0.4 * t).sin() + 0.8).clamp(0.0, 1.0);
    (0.25 * sound * syllables * phrases) as f32
}

pub fn tone(n: usize) -> f32 {
    0.3 * (std::f64::consts::TAU * 440.0 * n as f64 / 48_000.0).sin() as f32
}

/// Two streams that talk to each other.
pub struct Pair {
    start: Instant,
    pub a: Stream,
    pub b: Stream,
    pub to_b: Network,
    pub to_a: Network,
    /// Length of 10 ms by the clock of each side, microseconds.
    pub tick_a: f64,
    pub tick_b: f64,
    next_a: f64,
    next_b: f64,
    frames_a: usize,
    /// What A says, sample by sample.
    pub says: fn(usize) -> f32,
    /// What B heard.
    pub heard: Vec<f32>,
    /// What B noticed.
    pub events: Vec<StreamEvent>,
    /// How long sound waited at B at each tick, milliseconds.
    pub waits: Vec<f32>,
    /// Whether what B heard and got is kept.
    pub keep: bool,
    /// What A sent, in order.
    pub sent: Vec<Vec<u8>>,
    /// What happens to A's packets before they go out; the number counts them.
    pub tamper: Option<fn(usize, &mut Vec<u8>)>,
}

impl Pair {
    pub fn new(a: StreamConfig, b: StreamConfig, conditions: Conditions) -> Self {
        let start = Instant::now();
        Self {
            start,
            a: Stream::new(a, start, 1).expect("a stream"),
            b: Stream::new(b, start, 2).expect("a stream"),
            to_b: Network::new(conditions, 3),
            to_a: Network::new(conditions, 4),
            tick_a: 10_000.0,
            tick_b: 10_000.0,
            next_a: 0.0,
            next_b: 4_000.0,
            frames_a: 0,
            says: voice,
            heard: Vec::new(),
            events: Vec::new(),
            waits: Vec::new(),
            keep: true,
            sent: Vec::new(),
            tamper: None,
        }
    }

    pub fn same(codec: CodecId, conditions: Conditions) -> Self {
        Self::new(config(codec), config(codec), conditions)
    }

    /// When B's ticks fall between A's, milliseconds.
    pub fn phase(mut self, ms: f64) -> Self {
        self.next_b = ms * 1_000.0;
        self
    }

    pub fn at(&self, us: f64) -> Instant {
        self.start + Duration::from_micros(us as u64)
    }

    /// Lets `seconds` pass.
    pub fn run(&mut self, seconds: f64) {
        let end = self.next_a + seconds * 1_000_000.0;
        while self.next_a < end {
            let us = self.next_a.min(self.next_b);
            self.deliver(us as u64);
            let now = self.at(us);
            self.a.handle_timeout(now);
            self.b.handle_timeout(now);
            if self.next_a <= self.next_b {
                let mut frame = [0.0; FRAME];
                for (n, sample) in frame.iter_mut().enumerate() {
                    *sample = (self.says)(self.frames_a * FRAME + n);
                }
                self.a.capture(now, &frame);
                self.a.playout(now, &mut frame);
                self.frames_a += 1;
                self.next_a += self.tick_a;
            } else {
                let mut frame = [0.0; FRAME];
                self.b.playout(now, &mut frame);
                if self.keep {
                    self.heard.extend_from_slice(&frame);
                    self.waits.push(self.b.stats(now).buffer_ms);
                }
                self.b.capture(now, &[0.0; FRAME]);
                self.next_b += self.tick_b;
            }
            while let Some(mut packet) = self.a.poll_transmit() {
                if packet.kind == PacketKind::Rtp && self.keep {
                    if let Some(tamper) = self.tamper {
                        tamper(self.sent.len(), &mut packet.bytes);
                    }
                    self.sent.push(packet.bytes.clone());
                }
                self.to_b.send(us as u64, packet);
            }
            while let Some(packet) = self.b.poll_transmit() {
                self.to_a.send(us as u64, packet);
            }
            while let Some(event) = self.b.poll_event() {
                self.events.push(event);
            }
        }
    }

    /// B's device stands still for a while.
    pub fn pause_b(&mut self, seconds: f64) {
        self.next_b += seconds * 1_000_000.0;
        let missed = (seconds * 48_000.0) as usize;
        self.heard.resize(self.heard.len() + missed, 0.0);
    }

    fn deliver(&mut self, now_us: u64) {
        while let Some((at, packet)) = self.to_b.arrived(now_us) {
            let at = self.at(at as f64);
            match packet.kind {
                PacketKind::Rtp => self.b.receive_rtp(at, &packet.bytes),
                PacketKind::Rtcp => self.b.receive_rtcp(at, &packet.bytes),
            };
        }
        while let Some((at, packet)) = self.to_a.arrived(now_us) {
            let at = self.at(at as f64);
            match packet.kind {
                PacketKind::Rtp => self.a.receive_rtp(at, &packet.bytes),
                PacketKind::Rtcp => self.a.receive_rtcp(at, &packet.bytes),
            };
        }
    }

    /// The delay of what B heard in the last `seconds`, in samples, and how like it is.
    pub fn delay(&self, seconds: usize) -> (usize, f64) {
        let from = self.heard.len().saturating_sub(seconds * 48_000);
        let mut best = (0, f64::MIN);
        for delay in (0..14_400).step_by(4) {
            let like = likeness(&self.heard, from, delay, self.says, 7);
            if like > best.1 {
                best = (delay, like);
            }
        }
        for delay in best.0.saturating_sub(4)..best.0 + 4 {
            let like = likeness(&self.heard, from, delay, self.says, 1);
            if like > best.1 {
                best = (delay, like);
            }
        }
        best
    }
}

/// The normalized correlation of what was heard from `from` on with what was said `delay`
/// samples earlier.
fn likeness(heard: &[f32], from: usize, delay: usize, says: fn(usize) -> f32, step: usize) -> f64 {
    let (mut product, mut one, mut other) = (0.0f64, 0.0f64, 0.0f64);
    for n in (from.max(delay)..heard.len()).step_by(step * 5) {
        let (x, y) = (f64::from(heard[n]), f64::from(says(n - delay)));
        product += x * y;
        one += x * x;
        other += y * y;
    }
    product / (one * other).sqrt().max(1e-12)
}

/// How far any sample is from the 440 Hz tone that fits the 5 ms around it best, as a part of
/// the tone's level.
pub fn strangest_sample(sound: &[f32]) -> f32 {
    let wave = |n: usize| (std::f32::consts::TAU * 440.0 * n as f32 / 48_000.0).sin_cos();
    let table: Vec<(f32, f32)> = (0..240).map(wave).collect();
    let mut strangest = 0.0f32;
    for block in sound.chunks_exact(240) {
        let (mut ss, mut sc, mut cc, mut xs, mut xc) = (0.0f32, 0.0f32, 0.0f32, 0.0f32, 0.0f32);
        for ((s, c), x) in table.iter().zip(block) {
            ss += s * s;
            sc += s * c;
            cc += c * c;
            xs += x * s;
            xc += x * c;
        }
        let determinant = ss * cc - sc * sc;
        let (a, b) = (
            (xs * cc - xc * sc) / determinant,
            (xc * ss - xs * sc) / determinant,
        );
        for ((s, c), x) in table.iter().zip(block) {
            strangest = strangest.max((x - a * s - b * c).abs() / 0.3);
        }
    }
    strangest
}
