use std::sync::Arc;

use egui::{
    Color32, CornerRadius, FontSelection, Galley, Response, Role, Sense, TextWrapMode, Ui, Widget,
    WidgetInfo, WidgetText, pos2, vec2,
};

use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};

/// The space on both sides of the text together, points.
const SIDES: f32 = 16.0;

/// A small rounded note; nothing to press.
pub struct Tag<'a> {
    text: &'a str,
    icon: Option<Icon>,
    dot: Option<Color32>,
    color: Option<Color32>,
    fill: Option<Color32>,
}

impl<'a> Tag<'a> {
    /// A tag with a text.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            icon: None,
            dot: None,
            color: None,
            fill: None,
        }
    }

    /// With a small icon before the text.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// With a dot before the text.
    pub fn dot(mut self, color: Color32) -> Self {
        self.dot = Some(color);
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

impl Tag<'_> {
    /// How wide it is where there is room.
    pub fn width(&self, ui: &Ui) -> f32 {
        self.galley(ui, f32::INFINITY).size().x + SIDES + self.before()
    }

    fn before(&self) -> f32 {
        match (self.icon, self.dot) {
            (Some(_), _) => 17.0,
            (None, Some(_)) => 13.0,
            (None, None) => 0.0,
        }
    }

    fn galley(&self, ui: &Ui, room: f32) -> Arc<Galley> {
        let color = self.color.unwrap_or(Palette::of(ui).text2);
        WidgetText::from(text(self.text, Size::Note, Weight::Regular, color)).into_galley(
            ui,
            Some(TextWrapMode::Truncate),
            room,
            FontSelection::Default,
        )
    }
}

impl Widget for Tag<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let palette = Palette::of(ui);
        let color = self.color.unwrap_or(palette.text2);
        let before = self.before();
        let room = (ui.max_rect().width() - SIDES - before).max(16.0);
        let galley = self.galley(ui, room);
        let size = vec2(galley.size().x + SIDES + before, 20.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, self.text));
        if ui.is_rect_visible(rect) {
            let fill = self.fill.unwrap_or(palette.surface2);
            ui.painter().rect_filled(rect, CornerRadius::same(10), fill);
            let (left, y) = (rect.left(), rect.center().y);
            if let Some(icon) = self.icon {
                icon.paint(ui, pos2(left + 14.5, y), 13.0, color);
            } else if let Some(dot) = self.dot {
                ui.painter().circle_filled(pos2(left + 12.0, y), 4.0, dot);
            }
            let at = pos2(left + 8.0 + before, y - galley.size().y / 2.0);
            ui.painter().galley(at, galley, color);
        }
        response
    }
}
