//! Bursts of loss and the gaps between them (RFC 3611 4.7.2 and A.2).

use serde::Serialize;

/// So many packets in a row that came end a burst (Gmin).
pub const GMIN: u64 = 16;

/// Where loss is dense and where it is not.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Bursts {
    /// The part of packets lost within bursts, 0 to 1.
    pub burst_density: f32,
    /// The part of packets lost outside them, 0 to 1.
    pub gap_density: f32,
    /// How long bursts are on average, milliseconds.
    pub burst_ms: f32,
    /// How long they are apart on average, milliseconds.
    pub gap_ms: f32,
}

/// Counts transitions between packets that came and packets that did not, or too late. The
/// numbers are the states of RFC 3611 A.2: 1 received in a gap, 4 lost in a gap, 2 received in a
/// burst, 3 lost in a burst.
#[derive(Debug, Clone, Default)]
pub struct BurstWatch {
    /// Packets that came since the last lost one.
    came: u64,
    /// Losses since the last gap.
    lost: u64,
    c11: u64,
    c13: u64,
    c14: u64,
    c22: u64,
    c23: u64,
    c33: u64,
}

impl BurstWatch {
    /// A packet came after so many that did not.
    pub fn packet(&mut self, missing: usize) {
        for _ in 0..missing {
            self.lose();
        }
        self.came += 1;
    }

    fn lose(&mut self) {
        if self.came >= GMIN {
            match self.lost {
                1 => self.c14 += 1,
                _ => self.c13 += 1,
            }
            self.lost = 1;
            self.c11 += self.came;
        } else {
            self.lost += 1;
            match self.came {
                0 => self.c33 += 1,
                came => {
                    self.c23 += 1;
                    self.c22 += came - 1;
                }
            }
        }
        self.came = 0;
    }

    /// What it comes to so far, with packets of this length.
    pub fn bursts(&self, packet_ms: f32) -> Bursts {
        let of = |count: u64, total: u64| match total {
            0 => 0.0,
            _ => count as f32 / total as f32,
        };
        // Each burst is left as often as entered.
        let (c31, c32) = (self.c13, self.c23);
        // The last gap is not over yet.
        let c11 = self.c11 + self.came;
        let in_gaps = c11 + self.c14 + self.c13;
        let in_bursts = self.c22 + self.c23 + c31 + c32 + self.c33;
        let leaving = of(c32, c31 + c32 + self.c33);
        let returning = match self.c22 + self.c23 {
            0 => 1.0,
            received => 1.0 - of(self.c22, received),
        };
        let any = self.c23 + self.c33 > 0;
        let count = self.c13.max(1) as f32;
        Bursts {
            burst_density: match any {
                true => returning / (returning + leaving),
                false => 0.0,
            },
            gap_density: of(self.c14, c11 + self.c14),
            burst_ms: match any {
                true => in_bursts as f32 * packet_ms / count,
                false => 0.0,
            },
            gap_ms: in_gaps as f32 * packet_ms / count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_loss_there_is_one_gap() {
        let mut watch = BurstWatch::default();
        (0..500).for_each(|_| watch.packet(0));
        let bursts = watch.bursts(20.0);
        assert_eq!((bursts.gap_ms, bursts.burst_ms), (10_000.0, 0.0));
        assert_eq!((bursts.gap_density, bursts.burst_density), (0.0, 0.0));
    }

    #[test]
    fn single_losses_far_apart_belong_to_the_gap() {
        let mut watch = BurstWatch::default();
        (0..1_000).for_each(|n| watch.packet(usize::from(n % 50 == 49)));
        let bursts = watch.bursts(20.0);
        assert_eq!(bursts.burst_density, 0.0);
        assert!((bursts.gap_density - 0.02).abs() < 0.003, "{bursts:?}");
    }

    #[test]
    fn dense_loss_is_a_burst() {
        let mut watch = BurstWatch::default();
        // 400 packets well, then 10 of which every second is lost, over and over.
        for _ in 0..20 {
            (0..400).for_each(|_| watch.packet(0));
            (0..5).for_each(|_| watch.packet(1));
        }
        let bursts = watch.bursts(20.0);
        assert!((bursts.burst_density - 0.5).abs() < 0.1, "{bursts:?}");
        assert!((100.0..=220.0).contains(&bursts.burst_ms), "{bursts:?}");
        assert!((7_500.0..=8_500.0).contains(&bursts.gap_ms), "{bursts:?}");
        assert!(bursts.gap_density < 0.01, "{bursts:?}");
    }
}
