use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// Pauses between attempts: each twice as long as the one before, up to a minute, and up to a
/// quarter more by chance, so that not everybody comes back at once.
#[derive(Debug, Default)]
pub struct Pauses {
    failures: u32,
}

impl Pauses {
    /// How long to wait after one more failure.
    pub fn next(&mut self) -> Duration {
        let pause = FIRST.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        let pause = pause.min(LONGEST);
        pause.mul_f64(1.0 + fastrand::f64() / 4.0)
    }

    /// Begins anew after a success.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_begin_anew_after_a_success() {
        let mut pauses = Pauses::default();
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let (pause, least) = (pauses.next(), Duration::from_secs(seconds));
            assert!(least <= pause && pause <= least.mul_f64(1.25), "{pause:?}");
        }
        pauses.failures = u32::MAX;
        assert!(pauses.next() >= LONGEST);
        pauses.reset();
        assert!(pauses.next() <= FIRST.mul_f64(1.25));
    }
}
