//! All that is known of one call.

use std::path::Path;

use egui::{Frame, Margin, Ui};

use super::words;
use crate::engine::{Command, Outcome, PastCall, Problem};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, note, wrapped};
use crate::ui::words::codec_name;

/// Shows what is known of a call, and what can be done with it.
pub fn show(ui: &mut Ui, view: &View<'_>, call: &PastCall) {
    let palette = Palette::of(ui);
    let margin = Margin {
        left: 44,
        right: 8,
        top: 0,
        bottom: 12,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let ended = &call.ended;
        note(
            ui,
            &format!(
                "{} · {}",
                words::full_time(call.began.began_us),
                call.began.uri
            ),
        );
        if let Some(problem) = words::problem(call).filter(|_| ended.outcome == Outcome::Failed) {
            let words = view.texts.problem(&problem);
            wrapped(ui, &words.next, Size::Body, Weight::Regular, palette.text);
        }
        if let Some(status) = ended.status.filter(|status| *status >= 300) {
            let status = u32::from(status);
            note(
                ui,
                &view.say_with("call-sip-status", &[("status", status.into())]),
            );
        }
        let sound = sound(view, call);
        if !sound.is_empty() {
            note(ui, &sound);
        }
        if let Some(chat) = &ended.sent_to {
            let chat = if chat.is_empty() { "none" } else { chat };
            note(
                ui,
                &view.say_with("history-sent-to", &[("chat", chat.into())]),
            );
        }
        ui.horizontal_wrapped(|ui| {
            if let Some(recording) = &ended.recording {
                let words = view.say("history-play");
                let button = Button::new(&words).icon(Icon::Play).kind(Kind::Plain);
                let path = recording.display().to_string();
                if ui.add(button).on_hover_text(path).clicked() {
                    open(view, recording);
                }
                let words = view.say("history-reveal");
                let button = Button::new(&words).kind(Kind::Link);
                if ui.add(button).clicked()
                    && let Some(folder) = recording.parent()
                {
                    open(view, folder);
                }
            }
            let signed_in = view.snapshot.telegram.me.is_some();
            if let Some(recording) = ended.recording.as_ref().filter(|_| signed_in) {
                let words = view.say("history-send");
                if ui.add(Button::new(&words).kind(Kind::Link)).clicked() {
                    view.send(Command::TelegramSendRecording {
                        path: recording.clone(),
                        call: call.began.clone(),
                    });
                }
            }
            let words = view.say("history-copy");
            let button = Button::new(&words).kind(Kind::Link);
            if ui.add(button).clicked() {
                ui.ctx().copy_text(call.began.number.clone());
            }
            let words = view.say("history-forget-one");
            let button = Button::new(&words).kind(Kind::Link);
            if ui.add(button).clicked() {
                view.send(Command::ForgetCall { id: call.id });
            }
        });
    });
}

/// Opens a file or folder with whatever the system opens it with.
fn open(view: &View<'_>, path: &Path) {
    if let Err(error) = opener::open(path) {
        view.tell(Problem::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        });
    }
}

/// The codec and how good the sound was.
fn sound(view: &View<'_>, call: &PastCall) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(call.ended.codec.as_deref().map(codec_name));
    let figure = |name: &str| {
        let quality = call.ended.quality.as_ref()?;
        quality.get(name)?.as_f64()
    };
    if let Some(score) = figure("mos") {
        let score = format!("{score:.1}");
        parts.push(view.say_with("history-mos", &[("score", score.as_str().into())]));
    }
    for (name, key) in [
        ("round_trip_ms", "quality-delay"),
        ("jitter_ms", "history-jitter"),
    ] {
        let ms = figure(name).map(|ms| view.say_with(key, &[("ms", ms.round().into())]));
        parts.extend(ms);
    }
    if let (Some(lost), Some(received)) = (figure("lost_packets"), figure("received_packets"))
        && lost + received > 0.0
    {
        let percent = format!("{:.1}", lost / (lost + received) * 100.0);
        parts.push(view.say_with("history-lost", &[("percent", percent.as_str().into())]));
    }
    parts.join(" · ")
}
