//! What was edited and is not in force yet, until when, and how to settle it now.

use egui::text::LayoutJob;
use egui::{Align, Frame, Label, Layout, Margin, Ui, vec2};

use super::sections::TWO_COLUMNS;
use super::shown::Shown;
use crate::engine::DraftView;
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, countdown};
use crate::ui::words::short_clock;

/// What a person decides about a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Put it in force.
    Apply,
    /// Drop it.
    Revert,
}

/// Shows the bar.
pub fn show(
    ui: &mut Ui,
    view: &View<'_>,
    shown: &Shown,
    draft: &DraftView,
    busy: bool,
) -> Option<Decision> {
    let names = shown
        .waiting()
        .map(|setting| mid_sentence(&view.say(setting.spec().title_key)));
    let names = names.collect::<Vec<_>>().join(", ");
    let words = view.say_with("draft-waits", &[("names", names.as_str().into())]);
    let left = short_clock(countdown(ui.ctx(), draft.due));
    bar(ui, view, |ui, wide| {
        let mut decision = None;
        let mut buttons = |ui: &mut Ui, width: Option<f32>| {
            let apply = view.say("draft-apply");
            let revert = view.say("draft-revert");
            let mut button = |name: &str, icon, kind, does| {
                let mut button = Button::new(name).icon(icon).kind(kind);
                if let Some(width) = width {
                    button = button.width(width);
                }
                if ui.add_enabled(!busy, button).clicked() {
                    decision = Some(does);
                }
            };
            button(&apply, Icon::Check, Kind::Accent, Decision::Apply);
            button(&revert, Icon::Undo, Kind::Ghost, Decision::Revert);
        };
        let words = |ui: &Ui, size| waiting(ui, &words, &left, size);
        if wide {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                buttons(ui, None);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(Label::new(words(ui, Size::Body)).wrap());
                });
            });
        } else {
            ui.add(Label::new(words(ui, Size::Note)).wrap());
            let width = (ui.available_width() - 8.0) / 2.0;
            let row = vec2(ui.available_width(), 40.0);
            ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                buttons(ui, Some(width));
            });
        }
        decision
    })
}

/// What waits, and the time in front of everything else.
fn waiting(ui: &Ui, words: &str, left: &str, size: Size) -> LayoutJob {
    let palette = Palette::of(ui);
    let mut job = LayoutJob::default();
    let words = text(format!("{words} "), size, Weight::Regular, palette.text2);
    let left = text(left, size, Weight::Semibold, palette.text);
    for part in [words, left] {
        let (fallback, align) = (egui::FontSelection::Default, Align::Center);
        part.append_to(&mut job, ui.style(), fallback, align);
    }
    job
}

/// A bar at the bottom of a page; tells its contents whether there is room for one row.
pub fn bar<R>(ui: &mut Ui, view: &View<'_>, contents: impl FnOnce(&mut Ui, bool) -> R) -> R {
    let palette = Palette::of(ui);
    let side = if view.narrow { 16 } else { 24 };
    let shown = Frame::new()
        .fill(palette.surface)
        .inner_margin(Margin::symmetric(side, 12))
        .show(ui, |ui| {
            let width = ui.available_width();
            ui.set_min_width(width);
            let wide = width >= TWO_COLUMNS;
            if wide {
                let row = vec2(width, 40.0);
                let layout = Layout::left_to_right(Align::Center);
                ui.allocate_ui_with_layout(row, layout, |ui| contents(ui, true))
                    .inner
            } else {
                contents(ui, false)
            }
        });
    let rect = shown.response.rect;
    ui.painter()
        .hline(rect.x_range(), rect.top() + 0.5, (1.0, palette.line));
    shown.inner
}

/// A title as it stands inside a sentence; DTMF stays as it is.
fn mid_sentence(title: &str) -> String {
    let second = title.chars().nth(1);
    match second.is_some_and(char::is_uppercase) {
        true => title.to_owned(),
        false => title.to_lowercase(),
    }
}
