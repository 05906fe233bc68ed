use std::sync::Arc;

use egui::{
    Color32, CornerRadius, FontSelection, Galley, Id, Rect, Response, Role, Sense, Stroke,
    StrokeKind, TextWrapMode, Ui, Widget, WidgetInfo, WidgetText, pos2, vec2,
};

use super::{focus_ring, paint_switch, press_tint, wrapped};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, text};

/// The height of a row, points.
pub const ROW_HEIGHT: f32 = 40.0;
/// The space between a row's edge and its text, points.
pub(super) const PADDING: f32 = 12.0;

/// What a row's border says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Nothing.
    #[default]
    None,
    /// It is not in force yet.
    Waiting,
    /// It was refused.
    Wrong,
}

impl Mark {
    /// The colour of the border, if there is one.
    pub(super) fn color(self, palette: &Palette) -> Option<Color32> {
        match self {
            Self::None => None,
            Self::Waiting => Some(palette.warn),
            Self::Wrong => Some(palette.end),
        }
    }
}

pub(super) fn line_of(
    ui: &Ui,
    words: &str,
    weight: Weight,
    color: Color32,
    room: f32,
) -> Arc<Galley> {
    WidgetText::from(text(words, Size::Body, weight, color)).into_galley(
        ui,
        Some(TextWrapMode::Truncate),
        room.max(0.0),
        FontSelection::Default,
    )
}

pub(super) fn paint_ground(ui: &Ui, rect: Rect, fill: Color32, border: Option<Color32>) {
    let stroke = border.map_or(Stroke::NONE, |color| Stroke::new(1.0, color));
    ui.painter().rect(
        rect,
        CornerRadius::same(RADIUS),
        fill,
        stroke,
        StrokeKind::Inside,
    );
}

/// Takes up the place of a row. With an identifier of its own it can be given the keyboard.
fn pressable(ui: &mut Ui, id: Option<Id>) -> (Rect, Response) {
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    match id {
        Some(id) => {
            let (rect, _) = ui.allocate_exact_size(size, Sense::empty());
            (rect, ui.interact(rect, id, Sense::click()))
        }
        None => ui.allocate_exact_size(size, Sense::click()),
    }
}

fn paint_label(ui: &Ui, rect: Rect, label: &str, room: f32) -> f32 {
    let color = Palette::of(ui).text2;
    let label = line_of(ui, label, Weight::Regular, color, room);
    let width = label.size().x;
    let at = pos2(
        rect.left() + PADDING,
        rect.center().y - label.size().y / 2.0,
    );
    ui.painter().galley(at, label, color);
    width
}

/// A row that is pressed: what it is about on the left, the value on the right.
pub struct ValueRow<'a> {
    id: Option<Id>,
    label: &'a str,
    value: &'a str,
    spoken: Option<&'a str>,
    faint: bool,
    icon: Option<Icon>,
    mark: Mark,
}

impl<'a> ValueRow<'a> {
    /// A row with a name and a value; both make its accessible name.
    pub fn new(label: &'a str, value: &'a str) -> Self {
        Self {
            id: None,
            label,
            value,
            spoken: None,
            faint: false,
            icon: None,
            mark: Mark::None,
        }
    }

    /// With an identifier that stays the same whatever stands around it.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// With another accessible name.
    pub fn spoken(mut self, spoken: &'a str) -> Self {
        self.spoken = Some(spoken);
        self
    }

    /// With a value that steps back, because it was not given.
    pub fn faint(mut self, faint: bool) -> Self {
        self.faint = faint;
        self
    }

    /// With a mark of what a press leads to.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// With a border that says something of the value.
    pub fn mark(mut self, mark: Mark) -> Self {
        self.mark = mark;
        self
    }
}

impl Widget for ValueRow<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let palette = Palette::of(ui);
        let (rect, response) = pressable(ui, self.id);
        let name = match self.spoken {
            Some(spoken) => spoken.to_owned(),
            None => format!("{}: {}", self.label, self.value),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if ui.is_rect_visible(rect) {
            let fill = press_tint(ui, &response, palette.surface);
            paint_ground(ui, rect, fill, self.mark.color(palette));
            let end = if self.icon.is_some() { 20.0 } else { 0.0 };
            let room = rect.width() - 2.0 * PADDING - 12.0 - end;
            let (weight, color) = match self.faint {
                true => (Weight::Regular, palette.text2),
                false => (Weight::Medium, palette.text),
            };
            let needed = line_of(ui, self.value, weight, color, room).size().x;
            let taken = paint_label(ui, rect, self.label, (room - needed).max(room * 0.6));
            let value = line_of(ui, self.value, weight, color, room - taken);
            let (y, right) = (rect.center().y, rect.right() - PADDING);
            if let Some(icon) = self.icon {
                icon.paint(ui, pos2(right - 7.0, y), 14.0, palette.text2);
            }
            let at = pos2(right - end - value.size().x, y - value.size().y / 2.0);
            ui.painter().galley(at, value, color);
            focus_ring(ui, &response, RADIUS);
        }
        response
    }
}

/// A row with a switch.
pub struct SwitchRow<'a> {
    id: Option<Id>,
    label: &'a str,
    spoken: Option<&'a str>,
    on: bool,
    mark: Mark,
}

impl<'a> SwitchRow<'a> {
    /// A row with a name and a switch.
    pub fn new(label: &'a str, on: bool) -> Self {
        Self {
            id: None,
            label,
            spoken: None,
            on,
            mark: Mark::None,
        }
    }

    /// With an identifier that stays the same whatever stands around it.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// With another accessible name.
    pub fn spoken(mut self, spoken: &'a str) -> Self {
        self.spoken = Some(spoken);
        self
    }

    /// With a border that says something of the value.
    pub fn mark(mut self, mark: Mark) -> Self {
        self.mark = mark;
        self
    }
}

impl Widget for SwitchRow<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let palette = Palette::of(ui);
        let (rect, response) = pressable(ui, self.id);
        let name = self.spoken.unwrap_or(self.label);
        response.widget_info(|| WidgetInfo::selected(Role::Switch, true, self.on, name));
        let how_on = ui.ctx().animate_bool_responsive(response.id, self.on);
        if ui.is_rect_visible(rect) {
            let fill = press_tint(ui, &response, palette.surface);
            paint_ground(ui, rect, fill, self.mark.color(palette));
            paint_label(ui, rect, self.label, rect.width() - 2.0 * PADDING - 46.0);
            let at = pos2(rect.right() - PADDING - 17.0, rect.center().y);
            paint_switch(ui, at, how_on);
            focus_ring(ui, &response, RADIUS);
        }
        response
    }
}

/// What is wrong with the value of the row above.
pub fn error_under(ui: &mut Ui, words: &str) {
    words_under(ui, words, Palette::of(ui).end);
}

/// What the row above is for.
pub fn help_under(ui: &mut Ui, words: &str) {
    words_under(ui, words, Palette::of(ui).text2);
}

fn words_under(ui: &mut Ui, words: &str, color: Color32) {
    let margin = egui::Margin {
        left: 12,
        right: 12,
        top: 2,
        bottom: 4,
    };
    egui::Frame::new().inner_margin(margin).show(ui, |ui| {
        wrapped(ui, words, Size::Note, Weight::Regular, color);
    });
}
