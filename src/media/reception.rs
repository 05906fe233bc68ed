//! What RFC 3550 counts of a source that is heard (appendix A): order, loss, jitter.

/// A step in sequence numbers larger than this is a new beginning of the source.
const MAX_DROPOUT: i64 = 3_000;
/// The numbers seen before the highest that are remembered.
const REMEMBERED: i64 = 128;

/// What a sequence number says of its packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// It fits; the number is extended beyond 16 bits.
    Fits(i64),
    /// It was there before.
    Duplicate,
    /// It is too far from the others.
    Jump,
}

/// The counts of one source.
#[derive(Debug, Clone)]
pub struct Reception {
    ssrc: u32,
    first: i64,
    highest: i64,
    /// Bit n: the packet `highest - n` is there.
    seen: u128,
    received: u64,
    expected_before: i64,
    received_before: u64,
    transit: Option<f64>,
    jitter: f64,
}

impl Reception {
    /// A source whose first packet has this sequence number.
    pub fn new(ssrc: u32, sequence: u16) -> Self {
        let first = i64::from(sequence);
        Self {
            ssrc,
            first,
            highest: first - 1,
            seen: 0,
            received: 0,
            expected_before: 0,
            received_before: 0,
            transit: None,
            jitter: 0.0,
        }
    }

    /// The source.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Judges a sequence number without counting it.
    pub fn judge(&self, sequence: u16) -> Sequence {
        let step = i64::from(sequence.wrapping_sub(self.highest as u16) as i16);
        let extended = self.highest + step;
        if step > MAX_DROPOUT || step <= -REMEMBERED {
            Sequence::Jump
        } else if step <= 0 && self.seen >> -step & 1 == 1 {
            Sequence::Duplicate
        } else {
            Sequence::Fits(extended)
        }
    }

    /// Counts a packet that fits. `transit` is arrival minus timestamp in units of the RTP
    /// clock; packets that say nothing of timing have none.
    pub fn count(&mut self, extended: i64, transit: Option<f64>) {
        let step = extended - self.highest;
        if step > 0 {
            let shift = u32::try_from(step).unwrap_or(u32::MAX);
            self.seen = self.seen.checked_shl(shift).unwrap_or(0) | 1;
            self.highest = extended;
        } else if let Some(bit) = u32::try_from(-step).ok().and_then(|n| 1u128.checked_shl(n)) {
            self.seen |= bit;
            self.first = self.first.min(extended);
        }
        self.received += 1;
        if let Some(transit) = transit {
            if let Some(before) = self.transit.replace(transit) {
                self.jitter += ((transit - before).abs() - self.jitter) / 16.0;
            }
        }
    }

    /// The clock of the timestamps changed, or they jumped.
    pub fn restart_timing(&mut self) {
        self.transit = None;
    }

    /// Interarrival jitter (RFC 3550 6.4.1), units of the RTP clock.
    pub fn jitter(&self) -> f64 {
        self.jitter
    }

    /// The highest sequence number with its cycles (RFC 3550 6.4.1).
    pub fn extended_highest(&self) -> u32 {
        (self.highest & 0xffff_ffff) as u32
    }

    /// Packets that should have come.
    pub fn expected(&self) -> i64 {
        self.highest - self.first + 1
    }

    /// Packets that did not come.
    pub fn lost(&self) -> u64 {
        u64::try_from(self.expected())
            .unwrap_or(0)
            .saturating_sub(self.received)
    }

    /// The part lost since the last call, of 256 (RFC 3550 A.3).
    pub fn fraction_lost(&mut self) -> u8 {
        let expected = self.expected() - self.expected_before;
        let received = (self.received - self.received_before) as i64;
        self.expected_before = self.expected();
        self.received_before = self.received;
        let lost = (expected - received).max(0);
        if expected <= 0 {
            0
        } else {
            u8::try_from(lost * 256 / expected).unwrap_or(u8::MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(reception: &mut Reception, sequence: u16) -> Sequence {
        let judged = reception.judge(sequence);
        if let Sequence::Fits(extended) = judged {
            reception.count(extended, None);
        }
        judged
    }

    #[test]
    fn loss_is_counted_across_the_wrap() {
        let mut reception = Reception::new(1, 65_530);
        for n in 0..20u16 {
            if n % 4 != 3 {
                feed(&mut reception, 65_530u16.wrapping_add(n));
            }
        }
        assert_eq!((reception.expected(), reception.lost()), (19, 4));
        assert_eq!(reception.extended_highest(), 65_530 + 18);
        assert_eq!(reception.fraction_lost(), (4 * 256 / 19) as u8);
        assert_eq!(reception.fraction_lost(), 0);
    }

    #[test]
    fn what_comes_out_of_order_is_not_lost_and_doubles_are_known() {
        let mut reception = Reception::new(1, 10);
        for sequence in [10, 12, 11, 14, 13] {
            assert!(matches!(feed(&mut reception, sequence), Sequence::Fits(_)));
        }
        for sequence in 10..=14 {
            assert_eq!(feed(&mut reception, sequence), Sequence::Duplicate);
        }
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn a_wild_number_does_not_fit() {
        let mut reception = Reception::new(1, 10);
        feed(&mut reception, 10);
        assert_eq!(feed(&mut reception, 30_000), Sequence::Jump);
        assert_eq!(feed(&mut reception, 65_000), Sequence::Jump);
        assert_eq!(feed(&mut reception, 11), Sequence::Fits(11));
    }

    #[test]
    fn jitter_follows_the_formula_of_rfc_3550() {
        let mut reception = Reception::new(1, 0);
        for n in 0..400 {
            reception.count(n, Some(if n % 2 == 0 { 0.0 } else { 80.0 }));
        }
        assert!(
            (reception.jitter() - 80.0).abs() < 1.0,
            "{}",
            reception.jitter()
        );
    }
}
