//! The calls, on top of every screen while they live.

mod active;
mod conference;
mod ended;
mod incoming;
mod request;
mod transfer;

use egui::accesskit::Live;
use egui::{
    CornerRadius, FontSelection, Rect, Role, Sense, TextWrapMode, Ui, WidgetInfo, WidgetText, pos2,
    vec2,
};

use super::icons::Icon;
use super::theme::{Palette, Size, Weight, text};
use super::view::View;
use super::widgets::{focus_ring, press_tint, section};
use super::words::{call_clock, call_state, peer_name};
use crate::engine::{CallId, CallState, CallView, Command, Snapshot};

/// What the window remembers about the calls it shows.
#[derive(Debug, Default)]
pub struct State {
    /// The call the person looks at.
    selected: Option<CallId>,
    /// The call whose tones pad is open, and what was sent with it.
    pad: Option<(CallId, String)>,
    /// The call that is to be transferred, and what is typed of the number.
    transfer: Option<(CallId, String)>,
}

impl State {
    /// Sends what is typed as tones if the tones pad of the call on top is open; false if not.
    pub fn type_tones(&mut self, view: &View<'_>, typed: &str) -> bool {
        let top = self
            .top(view.snapshot)
            .map(|call| (call.id, call.state.has_media()));
        let Some((call, sent)) = &mut self.pad else {
            return false;
        };
        if top != Some((*call, true)) {
            return false;
        }
        let digits: String = typed.chars().filter(|c| is_tone(*c)).collect();
        if !digits.is_empty() {
            sent.push_str(&digits);
            view.send(Command::SendDtmf {
                call: *call,
                digits,
            });
        }
        true
    }

    /// The call that gets the card: one that rings here, or the chosen one, or one that lives.
    fn top<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a CallView> {
        let calls = &snapshot.calls;
        calls
            .iter()
            .find(|call| call.state == CallState::Incoming)
            .or_else(|| {
                calls
                    .iter()
                    .find(|call| Some(call.id) == self.selected && !call.state.is_ended())
            })
            .or_else(|| {
                calls
                    .iter()
                    .rev()
                    .find(|call| !call.state.is_ended() && call.state != CallState::Held)
            })
            .or_else(|| calls.iter().rev().find(|call| !call.state.is_ended()))
            .or_else(|| calls.last())
    }
}

fn is_tone(c: char) -> bool {
    matches!(c, '0'..='9' | '*' | '#' | 'A'..='D')
}

/// Shows the calls there are, if there are any, and the numbers that wait to be dialled.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    for waiting in &view.snapshot.requests {
        request::show(ui, view, waiting);
        ui.add_space(4.0);
    }
    let Some(top) = state.top(view.snapshot) else {
        state.pad = None;
        return;
    };
    if state
        .pad
        .as_ref()
        .is_some_and(|(call, _)| !view.snapshot.calls.iter().any(|c| c.id == *call))
    {
        state.pad = None;
    }
    let mut beside = None;
    let card = ui.push_id(("call", top.id.0), |ui| match &top.state {
        CallState::Incoming => {
            incoming::show(ui, view, top, state);
            beside = view.snapshot.calls.iter().rev().find(|call| {
                matches!(
                    call.state,
                    CallState::Active
                        | CallState::EarlyMedia
                        | CallState::Ringing
                        | CallState::Dialing
                        | CallState::Connecting
                )
            });
            if let Some(running) = beside {
                ui.add_space(4.0);
                section(ui, &view.say("call-running"));
                incoming::running(ui, view, running);
            }
        }
        CallState::Ended { problem, .. } => ended::show(ui, view, top, problem.as_ref()),
        _ => active::show(ui, view, top, state),
    });
    announce(ui, view, top, card.response.rect);
    let shown = [Some(top.id), beside.map(|call| call.id)];
    let others: Vec<&CallView> = view
        .snapshot
        .calls
        .iter()
        .filter(|call| !shown.contains(&Some(call.id)))
        .collect();
    if !others.is_empty() {
        ui.horizontal_wrapped(|ui| {
            for call in others {
                pill(ui, view, state, call);
            }
        });
    }
}

/// Says the call and its state to those who don't see the card, without moving the keyboard.
fn announce(ui: &Ui, view: &View<'_>, call: &CallView, card: Rect) {
    let words = match call.state {
        CallState::Incoming => format!("{}, {}", incoming::heading(view, call), peer_name(call)),
        _ => format!("{}: {}", peer_name(call), call_state(view, call)),
    };
    let status = ui.interact(
        card,
        ui.make_persistent_id(("call status", call.id.0)),
        Sense::hover(),
    );
    status.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    ui.ctx().accesskit_node_builder(status.id, |node| {
        let rings = call.state == CallState::Incoming;
        node.set_role(if rings { Role::Alert } else { Role::Status });
        node.set_live(if rings { Live::Assertive } else { Live::Polite });
        node.set_label(words.as_str());
    });
}

fn pill(ui: &mut Ui, view: &View<'_>, state: &mut State, call: &CallView) {
    let palette = Palette::of(ui);
    let (icon, color) = match call.state {
        CallState::Held => (Icon::Pause, palette.text2),
        CallState::Incoming => (Icon::Incoming, palette.accent),
        CallState::Ended { .. } => (Icon::Cross, palette.text2),
        _ => (Icon::Phone, palette.call),
    };
    let mut words = format!("{} · {}", peer_name(call), call_state(view, call));
    if let (Some(clock), false) = (call_clock(view, call), call.state.is_ended()) {
        words = format!("{words} {clock}");
    }
    let room = ui.max_rect().width() - 42.0;
    let galley = WidgetText::from(text(&words, Size::Note, Weight::Medium, color)).into_galley(
        ui,
        Some(TextWrapMode::Truncate),
        room,
        FontSelection::Default,
    );
    let (rect, response) =
        ui.allocate_exact_size(vec2(galley.size().x + 42.0, 32.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let fill = press_tint(ui, &response, palette.surface2);
    ui.painter().rect_filled(rect, CornerRadius::same(16), fill);
    icon.paint(ui, pos2(rect.left() + 18.5, rect.center().y), 13.0, color);
    let at = pos2(rect.left() + 30.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, color);
    focus_ring(ui, &response, 16);
    if response.clicked() {
        if call.state.is_ended() {
            view.send(Command::Dismiss { call: call.id });
        } else {
            state.selected = Some(call.id);
        }
    }
}
