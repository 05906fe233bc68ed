//! `gudok rules`: dial rules on trial, without a profile.

use serde_json::json;

use crate::cli::args::Rules as Face;
use crate::cli::{Exit, Output};
use crate::locale::Texts;
use crate::rules::{Kind, Outcome, RuleError, Rules, Step, Verdict};

/// Carries out what `gudok rules` asks.
pub fn run(face: &Face, output: &Output) -> Exit {
    let Face::Test { rules, number } = face;
    match Rules::parse(rules) {
        Ok(rules) => show(&rules.apply(number), output),
        Err(error) => refuse(&error, number, output),
    }
}

/// Prints what each rule did, and the verdict.
fn show(outcome: &Outcome, output: &Output) -> Exit {
    output.object(&json!(outcome), |texts| {
        let steps = outcome.steps.iter().map(|step| step_text(step, texts));
        let lines: Vec<_> = steps.chain([verdict_text(outcome, texts)]).collect();
        lines.join("\n")
    });
    match outcome.verdict {
        Verdict::Dial => Exit::Done,
        Verdict::Filtered | Verdict::Empty => Exit::Failed,
    }
}

fn step_text(step: &Step, texts: &Texts) -> String {
    let key = match (step.stop, step.kind, step.matched) {
        (Some(_), ..) => "rules-stopped",
        (None, Kind::Replace, true) => "rules-replaced",
        (None, Kind::Replace, false) => "rules-unchanged",
        (None, Kind::Filter, true) => "rules-passed",
        (None, Kind::Filter, false) => "rules-refused",
    };
    let number = |number: &str| match number.is_empty() {
        true => texts.get("rules-nothing"),
        false => number.to_owned(),
    };
    let (before, after) = (number(&step.before), number(&step.after));
    let reason = step.stop.map(|stop| texts.get(stop.reason_key()));
    let values = [
        ("rule", (&step.rule).into()),
        ("before", (&before).into()),
        ("after", (&after).into()),
        ("reason", reason.as_deref().unwrap_or_default().into()),
    ];
    texts.with(key, &values)
}

fn verdict_text(outcome: &Outcome, texts: &Texts) -> String {
    let key = match outcome.verdict {
        Verdict::Dial => "rules-dial",
        Verdict::Filtered => "rules-filtered",
        Verdict::Empty => "rules-empty",
    };
    texts.with(key, &[("number", (&outcome.number).into())])
}

/// Prints why rules can't be used.
fn refuse(error: &RuleError, number: &str, output: &Output) -> Exit {
    let texts = output.texts();
    let key = match error.rule.is_empty() {
        true => "rules-invalid",
        false => "rules-invalid-rule",
    };
    let reason = texts.get(error.reason_key);
    let values = [
        ("rule", (&error.rule).into()),
        ("at", error.at.into()),
        ("reason", (&reason).into()),
    ];
    let text = texts.with(key, &values);
    let details = json!({
        "rule": error.rule,
        "at": error.at,
        "reason": error.reason_key,
        "message": error.message,
    });
    let object = json!({
        "verdict": "invalid",
        "number": number,
        "steps": [],
        "error": details,
        "text": text,
    });
    output.failure(&object, &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Language;
    use crate::rules::limits::{LONGEST_NUMBER, LONGEST_TEXT, MOST_RULES};

    #[test]
    fn the_texts_know_the_limits() {
        let table = [
            ("reason-rule-too-many", MOST_RULES),
            ("reason-rule-text-long", LONGEST_TEXT),
            ("reason-rule-number-long", LONGEST_NUMBER),
        ];
        for language in Language::ALL {
            let texts = Texts::new(language);
            for (key, limit) in table {
                assert!(texts.get(key).contains(&limit.to_string()), "{key}");
            }
        }
    }

    #[test]
    fn a_step_is_told_by_what_the_rule_did() {
        let told = |rules: &str, number: &str| {
            let outcome = Rules::parse(rules).unwrap().apply(number);
            step_text(outcome.steps.last().unwrap(), &Texts::new(Language::En))
        };
        assert_eq!(told("^8=7", "8926"), "^8=7: 8926 → 7926");
        assert_eq!(told("^8=7", "101"), "^8=7: nothing to replace");
        assert_eq!(told(".*=", "101"), ".*=: 101 → nothing");
        assert_eq!(told("^8", "8926"), "^8: matches");
        assert_eq!(told("^8", "101"), "^8: does not match");
        let long = "1".repeat(LONGEST_NUMBER);
        assert!(told("$=1", &long).starts_with("$=1: the number is longer"));
    }
}
