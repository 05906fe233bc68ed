use egui::{Align, Layout, Margin, Ui, vec2};

use super::transfer;
use crate::engine::{Ask, CallState, CallView, Command, Direction, Problem};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, avatar, card_with, note, wrapped};
use crate::ui::words::{call_clock, call_state, over_line, peer_name};

/// A call that is over: how it went, why, and what to do next.
pub fn show(ui: &mut Ui, view: &View<'_>, call: &CallView, problem: Option<&Problem>) {
    let palette = Palette::of(ui);
    let (fill, line) = match problem {
        Some(_) => (palette.end_weak, palette.end_weak),
        None => (palette.surface, palette.line),
    };
    card_with(ui, fill, line, Margin::same(16), |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            avatar(ui, call.peer.name.as_deref(), 44.0);
            let width = ui.available_width();
            ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 2.0;
                let name = text(peer_name(call), Size::Title, Weight::Semibold, palette.text);
                ui.add(egui::Label::new(name).truncate());
                outcome(ui, view, call, problem);
                if let Some(recording) = &call.recording {
                    let path = recording.path.display().to_string();
                    let path = [("path", path.as_str().into())];
                    note(ui, &view.say_with("call-recorded", &path));
                }
            });
        });
        ui.add_space(4.0);
        if let Some(Problem::Redirected { contacts }) = problem {
            elsewhere(ui, view, call, contacts);
        }
        ui.horizontal_wrapped(|ui| {
            let again = match call.direction {
                Direction::Outgoing => view.say("call-redial"),
                Direction::Incoming => view.say("call-back"),
            };
            if ui
                .add(Button::new(&again).icon(Icon::Phone).kind(Kind::Call))
                .clicked()
            {
                dial_instead(view, call, call.peer.to_dial());
            }
            let dismiss = view.say("call-dismiss");
            if ui
                .add(Button::new(&dismiss).icon(Icon::Cross).kind(Kind::Ghost))
                .clicked()
            {
                view.send(Command::Dismiss { call: call.id });
            }
        });
    });
}

/// Where the call was sent: nobody is called there unasked.
fn elsewhere(ui: &mut Ui, view: &View<'_>, call: &CallView, contacts: &[String]) {
    for contact in contacts {
        let words = view.say_with("call-follow", &[("address", contact.as_str().into())]);
        let button = Button::new(&words).icon(Icon::Phone).kind(Kind::Accent);
        if ui.add(button.width(ui.available_width())).clicked() {
            dial_instead(view, call, contact);
        }
    }
}

fn dial_instead(view: &View<'_>, call: &CallView, target: &str) {
    view.send(Command::Dial {
        target: target.to_owned(),
        account: Some(call.account.clone()),
        ask: Ask::Never,
    });
    view.send(Command::Dismiss { call: call.id });
}

fn outcome(ui: &mut Ui, view: &View<'_>, call: &CallView, problem: Option<&Problem>) {
    let palette = Palette::of(ui);
    if let Some(problem) = problem {
        let words = view.texts.problem(problem);
        wrapped(ui, &words.what, Size::Body, Weight::Medium, palette.end);
        wrapped(ui, &words.next, Size::Body, Weight::Regular, palette.text);
        if let CallState::Ended {
            sip_status: Some(status),
            ..
        } = call.state
        {
            let status = u32::from(status);
            note(
                ui,
                &view.say_with("call-sip-status", &[("status", status.into())]),
            );
        }
        return;
    }
    let by_peer = matches!(call.state, CallState::Ended { by_peer: true, .. });
    let mut words = transfer::done(view, call).unwrap_or_else(|| call_state(view, call));
    if let Some(clock) = call_clock(view, call) {
        words = format!("{words} · {clock}");
        if by_peer {
            words = format!("{words} · {}", view.say("call-ended-by-peer"));
        }
    }
    wrapped(ui, &words, Size::Body, Weight::Regular, palette.text2);
    note(ui, &over_line(view, call));
}
