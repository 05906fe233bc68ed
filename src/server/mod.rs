//! A small registrar and user agent server on the same SIP stack: the test line.
//!
//! It lives on loopback only, asks for digest authentication as a real server does, and its
//! numbers echo, play a tone, read digits back, are busy, ring without end, or call back.

mod extension;
mod sound;
mod test_line;

pub use extension::Extension;
pub use test_line::{TEST_LINE_LOGIN, TestLine};
