//! Keeping the settings of a line as a template of one's own.

use egui::{Context, Id, Ui};

use crate::engine::{AccountView, Command, Problem};
use crate::ui::asked::Asked;
use crate::ui::icons::Icon;
use crate::ui::view::View;
use crate::ui::widgets::{Button, FieldRow, Kind, Leave, Mark, error_under, help_under};

/// What a person has said of the template so far.
#[derive(Debug, Default)]
pub struct OwnTemplate {
    /// The name that is being typed.
    name: Option<String>,
    asked: Option<Asked>,
    problem: Option<Problem>,
    saved: bool,
}

impl OwnTemplate {
    /// Looks whether the template was kept.
    pub fn poll(&mut self, ctx: &Context) {
        if let Some(outcome) = self.asked.as_mut().and_then(|asked| asked.outcome(ctx)) {
            self.asked = None;
            self.saved = outcome.is_ok();
            self.problem = outcome.err();
            if self.saved {
                self.name = None;
            }
        }
    }

    /// Shows the button, or the field for the name.
    pub fn show(&mut self, ui: &mut Ui, view: &View<'_>, known: &AccountView) {
        if self.name.is_some() {
            return self.field(ui, view, known);
        }
        let keep = view.say("template-keep");
        let button = Button::new(&keep).icon(Icon::Plus).kind(Kind::Ghost);
        if ui.add(button).clicked() {
            self.saved = false;
            self.problem = None;
            self.name = Some(known.name.clone());
            ui.memory_mut(|memory| memory.request_focus(field_id()));
        }
        if self.saved {
            help_under(ui, &view.say("template-kept"));
        }
    }

    fn field(&mut self, ui: &mut Ui, view: &View<'_>, known: &AccountView) {
        let Some(name) = &mut self.name else { return };
        let label = view.say("template-name");
        let field = FieldRow {
            id: field_id(),
            label: &label,
            hint: "",
            mark: match self.problem {
                Some(_) => Mark::Wrong,
                None => Mark::None,
            },
            secret: None,
        };
        let left = field.show(ui, name).left;
        match &self.problem {
            Some(problem) => error_under(ui, &view.texts.problem(problem).what),
            None => help_under(ui, &view.say("template-keep-note")),
        }
        match left {
            Some(Leave::Enter) => {
                self.asked = Some(Asked::send(
                    view.handle,
                    Command::SaveTemplate {
                        account: known.id.clone(),
                        name: name.clone(),
                    },
                ));
            }
            Some(Leave::Escape) => self.name = None,
            Some(Leave::Elsewhere) | None => {}
        }
    }
}

fn field_id() -> Id {
    Id::unique("template name")
}
