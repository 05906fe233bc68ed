//! A chat or a person of Telegram: the first press unfolds a button, which opens the list.

use egui::Ui;

use super::Row;
use crate::account::SettingKind;
use crate::ui::icons::Icon;
use crate::ui::screens::line::sheet::Sheet;
use crate::ui::view::Place;
use crate::ui::widgets::{Button, Kind};

/// What the row has unfolded: what Telegram is needed for, and the way back to oneself.
pub fn show(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    let view = row.view;
    ui.horizontal_wrapped(|ui| {
        let needed = view.say("party-sign-in");
        if ui.add(Button::new(&needed).icon(Icon::User)).clicked() {
            view.go(Place::Settings);
        }
        let own = match row.spec.kind {
            SettingKind::Chat => view.say("value-saved-messages"),
            _ => view.say("value-me"),
        };
        let is_chosen = !row.shown.value(row.setting()).is_empty();
        if is_chosen && ui.add(Button::new(&own).kind(Kind::Ghost)).clicked() {
            sheet.keep(view.handle, row.setting(), String::new());
        }
    });
}
