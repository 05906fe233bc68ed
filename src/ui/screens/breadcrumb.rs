//! A heading that leads back to the list of lines.

use egui::{Align, Label, Layout, Ui, UiBuilder, vec2};

use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Button, Kind};

/// Shows it, with the name of the line, and leaves some width free behind it, points.
pub fn breadcrumb(ui: &mut Ui, view: &View<'_>, name: &str, free: f32) {
    let palette = Palette::of(ui);
    let lines = view.say("nav-lines");
    let back = ui.scope_builder(UiBuilder::new().id_salt("back"), |ui| {
        ui.add(Button::new(&lines).kind(Kind::Quiet).height(32.0).bare())
    });
    if back.inner.clicked() {
        view.go(Place::Lines);
    }
    Icon::ChevronRight.show(ui, 14.0, palette.text2);
    let room = vec2((ui.available_width() - free).max(40.0), 32.0);
    let name = text(name, Size::Title, Weight::Semibold, palette.text);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        ui.add(Label::new(name).truncate());
    });
}
