/// The controller's gains: a closed loop of 0.1 rad/s, critically damped.
const PROPORTIONAL: f64 = 0.2;
const INTEGRAL: f64 = 0.01;
/// How far the speed follows a difference of clocks: 500 parts per million.
const MOST: f64 = 500e-6;
/// How far it goes to work off what a stall left behind: 0.5 %, nobody hears that as a pitch.
const MOST_BEHIND: f64 = 5000e-6;
/// What counts as left behind by a stall, seconds.
const BEHIND: f64 = 0.015;
/// The time over which the level is averaged, in reads of 10 ms.
const SMOOTHING: f64 = 50.0;
/// How slowly jitter that was seen once is forgotten, in reads of 10 ms: 30 s.
const FORGETTING: f64 = 3000.0;
/// The jitter that is expected before any was seen, seconds.
const FIRST_JITTER: f64 = 0.003;
/// What is kept beyond all that was seen to be needed, seconds.
const MARGIN: f64 = 0.001;
/// The length of a read, seconds.
const TICK: f64 = 0.01;

/// Steers how fast a microphone's ring is read, so that two clocks that differ stay in step and
/// the ring holds just what its jitter needs.
///
/// All levels are in seconds of sound.
#[derive(Debug, Clone)]
pub(super) struct Drift {
    level: Option<f64>,
    integral: f64,
    /// How much further below the average level than by one chunk the ring was found lately.
    jitter: f64,
}

impl Default for Drift {
    fn default() -> Self {
        Self {
            level: None,
            integral: 0.0,
            jitter: FIRST_JITTER,
        }
    }
}

impl Drift {
    /// The level to hold before a read that takes `need` out of a ring which is filled `chunk`
    /// by `chunk`.
    pub(super) fn target(&self, need: f64, chunk: f64) -> f64 {
        need + chunk + self.jitter + MARGIN
    }

    /// Takes in what is seen before a read and returns the speed to read at; 1.0 is nominal.
    ///
    /// `there` is what the ring holds. `level` is the same with the device's steps smoothed out:
    /// what it would hold if the device handed over every sample at once.
    pub(super) fn observe(&mut self, there: f64, level: f64, need: f64, chunk: f64) -> f64 {
        let mean = self.level.unwrap_or(level);
        let mean = mean + (level - mean) / SMOOTHING;
        self.level = Some(mean);
        let faded = self.jitter * (1.0 - 1.0 / FORGETTING);
        self.jitter = faded.max(mean - there - chunk);
        let error = mean - self.target(need, chunk);
        let most = if error > BEHIND { MOST_BEHIND } else { MOST };
        let wanted = PROPORTIONAL * error + self.integral;
        if wanted.abs() < MOST {
            self.integral = (self.integral + INTEGRAL * error * TICK).clamp(-MOST, MOST);
        }
        1.0 + wanted.clamp(-most, most)
    }

    /// The level was changed from outside; the difference of the clocks stays known.
    pub(super) fn moved(&mut self) {
        self.level = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the loop without sound; returns the speed, and the level's error in seconds.
    fn settle(parts_per_million: f64, start: f64, seconds: usize) -> (f64, f64) {
        let (mut drift, mut level, mut speed) = (Drift::default(), start, 1.0);
        for _ in 0..seconds * 100 {
            speed = drift.observe(level, level, 0.01, 0.01);
            level += TICK * (1.0 + parts_per_million * 1e-6 - speed);
        }
        (speed, level - drift.target(0.01, 0.01))
    }

    #[test]
    fn the_speed_settles_on_the_difference_of_the_clocks() {
        for parts_per_million in [-300.0, -20.0, 0.0, 200.0, 400.0] {
            let (speed, error) = settle(parts_per_million, 0.021, 300);
            let found = (speed - 1.0) * 1e6;
            assert!(
                (found - parts_per_million).abs() < 2.0,
                "{found} for {parts_per_million}"
            );
            assert!(error.abs() < 0.0002, "{error} s off");
        }
    }

    #[test]
    fn what_a_stall_left_behind_is_worked_off_within_seconds() {
        let (_, error) = settle(0.0, 0.06, 60);
        assert!(error.abs() < 0.003, "{error} s still there");
    }

    #[test]
    fn jitter_raises_the_target_and_is_forgotten() {
        let mut drift = Drift::default();
        let calm = drift.target(0.01, 0.01);
        drift.observe(0.021, 0.021, 0.01, 0.01);
        drift.observe(0.001, 0.021, 0.01, 0.01);
        assert!(drift.target(0.01, 0.01) > calm + 0.006);
        for _ in 0..12_000 {
            drift.observe(0.021, 0.021, 0.01, 0.01);
        }
        assert!(drift.target(0.01, 0.01) < calm);
    }
}
