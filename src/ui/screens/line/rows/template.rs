//! The preset of a provider or PBX, from the catalogue.

use egui::{Context, Id, Ui};

use super::Row;
use crate::ui::icons::Icon;
use crate::ui::screens::line::sheet::Sheet;
use crate::ui::widgets::{Modal, PickList};

/// A press opens the catalogue.
pub fn show(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    if row.button(ui, sheet, Some(Icon::ChevronRight)) {
        sheet.picker = Some((row.setting(), String::new()));
        focus_search(ui.ctx());
    }
}

fn search_id() -> Id {
    Id::unique("template search")
}

fn focus_search(ctx: &Context) {
    ctx.memory_mut(|memory| memory.request_focus(search_id()));
}

/// The catalogue over the window; false once it is to close.
pub fn pick(ctx: &Context, row: &Row<'_>, sheet: &mut Sheet, search: &mut String) -> bool {
    let view = row.view;
    let (title, close) = (view.say("template-title"), view.say("list-close"));
    let (field, nothing) = (view.say("template-search"), view.say("list-nothing"));
    let mut picked = None;
    let closed = Modal {
        id: "templates",
        title: &title,
        close: &close,
        width: 440.0,
    }
    .show(ctx, |ui| {
        let list = PickList {
            id: search_id(),
            search: &field,
            nothing: &nothing,
        };
        picked = list.show(ui, search, |_| Vec::new());
    });
    let Some(picked) = picked else {
        return !closed;
    };
    sheet.keep(view.handle, row.setting(), picked.id);
    false
}
