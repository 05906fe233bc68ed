use egui::{
    Color32, CornerRadius, FontSelection, Response, Role, Sense, TextWrapMode, Ui, Widget,
    WidgetInfo, WidgetText, vec2,
};

use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};

/// A small rounded note; nothing to press.
pub struct Tag<'a> {
    text: &'a str,
    icon: Option<Icon>,
    color: Option<Color32>,
    fill: Option<Color32>,
}

impl<'a> Tag<'a> {
    /// A tag with a text.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            icon: None,
            color: None,
            fill: None,
        }
    }

    /// With a small icon before the text.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// With another colour of the text.
    pub fn color(mut self, color: Color32) -> Self {
        self.color = Some(color);
        self
    }

    /// On another ground.
    pub fn fill(mut self, fill: Color32) -> Self {
        self.fill = Some(fill);
        self
    }
}

impl Widget for Tag<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let palette = Palette::of(ui);
        let color = self.color.unwrap_or(palette.text2);
        let before = if self.icon.is_some() { 17.0 } else { 0.0 };
        let room = (ui.max_rect().width() - 16.0 - before).max(16.0);
        let galley = WidgetText::from(text(self.text, Size::Note, Weight::Regular, color))
            .into_galley(
                ui,
                Some(TextWrapMode::Truncate),
                room,
                FontSelection::Default,
            );
        let size = vec2(galley.size().x + 16.0 + before, 20.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, self.text));
        if ui.is_rect_visible(rect) {
            ui.painter().rect_filled(
                rect,
                CornerRadius::same(10),
                self.fill.unwrap_or(palette.surface2),
            );
            if let Some(icon) = self.icon {
                icon.paint(
                    ui,
                    egui::pos2(rect.left() + 14.5, rect.center().y),
                    13.0,
                    color,
                );
            }
            let at = egui::pos2(
                rect.left() + 8.0 + before,
                rect.center().y - galley.size().y / 2.0,
            );
            ui.painter().galley(at, galley, color);
        }
        response
    }
}
