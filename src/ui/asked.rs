//! Commands whose outcome is waited for, without ever standing still.

use std::time::Duration;

use egui::Context;
use tokio::sync::oneshot::{Receiver, error::TryRecvError};

use crate::engine::{Command, Handle, Problem, Reply};

/// How soon is looked again for an outcome that was announced.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A command that was sent, and the place where its outcome will arrive.
#[derive(Debug)]
pub struct Asked(Receiver<Result<Reply, Problem>>);

impl Asked {
    /// Sends a command.
    pub fn send(handle: &Handle, command: Command) -> Self {
        Self(handle.request(command))
    }

    /// The outcome, once. Until it is there the window looks again by itself.
    pub fn outcome(&mut self, ctx: &Context) -> Option<Result<Reply, Problem>> {
        match self.0.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(TryRecvError::Closed) => Some(Err(Problem::WrongState)),
            Err(TryRecvError::Empty) => {
                ctx.request_repaint_after(LOOK_AGAIN);
                None
            }
        }
    }
}
