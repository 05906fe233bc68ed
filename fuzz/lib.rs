//! What is fuzzed, compiled without the rest of the program.

#[path = "../src/rules/mod.rs"]
pub mod rules;
