//! Digits that come by two ways at once, each told once.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A digit by one way is the same as by the other if both come within this time: a jitter buffer
/// or a lost message may be between them.
const SAME_WITHIN: Duration = Duration::from_secs(1);
/// Digits that are remembered.
const MAX_REMEMBERED: usize = 64;

#[derive(Debug)]
struct Heard<W> {
    digit: char,
    at: Instant,
    by: W,
}

/// Merges the digits of two ways `W`: a far side may send each digit by both.
#[derive(Debug)]
pub struct DigitMerger<W> {
    /// Digits that the other way did not bring yet.
    single: VecDeque<Heard<W>>,
}

impl<W: PartialEq> DigitMerger<W> {
    /// Takes a digit that came `by` one of the ways; whether it is a new one.
    pub fn is_new(&mut self, now: Instant, digit: char, by: W) -> bool {
        self.single
            .retain(|heard| now.saturating_duration_since(heard.at) < SAME_WITHIN);
        let twin = |heard: &Heard<W>| heard.digit == digit && heard.by != by;
        if let Some(at) = self.single.iter().position(twin) {
            self.single.remove(at);
            return false;
        }
        if self.single.len() >= MAX_REMEMBERED {
            self.single.pop_front();
        }
        self.single.push_back(Heard { digit, at: now, by });
        true
    }
}

impl<W> Default for DigitMerger<W> {
    fn default() -> Self {
        Self {
            single: VecDeque::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, PartialEq)]
    enum Way {
        Event,
        Tone,
    }

    /// What is told of digits that come at these milliseconds.
    fn told(digits: &[(u64, char, Way)]) -> String {
        let start = Instant::now();
        let mut merger = DigitMerger::default();
        let new = |(at, digit, by): &&(u64, char, Way)| {
            merger.is_new(start + Duration::from_millis(*at), *digit, *by)
        };
        digits
            .iter()
            .filter(new)
            .map(|(_, digit, _)| digit)
            .collect()
    }

    #[test]
    fn digits_by_both_ways_are_told_once_whichever_is_first() {
        use Way::{Event, Tone};
        let both = [
            (0, '1', Event),
            (60, '1', Tone),
            (180, '1', Event),
            (240, '1', Tone),
            (350, '2', Tone),
            (360, '2', Event),
        ];
        assert_eq!(told(&both), "112");
        let late = [
            (0, '1', Event),
            (180, '1', Event),
            (360, '2', Event),
            (400, '1', Tone),
            (580, '1', Tone),
            (760, '2', Tone),
        ];
        assert_eq!(told(&late), "112");
    }

    #[test]
    fn digits_by_one_way_are_all_told() {
        let one = |way| [(0, '5', way), (150, '5', way), (300, '5', way)];
        assert_eq!(told(&one(Way::Event)), "555");
        assert_eq!(told(&one(Way::Tone)), "555");
    }

    #[test]
    fn the_same_digit_much_later_is_another() {
        assert_eq!(told(&[(0, '5', Way::Event), (1_000, '5', Way::Tone)]), "55");
        assert_eq!(told(&[(0, '5', Way::Event), (999, '5', Way::Tone)]), "5");
    }
}
