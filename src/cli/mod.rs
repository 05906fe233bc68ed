//! The command line: one call, one setting, one question; JSON if asked.

mod account;
mod answer;
mod args;
mod beside;
mod call;
mod control;
mod demo;
mod dnd;
mod favourites;
mod history;
mod output;
mod owner;
mod reach;
mod rules;
mod run;
mod sound;
mod telegram;
mod templates;
mod transfer;
mod voicemail;

pub use args::{Args, Face};
pub use control::{Client, ClientError, Server, hand_over, socket};
pub use demo::ECHO;
pub use output::{Exit, Output};
pub use reach::{in_use, profile};
pub use run::quit_on_signal;

/// Carries out what the command line asks, when it is not the window.
pub fn run(args: Args) -> Exit {
    let output = Output::new(&args);
    match &args.face {
        Some(Face::Ctl(ctl)) => return control::ctl(&args, ctl, &output),
        Some(Face::Rules(rules)) => return rules::run(rules, &output),
        Some(Face::Transfer(asked)) => return transfer::run(&args, asked, &output),
        Some(Face::Voicemail(asked)) => return voicemail::run(&args, asked, &output),
        Some(Face::Favourites) => return favourites::list(&args, &output),
        Some(Face::Pickup(asked)) => return favourites::pick_up(&args, asked, &output),
        Some(Face::Redial) => return control::redial(&args, &output),
        _ => {}
    }
    let profile = match reach::profile(&args) {
        Ok(profile) => profile,
        Err(error) => return output.problem(&error),
    };
    match &args.face {
        Some(Face::Demo(demo)) => demo::run(&args, demo, &output),
        Some(Face::Call(call)) => call::run(&args, profile, call, &output),
        Some(Face::Answer(answer)) => answer::run(&args, profile, answer, &output),
        Some(Face::Run(_)) => run::headless(&args, profile, &output),
        Some(Face::Account(account)) => account::run(&args, profile, account, &output),
        Some(Face::Telegram(asked)) => telegram::run(&args, profile, asked, &output),
        Some(Face::Templates(asked)) => templates::run(&args, profile, asked, &output),
        Some(Face::History(asked)) => history::run(&args, profile, asked, &output),
        Some(Face::Devices(devices)) => match devices.tried {
            Some(tried) => sound::try_out(&args, profile, tried, &output),
            None => output.devices(&crate::audio::list()),
        },
        Some(Face::Dnd(asked)) => dnd::run(&args, profile, asked, &output),
        Some(Face::Sound(asked)) => sound::run(&args, profile, asked, &output),
        Some(
            Face::Ctl(_)
            | Face::Rules(_)
            | Face::Transfer(_)
            | Face::Redial
            | Face::Voicemail(_)
            | Face::Favourites
            | Face::Pickup(_),
        )
        | None => Exit::Usage,
    }
}
