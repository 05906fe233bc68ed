//! `gudok history`: the calls there were.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::call::Problem;
use crate::cli::args::{History, HistoryKind};
use crate::cli::owner::{self, Owner};
use crate::cli::{Args, Exit, Output, reach};
use crate::locale::Texts;
use crate::store::Profile;
use crate::store::history::{PastCall, Query, Show};

/// The most that is asked for at once.
const PART: usize = 500;

pub(super) fn run(args: &Args, profile: Profile, asked: &History, output: &Output) -> Exit {
    let outcome = owner::with(args, profile, |owner| carry_out(owner, asked, output));
    match outcome {
        Ok(()) => Exit::Done,
        Err(problem) => output.problem(&problem),
    }
}

fn carry_out(owner: &mut Owner, asked: &History, output: &Output) -> Result<(), Problem> {
    let query = Query {
        text: asked.search.join(" "),
        show: match asked.only {
            None => Show::All,
            Some(HistoryKind::Missed) => Show::Missed,
            Some(HistoryKind::Incoming) => Show::Incoming,
            Some(HistoryKind::Outgoing) => Show::Outgoing,
            Some(HistoryKind::Recorded) => Show::Recorded,
        },
        ..Query::default()
    };
    if let Some(file) = &asked.csv {
        let mut params = json!(query);
        if let Some(params) = params.as_object_mut() {
            params.insert("path".into(), json!(reach::absolute(file)?));
        }
        let reply = owner.request("export_history", params)?;
        let count = reply.get("calls").and_then(Value::as_u64).unwrap_or(0);
        output.object(&reply, |texts| {
            texts.with("cli-history-exported", &[("count", count.into())])
        });
        return Ok(());
    }
    let calls = find(owner, query, asked.limit)?;
    output.object(&json!(calls), |texts| match calls.as_slice() {
        [] => texts.get("cli-history-none"),
        calls => {
            let lines: Vec<String> = calls.iter().map(|call| line(call, texts)).collect();
            lines.join("\n")
        }
    });
    Ok(())
}

fn find(owner: &mut Owner, query: Query, most: usize) -> Result<Vec<PastCall>, Problem> {
    let mut calls: Vec<PastCall> = Vec::new();
    loop {
        let part = (most - calls.len()).min(PART);
        let query = Query {
            before: calls.last().map(|call| call.id),
            limit: Some(part),
            ..query.clone()
        };
        let reply = owner.request("history", json!(query))?;
        let found: Vec<PastCall> = serde_json::from_value(reply).unwrap_or_default();
        let last = found.len() < part;
        calls.extend(found);
        if last || calls.len() >= most {
            return Ok(calls);
        }
    }
}

/// When, which way, with whom, over which line, and what became of it.
fn line(call: &PastCall, texts: &Texts) -> String {
    let began = Timestamp::from_microsecond(call.began.began_us).unwrap_or_default();
    let began = began.to_zoned(TimeZone::system());
    let way = if call.began.incoming { "←" } else { "→" };
    let whom = match &call.began.name {
        Some(name) => format!("{name} <{}>", call.began.number),
        None => call.began.number.clone(),
    };
    let outcome = match call.ended.talked_ms {
        Some(ms) => {
            let seconds = Duration::from_millis(ms.unsigned_abs()).as_secs();
            format!("{}:{:02}", seconds / 60, seconds % 60)
        }
        None => texts.get(&format!("history-outcome-{}", call.ended.outcome.as_str())),
    };
    let (time, over) = (began.strftime("%Y-%m-%d %H:%M:%S"), &call.began.line);
    format!("{time}  {way}  {whom}  {over}  {outcome}")
}
