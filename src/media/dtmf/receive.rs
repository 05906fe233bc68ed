//! Events to keys: each once, whichever of its packets get lost.

use super::key_of;

const END: u8 = 0x80;
/// An event that lasts this long may go on under a new timestamp (RFC 4733 2.5.1.3).
const LONG: u16 = 0xf000;
/// Some senders wrongly move the timestamp with every update: by less than this many
/// milliseconds, and no two events of a key can be so close.
const UPDATE_MS: u32 = 60;

#[derive(Clone, Copy)]
struct Heard {
    code: u8,
    timestamp: u32,
    duration: u16,
    ended: bool,
}

/// Follows the events of one stream.
#[derive(Default)]
pub struct EventReceiver {
    last: Option<Heard>,
}

impl EventReceiver {
    /// Forgets the last event: the far side's stream begins anew.
    pub fn clear(&mut self) {
        self.last = None;
    }

    /// Takes an event packet; gives the key if it is the first heard of its event.
    ///
    /// `clock_rate` is that of the timestamps, Hz.
    pub fn receive(
        &mut self,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
        clock_rate: u32,
    ) -> Option<char> {
        let [code, flags, high, low, ..] = *payload else {
            return None;
        };
        let key = key_of(code)?;
        let duration = u16::from_be_bytes([high, low]);
        let mut heard = Heard {
            code,
            timestamp,
            duration,
            ended: flags & END != 0,
        };
        let new = match self.last {
            None => true,
            Some(last) => {
                let ahead = timestamp.wrapping_sub(last.timestamp);
                if ahead == 0 && code == last.code {
                    heard.duration = duration.max(last.duration);
                    heard.ended |= last.ended;
                    false
                } else if ahead > u32::MAX / 2 {
                    // A straggler of an earlier event.
                    return None;
                } else {
                    let goes_on = !marker && !last.ended && code == last.code;
                    let next_part = last.duration >= LONG && ahead <= u32::from(u16::MAX);
                    let update = duration > last.duration && ahead < clock_rate / 1_000 * UPDATE_MS;
                    !(goes_on && (next_part || update))
                }
            }
        };
        self.last = Some(heard);
        new.then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::super::EventSender;
    use super::*;
    use crate::media::dtmf::send::EventPacket;

    fn packets(keys: &str) -> Vec<EventPacket> {
        let mut sender = EventSender::default();
        for key in keys.chars() {
            assert!(sender.press(key));
        }
        // Across the wrap of the timestamp.
        let start = u32::MAX - 2_000;
        (0..keys.len() as u32 * 15)
            .filter_map(|block| sender.advance(start.wrapping_add(block * 80), 80))
            .collect()
    }

    fn hear(receiver: &mut EventReceiver, packet: &EventPacket) -> Option<char> {
        receiver.receive(packet.timestamp, packet.marker, &packet.payload, 8_000)
    }

    #[test]
    fn each_key_is_heard_once() {
        let mut receiver = EventReceiver::default();
        let heard: String = packets("0123456789*#ABCD11")
            .iter()
            .filter_map(|p| hear(&mut receiver, p))
            .collect();
        assert_eq!(heard, "0123456789*#ABCD11");
    }

    #[test]
    fn each_key_is_heard_once_whatever_is_lost_of_it() {
        for survivors in 1u8..128 {
            let mut receiver = EventReceiver::default();
            let heard: String = packets("1159")
                .iter()
                .enumerate()
                .filter(|(n, _)| survivors >> (n % 7) & 1 == 1)
                .filter_map(|(_, packet)| hear(&mut receiver, packet))
                .collect();
            assert_eq!(heard, "1159", "of each event only {survivors:07b}");
        }
    }

    #[test]
    fn stragglers_and_doubles_are_not_heard_again() {
        let packets = packets("12");
        let mut receiver = EventReceiver::default();
        let mut heard = String::new();
        for packet in packets.iter().chain(&packets[..7]).chain(&packets[7..]) {
            heard.extend(hear(&mut receiver, packet));
        }
        assert_eq!(heard, "12");
    }

    #[test]
    fn a_very_long_press_in_parts_is_one() {
        let mut receiver = EventReceiver::default();
        assert_eq!(
            receiver.receive(0, true, &[1, 10, 0x10, 0], 8_000),
            Some('1')
        );
        assert_eq!(
            receiver.receive(0, false, &[1, 10, 0xff, 0xff], 8_000),
            None
        );
        assert_eq!(
            receiver.receive(0xffff, false, &[1, 10, 0x01, 0x00], 8_000),
            None
        );
        assert_eq!(
            receiver.receive(0xffff, false, &[1, 0x8a, 0x02, 0x00], 8_000),
            None
        );
        assert_eq!(
            receiver.receive(0x2_0000, true, &[1, 10, 0x00, 0xa0], 8_000),
            Some('1')
        );
    }

    #[test]
    fn a_sender_that_moves_the_timestamp_is_understood() {
        let mut receiver = EventReceiver::default();
        let heard = (0..10u32).filter_map(|n| {
            let [high, low] = (160 * (n as u16 + 1)).to_be_bytes();
            receiver.receive(5_000 + n * 160, n == 0, &[7, 10, high, low], 8_000)
        });
        assert_eq!(heard.collect::<String>(), "7");
    }

    #[test]
    fn what_is_no_key_is_not_heard() {
        let mut receiver = EventReceiver::default();
        assert_eq!(receiver.receive(0, true, &[16, 10, 0, 160], 8_000), None);
        assert_eq!(receiver.receive(0, true, &[1, 10, 0], 8_000), None);
        assert_eq!(receiver.receive(0, true, &[], 8_000), None);
    }
}
