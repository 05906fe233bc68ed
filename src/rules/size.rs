use fancy_regex::Expr;
use regex_syntax::ast::{
    Ast, ClassPerl, ClassPerlKind, ClassSet, ClassSetItem, Flag, Flags, GroupKind, RepetitionKind,
    RepetitionRange,
};

/// What `\d`, `\D`, `\s` and other named classes count in [`Size::ranges`].
const DIGITS: usize = 90;
const NO_DIGITS: usize = 200;
const SPACES: usize = 30;
const NAMED: usize = 800;
/// What a class counts more if it goes on beyond the letters of living scripts: characters that
/// differ in how many octets they have take so many pieces.
const FAR: usize = 16;
/// The last character in front of those.
const LAST_NEAR: char = '\u{ffff}';
/// The longest range that may stand in an expression that ignores case, in characters: each of
/// them is looked up when the expression is compiled.
const LONGEST_FOLDED: u32 = 1000;
/// What never fits.
const ENDLESS: usize = usize::MAX;

/// How big an expression is, with what it repeats written out: `\d{10}` is ten times `\d`. It is
/// known before the expression is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// About how many places a matcher may be at while it reads a number: one for a character or
    /// a class of characters, and some for what joins them. Bounds the time that matching takes.
    pub places: usize,
    /// About how many ranges of characters all classes have. Bounds the time and memory that
    /// compiling takes: `[0-9]` has one, `\d` and `\w` mean the digits and letters of all scripts.
    pub ranges: usize,
}

impl Size {
    /// One place.
    const PLACE: Self = Self::class(0);

    /// A class of characters.
    const fn class(ranges: usize) -> Self {
        Self { places: 1, ranges }
    }

    /// The size of an expression for `regex`.
    pub fn of_linear(expression: &Ast) -> Self {
        Self::measure(expression, ignores_case(expression))
    }

    /// The size of an expression for `fancy-regex`, or nothing if it holds what rules don't have:
    /// of all that `fancy-regex` adds, they have look-around, back-references and atomic groups.
    pub fn of_looking(expression: &Expr) -> Option<Self> {
        Some(match expression {
            Expr::Empty | Expr::Assertion(_) | Expr::Backref { .. } => Self::PLACE,
            Expr::Any { .. } => Self::class(FAR),
            Expr::Literal { val, .. } => Self::PLACE.times(val.len()),
            Expr::Delegate { inner, casei } => {
                let class = regex_syntax::ast::parse::Parser::new().parse(inner).ok()?;
                Self::measure(&class, *casei)
            }
            Expr::Repeat { child, lo, hi, .. } => {
                let most = if *hi == usize::MAX { *lo } else { *hi };
                Self::of_looking(child)?.repeated(most)
            }
            Expr::Group(child) => Self::of_looking(child)?.in_group(),
            Expr::LookAround(child, _) | Expr::AtomicGroup(child) => {
                Self::of_looking(child)?.in_group()
            }
            Expr::Concat(parts) | Expr::Alt(parts) => {
                parts.iter().try_fold(Self::PLACE, |sum, part| {
                    Some(sum.and(Self::of_looking(part)?))
                })?
            }
            _ => return None,
        })
    }

    fn measure(expression: &Ast, ignores_case: bool) -> Self {
        let sum = |parts: &[Ast]| {
            let sizes = parts.iter().map(|part| Self::measure(part, ignores_case));
            sizes.fold(Self::PLACE, Self::and)
        };
        match expression {
            Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => Self::PLACE,
            Ast::Literal(literal) => Self::PLACE.times(literal.c.len_utf8()),
            Ast::Dot(_) => Self::class(FAR),
            Ast::ClassPerl(class) => Self::class(ranges_of_perl(class)),
            Ast::ClassUnicode(_) => Self::class(if ignores_case { ENDLESS } else { NAMED }),
            Ast::ClassBracketed(class) => {
                let ranges = ranges_of_set(&class.kind, ignores_case);
                Self::class(ranges.saturating_add(if class.negated { FAR } else { 0 }))
            }
            Ast::Repetition(repetition) => {
                let most = most_times(&repetition.op.kind);
                Self::measure(&repetition.ast, ignores_case).repeated(most)
            }
            Ast::Group(group) => Self::measure(&group.ast, ignores_case).in_group(),
            Ast::Alternation(alternation) => sum(&alternation.asts),
            Ast::Concat(concat) => sum(&concat.asts),
        }
    }

    /// Both together.
    fn and(self, other: Self) -> Self {
        Self {
            places: self.places.saturating_add(other.places),
            ranges: self.ranges.saturating_add(other.ranges),
        }
    }

    fn times(self, count: usize) -> Self {
        Self {
            places: self.places.saturating_mul(count),
            ranges: self.ranges.saturating_mul(count),
        }
    }

    /// So many times at most, with a fork before each.
    fn repeated(self, most: usize) -> Self {
        self.and(Self::PLACE).times(most.max(1))
    }

    /// With what marks where a group starts and ends.
    fn in_group(self) -> Self {
        self.and(Self::PLACE.times(2))
    }

    /// What is left of this much room, if there is enough.
    pub fn taken_from(self, room: Self) -> Option<Self> {
        Some(Self {
            places: room.places.checked_sub(self.places)?,
            ranges: room.ranges.checked_sub(self.ranges)?,
        })
    }
}

/// How often a repetition is written out: without an upper bound, the last one goes round.
fn most_times(kind: &RepetitionKind) -> usize {
    let most = match kind {
        RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore | RepetitionKind::OneOrMore => 1,
        RepetitionKind::Range(
            RepetitionRange::Exactly(most)
            | RepetitionRange::AtLeast(most)
            | RepetitionRange::Bounded(_, most),
        ) => *most,
    };
    most as usize
}

fn ranges_of_perl(class: &ClassPerl) -> usize {
    match class.kind {
        ClassPerlKind::Digit if class.negated => NO_DIGITS,
        ClassPerlKind::Digit => DIGITS,
        ClassPerlKind::Space => SPACES,
        ClassPerlKind::Word => NAMED,
    }
}

/// The ranges of what stands in square brackets. If case is ignored, none may be long.
fn ranges_of_set(set: &ClassSet, ignores_case: bool) -> usize {
    match set {
        ClassSet::Item(item) => ranges_of_item(item, ignores_case),
        ClassSet::BinaryOp(both) => {
            let left = ranges_of_set(&both.lhs, ignores_case);
            left.saturating_add(ranges_of_set(&both.rhs, ignores_case))
        }
    }
}

fn ranges_of_item(item: &ClassSetItem, ignores_case: bool) -> usize {
    let unless_folded = |is_long: bool, ranges| match ignores_case && is_long {
        true => ENDLESS,
        false => ranges,
    };
    match item {
        ClassSetItem::Empty(_) => 0,
        ClassSetItem::Literal(_) => 1,
        ClassSetItem::Range(range) => {
            let (first, last) = (range.start.c, range.end.c);
            let length = u32::from(last).saturating_sub(u32::from(first));
            let ranges = if last > LAST_NEAR { FAR } else { 1 };
            unless_folded(length > LONGEST_FOLDED, ranges)
        }
        ClassSetItem::Ascii(class) => unless_folded(class.negated, FAR),
        ClassSetItem::Unicode(_) => unless_folded(true, NAMED),
        ClassSetItem::Perl(class) => {
            let is_long = class.negated || class.kind == ClassPerlKind::Word;
            unless_folded(is_long, ranges_of_perl(class))
        }
        ClassSetItem::Bracketed(class) => {
            let ranges = ranges_of_set(&class.kind, ignores_case);
            unless_folded(class.negated, ranges.saturating_add(FAR))
        }
        ClassSetItem::Union(union) => union
            .items
            .iter()
            .map(|item| ranges_of_item(item, ignores_case))
            .fold(0, usize::saturating_add),
    }
}

/// Whether `(?i)` stands anywhere in an expression.
fn ignores_case(expression: &Ast) -> bool {
    let is_set = |flags: &Flags| flags.flag_state(Flag::CaseInsensitive) == Some(true);
    match expression {
        Ast::Flags(set) => is_set(&set.flags),
        Ast::Group(group) => {
            matches!(&group.kind, GroupKind::NonCapturing(flags) if is_set(flags))
                || ignores_case(&group.ast)
        }
        Ast::Repetition(repetition) => ignores_case(&repetition.ast),
        Ast::Alternation(alternation) => alternation.asts.iter().any(ignores_case),
        Ast::Concat(concat) => concat.asts.iter().any(ignores_case),
        _ => false,
    }
}
