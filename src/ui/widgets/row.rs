use egui::{
    Align, Align2, Color32, CornerRadius, FontSelection, Frame, Galley, Id, Layout, Rect, Response,
    Role, Sense, Stroke, StrokeKind, TextEdit, TextWrapMode, Ui, UiBuilder, WidgetInfo, WidgetText,
    pos2, vec2,
};
use std::sync::Arc;

use super::{Kind, focus_ring, icon_button, paint_switch, press_tint, wrapped};
use crate::ui::icons::{Icon, SIZE};
use crate::ui::theme::{Palette, RADIUS, Size, Weight, font, text};

const HEIGHT: f32 = 40.0;
const PADDING: f32 = 12.0;

fn line_of(ui: &Ui, words: &str, weight: Weight, color: Color32, room: f32) -> Arc<Galley> {
    WidgetText::from(text(words, Size::Body, weight, color)).into_galley(
        ui,
        Some(TextWrapMode::Truncate),
        room.max(0.0),
        FontSelection::Default,
    )
}

fn paint_ground(ui: &Ui, rect: Rect, fill: Color32, border: Option<Color32>) {
    let stroke = border.map_or(Stroke::NONE, |color| Stroke::new(1.0, color));
    ui.painter().rect(
        rect,
        CornerRadius::same(RADIUS),
        fill,
        stroke,
        StrokeKind::Inside,
    );
}

/// A row with the name of a setting on the left and its value, typed in place, on the right.
pub struct FieldRow<'a> {
    /// Names the field; stable, so that typing goes on whatever happens around it.
    pub id: Id,
    /// The name of the setting.
    pub label: &'a str,
    /// What stands there while nothing is typed.
    pub hint: &'a str,
    /// Whether the value differs from the one in force.
    pub changed: bool,
    /// Whether the value is refused.
    pub wrong: bool,
    /// For a secret: whether it is shown, and the names of the button that shows and hides it.
    pub secret: Option<(&'a mut bool, &'a str, &'a str)>,
}

impl FieldRow<'_> {
    /// Shows the row.
    pub fn show(self, ui: &mut Ui, value: &mut String) -> Response {
        let palette = Palette::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::empty());
        let ground = ui.interact(rect, self.id.with("row"), Sense::CLICK);
        let focused = ui.memory(|memory| memory.has_focus(self.id));
        let border = if focused {
            Some(palette.accent)
        } else if self.wrong {
            Some(palette.end)
        } else if self.changed {
            Some(palette.warn)
        } else {
            None
        };
        let fill = if focused {
            palette.background
        } else {
            press_tint(ui, &ground, palette.surface)
        };
        paint_ground(ui, rect, fill, border);
        if focused {
            let ring = Stroke::new(2.0, palette.accent);
            ui.painter()
                .rect_stroke(rect, CornerRadius::same(RADIUS), ring, StrokeKind::Inside);
        }

        let label = line_of(
            ui,
            self.label,
            Weight::Regular,
            palette.text2,
            rect.width() * 0.55,
        );
        let label_width = label.size().x;
        let at = pos2(
            rect.left() + PADDING,
            rect.center().y - label.size().y / 2.0,
        );
        ui.painter().galley(at, label, palette.text2);

        let mut right = rect.right() - PADDING;
        let mut masked = false;
        if let Some((shown, show, hide)) = self.secret
            && !value.is_empty()
        {
            let size = 32.0;
            let place = Rect::from_min_size(
                pos2(rect.right() - size - 4.0, rect.center().y - size / 2.0),
                vec2(size, size),
            );
            let mut child = ui.new_child(
                UiBuilder::new()
                    .id_salt(self.id.with("peek"))
                    .max_rect(place),
            );
            let (icon, name) = if *shown {
                (Icon::EyeOff, hide)
            } else {
                (Icon::Eye, show)
            };
            if icon_button(&mut child, icon, name, Kind::Quiet, size).clicked() {
                *shown = !*shown;
            }
            masked = !*shown;
            right = place.left() - 4.0;
        }
        // The cursor stands at the right edge: room for it behind the hint.
        let hint = if focused {
            format!("{}\u{a0}", self.hint)
        } else {
            self.hint.to_owned()
        };
        let left = (rect.left() + PADDING + label_width + 12.0).min(right - 24.0);
        let place = Rect::from_min_max(
            pos2(left, rect.top() + 3.0),
            pos2(right, rect.bottom() - 4.0),
        );
        let mut child = ui.new_child(
            UiBuilder::new()
                .id_salt(self.id)
                .max_rect(place)
                .layout(Layout::right_to_left(Align::Center)),
        );
        let response = child
            .add(
                TextEdit::singleline(value)
                    .id(self.id)
                    .frame(Frame::NONE)
                    .password(masked)
                    .font(font(Size::Body.points(), Weight::Medium))
                    .text_color(palette.text)
                    .align(Align2::RIGHT_CENTER)
                    .cursor_at_end(true)
                    .desired_width(place.width())
                    .min_size(place.size())
                    .hint_text(text(hint, Size::Body, Weight::Regular, palette.text2)),
            )
            .accessible_name(self.label);
        if ground.clicked() {
            response.request_focus();
        }
        response
    }
}

/// What is wrong with the value of the row above.
pub fn error_under(ui: &mut Ui, words: &str) {
    let color = Palette::of(ui).end;
    Frame::new()
        .inner_margin(egui::Margin {
            left: 12,
            right: 12,
            top: 2,
            bottom: 4,
        })
        .show(ui, |ui| {
            wrapped(ui, words, Size::Note, Weight::Regular, color);
        });
}

/// A row whose value is chosen by pressing it.
pub fn choice_row(ui: &mut Ui, label: &str, value: &str, icon: Icon, changed: bool) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let name = format!("{label}: {value}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if ui.is_rect_visible(rect) {
        let border = changed.then_some(palette.warn);
        paint_ground(ui, rect, press_tint(ui, &response, palette.surface), border);
        let room = rect.width() - 2.0 * PADDING - 12.0 - 20.0;
        let label = line_of(ui, label, Weight::Regular, palette.text2, room * 0.6);
        let value = line_of(
            ui,
            value,
            Weight::Medium,
            palette.text,
            room - label.size().x,
        );
        let y = rect.center().y;
        let at = pos2(rect.left() + PADDING, y - label.size().y / 2.0);
        ui.painter().galley(at, label, palette.text2);
        let right = rect.right() - PADDING;
        icon.paint(ui, pos2(right - 7.0, y), 14.0, palette.text2);
        let at = pos2(right - 20.0 - value.size().x, y - value.size().y / 2.0);
        ui.painter().galley(at, value, palette.text);
        focus_ring(ui, &response, RADIUS);
    }
    response
}

/// A row with a switch; true if it was pressed.
pub fn switch_row(ui: &mut Ui, label: &str, on: bool, changed: bool) -> bool {
    let palette = Palette::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, true, on, label));
    let how_on = ui.ctx().animate_bool_responsive(response.id, on);
    if ui.is_rect_visible(rect) {
        let border = changed.then_some(palette.warn);
        paint_ground(ui, rect, press_tint(ui, &response, palette.surface), border);
        let room = rect.width() - 2.0 * PADDING - 46.0;
        let label = line_of(ui, label, Weight::Regular, palette.text2, room);
        let at = pos2(
            rect.left() + PADDING,
            rect.center().y - label.size().y / 2.0,
        );
        ui.painter().galley(at, label, palette.text2);
        paint_switch(
            ui,
            pos2(rect.right() - PADDING - 17.0, rect.center().y),
            how_on,
        );
        focus_ring(ui, &response, RADIUS);
    }
    response.clicked()
}

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
