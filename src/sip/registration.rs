//! When to register, when to refresh, and how long to pause after a failure (RFC 3261 10.2,
//! RFC 5626 4.5). Pure: the endpoint sends the requests.

use std::time::{Duration, Instant};

/// The first pause after a failure is drawn from twice this.
const BASE_PAUSE: Duration = Duration::from_secs(4);
/// However briefly the registrar grants, it is not asked more often.
const SHORTEST_PAUSE: Duration = Duration::from_secs(5);
/// No pause is longer, unless the server asks for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// What a server may ask for in Retry-After at most.
const LONGEST_RETRY_AFTER: u32 = 3600;
/// What a server may ask for in Min-Expires at most.
const LONGEST_EXPIRES: u32 = 86_400;

/// The schedule of one account's registration.
#[derive(Debug)]
pub struct Registration {
    wish: u32,
    failures: u32,
    state: State,
    valid_until: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not wanted, or given up until a person does something.
    Stopped,
    /// A REGISTER is due at once.
    Due,
    /// A REGISTER is on its way.
    Waiting,
    /// In force until refreshed.
    Registered { refresh_at: Instant },
    /// Failed; the next attempt is set.
    Pausing { retry_at: Instant },
}

impl Registration {
    /// A registration that asks for `expires_s` seconds and is due at once.
    pub fn new(expires_s: u32) -> Self {
        Self {
            wish: expires_s.clamp(1, LONGEST_EXPIRES),
            failures: 0,
            state: State::Due,
            valid_until: None,
        }
    }

    /// The seconds to ask for.
    pub fn expires_s(&self) -> u32 {
        self.wish
    }

    /// Until when the registrar knows us, if it does.
    pub fn valid_until(&self) -> Option<Instant> {
        self.valid_until
    }

    /// Whether a REGISTER is on its way.
    pub fn is_waiting(&self) -> bool {
        self.state == State::Waiting
    }

    /// Whether the registration is in force and no failure followed.
    pub fn is_registered(&self) -> bool {
        matches!(self.state, State::Registered { .. })
    }

    /// Wants a REGISTER at once, whatever was before.
    pub fn request(&mut self) {
        self.state = State::Due;
    }

    /// As [`request`](Self::request), and forgets earlier failures.
    pub fn request_afresh(&mut self) {
        self.failures = 0;
        self.state = State::Due;
    }

    /// A REGISTER went out.
    pub fn sent(&mut self) {
        self.state = State::Waiting;
    }

    /// The registrar granted `granted_s` seconds.
    pub fn succeeded(&mut self, now: Instant, granted_s: u32) -> Instant {
        let granted = Duration::from_secs(u64::from(granted_s.clamp(1, LONGEST_EXPIRES)));
        let expires_at = now + granted;
        let margin = Duration::from_secs(30);
        let refresh_in = if granted > margin * 2 {
            (granted * 9 / 10).min(granted - margin)
        } else {
            (granted / 2).max(SHORTEST_PAUSE)
        };
        self.failures = 0;
        self.valid_until = Some(expires_at);
        self.state = State::Registered {
            refresh_at: now + refresh_in,
        };
        expires_at
    }

    /// The registrar wants at least `min_s` seconds (423). True if it is worth asking again.
    pub fn too_brief(&mut self, min_s: u32) -> bool {
        if min_s <= self.wish || min_s > LONGEST_EXPIRES {
            return false;
        }
        self.wish = min_s;
        self.state = State::Due;
        true
    }

    /// The attempt failed; gives the time of the next one. `retry_after_s` is the server's wish.
    pub fn failed(
        &mut self,
        now: Instant,
        retry_after_s: Option<u32>,
        rng: &mut fastrand::Rng,
    ) -> Instant {
        self.failures = self.failures.saturating_add(1);
        let upper = BASE_PAUSE
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST_PAUSE);
        let pause = upper.mul_f64(0.5 + rng.f64() / 2.0);
        let wish = Duration::from_secs(u64::from(
            retry_after_s.unwrap_or(0).min(LONGEST_RETRY_AFTER),
        ));
        let retry_at = now + pause.max(wish);
        self.state = State::Pausing { retry_at };
        retry_at
    }

    /// No further attempt until [`request`](Self::request).
    pub fn stop(&mut self) {
        self.state = State::Stopped;
    }

    /// The registrar no longer knows us.
    pub fn forget(&mut self) {
        self.valid_until = None;
    }

    /// Whether a REGISTER has to go out now.
    pub fn is_due(&self, now: Instant) -> bool {
        match self.state {
            State::Due => true,
            State::Registered { refresh_at: at } | State::Pausing { retry_at: at } => at <= now,
            State::Waiting | State::Stopped => false,
        }
    }

    /// When [`is_due`](Self::is_due) will become true by itself.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Registered { refresh_at: at } | State::Pausing { retry_at: at } => Some(at),
            State::Due | State::Waiting | State::Stopped => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_registration_is_refreshed_30_s_or_a_tenth_before_its_end() {
        let now = Instant::now();
        for (granted, refresh) in [
            (3600, 3240),
            (600, 540),
            (120, 90),
            (70, 40),
            (20, 10),
            (0, 5),
        ] {
            let mut registration = Registration::new(600);
            let expires_at = registration.succeeded(now, granted);
            assert_eq!(
                expires_at,
                now + Duration::from_secs(u64::from(granted.max(1)))
            );
            assert_eq!(
                registration.poll_timeout(),
                Some(now + Duration::from_secs(refresh)),
                "granted {granted}"
            );
        }
    }

    #[test]
    fn pauses_grow_with_jitter_and_end_with_a_success() {
        let now = Instant::now();
        let mut rng = fastrand::Rng::with_seed(7);
        let mut registration = Registration::new(600);
        let mut upper = BASE_PAUSE;
        for _ in 0..20 {
            upper = (upper * 2).min(LONGEST_PAUSE);
            let pause = registration.failed(now, None, &mut rng) - now;
            assert!(
                pause >= upper / 2 && pause <= upper,
                "{pause:?} of {upper:?}"
            );
        }
        registration.succeeded(now, 600);
        let pause = registration.failed(now, None, &mut rng) - now;
        assert!(pause <= BASE_PAUSE * 2);
    }

    #[test]
    fn retry_after_is_obeyed_up_to_an_hour() {
        let now = Instant::now();
        let mut rng = fastrand::Rng::with_seed(7);
        let mut registration = Registration::new(600);
        let pause = registration.failed(now, Some(120), &mut rng) - now;
        assert_eq!(pause.as_secs(), 120);
        let pause = registration.failed(now, Some(u32::MAX), &mut rng) - now;
        assert_eq!(pause.as_secs(), 3600);
    }

    #[test]
    fn min_expires_is_taken_over_once() {
        let mut registration = Registration::new(60);
        assert!(registration.too_brief(300));
        assert_eq!(registration.expires_s(), 300);
        assert!(
            !registration.too_brief(300),
            "the server contradicts itself"
        );
        assert!(!registration.too_brief(u32::MAX));
    }

    #[test]
    fn a_stopped_registration_waits_for_a_person() {
        let now = Instant::now();
        let mut registration = Registration::new(60);
        registration.stop();
        assert!(!registration.is_due(now + Duration::from_secs(1_000_000)));
        assert_eq!(registration.poll_timeout(), None);
        registration.request();
        assert!(registration.is_due(now));
    }
}
