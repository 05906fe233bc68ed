//! Transactions: a request, its responses, and who repeats what until it is over
//! (RFC 3261 section 17 with RFC 6026).
//!
//! The two machines here decide only *when* something is repeated, handed up or over; the bytes
//! and the flows belong to the endpoint. They are pure: time comes in as `now`.

mod client;
mod server;

pub use client::{ClientTimeout, ClientTransaction, Reception};
pub use server::{ServerKey, ServerTimeout, ServerTransaction};

use std::time::Duration;

/// Round-trip estimate (RFC 3261 17.1.1.1).
pub const T1: Duration = Duration::from_millis(500);
/// The longest pause between repeats of a non-INVITE request or of a response to INVITE.
pub const T2: Duration = Duration::from_secs(4);
/// How long a message stays in the network.
pub const T4: Duration = Duration::from_secs(5);
/// 64*T1: timers B, D (at least), F, H, J, L and M.
pub const LIFETIME: Duration = Duration::from_secs(32);
