/// Indices before the highest that are remembered; RFC 3711 3.3.2 wants 64 at least.
const REMEMBERED: u64 = 128;

/// Which packets of a source were there (RFC 3711 3.3.2).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Replays {
    highest: Option<u64>,
    /// Bit n: the packet `highest - n` was there.
    seen: u128,
}

impl Replays {
    /// The highest index so far.
    pub(super) fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// Whether a packet has not been there and can be told from those that were.
    pub(super) fn is_new(&self, index: u64) -> bool {
        match self.highest {
            None => true,
            Some(highest) if index > highest => true,
            Some(highest) => {
                let age = highest - index;
                age < REMEMBERED && self.seen >> age & 1 == 0
            }
        }
    }

    /// Remembers an authentic packet.
    pub(super) fn remember(&mut self, index: u64) {
        let highest = *self.highest.get_or_insert(index);
        if index > highest {
            let shift = u32::try_from(index - highest).unwrap_or(u32::MAX);
            self.seen = self.seen.checked_shl(shift).unwrap_or(0);
            self.highest = Some(index);
        }
        let age = highest.max(index) - index;
        let bit = u32::try_from(age)
            .ok()
            .and_then(|age| 1u128.checked_shl(age));
        self.seen |= bit.unwrap_or(0);
    }
}
