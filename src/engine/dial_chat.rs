//! Numbers that were written to the dial chat, from the message to what became of the call.
//!
//! Pure: what is written back comes out as notes, each with the message it answers.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};

use crate::account::AccountId;
use crate::call::{CallId, CallState, Direction, Problem};
use crate::engine::note::Note;
use crate::telegram::Heard;

/// How long it rings here before a number that was written is dialled.
const RINGS: Duration = Duration::from_secs(45);
/// How long a number that was written waits to be dialled by hand.
const WAITS: Duration = Duration::from_secs(600);
/// How many numbers wait at once.
const MOST: usize = 3;
/// How many calls are known to have been written of.
const WRITTEN: usize = 50;

/// A number of the dial chat that waits for a person at this computer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DialRequest {
    /// Names it.
    pub id: u64,
    /// The number or address, as it was written.
    pub target: String,
    /// The line it will go over.
    pub account: AccountId,
    /// The name of that line.
    pub line: String,
    /// Whether it rings here; otherwise it waits for a click.
    pub rings: bool,
    /// Until when it waits.
    #[serde(rename = "left_s", serialize_with = "seconds_until")]
    pub until: Instant,
    #[serde(skip)]
    message: i32,
}

#[cfg(test)]
impl DialRequest {
    /// One that was just made.
    pub(crate) fn sample(id: u64, target: &str, line: &str, rings: bool) -> Self {
        Self {
            id,
            target: target.into(),
            account: line.into(),
            line: line.into(),
            rings,
            until: Instant::now() + RINGS,
            message: 0,
        }
    }
}

/// A line that could take a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub account: AccountId,
    pub name: String,
    /// Whether this computer rings first.
    pub callback: bool,
}

/// A note, and the message that it answers.
pub(super) type Answer = (Note, Option<i32>);

/// What is asked in the chat: which line?
#[derive(Debug)]
struct Question {
    message: i32,
    target: String,
    lines: Vec<Choice>,
    until: Instant,
}

/// The numbers that were written and are not done with.
#[derive(Debug, Default)]
pub(super) struct DialChat {
    requests: Vec<DialRequest>,
    question: Option<Question>,
    /// The calls that came of it, and the message of each.
    calls: HashMap<CallId, i32>,
    /// The calls that were last written of.
    written: VecDeque<CallId>,
    made: u64,
}

impl DialChat {
    /// The numbers that wait for a person here.
    pub fn requests(&self) -> &[DialRequest] {
        &self.requests
    }

    /// Whether it rings because of one of them.
    pub fn rings(&self) -> bool {
        self.requests.iter().any(|request| request.rings)
    }

    /// Takes in a message. `lines` gives the lines that could take a number.
    pub fn hear(
        &mut self,
        heard: &Heard,
        lines: impl FnOnce(&str) -> Result<Vec<Choice>, Problem>,
        now: Instant,
    ) -> Vec<Answer> {
        let number = heard.number.clone();
        if heard.late {
            return vec![(Note::DialLate { number }, Some(heard.message))];
        }
        if let Some(line) = self.chosen(&number) {
            let Some(question) = self.question.take() else {
                return Vec::new();
            };
            return self.request(question.target, line, question.message, now);
        }
        let lines = match lines(&number) {
            Ok(lines) => lines,
            Err(problem) => return vec![(Note::DialFailed { problem }, Some(heard.message))],
        };
        match <[Choice; 1]>::try_from(lines) {
            Ok([line]) => self.request(number, line, heard.message, now),
            Err(lines) => {
                let names = lines.iter().map(|line| line.name.clone()).collect();
                self.question = Some(Question {
                    message: heard.message,
                    target: number.clone(),
                    lines,
                    until: now + WAITS,
                });
                let lines = names;
                vec![(Note::DialQuestion { number, lines }, Some(heard.message))]
            }
        }
    }

    /// The line that a message chooses, if lines were asked for.
    fn chosen(&self, text: &str) -> Option<Choice> {
        let question = self.question.as_ref()?;
        let number: usize = text.parse().ok().filter(|_| text.len() <= 2)?;
        question.lines.get(number.checked_sub(1)?).cloned()
    }

    fn request(&mut self, target: String, line: Choice, message: i32, now: Instant) -> Vec<Answer> {
        let mut notes = Vec::new();
        // The same number once more is not another call.
        self.requests.retain(|request| request.target != target);
        while self.requests.len() >= MOST {
            let dropped = self.requests.remove(0);
            notes.push((Note::DialLapsed, Some(dropped.message)));
        }
        self.made += 1;
        self.requests.push(DialRequest {
            id: self.made,
            target,
            account: line.account,
            line: line.name,
            rings: line.callback,
            until: now + if line.callback { RINGS } else { WAITS },
            message,
        });
        notes
    }

    /// Somebody here wants a number dialled: gives it, its line, and its message.
    ///
    /// # Errors
    /// [`Problem::Unknown`].
    pub fn accept(&mut self, id: u64) -> Result<(String, AccountId, i32), Problem> {
        let request = self.take(id)?;
        Ok((request.target, request.account, request.message))
    }

    /// Somebody here doesn't want a number dialled.
    ///
    /// # Errors
    /// [`Problem::Unknown`].
    pub fn dismiss(&mut self, id: u64) -> Result<Answer, Problem> {
        let request = self.take(id)?;
        Ok((Note::DialDeclined, Some(request.message)))
    }

    fn take(&mut self, id: u64) -> Result<DialRequest, Problem> {
        let at = self.requests.iter().position(|request| request.id == id);
        let at = at.ok_or_else(|| Problem::Unknown {
            what: format!("request {id}"),
        })?;
        Ok(self.requests.remove(at))
    }

    /// When something has waited long enough.
    pub fn next_due(&self) -> Option<Instant> {
        let question = self.question.iter().map(|question| question.until);
        let requests = self.requests.iter().map(|request| request.until);
        requests.chain(question).min()
    }

    /// Gives up what has waited long enough.
    pub fn lapse(&mut self, now: Instant) -> Vec<Answer> {
        self.question.take_if(|question| question.until <= now);
        let over = |request: &mut DialRequest| request.until <= now;
        let lapsed = self.requests.extract_if(.., over);
        lapsed
            .map(|request| (Note::DialLapsed, Some(request.message)))
            .collect()
    }

    /// A number was dialled, or could not be.
    pub fn dialled(&mut self, message: i32, call: Result<CallId, Problem>) -> Option<Answer> {
        match call {
            Ok(call) => {
                self.calls.insert(call, message);
                None
            }
            Err(problem) => Some((Note::DialFailed { problem }, Some(message))),
        }
    }

    /// Whether this is asked of a call for the first time.
    pub fn is_first(&mut self, call: CallId) -> bool {
        if self.written.contains(&call) {
            return false;
        }
        if self.written.len() >= WRITTEN {
            self.written.pop_front();
        }
        self.written.push_back(call);
        true
    }

    /// The message that a call came of, once the call is over.
    pub fn ended(&mut self, call: CallId) -> Option<i32> {
        self.calls.remove(&call)
    }
}

/// Whether a call came in, and nobody answered or declined it.
pub(super) fn is_missed(
    direction: Direction,
    state: &CallState,
    answered: Option<Instant>,
) -> bool {
    let over = matches!(state, CallState::Ended { sip_status, .. } if *sip_status != Some(603));
    direction == Direction::Incoming && answered.is_none() && over
}

fn seconds_until<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    at.saturating_duration_since(Instant::now())
        .as_secs()
        .serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(message: i32, number: &str) -> Heard {
        Heard {
            message,
            number: number.into(),
            late: false,
        }
    }

    fn line(name: &str, callback: bool) -> Choice {
        Choice {
            account: name.into(),
            name: name.into(),
            callback,
        }
    }

    fn one(callback: bool) -> impl FnOnce(&str) -> Result<Vec<Choice>, Problem> {
        move |_| Ok(vec![line("office", callback)])
    }

    fn several(_: &str) -> Result<Vec<Choice>, Problem> {
        Ok(vec![line("office", false), line("home", true)])
    }

    #[test]
    fn a_number_rings_here_or_waits_for_a_click_and_is_dialled_then() {
        let now = Instant::now();
        let mut chat = DialChat::default();
        assert_eq!(chat.hear(&heard(5, "112"), one(false), now), []);
        assert!(!chat.rings());
        assert_eq!(chat.hear(&heard(6, "113"), one(true), now), []);
        assert!(chat.rings());
        let ids: Vec<u64> = chat.requests().iter().map(|request| request.id).collect();
        assert_eq!(chat.accept(ids[1]), Ok(("113".into(), "office".into(), 6)));
        assert!(chat.accept(ids[1]).is_err());
        assert_eq!(chat.dialled(6, Ok(CallId(1))), None);
        assert_eq!(chat.ended(CallId(1)), Some(6));
        assert_eq!(chat.ended(CallId(1)), None);
        assert_eq!(chat.dismiss(ids[0]), Ok((Note::DialDeclined, Some(5))));
        let problem = Problem::LineOff;
        let failed = chat.dialled(7, Err(problem.clone())).unwrap();
        assert_eq!(failed, (Note::DialFailed { problem }, Some(7)));
    }

    #[test]
    fn a_number_that_came_late_is_not_dialled_but_said() {
        let late = Heard {
            late: true,
            ..heard(5, "112")
        };
        let mut chat = DialChat::default();
        let number = "112".to_owned();
        let notes = chat.hear(&late, one(true), Instant::now());
        assert_eq!(notes, [(Note::DialLate { number }, Some(5))]);
        assert!(chat.requests().is_empty());
    }

    #[test]
    fn several_lines_are_asked_for_and_a_number_of_the_list_chooses() {
        let now = Instant::now();
        let mut chat = DialChat::default();
        let notes = chat.hear(&heard(5, "112"), several, now);
        let asked = Note::DialQuestion {
            number: "112".into(),
            lines: vec!["office".into(), "home".into()],
        };
        assert_eq!(notes, [(asked, Some(5))]);
        assert!(chat.requests().is_empty());
        assert_eq!(chat.hear(&heard(7, "2"), one(false), now), []);
        let request = &chat.requests()[0];
        assert_eq!(
            (request.target.as_str(), request.line.as_str()),
            ("112", "home")
        );
        assert!(request.rings);
        // Asked no longer, the same digit is a number.
        assert_eq!(chat.hear(&heard(8, "2"), one(false), now), []);
        assert_eq!(chat.requests()[1].target, "2");
    }

    #[test]
    fn another_number_takes_the_place_of_a_question_and_no_line_is_said() {
        let now = Instant::now();
        let mut chat = DialChat::default();
        chat.hear(&heard(5, "112"), several, now);
        chat.hear(&heard(6, "3"), one(false), now);
        assert_eq!(chat.requests()[0].target, "3", "there is no third line");
        let none = |_: &str| Err(Problem::LineOff);
        let notes = chat.hear(&heard(7, "113"), none, now);
        let problem = Problem::LineOff;
        assert_eq!(notes, [(Note::DialFailed { problem }, Some(7))]);
    }

    #[test]
    fn what_nobody_takes_lapses_and_is_said() {
        let now = Instant::now();
        let mut chat = DialChat::default();
        chat.hear(&heard(5, "112"), one(true), now);
        chat.hear(&heard(6, "113"), one(false), now);
        assert_eq!(chat.next_due(), Some(now + RINGS));
        assert_eq!(chat.lapse(now), []);
        assert_eq!(chat.lapse(now + RINGS), [(Note::DialLapsed, Some(5))]);
        assert_eq!(chat.lapse(now + WAITS), [(Note::DialLapsed, Some(6))]);
        assert_eq!(chat.next_due(), None);
    }

    #[test]
    fn a_call_is_missed_once() {
        let ended = |sip_status| CallState::Ended {
            problem: None,
            by_peer: true,
            sip_status,
        };
        let (came, now) = (Direction::Incoming, Some(Instant::now()));
        assert!(is_missed(came, &ended(Some(487)), None));
        assert!(!is_missed(came, &ended(Some(603)), None), "it was declined");
        assert!(!is_missed(came, &ended(Some(200)), now));
        assert!(!is_missed(came, &CallState::Incoming, None));
        assert!(!is_missed(Direction::Outgoing, &ended(None), None));
        let mut chat = DialChat::default();
        assert!(chat.is_first(CallId(1)));
        assert!(!chat.is_first(CallId(1)));
        for id in 2..200 {
            assert!(chat.is_first(CallId(id)));
        }
        assert_eq!(chat.written.len(), WRITTEN);
    }

    #[test]
    fn many_numbers_do_not_pile_up() {
        let now = Instant::now();
        let mut chat = DialChat::default();
        for message in 0..10 {
            let number = format!("10{message}");
            let notes = chat.hear(&heard(message, &number), one(false), now);
            assert_eq!(notes.len(), usize::from(message >= 3));
        }
        assert_eq!(chat.requests().len(), MOST);
        chat.hear(&heard(99, "109"), one(false), now);
        assert_eq!(chat.requests().len(), MOST, "the same number once more");
    }
}
