//! How much is lost, and how long to wait for the packet that helps after a loss.

/// The most packets that are waited for.
const MAX_AHEAD: usize = 5;
/// Weight of one packet in the averages.
const WEIGHT: f32 = 1.0 / 400.0;
/// One packet more is waited for when that saves more than this part of all packets …
const WORTH: f32 = 0.008;
/// … and one less when it then saves less than this.
const NOT_WORTH: f32 = 0.002;
/// A packet that tells of lost ones makes the next so many count as such: pauses and easy sounds
/// are not repeated.
const HELPS_FOR: u16 = 250;

/// Watches which packets are missing, and decides how many to wait for.
#[derive(Debug, Default)]
pub struct LossWatch {
    /// For each number of packets waited for: the part of packets that no later one comes in
    /// time for. The first is the loss itself.
    missed: [f32; MAX_AHEAD + 1],
    /// How far back packets told of lately, in packets.
    reach: usize,
    reach_for: u16,
    ahead: usize,
}

impl LossWatch {
    /// A packet came after so many `missing` ones; it tells of `reach` packets before it.
    /// Gives how many packets to wait for.
    pub fn packet(&mut self, missing: usize, reach: usize) -> usize {
        for (ahead, missed) in self.missed.iter_mut().enumerate() {
            for _ in 0..missing.saturating_sub(ahead) {
                *missed += (1.0 - *missed) * WEIGHT;
            }
            for _ in 0..=missing.min(ahead) {
                *missed *= 1.0 - WEIGHT;
            }
        }
        self.reach_for = self.reach_for.saturating_sub(1);
        if reach >= self.reach || self.reach_for == 0 {
            self.reach = reach;
            self.reach_for = HELPS_FOR;
        }
        let most = self.reach.min(MAX_AHEAD);
        let saved = |ahead: usize| self.missed.get(ahead).copied().unwrap_or(0.0);
        while self.ahead < most && saved(self.ahead) > WORTH {
            self.ahead += 1;
        }
        while self.ahead > most || (self.ahead > 0 && saved(self.ahead - 1) < NOT_WORTH) {
            self.ahead -= 1;
        }
        self.ahead
    }

    /// The part of packets that did not come in time, of late: 0 to 1.
    pub fn loss(&self) -> f32 {
        let [loss, ..] = self.missed;
        loss
    }

    /// Whether lost packets are waited for the help of others.
    pub fn waits(&self) -> bool {
        self.ahead > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead_after(reach: usize, runs: impl Iterator<Item = usize>) -> usize {
        let mut watch = LossWatch::default();
        runs.fold(0, |_, missing| watch.packet(missing, reach))
    }

    fn random(loss: f64) -> impl Iterator<Item = usize> {
        let mut rng = fastrand::Rng::with_seed(5);
        (0..2_000).map(move |_| {
            std::iter::repeat_with(|| rng.f64())
                .take_while(|x| *x < loss)
                .count()
        })
    }

    #[test]
    fn nothing_is_waited_for_without_loss_or_help() {
        assert_eq!(ahead_after(5, std::iter::repeat_n(0, 1_000)), 0);
        assert_eq!(ahead_after(0, random(0.1)), 0);
    }

    #[test]
    fn single_losses_are_waited_for_by_one_packet_and_bursts_by_more() {
        assert_eq!(ahead_after(5, random(0.05)), 1);
        assert!(ahead_after(5, random(0.2)) >= 2);
        let bursts = (0..2_000).map(|n| if n % 50 == 0 { 4 } else { 0 });
        assert_eq!(ahead_after(5, bursts.clone()), 4);
        assert_eq!(ahead_after(1, bursts), 1, "no further than packets tell");
    }

    #[test]
    fn loss_is_forgotten_when_it_is_over() {
        let mut watch = LossWatch::default();
        random(0.2).for_each(|missing| {
            watch.packet(missing, 5);
        });
        assert!((watch.loss() - 0.2).abs() < 0.06, "{}", watch.loss());
        for _ in 0..3_000 {
            watch.packet(0, 5);
        }
        assert!(!watch.waits() && watch.loss() < 0.001);
    }
}
