//! What expressions weigh: about how many places a matcher may be at while it reads a number.
//! See [`MOST_SIZE`](super::limits::MOST_SIZE).

use fancy_regex::Expr;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Ranges of characters in a class that weigh as much as one character.
const RANGES: usize = 16;

/// The weight of an expression for `regex`.
pub(super) fn of_expression(expression: &Hir) -> usize {
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => of_class(class.ranges().len()),
        HirKind::Class(Class::Bytes(class)) => of_class(class.ranges().len()),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min);
            repeated(of_expression(&repetition.sub), most as usize)
        }
        HirKind::Capture(capture) => of_expression(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            let weights = parts.iter().map(of_expression);
            weights.fold(1, usize::saturating_add)
        }
    }
}

/// The weight of an expression for `fancy-regex`, or nothing if it holds what rules don't have:
/// of all that `fancy-regex` adds, they have look-around, back-references and atomic groups.
pub(super) fn of_looking(expression: &Expr) -> Option<usize> {
    Some(match expression {
        Expr::Empty | Expr::Any { .. } | Expr::Assertion(_) | Expr::Backref { .. } => 1,
        Expr::Literal { val, .. } => val.len(),
        Expr::Delegate { inner, .. } => of_expression(&regex_syntax::parse(inner).ok()?),
        Expr::Repeat { child, lo, hi, .. } => {
            let most = if *hi == usize::MAX { *lo } else { *hi };
            repeated(of_looking(child)?, most)
        }
        Expr::Group(child) => of_looking(child)?.saturating_add(2),
        Expr::LookAround(child, _) | Expr::AtomicGroup(child) => {
            of_looking(child)?.saturating_add(2)
        }
        Expr::Concat(parts) | Expr::Alt(parts) => {
            parts.iter().try_fold(1, |sum: usize, part| {
                Some(sum.saturating_add(of_looking(part)?))
            })?
        }
        _ => return None,
    })
}

fn of_class(ranges: usize) -> usize {
    ranges / RANGES + 1
}

/// Written out this many times, with a fork before each.
fn repeated(weight: usize, most: usize) -> usize {
    weight.saturating_add(1).saturating_mul(most.max(1))
}
