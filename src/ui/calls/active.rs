use egui::{Align, Color32, Layout, Margin, Ui, vec2};

use super::{State, conference, transfer};
use crate::engine::{CallState, CallView, Command, Keys, Protection, Recording, RecordingState};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, text};
use crate::ui::view::View;
use crate::ui::widgets::{
    Button, Kind, Tag, avatar, card_with, icon_button, meter, note, pad, wrapped,
};
use crate::ui::words::{
    call_clock, call_state, codec_name, line_name, over_line, peer_name, quality_details,
    quality_key, suite_name,
};

/// From this width on the card has its buttons in one row, points.
const WIDE: f32 = 560.0;

/// A call that goes out, is up, or is held.
pub fn show(ui: &mut Ui, view: &View<'_>, call: &CallView, state: &mut State) {
    let palette = Palette::of(ui);
    let up = matches!(call.state, CallState::Active) && !call.held_by_peer;
    let (fill, line) = if up {
        (palette.call_weak, palette.call)
    } else {
        (palette.surface, palette.line)
    };
    card_with(ui, fill, line, Margin::same(16), |ui| {
        let wide = ui.available_width() >= WIDE;
        who(ui, view, call, wide);
        if !wide {
            tags(ui, view, call, false);
        }
        if let Some(problem) = &call.warning {
            let words = view.texts.problem(problem);
            let words = format!("{}. {}", words.what.trim_end_matches('.'), words.next);
            wrapped(ui, &words, Size::Note, Weight::Regular, palette.warn);
        }
        if !call.dtmf_received.is_empty() {
            let digits = call.dtmf_received.as_str();
            note(
                ui,
                &view.say_with("call-tones-heard", &[("digits", digits.into())]),
            );
        }
        if let Some(recording) = call.recording.as_ref().filter(|now| now.is_open()) {
            mark_of_recording(ui, view, call, recording);
        }
        transfer::show(ui, view, call, &mut state.transfer);
        conference::show(ui, view, call);
        ui.add_space(6.0);
        if wide {
            controls_in_a_row(ui, view, call, state);
        } else {
            controls_stacked(ui, view, call, state);
        }
        tones(ui, view, call, state, wide);
    });
}

fn who(ui: &mut Ui, view: &View<'_>, call: &CallView, wide: bool) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        avatar(ui, call.peer.name.as_deref(), 44.0);
        let clock = call_clock(view, call);
        let right = match (&clock, wide) {
            (_, true) => 250.0,
            (Some(_), false) => 84.0,
            (None, false) => 0.0,
        };
        let width = (ui.available_width() - right - 12.0).max(60.0);
        ui.allocate_ui_with_layout(vec2(width, 44.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(
                egui::Label::new(text(
                    peer_name(call),
                    Size::Title,
                    Weight::Semibold,
                    palette.text,
                ))
                .truncate(),
            );
            let number = call.peer.name.as_ref().map(|_| call.peer.number.as_str());
            let line = over_line(view, call);
            let words = match number {
                Some(number) if wide => format!("{number} · {line}"),
                Some(number) => number.to_owned(),
                None => line,
            };
            ui.add(
                egui::Label::new(text(words, Size::Body, Weight::Regular, palette.text2))
                    .truncate(),
            );
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if !wide {
                if let Some(clock) = &clock {
                    ui.label(text(clock, Size::Timer, Weight::Semibold, palette.text).size(22.0));
                }
                return;
            }
            ui.with_layout(Layout::top_down(Align::Max), |ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                match &clock {
                    Some(clock) => {
                        ui.label(text(clock, Size::Timer, Weight::Semibold, palette.text));
                        tags(ui, view, call, true);
                    }
                    None => {
                        ui.add_space(10.0);
                        let state = call_state(view, call);
                        ui.label(text(state, Size::Title, Weight::Medium, palette.text2));
                    }
                }
            });
        });
    });
}

/// What is known about the way the sound goes.
fn tags(ui: &mut Ui, view: &View<'_>, call: &CallView, from_right: bool) {
    let palette = Palette::of(ui);
    let mut shown: Vec<(String, Option<Icon>, Color32)> = Vec::new();
    match call.state {
        CallState::Active if call.held_by_peer => {
            shown.push((
                view.say("call-held-by-peer"),
                Some(Icon::Pause),
                palette.warn,
            ));
        }
        CallState::Held => shown.push((view.say("call-held"), Some(Icon::Pause), palette.warn)),
        CallState::Active => {}
        _ if !from_right => shown.push((call_state(view, call), None, palette.text2)),
        _ => {}
    }
    if !from_right && call.peer.name.is_some() {
        shown.push((line_name(view, call), None, palette.text2));
    }
    if let Some(encryption) = &call.encryption {
        let name = suite_name(encryption.suite).to_owned();
        shown.push((name, Some(Icon::Lock), palette.text2));
    }
    if let Some(codec) = &call.codec {
        shown.push((codec_name(codec), None, palette.text2));
    }
    if let Some((key, color)) = call.quality.as_ref().and_then(|q| quality_key(palette, q)) {
        let mut words = view.say(key);
        if let Some(delay) = call.quality.and_then(|q| q.round_trip_ms) {
            let delay = delay.round().clamp(0.0, 99_999.0);
            words = format!(
                "{words} · {}",
                view.say_with("quality-delay", &[("ms", delay.into())])
            );
        }
        shown.push((words, None, color));
    }
    let details = call.quality.map(|quality| quality_details(view, &quality));
    let judged = call.quality.is_some_and(|quality| quality.mos.is_some());
    let last = shown.len().saturating_sub(1);
    let draw = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
        let mut tag = |(n, (words, icon, color)): (usize, &(String, Option<Icon>, Color32))| {
            let mut tag = Tag::new(words).color(*color);
            if let Some(icon) = icon {
                tag = tag.icon(*icon);
            }
            let shown = ui.add(tag);
            match &call.encryption {
                Some(encryption) if *icon == Some(Icon::Lock) => {
                    shown.on_hover_text(encryption_details(view, encryption));
                }
                _ => {
                    if let Some(details) = details.as_ref().filter(|_| judged && n == last) {
                        shown.on_hover_text(details);
                    }
                }
            }
        };
        if from_right {
            shown.iter().enumerate().rev().for_each(&mut tag);
        } else {
            shown.iter().enumerate().for_each(&mut tag);
        }
    };
    if shown.is_empty() {
        return;
    }
    if from_right {
        let size = vec2(ui.available_width(), 20.0);
        ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), draw);
    } else {
        ui.scope(|ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            ui.horizontal_wrapped(draw);
        });
    }
}

/// How the sound is encrypted, in a sentence.
fn encryption_details(view: &View<'_>, encryption: &Protection) -> String {
    let keys = match encryption.keys {
        Keys::Sdes => "SDES",
        Keys::Dtls => "DTLS",
    };
    let suite = encryption.suite.name();
    view.say_with(
        "call-encrypted",
        &[("suite", suite.into()), ("keys", keys.into())],
    )
}

/// Says that the call is recorded, or that it is not for now.
fn mark_of_recording(ui: &mut Ui, view: &View<'_>, call: &CallView, recording: &Recording) {
    let palette = Palette::of(ui);
    let paused = recording.state == RecordingState::Paused;
    let (mark, color) = match (recording.locked, paused) {
        (true, _) => ("call-recording-locked", palette.end),
        (false, false) => ("call-recording", palette.end),
        (false, true) => ("call-recording-paused", palette.warn),
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let mark = view.say(mark);
        ui.add(Tag::new(&mark).icon(Icon::Record).color(color));
        if recording.locked {
            return;
        }
        let name = view.say(match paused {
            true => "call-recording-resume",
            false => "call-recording-pause",
        });
        let button = Button::new(&name).kind(Kind::Link).height(32.0);
        if ui.add(button).clicked() {
            view.send(Command::PauseRecording {
                call: call.id,
                on: !paused,
            });
        }
    });
}

struct Controls {
    microphone: Option<(Icon, String, Kind)>,
    hold: Option<(Icon, String, bool)>,
    tones: Option<(String, bool)>,
    /// What pressing does, and whether the call is recorded.
    record: Option<(String, bool)>,
}

fn controls(view: &View<'_>, call: &CallView, state: &State) -> Controls {
    let up = matches!(call.state, CallState::Active | CallState::Held);
    let media = call.state.has_media();
    Controls {
        microphone: media.then(|| {
            if call.muted {
                (
                    Icon::MicrophoneOff,
                    view.say("call-microphone-off"),
                    Kind::Warn,
                )
            } else {
                (
                    Icon::Microphone,
                    view.say("call-microphone-on"),
                    Kind::Plain,
                )
            }
        }),
        hold: up.then(|| match call.state {
            CallState::Held => (Icon::Play, view.say("call-resume"), false),
            _ => (Icon::Pause, view.say("call-hold"), true),
        }),
        tones: media.then(|| {
            let open = state.pad.as_ref().is_some_and(|(open, _)| *open == call.id);
            (view.say("call-tones"), open)
        }),
        record: match call.recording.as_ref().filter(|now| now.is_open()) {
            Some(recording) if recording.locked => None,
            Some(_) => Some((view.say("call-record-stop"), true)),
            None => media.then(|| (view.say("call-record"), false)),
        },
    }
}

fn press(view: &View<'_>, call: &CallView, state: &mut State, what: Pressed) {
    let id = call.id;
    match what {
        Pressed::Microphone => view.send(Command::Mute {
            call: id,
            on: !call.muted,
        }),
        Pressed::Hold(on) => view.send(Command::Hold { call: id, on }),
        Pressed::Record(on) => view.send(Command::Record { call: id, on }),
        Pressed::Tones(open) => state.pad = (!open).then(|| (id, String::new())),
        Pressed::End => view.send(Command::HangUp { call: id }),
    }
}

enum Pressed {
    Microphone,
    Hold(bool),
    Tones(bool),
    Record(bool),
    End,
}

fn controls_in_a_row(ui: &mut Ui, view: &View<'_>, call: &CallView, state: &mut State) {
    let controls = controls(view, call, state);
    let end = view.say("call-end");
    let microphone = view.say("call-microphone");
    let mut pressed = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if let Some((icon, name, kind)) = &controls.microphone
            && ui
                .add(
                    Button::new(if call.muted { name } else { &microphone })
                        .name(name)
                        .icon(*icon)
                        .kind(*kind),
                )
                .clicked()
        {
            pressed = Some(Pressed::Microphone);
        }
        if let Some((icon, name, on)) = &controls.hold
            && ui.add(Button::new(name).icon(*icon)).clicked()
        {
            pressed = Some(Pressed::Hold(*on));
        }
        if let Some((name, open)) = &controls.tones
            && ui
                .add(Button::new(name).icon(Icon::Keypad).selected(*open))
                .clicked()
        {
            pressed = Some(Pressed::Tones(*open));
        }
        if let Some((name, on)) = &controls.record
            && icon_button(ui, Icon::Record, name, record_kind(*on), 40.0).clicked()
        {
            pressed = Some(Pressed::Record(!on));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = Button::new("")
                .icon(Icon::HangUp)
                .name(&end)
                .kind(Kind::End)
                .width(64.0);
            if ui.add(button).on_hover_text(&end).clicked() {
                pressed = Some(Pressed::End);
            }
            if call.state.has_media() && ui.available_width() > 90.0 {
                let width = (ui.available_width() - 40.0).min(96.0);
                ui.add_space(10.0);
                let size = vec2(width + 18.0, 36.0);
                ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
                    ui.spacing_mut().item_spacing.y = 4.0;
                    levels(ui, view, call, width);
                });
            }
        });
    });
    if let Some(pressed) = pressed {
        press(view, call, state, pressed);
    }
}

fn controls_stacked(ui: &mut Ui, view: &View<'_>, call: &CallView, state: &mut State) {
    let controls = controls(view, call, state);
    let end = view.say("call-end");
    let heard = view.say(if call.muted {
        "call-not-heard"
    } else {
        "call-heard"
    });
    let recording = view.say("call-record-short");
    let mut pressed = None;
    let gap = 6.0;
    if call.state.has_media() {
        let size = vec2(ui.available_width(), 16.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            let width = (ui.available_width() - 12.0) / 2.0 - 18.0;
            levels(ui, view, call, width);
        });
        ui.add_space(2.0);
    }
    let count = [
        controls.microphone.is_some(),
        controls.hold.is_some(),
        controls.tones.is_some(),
        controls.record.is_some(),
    ]
    .into_iter()
    .filter(|there| *there)
    .count();
    if count > 0 {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            let width = (ui.available_width() - gap * (count as f32 - 1.0)) / count as f32;
            let tile = |name, icon| {
                Button::new(name)
                    .icon(icon)
                    .stacked()
                    .height(56.0)
                    .width(width)
            };
            if let Some((icon, name, kind)) = &controls.microphone
                && ui.add(tile(&heard, *icon).name(name).kind(*kind)).clicked()
            {
                pressed = Some(Pressed::Microphone);
            }
            if let Some((icon, name, on)) = &controls.hold
                && ui.add(tile(name, *icon)).clicked()
            {
                pressed = Some(Pressed::Hold(*on));
            }
            if let Some((name, open)) = &controls.tones
                && ui.add(tile(name, Icon::Keypad).selected(*open)).clicked()
            {
                pressed = Some(Pressed::Tones(*open));
            }
            if let Some((name, on)) = &controls.record
                && ui
                    .add(
                        tile(&recording, Icon::Record)
                            .name(name)
                            .kind(record_kind(*on)),
                    )
                    .clicked()
            {
                pressed = Some(Pressed::Record(!on));
            }
        });
    }
    let width = ui.available_width();
    let button = Button::new(&end)
        .icon(Icon::HangUp)
        .kind(Kind::End)
        .height(48.0)
        .width(width);
    if ui.add(button).clicked() {
        pressed = Some(Pressed::End);
    }
    if let Some(pressed) = pressed {
        press(view, call, state, pressed);
    }
}

fn record_kind(on: bool) -> Kind {
    match on {
        true => Kind::Danger,
        false => Kind::Plain,
    }
}

fn levels(ui: &mut Ui, view: &View<'_>, call: &CallView, width: f32) {
    let palette = Palette::of(ui);
    let levels = view.handle.levels();
    let microphone = if call.muted { 0.0 } else { levels.microphone() };
    for (icon, key, level) in [
        (Icon::Microphone, "level-microphone", microphone),
        (Icon::Speaker, "level-speaker", levels.speaker()),
    ] {
        let size = vec2(width + 18.0, 16.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            icon.show(ui, 14.0, palette.text2);
            meter(ui, &view.say(key), level, width);
        });
    }
}

fn tones(ui: &mut Ui, view: &View<'_>, call: &CallView, state: &mut State, wide: bool) {
    let Some((_, sent)) = state.pad.as_mut().filter(|(open, _)| *open == call.id) else {
        return;
    };
    if !call.state.has_media() {
        return;
    }
    ui.add_space(4.0);
    let shown = match sent.char_indices().rev().nth(23) {
        Some((start, _)) => sent.get(start..).unwrap_or_default(),
        None => sent.as_str(),
    };
    if shown.is_empty() {
        note(ui, &view.say("call-tones-hint"));
    } else {
        note(
            ui,
            &view.say_with("call-tones-sent", &[("digits", shown.into())]),
        );
    }
    let width = if wide { 252.0 } else { ui.available_width() };
    if let Some(digit) = pad(ui, width, if wide { 40.0 } else { 44.0 }, false) {
        sent.push(digit);
        view.send(Command::SendDtmf {
            call: call.id,
            digits: digit.to_string(),
        });
    }
}
