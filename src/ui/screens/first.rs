//! What somebody sees who has never called with Gudok.

use egui::{Align, Layout, Margin, ScrollArea, Ui, vec2};

use super::sound::{device_menu, device_name};
use crate::engine::{DeviceRole, PreferenceChange};
use crate::locale::Language;
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Button, Kind, card_with, meter, nav_row, wrapped};

/// Shows the screen; `top` draws the calls and notices.
pub fn show(ui: &mut Ui, view: &View<'_>, top: impl FnOnce(&mut Ui)) {
    let palette = Palette::of(ui);
    let window = ui.max_rect();
    let side = if view.narrow { 20.0 } else { 24.0 };
    let width = (window.width() - 2.0 * side).clamp(200.0, 440.0);
    let height_id = ui.scope_id().with("first height");
    let known: f32 = ui.data(|data| data.get_temp(height_id)).unwrap_or(380.0);
    ScrollArea::vertical()
        .id_salt("first")
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.add_space(((window.height() - known) / 2.0).max(24.0));
            let left = (ui.available_width() - width) / 2.0;
            let shown = ui.horizontal_top(|ui| {
                ui.add_space(left);
                ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    let above = ui.scope(|ui| {
                        ui.spacing_mut().item_spacing.y = 8.0;
                        top(ui);
                    });
                    if above.response.rect.height() > 0.0 {
                        ui.add_space(24.0);
                    }
                    let heading = view.say("first-heading");
                    wrapped(ui, &heading, Size::Heading, Weight::Semibold, palette.text);
                    ui.add_space(8.0);
                    let words = text(
                        view.say("first-words"),
                        Size::Body,
                        Weight::Regular,
                        palette.text2,
                    );
                    ui.add(egui::Label::new(words.size(15.0).line_height(Some(22.0))).wrap());
                    ui.add_space(24.0);
                    let call = view.say("first-call");
                    let button = Button::new(&call)
                        .icon(Icon::Phone)
                        .kind(Kind::Call)
                        .height(52.0)
                        .radius(12)
                        .width(width);
                    if ui.add(button).clicked() {
                        view.call_test_line();
                    }
                    ui.add_space(12.0);
                    microphone(ui, view);
                    ui.add_space(22.0);
                    card_with(
                        ui,
                        palette.surface,
                        palette.line,
                        Margin::symmetric(8, 4),
                        |ui| {
                            let (title, note) =
                                (view.say("first-add-line"), view.say("first-add-line-note"));
                            let row = nav_row(ui, Icon::Lines, &title, &note, Icon::ChevronRight);
                            if row.clicked() {
                                view.go(Place::NewLine);
                            }
                        },
                    );
                    ui.add_space(16.0);
                    languages(ui, view, width);
                });
            });
            let height = shown.response.rect.height();
            ui.data_mut(|data| data.insert_temp(height_id, height));
            if (height - known).abs() > 1.0 {
                ui.ctx().request_repaint();
            }
            ui.add_space(24.0);
        });
}

fn microphone(ui: &mut Ui, view: &View<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let name = device_name(view, DeviceRole::Microphone);
        let spoken = format!("{}: {name}", view.say("device-microphone"));
        let galley_room = (ui.available_width() * 0.68).min(240.0);
        let button = Button::new(&name)
            .icon(Icon::Microphone)
            .name(&spoken)
            .kind(Kind::Plain)
            .height(32.0)
            .radius(16)
            .opens_menu();
        let button = ui
            .scope(|ui| {
                ui.set_max_width(galley_room);
                ui.add(button)
            })
            .inner;
        device_menu(view, &button, DeviceRole::Microphone);
        let width = ui.available_width();
        meter(
            ui,
            &view.say("level-microphone"),
            view.handle.levels().microphone(),
            width,
        );
    });
}

fn languages(ui: &mut Ui, view: &View<'_>, width: f32) {
    let in_force = view.texts.language();
    ui.allocate_ui_with_layout(
        vec2(width, 32.0),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.add_space((width - 200.0).max(0.0) / 2.0);
            for (language, name) in [(Language::Ru, "Русский"), (Language::En, "English")] {
                let on = language == in_force;
                let kind = if on { Kind::Link } else { Kind::Quiet };
                let button = Button::new(name)
                    .kind(kind)
                    .height(32.0)
                    .width(98.0)
                    .selected(on);
                if ui.add(button).clicked() {
                    view.prefer(PreferenceChange {
                        language: Some(language.code().into()),
                        ..PreferenceChange::default()
                    });
                }
            }
        },
    );
}
