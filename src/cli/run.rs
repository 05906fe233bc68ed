//! `gudok run --headless`: the engine alone, reached over its control socket.

use serde_json::json;

use crate::cli::args::Face;
use crate::cli::{Args, Exit, Output, Server, control, reach};
use crate::engine::Event;
use crate::store::Profile;

pub(super) fn headless(args: &Args, profile: Profile, output: &Output) -> Exit {
    if !profile.is_owned() {
        return output.problem(&reach::in_use(&profile));
    }
    let devices = match &args.face {
        Some(Face::Run(run))
            if run.devices.audio_in.is_some() || run.devices.audio_out.is_some() =>
        {
            Some(reach::devices(&run.devices))
        }
        _ => None,
    };
    let socket = control::socket(&profile);
    let engine = match reach::engine(args, profile, devices, true) {
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
    let stopped = reach::block_on(async {
        let mut events = engine.handle.events();
        let closed = async {
            use tokio::sync::broadcast::error::RecvError;
            while !matches!(
                events.recv().await,
                Ok(Event::Stopped) | Err(RecvError::Closed)
            ) {}
        };
        tokio::select! {
            () = closed => {}
            () = interrupted() => {}
        }
    });
    engine.stop();
    match stopped {
        Ok(()) => Exit::Done,
        Err(problem) => output.problem(&problem),
    }
}

/// Ends at Ctrl-C, and at the signal by which a service manager stops a service.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
