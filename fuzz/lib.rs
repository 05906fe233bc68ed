//! What is fuzzed, compiled without the rest of the program.
// What only the program uses.
#![allow(dead_code)]

pub mod media;
#[path = "../src/rules/mod.rs"]
pub mod rules;
