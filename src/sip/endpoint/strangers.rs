//! How many answers a stranger gets (scanners send thousands of requests a second).

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// The length of a window.
const WINDOW: Duration = Duration::from_secs(10);
/// Answers per source and window.
const ANSWERS: u32 = 20;
/// How many sources are remembered.
const MAX_SOURCES: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Strangers {
    sources: HashMap<IpAddr, (Instant, u32)>,
}

impl Strangers {
    /// Whether this source may have one more answer.
    pub fn may_answer(&mut self, now: Instant, source: IpAddr) -> bool {
        if self.sources.len() >= MAX_SOURCES && !self.sources.contains_key(&source) {
            self.sources.retain(|_, (since, _)| now < *since + WINDOW);
            if self.sources.len() >= MAX_SOURCES {
                return false;
            }
        }
        let (since, answers) = self.sources.entry(source).or_insert((now, 0));
        if now >= *since + WINDOW {
            (*since, *answers) = (now, 0);
        }
        *answers += 1;
        *answers <= ANSWERS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_gets_20_answers_in_10_s_and_others_are_not_concerned() {
        let now = Instant::now();
        let mut strangers = Strangers::default();
        let scanner = IpAddr::from([192, 0, 2, 1]);
        let answers = (0..1000)
            .filter(|_| strangers.may_answer(now, scanner))
            .count();
        assert_eq!(answers, 20);
        assert!(strangers.may_answer(now, IpAddr::from([192, 0, 2, 2])));
        assert!(strangers.may_answer(now + WINDOW, scanner));
    }

    #[test]
    fn the_memory_of_strangers_is_bounded() {
        let now = Instant::now();
        let mut strangers = Strangers::default();
        for number in 0..10_000_u32 {
            strangers.may_answer(now, IpAddr::from(number.to_be_bytes()));
        }
        assert_eq!(strangers.sources.len(), MAX_SOURCES);
        assert!(strangers.may_answer(now + WINDOW, IpAddr::from([10, 0, 0, 1])));
    }
}
