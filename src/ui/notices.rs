//! What went wrong, and what was done a moment ago, above every screen.

use egui::Ui;

use super::theme::{Palette, Size, Weight};
use super::view::View;
use super::widgets::{Notice, Tone, toast, wrapped};
use crate::engine::{CallView, Command, Problem, Snapshot};

/// How many problems are kept.
const KEPT: usize = 3;

/// Problems that a person has not put away yet.
#[derive(Debug, Default)]
pub struct Notices(Vec<Problem>);

impl Notices {
    /// Tells a problem, for the first time or again.
    pub fn tell(&mut self, problem: Problem) {
        self.0.retain(|known| *known != problem);
        self.0.push(problem);
        if self.0.len() > KEPT {
            self.0.remove(0);
        }
    }

    /// Tells what is wrong with the sound devices now; what was wrong before is over.
    pub fn tell_of_devices(&mut self, problem: Option<Problem>) {
        self.0.retain(|known| !is_of_a_device(known));
        problem.into_iter().for_each(|problem| self.tell(problem));
    }

    /// Whether there is nothing to show.
    pub fn are_empty(&self, snapshot: &Snapshot) -> bool {
        self.0.is_empty() && snapshot.removed.is_empty()
    }

    /// Shows them.
    pub fn show(&mut self, ui: &mut Ui, view: &View<'_>) {
        removed(ui, view);
        let mut index = 0_usize;
        self.0.retain(|problem| {
            index = index.saturating_add(1);
            !ui.push_id(index, |ui| is_put_away(ui, view, problem)).inner
        });
    }
}

fn is_of_a_device(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::NoMicrophone
            | Problem::NoSpeaker
            | Problem::Device { .. }
            | Problem::DeviceLost { .. }
    )
}

/// Shows a problem; whether the person puts it away.
fn is_put_away(ui: &mut Ui, view: &View<'_>, problem: &Problem) -> bool {
    // The card of the call says it already.
    let on_card = |call: &CallView| call.warning.as_ref() == Some(problem);
    if view.snapshot.calls.iter().any(on_card) {
        return false;
    }
    let words = view.texts.problem(problem);
    let dismiss = view.say("notice-dismiss");
    let reasons = match problem {
        Problem::NoLine { reasons } => reasons.as_slice(),
        _ => &[],
    };
    let notice = Notice {
        what: &words.what,
        next: if reasons.is_empty() { &words.next } else { "" },
        tone: if is_of_a_device(problem) {
            Tone::Warn
        } else {
            Tone::Bad
        },
        dismiss: Some(&dismiss),
    };
    notice.show(ui, |ui| why_no_line(ui, view, reasons))
}

/// Why each line can't take a number, one below the other.
fn why_no_line(ui: &mut Ui, view: &View<'_>, reasons: &[(String, Problem)]) {
    let color = Palette::of(ui).text;
    ui.spacing_mut().item_spacing.y = 2.0;
    for (line, why) in reasons {
        let why = view.texts.problem(why).what;
        let words = format!("{line}: {why}");
        wrapped(ui, &words, Size::Body, Weight::Regular, color);
    }
}

/// The lines whose removal can still be taken back.
fn removed(ui: &mut Ui, view: &View<'_>) {
    for removed in &view.snapshot.removed {
        let name = [("line", removed.name.as_str().into())];
        let words = view.say_with("lines-removed", &name);
        let undo = view.say("lines-restore");
        if ui.push_id(&removed.id, |ui| toast(ui, &words, &undo)).inner {
            view.send(Command::RestoreAccount {
                account: removed.id.clone(),
            });
        }
    }
}
