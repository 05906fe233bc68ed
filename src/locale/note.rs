//! What is written to a chat of Telegram, in words.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Language, Texts};
use crate::engine::{Note, Words};

/// The words of notes: in the language given, or else in that of the preferences.
pub fn words(language: Option<Language>) -> Words {
    Words::new(move |preference, note| {
        let language = language.unwrap_or_else(|| Language::from_preference(preference));
        Texts::new(language).note(note)
    })
}

impl Texts {
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
        }
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
