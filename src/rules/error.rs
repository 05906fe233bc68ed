use fancy_regex::{CompileError, ParseError};
use regex_syntax::{ast, hir};

const TOO_BIG: &str = "reason-rule-too-big";
const LOOK_BEHIND: &str = "reason-rule-look-behind";

/// A rule that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {message} (character {at})")]
pub struct RuleError {
    /// The rule, or nothing if it is the text as a whole.
    pub rule: String,
    /// The place in the text as it was typed, in characters from 1.
    pub at: usize,
    /// The locale key of the reason.
    pub reason_key: &'static str,
    /// The reason for who knows regular expressions, in English.
    pub message: String,
}

impl RuleError {
    /// A rule with this many characters in front of it.
    pub(super) fn new(rule: &str, before: usize, fault: Fault) -> Self {
        let inside = rule
            .char_indices()
            .take_while(|(octet, _)| *octet < fault.at)
            .count();
        Self {
            rule: rule.into(),
            at: before + inside + 1,
            reason_key: fault.reason_key,
            message: fault.message,
        }
    }

    /// The text as a whole.
    pub(super) fn of_text(fault: Fault) -> Self {
        Self::new("", 0, fault)
    }
}

/// What is wrong inside a rule.
#[derive(Debug)]
pub(super) struct Fault {
    /// The place, in octets from the start of the rule.
    at: usize,
    reason_key: &'static str,
    message: String,
}

impl Fault {
    fn new(at: usize, reason_key: &'static str, message: impl ToString) -> Self {
        let message = message.to_string();
        Self {
            at,
            reason_key,
            // Some draw the expression above what is wrong with it.
            message: message.lines().last().unwrap_or_default().into(),
        }
    }

    /// The same, with this many octets in front of it.
    pub fn after(mut self, octets: usize) -> Self {
        self.at += octets;
        self
    }

    /// Whether it would be wrong as well with more text behind it.
    pub fn is_final(&self) -> bool {
        matches!(self.reason_key, TOO_BIG | LOOK_BEHIND)
    }

    /// The text is longer than [`LONGEST_TEXT`](super::limits::LONGEST_TEXT).
    pub fn text_too_long() -> Self {
        Self::new(0, "reason-rule-text-long", "the text is too long")
    }

    /// There are more than [`MOST_RULES`](super::limits::MOST_RULES).
    pub fn too_many() -> Self {
        Self::new(0, "reason-rule-too-many", "too many rules")
    }

    /// The expression weighs more than there is room for.
    pub fn too_big() -> Self {
        Self::new(0, TOO_BIG, "the expression is too big")
    }

    /// The expression has something that rules don't.
    pub fn unsupported() -> Self {
        Self::new(0, "reason-rule-unsupported", "not supported")
    }

    /// The replacement names a group that the pattern doesn't have.
    pub fn no_group(at: usize, group: usize) -> Self {
        Self::new(at, "reason-rule-no-group", format!("no group {group}"))
    }

    /// The replacement has a backslash with nothing it could stand for.
    pub fn replacement_escape(at: usize) -> Self {
        let message = "unrecognized escape sequence in the replacement";
        Self::new(at, "reason-rule-replacement", message)
    }
}

impl Fault {
    /// What the grammar has against an expression.
    pub fn of_syntax(error: &ast::Error) -> Self {
        let at = error.span().start.offset;
        Self::new(at, reason_of_syntax(error.kind()), error.kind())
    }

    /// What `regex` has against an expression that the grammar has nothing against.
    pub fn of_linear(error: regex::Error, expression: &str) -> Self {
        match (error, regex_syntax::parse(expression)) {
            (regex::Error::CompiledTooBig(_), _) => Self::too_big(),
            (_, Err(regex_syntax::Error::Translate(error))) => {
                let at = error.span().start.offset;
                Self::new(at, reason_of_meaning(error.kind()), error.kind())
            }
            (error, _) => Self::new(0, "reason-rule-expression", error),
        }
    }

    /// What `fancy-regex` has against an expression.
    pub fn of_looking(error: fancy_regex::Error, expression: &str) -> Self {
        match error {
            fancy_regex::Error::ParseError(at, error) => {
                let rest = expression.get(at..).unwrap_or_default();
                Self::new(at, reason_of_parse(&error, rest), error)
            }
            fancy_regex::Error::CompileError(error) => match *error {
                CompileError::InvalidBackref(group) => Self::no_group(0, group),
                CompileError::PatternTooComplex => Self::too_big(),
                error @ (CompileError::LookBehindNotConst
                | CompileError::VariableLookBehindRequiresFeature) => {
                    Self::new(0, LOOK_BEHIND, error)
                }
                error => Self::new(0, "reason-rule-expression", error),
            },
            error => Self::new(0, "reason-rule-expression", error),
        }
    }
}

fn reason_of_syntax(kind: &ast::ErrorKind) -> &'static str {
    use ast::ErrorKind::*;
    match kind {
        GroupUnclosed => "reason-rule-unclosed-group",
        GroupUnopened => "reason-rule-unopened-group",
        ClassUnclosed => "reason-rule-unclosed-class",
        ClassRangeInvalid | ClassRangeLiteral => "reason-rule-range",
        RepetitionMissing => "reason-rule-nothing-to-repeat",
        RepetitionCountInvalid
        | RepetitionCountDecimalEmpty
        | RepetitionCountUnclosed
        | DecimalEmpty
        | DecimalInvalid => "reason-rule-count",
        EscapeUnexpectedEof => "reason-rule-backslash",
        EscapeUnrecognized
        | EscapeHexEmpty
        | EscapeHexInvalid
        | EscapeHexInvalidDigit
        | ClassEscapeInvalid => "reason-rule-escape",
        FlagDanglingNegation
        | FlagDuplicate { .. }
        | FlagRepeatedNegation { .. }
        | FlagUnexpectedEof
        | FlagUnrecognized
        | GroupNameDuplicate { .. }
        | GroupNameEmpty
        | GroupNameInvalid
        | GroupNameUnexpectedEof => "reason-rule-group",
        UnicodeClassInvalid => "reason-rule-property",
        NestLimitExceeded(_) => TOO_BIG,
        _ => "reason-rule-expression",
    }
}

fn reason_of_meaning(kind: &hir::ErrorKind) -> &'static str {
    use hir::ErrorKind::*;
    match kind {
        UnicodePropertyNotFound | UnicodePropertyValueNotFound => "reason-rule-property",
        _ => "reason-rule-expression",
    }
}

/// The reason of an error that was found in front of this rest of the expression.
fn reason_of_parse(error: &ParseError, rest: &str) -> &'static str {
    match error {
        ParseError::GeneralParseError(_) if rest.starts_with(')') => "reason-rule-unopened-group",
        ParseError::UnclosedOpenParen => "reason-rule-unclosed-group",
        ParseError::InvalidRepeat => "reason-rule-count",
        ParseError::TargetNotRepeatable => "reason-rule-nothing-to-repeat",
        ParseError::RecursionExceeded => TOO_BIG,
        ParseError::TrailingBackslash => "reason-rule-backslash",
        ParseError::InvalidEscape(_)
        | ParseError::InvalidHex
        | ParseError::InvalidCodepointValue => "reason-rule-escape",
        ParseError::InvalidClass => "reason-rule-unclosed-class",
        ParseError::UnknownFlag(_) | ParseError::InvalidGroupName => "reason-rule-group",
        ParseError::InvalidBackref | ParseError::InvalidGroupNameBackref(_) => {
            "reason-rule-no-group"
        }
        ParseError::UnclosedUnicodeName => "reason-rule-property",
        _ => "reason-rule-expression",
    }
}
