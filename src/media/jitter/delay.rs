//! How long sound has to wait before it is played, so that it is there when it is needed.
//!
//! Time is counted in samples at 48 kHz on three clocks: *wall* is the time of arrival, *played*
//! counts what the speaker took, and a *timestamp* says where sound belongs in the far side's
//! stream. The buffer plays timestamp `ts` when `played` reaches `ts + offset`. A packet is in
//! time if it is there at that tick; this module says how large `offset` has to be.

/// Samples per millisecond.
const MS: f64 = 48.0;
/// Samples taken at each tick; packets are built of such blocks as well.
const TICK: i64 = 480;
/// What arrived is judged over this long (both windows together).
const WINDOW: f64 = 1_000.0 * MS;
/// The largest delay of each such interval enters the histogram.
const INTERVAL: f64 = 500.0 * MS;
/// Buckets of one millisecond.
const BUCKETS: usize = 400;
/// The part of the intervals in which nothing shall be late.
const QUANTILE: f32 = 0.95;
/// What an interval keeps of its weight when the next one comes.
const FORGET: f32 = 0.97;
/// Waiting time while nothing is known.
const INITIAL: f64 = 40.0 * MS;
/// A packet shall be there this long before its tick.
const MARGIN: f64 = 1.0 * MS;
/// The wait gets shorter only when it can by a tick and this much.
const RELUCTANCE: f64 = 2.0 * MS;

/// The smallest of the values seen in the last one to two windows.
#[derive(Debug, Clone)]
struct RecentMin {
    current: f64,
    previous: f64,
    until: f64,
}

impl RecentMin {
    fn new() -> Self {
        Self {
            current: f64::INFINITY,
            previous: f64::INFINITY,
            until: f64::NEG_INFINITY,
        }
    }

    fn push(&mut self, at: f64, value: f64) {
        if at >= self.until {
            self.previous = if at < self.until + WINDOW {
                self.current
            } else {
                f64::INFINITY
            };
            self.current = f64::INFINITY;
            self.until = at + WINDOW;
        }
        self.current = self.current.min(value);
    }

    fn get(&self) -> f64 {
        self.current.min(self.previous)
    }
}

/// Watches arrivals and ticks, and says which offset they need.
#[derive(Debug)]
pub struct DelayEstimator {
    /// Of arrival minus timestamp: the fastest way through the network.
    fastest: RecentMin,
    /// Of wall minus played: the earliest tick.
    earliest_tick: RecentMin,
    histogram: Vec<f32>,
    intervals: u32,
    interval_max: f64,
    interval_end: Option<f64>,
    /// What most packets take longer than the fastest.
    spread: f64,
    /// Added so that a packet's successor is there to repeat what was lost.
    look_ahead: f64,
    offset: Option<i64>,
    /// Where ticks fall between the timestamps.
    phase: i64,
}

impl DelayEstimator {
    /// One that knows nothing yet.
    pub fn new() -> Self {
        Self {
            fastest: RecentMin::new(),
            earliest_tick: RecentMin::new(),
            histogram: vec![0.0; BUCKETS],
            intervals: 0,
            interval_max: 0.0,
            interval_end: None,
            spread: INITIAL,
            look_ahead: 0.0,
            offset: None,
            phase: 0,
        }
    }

    /// The stream of the far side begins anew; what is known of the network is kept.
    pub fn restart(&mut self) {
        self.fastest = RecentMin::new();
        self.offset = None;
        self.interval_max = 0.0;
        self.interval_end = None;
    }

    /// The ticks stopped for a while and go on.
    pub fn restart_ticks(&mut self) {
        self.earliest_tick = RecentMin::new();
        self.restart();
    }

    /// A tick takes the samples from `played` on.
    pub fn tick(&mut self, wall: f64, played: i64) {
        self.earliest_tick.push(wall, wall - played as f64);
    }

    /// A packet arrived.
    pub fn arrival(&mut self, wall: f64, timestamp: i64) {
        let transit = wall - timestamp as f64;
        self.fastest.push(wall, transit);
        self.phase = timestamp.rem_euclid(TICK);
        self.interval_max = self.interval_max.max(transit - self.fastest.get());
        let end = *self.interval_end.get_or_insert(wall + INTERVAL);
        if wall >= end {
            self.learn(self.interval_max / MS);
            self.interval_max = 0.0;
            self.interval_end = Some(wall + INTERVAL);
        }
    }

    /// Waits `samples` longer from now on, for the packet that repeats a lost one.
    pub fn set_look_ahead(&mut self, samples: usize) {
        self.look_ahead = samples as f64;
    }

    /// The offset the stream needs; `None` before the first packet and the first tick.
    pub fn offset(&mut self) -> Option<i64> {
        let needed =
            self.fastest.get() - self.earliest_tick.get() + self.spread + self.look_ahead + MARGIN;
        if !needed.is_finite() {
            return None;
        }
        let keep = self.offset.filter(|offset| {
            let offset = *offset as f64;
            needed <= offset && needed > offset - TICK as f64 - RELUCTANCE
        });
        let offset = keep.unwrap_or_else(|| {
            let ticks = ((needed + self.phase as f64) / TICK as f64).ceil();
            ticks as i64 * TICK - self.phase
        });
        self.offset = Some(offset);
        Some(offset)
    }

    /// The offset with which the fastest packet would not wait at all.
    pub fn shortest_offset(&self) -> Option<f64> {
        let offset = self.fastest.get() - self.earliest_tick.get();
        offset.is_finite().then_some(offset)
    }

    fn learn(&mut self, delay_ms: f64) {
        self.intervals = self.intervals.saturating_add(1);
        // Early on every interval counts much, so that the first guess is left soon.
        let forget = FORGET.min(1.0 - 2.0 / (self.intervals as f32 + 1.0));
        for weight in &mut self.histogram {
            *weight *= forget;
        }
        let bucket = (delay_ms.max(0.0) as usize).min(BUCKETS - 1);
        if let Some(weight) = self.histogram.get_mut(bucket) {
            *weight += 1.0 - forget;
        }
        let mut sum = 0.0;
        let wanted = QUANTILE * self.histogram.iter().sum::<f32>();
        let within = self.histogram.iter().position(|weight| {
            sum += weight;
            sum >= wanted
        });
        self.spread = (within.unwrap_or(BUCKETS - 1) + 1) as f64 * MS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs packets of 20 ms with the given delays in milliseconds; ticks fall `phase` ms after
    /// the packets. Gives the wait from arrival of the fastest packet to its tick.
    fn wait_ms(phase: f64, delays: impl Iterator<Item = f64>) -> f64 {
        let mut estimator = DelayEstimator::new();
        let mut offset = 0;
        for (n, delay) in delays.enumerate() {
            let sent = n as f64 * 960.0;
            estimator.tick(sent + phase * MS, 2 * n as i64 * TICK);
            estimator.tick(sent + (phase + 10.0) * MS, (2 * n as i64 + 1) * TICK);
            estimator.arrival(sent + delay * MS, n as i64 * 960);
            offset = estimator.offset().unwrap_or(0);
        }
        // Timestamp 0 is sent at 0 and played when `offset` samples were.
        offset as f64 / MS + phase
    }

    #[test]
    fn a_clean_network_makes_a_packet_wait_for_the_next_tick_only() {
        for phase in [2.5, 5.0, 9.0] {
            let wait = wait_ms(phase, std::iter::repeat_n(0.0, 300));
            assert!(
                (wait - phase).abs() < 1e-6,
                "{wait} ms with ticks {phase} ms later"
            );
        }
        // Too close to the tick: the next one.
        assert_eq!(wait_ms(1.0, std::iter::repeat_n(0.0, 300)), 11.0);
    }

    #[test]
    fn jitter_makes_it_wait_for_nearly_the_slowest() {
        let mut rng = fastrand::Rng::with_seed(7);
        let wait = wait_ms(5.0, (0..1_500).map(|_| rng.f64() * 50.0));
        assert!((50.0..=65.0).contains(&wait), "{wait} ms");
    }

    #[test]
    fn a_rare_spike_is_not_waited_for() {
        let wait = wait_ms(
            5.0,
            (0..3_000).map(|n| if n % 1_500 == 700 { 150.0 } else { 0.0 }),
        );
        assert_eq!(wait, 5.0);
    }

    #[test]
    fn calm_after_a_storm_is_believed_after_a_while() {
        let mut rng = fastrand::Rng::with_seed(7);
        let storm = (0..500).map(|n| if n < 500 { rng.f64() * 60.0 } else { 0.0 });
        let storm: Vec<f64> = storm.collect();
        let calm = std::iter::repeat_n(0.0, 6_000);
        assert_eq!(wait_ms(5.0, storm.into_iter().chain(calm)), 5.0);
    }
}
