use std::time::{Duration, Instant};

/// The length of one frame.
pub(super) const TICK: Duration = Duration::from_millis(10);
/// How much is caught up after a stall; more than that is skipped.
pub(super) const CATCH_UP: usize = 10;

/// Paces frames by the monotonic clock, for devices that have no clock of their own.
///
/// Ticks lie on a grid from the origin, so that rounding never adds up.
#[derive(Debug)]
pub(super) struct Clock {
    next: Instant,
}

impl Clock {
    pub(super) fn new(now: Instant) -> Self {
        Self { next: now }
    }

    /// When the next frame is due.
    pub(super) fn next_tick(&self) -> Instant {
        self.next
    }

    /// How many frames are due; they count as done.
    pub(super) fn ticks_due(&mut self, now: Instant) -> usize {
        let Some(late) = now.checked_duration_since(self.next) else {
            return 0;
        };
        let due = (late.as_nanos() / TICK.as_nanos()) as u64 + 1;
        let whole = Duration::from_millis(due.saturating_mul(10));
        self.next = self.next.checked_add(whole).unwrap_or(now);
        usize::try_from(due).unwrap_or(CATCH_UP).min(CATCH_UP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_uneven_wake_ups_gives_exactly_an_hour_of_frames() {
        let start = Instant::now();
        let mut clock = Clock::new(start);
        let mut rng = fastrand::Rng::with_seed(7);
        let (mut elapsed, mut ticks) = (Duration::ZERO, 0);
        let hour = Duration::from_secs(3600);
        while elapsed < hour {
            ticks += clock.ticks_due(start + elapsed);
            elapsed += Duration::from_micros(rng.u64(1..25_000));
        }
        ticks += clock.ticks_due(start + hour - Duration::from_nanos(1));
        assert_eq!(ticks, 360_000);
    }

    #[test]
    fn the_next_tick_lies_on_the_grid_and_is_due_exactly_then() {
        let start = Instant::now();
        let mut clock = Clock::new(start);
        assert_eq!(clock.ticks_due(start), 1);
        assert_eq!(clock.next_tick(), start + TICK);
        assert_eq!(clock.ticks_due(start + TICK - Duration::from_nanos(1)), 0);
        assert_eq!(
            clock.ticks_due(start + TICK * 3 + Duration::from_millis(4)),
            3
        );
        assert_eq!(clock.next_tick(), start + TICK * 4);
    }

    #[test]
    fn after_a_long_stall_a_tenth_of_a_second_is_caught_up_and_the_rest_skipped() {
        let start = Instant::now();
        let mut clock = Clock::new(start);
        assert_eq!(clock.ticks_due(start + Duration::from_secs(60)), 10);
        assert_eq!(clock.ticks_due(start + Duration::from_secs(60)), 0);
        assert_eq!(clock.ticks_due(start + Duration::from_secs(60) + TICK), 1);
    }

    #[test]
    fn a_time_before_the_origin_is_no_tick() {
        let start = Instant::now() + TICK;
        assert_eq!(Clock::new(start).ticks_due(start - TICK), 0);
    }
}
