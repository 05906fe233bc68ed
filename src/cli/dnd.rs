//! `gudok dnd`: whether calls are refused without ringing.

use serde_json::{Value, json};

use crate::cli::args::Dnd;
use crate::cli::owner;
use crate::cli::{Args, Exit, Output};
use crate::store::Profile;

pub(super) fn run(args: &Args, profile: Profile, asked: &Dnd, output: &Output) -> Exit {
    let outcome = owner::with(args, profile, |owner| {
        if let Some(value) = &asked.value {
            let change = json!({ "do_not_disturb": value == "on" });
            owner.request("set_preferences", change)?;
        }
        owner.request("status", json!({}))
    });
    let status = match outcome {
        Ok(status) => status,
        Err(problem) => return output.problem(&problem),
    };
    let on = status.pointer("/preferences/do_not_disturb");
    let on = on.and_then(Value::as_bool).unwrap_or_default();
    output.object(&json!({ "do_not_disturb": on }), |_| {
        (if on { "on" } else { "off" }).to_owned()
    });
    Exit::Done
}
