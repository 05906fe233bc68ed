//! The SIP trace as the faces see it.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call::Problem;
use crate::engine::Reply;
use crate::sip::trace::{Trace, Traced, to_pcap, to_text};

/// How many messages are listed if nobody says how many.
const LISTED: usize = 200;

/// One SIP message that was sent or came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceView {
    /// Counts up from 1 since the start.
    pub number: u64,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Whether we sent it.
    pub sent: bool,
    /// `udp`, `tcp` or `tls`.
    pub transport: String,
    /// Our address.
    pub local: String,
    /// The far side's address.
    pub remote: String,
    /// The message; secrets are asterisks.
    pub text: String,
}

impl TraceView {
    fn of(message: &Traced) -> Self {
        Self {
            number: message.number,
            at: Timestamp::try_from(message.at)
                .unwrap_or_default()
                .to_string(),
            sent: message.sent,
            transport: format!("{:?}", message.flow.transport).to_lowercase(),
            local: message.flow.local.to_string(),
            remote: message.flow.remote.to_string(),
            text: message.text(),
        }
    }

    /// The line the message begins with.
    pub fn summary(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }
}

/// The last `limit` messages that have a text in them, the oldest first.
pub(super) fn list(trace: &Trace, filter: &str, limit: Option<usize>) -> Reply {
    let found: Vec<_> = trace.find(filter).collect();
    let skipped = found.len().saturating_sub(limit.unwrap_or(LISTED));
    let listed = found.into_iter().skip(skipped).map(TraceView::of);
    serde_json::json!(listed.collect::<Vec<_>>())
}

/// The file that is to be written: a capture if the name ends in `.pcap`, else text; and how many
/// messages it holds.
pub(super) fn contents(trace: &Trace, filter: &str, path: &Path) -> (Vec<u8>, usize) {
    let pcap = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("pcap"));
    let found: Vec<&Traced> = trace.find(filter).collect();
    let messages = found.iter().copied();
    let bytes = if pcap {
        to_pcap(messages)
    } else {
        to_text(messages)
    };
    (bytes, found.len())
}

/// Writes it.
pub(super) fn write(path: &Path, (bytes, count): &(Vec<u8>, usize)) -> Result<Reply, Problem> {
    std::fs::write(path, bytes).map_err(|error| Problem::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    })?;
    Ok(serde_json::json!({ "messages": count, "path": path }))
}
