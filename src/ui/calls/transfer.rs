//! Giving a call to somebody else, and being asked to call somebody else.

use egui::{Align2, Frame, Id, Key, TextEdit, Ui, vec2};

use crate::engine::{
    CallId, CallState, CallView, Command, DeclineReason, TransferAsked, TransferStage,
};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, font, text};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, Tag, focus_ring, wrapped};
use crate::ui::words::peer_name;

/// The call that is to be transferred, and what is typed of the number.
type Typed = Option<(CallId, String)>;

/// What a person can do about a transfer of this call, and how one goes on.
pub fn show(ui: &mut Ui, view: &View<'_>, call: &CallView, typed: &mut Typed) {
    if let Some(asked) = &call.asked {
        question(ui, view, call, asked);
    }
    let up = matches!(call.state, CallState::Active | CallState::Held);
    if !up || is_under_way(ui, view, call) {
        typed.take_if(|(open, _)| *open == call.id);
        return;
    }
    if typed.as_ref().is_some_and(|(open, _)| *open == call.id) {
        let (hint, go) = ("call-transfer-number", "call-transfer-now");
        if let Some(target) = form(ui, view, call, typed, [hint, go]) {
            view.send(Command::Transfer {
                call: call.id,
                target,
            });
        }
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if link(ui, &view.say("call-transfer")) {
            *typed = Some((call.id, String::new()));
            ui.memory_mut(|memory| memory.request_focus(field(call)));
        }
        for other in view.snapshot.calls.iter().filter(|other| fits(call, other)) {
            let names = [
                ("first", peer_name(call).into()),
                ("second", peer_name(other).into()),
            ];
            if link(ui, &view.say_with("call-transfer-connect", &names)) {
                view.send(Command::Connect {
                    call: call.id,
                    with: other.id,
                });
            }
        }
    });
}

/// Other things to do with a call that rings than to answer or decline it.
pub fn instead_of_answering(ui: &mut Ui, view: &View<'_>, call: &CallView, typed: &mut Typed) {
    if typed.as_ref().is_some_and(|(open, _)| *open == call.id) {
        let (hint, go) = ("call-deflect-number", "call-deflect-now");
        if let Some(target) = form(ui, view, call, typed, [hint, go]) {
            view.send(Command::Deflect {
                call: call.id,
                target,
            });
        }
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for (key, reason) in [
            ("call-decline-busy", DeclineReason::Busy),
            ("call-decline-unavailable", DeclineReason::Unavailable),
        ] {
            if link(ui, &view.say(key)) {
                view.send(Command::Decline {
                    call: call.id,
                    reason,
                });
            }
        }
        if link(ui, &view.say("call-deflect")) {
            *typed = Some((call.id, String::new()));
            ui.memory_mut(|memory| memory.request_focus(field(call)));
        }
    });
}

/// The words for a call that was given to somebody else.
pub fn done(view: &View<'_>, call: &CallView) -> Option<String> {
    let transfer = call.transfer.as_ref()?;
    let done = transfer.stage == TransferStage::Done;
    let to = [("to", transfer.to.as_str().into())];
    done.then(|| view.say_with("call-transfer-done", &to))
}

fn fits(call: &CallView, other: &CallView) -> bool {
    other.id != call.id && !other.state.is_ended() && other.state != CallState::Incoming
}

/// Whether a transfer is under way; how it goes on, or why it failed, is said.
fn is_under_way(ui: &mut Ui, view: &View<'_>, call: &CallView) -> bool {
    let palette = Palette::of(ui);
    let Some(transfer) = &call.transfer else {
        return false;
    };
    let to = ("to", transfer.to.as_str().into());
    let key = match &transfer.stage {
        TransferStage::Asked => "call-transfer-asked",
        TransferStage::Trying => "call-transfer-trying",
        TransferStage::Ringing => "call-transfer-ringing",
        TransferStage::Done => "call-transfer-done",
        TransferStage::Failed { problem } => {
            let why = view.texts.short(problem);
            let words = view.say_with("call-transfer-failed", &[to, ("why", (&why).into())]);
            wrapped(ui, &words, Size::Note, Weight::Regular, palette.warn);
            return false;
        }
    };
    let words = view.say_with(key, &[to]);
    ui.add(Tag::new(&words).icon(Icon::Outgoing).color(palette.accent));
    true
}

fn question(ui: &mut Ui, view: &View<'_>, call: &CallView, asked: &TransferAsked) {
    let palette = Palette::of(ui);
    let to = [("to", asked.to.number.as_str().into())];
    let words = view.say_with("call-asked", &to);
    wrapped(ui, &words, Size::Body, Weight::Medium, palette.text);
    ui.horizontal_wrapped(|ui| {
        let follow = view.say_with("call-asked-follow", &to);
        let buttons = [
            (follow, Icon::Phone, Kind::Call, true),
            (
                view.say("call-asked-refuse"),
                Icon::Cross,
                Kind::Plain,
                false,
            ),
        ];
        for (name, icon, kind, on) in buttons {
            if ui.add(Button::new(&name).icon(icon).kind(kind)).clicked() {
                view.send(Command::FollowTransfer { call: call.id, on });
            }
        }
    });
}

fn field(call: &CallView) -> Id {
    Id::unique(("transfer to", call.id.0))
}

/// Asks for a number; gives it once it is there. `keys` are what the field and the button say.
fn form(
    ui: &mut Ui,
    view: &View<'_>,
    call: &CallView,
    typed: &mut Typed,
    keys: [&str; 2],
) -> Option<String> {
    let palette = Palette::of(ui);
    let (_, number) = typed.as_mut()?;
    let [hint, go] = keys;
    let name = view.say(hint);
    let edit = TextEdit::singleline(number)
        .id(field(call))
        .frame(
            Frame::new()
                .fill(palette.background)
                .corner_radius(8)
                .inner_margin(8),
        )
        .font(font(Size::Body.points(), Weight::Regular))
        .align(Align2::LEFT_CENTER)
        .min_size(vec2(0.0, 24.0))
        .desired_width(ui.available_width() - 16.0)
        .hint_text(text(&name, Size::Body, Weight::Regular, palette.text2));
    let response = ui.add(edit).accessible_name(&name);
    focus_ring(ui, &response, 8);
    let (mut now, mut close) = (false, false);
    if response.lost_focus() {
        now = ui.input(|input| input.key_pressed(Key::Enter));
        close = ui.input(|input| input.key_pressed(Key::Escape));
    }
    let target = number.trim().to_owned();
    ui.horizontal_wrapped(|ui| {
        let go = view.say(go);
        let button = Button::new(&go).icon(Icon::Outgoing).kind(Kind::Accent);
        now |= ui.add_enabled(!target.is_empty(), button).clicked();
        let cancel = view.say("form-cancel");
        close |= ui.add(Button::new(&cancel).kind(Kind::Ghost)).clicked();
    });
    let chosen = (now && !target.is_empty()).then_some(target);
    if close || chosen.is_some() {
        *typed = None;
    }
    chosen
}

fn link(ui: &mut Ui, words: &str) -> bool {
    let button = Button::new(words).kind(Kind::Link).height(32.0);
    ui.add(button).clicked()
}
