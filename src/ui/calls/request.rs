use egui::accesskit::Live;
use egui::{Align, Layout, Margin, Role, Sense, Ui, WidgetInfo, vec2};

use crate::engine::{Command, DialRequest};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, card_with};

/// From this width on the buttons stand beside the number, points.
const WIDE: f32 = 560.0;
/// The width of a button beside the number, points.
const BUTTON: f32 = 144.0;

/// A number of the dial chat that waits here: two equal buttons, and the keyboard stays where it
/// is.
pub fn show(ui: &mut Ui, view: &View<'_>, request: &DialRequest) {
    let palette = Palette::of(ui);
    let heading = match request.rings {
        true => "request-rings",
        false => "request-heading",
    };
    let line = request.line.as_str();
    let heading = view.say_with(heading, &[("line", line.into())]);
    let margin = Margin::same(16);
    let card = ui.push_id(("request", request.id), |ui| {
        card_with(ui, palette.surface, palette.accent, margin, |ui| {
            let room = ui.available_width();
            if room >= WIDE {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    let width = room - 2.0 * (BUTTON + 8.0);
                    words(ui, request, &heading, width);
                    buttons(ui, view, request, BUTTON);
                });
            } else {
                words(ui, request, &heading, room);
                ui.add_space(12.0);
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    buttons(ui, view, request, (room - 8.0) / 2.0);
                });
            }
        });
    });
    announce(ui, request, &heading, card.response.rect);
}

/// The number, under where it comes from.
fn words(ui: &mut Ui, request: &DialRequest, heading: &str, width: f32) {
    let palette = Palette::of(ui);
    ui.allocate_ui_with_layout(vec2(width, 48.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 2.0;
        let heading = text(heading, Size::Note, Weight::Regular, palette.text2);
        ui.add(egui::Label::new(heading).truncate());
        let number = text(&request.target, Size::Title, Weight::Semibold, palette.text);
        ui.add(egui::Label::new(number).truncate());
    });
}

fn buttons(ui: &mut Ui, view: &View<'_>, request: &DialRequest, width: f32) {
    let (dismiss, dial) = (view.say("request-dismiss"), view.say("request-dial"));
    let named = |name: &str| format!("{name}: {}", request.target);
    let (dismiss_name, dial_name) = (named(&dismiss), named(&dial));
    let button = |name, icon, kind| {
        let button = Button::new(name).icon(icon).kind(kind);
        button.height(48.0).width(width)
    };
    let request = request.id;
    let dismiss = button(&dismiss, Icon::Cross, Kind::Plain).name(&dismiss_name);
    if ui.add(dismiss).clicked() {
        view.send(Command::DismissRequest { request });
    }
    let dial = button(&dial, Icon::Phone, Kind::Call).name(&dial_name);
    if ui.add(dial).clicked() {
        view.send(Command::DialRequested { request });
    }
}

/// Says it to those who don't see the card, without moving the keyboard.
fn announce(ui: &Ui, request: &DialRequest, heading: &str, card: egui::Rect) {
    let words = format!("{heading}, {}", request.target);
    let id = ui.make_persistent_id(("request status", request.id));
    let status = ui.interact(card, id, Sense::hover());
    status.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    ui.ctx().accesskit_node_builder(status.id, |node| {
        node.set_role(Role::Alert);
        node.set_live(match request.rings {
            true => Live::Assertive,
            false => Live::Polite,
        });
        node.set_label(words.as_str());
    });
}
