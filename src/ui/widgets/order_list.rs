use egui::{Id, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::{Kind, ROW_HEIGHT, SwitchRow, icon_button, press_tint};
use crate::ui::icons::Icon;
use crate::ui::theme::{Palette, mix};

/// The space between two rows, points.
const GAP: f32 = 4.0;
/// The width of what a row is dragged by, points.
const GRIP: f32 = 28.0;
/// The side of a button, points.
const BUTTON: f32 = 36.0;

/// One of the things that are put in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderItem {
    /// What it is called.
    pub name: String,
    /// Whether it is on; those that are stand before those that are not.
    pub on: bool,
    /// What the buttons that move it are called: up and down.
    pub moves: [String; 2],
    /// What it is dragged by is called.
    pub grip: String,
}

/// What a person does to the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Switches one on or off.
    Switch(usize),
    /// Puts one in the place of another.
    Move {
        /// Which.
        from: usize,
        /// Where to.
        to: usize,
    },
}

/// A list with switches whose order is changed by dragging or with buttons.
pub fn order_list(ui: &mut Ui, id: Id, items: &[OrderItem]) -> Option<Change> {
    let count = items.iter().filter(|item| item.on).count();
    let grip = |item: &OrderItem| id.with(("grip", &item.name));
    let top = ui.cursor().top();
    let held = |of: Option<Id>| {
        let of = of?;
        items.iter().position(|item| item.on && grip(item) == of)
    };
    let under_pointer = ui.input(|input| input.pointer.interact_pos()).map(|at| {
        let row = ((at.y - top) / (ROW_HEIGHT + GAP)).floor().max(0.0) as usize;
        row.min(count.saturating_sub(1))
    });
    if let (Some(from), Some(to)) = (held(ui.ctx().drag_stopped_id()), under_pointer) {
        return (from != to).then_some(Change::Move { from, to });
    }
    let dragged = held(ui.ctx().dragged_id());
    let mut order: Vec<usize> = (0..items.len()).collect();
    if let (Some(from), Some(to)) = (dragged, under_pointer) {
        order.remove(from);
        order.insert(to.min(order.len()), from);
    }
    let mut change = None;
    ui.spacing_mut().item_spacing.y = GAP;
    for (place, index) in order.into_iter().enumerate() {
        let Some(item) = items.get(index) else {
            continue;
        };
        let row = Row {
            item,
            grip: grip(item),
            up: item.on && place > 0,
            down: item.on && place.saturating_add(1) < count,
            held: dragged == Some(index),
        };
        change = match row.show(ui) {
            Some(Pressed::Switch) => Some(Change::Switch(index)),
            Some(Pressed::Up) => Some(Change::Move {
                from: index,
                to: index.saturating_sub(1),
            }),
            Some(Pressed::Down) => Some(Change::Move {
                from: index,
                to: index.saturating_add(1),
            }),
            None => change,
        };
    }
    change
}

enum Pressed {
    Switch,
    Up,
    Down,
}

struct Row<'a> {
    item: &'a OrderItem,
    grip: Id,
    up: bool,
    down: bool,
    held: bool,
}

impl Row<'_> {
    fn show(self, ui: &mut Ui) -> Option<Pressed> {
        let size = vec2(ui.available_width(), ROW_HEIGHT);
        let (rect, _) = ui.allocate_exact_size(size, Sense::empty());
        if self.item.on {
            let place = Rect::from_min_size(rect.min, vec2(GRIP, ROW_HEIGHT));
            grip(ui, place, self.grip, &self.item.grip, self.held);
        }
        let left = rect.left() + GRIP;
        let right = rect.right() - 2.0 * BUTTON;
        let place = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
        let mut inside = child(ui, place, self.grip.with("switch"));
        let switch = SwitchRow::new(&self.item.name, self.item.on).id(self.grip.with("row"));
        let mut pressed = inside.add(switch).clicked().then_some(Pressed::Switch);
        let [up, down] = &self.item.moves;
        let buttons = [
            (self.up, Icon::ChevronUp, up, Pressed::Up, 0.0),
            (self.down, Icon::ChevronDown, down, Pressed::Down, BUTTON),
        ];
        for (shown, icon, name, does, offset) in buttons {
            if !shown {
                continue;
            }
            let at = pos2(right + offset, rect.center().y - BUTTON / 2.0);
            let place = Rect::from_min_size(at, vec2(BUTTON, BUTTON));
            let mut inside = child(ui, place, self.grip.with(name));
            let button = icon_button(&mut inside, icon, name, Kind::Quiet, BUTTON);
            if button.clicked() {
                pressed = Some(does);
            }
            // The button may not be there any more once the row has moved.
            if button.clicked() && button.has_focus() {
                ui.memory_mut(|memory| memory.request_focus(self.grip.with("row")));
            }
        }
        pressed
    }
}

fn child(ui: &mut Ui, place: Rect, salt: Id) -> Ui {
    ui.new_child(UiBuilder::new().id_salt(salt).max_rect(place))
}

/// What a row is dragged by; the buttons do the same for the keyboard.
fn grip(ui: &Ui, place: Rect, id: Id, name: &str, held: bool) {
    let palette = Palette::of(ui);
    let response = ui.interact(place, id, Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    let response = response.on_hover_cursor(egui::CursorIcon::Grab);
    let color = match held {
        true => palette.accent,
        false => press_tint(ui, &response, mix(palette.text2, palette.background, 0.25)),
    };
    Icon::Grip.paint(ui, place.center(), 16.0, color);
}
