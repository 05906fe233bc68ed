//! One line: its state, its settings as rows, and what was edited and waits.

mod apply_bar;
mod header;
mod new;
mod own_template;
mod remove;
mod rows;
mod sections;
mod sheet;
mod shown;
mod used;
mod value;

pub use new::{NewLine, show as show_new};

use egui::{Context, Frame, Margin, Rect, ScrollArea, Ui, UiBuilder, pos2};

use self::apply_bar::Decision;
use self::own_template::OwnTemplate;
use self::sheet::Sheet;
use crate::account::AccountId;
use crate::engine::{AccountView, Command, Handle, Problem, Snapshot};
use crate::ui::asked::Asked;
use crate::ui::view::{Place, View};
use crate::ui::widgets::{Notice, Tone};

/// What the window remembers about the page of a line.
pub struct Page {
    account: AccountId,
    sheet: Sheet,
    /// What was asked about the line as a whole.
    asked: Option<Asked>,
    problem: Option<Problem>,
    own_template: OwnTemplate,
    deleting: bool,
    bar_height: f32,
}

impl Page {
    /// The page of a line.
    pub fn new(account: AccountId) -> Self {
        Self {
            sheet: Sheet::new(Some(account.clone())),
            account,
            asked: None,
            problem: None,
            own_template: OwnTemplate::default(),
            deleting: false,
            bar_height: 0.0,
        }
    }

    /// Which line it is of.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Keeps what is typed, because the person goes elsewhere.
    pub fn leave(&mut self, handle: &Handle) {
        let snapshot = handle.snapshot();
        if let Some(known) = self.known(&snapshot) {
            let shown = self.sheet.shown(Some(known));
            self.sheet.keep_prompts(handle, &shown);
        }
        self.sheet.picker = None;
        self.deleting = false;
    }

    /// Looks whether what was sent has its outcome.
    pub fn poll(&mut self, ctx: &Context) {
        self.sheet.poll(ctx);
        self.own_template.poll(ctx);
        if let Some(outcome) = self.asked.as_mut().and_then(|asked| asked.outcome(ctx)) {
            self.asked = None;
            self.problem = outcome.err();
        }
    }

    fn known<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a AccountView> {
        let accounts = snapshot.accounts.iter();
        accounts.into_iter().find(|known| known.id == self.account)
    }

    fn ask(&mut self, view: &View<'_>, command: Command) {
        self.problem = None;
        self.asked = Some(Asked::send(view.handle, command));
    }
}

/// Shows the page.
pub fn show(ui: &mut Ui, view: &View<'_>, page: &mut Page, inside_scroll: bool) {
    let Some(known) = page.known(view.snapshot) else {
        return view.go(Place::Lines);
    };
    let draft = known.draft.as_ref().filter(|_| view.owns(known));
    let shown = page.sheet.shown(Some(known));
    let decision = with_bar(
        ui,
        "line page",
        inside_scroll,
        page,
        |page| &mut page.bar_height,
        |ui, page| contents(ui, view, page, known),
        |ui, page| {
            let busy = page.asked.is_some();
            draft.and_then(|draft| apply_bar::show(ui, view, &shown, draft, busy))
        },
    );
    let account = page.account.clone();
    match decision {
        Some(Decision::Apply) => page.ask(view, Command::ApplyAccount { account }),
        Some(Decision::Revert) => page.ask(view, Command::RevertAccount { account }),
        None => {}
    }
    rows::picker(ui.ctx(), view, &shown, &mut page.sheet);
}

/// Shows a page that scrolls, with a bar that stays below it.
fn with_bar<S, R>(
    ui: &mut Ui,
    salt: &str,
    inside_scroll: bool,
    state: &mut S,
    height: impl Fn(&mut S) -> &mut f32,
    page: impl FnOnce(&mut Ui, &mut S),
    bar: impl FnOnce(&mut Ui, &mut S) -> R,
) -> R {
    if inside_scroll {
        page(ui, state);
        return bar(ui, state);
    }
    let area = ui.available_rect_before_wrap();
    let split = area.bottom() - *height(state);
    let above = Rect::from_min_max(area.min, pos2(area.right(), split));
    let mut upper = ui.new_child(UiBuilder::new().id_salt(salt).max_rect(above));
    upper.shrink_clip_rect(above);
    ScrollArea::vertical()
        .id_salt(salt)
        .auto_shrink(false)
        .show(&mut upper, |ui| page(ui, state));
    let below = Rect::from_min_max(pos2(area.left(), split), area.max);
    let mut lower = ui.new_child(UiBuilder::new().id_salt((salt, "bar")).max_rect(below));
    let outcome = bar(&mut lower, state);
    let needed = lower.min_rect().height();
    if (needed - *height(state)).abs() > 0.5 {
        *height(state) = needed;
        ui.ctx().request_repaint();
    }
    outcome
}

fn contents(ui: &mut Ui, view: &View<'_>, page: &mut Page, known: &AccountView) {
    framed(ui, view, |ui| {
        header::show(ui, view, known);
        trouble(ui, view, &mut page.problem);
        if !view.owns(known) {
            return used::show(ui, view, known);
        }
        let shown = page.sheet.shown(Some(known));
        sections::sections(ui, view, &shown, &mut page.sheet, |_| true);
        ui.add_space(16.0);
        page.own_template.show(ui, view, known);
        if remove::show(ui, view, known, &mut page.deleting) {
            let account = page.account.clone();
            page.ask(view, Command::RemoveAccount { account });
        }
    });
}

fn framed(ui: &mut Ui, view: &View<'_>, contents: impl FnOnce(&mut Ui)) {
    let side = if view.narrow { 16 } else { 24 };
    let margin = Margin {
        left: side,
        right: side,
        top: 16,
        bottom: 20,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        contents(ui);
    });
}

/// What went wrong with the line as a whole.
fn trouble(ui: &mut Ui, view: &View<'_>, problem: &mut Option<Problem>) {
    let Some(words) = problem.as_ref().map(|problem| view.texts.problem(problem)) else {
        return;
    };
    let dismiss = view.say("notice-dismiss");
    let notice = Notice {
        what: &words.what,
        next: &words.next,
        tone: Tone::Bad,
        dismiss: Some(&dismiss),
    };
    if notice.show(ui, |_| ()) {
        *problem = None;
    }
}
