use egui::{Margin, Ui};

use super::{Kind, card_with, icon_button, wrapped};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Look at it.
    Warn,
    /// It failed.
    Bad,
}

/// A line that says what happened and what to do.
pub struct Notice<'a> {
    /// What happened.
    pub what: &'a str,
    /// What to do about it; may be empty.
    pub next: &'a str,
    /// How bad it is.
    pub tone: Tone,
    /// The name of the button that takes it away, if it can be taken away.
    pub dismiss: Option<&'a str>,
}

impl Notice<'_> {
    /// Shows it; true if the person takes it away. `more` adds controls under the text.
    pub fn show(self, ui: &mut Ui, more: impl FnOnce(&mut Ui)) -> bool {
        let palette = Palette::of(ui);
        let (color, fill) = match self.tone {
            Tone::Warn => (palette.warn, palette.warn_weak),
            Tone::Bad => (palette.end, palette.end_weak),
        };
        let mut dismissed = false;
        card_with(ui, fill, fill, Margin::symmetric(12, 10), |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 10.0;
                Icon::Warning.show(ui, 18.0, color);
                let button = if self.dismiss.is_some() { 42.0 } else { 0.0 };
                ui.vertical(|ui| {
                    ui.set_width((ui.available_width() - button).max(40.0));
                    ui.spacing_mut().item_spacing.y = 2.0;
                    wrapped(ui, self.what, Size::Body, Weight::Medium, color);
                    if !self.next.is_empty() {
                        wrapped(ui, self.next, Size::Body, Weight::Regular, palette.text);
                    }
                    ui.spacing_mut().item_spacing.y = 6.0;
                    more(ui);
                });
                if let Some(name) = self.dismiss {
                    dismissed = icon_button(ui, Icon::Cross, name, Kind::Quiet, 32.0).clicked();
                }
            });
        });
        dismissed
    }
}
