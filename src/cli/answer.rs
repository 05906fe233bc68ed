//! `gudok answer`: waits for calls, answers each, reports.

use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::call::Problem;
use crate::cli::args::Answer;
use crate::cli::call::{Doing, follow};
use crate::cli::{Args, Exit, Output, reach};
use crate::engine::{Command, Event, Handle, RegistrationState};
use crate::store::Profile;

pub(super) fn run(args: &Args, profile: Profile, answer: &Answer, output: &Output) -> Exit {
    if !profile.is_owned() {
        return output.problem(&reach::in_use(&profile));
    }
    let (devices, processing) = (reach::devices(&answer.devices), answer.devices.processing());
    let engine = match reach::engine(args, profile, Some(devices), processing, true) {
        Ok(engine) => engine,
        Err(problem) => return output.problem(&problem),
    };
    let done = reach::block_on(serve(&engine.handle, answer, output)).and_then(|done| done);
    engine.stop();
    match done {
        Ok(calls) => {
            let object = json!({ "result": "completed", "calls": calls });
            output.object(&object, |_| String::new());
            Exit::Done
        }
        Err(problem) => output.problem(&problem),
    }
}

/// Answers calls until there were enough of them, or the person interrupts.
async fn serve(handle: &Handle, answer: &Answer, output: &Output) -> Result<usize, Problem> {
    let mut events = handle.events();
    let account = reach::account(&handle.snapshot(), &answer.account)?
        .id
        .clone();
    let mut ready = false;
    let mut calls = 0;
    loop {
        let snapshot = handle.snapshot();
        let registration = &reach::account(&snapshot, account.as_str())?.registration;
        match registration.state {
            RegistrationState::Registered | RegistrationState::NotNeeded if !ready => {
                ready = true;
                output.event(&json!({ "event": "ready", "listen": snapshot.listen }));
                output.say(&output.texts().get("cli-answer-ready"));
            }
            RegistrationState::Failed if !ready => {
                return Err(registration.reason.clone().unwrap_or(Problem::WrongState));
            }
            _ => {}
        }
        let event = tokio::select! {
            event = events.recv() => event,
            () = reach::interrupted() => return Ok(calls),
        };
        match event {
            Ok(Event::Incoming {
                call, account: on, ..
            }) if on == account => {
                // The account may have it answered by itself.
                let _ = handle.call(Command::Answer { call }).await;
                let mut own = handle.events();
                let doing = Doing {
                    talk: answer.talk,
                    transfer: answer.transfer.as_deref(),
                    follow_transfers: answer.follow_transfers,
                    ..Doing::default()
                };
                let outcome = follow(handle, &mut own, call, doing).await?;
                output.object(&outcome.json(output), |_| outcome.words(output));
                calls += 1;
                if answer.calls.is_some_and(|enough| calls >= enough) {
                    return Ok(calls);
                }
            }
            Ok(Event::Stopped) | Err(RecvError::Closed) => return Err(Problem::WrongState),
            _ => {}
        }
    }
}
