//! Calls joined with each other, and the offer to join them.

use egui::Ui;

use crate::engine::{CallState, CallView, Command};
use crate::ui::icons::Icon;
use crate::ui::theme::Palette;
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, Tag};
use crate::ui::words::peer_name;

/// What a person can do about joining this call with others; nothing if it is the only one.
pub fn show(ui: &mut Ui, view: &View<'_>, call: &CallView) {
    let up = |call: &&CallView| matches!(call.state, CallState::Active | CallState::Held);
    if !up(&call) {
        return;
    }
    let others: Vec<&CallView> = view
        .snapshot
        .calls
        .iter()
        .filter(up)
        .filter(|other| other.id != call.id)
        .collect();
    let joined = others.iter().filter(|other| other.joined).count();
    let words = match (call.joined, others.as_slice(), joined) {
        (true, ..) => return member(ui, view, call, joined + 2),
        (false, [], _) => return,
        (false, [other], _) => {
            let name = peer_name(other);
            view.say_with("call-join-one", &[("name", name.into())])
        }
        (false, _, 0) => view.say("call-join"),
        (false, ..) => view.say("call-join-conference"),
    };
    if link(ui, &words) {
        view.send(Command::Join { call: call.id });
    }
}

/// The conference, seen from one of its calls.
fn member(ui: &mut Ui, view: &View<'_>, call: &CallView, people: usize) {
    let palette = Palette::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let words = view.say_with("call-conference", &[("people", people.into())]);
        ui.add(Tag::new(&words).icon(Icon::User).color(palette.call));
        if call.silenced {
            let words = view.say("call-silenced");
            let tag = Tag::new(&words).icon(Icon::MicrophoneOff);
            ui.add(tag.color(palette.warn));
        }
        let silence = view.say(match call.silenced {
            true => "call-silence-off",
            false => "call-silence",
        });
        let id = call.id;
        if link(ui, &silence) {
            let on = !call.silenced;
            view.send(Command::Silence { call: id, on });
        }
        if link(ui, &view.say("call-part")) {
            view.send(Command::Part { call: id });
        }
        if link(ui, &view.say("call-end-conference")) {
            view.send(Command::EndConference);
        }
    });
}

fn link(ui: &mut Ui, words: &str) -> bool {
    let button = Button::new(words).kind(Kind::Link).height(32.0);
    ui.add(button).clicked()
}
