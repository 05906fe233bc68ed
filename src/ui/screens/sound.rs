//! The sound in the settings of the program.

use egui::{Align, Layout, Response, Ui, vec2};

use crate::audio::tones::RingSound;
use crate::engine::{Command, DeviceRole, PreferenceChange, Preferences, TrialStage};
use crate::ui::file_dialog::FileDialog;
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};
use crate::ui::view::View;
use crate::ui::widgets::{
    Button, Kind, SwitchRow, ValueRow, help_under, menu, menu_item, meter, note, section, wrapped,
};

/// What the section remembers: the dialog that asks for a ring.
#[derive(Debug, Default)]
pub struct State {
    ring_dialog: Option<FileDialog>,
}

const DEVICES: [(DeviceRole, &str); 3] = [
    (DeviceRole::Microphone, "device-microphone"),
    (DeviceRole::Speaker, "device-speaker"),
    (DeviceRole::Ring, "device-ring"),
];

/// Shows the section.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State) {
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
        }
        ui.push_id((key, "try"), |ui| try_out(ui, view, role));
    }
    if let Some(problem) = &view.snapshot.devices.problem {
        let words = view.texts.problem(problem);
        wrapped(ui, &words.what, Size::Body, Weight::Medium, palette.end);
        wrapped(ui, &words.next, Size::Body, Weight::Regular, palette.text);
    }
    ring_tone(ui, view, state);
    tones(ui, view);
    processing(ui, view);
}

/// The button that tries a device out, and what is to be done or heard meanwhile.
fn try_out(ui: &mut Ui, view: &View<'_>, role: DeviceRole) {
    let trial = view
        .snapshot
        .devices
        .trial
        .filter(|trial| trial.role == role);
    let name = match role {
        DeviceRole::Microphone => "microphone",
        DeviceRole::Speaker => "speaker",
        DeviceRole::Ring => "ring",
    };
    let (button, words) = match (trial.map(|trial| trial.stage), role) {
        (None, DeviceRole::Microphone) => (format!("try-{name}"), "settings-meter-note"),
        (None, _) => (format!("try-{name}"), ""),
        (Some(TrialStage::Listening), _) => ("try-stop".to_owned(), "try-listening"),
        (Some(TrialStage::Playing), DeviceRole::Microphone) => ("try-stop".into(), "try-playback"),
        (Some(TrialStage::Playing), _) => ("try-stop".into(), "try-playing"),
    };
    let idle = !view
        .snapshot
        .calls
        .iter()
        .any(|call| !call.state.is_ended());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let label = view.say(&button);
        let button = Button::new(&label).kind(Kind::Link).height(32.0);
        if ui.add_enabled(idle, button).clicked() {
            let on = trial.is_none();
            view.send(Command::TryDevice { role, on });
        }
        if !words.is_empty() {
            note(ui, &view.say(words));
        }
    });
}

/// A row whose value is chosen from a menu; gives what was chosen.
fn choice<'a>(
    ui: &mut Ui,
    label: &str,
    names: &[(&'a str, String)],
    chosen: Option<&str>,
    other: &str,
) -> Option<&'a str> {
    let name = names.iter().find(|(key, _)| Some(*key) == chosen);
    let shown = name.map_or(other, |(_, name)| name.as_str());
    let row = ui.add(ValueRow::new(label, shown).icon(Icon::ChevronDown));
    let mut picked = None;
    menu(&row, row.rect.width().clamp(240.0, 320.0), |ui| {
        for (key, name) in names {
            if menu_item(ui, name, Some(*key) == chosen).clicked() {
                picked = Some(*key);
            }
        }
    });
    picked
}

/// How it rings: a built-in ring, or a file.
fn ring_tone(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let select = |ring: &str| {
        view.prefer(PreferenceChange {
            ring_tone: Some(ring.to_owned()),
            ..PreferenceChange::default()
        });
    };
    if let Some(chosen) = state.ring_dialog.as_mut().and_then(FileDialog::outcome) {
        state.ring_dialog = None;
        if let Some(path) = chosen.as_deref().and_then(|path| path.to_str()) {
            select(path);
        }
    }
    let chosen = view.snapshot.preferences.ring_tone.as_str();
    let built_in = RingSound::BUILT_IN.map(|ring| ring.to_string());
    let mut names: Vec<(&str, String)> = built_in
        .iter()
        .map(|ring| (ring.as_str(), view.say(&format!("ring-{ring}"))))
        .collect();
    names.push(("", view.say("ring-choose-file")));
    let file = std::path::Path::new(chosen).file_name();
    let file = file.map(|name| name.to_string_lossy().into_owned());
    let label = view.say("ring-tone");
    match choice(ui, &label, &names, Some(chosen), &file.unwrap_or_default()) {
        Some("") if state.ring_dialog.is_none() => {
            state.ring_dialog = Some(FileDialog::open(ui.ctx(), &label));
        }
        Some("") | None => {}
        Some(ring) => select(ring),
    }
    help_under(ui, &view.say("ring-tone-note"));
}

/// Whose tones are played.
fn tones(ui: &mut Ui, view: &View<'_>) {
    let mut names: Vec<(&str, String)> = Preferences::tones()
        .map(|code| (code, view.say(&format!("tones-{code}"))))
        .collect();
    // As the system has it, Russia, and then by name.
    if let Some(others) = names.get_mut(2..) {
        others.sort_by(|a, b| a.1.cmp(&b.1));
    }
    let chosen = view.snapshot.preferences.tones.as_str();
    let label = view.say("tones-country");
    if let Some(code) = choice(ui, &label, &names, Some(chosen), chosen) {
        view.prefer(PreferenceChange {
            tones: Some(code.to_owned()),
            ..PreferenceChange::default()
        });
    }
    help_under(ui, &view.say("tones-country-note"));
}

/// The switches of the voice processing, and of the tone that tells of a recording.
fn processing(ui: &mut Ui, view: &View<'_>) {
    let now = view.snapshot.preferences.processing;
    let switch = |ui: &mut Ui, key: &str, on: bool| {
        let pressed = ui.add(SwitchRow::new(&view.say(key), on)).clicked();
        help_under(ui, &view.say(&format!("{key}-note")));
        pressed.then_some(!on)
    };
    let change = PreferenceChange {
        echo_cancellation: switch(ui, "sound-echo", now.echo_cancellation),
        noise_suppression: switch(ui, "sound-noise", now.noise_suppression),
        gain_control: switch(ui, "sound-gain", now.gain_control),
        recording_tone: switch(
            ui,
            "sound-recording-tone",
            view.snapshot.preferences.recording_tone,
        ),
        ..PreferenceChange::default()
    };
    if change != PreferenceChange::default() {
        view.prefer(change);
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
        Some(name) if view.snapshot.devices.away.contains(&role) => {
            view.say_with("device-away", &[("device", name.into())])
        }
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
        if view.snapshot.devices.away.contains(&role) {
            // Chosen already: a press changes nothing.
            menu_item(ui, &device_name(view, role), true);
        }
        for name in names {
            if menu_item(ui, name, chosen == Some(name.as_str())).clicked() {
                select(Some(name));
            }
        }
    });
}
