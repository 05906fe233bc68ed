//! When a session has to be refreshed (RFC 4028).

use std::time::{Duration, Instant};

use crate::sip::message::header;

/// When a session has to be refreshed, or is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SessionTimer {
    pub interval_s: u32,
    /// We refresh; otherwise the peer does, and we end the call if he doesn't.
    pub ours: bool,
    pub at: Instant,
}

/// What both sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    pub interval_s: u32,
    pub ours: bool,
}

impl SessionTimer {
    pub fn new(now: Instant, terms: Terms) -> Self {
        let interval = Duration::from_secs(u64::from(terms.interval_s));
        // RFC 4028 section 10: refresh at half, give up a bit before the end.
        let at = if terms.ours {
            now + interval / 2
        } else {
            now + interval - (interval / 3).min(Duration::from_secs(32))
        };
        Self {
            interval_s: terms.interval_s,
            ours: terms.ours,
            at,
        }
    }

    /// What a refreshing re-INVITE says.
    pub fn headers(&self) -> Vec<rsip::Header> {
        let refresher = if self.ours { "uac" } else { "uas" };
        vec![header(
            "Session-Expires",
            format!("{};refresher={refresher}", self.interval_s),
        )]
    }
}
