use egui::{
    CornerRadius, FontSelection, Popup, PopupCloseBehavior, Response, Role, ScrollArea, Sense,
    TextWrapMode, Ui, WidgetInfo, WidgetText, vec2,
};

use super::{focus_ring, press_tint};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, text};

/// A menu under what was pressed to open it.
pub fn menu<R>(under: &Response, width: f32, contents: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    Popup::menu(under)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .gap(4.0)
        .width(width)
        .show(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical()
                .max_height(324.0)
                .show(ui, contents)
                .inner
        })
        .map(|shown| shown.inner)
}

/// One choice of a menu.
pub fn menu_item(ui: &mut Ui, name: &str, chosen: bool) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::MenuItemRadio, true, chosen, name));
    if ui.is_rect_visible(rect) {
        if response.hovered() || response.has_focus() {
            let fill = press_tint(ui, &response, palette.surface);
            ui.painter()
                .rect_filled(rect, CornerRadius::same(RADIUS), fill);
        }
        let galley = WidgetText::from(text(name, Size::Body, Weight::Regular, palette.text))
            .into_galley(
                ui,
                Some(TextWrapMode::Truncate),
                rect.width() - 48.0,
                FontSelection::Default,
            );
        let at = egui::pos2(rect.left() + 12.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, palette.text);
        if chosen {
            let at = egui::pos2(rect.right() - 20.0, rect.center().y);
            Icon::Check.paint(ui, at, 16.0, palette.accent);
        }
        focus_ring(ui, &response, RADIUS);
    }
    response
}
