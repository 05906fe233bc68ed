//! The SIP stack: a core without I/O, and thin drivers that own the sockets.

pub mod auth;
pub mod flow;
pub mod message;
pub mod transport;
