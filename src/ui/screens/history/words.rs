//! A past call in words.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::engine::{Outcome, PastCall, Problem};
use crate::ui::view::View;
use crate::ui::words::clock;

/// Whom it was with.
pub fn name(call: &PastCall) -> String {
    let name = call.began.name.as_deref();
    name.unwrap_or(&call.began.number).to_owned()
}

/// What became of it: how long it was, or why it was nothing.
pub fn outcome(view: &View<'_>, call: &PastCall) -> String {
    if let (Outcome::Failed, Some(problem)) = (call.ended.outcome, problem(call)) {
        let what = view.texts.problem(&problem).what;
        return what.trim_end_matches('.').to_owned();
    }
    let talked = call
        .ended
        .talked_ms
        .map(|ms| Duration::from_millis(ms.unsigned_abs()));
    match (call.ended.outcome, talked) {
        (Outcome::Talked, Some(talked)) => clock(talked),
        (outcome, _) => view.say(&format!("history-outcome-{}", outcome.as_str())),
    }
}

/// Why it failed, if that is known.
pub fn problem(call: &PastCall) -> Option<Problem> {
    let problem = call.ended.problem.clone()?;
    serde_json::from_value(problem).ok()
}

/// When it began, as people say it.
pub fn time(view: &View<'_>, began_us: i64) -> String {
    let zone = TimeZone::system();
    let began = Timestamp::from_microsecond(began_us).unwrap_or_default();
    let began = began.to_zoned(zone.clone());
    let now = Timestamp::now().to_zoned(zone);
    let (key, format) = day(&began, &now);
    let at = began.strftime(format).to_string();
    match key {
        Some(key) => view.say_with(key, &[("time", at.as_str().into())]),
        None => at,
    }
}

/// The whole time of a call.
pub fn full_time(began_us: i64) -> String {
    let began = Timestamp::from_microsecond(began_us).unwrap_or_default();
    let began = began.to_zoned(TimeZone::system());
    began.strftime("%d.%m.%Y %H:%M:%S").to_string()
}

/// The words around a time, if there are any, and the format of the time.
fn day(began: &Zoned, now: &Zoned) -> (Option<&'static str>, &'static str) {
    let yesterday = now.date().yesterday().unwrap_or_default();
    match began.date() {
        date if date == now.date() => (None, "%H:%M"),
        date if date == yesterday => (Some("history-yesterday"), "%H:%M"),
        date if date.year() == now.year() => (None, "%d.%m %H:%M"),
        _ => (None, "%d.%m.%Y"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_short_as_it_can_be() {
        let at = |text: &str| text.parse::<Zoned>().unwrap();
        let now = at("2026-03-01T00:30:00[UTC]");
        for (began, expected) in [
            ("2026-03-01T00:01:00[UTC]", (None, "%H:%M")),
            (
                "2026-02-28T23:59:00[UTC]",
                (Some("history-yesterday"), "%H:%M"),
            ),
            ("2026-02-27T23:59:00[UTC]", (None, "%d.%m %H:%M")),
            ("2025-12-31T23:59:00[UTC]", (None, "%d.%m.%Y")),
        ] {
            assert_eq!(day(&at(began), &now), expected, "{began}");
        }
    }
}
