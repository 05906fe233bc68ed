//! A heading that leads back to the list of lines.

use egui::{Label, Ui, UiBuilder};

use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Button, Kind};

/// Shows it, with the name of the line.
pub fn breadcrumb(ui: &mut Ui, view: &View<'_>, name: &str) {
    let palette = Palette::of(ui);
    let lines = view.say("nav-lines");
    let back = ui.scope_builder(UiBuilder::new().id_salt("back"), |ui| {
        ui.add(Button::new(&lines).kind(Kind::Quiet).height(32.0).bare())
    });
    if back.inner.clicked() {
        view.go(Place::Lines);
    }
    Icon::ChevronRight.show(ui, 14.0, palette.text2);
    ui.add(Label::new(text(name, Size::Title, Weight::Semibold, palette.text)).truncate());
}
