//! The preset of a provider or PBX, from the catalogue.

use egui::{Context, Ui};

use super::{List, Row, list};
use crate::account::{SettingId, Template};
use crate::ui::icons::Icon;
use crate::ui::screens::line::sheet::Sheet;
use crate::ui::view::View;
use crate::ui::widgets::{Pick, Search, help_under};

/// A press opens the catalogue. Under the row stands what the chosen template leaves open.
pub fn show(ui: &mut Ui, row: &Row<'_>, sheet: &mut Sheet) {
    if row.button(ui, sheet, Some(Icon::ChevronRight)) {
        sheet.picker = Some((row.setting(), Search::default()));
    }
    let Some(template) = row
        .view
        .snapshot
        .templates
        .get(&row.shown.value(row.setting()))
    else {
        return;
    };
    if let Some(missing) = missing(row) {
        help_under(ui, &missing);
    }
    if let (Some(note), true) = (&template.note, sheet.is_new()) {
        help_under(ui, note.get(row.view.texts.language().code()));
    }
}

/// What a person must still give.
fn missing(row: &Row<'_>) -> Option<String> {
    let missing = row.shown.account.missing(row.shown.has_password);
    let names = missing.iter().map(|setting: &SettingId| {
        let title = row.view.say(setting.spec().title_key);
        title.to_lowercase()
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let words = || {
        let names = [("names", names.as_str().into())];
        row.view.say_with("template-missing", &names)
    };
    (!names.is_empty()).then(words)
}

/// The catalogue over the window; false once it is to close.
pub fn pick(ctx: &Context, row: &Row<'_>, sheet: &mut Sheet, search: &mut Search) -> bool {
    let view = row.view;
    let chosen = row.shown.value(row.setting());
    let words = List {
        id: row.spec.name,
        title: view.say("template-title"),
        search: view.say("template-search"),
    };
    let (picked, stays) = list(ctx, view, &words, search, |typed| {
        picks(view, typed, &chosen)
    });
    let Some(picked) = picked else {
        return stays;
    };
    match sheet.is_new() {
        true => {
            let templates = [chosen.as_str(), &picked.id].map(|id| view.snapshot.templates.get(id));
            sheet.fill(templates, view.texts.language().code());
        }
        false => sheet.keep(view.handle, row.setting(), picked.id),
    }
    false
}

/// What is found: all of it by groups, or what fits best first.
fn picks(view: &View<'_>, search: &str, chosen: &str) -> Vec<Pick> {
    let language = view.texts.language().code();
    let found = view.snapshot.templates.search(search, language);
    let pick = |template: &Template| Pick {
        id: template.id.clone(),
        name: template.name.get(language).to_owned(),
        note: template.domain().unwrap_or_default().to_owned(),
        group: match search.is_empty() {
            true => view.say(template.group.title_key()),
            false => String::new(),
        },
        chosen: template.id == chosen,
    };
    let mut picks: Vec<Pick> = found.into_iter().map(pick).collect();
    if search.is_empty() && !chosen.is_empty() {
        let none = Pick {
            name: view.say("template-none"),
            ..Pick::default()
        };
        picks.insert(0, none);
    }
    picks
}
