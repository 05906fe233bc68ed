use egui::{Color32, CornerRadius, Pos2, Rect, Ui, vec2};

use crate::ui::theme::{Palette, mix};

/// Paints a switch around a point; `how_on` goes from 0.0 (off) to 1.0 (on).
pub fn paint_switch(ui: &Ui, center: Pos2, how_on: f32) {
    let palette = Palette::of(ui);
    let rect = Rect::from_center_size(center, vec2(34.0, 20.0));
    let off = if ui.visuals().dark_mode {
        mix(palette.line, palette.text2, 0.25)
    } else {
        palette.line
    };
    ui.painter().rect_filled(
        rect,
        CornerRadius::same(10),
        mix(off, palette.accent, how_on),
    );
    let x = egui::lerp((rect.left() + 10.0)..=(rect.right() - 10.0), how_on);
    ui.painter()
        .circle_filled(egui::pos2(x, center.y), 8.0, Color32::WHITE);
}
