//! The stream connections that are open: which may be used again, and which are idle.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::sip::flow::{Flow, Target, Trust};

/// A connection of ours that nobody used for so long is closed.
const IDLE: Duration = Duration::from_secs(64);
/// How many are remembered.
const MAX_FLOWS: usize = 4096;

#[derive(Debug)]
struct Open {
    /// What was asked for, if we opened it.
    asked: Option<(Target, Trust)>,
    used_at: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Flows {
    open: HashMap<Flow, Open>,
}

impl Flows {
    pub fn opened(&mut self, now: Instant, flow: Flow, target: Target, trust: Trust) {
        self.insert(now, flow, Some((target, trust)));
    }

    /// Bytes came or go by this flow.
    pub fn used(&mut self, now: Instant, flow: Flow) {
        match self.open.get_mut(&flow) {
            Some(open) => open.used_at = now,
            None => self.insert(now, flow, None),
        }
    }

    fn insert(&mut self, now: Instant, flow: Flow, asked: Option<(Target, Trust)>) {
        if flow.is_reliable() && self.open.len() < MAX_FLOWS {
            let open = Open {
                asked,
                used_at: now,
            };
            self.open.insert(flow, open);
        }
    }

    pub fn closed(&mut self, flow: Flow) {
        self.open.remove(&flow);
    }

    pub fn is_open(&self, flow: Flow) -> bool {
        !flow.is_reliable() || self.open.contains_key(&flow)
    }

    /// An open connection of ours to this target, verified with this trust.
    pub fn find(&self, target: &Target, trust: &Trust) -> Option<Flow> {
        self.open
            .iter()
            .filter(|(_, open)| {
                open.asked
                    .as_ref()
                    .is_some_and(|(asked, given)| asked == target && given == trust)
            })
            .map(|(flow, _)| *flow)
            .max_by_key(|flow| flow.connection)
    }

    /// Another connection to the same peer that can stand in for one that closed. It has to be
    /// as trustworthy, so for TLS there is none.
    pub fn instead_of(&self, flow: Flow) -> Option<Flow> {
        self.open
            .keys()
            .filter(|open| {
                open.transport == crate::account::Transport::Tcp
                    && open.transport == flow.transport
                    && open.remote == flow.remote
            })
            .copied()
            .max_by_key(|open| open.connection)
    }

    /// Connections of ours that were not used lately, except those `in_use`.
    pub fn take_idle(&mut self, now: Instant, in_use: impl Fn(Flow) -> bool) -> Vec<Flow> {
        let mut idle = Vec::new();
        self.open.retain(|flow, open| {
            if open.asked.is_none() || now < open.used_at + IDLE {
                return true;
            }
            if in_use(*flow) {
                open.used_at = now;
                return true;
            }
            idle.push(*flow);
            false
        });
        idle.sort_by_key(|flow| flow.connection);
        idle
    }

    /// All connections that we opened.
    pub fn take_ours(&mut self) -> Vec<Flow> {
        let mut ours = Vec::new();
        self.open.retain(|flow, open| {
            if open.asked.is_some() {
                ours.push(*flow);
            }
            open.asked.is_none()
        });
        ours.sort_by_key(|flow| flow.connection);
        ours
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        self.open
            .values()
            .filter(|open| open.asked.is_some())
            .map(|open| open.used_at + IDLE)
            .min()
    }
}
