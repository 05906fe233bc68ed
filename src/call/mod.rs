//! One call and the set of calls: dialog, media and outcome in one state machine.

mod problem;
mod state;

pub use problem::Problem;
pub use state::{CallId, CallState, Direction, Peer, Quality};
