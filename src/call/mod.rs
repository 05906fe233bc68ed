//! One call and the set of calls: dialog, media and outcome in one state machine.

mod calls;
mod conference;
mod divert;
mod failure;
mod info;
mod leg;
mod media_request;
mod media_thread;
mod problem;
mod recording;
mod signalling;
mod single;
mod sound;
mod state;
mod transfer;
mod trial;

pub use calls::{CallEvent, Calls, Rooms};
pub use divert::{DeclineReason, Wishes, asks_for_answer, diverted_by};
pub use media_request::{
    DeviceChoice, DeviceRole, DeviceTrial, Remote, SoundEvent, SoundOptions, Tone, TrialStage,
};
pub use problem::Problem;
pub use recording::{Recording, RecordingState};
pub use signalling::Invite;
pub use single::{Call, Line};
pub use sound::Sound;
pub use state::{CallId, CallProgress, CallState, Direction, Peer, Quality};
pub use transfer::{Transfer, TransferAsked, TransferStage};
