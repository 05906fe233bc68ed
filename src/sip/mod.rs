//! SIP: the signalling of calls (RFC 3261).

pub mod flow;
