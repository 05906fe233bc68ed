use egui::{
    Align2, Color32, CornerRadius, FontSelection, Response, Role, Sense, Stroke, StrokeKind,
    TextWrapMode, Ui, Widget, WidgetInfo, WidgetText, vec2,
};

use super::{focus_ring, press_tint};
use crate::ui::icons::{Icon, SIZE};
use crate::ui::theme::{Palette, RADIUS, Size, Weight, text};

/// What a button is for, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// One of several.
    #[default]
    Plain,
    /// Steps back: a border only.
    Ghost,
    /// No border, no ground until the pointer is over it.
    Quiet,
    /// As quiet, in the accent colour.
    Link,
    /// As ghost, for what loses something.
    Danger,
    /// Something is unusual and this puts it right.
    Warn,
    /// The main thing to do.
    Accent,
    /// Calls or answers.
    Call,
    /// Ends or refuses.
    End,
}

/// A button with an icon, a text, or both.
pub struct Button<'a> {
    text: &'a str,
    name: Option<&'a str>,
    icon: Option<Icon>,
    kind: Kind,
    height: f32,
    width: Option<f32>,
    radius: u8,
    stacked: bool,
    selected: Option<bool>,
    bare: bool,
    opens: bool,
}

impl<'a> Button<'a> {
    /// A button with a text, which is also its accessible name.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            name: None,
            icon: None,
            kind: Kind::Plain,
            height: 40.0,
            width: None,
            radius: RADIUS,
            stacked: false,
            selected: None,
            bare: false,
            opens: false,
        }
    }

    /// With an icon before the text.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Of another kind.
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Of another height, points.
    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    /// Of a fixed width, points.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// With other corners, points.
    pub fn radius(mut self, radius: u8) -> Self {
        self.radius = radius;
        self
    }

    /// With another name than its text for those who don't see it.
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// With the icon above a small text.
    pub fn stacked(mut self) -> Self {
        self.stacked = true;
        self
    }

    /// Without any space around the text.
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// With a mark that a menu opens.
    pub fn opens_menu(mut self) -> Self {
        self.opens = true;
        self
    }

    /// As a switch that is on or off.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = Some(selected);
        self
    }
}

struct Look {
    fill: Color32,
    text: Color32,
    stroke: Stroke,
}

fn look(palette: &Palette, kind: Kind) -> Look {
    let plain = |fill, text| Look {
        fill,
        text,
        stroke: Stroke::NONE,
    };
    match kind {
        Kind::Plain => plain(palette.surface2, palette.text),
        Kind::Ghost => Look {
            stroke: Stroke::new(1.0, palette.line),
            ..plain(Color32::TRANSPARENT, palette.text)
        },
        Kind::Danger => Look {
            stroke: Stroke::new(1.0, palette.line),
            ..plain(Color32::TRANSPARENT, palette.end)
        },
        Kind::Quiet => plain(Color32::TRANSPARENT, palette.text2),
        Kind::Link => plain(Color32::TRANSPARENT, palette.accent),
        Kind::Warn => plain(palette.warn_weak, palette.warn),
        Kind::Accent => plain(palette.accent, palette.on_strong),
        Kind::Call => plain(palette.call, palette.on_strong),
        Kind::End => plain(palette.end, palette.on_strong),
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let palette = Palette::of(ui);
        let mut look = look(palette, self.kind);
        if self.selected == Some(true) && self.kind == Kind::Plain {
            look = Look {
                fill: palette.accent_weak,
                text: palette.accent,
                stroke: Stroke::NONE,
            };
        }
        let size = if self.stacked {
            Size::Note
        } else if self.height >= 48.0 {
            Size::Title
        } else {
            Size::Body
        };
        let padding = match (self.text.is_empty(), self.stacked) {
            _ if self.bare => 0.0,
            (true, _) => 11.0,
            (false, true) => 4.0,
            (false, false) => 14.0,
        };
        let icon_width = self.icon.map_or(0.0, |_| SIZE);
        let gap = if self.icon.is_some() && !self.text.is_empty() {
            8.0
        } else {
            0.0
        };
        let beside = if self.stacked { 0.0 } else { icon_width + gap };
        let after = if self.opens { 20.0 } else { 0.0 };
        let room = self
            .width
            .unwrap_or_else(|| ui.available_width().max(ui.max_rect().width()));
        let galley = WidgetText::from(text(self.text, size, Weight::Medium, look.text))
            .into_galley(
                ui,
                Some(TextWrapMode::Truncate),
                (room - 2.0 * padding - beside - after).max(0.0),
                FontSelection::Default,
            );
        let content = beside + galley.size().x + after;
        let width = self
            .width
            .unwrap_or((content + 2.0 * padding).max(if self.bare {
                0.0
            } else {
                self.height.min(40.0)
            }));
        let (rect, response) = ui.allocate_exact_size(vec2(width, self.height), Sense::click());

        let name = self.name.unwrap_or(self.text);
        let enabled = ui.is_enabled();
        response.widget_info(|| match self.selected {
            Some(on) => WidgetInfo::selected(Role::Button, enabled, on, name),
            None => WidgetInfo::labeled(Role::Button, enabled, name),
        });

        if ui.is_rect_visible(rect) {
            if self.bare && response.hovered() {
                look.text = palette.accent;
            }
            let fill = if look.fill == Color32::TRANSPARENT {
                if response.hovered() && !self.bare {
                    press_tint(ui, &response, palette.surface2)
                } else {
                    look.fill
                }
            } else {
                press_tint(ui, &response, look.fill)
            };
            ui.painter().rect(
                rect,
                CornerRadius::same(self.radius),
                fill,
                look.stroke,
                StrokeKind::Inside,
            );
            if self.stacked {
                let center = rect.center();
                if let Some(icon) = self.icon {
                    icon.paint(ui, center - vec2(0.0, 10.0), SIZE, look.text);
                }
                let at = Align2::CENTER_CENTER
                    .align_size_within_rect(galley.size(), rect.translate(vec2(0.0, 12.0)))
                    .min;
                ui.painter().galley(at, galley, look.text);
            } else {
                let left = rect.center().x - content / 2.0;
                if let Some(icon) = self.icon {
                    icon.paint(
                        ui,
                        egui::pos2(left + SIZE / 2.0, rect.center().y),
                        SIZE,
                        look.text,
                    );
                }
                let at = egui::pos2(left + beside, rect.center().y - galley.size().y / 2.0);
                let end = at.x + galley.size().x;
                if self.bare {
                    ui.painter()
                        .galley_with_override_text_color(at, galley, look.text);
                } else {
                    ui.painter().galley(at, galley, look.text);
                }
                if self.opens {
                    let at = egui::pos2(end + 13.0, rect.center().y);
                    Icon::ChevronDown.paint(ui, at, 14.0, look.text);
                }
            }
            focus_ring(ui, &response, self.radius);
        }
        response
    }
}

/// A button that shows an icon only; its name is also its tooltip.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str, kind: Kind, size: f32) -> Response {
    ui.add(
        Button::new("")
            .icon(icon)
            .name(name)
            .kind(kind)
            .height(size)
            .width(size),
    )
    .on_hover_text(name)
}
