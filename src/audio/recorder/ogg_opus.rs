//! Ogg Opus (RFC 7845) of one channel: sound in, whole pages out.

use std::time::Duration;

use ogg::{PacketWriteEndInfo, PacketWriter};
use opus::{Application, Bitrate, Channels, Encoder, Signal};

use super::super::RATE;

/// Bit/s: two voices in one channel stay clear, and an hour takes 14 MB.
const BITRATE: i32 = 32_000;
/// The balance of processing against sound, 0 to 10.
const COMPLEXITY: i32 = 9;
/// Samples in a packet: 20 ms.
const PACKET: usize = 960;
/// Packets in a page.
const PACKETS: usize = 20;
/// The longest packet of one frame (RFC 6716 3.4).
const MAX_PAYLOAD: usize = 1_275;
/// Sound in a page.
pub(super) const PAGE: Duration = Duration::from_millis(20 * PACKETS as u64);

/// Turns sound into pages. A page is complete when it can be taken, so that a file which was cut
/// short holds all pages that were written whole.
pub(super) struct OggOpus {
    encoder: Encoder,
    writer: PacketWriter<'static, Vec<u8>>,
    serial: u32,
    /// What a player leaves out at the beginning: the encoder's look-ahead, samples.
    pre_skip: u64,
    /// Sound that doesn't fill a packet yet.
    pending: Vec<f32>,
    /// The packets of the page that is being filled.
    packets: Vec<Vec<u8>>,
    /// Samples taken.
    taken: u64,
    /// Samples in packets.
    encoded: u64,
}

impl OggOpus {
    /// A stream with its header pages. `serial` tells it from others that might be in one file.
    pub(super) fn new(serial: u32) -> opus::Result<Self> {
        let mut encoder = Encoder::new(RATE, Channels::Mono, Application::Voip)?;
        encoder.set_bitrate(Bitrate::Bits(BITRATE))?;
        encoder.set_complexity(COMPLEXITY)?;
        encoder.set_signal(Signal::Voice)?;
        let pre_skip = u16::try_from(encoder.get_lookahead()?).unwrap_or(0);
        let mut writer = PacketWriter::new(Vec::new());
        for header in [head(pre_skip), tags()] {
            // Memory takes whatever is written to it.
            let _ = writer.write_packet(header, serial, PacketWriteEndInfo::EndPage, 0);
        }
        Ok(Self {
            encoder,
            writer,
            serial,
            pre_skip: pre_skip.into(),
            pending: Vec::with_capacity(PACKET),
            packets: Vec::with_capacity(PACKETS),
            taken: 0,
            encoded: 0,
        })
    }

    /// Takes sound of any length.
    pub(super) fn take(&mut self, mut sound: &[f32]) -> opus::Result<()> {
        self.taken += sound.len() as u64;
        while !sound.is_empty() {
            let (now, later) = sound.split_at(sound.len().min(PACKET - self.pending.len()));
            self.pending.extend_from_slice(now);
            sound = later;
            if self.pending.len() == PACKET {
                self.encode()?;
                if self.packets.len() == PACKETS {
                    self.end_page();
                }
            }
        }
        Ok(())
    }

    /// Ends the page with the packets there are; without any there is none.
    pub(super) fn end_page(&mut self) {
        self.write_page(PacketWriteEndInfo::EndPage, self.encoded);
    }

    /// Ends the stream. Its last granule position says where the sound ends within the last
    /// packet (RFC 7845 4.4), which silence fills.
    pub(super) fn finish(&mut self) -> opus::Result<()> {
        let end = self.taken + self.pre_skip;
        while self.encoded < end {
            self.pending.resize(PACKET, 0.0);
            self.encode()?;
        }
        self.write_page(PacketWriteEndInfo::EndStream, end);
        Ok(())
    }

    /// The pages that are complete.
    pub(super) fn take_pages(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.inner_mut())
    }

    fn encode(&mut self) -> opus::Result<()> {
        let packet = self.encoder.encode_vec_float(&self.pending, MAX_PAYLOAD)?;
        self.packets.push(packet);
        self.pending.clear();
        self.encoded += PACKET as u64;
        Ok(())
    }

    fn write_page(&mut self, end: PacketWriteEndInfo, granule: u64) {
        let last = self.packets.len().saturating_sub(1);
        for (number, packet) in self.packets.drain(..).enumerate() {
            let end = if number == last {
                end
            } else {
                PacketWriteEndInfo::NormalPacket
            };
            let _ = self.writer.write_packet(packet, self.serial, end, granule);
        }
    }
}

/// The identification header (RFC 7845 5.1): version 1, one channel, no gain, mapping family 0.
fn head(pre_skip: u16) -> Vec<u8> {
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend(pre_skip.to_le_bytes());
    head.extend(RATE.to_le_bytes());
    head.extend([0, 0, 0]);
    head
}

/// The comment header (RFC 7845 5.2).
fn tags() -> Vec<u8> {
    let comment = concat!("ENCODER=Gudok ", env!("CARGO_PKG_VERSION"));
    let mut tags = b"OpusTags".to_vec();
    append(&mut tags, opus::version());
    tags.extend(1u32.to_le_bytes());
    append(&mut tags, comment);
    tags
}

fn append(tags: &mut Vec<u8>, text: &str) {
    tags.extend((text.len() as u32).to_le_bytes());
    tags.extend(text.as_bytes());
}
