use std::ops::Range;

use super::error::Fault;
use super::limits::{Budget, LONGEST_NUMBER};
use super::outcome::{Kind, Step, Stop};
use super::pattern::Pattern;
use super::replacement::Replacement;
use super::size::Size;

/// One rule.
#[derive(Debug)]
pub(super) struct Rule {
    text: String,
    pattern: Pattern,
    /// What every match is replaced by; a filter has none.
    replacement: Option<Replacement>,
}

impl Rule {
    /// Reads a rule whose expression may be so big.
    pub fn parse(text: &str, room: Size) -> Result<Self, Fault> {
        let Some((left, right)) = text.rsplit_once('=') else {
            return Ok(Self::filter(text, Pattern::compile(text, room)?));
        };
        match Pattern::compile(left, room) {
            Ok(pattern) => {
                let replacement = Replacement::parse(right, pattern.groups())
                    .map_err(|fault| fault.after(left.len() + 1))?;
                Ok(Self {
                    text: text.into(),
                    pattern,
                    replacement: Some(replacement),
                })
            }
            Err(fault) if fault.is_final() => Err(fault),
            Err(fault) => match Pattern::compile(text, room) {
                Ok(whole) => Ok(Self::filter(text, whole)),
                // An "=" after these is part of the group they open.
                Err(of_whole) if left.ends_with("(?") || left.ends_with("(?<") => Err(of_whole),
                Err(_) => Err(fault),
            },
        }
    }

    fn filter(text: &str, pattern: Pattern) -> Self {
        Self {
            text: text.into(),
            pattern,
            replacement: None,
        }
    }

    /// The rule as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How big its expression is.
    pub fn size(&self) -> Size {
        self.pattern.size()
    }

    /// What the rule does to a number.
    pub fn apply(&self, number: &str, budget: &mut Budget) -> Step {
        let (after, stop) = match self.run(number, budget) {
            Ok(after) => (after, None),
            Err(stop) => (None, Some(stop)),
        };
        Step {
            rule: self.text.clone(),
            kind: match self.replacement {
                Some(_) => Kind::Replace,
                None => Kind::Filter,
            },
            before: number.into(),
            matched: after.is_some(),
            after: after.unwrap_or_else(|| number.into()),
            stop,
        }
    }

    /// The number that the rule leaves, or nothing if its pattern doesn't match.
    fn run(&self, number: &str, budget: &mut Budget) -> Result<Option<String>, Stop> {
        fits(number)?;
        match &self.replacement {
            None => {
                let found = self.pattern.is_match(number, budget)?;
                Ok(found.then(|| number.into()))
            }
            Some(replacement) => self.replace(number, replacement, budget),
        }
    }

    /// Replaces every match, as [`regex::Regex::replace_all`] finds them: an empty one right
    /// behind the match before it doesn't count.
    fn replace(
        &self,
        number: &str,
        replacement: &Replacement,
        budget: &mut Budget,
    ) -> Result<Option<String>, Stop> {
        let part = |range: Range<usize>| number.get(range).unwrap_or_default();
        let mut made = String::new();
        let (mut from, mut last_end) = (0, None);
        while let Some(groups) = self.pattern.find(number, from, budget)? {
            let whole = groups.whole();
            from = whole.end;
            if whole.is_empty() {
                let next = part(whole.end..number.len()).chars().next();
                from = from.saturating_add(next.map_or(1, char::len_utf8));
                if last_end == Some(whole.end) {
                    continue;
                }
            }
            made.push_str(part(last_end.unwrap_or(0)..whole.start));
            replacement.write(&mut made, number, &groups)?;
            last_end = Some(whole.end);
        }
        let Some(last_end) = last_end else {
            return Ok(None);
        };
        made.push_str(part(last_end..number.len()));
        fits(&made)?;
        Ok(Some(made))
    }
}

fn fits(number: &str) -> Result<(), Stop> {
    match number.chars().count() > LONGEST_NUMBER {
        true => Err(Stop::TooLong),
        false => Ok(()),
    }
}
