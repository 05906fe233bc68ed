//! Which line a number goes over, when several could take it.

use egui::{Context, ScrollArea};

use crate::account::AccountId;
use crate::engine::{Ask, Command, PreferenceChange};
use crate::ui::nav::pane_line;
use crate::ui::view::View;
use crate::ui::widgets::{Modal, SwitchRow, note};

/// A number that waits for its line.
#[derive(Debug)]
pub struct Question {
    /// What was dialled.
    pub target: String,
    /// The lines that can take it, the likeliest first.
    pub lines: Vec<AccountId>,
    always: bool,
    fresh: bool,
}

/// What comes of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The person has not decided yet.
    None,
    /// The number is dialled.
    Dialled,
    /// It is not.
    Dropped,
}

impl Question {
    /// Asks for the line of a number.
    pub fn new(target: String, lines: Vec<AccountId>) -> Self {
        Self {
            target,
            lines,
            always: false,
            fresh: true,
        }
    }

    /// Shows the question over the window. The first line has the keyboard.
    pub fn show(&mut self, ctx: &Context, view: &View<'_>) -> Answer {
        let (title, close) = (view.say("choose-line-title"), view.say("form-cancel"));
        let mut chosen = None;
        let modal = Modal {
            id: "choose line",
            title: &title,
            close: &close,
            width: 320.0,
        };
        let closed = modal.show(ctx, |ui| {
            note(ui, &self.target);
            ui.add_space(4.0);
            ui.spacing_mut().item_spacing.y = 4.0;
            let height = (ctx.content_rect().height() - 232.0).max(96.0);
            let list = ScrollArea::vertical().id_salt("lines").max_height(height);
            list.show(ui, |ui| {
                // Room for the ring around the first one.
                ui.add_space(2.0);
                for id in &self.lines {
                    let Some(line) = view.lines().find(|line| line.id == *id) else {
                        continue;
                    };
                    let row = ui.push_id(id, |ui| pane_line(ui, view, line)).inner;
                    if std::mem::take(&mut self.fresh) {
                        row.request_focus();
                    }
                    if row.clicked() {
                        chosen = Some(id.clone());
                    }
                }
            });
            ui.add_space(8.0);
            let always = view.say("choose-line-always");
            if ui.add(SwitchRow::new(&always, self.always)).clicked() {
                self.always = !self.always;
            }
        });
        match chosen {
            Some(line) => {
                self.dial(view, line);
                Answer::Dialled
            }
            None if closed => Answer::Dropped,
            None => Answer::None,
        }
    }

    fn dial(&self, view: &View<'_>, line: AccountId) {
        if self.always {
            view.prefer(PreferenceChange {
                default_line: Some(line.to_string()),
                ..PreferenceChange::default()
            });
        }
        view.send(Command::Dial {
            target: self.target.clone(),
            account: Some(line),
            ask: Ask::Never,
        });
    }
}
