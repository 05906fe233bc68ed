//! One file per screen.

mod breadcrumb;
mod carry;
pub mod choose_line;
mod dial_hint;
mod favourites;
pub mod first;
pub mod history;
mod line;
pub mod lines;
pub mod phone;
pub mod settings;
pub mod sound;
pub mod telegram;
mod telegram_dial;
pub mod telegram_form;
mod telegram_queue;
pub mod trace;
