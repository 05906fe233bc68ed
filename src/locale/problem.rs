use std::collections::BTreeMap;

use fluent_bundle::FluentArgs;
use serde_json::Value;

use super::Texts;
use crate::call::Problem;

/// A problem in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemText {
    /// What happened.
    pub what: String,
    /// What to do now.
    pub next: String,
}

impl Texts {
    /// What happened and what to do, in this language.
    ///
    /// The key is `problem-<kind>` and the fields of the problem are the arguments, both by the
    /// names the problem has in JSON. An empty field is the argument `none`, so that a text can
    /// choose other words for it.
    pub fn problem(&self, problem: &Problem) -> ProblemText {
        let mut args = FluentArgs::new();
        let mut key = String::from("problem-");
        if let Ok(Value::Object(fields)) = serde_json::to_value(problem) {
            for (name, value) in fields {
                match value {
                    Value::String(kind) if name == "kind" => key.push_str(&kind),
                    Value::Number(number) => args.set(name, number.as_f64().unwrap_or_default()),
                    value => match self.words(problem, &value) {
                        words if words.is_empty() => args.set(name, "none"),
                        words => args.set(name, words),
                    },
                }
            }
        }
        let next = format!("{key}.next");
        ProblemText {
            what: self.format(&key, Some(&args)).unwrap_or(key),
            next: self.format(&next, Some(&args)).unwrap_or(next),
        }
    }

    /// A field in words: settings by their titles, reasons by their texts, lists in one line.
    fn words(&self, problem: &Problem, value: &Value) -> String {
        match (problem, value) {
            (Problem::NoLine { reasons }, Value::Array(_)) => {
                let line = |(name, why): &(String, Problem)| format!("{name}: {}", self.short(why));
                reasons.iter().map(line).collect::<Vec<_>>().join("; ")
            }
            (Problem::BadValue { setting, .. }, Value::String(text)) if setting == text => {
                self.setting_title(text)
            }
            (Problem::WrongParameters { .. }, Value::String(text)) => self.setting_title(text),
            // "account 1f00" is an account that is not there.
            (Problem::Unknown { what }, Value::String(_)) => match what.split_once(' ') {
                Some((kind @ ("account" | "call" | "device"), _)) => kind.into(),
                _ => what.clone(),
            },
            (Problem::BadValue { args, .. }, Value::String(key)) if key.starts_with("reason-") => {
                self.reason(key, args)
            }
            (_, Value::String(text)) if text.starts_with("reason-") => self.get(text),
            (_, Value::String(text)) => text.clone(),
            (_, Value::Array(items)) => {
                let words: Vec<_> = items.iter().map(|i| self.words(problem, i)).collect();
                words.join(", ")
            }
            (_, other) => other.to_string(),
        }
    }

    /// Why a value can't stand. What stands in that text may be a reason itself.
    pub fn reason(&self, key: &str, args: &BTreeMap<String, String>) -> String {
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            let words = match value.starts_with("reason-") {
                true => self.get(value),
                false => value.clone(),
            };
            values.set(name.clone(), words);
        }
        self.format(key, Some(&values))
            .unwrap_or_else(|| key.into())
    }

    /// A problem in a few words.
    pub fn short(&self, problem: &Problem) -> String {
        self.get(&format!("{}.short", problem.key()))
    }

    /// The title of a setting of an account, or the name itself if it is no such setting.
    fn setting_title(&self, name: &str) -> String {
        match name.parse::<crate::account::SettingId>() {
            Ok(setting) => self.get(setting.spec().title_key),
            Err(_) => name.into(),
        }
    }
}
