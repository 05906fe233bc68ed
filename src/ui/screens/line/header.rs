//! Whose line it is and how it stands: the way back, the name, the state, the owner.

use egui::{Align, Layout, Ui, vec2};

use super::sections::TWO_COLUMNS;
use crate::engine::{AccountView, Command, Problem, RegistrationState};
use crate::ui::icons::Icon;
use crate::ui::screens::breadcrumb::breadcrumb;
use crate::ui::theme::Palette;
use crate::ui::view::View;
use crate::ui::widgets::{Button, Notice, Tag, Tone};
use crate::ui::words::{LineState, line_state};

/// Shows the heading, and under it what is wrong and what to do.
pub fn show(ui: &mut Ui, view: &View<'_>, known: &AccountView) {
    let palette = Palette::of(ui);
    let state = line_state(view, palette, known);
    let owner = owner_words(view, known);
    let (owner, pill) = (Tag::new(&owner), state_tag(palette, &state));
    if ui.available_width() >= TWO_COLUMNS {
        let row = vec2(ui.available_width(), 32.0);
        ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
            ui.add(owner);
            let rest = vec2(ui.available_width(), 32.0);
            ui.allocate_ui_with_layout(rest, Layout::left_to_right(Align::Center), |ui| {
                let taken = pill.width(ui) + 12.0;
                breadcrumb(ui, view, &known.name, taken);
                ui.add(pill);
            });
        });
    } else {
        ui.horizontal(|ui| breadcrumb(ui, view, &known.name, 0.0));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            ui.add(pill);
            ui.add(owner);
        });
    }
    if state.wrong {
        trouble(ui, view, known, state);
    }
}

/// Who made the line.
fn owner_words(view: &View<'_>, known: &AccountView) -> String {
    match &known.owner {
        Some(owner) if !view.owns(known) => {
            view.say_with("line-owner", &[("owner", owner.name.as_str().into())])
        }
        _ => view.say("line-owner-you"),
    }
}

fn state_tag<'a>(palette: &Palette, state: &'a LineState) -> Tag<'a> {
    let tag = Tag::new(&state.brief).dot(state.dot);
    if state.wrong {
        tag.color(palette.warn).fill(palette.warn_weak)
    } else if state.dot == palette.call {
        tag.color(palette.call).fill(palette.call_weak)
    } else {
        tag
    }
}

/// What is wrong, what to do, and what helps at once.
fn trouble(ui: &mut Ui, view: &View<'_>, known: &AccountView, state: LineState) {
    let (what, next) = match state.problem {
        Some(problem) => (problem.what, problem.next),
        None => (state.short, String::new()),
    };
    let notice = Notice {
        what: &what,
        next: &next,
        tone: Tone::Warn,
        dismiss: None,
    };
    let fingerprint = match &known.registration.reason {
        Some(
            Problem::CertificateNotTrusted { fingerprint, .. }
            | Problem::CertificateWrongName { fingerprint, .. },
        ) if !fingerprint.is_empty() && view.owns(known) => Some(fingerprint),
        _ => None,
    };
    let again = known.registration.state == RegistrationState::Failed;
    notice.show(ui, |ui| {
        if fingerprint.is_none() && !again {
            return;
        }
        ui.add_space(6.0);
        ui.horizontal_wrapped(|ui| {
            let trust = view.say("lines-trust");
            if let Some(fingerprint) = fingerprint
                && ui.add(Button::new(&trust).icon(Icon::Shield)).clicked()
            {
                view.send(Command::PinCertificate {
                    account: known.id.clone(),
                    fingerprint: fingerprint.clone(),
                });
            }
            let try_now = view.say("lines-try-now");
            if again && ui.add(Button::new(&try_now).icon(Icon::Refresh)).clicked() {
                view.send(Command::Register {
                    account: known.id.clone(),
                });
            }
        });
    });
}
