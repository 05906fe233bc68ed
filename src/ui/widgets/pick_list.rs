use egui::{
    CornerRadius, FontSelection, Id, Key, Layout, Response, Role, ScrollArea, Sense, TextWrapMode,
    Ui, WidgetInfo, WidgetText, pos2, vec2,
};

use super::{focus_ring, note, press_tint, search_field, section};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, RADIUS, Size, Weight, text};

/// The most that is shown at once; the search finds the rest.
const SHOWN: usize = 100;

/// Something that can be picked from a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pick {
    /// What tells it from the others.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What stands below the name; may be empty.
    pub note: String,
    /// The heading it stands under; may be empty.
    pub group: String,
    /// Whether it is in force.
    pub chosen: bool,
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    typed: String,
    /// The list was not seen yet: its search field gets the keyboard.
    fresh: bool,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            typed: String::new(),
            fresh: true,
        }
    }
}

/// A list with a search field.
pub struct PickList<'a> {
    /// Names the search field.
    pub id: Id,
    /// The name of the search field.
    pub search: &'a str,
    /// What is said when nothing is found.
    pub nothing: &'a str,
    /// The height of the list under the search field, points.
    pub height: f32,
}

impl PickList<'_> {
    /// Shows what `find` finds for what is typed, the first of it; gives back what was picked.
    /// Enter in the search field picks the first.
    pub fn show(
        self,
        ui: &mut Ui,
        search: &mut Search,
        find: impl FnOnce(&str) -> Vec<Pick>,
    ) -> Option<Pick> {
        let field = search_field(ui, self.id, self.search, &mut search.typed);
        if std::mem::take(&mut search.fresh) {
            field.request_focus();
        }
        let typed = search.typed.trim();
        let mut found = find(typed);
        if found.is_empty() {
            let (size, layout) = (vec2(ui.available_width(), self.height), Layout::default());
            ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_size(size);
                ui.add_space(4.0);
                note(ui, self.nothing);
            });
            return None;
        }
        let enter = ui.input(|input| input.key_pressed(Key::Enter));
        if field.lost_focus() && enter && !typed.is_empty() {
            return Some(found.swap_remove(0));
        }
        let down = ui.input(|input| input.key_pressed(Key::ArrowDown));
        let mut take_keyboard = field.has_focus() && down;
        found.truncate(SHOWN);
        let rows = |ui: &mut Ui| {
            let mut picked = None;
            let mut group = String::new();
            ui.spacing_mut().item_spacing.y = 0.0;
            for item in found {
                if item.group != group {
                    group.clone_from(&item.group);
                    ui.add_space(8.0);
                    section(ui, &group);
                    ui.add_space(2.0);
                }
                let row = ui.push_id(&item.id, |ui| pick_row(ui, &item)).inner;
                if std::mem::take(&mut take_keyboard) {
                    row.request_focus();
                }
                if row.clicked() {
                    picked = Some(item);
                }
            }
            picked
        };
        ScrollArea::vertical()
            .id_salt(self.id)
            .max_height(self.height)
            .auto_shrink(false)
            .show(ui, rows)
            .inner
    }
}

fn pick_row(ui: &mut Ui, item: &Pick) -> Response {
    let palette = Palette::of(ui);
    let height = if item.note.is_empty() { 40.0 } else { 48.0 };
    let size = vec2(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let spoken = match item.note.is_empty() {
        true => item.name.clone(),
        false => format!("{}, {}", item.name, item.note),
    };
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, item.chosen, &spoken));
    if ui.is_rect_visible(rect) {
        if response.hovered() || response.has_focus() {
            let fill = press_tint(ui, &response, palette.surface);
            let radius = CornerRadius::same(RADIUS);
            ui.painter().rect_filled(rect, radius, fill);
        }
        let room = rect.width() - 48.0;
        let galley = |words: &str, size, weight, color| {
            WidgetText::from(text(words, size, weight, color)).into_galley(
                ui,
                Some(TextWrapMode::Truncate),
                room,
                FontSelection::Default,
            )
        };
        let name = galley(&item.name, Size::Body, Weight::Medium, palette.text);
        let note = galley(&item.note, Size::Note, Weight::Regular, palette.text2);
        let below = if item.note.is_empty() {
            0.0
        } else {
            note.size().y
        };
        let top = rect.center().y - (name.size().y + below) / 2.0;
        let left = rect.left() + 12.0;
        let under = top + name.size().y;
        ui.painter().galley(pos2(left, top), name, palette.text);
        if below > 0.0 {
            ui.painter().galley(pos2(left, under), note, palette.text2);
        }
        if item.chosen {
            let at = pos2(rect.right() - 20.0, rect.center().y);
            Icon::Check.paint(ui, at, 16.0, palette.accent);
        }
        focus_ring(
            ui,
            &response.clone().with_new_rect(rect.shrink(2.0)),
            RADIUS,
        );
    }
    response
}
