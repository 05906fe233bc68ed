//! What bounds the rules, so that no text a person pastes takes much time or memory.

use super::outcome::Stop;
use super::size::Size;

/// The longest text of rules, in characters as typed.
pub const LONGEST_TEXT: usize = 4096;
/// The most rules there may be.
pub const MOST_RULES: usize = 64;
/// The longest number that rules are applied to or may make, in characters.
pub const LONGEST_NUMBER: usize = 128;

/// How big all expressions together may be.
pub(super) const MOST: Size = Size {
    places: 2048,
    ranges: 16_000,
};
/// How many places an expression with look-around or back-references may have.
pub(super) const MOST_PLACES_LOOKING: usize = 512;
/// How often one search with look-around or back-references may turn back and try another way.
pub(super) const MOST_ATTEMPTS: usize = 1000;

/// What such a search costs for each place and each octet, in steps that take as long as one of a
/// search in linear time. Measured on expressions made to take long, see `benches/README.md`.
const STEPS_LOOKING: usize = 200;
/// What applying all rules to one number may cost, in steps of a search in linear time.
const MOST_WORK: usize = 500_000;

/// What is left to spend on one number. It counts the most that a search may cost and not what
/// it does cost, so the same number always has the same outcome.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MOST_WORK)
    }
}

impl Budget {
    /// Pays for one search through this many octets in linear time.
    pub fn pay_linear(&mut self, size: Size, octets: usize) -> Result<(), Stop> {
        self.pay(size.places.saturating_mul(octets.saturating_add(1)))
    }

    /// Pays for one search through this many octets that may turn back.
    pub fn pay_looking(&mut self, size: Size, octets: usize) -> Result<(), Stop> {
        self.pay(
            size.places
                .saturating_add(octets)
                .saturating_mul(STEPS_LOOKING),
        )
    }

    fn pay(&mut self, cost: usize) -> Result<(), Stop> {
        self.0 = self.0.checked_sub(cost).ok_or(Stop::Attempts)?;
        Ok(())
    }
}
