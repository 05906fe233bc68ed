//! The way in: RTP packets to their places in the jitter buffer.

use rtp_rs::RtpReader;

use super::FRAME;
use super::bit_rate::BitRateLimit;
use super::congestion::CongestionWatch;
use super::dtmf::EventReceiver;
use super::jitter::{Arrival, JitterBuffer, Place};
use super::reception::{Reception, Sequence};
use crate::codec::{CodecError, CodecId};

/// A timestamp that is off from the time of arrival by more than this (samples at 48 kHz) is
/// another beginning.
const MAX_SHIFT: f64 = 2.0 * 48_000.0;
/// Packets in a row that another source, or a source that jumped, has to send to be believed.
const BELIEVED: u8 = 2;

/// What is taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverConfig {
    /// The payload types of sound.
    pub payload_types: Vec<(u8, CodecId)>,
    /// The payload type of events.
    pub dtmf: Option<u8>,
    /// Whether sound is heard at all.
    pub receives: bool,
}

/// A source that is not believed yet.
#[derive(Clone, Copy)]
struct Candidate {
    ssrc: u32,
    next_sequence: u16,
    packets: u8,
}

/// Where the last packet of the source stood.
#[derive(Clone, Copy)]
struct Last {
    codec: CodecId,
    sequence: i64,
    raw_timestamp: u32,
    timestamp: i64,
    wall: f64,
    duration: i64,
}

/// Hears one far side, whichever source it uses.
pub struct Receiver {
    config: ReceiverConfig,
    buffer: JitterBuffer,
    reception: Option<Reception>,
    candidate: Option<Candidate>,
    last: Option<Last>,
    /// The timestamp of a packet that was far off.
    suspect: Option<u32>,
    events: EventReceiver,
    codec: Option<CodecId>,
    packets: u64,
    octets: u64,
    late: u64,
    lost_before: u64,
    congestion: CongestionWatch,
    /// The limit to ask the source for, if it changed.
    limit: Option<BitRateLimit>,
}

impl Receiver {
    /// One that has heard nothing yet.
    ///
    /// # Errors
    /// [`CodecError::Setup`] if there is no decoder for a payload type.
    pub fn new(config: ReceiverConfig) -> Result<Self, CodecError> {
        let buffer = JitterBuffer::new(config.payload_types.iter().map(|(_, codec)| *codec))?;
        Ok(Self {
            config,
            buffer,
            reception: None,
            candidate: None,
            last: None,
            suspect: None,
            events: EventReceiver::default(),
            codec: None,
            packets: 0,
            octets: 0,
            late: 0,
            lost_before: 0,
            congestion: CongestionWatch::default(),
            limit: None,
        })
    }

    /// Goes on under another agreement.
    ///
    /// # Errors
    /// [`CodecError::Setup`]; everything stays as it was then.
    pub fn reconfigure(&mut self, config: ReceiverConfig) -> Result<(), CodecError> {
        self.buffer
            .allow(config.payload_types.iter().map(|(_, codec)| *codec))?;
        if config.receives != self.config.receives {
            self.buffer.restart();
        }
        self.config = config;
        Ok(())
    }

    /// Takes a packet at `wall` (samples at 48 kHz since the beginning); gives a key that it
    /// is the first to tell of.
    pub fn receive(&mut self, wall: f64, bytes: &[u8]) -> Option<char> {
        let packet = RtpReader::new(bytes).ok()?;
        let payload_type = packet.payload_type();
        let codec = self
            .config
            .payload_types
            .iter()
            .find(|(known, _)| *known == payload_type)
            .map(|(_, codec)| *codec);
        let event = self.config.dtmf == Some(payload_type);
        if codec.is_none() && !event {
            return None;
        }
        let sequence = self.admit(packet.ssrc(), u16::from(packet.sequence_number()))?;
        self.packets += 1;
        self.octets += packet.payload().len() as u64;
        let timing = codec.map(|codec| {
            let clock = f64::from(codec.clock_rate());
            wall * clock / 48_000.0 - f64::from(packet.timestamp())
        });
        if let Some(reception) = &mut self.reception {
            reception.count(sequence, timing);
        }
        if let Some((codec, timing)) = codec.zip(timing) {
            let transit = timing * 48_000.0 / f64::from(codec.clock_rate());
            let limit = self
                .congestion
                .packet(wall, transit, packet.payload().len());
            self.limit = limit.or(self.limit);
        }
        if event {
            self.buffer.pass_over(sequence);
            let first = self.config.payload_types.first().map(|(_, codec)| *codec);
            let clock = self.codec.or(first).map_or(8_000, CodecId::clock_rate);
            return self
                .events
                .receive(packet.timestamp(), packet.mark(), packet.payload(), clock);
        }
        let codec = codec?;
        self.codec = Some(codec);
        if self.config.receives {
            self.place(wall, sequence, packet.timestamp(), codec, packet.payload());
        }
        None
    }

    /// Gives the next 10 ms.
    pub fn playout(&mut self, wall: f64, frame: &mut [f32; FRAME]) {
        if self.config.receives {
            self.buffer.pull(wall, frame);
        } else {
            frame.fill(0.0);
        }
    }

    /// The limit that the source is to be asked for, once after it changed.
    pub fn take_limit(&mut self) -> Option<BitRateLimit> {
        self.limit.take()
    }

    /// The jitter buffer.
    pub fn buffer(&self) -> &JitterBuffer {
        &self.buffer
    }

    /// What RFC 3550 counts of the source heard now.
    pub fn reception(&mut self) -> Option<&mut Reception> {
        self.reception.as_mut()
    }

    /// The source heard now.
    pub fn ssrc(&self) -> Option<u32> {
        self.reception.as_ref().map(Reception::ssrc)
    }

    /// The codec heard last.
    pub fn codec(&self) -> Option<CodecId> {
        self.codec
    }

    /// Packets and payload octets received.
    pub fn received(&self) -> (u64, u64) {
        (self.packets, self.octets)
    }

    /// Packets that never arrived.
    pub fn lost(&self) -> u64 {
        self.lost_before + self.reception.as_ref().map_or(0, Reception::lost)
    }

    /// Packets that arrived too late.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Interarrival jitter (RFC 3550 6.4.1), milliseconds.
    pub fn jitter_ms(&self) -> f32 {
        let units = self.reception.as_ref().map_or(0.0, Reception::jitter);
        let clock = self.codec.map_or(8_000, CodecId::clock_rate);
        (units * 1_000.0 / f64::from(clock)) as f32
    }

    /// Whether a packet belongs to the far side we hear: its sequence number, extended.
    fn admit(&mut self, ssrc: u32, sequence: u16) -> Option<i64> {
        let judged = match &self.reception {
            None => {
                self.begin(ssrc, sequence);
                return Some(i64::from(sequence));
            }
            Some(reception) if reception.ssrc() == ssrc => reception.judge(sequence),
            Some(_) => Sequence::Jump,
        };
        match judged {
            Sequence::Fits(extended) => {
                self.candidate = None;
                Some(extended)
            }
            Sequence::Duplicate => None,
            Sequence::Jump => {
                let packets = match self.candidate {
                    Some(candidate)
                        if candidate.ssrc == ssrc && candidate.next_sequence == sequence =>
                    {
                        candidate.packets + 1
                    }
                    _ => 1,
                };
                let next_sequence = sequence.wrapping_add(1);
                self.candidate = Some(Candidate {
                    ssrc,
                    next_sequence,
                    packets,
                });
                if packets < BELIEVED {
                    return None;
                }
                self.begin(ssrc, sequence);
                Some(i64::from(sequence))
            }
        }
    }

    fn begin(&mut self, ssrc: u32, sequence: u16) {
        self.lost_before = self.lost();
        self.reception = Some(Reception::new(ssrc, sequence));
        self.candidate = None;
        self.last = None;
        self.events.clear();
        self.congestion.restart();
        self.buffer.restart();
    }

    fn place(
        &mut self,
        wall: f64,
        sequence: i64,
        raw_timestamp: u32,
        codec: CodecId,
        payload: &[u8],
    ) {
        let scale = i64::from(48_000 / codec.clock_rate());
        let timestamp = match self.last {
            None => 0,
            Some(last) if last.codec.clock_rate() == codec.clock_rate() => {
                let step = raw_timestamp.wrapping_sub(last.raw_timestamp) as i32;
                let step = i64::from(step) * scale;
                if (step as f64 - (wall - last.wall)).abs() > MAX_SHIFT {
                    let suspect = self.suspect.replace(raw_timestamp);
                    let since = suspect.map(|before| raw_timestamp.wrapping_sub(before));
                    if since.is_none_or(|since| since > codec.clock_rate()) {
                        return;
                    }
                    self.jumped(wall, last)
                } else {
                    self.suspect = None;
                    last.timestamp + step
                }
            }
            // Another clock (RFC 7160): it goes on by the sequence numbers.
            Some(last) => {
                if let Some(reception) = &mut self.reception {
                    reception.restart_timing();
                }
                self.congestion.restart();
                last.timestamp + (sequence - last.sequence) * last.duration
            }
        };
        let place = Place {
            sequence,
            timestamp,
        };
        let arrival = self.buffer.insert(wall, place, codec, payload);
        if arrival == Arrival::Late {
            self.late += 1;
        }
        if self.last.is_none_or(|last| sequence > last.sequence) {
            let duration = self
                .last
                .filter(|last| last.sequence + 1 == sequence)
                .map_or(960, |last| (timestamp - last.timestamp).clamp(480, 5_760));
            self.last = Some(Last {
                codec,
                sequence,
                raw_timestamp,
                timestamp,
                wall,
                duration,
            });
        }
    }

    /// The timestamps of the source jumped: they go on from where time is by now.
    fn jumped(&mut self, wall: f64, last: Last) -> i64 {
        if let Some(reception) = &mut self.reception {
            reception.restart_timing();
        }
        self.suspect = None;
        self.congestion.restart();
        self.buffer.restart();
        last.timestamp + ((wall - last.wall) / 480.0).round() as i64 * 480
    }
}
