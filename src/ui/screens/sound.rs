//! The sound in the settings of the program.

use egui::{Align, Layout, Margin, Response, Ui, vec2};

use crate::engine::{Command, DeviceRole, PreferenceChange};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};
use crate::ui::view::View;
use crate::ui::widgets::{
    SwitchRow, ValueRow, help_under, menu, menu_item, meter, note, section, wrapped,
};

const DEVICES: [(DeviceRole, &str); 3] = [
    (DeviceRole::Microphone, "device-microphone"),
    (DeviceRole::Speaker, "device-speaker"),
    (DeviceRole::Ring, "device-ring"),
];

/// Shows the section.
pub fn show(ui: &mut Ui, view: &View<'_>) {
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
    processing(ui, view);
}

/// The switches of the voice processing.
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
