//! One file per kind of setting: its row, and what it unfolds.

mod choice;
mod ordered;
mod party;
mod prompt;
mod rules;
mod template;
mod worker;

use egui::{Context, Id, Margin, Ui};

use super::sheet::Sheet;
use super::shown::Shown;
use super::value::value_words;
use crate::account::{SettingError, SettingId, SettingKind, SettingSpec};
use crate::engine::{Command, Problem};
use crate::ui::icons::Icon;
use crate::ui::theme::Palette;
use crate::ui::view::View;
use crate::ui::widgets::{
    Button, Mark, Modal, Pick, PickList, Search, ValueRow, error_under, help_under,
};

/// What a row is drawn from.
pub struct Row<'a> {
    pub view: &'a View<'a>,
    pub shown: &'a Shown,
    pub spec: &'static SettingSpec,
}

impl Row<'_> {
    fn setting(&self) -> SettingId {
        self.spec.id
    }

    fn label(&self, sheet: &Sheet) -> String {
        match (self.spec.kind, sheet.is_new()) {
            (SettingKind::Template, true) => self.view.say("template-title"),
            _ => self.view.say(self.spec.title_key),
        }
    }

    fn help(&self) -> String {
        self.view.say(self.spec.help_key)
    }

    /// What stays the same about the row whatever stands around it.
    fn id(&self) -> Id {
        row_id(self.setting())
    }

    fn mark(&self, sheet: &Sheet) -> Mark {
        match (
            sheet.refusal(self.setting()),
            self.shown.is_waiting(self.setting()),
        ) {
            (Some(_), _) => Mark::Wrong,
            (None, true) => Mark::Waiting,
            (None, false) => Mark::None,
        }
    }

    /// An accessible name, with what the border says.
    fn spoken(&self, name: String) -> String {
        match self.shown.is_waiting(self.setting()) {
            true => self
                .view
                .say_with("setting-waiting", &[("name", name.as_str().into())]),
            false => name,
        }
    }

    /// The row as it is pressed: name and value.
    fn button(&self, ui: &mut Ui, sheet: &Sheet, icon: Option<Icon>) -> bool {
        let label = self.label(sheet);
        let (value, faint) = value_words(self.view, self.shown, self.setting());
        let said = match self.setting() {
            SettingId::Password if !faint => self.view.say("value-set"),
            _ => value.clone(),
        };
        let spoken = self.spoken(format!("{label}: {said}"));
        let mut row = ValueRow::new(&label, &value)
            .id(self.id())
            .spoken(&spoken)
            .faint(faint)
            .mark(self.mark(sheet));
        if let Some(icon) = icon {
            row = row.icon(icon);
        }
        ui.add(row).on_hover_text(self.help()).clicked()
    }

    /// A row that unfolds something under itself.
    fn unfolding(&self, ui: &mut Ui, sheet: &mut Sheet) {
        let open = sheet.unfolded == Some(self.setting());
        let icon = match open {
            true => Icon::ChevronUp,
            false => Icon::ChevronDown,
        };
        if self.button(ui, sheet, Some(icon)) {
            sheet.unfolded = (!open).then_some(self.setting());
            sheet.just_unfolded = true;
        }
    }
}

fn row_id(setting: SettingId) -> Id {
    Id::unique(("setting", setting.as_str()))
}

/// The identifier of the field a setting is typed in.
pub fn field_id(setting: SettingId) -> Id {
    Id::unique(("setting field", setting.as_str()))
}

/// Gives the row of a setting the keyboard.
fn focus_row(ctx: &Context, setting: SettingId) {
    ctx.memory_mut(|memory| memory.request_focus(row_id(setting)));
}

/// Shows the row of a setting, and under it why its value was refused.
pub fn show(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    match row.spec.kind {
        SettingKind::Text | SettingKind::File | SettingKind::Secret => {
            prompt::show(ui, row, sheet);
        }
        SettingKind::Choice(choices) => choice::choice(ui, row, sheet, choices),
        SettingKind::Switch => choice::switch(ui, row, sheet),
        SettingKind::Worker => worker::show(ui, row, sheet),
        SettingKind::Template => template::show(ui, row, sheet),
        SettingKind::Ordered(_) | SettingKind::Rules | SettingKind::Chat | SettingKind::Person => {
            row.unfolding(ui, sheet)
        }
    }
    refusal(ui, row, sheet);
}

/// Shows what a setting has unfolded, under its row, and then `details`: the settings inside it.
pub fn unfolded(
    ui: &mut Ui,
    row: &Row<'_>,
    sheet: &mut Sheet,
    details: impl FnOnce(&mut Ui, &mut Sheet),
) {
    let palette = Palette::of(ui);
    let margin = Margin {
        left: 14,
        right: 0,
        top: 2,
        bottom: 10,
    };
    let just_unfolded = std::mem::take(&mut sheet.just_unfolded);
    let inside = egui::Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        help_under(ui, &row.help());
        match row.spec.kind {
            SettingKind::Ordered(choices) => ordered::show(ui, row, sheet, choices),
            SettingKind::Rules => rules::show(ui, row, sheet, just_unfolded),
            SettingKind::Chat | SettingKind::Person => party::show(ui, row, sheet),
            _ => {}
        }
        details(ui, sheet);
    });
    let rect = inside.response.rect;
    if just_unfolded {
        ui.scroll_to_rect(rect, None);
    }
    let line = (2.0, palette.line);
    ui.painter()
        .vline(rect.left() + 4.0, rect.top()..=rect.bottom() - 8.0, line);
}

/// Shows the list that is open over the window, if one is.
pub fn picker(ctx: &Context, view: &View<'_>, shown: &Shown, sheet: &mut Sheet) {
    let Some((setting, mut search)) = sheet.picker.take() else {
        return;
    };
    let row = Row {
        view,
        shown,
        spec: setting.spec(),
    };
    let stays = match row.spec.kind {
        SettingKind::Template => template::pick(ctx, &row, sheet, &mut search),
        SettingKind::Chat | SettingKind::Person => party::pick(ctx, &row, sheet, &mut search),
        _ => false,
    };
    if stays {
        sheet.picker = Some((setting, search));
    } else {
        focus_row(ctx, setting);
    }
}

/// What a list over the window is called.
struct List {
    id: &'static str,
    title: String,
    /// The name of its search field.
    search: String,
}

/// A list with a search field over the window: what was picked, and whether it stays open.
fn list(
    ctx: &Context,
    view: &View<'_>,
    list: &List,
    search: &mut Search,
    find: impl FnOnce(&str) -> Vec<Pick>,
) -> (Option<Pick>, bool) {
    let (close, nothing) = (view.say("list-close"), view.say("list-nothing"));
    let mut picked = None;
    let closed = Modal {
        id: list.id,
        title: &list.title,
        close: &close,
        width: 440.0,
    }
    .show(ctx, |ui| {
        let pick_list = PickList {
            id: Id::unique((list.id, "search")),
            search: &list.search,
            nothing: &nothing,
            height: (ctx.content_rect().height() - 168.0).min(400.0),
        };
        picked = pick_list.show(ui, search, find);
    });
    (picked, !closed)
}

/// Why a value can't stand, in words.
fn reason(view: &View<'_>, error: &SettingError) -> String {
    let args = error.args.iter();
    let args: Vec<_> = args
        .map(|(name, value)| (name.as_str(), value.into()))
        .collect();
    view.say_with(error.reason_key, &args)
}

fn refusal(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    let Some(problem) = sheet.refusal(row.setting()).cloned() else {
        return;
    };
    let view = row.view;
    match problem {
        Problem::BadValue {
            setting,
            reason: reason_key,
            args,
        } if setting == row.spec.name => {
            let args = args.iter();
            let args: Vec<_> = args
                .map(|(name, value)| (name.as_str(), value.into()))
                .collect();
            error_under(ui, &view.say_with(&reason_key, &args));
        }
        problem => {
            let words = view.texts.problem(&problem);
            error_under(ui, &format!("{} {}", words.what, words.next));
            let name = view.say("passwords-use-file");
            let by_file = matches!(problem, Problem::KeyStore { .. }) && !sheet.is_new();
            if by_file && ui.add(Button::new(&name)).clicked() {
                view.send(Command::KeepPasswords {
                    place: "file".to_owned(),
                });
                sheet.keep_again(view.handle, row.setting());
            }
        }
    }
}
