//! Watches for a way that is too narrow: packets queue up before it, so that even the fastest of a
//! second takes longer and longer. Loss alone is no sign of it; on a bad radio link it helps nobody
//! to send less.

use std::collections::VecDeque;

use super::bit_rate::BitRateLimit;

/// Samples at 48 kHz in a second, the length of a look.
const SECOND: f64 = 48_000.0;
/// Looks among which the fastest packet is that of a free way.
const REMEMBERED: usize = 30;
/// Even the fastest packet is so much later, in samples, when the way is too narrow.
const QUEUED: f64 = 0.15 * SECOND;
/// Looks in a row with a queue before less is asked for, and between two requests.
const PATIENCE: u32 = 2;
/// How much less is asked for than what gets through.
const LESS: f64 = 0.8;
/// Looks without a queue before more is tried …
const CALM: u32 = 10;
/// … as much as was too much before …
const LONG_CALM: u32 = 60;
/// … and how much more.
const MORE: f64 = 1.25;
/// Nothing less is asked for, bit/s: Opus at 8 kbit/s in packets of 20 ms.
const LEAST: f64 = 24_000.0;
/// From here on there is no limit any more, bit/s.
const ENOUGH: f64 = 150_000.0;
/// The headers of IP, UDP and RTP, octets.
const HEADERS: usize = 40;

/// The watch over one source.
#[derive(Debug, Default)]
pub struct CongestionWatch {
    look_ends: Option<f64>,
    fastest: Option<f64>,
    octets: usize,
    /// The fastest packets of the last looks.
    before: VecDeque<f64>,
    queued: u32,
    calm: u32,
    limit: Option<f64>,
    /// What got through when more was sent than that.
    narrow: Option<f64>,
}

impl CongestionWatch {
    /// Takes in a packet that arrived at `wall` with `transit` since its timestamp, both in samples
    /// at 48 kHz, and so many octets of payload. Gives the limit that is to be asked for from now
    /// on.
    pub fn packet(&mut self, wall: f64, transit: f64, payload: usize) -> Option<BitRateLimit> {
        let ends = *self.look_ends.get_or_insert(wall + SECOND);
        let mut asked = None;
        if wall >= ends {
            // Whoever pauses leaves no queue: such a look says nothing.
            let whole = wall < ends + SECOND;
            asked = self
                .fastest
                .filter(|_| whole)
                .and_then(|fastest| self.look(fastest));
            self.look_ends = Some(wall + SECOND);
            self.fastest = None;
            self.octets = 0;
        }
        self.fastest = Some(self.fastest.map_or(transit, |fastest| fastest.min(transit)));
        self.octets += payload + HEADERS;
        asked
    }

    /// The source's timestamps begin anew.
    pub fn restart(&mut self) {
        *self = Self {
            limit: self.limit,
            ..Self::default()
        };
    }

    fn look(&mut self, fastest: f64) -> Option<BitRateLimit> {
        let free = self.before.iter().copied().fold(fastest, f64::min);
        if self.before.len() == REMEMBERED {
            self.before.pop_front();
        }
        self.before.push_back(fastest);
        if fastest - free > QUEUED {
            self.calm = 0;
            self.queued += 1;
            if self.queued >= PATIENCE {
                self.queued = 0;
                let through = self.octets as f64 * 8.0;
                self.narrow = Some(through);
                let now = self.limit.map_or(through, |limit| limit.min(through));
                self.limit = Some((now * LESS).max(LEAST));
                return self.asked();
            }
        } else {
            self.queued = 0;
            self.calm += 1;
            let more = (self.limit? * MORE).min(ENOUGH);
            let dared = self.narrow.is_some_and(|narrow| more > narrow);
            if self.calm >= if dared { LONG_CALM } else { CALM } {
                self.calm = 0;
                self.narrow = self.narrow.filter(|_| !dared);
                self.limit = Some(more);
                let asked = self.asked();
                if more >= ENOUGH {
                    self.limit = None;
                }
                return asked;
            }
        }
        None
    }

    fn asked(&self) -> Option<BitRateLimit> {
        let total = self.limit? as u64;
        Some(BitRateLimit {
            total,
            overhead: HEADERS as u16,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends packets of 20 ms and `payload` octets with a transit that `late_ms` gives; gives what
    /// was asked for, and when in seconds.
    fn asked(
        seconds: usize,
        payload: usize,
        late_ms: impl Fn(f64) -> f64,
    ) -> Vec<(usize, BitRateLimit)> {
        let mut watch = CongestionWatch::default();
        let packets = (0..seconds * 50).filter_map(|n| {
            let sent = n as f64 * 960.0;
            let transit = 48.0 * late_ms(sent / SECOND);
            let asked = watch.packet(sent + transit, transit, payload)?;
            Some((n / 50, asked))
        });
        packets.collect()
    }

    #[test]
    fn a_queue_that_grows_asks_for_less_and_a_free_way_for_more_again() {
        let queue =
            |at: f64| ((at - 5.0) * 100.0).clamp(0.0, 600.0) * f64::from(u8::from(at < 14.0));
        let asked = asked(240, 160, queue);
        let (first, limit) = asked[0];
        assert!((7..=9).contains(&first), "{asked:?}");
        // 80 kbit/s were sent, a little less of it came through.
        assert!((50_000..66_000).contains(&limit.total), "{limit:?}");
        let totals: Vec<u64> = asked.iter().map(|(_, limit)| limit.total).collect();
        let least = totals.iter().min().expect("a limit");
        assert!(*least >= 24_000 && *least < 40_000, "{totals:?}");
        assert_eq!(totals.last(), Some(&150_000), "{totals:?}");
    }

    #[test]
    fn jitter_and_a_change_of_the_way_are_no_queue_for_long() {
        let mut random = fastrand::Rng::with_seed(4);
        let jitter: Vec<f64> = (0..4_000).map(|_| random.f64() * 300.0).collect();
        assert_eq!(asked(60, 160, |at| jitter[(at * 50.0) as usize]), []);
        let longer = asked(120, 160, |at| if at < 20.0 { 0.0 } else { 100.0 });
        assert_eq!(longer, []);
    }
}
