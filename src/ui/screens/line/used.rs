//! The page of a line that somebody else set up: it can be called with, and not changed.

use egui::Ui;

use crate::engine::AccountView;
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, note, wrapped};

/// Shows what there is to know, and the way to call.
pub fn show(ui: &mut Ui, view: &View<'_>, known: &AccountView) {
    let palette = Palette::of(ui);
    let owner = known.owner.as_ref().map(|owner| owner.name.as_str());
    let owner = [("owner", owner.unwrap_or_default().into())];
    ui.add_space(8.0);
    wrapped(
        ui,
        &view.say_with("line-used", &owner),
        Size::Body,
        Weight::Regular,
        palette.text,
    );
    if known.values.get("record").is_some_and(|on| on == "on") {
        ui.add_space(4.0);
        ui.horizontal_top(|ui| {
            Icon::Record.show(ui, 18.0, palette.end);
            ui.vertical(|ui| {
                let words = view.say("line-records");
                wrapped(ui, &words, Size::Body, Weight::Medium, palette.text);
                note(ui, &view.say_with("line-records-note", &owner));
            });
        });
    }
    ui.add_space(16.0);
    let call = view.say("line-call");
    let button = Button::new(&call).icon(Icon::Phone).kind(Kind::Call);
    let ready = crate::ui::view::is_ready(known);
    if ui.add_enabled(ready, button.height(48.0)).clicked() {
        view.call_over(known.id.clone());
    }
}
