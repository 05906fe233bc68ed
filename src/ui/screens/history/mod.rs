//! The calls there were: a list to search, and what is known of each.

mod details;
mod list;
mod row;
mod words;

use std::path::PathBuf;

use egui::{Align, Context, Frame, Id, Layout, Margin, ScrollArea, Ui, vec2};

use crate::engine::{Command, PastCall, Problem, Query, Show};
use crate::ui::asked::Asked;
use crate::ui::file_dialog::FileDialog;
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, error_under, note, search_field, segments, title, wrapped};

/// How many calls are asked for at once.
const PART: usize = 200;
/// The name a table gets that was not given another.
const FILE: &str = "gudok-calls.csv";

const KINDS: [(Show, &str); 5] = [
    (Show::All, "history-all"),
    (Show::Missed, "history-missed"),
    (Show::Incoming, "history-incoming"),
    (Show::Outgoing, "history-outgoing"),
    (Show::Recorded, "history-recorded"),
];

/// What the window knows of the history.
#[derive(Default)]
pub struct State {
    typed: String,
    show: Show,
    /// The calls that were found, the latest first.
    calls: Vec<PastCall>,
    /// Whether there are no more than these.
    complete: bool,
    /// What they were found by, and how old the history was then.
    found: Option<Wanted>,
    asked: Option<(Wanted, Asked)>,
    problem: Option<Problem>,
    list: list::State,
    /// Whether it is asked if all is to be forgotten.
    forgetting: bool,
    saving: Saving,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    text: String,
    show: Show,
    changes: u64,
    /// The call the next part comes after; `None` is the beginning.
    before: Option<i64>,
}

/// A table being written.
#[derive(Default)]
struct Saving {
    dialog: Option<FileDialog>,
    asked: Option<(PathBuf, Asked)>,
    outcome: Option<Result<String, Problem>>,
}

impl State {
    fn wanted(&self, view: &View<'_>) -> Wanted {
        Wanted {
            text: self.typed.trim().to_owned(),
            show: self.show,
            changes: view.snapshot.history.changes,
            before: None,
        }
    }

    /// Takes what was found, and asks for what is wanted by now.
    fn poll(&mut self, ctx: &Context, view: &View<'_>) {
        if let Some((wanted, asked)) = &mut self.asked
            && let Some(outcome) = asked.outcome(ctx)
        {
            let wanted = wanted.clone();
            self.asked = None;
            self.take(
                wanted,
                outcome.map(|reply| serde_json::from_value(reply).unwrap_or_default()),
            );
        }
        if self.asked.is_some() {
            return;
        }
        let wanted = self.wanted(view);
        let part = match &self.found {
            Some(found) if *found == wanted => {
                if self.complete || !self.list.is_near_end() {
                    return;
                }
                let before = self.calls.last().map(|call| call.id);
                Wanted { before, ..wanted }
            }
            _ => wanted,
        };
        // A list that has grown is asked for as a whole again, so that no call moves away.
        let limit = match part.before {
            None if self.found.as_ref().is_some_and(|found| found.same(&part)) => {
                self.calls.len().max(PART)
            }
            _ => PART,
        };
        let query = Query {
            text: part.text.clone(),
            show: part.show,
            before: part.before,
            limit: Some(limit),
        };
        let asked = Asked::send(view.handle, Command::History(query));
        self.asked = Some((part, asked));
        if view.snapshot.history.missed > 0 {
            view.send(Command::HistorySeen);
        }
    }

    fn take(&mut self, wanted: Wanted, found: Result<Vec<PastCall>, Problem>) {
        let calls = match found {
            Ok(calls) => calls,
            Err(problem) => {
                self.problem = Some(problem);
                self.complete = true;
                self.found = Some(Wanted {
                    before: None,
                    ..wanted
                });
                return;
            }
        };
        self.problem = None;
        self.complete = calls.len() < PART;
        match wanted.before {
            Some(_) => self.calls.extend(calls),
            None => {
                if !self.found.as_ref().is_some_and(|found| found.same(&wanted)) {
                    self.list = list::State::default();
                }
                self.calls = calls;
            }
        }
        self.found = Some(Wanted {
            before: None,
            ..wanted
        });
    }
}

impl Wanted {
    /// Whether the same is looked for, at whatever time.
    fn same(&self, other: &Self) -> bool {
        (&self.text, self.show) == (&other.text, other.show)
    }
}

impl Saving {
    fn poll(&mut self, ctx: &Context, view: &View<'_>, text: &str, show: Show) {
        if let Some(chosen) = self.dialog.as_mut().and_then(FileDialog::outcome) {
            self.dialog = None;
            if let Some(path) = chosen {
                let query = Query {
                    text: text.to_owned(),
                    show,
                    ..Query::default()
                };
                let command = Command::ExportHistory {
                    path: path.clone(),
                    query,
                };
                self.asked = Some((path, Asked::send(view.handle, command)));
            }
        }
        if let Some((path, asked)) = &mut self.asked
            && let Some(outcome) = asked.outcome(ctx)
        {
            self.outcome = Some(outcome.map(|_| path.display().to_string()));
            self.asked = None;
        }
    }
}

/// Shows the history.
pub fn show(ui: &mut Ui, view: &View<'_>, state: &mut State, inside_scroll: bool) {
    state.poll(ui.ctx(), view);
    let (text, show) = (state.typed.trim().to_owned(), state.show);
    state.saving.poll(ui.ctx(), view, &text, show);
    let side = if view.narrow { 16 } else { 24 };
    let margin = Margin {
        left: side,
        right: side,
        top: 20,
        bottom: 0,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        head(ui, view, state);
        ui.add_space(8.0);
        if inside_scroll {
            body(ui, view, state);
        } else {
            ScrollArea::vertical()
                .id_salt("history")
                .auto_shrink(false)
                .show(ui, |ui| body(ui, view, state));
        }
    });
}

fn head(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    let size = vec2(ui.available_width(), 40.0);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        title(ui, &view.say("nav-history"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if state.calls.is_empty() {
                return;
            }
            let save = view.say("history-export");
            let button = Button::new(&save).icon(Icon::Upload).kind(Kind::Ghost);
            if ui.add(button).clicked() {
                state.saving.outcome = None;
                state.saving.dialog = Some(FileDialog::save(ui.ctx(), &save, FILE));
            }
            let forget = view.say("history-forget");
            let button = Button::new("").name(&forget).icon(Icon::Trash);
            if ui
                .add(button.kind(Kind::Ghost))
                .on_hover_text(&forget)
                .clicked()
            {
                state.forgetting = true;
            }
        });
    });
    let search = view.say("history-search");
    search_field(ui, Id::unique("history search"), &search, &mut state.typed);
    ui.add_space(4.0);
    let short = if view.narrow { "-short" } else { "" };
    let names = KINDS
        .iter()
        .map(|(_, key)| view.say(&format!("{key}{short}")));
    let names: Vec<String> = names.collect();
    let chosen = KINDS.iter().position(|(kind, _)| *kind == state.show);
    let pressed = segments(ui, "history kinds", &names, chosen);
    if let Some((kind, _)) = pressed.and_then(|pressed| KINDS.get(pressed)) {
        state.show = *kind;
    }
    if state.forgetting {
        forget_all(ui, view, state);
    }
    match &state.saving.outcome {
        Some(Ok(path)) => {
            let path = [("path", path.as_str().into())];
            note(ui, &view.say_with("history-exported", &path));
        }
        Some(Err(problem)) => {
            error_under(ui, &view.texts.problem(problem).what);
        }
        None => {}
    }
}

fn forget_all(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        let palette = Palette::of(ui);
        let words = view.say("history-forget-ask");
        wrapped(ui, &words, Size::Body, Weight::Regular, palette.text);
        let (yes, no) = (view.say("history-forget-yes"), view.say("list-close"));
        if ui.add(Button::new(&yes).kind(Kind::Danger)).clicked() {
            view.send(Command::ForgetHistory);
            state.forgetting = false;
        }
        if ui.add(Button::new(&no).kind(Kind::Ghost)).clicked() {
            state.forgetting = false;
        }
    });
}

fn body(ui: &mut Ui, view: &View<'_>, state: &mut State) {
    if let Some(problem) = &state.problem {
        let words = view.texts.problem(problem);
        error_under(ui, &words.what);
        note(ui, &words.next);
        return;
    }
    if state.calls.is_empty() {
        if state.found.is_some() {
            let nothing = match (state.typed.trim().is_empty(), state.show) {
                (true, Show::All) => "history-empty",
                _ => "history-nothing",
            };
            note(ui, &view.say(nothing));
        }
        return;
    }
    list::show(ui, view, &mut state.list, &state.calls);
}
