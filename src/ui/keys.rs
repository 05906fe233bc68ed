//! Typing anywhere goes to the number field; shortcuts work everywhere.

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers};

use super::calls;
use super::screens::phone::{self, asked_with};
use super::view::{Place, View};
use super::widgets::is_modal_open;

/// On the pages of a line, of Telegram and of the trace, stray typing is not meant for the phone.
fn is_form(place: &Place) -> bool {
    matches!(
        place,
        Place::Line(_) | Place::NewLine | Place::Telegram | Place::Trace
    )
}

/// Gives keys that no field asked for to whom they are meant for.
pub fn route(
    ctx: &Context,
    phone: &mut phone::State,
    place: &mut Place,
    calls: &mut calls::State,
    view: &View<'_>,
) {
    let quiet = KeyboardShortcut::new(Modifiers::COMMAND, Key::D);
    if ctx.input_mut(|input| input.consume_shortcut(&quiet)) {
        view.do_not_disturb(!view.snapshot.preferences.do_not_disturb);
    }
    let elsewhere = egui::Popup::is_any_open(ctx) || is_modal_open(ctx) || is_form(place);
    if elsewhere || ctx.text_edit_focused() {
        return;
    }
    let typed: String = ctx.input(|input| {
        input
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Text(text) | Event::Paste(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    });
    if !typed.trim().is_empty() {
        if calls.type_tones(view, &typed) {
            return;
        }
        *place = Place::Phone;
        phone.focus(ctx);
        return;
    }
    if *place != Place::Phone || ctx.memory(|memory| memory.focused().is_some()) {
        return;
    }
    ctx.input(|input| {
        if input.key_pressed(Key::Backspace) && !phone.number.is_empty() {
            phone.focus_next = true;
            phone.number.pop();
        }
        if input.key_pressed(Key::Escape) {
            phone.number.clear();
        }
        if input.key_pressed(Key::Enter) {
            phone.call_now = Some(asked_with(input.modifiers));
        }
    });
}
