//! Lines that belong to somebody else: what is wrong with them is told to the owner, once, and
//! once more when it is over.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::account::AccountId;
use crate::call::Problem;
use crate::engine::note::Note;
use crate::engine::{Registration, RegistrationState};

/// How long a trouble that often passes by itself may last before it is told.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Trouble {
    problem: Problem,
    since: SystemTime,
    told: bool,
    /// Whether it showed in a call; otherwise the line can't register.
    in_call: bool,
}

/// The troubles there are. What was told is to be kept, so that it is told once whatever happens
/// to the program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Troubles {
    lines: BTreeMap<AccountId, Trouble>,
}

impl Troubles {
    /// Reads what was kept; what can't be read is forgotten.
    pub fn read(contents: &[u8]) -> Self {
        serde_json::from_slice(contents).unwrap_or_default()
    }

    /// What is to be kept.
    pub fn kept(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Takes in how a line stands with its registrar; gives what its owner is to be told.
    pub fn registration(
        &mut self,
        account: &AccountId,
        line: &str,
        now: &Registration,
        at: SystemTime,
    ) -> Option<Note> {
        match (now.state, &now.reason) {
            (RegistrationState::Registered | RegistrationState::NotNeeded, _) => {
                let over = |trouble: &Trouble| !trouble.in_call;
                self.over(account, line, over)
            }
            (RegistrationState::Off, _) => {
                self.lines.remove(account);
                None
            }
            (_, Some(problem)) => self.wrong(account, line, problem, false, at),
            (_, None) => None,
        }
    }

    /// A call over a line has failed, or gone through; gives what its owner is to be told.
    pub fn call(
        &mut self,
        account: &AccountId,
        line: &str,
        problem: Option<&Problem>,
        at: SystemTime,
    ) -> Option<Note> {
        match problem {
            None => self.over(account, line, |trouble| trouble.in_call),
            Some(problem) if is_of_the_line(problem) => {
                self.wrong(account, line, problem, true, at)
            }
            Some(_) => None,
        }
    }

    fn wrong(
        &mut self,
        account: &AccountId,
        line: &str,
        problem: &Problem,
        in_call: bool,
        at: SystemTime,
    ) -> Option<Note> {
        // The first one stands: what follows from it is no other trouble.
        let trouble = self.lines.entry(account.clone()).or_insert(Trouble {
            problem: problem.clone(),
            since: at,
            told: false,
            in_call,
        });
        if !trouble.told {
            trouble.problem = problem.clone();
        }
        self.due(account, line, at)
    }

    /// What its owner is to be told of a line by now.
    pub fn due(&mut self, account: &AccountId, line: &str, at: SystemTime) -> Option<Note> {
        let trouble = self
            .lines
            .get_mut(account)
            .filter(|trouble| !trouble.told)?;
        let lasted = at.duration_since(trouble.since).unwrap_or_default();
        if passes(&trouble.problem) && lasted < PATIENCE {
            return None;
        }
        trouble.told = true;
        Some(Note::LineTrouble {
            line: line.to_owned(),
            problem: trouble.problem.clone(),
            since: trouble.since,
        })
    }

    fn over(
        &mut self,
        account: &AccountId,
        line: &str,
        which: impl FnOnce(&Trouble) -> bool,
    ) -> Option<Note> {
        let trouble = self.lines.get(account).filter(|trouble| which(trouble))?;
        let told = trouble.told;
        self.lines.remove(account);
        told.then(|| Note::LineWell {
            line: line.to_owned(),
        })
    }

    /// Forgets a line that nobody else owns any more.
    pub fn forget(&mut self, account: &AccountId) {
        self.lines.remove(account);
    }

    /// The lines whose owner has not been told yet.
    pub fn untold(&self) -> Vec<AccountId> {
        let untold = self.lines.iter().filter(|(_, trouble)| !trouble.told);
        untold.map(|(account, _)| account.clone()).collect()
    }

    /// When an owner has to be told of something, if it lasts until then.
    pub fn next_due(&self) -> Option<SystemTime> {
        let untold = self.lines.values().filter(|trouble| !trouble.told);
        untold.map(|trouble| trouble.since + PATIENCE).min()
    }
}

/// Whether it often passes by itself.
fn passes(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::NoNetwork
            | Problem::NoAnswerFromServer { .. }
            | Problem::ServerDown { .. }
            | Problem::UnknownHost { .. }
            | Problem::Refused { status: 500.., .. }
    )
}

/// Whether a call failed because of the line, and not because of who was called.
fn is_of_the_line(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::WrongPassword | Problem::Forbidden { .. } | Problem::Refused { status: 402, .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: SystemTime = SystemTime::UNIX_EPOCH;

    fn account() -> AccountId {
        "a1".into()
    }

    fn state(state: RegistrationState, reason: Option<Problem>) -> Registration {
        Registration {
            state,
            reason,
            ..Registration::default()
        }
    }

    fn failed(problem: Problem) -> Registration {
        state(RegistrationState::Failed, Some(problem))
    }

    fn after(seconds: u64) -> SystemTime {
        T0 + Duration::from_secs(seconds)
    }

    #[test]
    fn a_trouble_is_told_once_and_once_when_it_is_over() {
        let mut troubles = Troubles::default();
        let mut see = |now: &Registration, at| troubles.registration(&account(), "Офис", now, at);
        let told = see(&failed(Problem::WrongPassword), T0);
        let expected = Note::LineTrouble {
            line: "Офис".into(),
            problem: Problem::WrongPassword,
            since: T0,
        };
        assert_eq!(told, Some(expected));
        assert_eq!(see(&failed(Problem::WrongPassword), after(100)), None);
        assert_eq!(see(&failed(Problem::NoNetwork), after(200)), None);
        let well = state(RegistrationState::Registered, None);
        let line = "Офис".to_owned();
        assert_eq!(see(&well, after(300)), Some(Note::LineWell { line }));
        assert_eq!(see(&well, after(400)), None);
        assert!(
            see(&failed(Problem::WrongPassword), after(500)).is_some(),
            "a new one"
        );
    }

    #[test]
    fn what_often_passes_is_told_only_if_it_lasts() {
        let mut troubles = Troubles::default();
        let down = failed(Problem::NoNetwork);
        assert_eq!(troubles.registration(&account(), "Офис", &down, T0), None);
        assert_eq!(troubles.next_due(), Some(after(60)));
        assert_eq!(troubles.due(&account(), "Офис", after(59)), None);
        let well = state(RegistrationState::Registered, None);
        let over = troubles.registration(&account(), "Офис", &well, after(59));
        assert_eq!(over, None, "nobody was told, so nothing is over");
        troubles.registration(&account(), "Офис", &down, after(100));
        assert_eq!(troubles.untold(), [account()]);
        assert!(troubles.due(&account(), "Офис", after(160)).is_some());
        assert_eq!(troubles.next_due(), None);
    }

    #[test]
    fn calls_that_fail_because_of_the_line_are_told_and_others_are_not() {
        let mut troubles = Troubles::default();
        let mut call = |problem: Option<&Problem>| troubles.call(&account(), "Офис", problem, T0);
        assert_eq!(call(Some(&Problem::Busy)), None);
        assert_eq!(call(Some(&Problem::NotFound)), None);
        let reason = "no money".to_owned();
        let forbidden = Problem::Forbidden { reason };
        assert!(call(Some(&forbidden)).is_some());
        assert_eq!(call(Some(&forbidden)), None);
        assert!(matches!(call(None), Some(Note::LineWell { .. })));
        assert_eq!(call(None), None);
    }

    #[test]
    fn a_registration_does_not_end_a_trouble_of_calls_and_a_line_that_is_off_has_none() {
        let mut troubles = Troubles::default();
        troubles.call(&account(), "Офис", Some(&Problem::WrongPassword), T0);
        let well = state(RegistrationState::Registered, None);
        assert_eq!(troubles.registration(&account(), "Офис", &well, T0), None);
        assert!(troubles.call(&account(), "Офис", None, T0).is_some());
        troubles.registration(&account(), "Офис", &failed(Problem::WrongPassword), T0);
        let off = state(RegistrationState::Off, None);
        assert_eq!(troubles.registration(&account(), "Офис", &off, T0), None);
        assert_eq!(troubles, Troubles::default());
    }

    #[test]
    fn what_was_told_is_known_after_a_restart() {
        let mut before = Troubles::default();
        let refused = failed(Problem::WrongPassword);
        before.registration(&account(), "Офис", &refused, T0);
        let mut after_restart = Troubles::read(&before.kept());
        assert_eq!(after_restart, before);
        let again = after_restart.registration(&account(), "Офис", &refused, after(9));
        assert_eq!(again, None);
        assert_eq!(Troubles::read(b"nonsense"), Troubles::default());
    }
}
