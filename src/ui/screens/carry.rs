//! Lines into a file and out of one, and templates out of one.

use std::path::PathBuf;

use egui::{Context, Id, ScrollArea, Ui};
use secrecy::SecretString;

use crate::engine::{Command, Problem, Reply};
use crate::ui::asked::Asked;
use crate::ui::file_dialog::FileDialog;
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};
use crate::ui::view::View;
use crate::ui::widgets::{
    Button, FieldRow, Kind, Leave, Mark, Modal, SwitchRow, error_under, help_under, wrapped,
};

/// The name a file gets that was not given another.
const FILE: &str = "gudok-lines.toml";

/// Which way the lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Into a file.
    Out,
    /// Out of a file.
    In,
    /// Templates for them, out of a file.
    Templates,
}

/// What a person has decided about a file so far.
#[derive(Debug)]
pub struct Carry {
    way: Way,
    path: String,
    with_passwords: bool,
    passphrase: String,
    again: String,
    shown: bool,
    dialog: Option<FileDialog>,
    asked: Option<Asked>,
    wrong: Option<Wrong>,
    done: Option<usize>,
    fresh: bool,
}

/// Why it did not go.
#[derive(Debug)]
enum Wrong {
    /// A locale key, at the field it is about.
    Path(&'static str),
    Passphrase(&'static str),
    Again(&'static str),
    /// What the engine says.
    Problem(Problem),
}

impl Carry {
    /// Nothing is decided yet.
    pub fn new(way: Way) -> Self {
        let documents = directories::UserDirs::new().and_then(|dirs| {
            let documents = dirs.document_dir().unwrap_or(dirs.home_dir());
            Some(documents.join(FILE).to_str()?.to_owned())
        });
        Self {
            way,
            path: match way {
                Way::Out => documents.unwrap_or_default(),
                Way::In | Way::Templates => String::new(),
            },
            with_passwords: false,
            passphrase: String::new(),
            again: String::new(),
            shown: false,
            dialog: None,
            asked: None,
            wrong: None,
            done: None,
            fresh: true,
        }
    }

    fn poll(&mut self, ctx: &Context) {
        if let Some(chosen) = self.dialog.as_mut().and_then(FileDialog::outcome) {
            self.dialog = None;
            if let Some(path) = chosen.as_deref().and_then(|path| path.to_str()) {
                self.path = path.to_owned();
                self.wrong = None;
            }
        }
        if let Some(outcome) = self.asked.as_mut().and_then(|asked| asked.outcome(ctx)) {
            self.asked = None;
            match outcome {
                Ok(reply) => self.done = Some(count(&reply)),
                Err(problem) => self.wrong = Some(Wrong::Problem(problem)),
            }
        }
    }

    fn check(&self) -> Option<Wrong> {
        let sealed = self.way == Way::Out && self.with_passwords;
        if self.path.trim().is_empty() {
            return Some(Wrong::Path("form-missing"));
        }
        if sealed && self.passphrase.is_empty() {
            return Some(Wrong::Passphrase("form-missing"));
        }
        (sealed && self.passphrase != self.again)
            .then_some(Wrong::Again("carry-passphrase-differs"))
    }

    fn submit(&mut self, view: &View<'_>) {
        self.wrong = self.check();
        if self.wrong.is_some() || self.asked.is_some() {
            return;
        }
        let path = PathBuf::from(self.path.trim());
        let given = match self.way {
            Way::Out => self.with_passwords,
            Way::In | Way::Templates => !self.passphrase.is_empty(),
        };
        let passphrase = given.then(|| SecretString::from(self.passphrase.clone()));
        let command = match self.way {
            Way::Out => Command::ExportAccounts {
                accounts: Vec::new(),
                path: Some(path),
                passphrase,
            },
            Way::In => Command::ImportAccounts { path, passphrase },
            Way::Templates => Command::ImportTemplates { path },
        };
        self.asked = Some(Asked::send(view.handle, command));
    }

    /// Shows it over the window; false once it is to close.
    pub fn show(&mut self, ctx: &Context, view: &View<'_>) -> bool {
        self.poll(ctx);
        let title = view.say(match self.way {
            Way::Out => "carry-out-title",
            Way::In => "carry-in-title",
            Way::Templates => "carry-templates-title",
        });
        let close = view.say("list-close");
        let modal = Modal {
            id: "carry",
            title: &title,
            close: &close,
            width: 440.0,
        };
        let mut finished = false;
        let closed = modal.show(ctx, |ui| {
            ScrollArea::vertical()
                .id_salt("carry")
                .show(ui, |ui| match self.done {
                    Some(count) => finished = self.done(ui, view, count),
                    None => self.form(ui, view),
                });
        });
        !closed && !finished
    }

    fn form(&mut self, ui: &mut Ui, view: &View<'_>) {
        ui.spacing_mut().item_spacing.y = 6.0;
        let mut entered = self.path_field(ui, view);
        match self.way {
            Way::Out => {
                let name = view.say("carry-with-passwords");
                if ui.add(SwitchRow::new(&name, self.with_passwords)).clicked() {
                    self.with_passwords = !self.with_passwords;
                }
                if self.with_passwords {
                    help_under(ui, &view.say("carry-with-passwords-note"));
                    entered |= self.secret(ui, view, Secret::Passphrase);
                    entered |= self.secret(ui, view, Secret::Again);
                }
            }
            Way::In => {
                entered |= self.secret(ui, view, Secret::Passphrase);
                help_under(ui, &view.say("carry-in-note"));
            }
            Way::Templates => {}
        }
        if let Some(Wrong::Problem(problem)) = &self.wrong {
            let words = view.texts.problem(problem);
            error_under(ui, &format!("{} {}", words.what, words.next));
        }
        ui.add_space(4.0);
        let (key, icon) = match self.way {
            Way::Out => ("carry-out", Icon::Upload),
            Way::In | Way::Templates => ("carry-in", Icon::Download),
        };
        let name = view.say(key);
        let button = Button::new(&name).icon(icon).kind(Kind::Accent);
        let button = button.width(ui.available_width());
        if ui.add_enabled(self.asked.is_none(), button).clicked() || entered {
            self.submit(view);
        }
    }

    fn path_field(&mut self, ui: &mut Ui, view: &View<'_>) -> bool {
        let (label, browse) = (view.say("carry-path"), view.say("carry-browse"));
        let wrong = match self.wrong {
            Some(Wrong::Path(key)) => Some(key),
            _ => None,
        };
        let field = FieldRow {
            id: Id::unique("carry path"),
            label: &label,
            hint: match self.way {
                Way::Templates => "templates.toml",
                Way::In | Way::Out => FILE,
            },
            mark: mark(wrong),
            secret: None,
        };
        let field = field.show(ui, &mut self.path);
        if std::mem::take(&mut self.fresh) {
            field.response.request_focus();
        }
        said_wrong(ui, view, wrong);
        let button = Button::new(&browse).icon(Icon::Folder);
        if ui.add_enabled(self.dialog.is_none(), button).clicked() {
            let title = view.say("carry-path");
            self.dialog = Some(match self.way {
                Way::Out => FileDialog::save(ui.ctx(), &title, FILE),
                Way::In | Way::Templates => FileDialog::open(ui.ctx(), &title),
            });
        }
        field.left == Some(Leave::Enter)
    }

    fn secret(&mut self, ui: &mut Ui, view: &View<'_>, which: Secret) -> bool {
        let (key, typed, wrong) = match (which, &self.wrong) {
            (Secret::Passphrase, wrong) => (
                "carry-passphrase",
                &mut self.passphrase,
                match wrong {
                    Some(Wrong::Passphrase(key)) => Some(*key),
                    _ => None,
                },
            ),
            (Secret::Again, wrong) => (
                "carry-passphrase-again",
                &mut self.again,
                match wrong {
                    Some(Wrong::Again(key)) => Some(*key),
                    _ => None,
                },
            ),
        };
        let label = view.say(key);
        let (show, hide) = (view.say("password-show"), view.say("password-hide"));
        let field = FieldRow {
            id: Id::unique(("carry", key)),
            label: &label,
            hint: "",
            mark: mark(wrong),
            secret: Some((&mut self.shown, &show, &hide)),
        };
        let field = field.show(ui, typed);
        said_wrong(ui, view, wrong);
        field.left == Some(Leave::Enter)
    }

    /// Says that it is done; true once the person has read it.
    fn done(&self, ui: &mut Ui, view: &View<'_>, count: usize) -> bool {
        let key = match self.way {
            Way::Out => "carry-out-done",
            Way::In => "carry-in-done",
            Way::Templates => "carry-templates-done",
        };
        let color = Palette::of(ui).text;
        let words = view.say_with(key, &[("count", count.into())]);
        wrapped(ui, &words, Size::Body, Weight::Medium, color);
        if self.way == Way::Out {
            help_under(ui, self.path.trim());
        }
        ui.add_space(4.0);
        let name = view.say("carry-done");
        let button = Button::new(&name).kind(Kind::Accent);
        ui.add(button.width(ui.available_width())).clicked()
    }
}

#[derive(Debug, Clone, Copy)]
enum Secret {
    Passphrase,
    Again,
}

fn mark(wrong: Option<&str>) -> Mark {
    match wrong {
        Some(_) => Mark::Wrong,
        None => Mark::None,
    }
}

fn said_wrong(ui: &mut Ui, view: &View<'_>, wrong: Option<&'static str>) {
    if let Some(key) = wrong {
        error_under(ui, &view.say(key));
    }
}

/// How many lines or templates the engine says it were.
fn count(reply: &Reply) -> usize {
    let accounts = reply.get("accounts").or_else(|| reply.get("imported"));
    let number = accounts.and_then(Reply::as_u64);
    let listed = accounts.and_then(Reply::as_array).map(Vec::len);
    listed.unwrap_or(
        number
            .and_then(|number| number.try_into().ok())
            .unwrap_or(0),
    )
}
