//! A line that is yet to be made: a template first, then only what it does not know.

use std::collections::BTreeMap;

use egui::{Align, Context, Layout, Ui};
use secrecy::SecretString;

use super::rows::{self, Row, field_id};
use super::sections::{grid, sections};
use super::sheet::Sheet;
use super::shown::Shown;
use super::{apply_bar, framed, with_bar};
use crate::account::{AccountId, SettingId, SettingSpec};
use crate::engine::{Command, Problem, Reply};
use crate::ui::asked::Asked;
use crate::ui::icons::Icon;
use crate::ui::screens::breadcrumb::breadcrumb;
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Button, Kind, Notice, Tone, note};

/// What is asked of everybody.
const ASKED: [SettingId; 4] = [
    SettingId::Login,
    SettingId::Password,
    SettingId::Domain,
    SettingId::Name,
];
/// What only makes sense once there is a line.
const LATER: [SettingId; 2] = [SettingId::Enabled, SettingId::Pinned];

/// What the window remembers about a line that is being made.
pub struct NewLine {
    sheet: Sheet,
    asked: Option<Asked>,
    problem: Option<Problem>,
    /// The line that was made; the engine may not show it yet.
    made: Option<AccountId>,
    more: bool,
    /// The template that was chosen last.
    template: String,
    focus_first: bool,
    bar_height: f32,
}

impl Default for NewLine {
    fn default() -> Self {
        Self {
            sheet: Sheet::new(None),
            asked: None,
            problem: None,
            made: None,
            more: false,
            template: String::new(),
            focus_first: true,
            bar_height: 0.0,
        }
    }
}

impl NewLine {
    /// Looks whether the line was made.
    pub fn poll(&mut self, ctx: &Context) {
        let Some(outcome) = self.asked.as_mut().and_then(|asked| asked.outcome(ctx)) else {
            return;
        };
        self.asked = None;
        match outcome {
            Ok(reply) => self.made = made(&reply),
            Err(problem) => self.on_problem(problem),
        }
    }

    /// A problem with one setting is said at its row.
    fn on_problem(&mut self, problem: Problem) {
        let at = match &problem {
            Problem::BadValue { setting, .. } => setting.parse().ok(),
            _ => None,
        };
        match at {
            Some(setting) => self.refuse(setting, problem),
            None => self.problem = Some(problem),
        }
    }

    fn refuse(&mut self, setting: SettingId, problem: Problem) {
        self.more |= !ASKED.contains(&setting);
        self.sheet.refuse(setting, problem);
    }

    /// Says at each row what is wrong or missing; true if nothing is.
    fn check(&mut self, shown: &Shown) -> bool {
        for (setting, value) in self.sheet.given().clone() {
            if setting == SettingId::Password {
                continue;
            }
            match shown.check(setting, &value) {
                Ok(_) => self.sheet.forgive(setting),
                Err(error) => self.refuse(setting, error.into()),
            }
        }
        for setting in shown.account.missing(shown.has_password) {
            if self.sheet.refusal(setting).is_none() {
                self.refuse(
                    setting,
                    Problem::bad_value(setting.as_str(), "form-missing"),
                );
            }
        }
        self.sheet.is_fine()
    }

    fn submit(&mut self, view: &View<'_>, shown: &Shown) {
        if self.asked.is_some() || !self.check(shown) {
            return;
        }
        let mut values = BTreeMap::new();
        let mut password = None;
        for (setting, value) in self.sheet.given() {
            match setting {
                _ if value.is_empty() => {}
                SettingId::Password => password = Some(SecretString::from(value.clone())),
                setting => drop(values.insert(setting.as_str().to_owned(), value.clone())),
            }
        }
        self.problem = None;
        let command = Command::AddAccount { values, password };
        self.asked = Some(Asked::send(view.handle, command));
    }
}

fn made(reply: &Reply) -> Option<AccountId> {
    let id = reply.get("account")?.as_str()?;
    Some(AccountId::from(id))
}

/// Shows the page.
pub fn show(ui: &mut Ui, view: &View<'_>, new: &mut NewLine, inside_scroll: bool) {
    if let Some(made) = new.made.clone() {
        let is_shown = view.lines().any(|line| line.id == made);
        if is_shown {
            *new = NewLine::default();
            view.go(Place::Line(made));
        }
        return;
    }
    let shown = new.sheet.shown(None);
    let mut done = None;
    with_bar(
        ui,
        "new line",
        inside_scroll,
        new,
        |new| &mut new.bar_height,
        |ui, new| {
            if contents(ui, view, new, &shown) {
                new.submit(view, &shown);
            }
        },
        |ui, new| done = bar(ui, view, new.asked.is_some()),
    );
    match done {
        Some(true) => new.submit(view, &shown),
        Some(false) => {
            *new = NewLine::default();
            view.go(Place::Lines);
        }
        None => {}
    }
    rows::picker(ui.ctx(), view, &shown, &mut new.sheet);
}

/// The fields; true if Enter was pressed in one of them.
fn contents(ui: &mut Ui, view: &View<'_>, new: &mut NewLine, shown: &Shown) -> bool {
    let mut submitted = false;
    framed(ui, view, |ui| {
        ui.horizontal(|ui| breadcrumb(ui, view, &view.say("lines-new"), 0.0));
        note(ui, &view.say("lines-new-note"));
        trouble(ui, view, new, shown);
        ui.add_space(4.0);
        let spec = SettingId::Template.spec();
        rows::show(ui, &Row { view, shown, spec }, &mut new.sheet);
        ui.add_space(2.0);
        let template = view.snapshot.templates.get(&shown.account.template);
        let knows_domain = template.is_some_and(|template| template.domain().is_some());
        let asked = |id| ASKED.contains(&id) && !(id == SettingId::Domain && knows_domain);
        let first = ASKED.into_iter().filter(|id| asked(*id));
        let first: Vec<&SettingSpec> = first.map(SettingId::spec).collect();
        grid(ui, view, shown, &mut new.sheet, &first);
        let is_chosen = new.template != shown.account.template;
        new.template.clone_from(&shown.account.template);
        if std::mem::take(&mut new.focus_first) || is_chosen {
            ui.memory_mut(|memory| memory.request_focus(field_id(SettingId::Login)));
        }
        submitted = std::mem::take(&mut new.sheet.entered);
        ui.add_space(8.0);
        more(ui, view, new, shown, |spec| !asked(spec.id));
    });
    submitted
}

fn more(
    ui: &mut Ui,
    view: &View<'_>,
    new: &mut NewLine,
    shown: &Shown,
    is_left: impl Fn(&SettingSpec) -> bool,
) {
    let (key, icon) = match new.more {
        true => ("lines-less", Icon::ChevronUp),
        false => ("lines-more", Icon::ChevronDown),
    };
    let name = view.say(key);
    let button = Button::new(&name).icon(icon).kind(Kind::Link).height(32.0);
    if ui.add(button.bare()).clicked() {
        new.more = !new.more;
    }
    if new.more {
        let elsewhere = |id| LATER.contains(&id) || id == SettingId::Template;
        sections(ui, view, shown, &mut new.sheet, |spec| {
            is_left(spec) && !elsewhere(spec.id)
        });
    }
}

fn trouble(ui: &mut Ui, view: &View<'_>, new: &mut NewLine, shown: &Shown) {
    let Some(problem) = new.problem.clone() else {
        return;
    };
    let words = view.texts.problem(&problem);
    let notice = Notice {
        what: &words.what,
        next: &words.next,
        tone: Tone::Bad,
        dismiss: None,
    };
    let mut chosen = false;
    notice.show(ui, |ui| {
        let name = view.say("passwords-use-file");
        let by_file = matches!(problem, Problem::KeyStore { .. });
        chosen = by_file && ui.add(Button::new(&name)).clicked();
    });
    if chosen {
        view.send(Command::KeepPasswords {
            place: "file".to_owned(),
        });
        new.submit(view, shown);
    }
}

/// Whether the line is to be added or given up.
fn bar(ui: &mut Ui, view: &View<'_>, busy: bool) -> Option<bool> {
    let mut decision = None;
    apply_bar::bar(ui, view, |ui, wide| {
        let key = if wide { "lines-add-this" } else { "lines-add" };
        let (add, cancel) = (view.say(key), view.say("form-cancel"));
        let width = (ui.available_width() - 8.0) / 2.0;
        let row = egui::vec2(ui.available_width(), 40.0);
        ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let add = Button::new(&add).icon(Icon::Check).kind(Kind::Accent);
            let cancel = Button::new(&cancel).icon(Icon::Cross).kind(Kind::Ghost);
            let (add, cancel) = match wide {
                true => (add, cancel),
                false => (add.width(width), cancel.width(width)),
            };
            if ui.add_enabled(!busy, add).clicked() {
                decision = Some(true);
            }
            if ui.add(cancel).clicked() {
                decision = Some(false);
            }
        });
    });
    decision
}
