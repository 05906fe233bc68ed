//! Dial rules: what an account does to a number before it is dialled, and whether it dials it.
//!
//! Rules are separated by white space and applied from left to right, each to what the one
//! before it left. A rule is one of two:
//!
//! - **`pattern=replacement`** replaces every match of a regular expression. `\1` to `\9` in the
//!   replacement are groups of the pattern, see [`parse`](Rules::parse). No match: nothing is
//!   done. The rule is split at its last `=`, so that `(?=...)` may stand in the pattern.
//! - **`pattern`** is a filter. A number that doesn't match is not for this account, and no
//!   further rule runs. So is a rule with an `=` that is an expression only as a whole: `(?=7)`.
//!
//! ```
//! use gudok::rules::{Rules, Verdict};
//!
//! let rules: Rules = r"[^\w+*#]= ^8=7 ^79\d{9}$".parse()?;
//! let outcome = rules.apply("8 (926) 123-45-67");
//! assert_eq!(outcome.verdict, Verdict::Dial);
//! assert_eq!(outcome.number, "79261234567");
//! # Ok::<(), gudok::rules::RuleError>(())
//! ```
//!
//! Expressions are not trusted. They run in time linear to the number through `regex`; only one
//! with look-around or a back-reference goes to `fancy-regex`, which tries alternatives and is
//! stopped when it has tried too many. [`limits`] bounds everything else. A number on which a
//! rule is stopped is not dialled, and the [`Step`] says why.

mod error;
pub mod limits;
mod outcome;
mod pattern;
mod replacement;
mod rule;
mod size;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub use error::RuleError;
pub use outcome::{Kind, Outcome, Step, Stop, Verdict};

use error::Fault;
use limits::{Budget, LONGEST_TEXT, MOST, MOST_RULES};
use rule::Rule;

/// The dial rules of an account, ready to be applied. No rules by default.
///
/// Cheap to clone. Rules with the same [`text`](Self::text) are equal.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    text: String,
    rules: Arc<[Rule]>,
}

impl Rules {
    /// Reads rules as a person types or pastes them.
    ///
    /// A lone `=` clears the rules, as an empty text does. Backticks around all of them or around
    /// one are dropped: they come along from chats.
    ///
    /// In a replacement, `\1` to `\9` stand for what a group of the pattern matched (nothing, if
    /// it took no part), `\s` for a space, and a backslash before a sign for that sign: `\\` is a
    /// backslash. All else stands for itself, `$` too.
    ///
    /// # Errors
    /// The first rule that can't be used, with the place and the reason.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        if text.chars().count() > LONGEST_TEXT {
            return Err(RuleError::of_text(Fault::text_too_long()));
        }
        let words: Vec<(usize, &str)> = words(text).collect();
        if let [] | [(_, "=")] = words.as_slice() {
            return Ok(Self::default());
        }
        let mut room = MOST;
        let mut rules = Vec::new();
        for (at, word) in words {
            let wrong = |fault| RuleError::new(word, at, fault);
            if rules.len() == MOST_RULES {
                return Err(wrong(Fault::too_many()));
            }
            let rule = Rule::parse(word, room).map_err(wrong)?;
            room = rule
                .size()
                .taken_from(room)
                .ok_or_else(|| wrong(Fault::too_big()))?;
            rules.push(rule);
        }
        let texts: Vec<&str> = rules.iter().map(Rule::text).collect();
        Ok(Self {
            text: texts.join(" "),
            rules: rules.into(),
        })
    }

    /// Applies the rules to a number as it was typed.
    pub fn apply(&self, number: &str) -> Outcome {
        let mut budget = Budget::default();
        let mut outcome = Outcome::new(number);
        for rule in &*self.rules {
            let step = rule.apply(&outcome.number, &mut budget);
            outcome.take(step);
            if outcome.verdict == Verdict::Filtered {
                return outcome;
            }
        }
        outcome.finish()
    }

    /// The rules with one space between them; empty if there are none.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

impl FromStr for Rules {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        Self::parse(text)
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Rules {}

/// The words of a text without the backticks around them, each with the number of characters
/// in front of it.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut characters = 0;
    text.split_inclusive(char::is_whitespace)
        .filter_map(move |word| {
            let start = characters;
            characters += word.chars().count();
            let opened = word.trim_start_matches('`');
            let bare = opened.trim_end_matches(|c: char| c.is_whitespace() || c == '`');
            (!bare.is_empty()).then_some((start + word.len() - opened.len(), bare))
        })
}
