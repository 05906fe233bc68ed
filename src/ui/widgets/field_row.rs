use egui::{
    Align, Align2, CornerRadius, Frame, Id, Key, Layout, Rect, Response, Sense, Stroke, StrokeKind,
    TextEdit, Ui, UiBuilder, pos2, vec2,
};

use super::row::{PADDING, line_of, paint_ground};
use super::{Kind, Mark, ROW_HEIGHT, icon_button, press_tint};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, font, text};

/// The side of the button that shows a secret, points.
const PEEK: f32 = 32.0;

/// How the keyboard left a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// What is typed is to be kept.
    Enter,
    /// What is typed is to be dropped.
    Escape,
    /// The person went on to something else.
    Elsewhere,
}

/// A field as it was shown.
pub struct Field {
    /// The field itself.
    pub response: Response,
    /// Whether and how the keyboard left it with this picture.
    pub left: Option<Leave>,
}

/// A row with the name of a setting on the left and its value, typed in place, on the right.
pub struct FieldRow<'a> {
    /// Names the field; stable, so that typing goes on whatever happens around it.
    pub id: Id,
    /// The name of the setting.
    pub label: &'a str,
    /// What stands there while nothing is typed.
    pub hint: &'a str,
    /// What the border says while the field has not the keyboard.
    pub mark: Mark,
    /// For a secret: whether it is shown, and the names of the button that shows and hides it.
    pub secret: Option<(&'a mut bool, &'a str, &'a str)>,
}

impl FieldRow<'_> {
    /// Shows the row.
    pub fn show(self, ui: &mut Ui, value: &mut String) -> Field {
        let palette = Palette::of(ui);
        let size = vec2(ui.available_width(), ROW_HEIGHT);
        let (rect, _) = ui.allocate_exact_size(size, Sense::empty());
        let ground = ui.interact(rect, self.id.with("row"), Sense::CLICK);
        let focused = ui.memory(|memory| memory.has_focus(self.id));
        let fill = if focused {
            palette.background
        } else {
            press_tint(ui, &ground, palette.surface)
        };
        paint_ground(ui, rect, fill, self.mark.color(palette));
        if focused {
            let ring = match self.mark {
                Mark::Wrong => palette.end,
                _ => palette.accent,
            };
            ui.painter().rect_stroke(
                rect,
                CornerRadius::same(RADIUS),
                Stroke::new(2.0, ring),
                StrokeKind::Inside,
            );
        }

        let room = rect.width() * 0.55;
        let label = line_of(ui, self.label, Weight::Regular, palette.text2, room);
        let label_width = label.size().x;
        let at = pos2(
            rect.left() + PADDING,
            rect.center().y - label.size().y / 2.0,
        );
        ui.painter().galley(at, label, palette.text2);

        let secret = self.secret;
        let masked = secret.as_ref().is_some_and(|(shown, ..)| !**shown);
        let peeks = secret.is_some() && !value.is_empty();
        let right = match peeks {
            true => rect.right() - PEEK - 8.0,
            false => rect.right() - PADDING,
        };
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
        let mut parts = vec![response.clone()];
        if let Some((shown, show, hide)) = secret.filter(|_| peeks) {
            let button = peek(ui, self.id, rect, shown, [show, hide]);
            if button.clicked() {
                response.request_focus();
            }
            parts.push(button);
        }
        Field {
            left: leave(ui, &parts),
            response,
        }
    }
}

/// Whether the keyboard left these parts of a field, and how.
fn leave(ui: &Ui, parts: &[Response]) -> Option<Leave> {
    let left = parts.iter().any(Response::lost_focus) && !parts.iter().any(Response::has_focus);
    left.then(|| {
        ui.input(|input| match () {
            () if input.key_pressed(Key::Enter) => Leave::Enter,
            () if input.key_pressed(Key::Escape) => Leave::Escape,
            () => Leave::Elsewhere,
        })
    })
}

/// The button that shows and hides a secret.
fn peek(ui: &mut Ui, id: Id, rect: Rect, shown: &mut bool, names: [&str; 2]) -> Response {
    let at = pos2(rect.right() - PEEK - 4.0, rect.center().y - PEEK / 2.0);
    let place = Rect::from_min_size(at, vec2(PEEK, PEEK));
    let mut child = ui.new_child(UiBuilder::new().id_salt(id.with("peek")).max_rect(place));
    let [show, hide] = names;
    let (icon, name) = match *shown {
        true => (Icon::EyeOff, hide),
        false => (Icon::Eye, show),
    };
    let button = icon_button(&mut child, icon, name, Kind::Quiet, PEEK);
    if button.clicked() {
        *shown = !*shown;
    }
    button
}
