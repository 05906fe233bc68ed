//! Gudok, a softphone.
#![warn(missing_docs)]

pub mod account;
pub mod call;
pub mod codec;
pub mod engine;
pub mod locale;
pub mod ui;
