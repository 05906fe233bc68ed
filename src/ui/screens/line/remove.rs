//! Removing a line: asked first; for some seconds it can be taken back.

use egui::Ui;

use crate::engine::AccountView;
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Size, Weight};
use crate::ui::view::View;
use crate::ui::widgets::{Button, Kind, note, wrapped};

/// Shows the button, or the question; true once the answer is yes.
pub fn show(ui: &mut Ui, view: &View<'_>, known: &AccountView, asking: &mut bool) -> bool {
    let delete = view.say("lines-delete");
    let button = Button::new(&delete).icon(Icon::Trash);
    if !*asking {
        *asking = ui.add(button.kind(Kind::Danger)).clicked();
        return false;
    }
    let palette = Palette::of(ui);
    let name = [("line", known.name.as_str().into())];
    let sure = view.say_with("lines-delete-sure", &name);
    wrapped(ui, &sure, Size::Body, Weight::Medium, palette.text);
    note(ui, &view.say("lines-delete-note"));
    ui.horizontal_wrapped(|ui| {
        let yes = ui.add(button.kind(Kind::End)).clicked();
        let keep = view.say("lines-delete-not");
        let no = ui.add(Button::new(&keep).kind(Kind::Ghost)).clicked();
        *asking = !yes && !no;
        yes
    })
    .inner
}
