use egui::{Align2, Color32, Pos2, Sense, Ui, vec2};

use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, Weight, font};

/// Up to two letters that stand for a name; `None` if the name has none.
pub fn initials(name: &str) -> Option<String> {
    let letters: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphabetic()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    (!letters.is_empty()).then_some(letters)
}

/// A round picture of somebody: initials, or a handset for a bare number.
pub fn avatar(ui: &mut Ui, name: Option<&str>, diameter: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(diameter, diameter), Sense::empty());
    paint_avatar(ui, name, rect.center(), diameter);
}

/// Paints it around a point.
pub fn paint_avatar(ui: &Ui, name: Option<&str>, center: Pos2, diameter: f32) {
    let palette = Palette::of(ui);
    let fill: Color32 = palette.accent_weak;
    ui.painter().circle_filled(center, diameter / 2.0, fill);
    match name.and_then(initials) {
        Some(letters) => {
            ui.painter().text(
                center,
                Align2::CENTER_CENTER,
                letters,
                font((diameter * 0.36).round(), Weight::Semibold),
                palette.accent,
            );
        }
        None => Icon::Phone.paint(ui, center, diameter * 0.42, palette.accent),
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn a_name_gives_two_letters_and_a_number_none() {
        assert_eq!(initials("Пётр Сергеев").as_deref(), Some("ПС"));
        assert_eq!(initials("мария, бухгалтерия").as_deref(), Some("МБ"));
        assert_eq!(initials("Zadarma").as_deref(), Some("Z"));
        assert_eq!(initials("+7 926 123-45-67"), None);
        assert_eq!(initials(""), None);
    }
}
