use egui::{Align, Layout, Margin, Ui, vec2};

use super::{State, transfer};
use crate::engine::{CallState, CallView, Command, DeclineReason};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, avatar, card_with, icon_button, note};
use crate::ui::words::{call_clock, call_state, over_line, peer_name};

/// From this width on the buttons stand beside the name, points.
const WIDE: f32 = 560.0;

/// A call that rings here: two equal buttons, and the keyboard stays where it is.
pub fn show(ui: &mut Ui, view: &View<'_>, call: &CallView, state: &mut State) {
    let palette = Palette::of(ui);
    card_with(
        ui,
        palette.surface,
        palette.accent,
        Margin::same(16),
        |ui| {
            if ui.available_width() >= WIDE {
                beside(ui, view, call)
            } else {
                below(ui, view, call)
            }
            if let Some(by) = &call.diverted_by {
                let by = [("by", by.name.as_deref().unwrap_or(&by.number).into())];
                note(ui, &view.say_with("call-diverted-by", &by));
            }
            transfer::instead_of_answering(ui, view, call, &mut state.transfer);
        },
    );
}

/// What kind of call it is, and over which line.
pub fn heading(view: &View<'_>, call: &CallView) -> String {
    format!(
        "{} · {}",
        view.say("call-incoming-heading"),
        over_line(view, call)
    )
}

fn buttons(ui: &mut Ui, view: &View<'_>, call: &CallView, width: f32) {
    let (decline, answer) = (view.say("call-decline"), view.say("call-answer"));
    let button = |name, icon, kind| {
        Button::new(name)
            .icon(icon)
            .kind(kind)
            .height(48.0)
            .width(width)
    };
    if ui.add(button(&decline, Icon::Cross, Kind::End)).clicked() {
        view.send(Command::Decline {
            call: call.id,
            reason: DeclineReason::Declined,
        });
    }
    if ui.add(button(&answer, Icon::Phone, Kind::Call)).clicked() {
        view.send(Command::Answer { call: call.id });
    }
}

fn beside(ui: &mut Ui, view: &View<'_>, call: &CallView) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        avatar(ui, call.peer.name.as_deref(), 52.0);
        let button = 144.0;
        let width = (ui.available_width() - 2.0 * button - 32.0).max(80.0);
        ui.allocate_ui_with_layout(vec2(width, 60.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 1.0;
            let line = |words: String, size, weight, color| {
                egui::Label::new(text(words, size, weight, color)).truncate()
            };
            ui.add(line(
                heading(view, call),
                Size::Note,
                Weight::Regular,
                palette.text2,
            ));
            ui.add(line(
                peer_name(call).into(),
                Size::Title,
                Weight::Semibold,
                palette.text,
            ));
            if call.peer.name.is_some() {
                ui.add(line(
                    call.peer.number.clone(),
                    Size::Body,
                    Weight::Regular,
                    palette.text2,
                ));
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.allocate_ui_with_layout(
                vec2(2.0 * button + 8.0, 48.0),
                Layout::left_to_right(Align::Center),
                |ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    buttons(ui, view, call, button);
                },
            );
        });
    });
}

fn below(ui: &mut Ui, view: &View<'_>, call: &CallView) {
    let palette = Palette::of(ui);
    ui.vertical_centered(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(8.0);
        ui.label(text(
            heading(view, call),
            Size::Note,
            Weight::Regular,
            palette.text2,
        ));
        ui.add_space(14.0);
        avatar(ui, call.peer.name.as_deref(), 64.0);
        ui.add_space(12.0);
        ui.label(text(
            peer_name(call),
            Size::Number,
            Weight::Semibold,
            palette.text,
        ));
        if call.peer.name.is_some() {
            ui.label(text(
                &call.peer.number,
                Size::Body,
                Weight::Regular,
                palette.text2,
            ));
        }
        ui.add_space(20.0);
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let width = (ui.available_width() - 8.0) / 2.0;
        buttons(ui, view, call, width);
    });
}

/// The call that goes on while another one rings.
pub fn running(ui: &mut Ui, view: &View<'_>, call: &CallView) {
    let palette = Palette::of(ui);
    card_with(
        ui,
        palette.surface,
        palette.line,
        Margin::symmetric(12, 10),
        |ui| {
            ui.horizontal(|ui| {
                let can_hold = call.state == CallState::Active;
                let buttons = if can_hold { 40.0 * 2.0 + 8.0 } else { 40.0 };
                let width = (ui.available_width() - buttons - 8.0).max(60.0);
                ui.allocate_ui_with_layout(vec2(width, 40.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.add(
                        egui::Label::new(text(
                            peer_name(call),
                            Size::Body,
                            Weight::Medium,
                            palette.text,
                        ))
                        .truncate(),
                    );
                    let clock = call_clock(view, call).unwrap_or_else(|| call_state(view, call));
                    note(ui, &format!("{clock} · {}", view.say("call-answer-holds")));
                });
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let end = view.say("call-end");
                    if icon_button(ui, Icon::HangUp, &end, Kind::End, 40.0).clicked() {
                        view.send(Command::HangUp { call: call.id });
                    }
                    let hold = view.say("call-hold");
                    if can_hold && icon_button(ui, Icon::Pause, &hold, Kind::Plain, 40.0).clicked()
                    {
                        view.send(Command::Hold {
                            call: call.id,
                            on: true,
                        });
                    }
                });
            });
        },
    );
}
