use std::ops::Range;

use super::error::Fault;
use super::limits::{Budget, MOST_ATTEMPTS, MOST_PLACES_LOOKING};
use super::outcome::Stop;
use super::size::Size;

/// How deep groups may stand in each other. `fancy-regex` has this limit of its own.
const DEEPEST: u32 = 64;
/// The most memory that a compiled expression may take, in octets.
const MOST_MEMORY: usize = 2 << 20;
/// The most instructions that `fancy-regex` may compile an expression to.
const MOST_INSTRUCTIONS: usize = 8 * MOST_PLACES_LOOKING;
/// The groups that can be told apart: the whole match and `\1` to `\9`.
const GROUPS: usize = 10;

/// A regular expression, compiled.
#[derive(Debug)]
pub(super) struct Pattern {
    engine: Engine,
    size: Size,
}

#[derive(Debug)]
enum Engine {
    /// Takes time linear to the number.
    Linear(regex::Regex),
    /// Knows look-around and back-references, and may try many ways.
    Looking(fancy_regex::Regex),
}

/// Where the groups of a match lie, in octets.
#[derive(Debug, Default)]
pub(super) struct Groups([Option<Range<usize>>; GROUPS]);

impl Groups {
    /// The whole match.
    pub fn whole(&self) -> Range<usize> {
        self.0[0].clone().unwrap_or_default()
    }

    /// What a group of a match in this number holds; nothing if it took no part.
    pub fn text<'n>(&self, group: usize, number: &'n str) -> &'n str {
        let range = self.0.get(group).cloned().flatten();
        range
            .and_then(|range| number.get(range))
            .unwrap_or_default()
    }
}

impl FromIterator<Option<Range<usize>>> for Groups {
    fn from_iter<I: IntoIterator<Item = Option<Range<usize>>>>(ranges: I) -> Self {
        let mut groups = Self::default();
        for (group, range) in groups.0.iter_mut().zip(ranges) {
            *group = range;
        }
        groups
    }
}

impl Pattern {
    /// Compiles an expression that may be so big.
    pub fn compile(text: &str, room: Size) -> Result<Self, Fault> {
        let parsed = regex_syntax::ast::parse::ParserBuilder::new()
            .nest_limit(DEEPEST)
            .build()
            .parse(text);
        match parsed {
            Ok(expression) => Self::linear(text, Size::of_linear(&expression), room),
            Err(error) if needs_looking(&error) => Self::looking(text, room),
            Err(error) => Err(Fault::of_syntax(&error)),
        }
    }

    fn linear(text: &str, size: Size, room: Size) -> Result<Self, Fault> {
        size.taken_from(room).ok_or_else(Fault::too_big)?;
        let regex = regex::RegexBuilder::new(text)
            .nest_limit(DEEPEST)
            .size_limit(MOST_MEMORY)
            .dfa_size_limit(MOST_MEMORY)
            .build()
            .map_err(|error| Fault::of_linear(error, text))?;
        Ok(Self {
            engine: Engine::Linear(regex),
            size,
        })
    }

    fn looking(text: &str, room: Size) -> Result<Self, Fault> {
        let wrong = |error| Fault::of_looking(error, text);
        let tree = fancy_regex::Expr::parse_tree(text).map_err(wrong)?;
        let size = Size::of_looking(&tree.expr).ok_or_else(Fault::unsupported)?;
        let room = Size {
            places: room.places.min(MOST_PLACES_LOOKING),
            ..room
        };
        size.taken_from(room).ok_or_else(Fault::too_big)?;
        let regex = fancy_regex::RegexBuilder::new(text)
            .backtrack_limit(MOST_ATTEMPTS)
            .delegate_size_limit(MOST_MEMORY)
            .delegate_dfa_size_limit(MOST_MEMORY)
            .max_prog_size(MOST_INSTRUCTIONS)
            // Several of its releases corrected rewrites that changed what an expression matches.
            .optimize(false)
            .build()
            .map_err(wrong)?;
        Ok(Self {
            engine: Engine::Looking(regex),
            size,
        })
    }

    /// How big the expression is.
    pub fn size(&self) -> Size {
        self.size
    }

    /// How many groups it has, the whole match not counted.
    pub fn groups(&self) -> usize {
        let with_whole = match &self.engine {
            Engine::Linear(regex) => regex.captures_len(),
            Engine::Looking(regex) => regex.captures_len(),
        };
        with_whole.saturating_sub(1)
    }

    /// Whether it matches anywhere in a number.
    pub fn is_match(&self, number: &str, budget: &mut Budget) -> Result<bool, Stop> {
        self.pay(number.len(), budget)?;
        match &self.engine {
            Engine::Linear(regex) => Ok(regex.is_match(number)),
            Engine::Looking(regex) => regex.is_match(number).map_err(|_| Stop::Attempts),
        }
    }

    /// The first match in a number from this octet on, which stands before a character or at
    /// the end; past the end there is none.
    pub fn find(
        &self,
        number: &str,
        from: usize,
        budget: &mut Budget,
    ) -> Result<Option<Groups>, Stop> {
        let Some(octets) = number.len().checked_sub(from) else {
            return Ok(None);
        };
        self.pay(octets, budget)?;
        Ok(match &self.engine {
            Engine::Linear(regex) => regex
                .captures_at(number, from)
                .map(|found| found.iter().map(|group| Some(group?.range())).collect()),
            Engine::Looking(regex) => regex
                .captures_from_pos(number, from)
                .map_err(|_| Stop::Attempts)?
                .map(|found| found.iter().map(|group| Some(group?.range())).collect()),
        })
    }

    fn pay(&self, octets: usize, budget: &mut Budget) -> Result<(), Stop> {
        match &self.engine {
            Engine::Linear(_) => budget.pay_linear(self.size, octets),
            Engine::Looking(_) => budget.pay_looking(self.size, octets),
        }
    }
}

/// Whether what stands against an expression is something that only `fancy-regex` knows.
fn needs_looking(error: &regex_syntax::ast::Error) -> bool {
    use regex_syntax::ast::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::UnsupportedLookAround | ErrorKind::UnsupportedBackreference
    )
}
