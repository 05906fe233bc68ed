//! The one owner of everything below the faces: commands in, events and snapshots out.

mod book;
mod command;
mod core;
mod event;
mod handle;
mod snapshot;
mod telegram;
mod trace;
mod view;

pub use crate::call::{
    CallId, CallState, Direction, Peer, Problem, Quality, Recording, RecordingState,
};
pub use crate::store::Preferences;
pub use command::{Ask, Command, DeviceRole};
pub use core::{Engine, Options};
pub use event::Event;
pub use handle::{EngineSide, Handle, Levels, Reply, Request, pair};
pub use snapshot::{
    AccountView, CallView, Devices, DraftView, Registration, RegistrationState, RemovedView,
    Snapshot, Strangers,
};
pub use telegram::{
    CodeWay, TelegramList, TelegramPeer, TelegramPeerKind, TelegramState, TelegramView,
    find_telegram_peers,
};
pub use trace::TraceView;
