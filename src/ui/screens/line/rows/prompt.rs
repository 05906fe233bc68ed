//! A value that is typed in place: a text, the path of a file, or a secret.

use egui::text::{CCursor, CCursorRange};
use egui::{Context, TextEdit, Ui};

use super::{Row, field_id, focus_row, reason};
use crate::account::{SettingId, SettingKind};
use crate::ui::screens::line::sheet::Sheet;
use crate::ui::screens::line::value::field_hint;
use crate::ui::widgets::{Field, FieldRow, Leave, Mark, error_under, help_under};

/// Shows the row: a button until it is pressed, then a field.
pub fn show(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    let setting = row.setting();
    if sheet.is_new() {
        return field_of_new(ui, row, sheet);
    }
    if sheet.prompt(setting).is_none() {
        if row.button(ui, sheet, None) {
            let typed = sheet.open(setting, row.shown.value(setting));
            focus_field(ui.ctx(), setting, typed);
        }
        return;
    }
    let wrong = wrong(row, sheet);
    let mark = match wrong {
        Some(_) => Mark::Wrong,
        None => row.mark(sheet),
    };
    let Some(field) = field(ui, row, sheet, mark) else {
        return;
    };
    match wrong {
        Some(words) => error_under(ui, &words),
        None => help_under(ui, &row.help()),
    }
    match field.left {
        None => {}
        Some(Leave::Escape) => {
            sheet.close(setting);
            focus_row(ui.ctx(), setting);
        }
        Some(how) => {
            sheet.keep_prompt(row.view.handle, row.shown, setting);
            let is_open = sheet.prompt(setting).is_some();
            match (how, is_open) {
                (Leave::Enter, true) => field.response.request_focus(),
                (Leave::Enter, false) => focus_row(ui.ctx(), setting),
                _ => {}
            }
        }
    }
    if sheet.prompt(setting).is_none() {
        sheet.password_shown = false;
    }
}

/// A field of a new line is always open; what is wrong with it is said once it is left.
fn field_of_new(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    let setting = row.setting();
    let mark = row.mark(sheet);
    let Some(field) = field(ui, row, sheet, mark) else {
        return;
    };
    if field.response.changed() {
        sheet.forgive(setting);
    }
    sheet.entered |= field.left == Some(Leave::Enter);
    if field.response.has_focus() && sheet.refusal(setting).is_none() {
        help_under(ui, &row.help());
    }
}

fn field(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet, mark: Mark) -> Option<Field> {
    let view = row.view;
    let label = row.label(sheet);
    let is_secret = row.spec.kind == SettingKind::Secret;
    let hint = match (is_secret, row.shown.has_password) {
        (true, true) if !sheet.is_new() => view.say("password-kept"),
        (true, _) => String::new(),
        (false, _) => field_hint(view, row.shown, row.setting()),
    };
    let (show, hide) = (view.say("password-show"), view.say("password-hide"));
    let mut shown = sheet.password_shown;
    let typed = sheet.prompt(row.setting())?;
    let field = FieldRow {
        id: field_id(row.setting()),
        label: &label,
        hint: &hint,
        mark,
        secret: is_secret.then_some((&mut shown, &show, &hide)),
    };
    let field = field.show(ui, typed);
    sheet.password_shown = shown;
    Some(field)
}

/// Why what is typed can't stand.
fn wrong(row: &Row<'_>, sheet: &mut Sheet) -> Option<String> {
    let setting = row.setting();
    let typed = sheet.prompt(setting)?;
    if setting == SettingId::Password {
        return None;
    }
    let error = row.shown.check(setting, typed).err()?;
    Some(reason(row.view, &error))
}

/// Gives a field the keyboard as soon as it is there, with the cursor behind what is in it.
pub fn focus_field(ctx: &Context, setting: SettingId, typed: &str) {
    let id = field_id(setting);
    let mut state = TextEdit::load_state(ctx, id).unwrap_or_default();
    let end = CCursor::new(typed.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    TextEdit::store_state(ctx, id, state);
    ctx.memory_mut(|memory| memory.request_focus(id));
}
