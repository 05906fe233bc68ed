//! SIP: the signalling of calls (RFC 3261). No sockets and no clock, except in `transport`.
//!
//! ```text
//!   engine / server
//!        │ commands        ▲ events
//!   ┌────▼─────────────────┴────┐
//!   │ endpoint                  │  accounts, calls, strangers; which request goes where
//!   │   registration   dialog   │  when to register · how the peers of a call find each other
//!   │   transaction             │  who repeats what, and until when
//!   └────┬─────────────────▲────┘
//!        │ bytes + flow    │      message: bytes ↔ rsip values · auth: digest
//!   transport (tokio): UDP, TCP, TLS, DNS
//! ```
//!
//! The [`endpoint`] takes bytes, commands and the time, and gives bytes, questions (where is this
//! host? open that connection) and events. Everything below it is pure state machines, so that
//! the 32 seconds of a transaction timer take a microsecond in a test.
//!
//! Words are those of the RFCs: transaction, dialog, flow, target, Contact, offer, answer.

pub mod auth;
pub mod dialog;
pub mod endpoint;
pub mod flow;
mod link;
pub mod message;
pub mod registration;
pub mod trace;
pub mod transaction;
pub mod transport;

pub use endpoint::{
    Accept, Caller, Counters, Endpoint, EndpointConfig, Event, Failure, HostPort, Identity, Output,
    Package, Referral, RegistrationStatus, RequestId,
};
pub use flow::{Action, Flow, Target, TransportError, Trust};
pub use link::Link;
