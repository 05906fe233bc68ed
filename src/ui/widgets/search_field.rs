use egui::{
    CornerRadius, Frame, Id, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, pos2, vec2,
};

use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, font, text};

/// A field for what is looked for.
pub fn search_field(ui: &mut Ui, id: Id, name: &str, typed: &mut String) -> Response {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::empty());
    let focused = ui.memory(|memory| memory.has_focus(id));
    let radius = CornerRadius::same(RADIUS);
    ui.painter().rect_filled(rect, radius, palette.surface);
    Icon::Search.paint(
        ui,
        pos2(rect.left() + 20.0, rect.center().y),
        16.0,
        palette.text2,
    );
    let place = rect.with_min_x(rect.left() + 38.0).shrink2(vec2(4.0, 4.0));
    let hint = text(name, Size::Body, Weight::Regular, palette.text2);
    let response = ui
        .put(
            place,
            TextEdit::singleline(typed)
                .id(id)
                .frame(Frame::NONE)
                .font(font(Size::Body.points(), Weight::Regular))
                .text_color(palette.text)
                .align(egui::Align2::LEFT_CENTER)
                .min_size(place.size())
                .desired_width(place.width())
                .hint_text(hint),
        )
        .accessible_name(name);
    if focused {
        let ring = Stroke::new(2.0, palette.accent);
        ui.painter()
            .rect_stroke(rect, radius, ring, StrokeKind::Inside);
    }
    response
}
