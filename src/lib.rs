//! Gudok, a softphone: SIP calls from this computer.
//!
//! One engine, three faces. A face ([`ui`], [`cli`]) sends [`engine::Command`]s and draws the
//! [`engine::Snapshot`] that the [`engine`] publishes; it holds nothing of a call itself. Each
//! room below knows only the rooms under it:
//!
//! | room | its one job |
//! |---|---|
//! | [`ui`] | the window: egui, one file a screen, one a widget |
//! | [`cli`] | the command line, and JSON-RPC over a local socket |
//! | [`locale`] | every text a person reads, in Russian and English |
//! | [`engine`] | the one owner of all that follows: commands in, events and snapshots out |
//! | [`call`] | one call and the set of calls; the media thread |
//! | [`server`] | a small SIP server: the test line |
//! | [`telegram`] | the Telegram account: signing in and out, chats and people |
//! | [`store`] | the profile on disk: settings, passwords |
//! | [`sip`] | the SIP stack: a sans-I/O core, and the thin drivers that own sockets |
//! | [`media`] | one call's sound on the network: SDP, RTP, RTCP, jitter buffer, DTMF |
//! | [`audio`] | sound on this computer: devices, resampling, voice processing, tones |
//! | [`codec`] | the codecs, one file each |
//! | [`account`] | an account's settings as data, and what a person may type |
//! | [`rules`] | dial rules: what an account does to a number before it dials it |
//!
//! Protocols take `(bytes | command, now)` and give `(bytes to send, events, next wake-up)`.
//! Their tests run on invented time.
#![warn(missing_docs)]

pub mod account;
pub mod audio;
pub mod call;
pub mod cli;
pub mod codec;
pub mod engine;
pub mod locale;
pub mod media;
pub mod rules;
pub mod server;
pub mod sip;
pub mod store;
pub mod telegram;
pub mod ui;
