use egui::{Color32, Label, Response, Ui};

use crate::ui::theme::{Palette, Size, Weight, text};

/// A small line that steps back.
pub fn note(ui: &mut Ui, words: &str) -> Response {
    let color = Palette::of(ui).text2;
    wrapped(ui, words, Size::Note, Weight::Regular, color)
}

/// A title.
pub fn title(ui: &mut Ui, words: &str) -> Response {
    let color = Palette::of(ui).text;
    wrapped(ui, words, Size::Title, Weight::Semibold, color)
}

/// Text that goes to the next line where there is no room.
pub fn wrapped(ui: &mut Ui, words: &str, size: Size, weight: Weight, color: Color32) -> Response {
    ui.add(Label::new(text(words, size, weight, color)).wrap())
}

/// The heading of a group.
pub fn section(ui: &mut Ui, words: &str) -> Response {
    let color = Palette::of(ui).text2;
    ui.add(
        Label::new(
            text(words.to_uppercase(), Size::Note, Weight::Semibold, color)
                .size(11.0)
                .extra_letter_spacing(0.45),
        )
        .wrap(),
    )
}
