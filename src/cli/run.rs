//! `gudok run --headless`: the engine alone, reached over its control socket.

use serde_json::json;

use crate::call::Problem;
use crate::cli::args::{Devices, Face};
use crate::cli::{Args, Exit, Output, Server, control, reach};
use crate::engine::{Command, Event, Handle};
use crate::store::Profile;

pub(super) fn headless(args: &Args, profile: Profile, output: &Output) -> Exit {
    if !profile.is_owned() {
        return output.problem(&reach::in_use(&profile));
    }
    let asked = match &args.face {
        Some(Face::Run(run)) => Some(&run.devices),
        _ => None,
    };
    let devices = asked.filter(|asked| asked.audio_in.is_some() || asked.audio_out.is_some());
    let (devices, processing) = (
        devices.map(reach::devices),
        asked.and_then(Devices::processing),
    );
    let socket = control::socket(&profile);
    let engine = match reach::engine(args, profile, devices, processing, true) {
        Ok(engine) => engine,
        Err(problem) => return output.problem(&problem),
    };
    let _server = match Server::start(&socket, engine.handle.clone()) {
        Ok(server) => server,
        Err(problem) => {
            engine.stop();
            return output.problem(&problem);
        }
    };
    let listen = &engine.handle.snapshot().listen;
    output.event(&json!({ "event": "ready", "listen": listen }));
    output.say(&output.texts().get("cli-run-ready"));
    let mut events = engine.handle.events();
    let stopped = quit_on_signal(engine.handle.clone()).and_then(|()| {
        reach::block_on(async {
            use tokio::sync::broadcast::error::RecvError;
            while !matches!(
                events.recv().await,
                Ok(Event::Stopped) | Err(RecvError::Closed)
            ) {}
        })
    });
    engine.stop();
    match stopped {
        Ok(()) => Exit::Done,
        Err(problem) => output.problem(&problem),
    }
}

/// Ends calls and registrations when the system or a person asks the program to end, instead of
/// leaving them behind.
///
/// # Errors
/// [`Problem::Refused`] if the system gives no thread.
pub fn quit_on_signal(handle: Handle) -> Result<(), Problem> {
    let wait = move || {
        let _ = reach::block_on(reach::interrupted());
        handle.send(Command::Quit);
    };
    let thread = std::thread::Builder::new().name("signals".into());
    thread.spawn(wait).map(drop).map_err(|error| {
        let reason = error.to_string();
        Problem::Refused {
            status: 500,
            reason,
        }
    })
}
