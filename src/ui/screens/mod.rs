//! One file per screen.

pub mod first;
pub mod line_page;
pub mod lines;
pub mod phone;
pub mod settings;
