//! Keys to events: a tone of 100 ms and a pause of 50 ms each, one after the other.

use std::collections::VecDeque;

use super::code_of;

/// Length of a tone in blocks of 10 ms.
const TONE: u32 = 10;
/// Tone and pause.
const TONE_AND_PAUSE: u32 = 15;
/// An update goes out every so many blocks.
const INTERVAL: u32 = 2;
/// Keys that can wait.
const MAX_WAITING: usize = 64;
/// The level of the tone, -dBm0 (RFC 4733 2.3.3).
const VOLUME: u8 = 10;
const END: u8 = 0x80;

/// An event packet to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPacket {
    /// Whether it is the first of its event.
    pub marker: bool,
    /// RTP timestamp of the beginning of the event.
    pub timestamp: u32,
    /// The payload (RFC 4733 2.3).
    pub payload: [u8; 4],
}

struct Running {
    code: u8,
    timestamp: u32,
    blocks: u32,
}

/// Sends the keys that were pressed, in their order.
#[derive(Default)]
pub struct EventSender {
    waiting: VecDeque<u8>,
    running: Option<Running>,
}

impl EventSender {
    /// Queues a key; tells whether it is one and found a place.
    pub fn press(&mut self, key: char) -> bool {
        match code_of(key) {
            Some(code) if self.waiting.len() < MAX_WAITING => {
                self.waiting.push_back(code);
                true
            }
            _ => false,
        }
    }

    /// Whether events have the stream now or want it; sound keeps silent meanwhile.
    pub fn is_active(&self) -> bool {
        self.running.is_some() || !self.waiting.is_empty()
    }

    /// Forgets what is running and waiting.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Another 10 ms passed, `block` units of the RTP clock, and began at `timestamp`.
    pub fn advance(&mut self, timestamp: u32, block: u32) -> Option<EventPacket> {
        if self.running.is_none() {
            let code = self.waiting.pop_front()?;
            self.running = Some(Running {
                code,
                timestamp,
                blocks: 0,
            });
        }
        let running = self.running.as_mut()?;
        running.blocks += 1;
        let blocks = running.blocks;
        // Updates while it sounds; its end three times (RFC 4733 2.5.1.4).
        let due = blocks % INTERVAL == 0 && blocks <= TONE + 2 * INTERVAL;
        let end = if blocks >= TONE { END } else { 0 };
        let duration = u16::try_from(blocks.min(TONE) * block).unwrap_or(u16::MAX);
        let [high, low] = duration.to_be_bytes();
        let packet = EventPacket {
            marker: blocks == INTERVAL,
            timestamp: running.timestamp,
            payload: [running.code, end | VOLUME, high, low],
        };
        if blocks >= TONE_AND_PAUSE {
            self.running = None;
        }
        due.then_some(packet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_tone_with_a_marker_and_three_ends() {
        let mut sender = EventSender::default();
        assert!(sender.press('5') && !sender.press('x'));
        let mut packets = Vec::new();
        let mut blocks = 0;
        while sender.is_active() {
            packets.extend(sender.advance(1_000 + blocks * 80, 80));
            blocks += 1;
        }
        assert_eq!(blocks, 15, "100 ms and 50 ms");
        assert_eq!(packets.len(), 7);
        assert!(packets.iter().all(|packet| packet.timestamp == 1_000));
        assert_eq!(packets.iter().filter(|packet| packet.marker).count(), 1);
        assert!(packets[0].marker);
        let ends = packets.iter().filter(|packet| packet.payload[1] & END != 0);
        assert!(
            ends.clone()
                .all(|packet| packet.payload == [5, END | 10, 0x03, 0x20])
        );
        assert_eq!(ends.count(), 3);
        let durations: Vec<u16> = packets
            .iter()
            .map(|packet| u16::from_be_bytes([packet.payload[2], packet.payload[3]]))
            .collect();
        assert_eq!(durations, [160, 320, 480, 640, 800, 800, 800]);
    }

    #[test]
    fn keys_follow_each_other_with_growing_timestamps() {
        let mut sender = EventSender::default();
        for key in "12#".chars() {
            assert!(sender.press(key));
        }
        let mut beginnings = Vec::new();
        for block in 0..45 {
            if let Some(packet) = sender
                .advance(block * 480, 480)
                .filter(|packet| packet.marker)
            {
                beginnings.push((packet.payload[0], packet.timestamp));
            }
        }
        assert_eq!(beginnings, [(1, 0), (2, 7_200), (11, 14_400)]);
        assert!(!sender.is_active());
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut sender = EventSender::default();
        assert_eq!(
            (0..1_000).filter(|_| sender.press('1')).count(),
            MAX_WAITING
        );
        sender.clear();
        assert!(!sender.is_active());
    }
}
