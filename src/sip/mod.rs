//! The SIP stack: a core without I/O, and thin drivers that own the sockets.

pub mod auth;
mod flow;
pub mod message;

pub use flow::{Flow, Target, TransportError, Trust};
