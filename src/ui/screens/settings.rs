//! The settings of the program.

use egui::{Margin, ScrollArea, Ui};

use super::sound;
use crate::engine::{Command, PreferenceChange};
use crate::ui::icons::Icon;
use crate::ui::view::{Place, View};
use crate::ui::widgets::{ValueRow, menu, menu_item, nav_row, section, segments, title};

/// Shows the screen.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut sound::State, inside_scroll: bool) {
    if inside_scroll {
        return contents(ui, view, state);
    }
    ScrollArea::vertical()
        .id_salt("settings")
        .auto_shrink(false)
        .show(ui, |ui| contents(ui, view, state));
}

fn contents(ui: &mut Ui, view: &View<'_>, state: &mut sound::State) {
    let side = if view.narrow { 16 } else { 24 };
    egui::Frame::new()
        .inner_margin(Margin::symmetric(side, 20))
        .show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(560.0));
            title(ui, &view.say("nav-settings"));
            preferences(ui, view);
            default_line(ui, view);
            sound::show(ui, view, state);
            passwords(ui, view);
            diagnostics(ui, view);
        });
}

fn preferences(ui: &mut Ui, view: &View<'_>) {
    let now = &view.snapshot.preferences;
    ui.add_space(8.0);
    section(ui, &view.say("settings-language"));
    let codes = ["system", "ru", "en"];
    let names = [
        view.say("settings-system"),
        "Русский".to_owned(),
        "English".to_owned(),
    ];
    let chosen = codes.iter().position(|code| *code == now.language);
    if let Some(code) = segments(ui, "language", &names, chosen).and_then(|index| codes.get(index))
    {
        let language = Some((*code).to_owned());
        view.prefer(PreferenceChange {
            language,
            ..PreferenceChange::default()
        });
    }
    ui.add_space(8.0);
    section(ui, &view.say("settings-theme"));
    let codes = ["system", "light", "dark"];
    let names = codes.map(|code| view.say(&format!("settings-{}", theme_key(code))));
    let chosen = codes.iter().position(|code| *code == now.theme);
    if let Some(code) = segments(ui, "theme", &names, chosen).and_then(|index| codes.get(index)) {
        view.prefer(PreferenceChange {
            theme: Some((*code).to_owned()),
            ..PreferenceChange::default()
        });
    }
}

/// The line for numbers that several could take.
fn default_line(ui: &mut Ui, view: &View<'_>) {
    if view.lines().nth(1).is_none() {
        return;
    }
    ui.add_space(8.0);
    section(ui, &view.say("settings-calls"));
    let chosen = view.snapshot.preferences.default_line.as_ref();
    let line = view.lines().find(|line| Some(&line.id) == chosen);
    let ask = view.say("settings-line-ask");
    let name = line.map_or(ask.as_str(), |line| line.name.as_str());
    let label = view.say("settings-line");
    let row = ui.add(ValueRow::new(&label, name).icon(Icon::ChevronDown));
    let select = |line: String| {
        view.prefer(PreferenceChange {
            default_line: Some(line),
            ..PreferenceChange::default()
        });
    };
    menu(&row, row.rect.width().clamp(240.0, 320.0), |ui| {
        if menu_item(ui, &ask, line.is_none()).clicked() {
            select(String::new());
        }
        for other in view.lines() {
            let is_chosen = line.is_some_and(|line| line.id == other.id);
            if menu_item(ui, &other.name, is_chosen).clicked() {
                select(other.id.to_string());
            }
        }
    });
}

/// Where passwords are kept. A sealed file needs its passphrase from the environment, so it is
/// chosen on the command line.
fn passwords(ui: &mut Ui, view: &View<'_>) {
    ui.add_space(8.0);
    section(ui, &view.say("settings-passwords"));
    let places = ["keyring", "file"];
    let names = places.map(|place| view.say(&format!("settings-passwords-{place}")));
    let chosen = places.iter().position(|p| *p == view.snapshot.passwords);
    if let Some(place) = segments(ui, "passwords", &names, chosen).and_then(|i| places.get(i)) {
        view.send(Command::KeepPasswords {
            place: (*place).to_owned(),
        });
    }
}

/// The way to what helps to find out why something does not work.
fn diagnostics(ui: &mut Ui, view: &View<'_>) {
    ui.add_space(8.0);
    section(ui, &view.say("settings-diagnostics"));
    let (name, about) = (view.say("trace-title"), view.say("trace-about"));
    if nav_row(ui, Icon::Search, &name, &about, Icon::ChevronRight).clicked() {
        view.go(Place::Trace);
    }
}

fn theme_key(code: &str) -> &str {
    match code {
        "light" => "theme-light",
        "dark" => "theme-dark",
        _ => "system",
    }
}
