//! The window driven as a person would, without a screen.

mod behaviour;
mod choosing;
mod hands;
mod history;
mod layout;
mod line_page;
mod lines;
mod new_line;
mod pictures;
mod scenes;
mod telegram;
mod transferring;
mod watching;
