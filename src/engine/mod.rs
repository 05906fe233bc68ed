//! The one owner of everything below the faces: commands in, events and snapshots out.

mod command;
mod event;
mod handle;
mod snapshot;

pub use crate::call::{CallId, CallState, Direction, Peer, Problem, Quality};
pub use command::{Command, DeviceRole};
pub use event::Event;
pub use handle::{EngineSide, Handle, Levels, Reply, Request, pair};
pub use snapshot::{
    AccountView, CallView, Devices, Preferences, Registration, RegistrationState, Snapshot,
    Strangers,
};
