//! Picks a face: the window, or one of the command line's.

use std::process::ExitCode;

use clap::Parser;
use gudok::cli::{self, Args, Client, Exit, Face, Output, Server};
use gudok::engine::{Ask, Command, Engine, Options};
use gudok::{locale, ui};
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::prelude::*;

fn main() -> ExitCode {
    let asked = EnvFilter::try_from_env("GUDOK_LOG").unwrap_or_else(|_| EnvFilter::new("error"));
    // What is written to a person in Telegram belongs into no log; its client would tell it there.
    let discreet = filter_fn(|what| {
        !what.target().starts_with("grammers") || *what.level() <= tracing::Level::INFO
    });
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(log.with_filter(asked.and(discreet)))
        .init();
    let args = Args::parse();
    let exit = match &args.face {
        None => window(&args, args.number.clone()),
        Some(Face::Demo(demo)) if !demo.headless => window(&args, Some(cli::ECHO.into())),
        Some(_) => cli::run(args),
    };
    exit.into()
}

/// Opens the window. If a Gudok already runs on this profile, it is asked to dial and to come
/// forward instead.
fn window(args: &Args, dial: Option<String>) -> Exit {
    let output = Output::new(args);
    let profile = match cli::profile(args) {
        Ok(profile) => profile,
        Err(problem) => return output.problem(&problem),
    };
    if !profile.is_owned() {
        return match Client::connect(&profile) {
            Ok(running) => cli::hand_over(running, dial, &output),
            Err(_) => output.problem(&cli::in_use(&profile)),
        };
    }
    let socket = cli::socket(&profile);
    let started = Engine::start(Options {
        profile,
        secrets: args.secrets.map(Into::into),
        listen: args.listen,
        devices: None,
        processing: None,
        words: locale::words(args.lang.map(Into::into)),
        register: true,
    });
    let engine = match started {
        Ok(engine) => engine,
        Err(problem) => return output.problem(&problem),
    };
    let server = Server::start(&socket, engine.handle.clone());
    if let Err(problem) = &server {
        tracing::error!(%problem, "this Gudok can't be reached from the command line");
    }
    if let Err(problem) = cli::quit_on_signal(engine.handle.clone()) {
        tracing::error!(%problem, "signals are not heard");
    }
    if let Some(target) = dial {
        engine.handle.send(Command::Dial {
            target,
            account: None,
            ask: Ask::IfSeveral,
        });
    }
    let options = ui::Options {
        language: args.lang.map(Into::into),
        notice: engine.trouble.clone(),
    };
    let closed = ui::run(engine.handle.clone(), options);
    engine.stop();
    match closed {
        Ok(()) => Exit::Done,
        Err(error) => {
            eprintln!("{error}");
            Exit::Failed
        }
    }
}
