use egui::accesskit::Live;
use egui::{Align, Label, Layout, Margin, Role, Ui, vec2};

use super::{Button, Kind, card_with};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};

/// A line that says what was done, with a button that takes it back; true once that is pressed.
pub fn toast(ui: &mut Ui, words: &str, undo: &str) -> bool {
    let palette = Palette::of(ui);
    let margin = Margin {
        left: 12,
        right: 6,
        top: 4,
        bottom: 4,
    };
    let card = card_with(ui, palette.surface2, palette.surface2, margin, |ui| {
        let row = vec2(ui.available_width(), 36.0);
        let button = Button::new(undo).icon(Icon::Undo).kind(Kind::Link);
        ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
            let undone = ui.add(button.height(36.0)).clicked();
            let rest = vec2(ui.available_width(), 36.0);
            ui.allocate_ui_with_layout(rest, Layout::left_to_right(Align::Center), |ui| {
                let words = text(words, Size::Body, Weight::Regular, palette.text);
                let label = ui.add(Label::new(words).wrap());
                ui.ctx().accesskit_node_builder(label.id, |node| {
                    node.set_role(Role::Status);
                    node.set_live(Live::Polite);
                });
            });
            undone
        })
        .inner
    });
    card.inner
}
