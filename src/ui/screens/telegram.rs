//! The Telegram account: signing in by number or by a code to scan, and who is signed in.

use egui::{Align, Frame, Layout, Margin, ScrollArea, Ui, vec2};

use super::telegram_form::{Field, Form, State};
use super::{telegram_dial, telegram_queue};
use crate::engine::{CodeWay, Command, Problem, TelegramState, TelegramView};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::View;
use crate::ui::widgets::{
    Button, FieldRow, Kind, Leave, Mark, Notice, Tag, Tone, avatar, error_under, nav_row, note, qr,
    section, title, wrapped,
};

/// The width of what is filled in, points.
const COLUMN: f32 = 440.0;
/// The side of a code to scan, points.
const CODE_SIDE: f32 = 232.0;
/// Where a person gets the key of the program.
const KEYS: &str = "https://my.telegram.org/apps";

/// Shows the screen.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State, inside_scroll: bool) {
    state.follow(&view.snapshot.telegram);
    if inside_scroll {
        return contents(ui, view, state);
    }
    ScrollArea::vertical()
        .id_salt("telegram")
        .auto_shrink(false)
        .show(ui, |ui| contents(ui, view, state));
}

fn contents(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let side = if view.narrow { 16 } else { 24 };
    Frame::new()
        .inner_margin(Margin::symmetric(side, 20))
        .show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(COLUMN));
            let telegram = &view.snapshot.telegram;
            let form = state.form(telegram);
            match form {
                Form::Code => title(ui, &view.say("telegram-code-title")),
                Form::Password => title(ui, &view.say("telegram-password-title")),
                Form::Scan => title(ui, &view.say("telegram-qr-title")),
                Form::Api => title(ui, &view.say("telegram-api-title")),
                Form::Phone | Form::SignedIn => title(ui, &view.say("nav-telegram")),
            };
            ui.add_space(4.0);
            problem(ui, view, state);
            match form {
                Form::Api => api(ui, view, state),
                Form::Phone => phone(ui, view, state),
                Form::Code => code(ui, view, state),
                Form::Password => password(ui, view, state),
                Form::Scan => scan(ui, view),
                Form::SignedIn => signed_in(ui, view, state),
            }
        });
}

/// What went wrong: with what was typed here, or with Telegram.
fn problem(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let telegram = &view.snapshot.telegram;
    let Some(problem) = state.problem.as_ref().or(telegram.problem.as_ref()) else {
        return;
    };
    let words = view.texts.problem(problem);
    let passing = matches!(telegram.state, TelegramState::SignedIn { .. });
    let notice = Notice {
        what: &words.what,
        next: &words.next,
        tone: if passing { Tone::Warn } else { Tone::Bad },
        dismiss: None,
    };
    let by_file = matches!(problem, Problem::KeyStore { .. });
    let mut chosen = false;
    notice.show(ui, |ui| {
        let name = view.say("passwords-use-file");
        chosen = by_file && ui.add(Button::new(&name)).clicked();
    });
    ui.add_space(4.0);
    if chosen {
        let place = "file".to_owned();
        view.send(Command::KeepPasswords { place });
        state.submit(view, Form::Api);
    }
}

fn words(ui: &mut Ui, words: &str) {
    let color = Palette::of(ui).text2;
    wrapped(ui, words, Size::Body, Weight::Regular, color);
}

/// A field of a form; whether Enter was pressed in it.
fn field(ui: &mut Ui, view: &View<'_>, state: &mut State, field: Field, hint: &str) -> bool {
    let (show, hide) = (view.say("password-show"), view.say("password-hide"));
    let label = view.say(field.label());
    let mut shown = state.shown;
    let row = FieldRow {
        id: field.id(),
        label: &label,
        hint,
        mark: match state.wrong {
            Some((wrong, _)) if wrong == field => Mark::Wrong,
            _ => Mark::None,
        },
        secret: field.is_secret().then_some((&mut shown, &show, &hide)),
    };
    let mut typed = state.typed(field).to_owned();
    let shown_field = row.show(ui, &mut typed);
    state.shown = shown;
    if shown_field.response.changed() {
        state.write(field, typed);
    }
    if state.wants_focus(field) {
        shown_field.response.request_focus();
    }
    if let Some((_, reason)) = state.wrong.filter(|(wrong, _)| *wrong == field) {
        error_under(ui, &view.say(reason));
    }
    shown_field.left == Some(Leave::Enter)
}

/// The main button of a form, and what stands beside it; whether the main one was pressed.
fn buttons(
    ui: &mut Ui,
    view: &View<'_>,
    main: &str,
    beside: impl FnOnce(&mut Ui, &View<'_>),
) -> bool {
    let busy = view.snapshot.telegram.busy;
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        let main = view.say(main);
        let button = Button::new(&main).kind(Kind::Accent);
        let pressed = ui.add_enabled(!busy, button).clicked();
        beside(ui, view);
        pressed
    })
    .inner
}

fn ghost(ui: &mut Ui, view: &View<'_>, key: &str) -> bool {
    let name = view.say(key);
    ui.add(Button::new(&name).kind(Kind::Ghost)).clicked()
}

fn cancel(ui: &mut Ui, view: &View<'_>) {
    if ghost(ui, view, "telegram-cancel") {
        State::ask(view, Command::TelegramCancel);
    }
}

fn phone(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let telegram = &view.snapshot.telegram;
    words(ui, &view.say("telegram-words"));
    ui.add_space(8.0);
    let hint = view.say("telegram-phone-hint");
    let entered = field(ui, view, state, Field::Phone, &hint);
    let connecting = telegram.busy || telegram.state == TelegramState::Connecting;
    let pressed = buttons(ui, view, "telegram-send-code", |ui, view| {
        if connecting {
            cancel(ui, view);
        }
    });
    if connecting {
        note(ui, &view.say("telegram-connecting"));
    }
    if (entered || pressed) && !telegram.busy {
        state.submit(view, Form::Phone);
    }
    ui.add_space(12.0);
    let outdent = Frame::new().outer_margin(Margin::symmetric(-8, 0));
    outdent.show(ui, |ui| {
        let (name, words) = (view.say("telegram-by-qr"), view.say("telegram-by-qr-note"));
        if nav_row(ui, Icon::Qr, &name, &words, Icon::ChevronRight).clicked() {
            State::ask(view, Command::TelegramSignInQr);
        }
    });
    telegram_queue::show(ui, view);
    if !telegram.api_built_in {
        ui.add_space(8.0);
        let change = view.say("telegram-api-change");
        let button = Button::new(&change).kind(Kind::Link).height(32.0).bare();
        if ui.add(button).clicked() {
            state.change_api();
        }
    }
}

fn code(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let TelegramState::NeedsCode { length, how } = &view.snapshot.telegram.state else {
        return;
    };
    words(ui, &way(view, how));
    ui.add_space(8.0);
    let before = state.typed(Field::Code).len();
    let entered = field(ui, view, state, Field::Code, "");
    let typed = state.typed(Field::Code).trim();
    let digits = typed.len();
    // The last digit sends it, as in Telegram itself.
    let complete = *length == u32::try_from(digits).ok()
        && digits > before
        && typed.bytes().all(|b| b.is_ascii_digit());
    let pressed = buttons(ui, view, "telegram-code-enter", |ui, view| {
        if ghost(ui, view, "telegram-code-again") {
            State::ask(view, Command::TelegramCodeAgain);
        }
        cancel(ui, view);
    });
    if (entered || pressed || complete) && !view.snapshot.telegram.busy {
        state.submit(view, Form::Code);
    }
}

fn way(view: &View<'_>, how: &CodeWay) -> String {
    match how {
        CodeWay::App => view.say("telegram-code-app"),
        CodeWay::Sms => view.say("telegram-code-sms"),
        CodeWay::Call => view.say("telegram-code-call"),
        CodeWay::MissedCall { prefix } => {
            view.say_with("telegram-code-missed-call", &[("prefix", prefix.into())])
        }
        CodeWay::Email { address } => {
            view.say_with("telegram-code-email", &[("address", address.into())])
        }
        CodeWay::Fragment { url } => {
            view.say_with("telegram-code-fragment", &[("url", url.into())])
        }
    }
}

fn password(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let TelegramState::NeedsPassword { hint } = &view.snapshot.telegram.state else {
        return;
    };
    words(ui, &view.say("telegram-password-words"));
    ui.add_space(8.0);
    let hint = match hint.as_str() {
        "" => String::new(),
        hint => view.say_with("telegram-password-hint", &[("hint", hint.into())]),
    };
    let entered = field(ui, view, state, Field::Password, "");
    if !hint.is_empty() {
        note(ui, &hint);
    }
    let pressed = buttons(ui, view, "telegram-password-enter", cancel);
    if (entered || pressed) && !view.snapshot.telegram.busy {
        state.submit(view, Form::Password);
    }
}

fn scan(ui: &mut Ui, view: &View<'_>) {
    words(ui, &view.say("telegram-qr-words"));
    ui.add_space(8.0);
    match &view.snapshot.telegram.state {
        TelegramState::Qr { url, .. } => {
            let side = CODE_SIDE.min(ui.available_width());
            qr(ui, &view.say("telegram-qr"), url, side);
        }
        _ => {
            note(ui, &view.say("telegram-connecting"));
        }
    }
    ui.add_space(4.0);
    if ghost(ui, view, "telegram-by-phone") {
        State::ask(view, Command::TelegramCancel);
    }
}

fn signed_in(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let telegram = &view.snapshot.telegram;
    person(ui, view, telegram);
    telegram_queue::show(ui, view);
    ui.add_space(8.0);
    section(ui, &view.say("telegram-lists"));
    let counts = [
        ("telegram-chats-count", telegram.chats.len()),
        ("telegram-people-count", telegram.people.len()),
    ];
    for (key, count) in counts {
        let color = Palette::of(ui).text;
        let count = view.say_with(key, &[("count", count.into())]);
        wrapped(ui, &count, Size::Body, Weight::Regular, color);
    }
    let refresh = view.say(if telegram.busy {
        "telegram-refreshing"
    } else {
        "telegram-refresh"
    });
    let button = Button::new(&refresh).icon(Icon::Refresh);
    if ui.add_enabled(!telegram.busy, button).clicked() {
        State::ask(view, Command::TelegramRefresh);
    }
    telegram_dial::show(ui, view, &mut state.dial);
    ui.add_space(16.0);
    sign_out(ui, view, state);
}

/// Who is signed in, and whether there is a connection.
fn person(ui: &mut Ui, view: &View<'_>, telegram: &TelegramView) {
    let palette = Palette::of(ui);
    let Some(me) = &telegram.me else { return };
    let online = telegram.state == (TelegramState::SignedIn { online: true });
    let username = me.username.as_ref().map(|name| format!("@{name}"));
    let below: Vec<String> = me.phone.clone().into_iter().chain(username).collect();
    let name = if me.name.is_empty() {
        view.say("nav-telegram")
    } else {
        me.name.clone()
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        avatar(ui, Some(&name), 48.0);
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let shown = text(&name, Size::Title, Weight::Semibold, palette.text);
            ui.add(egui::Label::new(shown).truncate());
            let shown = text(
                below.join(" · "),
                Size::Body,
                Weight::Regular,
                palette.text2,
            );
            ui.add(egui::Label::new(shown).truncate());
        });
    });
    let (key, color, fill) = if online {
        ("telegram-online", palette.call, palette.call_weak)
    } else {
        ("telegram-offline", palette.warn, palette.warn_weak)
    };
    ui.add(Tag::new(&view.say(key)).color(color).fill(fill));
}

fn sign_out(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let busy = view.snapshot.telegram.busy;
    if !state.signing_out {
        state.signing_out = {
            let name = view.say("telegram-sign-out");
            let button = Button::new(&name).kind(Kind::Danger);
            ui.add_enabled(!busy, button).clicked()
        };
        return;
    }
    let color = Palette::of(ui).text;
    let sure = view.say("telegram-sign-out-sure");
    wrapped(ui, &sure, Size::Body, Weight::Medium, color);
    note(ui, &view.say("telegram-sign-out-note"));
    ui.horizontal_wrapped(|ui| {
        let name = view.say("telegram-sign-out");
        let button = Button::new(&name).kind(Kind::End);
        if ui.add_enabled(!busy, button).clicked() {
            state.signing_out = false;
            State::ask(view, Command::TelegramSignOut);
        }
        if ghost(ui, view, "telegram-sign-out-not") {
            state.signing_out = false;
        }
    });
}

/// The key of the program, and how to get one.
fn api(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    words(ui, &view.say("telegram-api-words"));
    let link = Button::new("my.telegram.org").kind(Kind::Link);
    if ui.add(link.height(32.0).bare()).clicked() {
        ui.ctx().open_url(egui::OpenUrl::new_tab(KEYS));
    }
    let in_force = view.snapshot.telegram.api_id;
    let hint = in_force.map(|id| id.to_string()).unwrap_or_default();
    let mut entered = field(ui, view, state, Field::ApiId, &hint);
    entered |= field(ui, view, state, Field::ApiHash, "");
    let mut left = false;
    let pressed = buttons(ui, view, "telegram-api-keep", |ui, view| {
        left = in_force.is_some() && ghost(ui, view, "telegram-cancel");
    });
    if left {
        state.enter();
    }
    if entered || pressed {
        state.submit(view, Form::Api);
    }
    ui.allocate_space(vec2(0.0, 4.0));
}
