//! The Telegram account of a person: signing in and out, and the chats and people there are.
//!
//! A room with a thread of its own, so that nothing here can hold up a call: an [`Ask`] goes in, a
//! [`Status`] comes out whenever something changed. [`Telegram`] is the hold on it. Inside,
//! `room` is the one state machine; `sign_in` and `directory` say what to ask of Telegram and how
//! to read the answers, `wire` carries it there, and `session` remembers the keys.
//!
//! The protocol is that of grammers, whose high-level calls are used where they can't panic on an
//! answer that they don't expect, and the requests themselves elsewhere.

mod api;
mod directory;
mod pauses;
mod peer;
mod phone;
mod room;
mod servers;
mod session;
mod sign_in;
mod state;
mod trouble;
mod wire;

pub use api::ApiKey;
pub use peer::{Peer, PeerKind, find};
pub use phone::international;
pub use room::{Ask, Options, Telegram};
pub use session::{Vault, remembered};
pub use state::{CodeWay, State, Status};
pub use trouble::Trouble;
