//! The window driven as a person would, without a screen.

mod behaviour;
mod layout;
mod pictures;
mod scenes;
mod telegram;
