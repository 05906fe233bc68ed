//! `gudok voicemail`: what is in the voicemail boxes, and calling them.

use serde_json::{Value, json};

use crate::call::Problem;
use crate::cli::args::Voicemail;
use crate::cli::control::{Client, ClientError, client_failed, running};
use crate::cli::{Args, Exit, Output};

pub(super) fn run(args: &Args, asked: &Voicemail, output: &Output) -> Exit {
    let done = running(args, output).and_then(|mut running| {
        carry_out(&mut running, asked, output).map_err(|error| client_failed(&error, output))
    });
    match done {
        Ok(()) => Exit::Done,
        Err(exit) => exit,
    }
}

fn carry_out(running: &mut Client, asked: &Voicemail, output: &Output) -> Result<(), ClientError> {
    let mut status = running.request("status", &json!({}))?;
    let accounts = match status.get_mut("accounts").map(Value::take) {
        Some(Value::Array(accounts)) => accounts,
        _ => return Err(ClientError::Refused(Problem::WrongState)),
    };
    if let Some(named) = &asked.call {
        let is = |account: &&Value| {
            let by = |key: &str| account.get(key) == Some(&json!(named));
            by("id") || by("name")
        };
        let unknown = || {
            ClientError::Refused(Problem::Unknown {
                what: format!("account {named}"),
            })
        };
        let account = accounts.iter().find(is).ok_or_else(unknown)?;
        let reply = running.request("call_voicemail", &json!({ "account": account.get("id") }))?;
        output.event(&reply);
        return Ok(());
    }
    let boxes: Vec<Value> = accounts
        .iter()
        .filter_map(|account| {
            let voicemail = account
                .get("voicemail")
                .filter(|voicemail| !voicemail.is_null())?;
            Some(json!({
                "account": account.get("name"),
                "waiting": voicemail.get("waiting"),
                "new": voicemail.get("new"),
                "old": voicemail.get("old"),
            }))
        })
        .collect();
    output.object(&json!(boxes), |texts| match boxes.as_slice() {
        [] => texts.get("cli-voicemail-none"),
        boxes => {
            let lines: Vec<String> = boxes.iter().map(line).collect();
            lines.join("\n")
        }
    });
    Ok(())
}

/// `Office 2/8`: new and old ones.
fn line(voicemail: &Value) -> String {
    let name = voicemail
        .get("account")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let waiting = voicemail
        .get("waiting")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    let count = |key: &str| voicemail.get(key).and_then(Value::as_u64);
    match (count("new"), count("old")) {
        (Some(new), Some(old)) => format!("{name} {new}/{old}"),
        (Some(new), None) => format!("{name} {new}"),
        _ => format!("{name} {}", if waiting { "+" } else { "-" }),
    }
}
