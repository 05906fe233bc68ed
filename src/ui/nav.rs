//! The way from screen to screen, and the lines with their states below it.

use egui::{
    Align2, CornerRadius, FontSelection, Margin, Rect, Response, Role, ScrollArea, Sense,
    TextWrapMode, Ui, WidgetInfo, WidgetText, pos2, vec2,
};

use super::icons::{Icon, SIZE};
use super::theme::{Palette, RADIUS, Size, Weight, text};
use super::view::{Place, View};
use super::widgets::{Button, Kind, focus_ring, paint_avatar, press_tint, section};
use super::words::line_state;
use crate::engine::{AccountView, Command, TelegramPeer, TelegramState};

/// The width of the pane on the left, points.
pub const PANE_WIDTH: f32 = 216.0;
/// The height of the row with who is signed in to Telegram, points.
const ME_HEIGHT: f32 = 48.0;
/// The height of the bar at the bottom, points.
pub const BAR_HEIGHT: f32 = 56.0;

const ITEMS: [(Icon, &str, Place); 5] = [
    (Icon::Phone, "nav-phone", Place::Phone),
    (Icon::Clock, "nav-history", Place::History),
    (Icon::Lines, "nav-lines", Place::Lines),
    (Icon::Plane, "nav-telegram", Place::Telegram),
    (Icon::Settings, "nav-settings", Place::Settings),
];

/// The name of a place, with how many missed calls wait there.
fn item_name(view: &View<'_>, key: &str, item: &Place) -> String {
    let name = view.say(key);
    match view.snapshot.history.missed {
        missed if missed > 0 && *item == Place::History => format!("{name} · {missed}"),
        _ => name,
    }
}

fn is_at(place: &Place, item: &Place) -> bool {
    match place {
        Place::Line(_) | Place::NewLine => *item == Place::Lines,
        Place::Trace => *item == Place::Settings,
        place => place == item,
    }
}

/// The pane on the left.
pub fn pane(ui: &mut Ui, view: &View<'_>, place: &Place) {
    let palette = Palette::of(ui);
    let rect = ui.max_rect();
    ui.painter()
        .rect_filled(rect, CornerRadius::ZERO, palette.surface);
    ui.painter()
        .vline(rect.right() - 0.5, rect.y_range(), (1.0, palette.line));
    egui::Frame::new()
        .inner_margin(Margin {
            left: 8,
            right: 9,
            top: 12,
            bottom: 8,
        })
        .show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().interact_size.y = 0.0;
            ui.add_space(3.0);
            ui.horizontal(|ui| {
                ui.add_space(12.0);
                let name = view.say("app-name");
                ui.label(text(name, Size::Title, Weight::Semibold, palette.text));
            });
            ui.add_space(11.0);
            for (icon, key, item) in ITEMS {
                let name = item_name(view, key, &item);
                if pane_item(ui, icon, &name, is_at(place, &item)).clicked() {
                    view.go(item);
                }
            }
            pane_do_not_disturb(ui, view);
            if let Some(me) = &view.snapshot.telegram.me {
                let size = vec2(rect.width() - 17.0, ME_HEIGHT);
                let at = pos2(rect.left() + 8.0, rect.bottom() - 8.0 - ME_HEIGHT);
                if pane_me(ui, view, me, Rect::from_min_size(at, size)).clicked() {
                    view.go(Place::Telegram);
                }
            }
            if view.lines().next().is_none() {
                return;
            }
            ui.add_space(16.0);
            ui.horizontal(|ui| {
                ui.add_space(12.0);
                section(ui, &view.say("nav-lines"));
            });
            ui.add_space(4.0);
            let below = view
                .snapshot
                .telegram
                .me
                .as_ref()
                .map_or(0.0, |_| ME_HEIGHT + 8.0);
            let room = (ui.available_height() - below).max(0.0);
            let lines = ScrollArea::vertical()
                .id_salt("pane lines")
                .max_height(room);
            lines.show(ui, |ui| {
                for account in view.lines() {
                    if pane_line(ui, view, account).clicked() {
                        view.go(Place::Line(account.id.clone()));
                    }
                    voicemail(ui, view, account);
                }
            });
        });
}

/// The switch by which calls are refused without ringing.
fn pane_do_not_disturb(ui: &mut Ui, view: &View<'_>) {
    let on = view.snapshot.preferences.do_not_disturb;
    let name = view.say("do-not-disturb");
    ui.add_space(8.0);
    let button = Button::new(&name)
        .icon(Icon::BellOff)
        .kind(if on { Kind::Warn } else { Kind::Ghost })
        .selected(on)
        .height(36.0)
        .width(ui.available_width());
    let keys = [("command", command_key(ui).into())];
    let hint = view.say_with("do-not-disturb-hint", &keys);
    if ui.add(button).on_hover_text(hint).clicked() {
        view.do_not_disturb(!on);
    }
}

/// What the command key is called here.
fn command_key(ui: &Ui) -> &'static str {
    match ui.ctx().os().is_mac() {
        true => "⌘",
        false => "Ctrl",
    }
}

fn pane_item(ui: &mut Ui, icon: Icon, name: &str, on: bool) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, name));
    let (fill, color) = if on {
        (palette.accent_weak, palette.accent)
    } else {
        (palette.surface, palette.text2)
    };
    let radius = CornerRadius::same(RADIUS);
    ui.painter()
        .rect_filled(rect, radius, press_tint(ui, &response, fill));
    icon.paint(
        ui,
        pos2(rect.left() + 12.0 + SIZE / 2.0, rect.center().y),
        SIZE,
        color,
    );
    let galley = WidgetText::from(text(name, Size::Body, Weight::Medium, color)).into_galley(
        ui,
        Some(TextWrapMode::Truncate),
        rect.width() - 54.0,
        FontSelection::Default,
    );
    let at = pos2(rect.left() + 42.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, color);
    focus_ring(ui, &response, RADIUS);
    response
}

/// A line with its state, to be pressed.
pub fn pane_line(ui: &mut Ui, view: &View<'_>, account: &AccountView) -> Response {
    let palette = Palette::of(ui);
    let state = line_state(view, palette, account);
    let room = ui.available_width() - 42.0;
    let name = WidgetText::from(text(
        &account.name,
        Size::Body,
        Weight::Regular,
        palette.text,
    ))
    .into_galley(
        ui,
        Some(TextWrapMode::Truncate),
        room,
        FontSelection::Default,
    );
    let note = WidgetText::from(text(&state.short, Size::Note, Weight::Regular, state.color))
        .into_galley(ui, Some(TextWrapMode::Wrap), room, FontSelection::Default);
    let height = name.size().y + note.size().y + 12.0;
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    let spoken = format!("{}: {}", account.name, state.short);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    if ui.is_rect_visible(rect) {
        let radius = CornerRadius::same(RADIUS);
        ui.painter()
            .rect_filled(rect, radius, press_tint(ui, &response, palette.surface));
        ui.painter()
            .circle_filled(pos2(rect.left() + 16.0, rect.top() + 16.0), 4.0, state.dot);
        let left = rect.left() + 30.0;
        let below = rect.top() + 6.0 + name.size().y;
        ui.painter()
            .galley(pos2(left, rect.top() + 6.0), name, palette.text);
        ui.painter().galley(pos2(left, below), note, state.color);
        focus_ring(ui, &response, RADIUS);
    }
    response
}

/// The messages that wait in the voicemail of a line; a press calls there.
pub fn voicemail(ui: &mut Ui, view: &View<'_>, account: &AccountView) {
    let Some(voicemail) = account
        .voicemail
        .as_ref()
        .filter(|voicemail| voicemail.waiting)
    else {
        return;
    };
    let words = match voicemail.new {
        Some(new) if new > 0 => view.say_with("voicemail-new", &[("count", new.into())]),
        _ => view.say("voicemail-waiting"),
    };
    let name = format!("{}: {words}", account.name);
    let button = Button::new(&words)
        .name(&name)
        .icon(Icon::Voicemail)
        .kind(Kind::Link)
        .height(32.0)
        .width(ui.available_width());
    if ui.add(button).clicked() {
        view.send(Command::CallVoicemail {
            account: account.id.clone(),
        });
    }
}

/// Who is signed in to Telegram.
fn pane_me(ui: &mut Ui, view: &View<'_>, me: &TelegramPeer, rect: Rect) -> Response {
    let palette = Palette::of(ui);
    let online = view.snapshot.telegram.state == (TelegramState::SignedIn { online: true });
    let (key, color) = if online {
        ("telegram-signed-in", palette.text2)
    } else {
        ("telegram-signed-in-offline", palette.warn)
    };
    let state = view.say(key);
    let response = ui.interact(rect, ui.make_persistent_id("pane me"), Sense::click());
    let spoken = format!("{}: {state}", me.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    let radius = CornerRadius::same(RADIUS);
    ui.painter()
        .rect_filled(rect, radius, press_tint(ui, &response, palette.surface));
    let center = pos2(rect.left() + 12.0 + 14.0, rect.center().y);
    paint_avatar(ui, Some(&me.name), center, 28.0);
    let left = center.x + 14.0 + 10.0;
    let line = |ui: &Ui, words: &str, size, weight, color| {
        let words = WidgetText::from(text(words, size, weight, color));
        let room = rect.right() - 4.0 - left;
        words.into_galley(
            ui,
            Some(TextWrapMode::Truncate),
            room,
            FontSelection::Default,
        )
    };
    let name = line(ui, &me.name, Size::Body, Weight::Regular, palette.text);
    let state = line(ui, &state, Size::Note, Weight::Regular, color);
    let top = rect.center().y - (name.size().y + state.size().y) / 2.0;
    let below = top + name.size().y;
    ui.painter().galley(pos2(left, top), name, palette.text);
    ui.painter().galley(pos2(left, below), state, color);
    focus_ring(ui, &response, RADIUS);
    response
}

/// The bar at the bottom of a narrow window.
pub fn bar(ui: &mut Ui, view: &View<'_>, place: &Place) {
    let palette = Palette::of(ui);
    let rect = ui.max_rect();
    ui.painter()
        .rect_filled(rect, CornerRadius::ZERO, palette.background);
    ui.painter()
        .hline(rect.x_range(), rect.top() + 0.5, (1.0, palette.line));
    let width = rect.width() / ITEMS.len() as f32;
    for (index, (icon, key, item)) in ITEMS.into_iter().enumerate() {
        let min = rect.min + vec2(index as f32 * width, 1.0);
        let cell = Rect::from_min_size(min, vec2(width, rect.height() - 1.0));
        let response = ui.interact(cell, ui.make_persistent_id(key), Sense::click());
        let on = is_at(place, &item);
        let name = item_name(view, key, &item);
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, &name));
        let color = if on || response.hovered() {
            palette.accent
        } else {
            palette.text2
        };
        if response.is_pointer_button_down_on() {
            ui.painter()
                .rect_filled(cell, CornerRadius::ZERO, palette.surface);
        }
        icon.paint(ui, cell.center() - vec2(0.0, 9.0), SIZE, color);
        ui.painter().text(
            cell.center() + vec2(0.0, 12.0),
            Align2::CENTER_CENTER,
            &name,
            super::theme::font(11.0, Weight::Medium),
            color,
        );
        if response.has_focus() {
            let inside = response.clone().with_new_rect(cell.shrink(5.0));
            focus_ring(ui, &inside, RADIUS);
        }
        if response.clicked() {
            view.go(item);
        }
    }
}
