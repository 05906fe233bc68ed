//! What bounds the rules, so that no text a person pastes takes much time or memory.

use super::outcome::Stop;

/// The longest text of rules, in characters as typed.
pub const LONGEST_TEXT: usize = 4096;
/// The most rules there may be.
pub const MOST_RULES: usize = 64;
/// The longest number that rules are applied to or may make, in characters.
pub const LONGEST_NUMBER: usize = 128;

/// The most that all expressions together may weigh. A character or a class of characters weighs
/// one (a class of many, such as `\w`, a few more), and a counted repetition as much as what it
/// repeats would, written out: `\d{10}` ten times `\d`.
pub const MOST_SIZE: usize = 4096;
/// The most that one expression with look-around or back-references may weigh.
pub(super) const MOST_SIZE_LOOKING: usize = 512;
/// How often one search with look-around or back-references may turn back and try another way.
pub(super) const MOST_ATTEMPTS: usize = 500;

/// What applying all rules to one number may cost, in steps of a matcher at their worst.
const MOST_WORK: usize = 1_000_000;

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
    pub fn pay_linear(&mut self, size: usize, octets: usize) -> Result<(), Stop> {
        self.pay(size.saturating_mul(octets.saturating_add(1)))
    }

    /// Pays for one search through this many octets that may turn back.
    pub fn pay_looking(&mut self, size: usize, octets: usize) -> Result<(), Stop> {
        self.pay(size.saturating_add(octets).saturating_mul(MOST_ATTEMPTS))
    }

    fn pay(&mut self, cost: usize) -> Result<(), Stop> {
        self.0 = self.0.checked_sub(cost).ok_or(Stop::Attempts)?;
        Ok(())
    }
}
