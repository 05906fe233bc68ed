//! The one owner of everything below the faces: commands in, events and snapshots out.

mod book;
mod command;
mod core;
mod dial_chat;
mod event;
mod handle;
mod history;
mod note;
mod recordings;
mod snapshot;
mod telegram;
mod trace;
mod troubles;
mod view;
mod watch;

pub use crate::call::{
    CallId, CallProgress, CallState, DeclineReason, DeviceRole, DeviceTrial, Direction, Peer,
    Problem, Quality, Recording, RecordingState, Transfer, TransferAsked, TransferStage,
    TrialStage,
};
pub use crate::media::{Keys, Protection, Suite};
pub use crate::store::Preferences;
pub use crate::store::history::{Beginning, Outcome, PastCall, Query, Show};
pub use command::{Ask, Command, PreferenceChange, TelegramChange};
pub use core::{Engine, Options};
pub use dial_chat::DialRequest;
pub use event::Event;
pub use handle::{EngineSide, Handle, Levels, Reply, Request, pair};
pub use history::HistoryView;
pub use note::{Note, Words};
pub use snapshot::{
    AccountView, CallView, Devices, DraftView, Registration, RegistrationState, RemovedView,
    Snapshot, Strangers,
};
pub use telegram::{
    CodeWay, DialChatView, PostState, PostView, TelegramList, TelegramPeer, TelegramPeerKind,
    TelegramState, TelegramView, find_telegram_peers,
};
pub use trace::TraceView;
pub use watch::{FavouriteState, FavouriteView, VoicemailView};
