//! The history as a table for other programs.

use std::path::Path;

use super::{Ending, PastCall};
use crate::store::atomic;
use crate::store::error::StoreError;

const HEADINGS: [&str; 11] = [
    "time",
    "direction",
    "name",
    "number",
    "line",
    "outcome",
    "seconds",
    "status",
    "codec",
    "mos",
    "recording",
];

/// Writes calls into a file (RFC 4180, UTF-8), in the order given.
pub(super) fn write(path: &Path, calls: &[PastCall]) -> Result<(), StoreError> {
    let failed = |error: csv::Error| StoreError::io(path, std::io::Error::other(error));
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(HEADINGS).map_err(failed)?;
    for PastCall { began, ended, .. } in calls {
        let time = jiff::Timestamp::from_microsecond(began.began_us).unwrap_or_default();
        let seconds = ended.talked_ms.map(|ms| format!("{:.1}", ms as f64 / 1e3));
        let recording = ended.recording.as_ref().map(|path| path.to_string_lossy());
        let row = [
            time.to_string(),
            if began.incoming { "in" } else { "out" }.to_owned(),
            harmless(began.name.as_deref().unwrap_or_default()),
            harmless(&began.number),
            harmless(&began.line),
            ended.outcome.as_str().to_owned(),
            seconds.unwrap_or_default(),
            ended
                .status
                .map(|status| status.to_string())
                .unwrap_or_default(),
            ended.codec.clone().unwrap_or_default(),
            score(ended),
            harmless(recording.as_deref().unwrap_or_default()),
        ];
        table.write_record(row).map_err(failed)?;
    }
    let text = table
        .into_inner()
        .map_err(|error| StoreError::io(path, std::io::Error::other(error.to_string())))?;
    atomic::replace(path, &text).map_err(|error| StoreError::io(path, error))
}

/// The estimated mean opinion score, if one is known.
fn score(ended: &Ending) -> String {
    let mos = ended.quality.as_ref().and_then(|quality| {
        let mos = quality.get("mos")?;
        mos.as_f64()
    });
    mos.map(|mos| format!("{mos:.2}")).unwrap_or_default()
}

/// A name from the far side is never a formula in a spreadsheet. A number that begins with a
/// plus is a number.
fn harmless(text: &str) -> String {
    let plain_number = text
        .strip_prefix('+')
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == ' '));
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') if !plain_number => format!("'{text}"),
        _ => text.to_owned(),
    }
}
