//! Dial rules compiled alone, and random ones to try them with.

#[path = "../../../src/rules/mod.rs"]
pub mod rules;

pub mod random;
