use egui::{Color32, CornerRadius, Frame, InnerResponse, Margin, Stroke, Ui};

use crate::ui::theme::{CARD_RADIUS, Palette};

/// A card in the usual colours.
pub fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let palette = Palette::of(ui);
    card_with(ui, palette.surface, palette.line, Margin::same(16), contents)
}

/// A card in colours and with a margin of its own; it takes the whole width.
pub fn card_with<R>(
    ui: &mut Ui,
    fill: Color32,
    line: Color32,
    margin: Margin,
    contents: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    Frame::new()
        .fill(fill)
        .stroke(Stroke::new(1.0, line))
        .corner_radius(CornerRadius::same(CARD_RADIUS))
        .inner_margin(margin)
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            contents(ui)
        })
}
