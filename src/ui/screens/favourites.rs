//! The watched numbers: who has time, and whose calls can be taken.

use egui::{
    CornerRadius, FontSelection, Role, Sense, TextWrapMode, Ui, WidgetInfo, WidgetText, pos2, vec2,
};

use crate::engine::{Ask, Command, FavouriteState, FavouriteView};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, text};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, focus_ring, press_tint};

/// Shows them, a row each; a press calls.
pub fn show(ui: &mut Ui, view: &View<'_>) {
    for one in &view.snapshot.favourites {
        row(ui, view, one);
        if one.can_pick_up {
            let words = view.say_with("favourite-pick-up", &[("name", title(one).into())]);
            let button = Button::new(&words).icon(Icon::Incoming).kind(Kind::Call);
            if ui.add(button.width(ui.available_width())).clicked() {
                view.send(Command::PickUp {
                    account: one.account.clone(),
                    number: one.number.clone(),
                });
            }
        }
    }
}

fn title(one: &FavouriteView) -> &str {
    match one.name.as_str() {
        "" => &one.number,
        name => name,
    }
}

fn state(view: &View<'_>, one: &FavouriteView) -> String {
    match (one.state, &one.caller) {
        (FavouriteState::Ringing, Some(caller)) => {
            view.say_with("favourite-ringing-by", &[("caller", caller.into())])
        }
        (FavouriteState::Ringing, None) => view.say("favourite-ringing"),
        (FavouriteState::Free, _) => view.say("favourite-free"),
        (FavouriteState::Busy, _) => view.say("favourite-busy"),
        (FavouriteState::Unknown, _) => view.say("favourite-unknown"),
    }
}

fn row(ui: &mut Ui, view: &View<'_>, one: &FavouriteView) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 48.0), Sense::click());
    let state = state(view, one);
    let spoken = format!("{}: {state}", title(one));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    let dot = match one.state {
        FavouriteState::Free => palette.call,
        FavouriteState::Ringing => palette.accent,
        FavouriteState::Busy => palette.end,
        FavouriteState::Unknown => palette.line,
    };
    if ui.is_rect_visible(rect) {
        let fill = press_tint(ui, &response, palette.background);
        ui.painter()
            .rect_filled(rect, CornerRadius::same(RADIUS), fill);
        let dot_at = pos2(rect.left() + 20.0, rect.center().y);
        ui.painter().circle_filled(dot_at, 5.0, dot);
        let room = rect.width() - 48.0;
        let line = |ui: &Ui, words: &str, size, color| {
            WidgetText::from(text(words, size, Weight::Regular, color)).into_galley(
                ui,
                Some(TextWrapMode::Truncate),
                room,
                FontSelection::Default,
            )
        };
        let name = line(ui, title(one), Size::Body, palette.text);
        let note = line(ui, &state, Size::Note, palette.text2);
        let top = rect.center().y - (name.size().y + note.size().y) / 2.0;
        let below = top + name.size().y;
        let left = rect.left() + 40.0;
        ui.painter().galley(pos2(left, top), name, palette.text);
        ui.painter().galley(pos2(left, below), note, palette.text2);
    }
    focus_ring(ui, &response, RADIUS);
    if response.clicked() {
        view.send(Command::Dial {
            target: one.number.clone(),
            account: Some(one.account.clone()),
            ask: Ask::Never,
        });
    }
}
