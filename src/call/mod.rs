//! One call and the set of calls: dialog, media and outcome in one state machine.

mod problem;

pub use problem::Problem;
