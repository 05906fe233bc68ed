//! The controls that the screens are made of.

mod avatar;
mod button;
mod card;
mod choice;
mod countdown;
mod field_row;
mod meter;
mod modal;
mod nav_row;
mod notice;
mod order_list;
mod pad_key;
mod pick_list;
mod qr;
mod row;
mod search_field;
mod segments;
mod switch;
mod tag;
mod toast;
mod write;

pub use avatar::{avatar, paint_avatar};
pub use button::{Button, Kind, icon_button};
pub use card::card_with;
pub use choice::{menu, menu_item};
pub use countdown::countdown;
pub use field_row::{Field, FieldRow, Leave};
pub use meter::meter;
pub use modal::{Modal, is_modal_open};
pub use nav_row::nav_row;
pub use notice::{Notice, Tone};
pub use order_list::{Change, OrderItem, order_list};
pub use pad_key::pad;
pub use pick_list::{Pick, PickList, Search};
pub use qr::qr;
pub use row::{Mark, ROW_HEIGHT, SwitchRow, ValueRow, error_under, help_under};
pub use search_field::search_field;
pub use segments::segments;
pub use switch::paint_switch;
pub use tag::Tag;
pub use toast::toast;
pub use write::{note, section, title, wrapped};

use egui::{Color32, CornerRadius, Response, Stroke, StrokeKind, Ui};

use super::theme::{Palette, mix};

/// Draws the ring around the control that has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response, radius: u8) {
    if response.has_focus() {
        ui.painter().rect_stroke(
            response.rect.expand(1.0),
            CornerRadius::same(radius.saturating_add(1)),
            Stroke::new(2.0, Palette::of(ui).accent),
            StrokeKind::Outside,
        );
    }
}

/// The colour of something pressable that is `fill` at rest.
pub fn press_tint(ui: &Ui, response: &Response, fill: Color32) -> Color32 {
    let toward = Palette::of(ui).text;
    let toward = Color32::from_rgba_unmultiplied(toward.r(), toward.g(), toward.b(), 255);
    if response.is_pointer_button_down_on() {
        mix(fill, toward, 0.14)
    } else if response.hovered() {
        mix(fill, toward, 0.07)
    } else {
        fill
    }
}
