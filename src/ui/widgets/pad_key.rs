use egui::{Align2, CornerRadius, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};

use super::{focus_ring, press_tint};
use crate::ui::theme::{Palette, Weight, font};

/// The twelve keys: what each dials and the letters on it.
pub const KEYS: [(char, &str); 12] = [
    ('1', ""),
    ('2', "ABC"),
    ('3', "DEF"),
    ('4', "GHI"),
    ('5', "JKL"),
    ('6', "MNO"),
    ('7', "PQRS"),
    ('8', "TUV"),
    ('9', "WXYZ"),
    ('*', ""),
    ('0', "+"),
    ('#', ""),
];

/// Twelve keys in four rows; gives back what was pressed. A long press of 0 gives `+`.
pub fn pad(ui: &mut Ui, width: f32, key_height: f32, letters: bool) -> Option<char> {
    let mut pressed = None;
    let gap = 8.0;
    let key_width = (width - 2.0 * gap) / 3.0;
    let (area, _) =
        ui.allocate_exact_size(vec2(width, key_height * 4.0 + gap * 3.0), Sense::empty());
    for (index, (digit, note)) in KEYS.into_iter().enumerate() {
        let (row, column) = ((index / 3) as f32, (index % 3) as f32);
        let at = area.min + vec2(column * (key_width + gap), row * (key_height + gap));
        let rect = Rect::from_min_size(at, vec2(key_width, key_height));
        let note = if letters { note } else { "" };
        let response = key(ui, rect, digit, note);
        if digit == '0' && letters && (response.long_touched() || response.secondary_clicked()) {
            pressed = Some('+');
        } else if response.clicked() {
            pressed = Some(digit);
        }
    }
    pressed
}

fn key(ui: &mut Ui, rect: Rect, digit: char, letters: &str) -> Response {
    let palette = Palette::of(ui);
    let response = ui.interact(rect, ui.make_persistent_id(("key", digit)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, digit.to_string()));
    if ui.is_rect_visible(rect) {
        let fill = press_tint(ui, &response, palette.surface);
        ui.painter().rect_filled(rect, CornerRadius::same(10), fill);
        let up = if letters.is_empty() { 0.0 } else { 5.0 };
        ui.painter().text(
            rect.center() - vec2(0.0, up),
            Align2::CENTER_CENTER,
            digit,
            font(18.0, Weight::Medium),
            palette.text,
        );
        if !letters.is_empty() {
            ui.painter().text(
                rect.center() + vec2(0.0, 10.0),
                Align2::CENTER_CENTER,
                letters,
                font(9.0, Weight::Medium),
                palette.text2,
            );
        }
        focus_ring(ui, &response, 10);
    }
    response
}
