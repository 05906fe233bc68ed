//! The settings of a line as rows, drawn from the one list of settings.

use egui::{Align, Id, Layout, Ui, vec2};

use super::line_form::Form;
use crate::account::{Account, SettingId, SettingKind, SettingSpec};
use crate::ui::icons::Icon;
use crate::ui::view::View;
use crate::ui::widgets::{FieldRow, Kind, choice_row, error_under, icon_button, switch_row};
use crate::ui::words::codec_name;

/// From this width on the settings stand in two columns, points.
pub const TWO_COLUMNS: f32 = 520.0;

pub fn rows(
    ui: &mut Ui,
    view: &View<'_>,
    form: &mut Form,
    base: &Account,
    specs: &[&SettingSpec],
    has_password: bool,
) -> bool {
    let gap = 6.0;
    let columns = if ui.available_width() >= TWO_COLUMNS {
        2
    } else {
        1
    };
    let width = (ui.available_width() - gap * (columns as f32 - 1.0)) / columns as f32;
    let mut submitted = false;
    ui.spacing_mut().item_spacing = vec2(gap, gap);
    for pair in specs.chunks(columns) {
        ui.horizontal_top(|ui| {
            for spec in pair {
                let size = vec2(width, 0.0);
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 2.0;
                    submitted |= row(ui, view, form, base, spec, has_password);
                });
            }
        });
    }
    ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
    submitted
}

/// One setting; true if Enter was pressed in it.
fn row(
    ui: &mut Ui,
    view: &View<'_>,
    form: &mut Form,
    base: &Account,
    spec: &SettingSpec,
    has_password: bool,
) -> bool {
    let setting = spec.id;
    let label = view.say(spec.title_key);
    let changed = form.account.is_some() && form.values.contains_key(&setting);
    let value = form.value(base, setting);
    let mut submitted = false;
    match spec.kind {
        SettingKind::Text | SettingKind::File => {
            let mut typed = value.clone();
            let hint = field_hint(view, setting);
            let field = FieldRow {
                id: field_id(setting),
                label: &label,
                hint: &hint,
                changed,
                wrong: form.wrong.contains_key(&setting),
                secret: None,
            };
            let response = field.show(ui, &mut typed);
            if setting == SettingId::Name && std::mem::take(&mut form.focus_first) {
                response.request_focus();
            }
            if typed != value {
                form.set(base, setting, typed);
            }
            submitted = left_by_enter(ui, &response);
            if response.lost_focus() && !submitted {
                check_one(form, base, setting);
            }
        }
        SettingKind::Secret => {
            let (show, hide) = (view.say("password-show"), view.say("password-hide"));
            let hint = if has_password {
                view.say("password-kept")
            } else {
                String::new()
            };
            let mut shown = form.password_shown;
            let field = FieldRow {
                id: field_id(setting),
                label: &label,
                hint: &hint,
                changed: form.account.is_some() && !form.password.is_empty(),
                wrong: form.wrong.contains_key(&setting),
                secret: Some((&mut shown, &show, &hide)),
            };
            let response = field.show(ui, &mut form.password);
            form.password_shown = shown;
            if response.changed() {
                form.wrong.remove(&setting);
            }
            submitted = left_by_enter(ui, &response);
        }
        SettingKind::Choice(choices) => {
            let shown = value_name(setting, &value);
            if choice_row(ui, &label, &shown, Icon::Refresh, changed).clicked() {
                let at = choices
                    .iter()
                    .position(|choice| *choice == value)
                    .unwrap_or(0);
                if let Some(next) = choices.iter().cycle().nth(at + 1) {
                    form.set(base, setting, (*next).to_owned());
                }
            }
        }
        SettingKind::Rules
        | SettingKind::Template
        | SettingKind::Worker
        | SettingKind::Chat
        | SettingKind::Person => {}
        SettingKind::Switch => {
            let on = value == "on";
            if switch_row(ui, &label, on, changed) {
                form.set(base, setting, if on { "off" } else { "on" }.to_owned());
            }
        }
        SettingKind::Ordered(choices) => {
            let names: Vec<String> = value
                .split(',')
                .map(|item| value_name(setting, item.trim()))
                .collect();
            let open = form.opened == Some(setting);
            let icon = if open {
                Icon::ChevronUp
            } else {
                Icon::ChevronDown
            };
            if choice_row(ui, &label, &names.join(", "), icon, changed).clicked() {
                form.opened = (!open).then_some(setting);
            }
            if open && let Some(value) = ordered(ui, view, setting, choices, &value) {
                form.set(base, setting, value);
            }
        }
    }
    if let Some(key) = form.wrong.get(&setting) {
        error_under(ui, &view.say(key));
    }
    submitted
}

fn field_id(setting: SettingId) -> Id {
    Id::unique(("line field", setting.as_str()))
}

fn left_by_enter(ui: &Ui, response: &egui::Response) -> bool {
    response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
}

fn check_one(form: &mut Form, base: &Account, setting: SettingId) {
    if let Some(value) = form.values.get(&setting)
        && let Err(error) = base.clone().set(setting, value)
    {
        form.wrong.insert(setting, error.reason_key.into());
    }
}

/// What stands in a field while nothing is typed.
fn field_hint(view: &View<'_>, setting: SettingId) -> String {
    match setting {
        SettingId::Name => view.say("hint-name"),
        SettingId::Login => view.say("hint-login"),
        SettingId::Domain => "sip.example.com".into(),
        SettingId::Registrar => view.say("hint-registrar"),
        SettingId::AuthLogin => view.say("hint-auth-login"),
        SettingId::DisplayName => view.say("hint-display-name"),
        SettingId::Certificate => view.say("hint-certificate"),
        _ => String::new(),
    }
}

fn value_name(setting: SettingId, value: &str) -> String {
    match (setting, value) {
        (SettingId::Codecs, codec) => codec_name(codec),
        (SettingId::Transport, transport) => transport.to_uppercase(),
        (SettingId::Dtmf, "rfc2833") => "RFC 2833".into(),
        (SettingId::Dtmf, "info") => "SIP INFO".into(),
        (_, other) => other.to_owned(),
    }
}

/// Switches and an order; gives back the new list.
fn ordered(
    ui: &mut Ui,
    view: &View<'_>,
    setting: SettingId,
    choices: &[&str],
    value: &str,
) -> Option<String> {
    let mut on: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|item| choices.contains(item))
        .collect();
    let off: Vec<&str> = choices
        .iter()
        .copied()
        .filter(|choice| !on.contains(choice))
        .collect();
    let mut changed = false;
    for (index, item) in on.clone().into_iter().chain(off).enumerate() {
        let name = value_name(setting, item);
        let is_on = on.contains(&item);
        ui.push_id(item, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                let width = ui.available_width() - if is_on && index > 0 { 44.0 } else { 0.0 };
                let size = vec2(width, 40.0);
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    // The last one cannot be switched off: a list must not be empty.
                    if switch_row(ui, &name, is_on, false) {
                        if !is_on {
                            on.push(item);
                        } else if on.len() > 1 {
                            on.retain(|kept| *kept != item);
                        }
                        changed = true;
                    }
                });
                if is_on && index > 0 {
                    let up = view.say_with("form-move-up", &[("name", name.as_str().into())]);
                    if icon_button(ui, Icon::ChevronUp, &up, Kind::Quiet, 40.0).clicked() {
                        on.swap(index, index - 1);
                        changed = true;
                    }
                }
            });
        });
    }
    changed.then(|| on.join(","))
}
