//! Which line a number goes over, and as what.

use std::collections::HashMap;

use super::Book;
use super::identity::{TEST_LINE_HOST, host_port, test_line};
use crate::account::number::{self, Target};
use crate::account::{Account, AccountId};
use crate::call::{Line, Peer, Problem};
use crate::engine::{Registration, RegistrationState};
use crate::rules::Verdict;
use crate::sip::message::{Host, Uri};

/// The lines for a number.
#[derive(Debug)]
pub enum Choice {
    /// One, or the one that is set for such cases.
    One(Line),
    /// Several; the one used last for this number comes first, or else they stand in their order.
    Several(Vec<Line>),
}

/// What a number has to wait for before its line is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waits {
    /// The accounts that are about to register.
    pub accounts: Vec<AccountId>,
    /// Whether another account could take the number already.
    pub patient: bool,
}

/// How an account can take a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Ready,
    Pending,
}

impl Book {
    /// The line for a number: the named account's, or what the rules and registrations leave.
    ///
    /// # Errors
    /// [`Problem::Unknown`], why the named account can't be used, or [`Problem::NoLine`] with a
    /// reason for each account.
    pub fn choose_line(
        &self,
        target: &str,
        account: Option<&AccountId>,
        registrations: &HashMap<AccountId, Registration>,
    ) -> Result<Choice, Problem> {
        if let Some(id) = account {
            let account = self.known(id)?;
            let line = self.line(id).ok_or(Problem::WrongState)?;
            return match self.fit(account, target, registrations) {
                Ok(_) => Ok(Choice::One(line)),
                Err(why) if is_about_the_number(&why) => Err(Problem::NoLine {
                    reasons: vec![(line.name, why)],
                }),
                Err(why) => Err(why),
            };
        }
        if names_test_line(target) {
            return Ok(Choice::One(test_line()));
        }
        let ready = self.fitting(Fit::Ready, target, registrations);
        let lines = match ready.is_empty() {
            true => self.fitting(Fit::Pending, target, registrations),
            false => ready,
        };
        if lines.is_empty() {
            return Err(self.no_line(target, registrations));
        }
        Ok(self.narrowed(lines, target))
    }

    /// All lines that can take a number now, in their order.
    pub fn all_lines(
        &self,
        target: &str,
        registrations: &HashMap<AccountId, Registration>,
    ) -> Vec<Line> {
        self.fitting(Fit::Ready, target, registrations)
    }

    /// What has to register before the line for a number is chosen.
    pub fn waits_for(
        &self,
        target: &str,
        account: Option<&AccountId>,
        registrations: &HashMap<AccountId, Registration>,
    ) -> Waits {
        let pending =
            |account: &&Account| self.fit(account, target, registrations) == Ok(Fit::Pending);
        if let Some(id) = account {
            let waits = self.account(id).filter(pending);
            return Waits {
                accounts: waits
                    .map(|account| account.id.clone())
                    .into_iter()
                    .collect(),
                patient: false,
            };
        }
        if names_test_line(target) {
            return Waits::default();
        }
        Waits {
            accounts: self
                .own()
                .filter(pending)
                .map(|account| account.id.clone())
                .collect(),
            patient: !self.fitting(Fit::Ready, target, registrations).is_empty(),
        }
    }

    /// Remembers the line a number went over.
    ///
    /// # Errors
    /// [`Problem::File`].
    pub fn remember_line(&mut self, target: &str, line: &AccountId) -> Result<(), Problem> {
        match self.profile.is_owned() && !line.is_test_line() {
            true => Ok(self.recent.remember(&memory_key(target), line)?),
            false => Ok(()),
        }
    }

    /// What was dialled last, and over which line; the line only if it is still there.
    pub fn last_dialled(&self) -> Option<(&str, Option<&AccountId>)> {
        let (number, line) = self.recent.last()?;
        let there = self.account(line).is_some();
        Some((number, there.then_some(line)))
    }

    fn own(&self) -> impl Iterator<Item = &Account> {
        let own = |account: &&Account| !account.id.is_test_line();
        self.accounts().filter(own)
    }

    fn fitting(
        &self,
        fit: Fit,
        target: &str,
        registrations: &HashMap<AccountId, Registration>,
    ) -> Vec<Line> {
        let fits = |account: &&Account| self.fit(account, target, registrations) == Ok(fit);
        let fitting = self.own().filter(fits);
        fitting
            .filter_map(|account| self.line(&account.id))
            .collect()
    }

    fn narrowed(&self, mut lines: Vec<Line>, target: &str) -> Choice {
        let default = self.settings.preferences.default_line.as_ref();
        let at = |id: Option<&AccountId>| lines.iter().position(|line| Some(&line.account) == id);
        if let Some(only) = at(default).or((lines.len() == 1).then_some(0)) {
            return Choice::One(lines.swap_remove(only));
        }
        if let Some(last) = at(self.recent.line_for(&memory_key(target))) {
            lines[..=last].rotate_right(1);
        }
        Choice::Several(lines)
    }

    /// Whether an account can take a number.
    fn fit(
        &self,
        account: &Account,
        target: &str,
        registrations: &HashMap<AccountId, Registration>,
    ) -> Result<Fit, Problem> {
        if !account.enabled {
            return Err(Problem::LineOff);
        }
        if let Ok(Target::User(typed)) = number::parse_target(target) {
            after_rules(account, &typed)?;
        }
        let Some(registration) = registrations.get(&account.id) else {
            return Ok(Fit::Pending);
        };
        match (registration.state, &registration.reason) {
            (RegistrationState::Registered | RegistrationState::NotNeeded, _) => Ok(Fit::Ready),
            (_, Some(why)) => Err(why.clone()),
            (RegistrationState::Registering, None) => Ok(Fit::Pending),
            (_, None) => Err(Problem::LineNotReady),
        }
    }

    fn no_line(&self, target: &str, registrations: &HashMap<AccountId, Registration>) -> Problem {
        let why = |account: &Account| {
            let why = self.fit(account, target, registrations).err()?;
            Some((account.title(), why))
        };
        Problem::NoLine {
            reasons: self.own().filter_map(why).collect(),
        }
    }

    /// From what was typed to where the INVITE goes and how the far side is shown.
    ///
    /// # Errors
    /// [`Problem::InvalidNumber`], or why the account's dial rules refuse it.
    /// [`Problem::InvalidNumber`].
    pub fn target_uri(&self, target: &str, id: &AccountId) -> Result<(Uri, Peer), Problem> {
        let invalid = || Problem::InvalidNumber {
            input: target.to_owned(),
        };
        let account = self.known(id)?;
        let domain = host_port(&account.domain, "domain")?;
        let at_domain = |typed: &str, user: &str| -> Result<(Uri, Peer), Problem> {
            let escaped = number::request_user(user).map_err(|_| invalid())?;
            let mut uri = Uri::new(None, domain.host.clone(), domain.port);
            uri.user = Some(escaped);
            let shown = uri.to_string();
            Ok((
                uri,
                Peer {
                    name: None,
                    number: user.trim().to_owned(),
                    uri: shown,
                    typed: (typed != user).then(|| typed.to_owned()),
                },
            ))
        };
        match number::parse_target(target).map_err(|_| invalid())? {
            Target::User(typed) => at_domain(&typed, &after_rules(account, &typed)?),
            Target::Uri(text) => {
                let uri: Uri = text.parse().map_err(|_| invalid())?;
                let user = uri.unescaped_user();
                if id.is_test_line()
                    && let Some(user) = &user
                {
                    return at_domain(user, user);
                }
                let shown = uri.to_string();
                let short = shown
                    .split_once(':')
                    .map_or(shown.as_str(), |(_, rest)| rest);
                Ok((
                    uri,
                    Peer {
                        name: None,
                        number: short.to_owned(),
                        uri: shown.clone(),
                        typed: None,
                    },
                ))
            }
        }
    }
}

/// What the dial rules of an account make of a number.
fn after_rules(account: &Account, typed: &str) -> Result<String, Problem> {
    let outcome = account.rules.apply(typed);
    match (outcome.verdict, outcome.stopped_by()) {
        (Verdict::Dial, _) => Ok(outcome.number),
        (Verdict::Empty, _) => Err(Problem::EmptiedByRules),
        (Verdict::Filtered, step) => {
            let rule = step.map(|step| step.rule.clone()).unwrap_or_default();
            match step.is_some_and(|step| step.stop.is_some()) {
                true => Err(Problem::RuleTooCostly { rule }),
                false => Err(Problem::FilteredByRule { rule }),
            }
        }
    }
}

/// Whether an account is refused because of the number and not by itself.
fn is_about_the_number(why: &Problem) -> bool {
    matches!(
        why,
        Problem::LineOff
            | Problem::LineNotReady
            | Problem::FilteredByRule { .. }
            | Problem::EmptiedByRules
            | Problem::RuleTooCostly { .. }
    )
}

/// A number as the memory of lines knows it: however it was typed.
fn memory_key(target: &str) -> String {
    match number::parse_target(target) {
        Ok(Target::User(user)) => number::request_user(&user).unwrap_or(user),
        Ok(Target::Uri(uri)) => uri,
        Err(_) => target.to_owned(),
    }
}

/// Whether a number is an address of the test line.
pub fn names_test_line(target: &str) -> bool {
    let Ok(Target::Uri(text)) = number::parse_target(target) else {
        return false;
    };
    text.parse::<Uri>()
        .is_ok_and(|uri| uri.host == Host::Name(TEST_LINE_HOST.to_owned()))
}
