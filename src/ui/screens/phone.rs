//! The number field, the keys, and the lines.

use egui::text::{CCursor, CCursorRange};
use egui::{
    Align, Align2, Context, Frame, Id, Key, Layout, Margin, Modifiers, ScrollArea, TextEdit, Ui,
    vec2,
};

use super::dial_hint::dial_hint;
use super::favourites;
use super::lines::line_row;
use crate::account::AccountId;
use crate::engine::{Ask, Command};
use crate::ui::icons::Icon;
use crate::ui::nav::voicemail;
use crate::ui::theme::{Palette, Size, Weight, font, text};
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Button, Kind, icon_button, nav_row, note, pad, section};

/// From this width on the lines stand beside the keys, points.
const TWO_PANES: f32 = 560.0;
/// The width of the pane with the keys, points.
const DIALER: f32 = 300.0;

/// What the window remembers about the phone.
#[derive(Debug, Default)]
pub struct State {
    /// What is typed.
    pub number: String,
    /// The line that was chosen, if one was.
    line: Option<AccountId>,
    /// What was dialled last.
    last: String,
    /// Give the field the keyboard with the next picture.
    pub focus_next: bool,
    /// Call with the next picture, and whether to be asked for the line.
    pub call_now: Option<Ask>,
}

impl State {
    /// Calls over this line from now on.
    pub fn call_over(&mut self, line: AccountId) {
        self.line = Some(line);
    }

    /// Brings back a number that was not dialled after all.
    pub fn bring_back(&mut self, ctx: &Context, number: String) {
        if self.number.is_empty() {
            self.number = number;
            self.focus(ctx);
        }
    }

    /// Gives the number field the keyboard.
    pub fn focus(&self, ctx: &Context) {
        put_cursor_at_end(ctx, &self.number);
        ctx.memory_mut(|memory| memory.request_focus(field_id()));
    }
}

/// When the person is asked for the line, by the keys that are held down.
pub fn asked_with(modifiers: Modifiers) -> Ask {
    match modifiers.command || modifiers.shift {
        true => Ask::Always,
        false => Ask::IfSeveral,
    }
}

fn field_id() -> Id {
    Id::unique("number field")
}

fn put_cursor_at_end(ctx: &Context, number: &str) {
    let mut state = TextEdit::load_state(ctx, field_id()).unwrap_or_default();
    let end = CCursor::new(number.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    TextEdit::store_state(ctx, field_id(), state);
}

/// Shows the screen.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State, inside_scroll: bool) {
    if ui.max_rect().width() >= TWO_PANES {
        two_panes(ui, view, state);
    } else if inside_scroll {
        one_pane(ui, view, state);
    } else {
        ScrollArea::vertical()
            .id_salt("phone")
            .auto_shrink(false)
            .show(ui, |ui| {
                one_pane(ui, view, state);
            });
    }
}

fn two_panes(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let palette = Palette::of(ui);
    let area = ui.available_rect_before_wrap();
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 8.0);
        let size = vec2(DIALER, area.height());
        ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
            ui.set_width(DIALER);
            ScrollArea::vertical()
                .id_salt("dialer")
                .auto_shrink(false)
                .show(ui, |ui| {
                    let margin = Margin {
                        left: 24,
                        right: 24,
                        top: 16,
                        bottom: 16,
                    };
                    Frame::new()
                        .inner_margin(margin)
                        .show(ui, |ui| dialer(ui, view, state));
                });
        });
        let x = area.left() + DIALER + 0.5;
        ui.painter()
            .vline(x, area.top()..=ui.clip_rect().bottom(), (1.0, palette.line));
        let size = vec2(area.width() - DIALER, area.height());
        ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
            ui.set_width(size.x);
            ScrollArea::vertical()
                .id_salt("beside")
                .auto_shrink(false)
                .show(ui, |ui| {
                    let margin = Margin {
                        left: 9,
                        right: 8,
                        top: 16,
                        bottom: 16,
                    };
                    Frame::new()
                        .inner_margin(margin)
                        .show(ui, |ui| lines(ui, view));
                });
        });
    });
}

fn one_pane(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let side = if view.narrow && ui.max_rect().width() < 420.0 {
        20.0
    } else {
        24.0
    };
    let width = (ui.max_rect().width() - 2.0 * side).min(400.0);
    let left = ((ui.max_rect().width() - width) / 2.0).round();
    let column = |ui: &mut Ui, outdent: f32, draw: &mut dyn FnMut(&mut Ui)| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 8.0);
            ui.add_space(left - outdent);
            let width = width + 2.0 * outdent;
            ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(width);
                draw(ui);
            });
        });
    };
    ui.add_space(12.0);
    column(ui, 0.0, &mut |ui| dialer(ui, view, state));
    ui.add_space(16.0);
    column(ui, 8.0, &mut |ui| lines(ui, view));
    ui.add_space(16.0);
}

fn dialer(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    ui.spacing_mut().item_spacing.y = 0.0;
    field(ui, view, state);
    ui.add_space(6.0);
    dial_hint(ui, view, &state.number, &mut state.line);
    ui.add_space(10.0);
    let width = ui.available_width();
    if let Some(digit) = pad(ui, width, 48.0, true) {
        state.number.push(digit);
        put_cursor_at_end(ui.ctx(), &state.number);
    }
    ui.add_space(12.0);
    let call = view.say("phone-call");
    let button = Button::new(&call)
        .icon(Icon::Phone)
        .kind(Kind::Call)
        .height(48.0)
        .width(width);
    let mut button = ui.add(button);
    if view.ready_lines().nth(1).is_some() {
        let command = if ui.ctx().os().is_mac() {
            "⌘"
        } else {
            "Ctrl"
        };
        let keys = [("command", command.into())];
        button = button.on_hover_text(view.say_with("phone-call-hint", &keys));
    }
    if button.clicked() {
        state.call_now = Some(asked_with(ui.input(|input| input.modifiers)));
    }
    do_not_disturb(ui, view);
    if let Some(ask) = state.call_now.take() {
        dial(ui.ctx(), view, state, ask);
    }
}

/// In a narrow window the switch stands here; in a wide one beside the screens.
fn do_not_disturb(ui: &mut Ui, view: &View<'_>) {
    if !view.narrow {
        return;
    }
    ui.add_space(8.0);
    let on = view.snapshot.preferences.do_not_disturb;
    let name = view.say("do-not-disturb");
    let button = Button::new(&name)
        .icon(Icon::BellOff)
        .kind(if on { Kind::Warn } else { Kind::Ghost })
        .selected(on)
        .width(ui.available_width());
    if ui.add(button).clicked() {
        view.do_not_disturb(!on);
    }
}

/// Dials what is typed; with nothing typed, brings back what was dialled last.
fn dial(ctx: &Context, view: &View<'_>, state: &mut State, ask: Ask) {
    let target = state.number.trim().to_owned();
    if target.is_empty() {
        let last = view.snapshot.redial.clone().unwrap_or_default();
        state.number = match state.last.is_empty() {
            true => last,
            false => state.last.clone(),
        };
        state.focus(ctx);
        return;
    }
    view.send(Command::Dial {
        target: target.clone(),
        account: chosen_line(view, state).filter(|_| ask != Ask::Always),
        ask,
    });
    state.last = target;
    state.number.clear();
}

/// The line that was chosen if it can still call; otherwise the engine chooses.
fn chosen_line(view: &View<'_>, state: &State) -> Option<AccountId> {
    let chosen = state.line.as_ref()?;
    view.ready_lines()
        .any(|line| line.id == *chosen)
        .then(|| chosen.clone())
}

fn field(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let palette = Palette::of(ui);
    let hint = view.say("phone-number-hint");
    let focused = ui.memory(|memory| memory.has_focus(field_id()));
    if focused && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter)) {
        state.call_now = Some(Ask::Always);
    }
    let shown = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.set_height(44.0);
        let erase = if state.number.is_empty() { 0.0 } else { 32.0 };
        let width = ui.available_width() - erase;
        let response = ui
            .add(
                TextEdit::singleline(&mut state.number)
                    .id(field_id())
                    .frame(Frame::NONE)
                    .font(font(Size::Number.points(), Weight::Regular))
                    .text_color(palette.text)
                    .align(Align2::LEFT_CENTER)
                    .cursor_at_end(true)
                    .char_limit(512)
                    .desired_width(width)
                    .min_size(vec2(width, 44.0))
                    .hint_text(text(&hint, Size::Number, Weight::Regular, palette.text2)),
            )
            .accessible_name(view.say("phone-number"));
        if std::mem::take(&mut state.focus_next) {
            state.focus(ui.ctx());
        }
        if response.lost_focus() {
            if ui.input(|input| input.key_pressed(Key::Enter)) {
                state.call_now = Some(Ask::IfSeveral);
            } else if ui.input(|input| input.key_pressed(Key::Escape)) {
                state.number.clear();
            }
        }
        if erase > 0.0 {
            let name = view.say("phone-erase");
            let erase = icon_button(ui, Icon::Erase, &name, Kind::Quiet, 32.0);
            if erase.clicked() {
                state.number.pop();
                put_cursor_at_end(ui.ctx(), &state.number);
            }
        }
    });
    let rect = shown.response.rect;
    ui.painter()
        .hline(rect.x_range(), rect.bottom() + 1.0, (2.0, palette.accent));
}

/// The lines with their states, and a call that always works.
fn lines(ui: &mut Ui, view: &View<'_>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let heading = |ui: &mut Ui, key: &str| {
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            section(ui, &view.say(key));
        });
        ui.add_space(4.0);
    };
    if !view.snapshot.favourites.is_empty() {
        heading(ui, "favourites");
        favourites::show(ui, view);
        ui.add_space(16.0);
    }
    heading(ui, "nav-lines");
    let mut any = false;
    for account in view.lines() {
        any = true;
        if line_row(ui, view, account).clicked() {
            view.go(Place::Line(account.id.clone()));
        }
        if view.narrow {
            voicemail(ui, view, account);
        }
    }
    if !any {
        let (title, words) = (view.say("first-add-line"), view.say("first-add-line-note"));
        if nav_row(ui, Icon::Lines, &title, &words, Icon::ChevronRight).clicked() {
            view.go(Place::NewLine);
        }
    }
    ui.add_space(16.0);
    heading(ui, "test-line");
    let (title, words) = (view.say("test-line-call"), view.say("test-line-note"));
    if nav_row(ui, Icon::Speaker, &title, &words, Icon::Phone).clicked() {
        view.call_test_line();
    }
    if view.snapshot.strangers.refused_invites > 0 {
        ui.add_space(12.0);
        ui.horizontal_wrapped(|ui| {
            ui.add_space(8.0);
            let count = view.snapshot.strangers.refused_invites;
            note(
                ui,
                &view.say_with("strangers-refused", &[("count", count.into())]),
            );
        });
    }
}
