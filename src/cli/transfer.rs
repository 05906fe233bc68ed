//! `gudok transfer`: gives a call of the running Gudok to somebody else.

use serde_json::{Value, json};

use crate::call::Problem;
use crate::cli::args::Transfer;
use crate::cli::control::{Client, ClientError, client_failed, running};
use crate::cli::{Args, Exit, Output};

pub(super) fn run(args: &Args, asked: &Transfer, output: &Output) -> Exit {
    let done = running(args, output).and_then(|mut running| {
        carry_out(&mut running, asked).map_err(|error| client_failed(&error, output))
    });
    match done {
        Ok(()) => {
            output.event(&json!({ "result": "asked" }));
            Exit::Done
        }
        Err(exit) => exit,
    }
}

fn carry_out(running: &mut Client, asked: &Transfer) -> Result<(), ClientError> {
    let status = running.request("status", &json!({}))?;
    let calls = status.get("calls").and_then(Value::as_array);
    let up: Vec<(u64, bool)> = calls
        .into_iter()
        .flatten()
        .filter_map(|call| {
            let state = call.pointer("/state/state")?.as_str()?;
            let id = call.get("id")?.as_u64()?;
            matches!(state, "active" | "held").then_some((id, state == "active"))
        })
        .collect();
    let spoken_with = up.iter().find(|(_, active)| *active).or(up.last());
    let wrong = || ClientError::Refused(Problem::WrongState);
    let call = asked
        .call
        .or(spoken_with.map(|(id, _)| *id))
        .ok_or_else(wrong)?;
    let (method, params) = match &asked.to {
        Some(target) => ("transfer", json!({ "call": call, "target": target })),
        None => {
            let other = up.iter().map(|(id, _)| *id).find(|id| *id != call);
            let with = asked.with.or(other).ok_or_else(wrong)?;
            ("connect", json!({ "call": call, "with": with }))
        }
    };
    running.request(method, &params).map(drop)
}
