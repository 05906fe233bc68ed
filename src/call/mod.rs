//! One call and the set of calls: dialog, media and outcome in one state machine.

mod calls;
mod failure;
mod problem;
mod sound;
mod state;

pub use calls::{Call, CallEvent, Calls, Line, Rooms};
pub use problem::Problem;
pub use sound::{DeviceChoice, Remote, Sound, SoundEvent, Tone};
pub use state::{CallId, CallState, Direction, Peer, Quality};
