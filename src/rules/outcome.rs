use serde::Serialize;

/// What rules make of a number, step by step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Whether it is dialled.
    pub verdict: Verdict,
    /// The number as far as the rules have changed it.
    pub number: String,
    /// What each rule did, up to the one that stopped it.
    pub steps: Vec<Step>,
}

/// Whether a number is dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is.
    Dial,
    /// A rule doesn't let it through, or was stopped on it.
    Filtered,
    /// Nothing is left of it.
    Empty,
}

/// What one rule did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The rule as it was typed.
    pub rule: String,
    /// What kind of rule it is.
    pub kind: Kind,
    /// The number that it got.
    pub before: String,
    /// The number that it left.
    pub after: String,
    /// Whether its pattern matched.
    pub matched: bool,
    /// Why the rule was stopped before it was done, if it was.
    #[serde(rename = "reason", skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
}

/// The kinds of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Replaces every match.
    Replace,
    /// Lets a number through that matches.
    Filter,
}

/// Why a rule was stopped before it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// Its expression takes too much trying on this number.
    Attempts,
    /// The number is longer than [`LONGEST_NUMBER`](super::limits::LONGEST_NUMBER), or the rule
    /// makes it so.
    TooLong,
}

impl Stop {
    /// The locale key of the reason.
    pub fn reason_key(self) -> &'static str {
        match self {
            Self::Attempts => "reason-rule-attempts",
            Self::TooLong => "reason-rule-number-long",
        }
    }
}

impl Outcome {
    /// Before the first rule.
    pub(super) fn new(number: &str) -> Self {
        Self {
            verdict: Verdict::Dial,
            number: number.into(),
            steps: Vec::new(),
        }
    }

    /// After one more rule.
    pub(super) fn take(&mut self, step: Step) {
        if step.stop.is_some() || (step.kind == Kind::Filter && !step.matched) {
            self.verdict = Verdict::Filtered;
        }
        self.number.clone_from(&step.after);
        self.steps.push(step);
    }

    /// After the last rule.
    pub(super) fn finish(mut self) -> Self {
        if self.number.trim().is_empty() {
            self.verdict = Verdict::Empty;
        }
        self
    }

    /// The step of the rule because of which the number is not dialled: the one that didn't let
    /// it through, was stopped, or left nothing of it.
    pub fn stopped_by(&self) -> Option<&Step> {
        match self.verdict {
            Verdict::Dial => None,
            Verdict::Filtered => self.steps.last(),
            Verdict::Empty => self
                .steps
                .iter()
                .rfind(|step| step.matched && step.after.trim().is_empty()),
        }
    }
}
