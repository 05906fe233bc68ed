//! What is written to a chat of Telegram, in words.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Language, Texts};
use crate::call::Problem;
use crate::engine::{Note, Words};

/// The words of notes: in the language given, or else in that of the preferences.
pub fn words(language: Option<Language>) -> Words {
    Words::new(move |preference, note| {
        let language = language.unwrap_or_else(|| Language::from_preference(preference));
        Texts::new(language).note(note)
    })
}

impl Texts {
    /// What went wrong and what to do, in one paragraph.
    fn failure(&self, problem: &Problem) -> String {
        let words = self.problem(problem);
        format!("{} {}", words.what, words.next)
    }

    /// A note in this language.
    pub fn note(&self, note: &Note) -> String {
        match note {
            Note::Recording {
                name,
                number,
                incoming,
                began,
                line,
            } => {
                let way = match incoming {
                    true => "note-incoming",
                    false => "note-outgoing",
                };
                let args = [("line", line.into())];
                let way = self.with(way, &args);
                format!("{}\n{way}\n{}", who(name.as_deref(), number), time(*began))
            }
            Note::Caller { name, number, line } => {
                let who = who(name.as_deref(), number);
                let args = [("who", who.as_str().into()), ("line", line.into())];
                self.with("note-caller", &args)
            }
            Note::Missed { name, number, line } => {
                let who = who(name.as_deref(), number);
                let args = [("who", who.as_str().into()), ("line", line.into())];
                self.with("note-missed", &args)
            }
            Note::LineTrouble {
                line,
                problem,
                since,
            } => {
                let (what, since) = (self.failure(problem), time(*since));
                let args = [
                    ("line", line.into()),
                    ("what", what.as_str().into()),
                    ("since", since.as_str().into()),
                ];
                self.with("note-line-trouble", &args)
            }
            Note::LineWell { line } => self.with("note-line-well", &[("line", line.into())]),
            Note::DialLate { number } => self.with("note-dial-late", &[("number", number.into())]),
            Note::DialQuestion { number, lines } => {
                let head = self.with("note-dial-question", &[("number", number.into())]);
                let lines = lines.iter().enumerate();
                let lines = lines.map(|(at, line)| format!("\n{}. {line}", at + 1));
                let foot = self.get("note-dial-answer");
                format!("{head}{}\n{foot}", lines.collect::<String>())
            }
            Note::DialFailed { problem } => self.failure(problem),
            Note::DialDeclined => self.get("note-dial-declined"),
            Note::DialLapsed => self.get("note-dial-lapsed"),
            Note::DialDone {
                line,
                talked,
                problem,
            } => {
                let outcome = match (talked, problem) {
                    (_, Some(problem)) => self.failure(problem),
                    (Some(talked), None) => {
                        let length = clock(*talked);
                        self.with("note-dial-talked", &[("length", length.as_str().into())])
                    }
                    (None, None) => self.get("note-dial-unanswered"),
                };
                format!("{line}: {outcome}")
            }
        }
    }
}

/// A length as a clock shows it: `4:17`, `1:04:17`.
fn clock(length: Duration) -> String {
    let seconds = length.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Name and number, or the number alone.
fn who(name: Option<&str>, number: &str) -> String {
    match name.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) if name != number => format!("{name}, {number}"),
        _ => number.to_owned(),
    }
}

/// A day and time by the clock on the wall.
fn time(at: SystemTime) -> String {
    let at = Timestamp::try_from(at).unwrap_or_default();
    let at = at.to_zoned(TimeZone::system());
    at.strftime("%d.%m.%Y %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_lists_the_lines_and_an_outcome_says_how_it_went() {
        let texts = Texts::new(Language::Ru);
        let question = texts.note(&Note::DialQuestion {
            number: "112".into(),
            lines: vec!["Офис".into(), "Дом".into()],
        });
        assert!(question.contains("\n1. Офис\n2. Дом\n"), "{question}");
        let outcome = |talked, problem| {
            texts.note(&Note::DialDone {
                line: "Офис".into(),
                talked,
                problem,
            })
        };
        let talked = outcome(Some(Duration::from_secs(65)), None);
        assert!(
            talked.starts_with("Офис: ") && talked.contains("1:05"),
            "{talked}"
        );
        let busy = outcome(None, Some(Problem::Busy));
        assert_eq!(busy, format!("Офис: {}", texts.failure(&Problem::Busy)));
        assert_ne!(outcome(None, None), busy);
    }

    #[test]
    fn a_recording_says_who_which_way_over_which_line_and_when() {
        let note = Note::Recording {
            name: Some("Анна Ковалёва".into()),
            number: "+79261234567".into(),
            incoming: true,
            began: SystemTime::UNIX_EPOCH,
            line: "Офис".into(),
        };
        let words = Texts::new(Language::Ru).note(&note);
        let lines: Vec<&str> = words.lines().collect();
        assert_eq!(
            lines[..2],
            ["Анна Ковалёва, +79261234567", "Входящий, линия «Офис»"]
        );
        assert!(
            lines[2].ends_with(".1970 00:00") || lines[2].contains("19"),
            "{words}"
        );
        assert!(
            Texts::new(Language::En)
                .note(&note)
                .contains("Incoming call")
        );
        assert_eq!(who(Some("101"), "101"), "101");
        assert_eq!(who(Some(" "), "101"), "101");
    }
}
