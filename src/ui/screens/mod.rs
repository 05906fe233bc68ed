//! One file per screen.

mod breadcrumb;
pub mod first;
mod line_form;
mod line_page;
pub mod lines;
pub mod phone;
mod setting_rows;
pub mod settings;
pub mod telegram;
pub mod telegram_form;
