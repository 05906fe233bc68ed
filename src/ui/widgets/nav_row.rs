use egui::{
    CornerRadius, FontSelection, Response, Role, Sense, TextWrapMode, Ui, WidgetInfo, WidgetText,
    pos2, vec2,
};

use super::row::line_of;
use super::{focus_ring, press_tint};
use crate::ui::icons::{Icon, SIZE};
use crate::ui::theme::{Palette, RADIUS, Size, Weight, text};

/// A row that leads somewhere: an icon, a title, a line of explanation.
pub fn nav_row(ui: &mut Ui, icon: Icon, title: &str, explanation: &str, end: Icon) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 56.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, title));
    if ui.is_rect_visible(rect) {
        if response.hovered() || response.is_pointer_button_down_on() {
            let fill = press_tint(ui, &response, palette.surface);
            ui.painter()
                .rect_filled(rect, CornerRadius::same(RADIUS), fill);
        }
        let y = rect.center().y;
        icon.paint(
            ui,
            pos2(rect.left() + 8.0 + SIZE / 2.0, y),
            SIZE,
            palette.accent,
        );
        let end_color = if end == Icon::Phone {
            palette.accent
        } else {
            palette.text2
        };
        end.paint(
            ui,
            pos2(rect.right() - 8.0 - SIZE / 2.0, y),
            SIZE,
            end_color,
        );
        let left = rect.left() + 8.0 + SIZE + 12.0;
        let room = rect.right() - 8.0 - SIZE - 12.0 - left;
        let title = line_of(ui, title, Weight::Medium, palette.text, room);
        let note = WidgetText::from(text(
            explanation,
            Size::Note,
            Weight::Regular,
            palette.text2,
        ))
        .into_galley(
            ui,
            Some(TextWrapMode::Truncate),
            room,
            FontSelection::Default,
        );
        let top = y - (title.size().y + note.size().y) / 2.0;
        let below = top + title.size().y;
        ui.painter().galley(pos2(left, top), title, palette.text);
        ui.painter().galley(pos2(left, below), note, palette.text2);
        focus_ring(ui, &response, RADIUS);
    }
    response
}
