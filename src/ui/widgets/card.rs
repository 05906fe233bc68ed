use egui::{Color32, CornerRadius, Frame, InnerResponse, Margin, Stroke, Ui};

use crate::ui::theme::CARD_RADIUS;

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
