//! The Telegram account of a person: signing in and out, the chats and people there are, and what
//! is sent to them.
//!
//! A room with a thread of its own, so that nothing here can hold up a call: an [`Ask`] goes in,
//! what is [`Told`] comes out, a [`Status`] whenever something changed. [`Telegram`] is the hold on
//! it. Inside, `room` is the one state machine; `sign_in`, `directory` and `send` say what to ask
//! of Telegram and how to read the answers, `wire` carries it there, `session` remembers the keys,
//! `outbox` what is still to be sent, and `dial` knows a number when it reads one.
//!
//! The protocol is that of grammers, whose high-level calls are used where they can't panic on an
//! answer that they don't expect, and the requests themselves elsewhere.

mod api;
mod dial;
mod directory;
mod outbox;
mod pauses;
mod peer;
mod phone;
mod post;
mod room;
mod send;
mod servers;
mod session;
mod sign_in;
mod state;
mod trouble;
mod wire;

pub use api::ApiKey;
pub use dial::Heard;
pub use outbox::Shelf;
pub use peer::{Peer, PeerKind, find};
pub use phone::international;
pub use post::{Content, Delivered, Draft, PostStatus, Stage};
pub use room::{Ask, Listen, Options, Telegram, Told};
pub use session::{Vault, remembered};
pub use state::{CodeWay, State, Status};
pub use trouble::Trouble;
