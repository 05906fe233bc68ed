//! Values that a press changes: one of a few, or on and off.

use egui::Ui;

use super::Row;
use crate::ui::screens::line::sheet::Sheet;
use crate::ui::widgets::SwitchRow;

/// Each press goes to the next value.
pub fn choice(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet, choices: &[&str]) {
    if !row.button(ui, sheet, None) {
        return;
    }
    let value = row.shown.value(row.setting());
    let at = choices.iter().position(|choice| *choice == value);
    let next = choices
        .iter()
        .cycle()
        .nth(at.map_or(0, |at| at.saturating_add(1)));
    if let Some(next) = next {
        sheet.keep(row.view.handle, row.setting(), (*next).to_owned());
    }
}

/// Each press toggles.
pub fn switch(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    let on = row.shown.value(row.setting()) == "on";
    let label = row.label(sheet);
    let spoken = row.spoken(label.clone());
    let switch = SwitchRow::new(&label, on)
        .id(row.id())
        .spoken(&spoken)
        .mark(row.mark(sheet));
    if ui.add(switch).on_hover_text(row.help()).clicked() {
        let value = if on { "off" } else { "on" };
        sheet.keep(row.view.handle, row.setting(), value.to_owned());
    }
}
