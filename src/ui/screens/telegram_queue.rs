//! What waits to be sent to Telegram, and what to do about what can't be sent.

use egui::Ui;

use crate::engine::{Command, PostState, PostView};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, Notice, Tone, note, section, wrapped};

/// How many messages that can't be sent are shown one by one.
const MOST: usize = 5;

/// Shows the queue; nothing if it is empty.
pub fn show(ui: &mut Ui, view: &View<'_>) {
    let telegram = &view.snapshot.telegram;
    if telegram.queued == 0 {
        return;
    }
    ui.add_space(8.0);
    section(ui, &view.say("telegram-queue"));
    let refused = telegram
        .queue
        .iter()
        .filter(|post| post.state == PostState::Refused);
    let refused: Vec<&PostView> = refused.collect();
    let waiting = telegram.queued.saturating_sub(refused.len() as u64);
    if waiting > 0 {
        let color = Palette::of(ui).text;
        let count = view.say_with("telegram-queue-count", &[("count", waiting.into())]);
        wrapped(ui, &count, Size::Body, Weight::Regular, color);
    }
    if let Some(problem) = &telegram.queue_problem {
        note(ui, &view.texts.problem(problem).what);
    }
    for post in refused.iter().take(MOST) {
        stuck(ui, view, post);
    }
    if refused.len() > 1 {
        let all = view.say_with(
            "telegram-send-all-again",
            &[("count", refused.len().into())],
        );
        if ui.add(Button::new(&all).icon(Icon::Refresh)).clicked() {
            view.send(Command::TelegramSendAgain { post: None });
        }
    }
}

/// A message that can't be sent: why, and what can be done.
fn stuck(ui: &mut Ui, view: &View<'_>, post: &PostView) {
    let Some(problem) = &post.problem else { return };
    let words = view.texts.problem(problem);
    let name = post.recording.as_ref().and_then(|path| path.file_stem());
    let name = name.map_or_else(
        || view.say("telegram-post-note"),
        |name| name.to_string_lossy().into_owned(),
    );
    let what = format!("{name}: {}", words.what);
    let notice = Notice {
        what: &what,
        next: &words.next,
        tone: Tone::Warn,
        dismiss: None,
    };
    notice.show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            let again = view.say("telegram-send-again");
            let spoken = format!("{again}: {name}");
            if ui.add(Button::new(&again).name(&spoken)).clicked() {
                let post = Some(post.id);
                view.send(Command::TelegramSendAgain { post });
            }
            let drop = view.say("telegram-drop-post");
            let spoken = format!("{drop}: {name}");
            let button = Button::new(&drop).kind(Kind::Ghost).name(&spoken);
            if ui.add(button).clicked() {
                view.send(Command::TelegramDropPost { post: post.id });
            }
        });
    });
    ui.add_space(4.0);
}
