use egui::{
    Align2, CornerRadius, FontSelection, Rect, Role, Sense, TextWrapMode, Ui, WidgetInfo,
    WidgetText, vec2,
};

use super::{focus_ring, press_tint};
use crate::ui::theme::{Palette, RADIUS, Size, Weight, text};

/// A few choices side by side, one of which is in force; gives back what was pressed.
pub fn segments(ui: &mut Ui, salt: &str, names: &[String], chosen: Option<usize>) -> Option<usize> {
    let palette = Palette::of(ui);
    let height = 40.0;
    let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::empty());
    ui.painter()
        .rect_filled(area, CornerRadius::same(RADIUS), palette.surface);
    let mut pressed = None;
    let width = area.width() / names.len().max(1) as f32;
    for (index, name) in names.iter().enumerate() {
        let at = area.min + vec2(index as f32 * width, 0.0);
        let rect = Rect::from_min_size(at, vec2(width, height)).shrink(2.0);
        let id = ui.make_persistent_id((salt, index));
        let response = ui.interact(rect, id, Sense::click());
        let on = chosen == Some(index);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, name));
        if response.clicked() {
            pressed = Some(index);
        }
        let (fill, color) = if on {
            (palette.accent_weak, palette.accent)
        } else if response.hovered() {
            (palette.surface2, palette.text)
        } else {
            (palette.surface, palette.text)
        };
        ui.painter().rect_filled(
            rect,
            CornerRadius::same(RADIUS - 2),
            press_tint(ui, &response, fill),
        );
        let galley = WidgetText::from(text(name, Size::Body, Weight::Medium, color)).into_galley(
            ui,
            Some(TextWrapMode::Truncate),
            rect.width() - 8.0,
            FontSelection::Default,
        );
        let at = Align2::CENTER_CENTER
            .align_size_within_rect(galley.size(), rect)
            .min;
        ui.painter().galley(at, galley, color);
        focus_ring(ui, &response, RADIUS - 2);
    }
    pressed
}
