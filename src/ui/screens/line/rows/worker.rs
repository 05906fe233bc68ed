//! The machine an account runs on.

use egui::Ui;

use super::Row;
use crate::ui::icons::Icon;
use crate::ui::screens::line::sheet::Sheet;
use crate::ui::screens::line::value::value_words;
use crate::ui::widgets::{Mark, ValueRow, menu, menu_item};

/// A press opens the list of machines.
pub fn show(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    let label = row.label(sheet);
    let (value, _) = value_words(row.view, row.shown, row.setting());
    let spoken = row.spoken(format!("{label}: {value}"));
    let mark: Mark = row.mark(sheet);
    let button = ui.add(
        ValueRow::new(&label, &value)
            .id(row.id())
            .spoken(&spoken)
            .icon(Icon::ChevronDown)
            .mark(mark),
    );
    let width = button.rect.width().clamp(200.0, 320.0);
    let is_here = row.shown.value(row.setting()).is_empty();
    let here = row.view.say("value-this-computer");
    let chosen = menu(&button, width, |ui| menu_item(ui, &here, is_here).clicked());
    if chosen == Some(true) && !is_here {
        sheet.keep(row.view.handle, row.setting(), String::new());
    }
}
