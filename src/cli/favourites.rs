//! `gudok favourites` and `gudok pickup`: who is busy, and taking a call that rings there.

use serde_json::{Value, json};

use crate::call::Problem;
use crate::cli::args::Pickup;
use crate::cli::control::{Client, ClientError, client_failed, running};
use crate::cli::{Args, Exit, Output};

pub(super) fn list(args: &Args, output: &Output) -> Exit {
    let found = running(args, output).and_then(|mut running| {
        watched(&mut running).map_err(|error| client_failed(&error, output))
    });
    let all = match found {
        Ok(all) => all,
        Err(exit) => return exit,
    };
    output.object(&json!(all), |texts| match all.as_slice() {
        [] => texts.get("cli-favourites-none"),
        all => all.iter().map(line).collect::<Vec<_>>().join("\n"),
    });
    Exit::Done
}

pub(super) fn pick_up(args: &Args, asked: &Pickup, output: &Output) -> Exit {
    let done = running(args, output).and_then(|mut running| {
        take(&mut running, asked.number.as_deref()).map_err(|error| client_failed(&error, output))
    });
    match done {
        Ok(reply) => {
            output.event(&reply);
            Exit::Done
        }
        Err(exit) => exit,
    }
}

fn watched(running: &mut Client) -> Result<Vec<Value>, ClientError> {
    let mut status = running.request("status", &json!({}))?;
    match status.get_mut("favourites").map(Value::take) {
        Some(Value::Array(all)) => Ok(all),
        _ => Err(ClientError::Refused(Problem::WrongState)),
    }
}

fn take(running: &mut Client, number: Option<&str>) -> Result<Value, ClientError> {
    let all = watched(running)?;
    let is = |one: &&Value| match number {
        Some(number) => one.get("number") == Some(&json!(number)),
        None => one.get("can_pick_up") == Some(&json!(true)),
    };
    let nothing = ClientError::Refused(Problem::WrongState);
    let one = all.iter().find(is).ok_or(nothing)?;
    let params = json!({ "account": one.get("account"), "number": one.get("number") });
    running.request("pick_up", &params)
}

/// `102 Anna: busy`.
fn line(one: &Value) -> String {
    let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
    let who = [text("number"), text("name")].join(" ");
    format!("{}: {}", who.trim(), text("state"))
}
