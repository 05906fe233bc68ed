//! The way out: 10 ms blocks to RTP packets.

use rtp_rs::{RtpPacketBuilder, Seq};

use super::FRAME;
use super::bit_rate::BitRateLimit;
use super::dtmf::{EventSender, ToneSender};
use super::rtcp::Sent;
use crate::codec::{CodecError, CodecId, Encoder, OpusOptions};

/// What is sent, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderConfig {
    /// The codec.
    pub codec: CodecId,
    /// Its payload type.
    pub payload_type: u8,
    /// The payload type of events; `None` if the far side takes none.
    pub dtmf: Option<u8>,
    /// The wished length of packets, milliseconds.
    pub ptime_ms: u32,
    /// How Opus is encoded.
    pub opus: OpusOptions,
    /// Whether anything is sent at all.
    pub sends: bool,
}

/// Builds the packets of one source.
pub struct Sender {
    config: SenderConfig,
    encoder: Box<dyn Encoder>,
    expected_loss: u8,
    limit: Option<BitRateLimit>,
    ssrc: u32,
    sequence: u16,
    /// Of the next sample captured.
    timestamp: u32,
    /// What was captured of the packet that is being filled.
    pending: Vec<f32>,
    packet_samples: usize,
    payload: Vec<u8>,
    events: EventSender,
    tones: ToneSender,
    /// The next packet begins a talkspurt (RFC 3551 4.1).
    begins: bool,
    packets: u64,
    octets: u64,
}

impl Sender {
    /// A source with random beginnings (RFC 3550 5.1).
    ///
    /// # Errors
    /// [`CodecError::Setup`] if there is no such encoder.
    pub fn new(config: SenderConfig, rng: &mut fastrand::Rng) -> Result<Self, CodecError> {
        Ok(Self {
            config,
            encoder: config.codec.encoder(&config.opus)?,
            expected_loss: 0,
            limit: None,
            ssrc: rng.u32(..),
            sequence: rng.u16(..0x8000),
            timestamp: rng.u32(..),
            pending: Vec::with_capacity(6 * FRAME),
            packet_samples: packet_samples(&config),
            payload: Vec::new(),
            events: EventSender::default(),
            tones: ToneSender::default(),
            begins: true,
            packets: 0,
            octets: 0,
        })
    }

    /// Goes on under another agreement.
    ///
    /// # Errors
    /// [`CodecError::Setup`] if there is no such encoder; everything stays as it was then.
    pub fn reconfigure(&mut self, config: SenderConfig) -> Result<(), CodecError> {
        let old = self.config;
        if (old.codec, old.opus) != (config.codec, config.opus) {
            self.encoder = config.codec.encoder(&config.opus)?;
            self.encoder.expect_loss(self.expected_loss);
        }
        let samples = packet_samples(&config);
        if samples != self.packet_samples || old.codec != config.codec || !config.sends {
            // Its time is counted already: it is left out.
            self.pending.clear();
        }
        self.packet_samples = samples;
        if !config.sends || config.dtmf.is_none() {
            self.events.clear();
        }
        if !config.sends {
            self.tones.clear();
        }
        self.begins |= config.sends && !old.sends;
        self.config = config;
        self.keep_to_limit();
        Ok(())
    }

    /// What the reports tell of this source.
    pub fn sent(&self) -> Sent {
        Sent {
            ssrc: self.ssrc,
            timestamp: self.timestamp,
            packets: self.packets,
            octets: self.octets,
        }
    }

    /// Tells the encoder the loss to expect, of a hundred packets.
    pub fn expect_loss(&mut self, percent: u8) {
        self.expected_loss = percent;
        self.encoder.expect_loss(percent);
    }

    /// Sends no more than this from now on, as far as the codec can.
    pub fn limit(&mut self, limit: BitRateLimit) {
        self.limit = Some(limit);
        self.keep_to_limit();
    }

    fn keep_to_limit(&mut self) {
        let packet_ms = self.config.codec.packet_ms(self.config.ptime_ms);
        if let Some(limit) = self.limit {
            self.encoder.limit(limit.for_sound(packet_ms));
        }
    }

    /// Queues a key as an event; tells whether it will be sent.
    pub fn press(&mut self, key: char) -> bool {
        self.config.sends && self.config.dtmf.is_some() && self.events.press(key)
    }

    /// Queues a key as a tone in the sound; tells whether it will be sent.
    pub fn sound(&mut self, key: char) -> bool {
        self.config.sends && self.tones.press(key)
    }

    /// Takes 10 ms; gives the packet that it completes.
    ///
    /// # Errors
    /// [`CodecError::Encode`]; the packet is left out.
    pub fn capture(
        &mut self,
        frame: &[f32; FRAME],
        silent: bool,
    ) -> Result<Option<Vec<u8>>, CodecError> {
        let block = self.config.codec.clock_rate() / 100;
        if !self.config.sends {
            self.timestamp = self.timestamp.wrapping_add(block);
            return Ok(None);
        }
        // An event begins where a packet of sound would.
        if self.pending.is_empty() && self.events.is_active() {
            let timestamp = self.timestamp;
            self.timestamp = self.timestamp.wrapping_add(block);
            self.begins = true;
            let event = self.events.advance(timestamp, block).zip(self.config.dtmf);
            return Ok(event.and_then(|(event, payload_type)| {
                self.packet(payload_type, event.marker, event.timestamp, &event.payload)
            }));
        }
        match self.tones.fill() {
            Some(tone) => self.pending.extend(tone),
            None if silent => self.pending.extend([0.0; FRAME]),
            None => {
                let finite = |sample: &f32| if sample.is_finite() { *sample } else { 0.0 };
                self.pending.extend(frame.iter().map(finite));
            }
        }
        self.timestamp = self.timestamp.wrapping_add(block);
        if self.pending.len() < self.packet_samples {
            return Ok(None);
        }
        let mut payload = std::mem::take(&mut self.payload);
        let encoded = self.encoder.encode(&self.pending, &mut payload);
        let blocks = u32::try_from(self.pending.len() / FRAME).unwrap_or(0);
        let timestamp = self.timestamp.wrapping_sub(blocks * block);
        self.pending.clear();
        let packet = match &encoded {
            Ok(()) if !payload.is_empty() => {
                self.packet(self.config.payload_type, self.begins, timestamp, &payload)
            }
            _ => None,
        };
        // Nothing sent in silence: what comes next begins anew.
        self.begins = packet.is_none();
        self.payload = payload;
        encoded.map(|()| packet)
    }

    fn packet(
        &mut self,
        payload_type: u8,
        marker: bool,
        timestamp: u32,
        payload: &[u8],
    ) -> Option<Vec<u8>> {
        let bytes = RtpPacketBuilder::new()
            .payload_type(payload_type & 0x7f)
            .marked(marker)
            .sequence(Seq::from(self.sequence))
            .ssrc(self.ssrc)
            .timestamp(timestamp)
            .payload(payload)
            .build()
            .ok()?;
        self.sequence = self.sequence.wrapping_add(1);
        self.packets += 1;
        self.octets += payload.len() as u64;
        Some(bytes)
    }
}

fn packet_samples(config: &SenderConfig) -> usize {
    config.codec.packet_ms(config.ptime_ms) as usize / 10 * FRAME
}
