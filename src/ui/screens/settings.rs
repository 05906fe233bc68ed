//! The settings of the program.

use egui::{Align, Layout, Margin, Response, ScrollArea, Ui, vec2};

use crate::engine::{Command, DeviceRole};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};
use crate::ui::view::{Place, View};
use crate::ui::widgets::{
    ValueRow, menu, menu_item, meter, nav_row, note, section, segments, title, wrapped,
};

const DEVICES: [(DeviceRole, &str); 3] = [
    (DeviceRole::Microphone, "device-microphone"),
    (DeviceRole::Speaker, "device-speaker"),
    (DeviceRole::Ring, "device-ring"),
];

/// Shows the screen.
pub fn show(ui: &mut Ui, view: &View<'_>, inside_scroll: bool) {
    if inside_scroll {
        return contents(ui, view);
    }
    ScrollArea::vertical()
        .id_salt("settings")
        .auto_shrink(false)
        .show(ui, |ui| contents(ui, view));
}

fn contents(ui: &mut Ui, view: &View<'_>) {
    let side = if view.narrow { 16 } else { 24 };
    egui::Frame::new()
        .inner_margin(Margin::symmetric(side, 20))
        .show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(560.0));
            title(ui, &view.say("nav-settings"));
            preferences(ui, view);
            default_line(ui, view);
            sound(ui, view);
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
        view.send(Command::SetPreferences {
            language,
            theme: None,
            default_line: None,
        });
    }
    ui.add_space(8.0);
    section(ui, &view.say("settings-theme"));
    let codes = ["system", "light", "dark"];
    let names = codes.map(|code| view.say(&format!("settings-{}", theme_key(code))));
    let chosen = codes.iter().position(|code| *code == now.theme);
    if let Some(code) = segments(ui, "theme", &names, chosen).and_then(|index| codes.get(index)) {
        view.send(Command::SetPreferences {
            language: None,
            theme: Some((*code).to_owned()),
            default_line: None,
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
        view.send(Command::SetPreferences {
            language: None,
            theme: None,
            default_line: Some(line),
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

fn sound(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    ui.add_space(8.0);
    section(ui, &view.say("settings-sound"));
    for (role, key) in DEVICES {
        ui.push_id(key, |ui| {
            let (label, device) = (view.say(key), device_name(view, role));
            let row = ui.add(ValueRow::new(&label, &device).icon(Icon::ChevronDown));
            device_menu(view, &row, role);
        });
        if role == DeviceRole::Microphone {
            let size = vec2(ui.available_width(), 16.0);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 10.0;
                ui.add_space(12.0);
                Icon::Microphone.show(ui, 14.0, palette.text2);
                let width = ui.available_width() - 12.0;
                let level = view.handle.levels().microphone();
                meter(ui, &view.say("level-microphone"), level, width);
            });
            let inset = Margin {
                left: 12,
                right: 12,
                top: 0,
                bottom: 8,
            };
            egui::Frame::new().inner_margin(inset).show(ui, |ui| {
                note(ui, &view.say("settings-meter-note"));
            });
        }
    }
    if let Some(problem) = &view.snapshot.devices.problem {
        let words = view.texts.problem(problem);
        wrapped(ui, &words.what, Size::Body, Weight::Medium, palette.end);
        wrapped(ui, &words.next, Size::Body, Weight::Regular, palette.text);
    }
}

fn chosen_device<'a>(view: &'a View<'_>, role: DeviceRole) -> Option<&'a str> {
    let devices = &view.snapshot.devices;
    match role {
        DeviceRole::Microphone => devices.microphone.as_deref(),
        DeviceRole::Speaker => devices.speaker.as_deref(),
        DeviceRole::Ring => devices.ring.as_deref(),
    }
}

/// The name of the device in use for something.
pub fn device_name(view: &View<'_>, role: DeviceRole) -> String {
    match chosen_device(view, role) {
        Some(name) => name.to_owned(),
        None => view.say("device-system"),
    }
}

/// The menu with the devices there are.
pub fn device_menu(view: &View<'_>, under: &Response, role: DeviceRole) {
    let devices = &view.snapshot.devices;
    let names = match role {
        DeviceRole::Microphone => &devices.inputs,
        DeviceRole::Speaker | DeviceRole::Ring => &devices.outputs,
    };
    let chosen = chosen_device(view, role);
    let width = under.rect.width().clamp(240.0, 320.0);
    menu(under, width, |ui| {
        let select = |device: Option<&String>| {
            view.send(Command::SelectDevice {
                role,
                device: device.cloned(),
            });
        };
        if menu_item(ui, &view.say("device-system"), chosen.is_none()).clicked() {
            select(None);
        }
        for name in names {
            if menu_item(ui, name, chosen == Some(name.as_str())).clicked() {
                select(Some(name));
            }
        }
    });
}
