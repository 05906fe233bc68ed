//! The last SIP messages: found, read, and saved for whoever helps.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::{FontId, Id, Margin, ScrollArea, TextEdit, Ui};

use crate::engine::{Command, Problem, TraceView};
use crate::ui::asked::Asked;
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight, monospace};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, Modal, Pick, PickList, Search, note, title, wrapped};

/// How often the list is brought up to date while it is seen.
const PERIOD: Duration = Duration::from_secs(1);
/// The list is never lower, points.
const LEAST_HEIGHT: f32 = 160.0;

/// What is looked for, and what was found.
#[derive(Debug, Default)]
pub struct State {
    messages: Vec<TraceView>,
    listed_at: Option<Instant>,
    listing: Option<Asked>,
    search: Search,
    filter: String,
    /// The message that is read.
    open: Option<TraceView>,
    saving: Option<Asked>,
    saved: Option<Result<PathBuf, Problem>>,
}

impl State {
    fn poll(&mut self, ui: &Ui, view: &View<'_>) {
        let ctx = ui.ctx();
        if let Some(outcome) = self.listing.as_mut().and_then(|asked| asked.outcome(ctx)) {
            self.listing = None;
            let list = outcome.ok();
            let list = list.and_then(|reply| serde_json::from_value(reply).ok());
            self.messages = list.unwrap_or_default();
        }
        let due = self
            .listed_at
            .is_none_or(|at| view.now.saturating_duration_since(at) >= PERIOD);
        if due && self.listing.is_none() {
            self.listed_at = Some(view.now);
            let command = Command::Trace {
                filter: String::new(),
                limit: Some(usize::MAX),
            };
            self.listing = Some(Asked::send(view.handle, command));
        }
        ctx.request_repaint_after(PERIOD);
        if let Some(outcome) = self.saving.as_mut().and_then(|asked| asked.outcome(ctx)) {
            self.saving = None;
            self.saved = Some(outcome.map(|reply| {
                let path = reply.get("path").and_then(|path| path.as_str());
                path.unwrap_or_default().into()
            }));
        }
    }

    fn save(&mut self, view: &View<'_>, extension: &str) {
        let dirs = directories::UserDirs::new();
        let folder = dirs.map_or_else(PathBuf::new, |dirs| {
            dirs.document_dir().unwrap_or(dirs.home_dir()).to_owned()
        });
        let now = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S");
        let command = Command::ExportTrace {
            path: folder.join(format!("gudok-trace-{now}.{extension}")),
            filter: self.filter.clone(),
        };
        self.saving = Some(Asked::send(view.handle, command));
    }
}

/// Shows the screen.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    state.poll(ui, view);
    let side = if view.narrow { 16 } else { 24 };
    let frame = egui::Frame::new().inner_margin(Margin::symmetric(side, 20));
    frame.show(ui, |ui| {
        title(ui, &view.say("trace-title"));
        note(ui, &view.say("trace-note"));
        ui.add_space(8.0);
        save_row(ui, view, state);
        ui.add_space(8.0);
        list(ui, view, state);
    });
    read(ui, view, state);
}

fn save_row(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    ui.horizontal_wrapped(|ui| {
        for (key, extension) in [("trace-save-text", "txt"), ("trace-save-pcap", "pcap")] {
            let words = view.say(key);
            let button = Button::new(&words).icon(Icon::Download).height(36.0);
            let free = state.saving.is_none() && !state.messages.is_empty();
            if ui.add_enabled(free, button).clicked() {
                state.save(view, extension);
            }
        }
    });
    let palette = Palette::of(ui);
    match &state.saved {
        None => {}
        Some(Ok(path)) => {
            let path = path.display().to_string();
            note(
                ui,
                &view.say_with("trace-saved", &[("path", path.as_str().into())]),
            );
        }
        Some(Err(problem)) => {
            let words = view.texts.problem(problem);
            wrapped(ui, &words.what, Size::Note, Weight::Medium, palette.end);
            wrapped(ui, &words.next, Size::Note, Weight::Regular, palette.text);
        }
    }
}

fn list(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let (search, nothing) = (view.say("trace-search"), view.say("trace-nothing"));
    let list = PickList {
        id: Id::unique("trace"),
        search: &search,
        nothing: &nothing,
        height: (ui.available_height() - 60.0).max(LEAST_HEIGHT),
    };
    let (messages, filter) = (&state.messages, &mut state.filter);
    let picked = list.show(ui, &mut state.search, |typed| {
        typed.clone_into(filter);
        let wanted = typed.to_lowercase();
        let found = messages.iter().rev();
        let found = found.filter(|message| {
            message.text.to_lowercase().contains(&wanted) || message.remote.contains(&wanted)
        });
        found.map(pick).collect()
    });
    if let Some(pick) = picked {
        let is_it = |message: &&TraceView| message.number.to_string() == pick.id;
        state.open = state.messages.iter().find(is_it).cloned();
    }
}

fn pick(message: &TraceView) -> Pick {
    let arrow = if message.sent { "→" } else { "←" };
    Pick {
        id: message.number.to_string(),
        name: format!("{arrow} {}", message.summary()),
        note: format!(
            "{} · {} · {}",
            clock(&message.at),
            message.transport.to_uppercase(),
            message.remote
        ),
        ..Pick::default()
    }
}

/// The local time of day.
fn clock(at: &str) -> String {
    let Ok(at) = at.parse::<jiff::Timestamp>() else {
        return String::new();
    };
    let local = at.to_zoned(jiff::tz::TimeZone::system());
    local.strftime("%H:%M:%S%.3f").to_string()
}

/// The message that was picked, over the list.
fn read(ui: &Ui, view: &View<'_>, state: &mut State) {
    let Some(message) = &state.open else {
        return;
    };
    let heading = format!("{} {}", clock(&message.at), message.remote);
    let close = view.say("trace-close");
    let modal = Modal {
        id: "trace message",
        title: &heading,
        close: &close,
        width: 640.0,
    };
    let font: FontId = monospace(Size::Note.points());
    let closed = modal.show(ui.ctx(), |ui| {
        let height = (ui.ctx().content_rect().height() - 180.0).max(LEAST_HEIGHT);
        let scroll = ScrollArea::both()
            .max_height(height)
            .auto_shrink([false, true]);
        scroll.show(ui, |ui| {
            // It can be selected and copied, not changed.
            let mut text = message.text.as_str();
            let field = TextEdit::multiline(&mut text).font(font);
            ui.add(field.desired_width(f32::INFINITY).frame(egui::Frame::NONE));
        });
        ui.add_space(8.0);
        let copy = view.say("trace-copy");
        if ui.add(Button::new(&copy).kind(Kind::Plain)).clicked() {
            ui.ctx().copy_text(message.text.clone());
        }
    });
    if closed {
        state.open = None;
    }
}
