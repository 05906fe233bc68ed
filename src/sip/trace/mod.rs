//! The last SIP messages, to see why something does not work. Secrets are hidden before anything
//! is kept, so that a trace can be shown to others.

mod mask;
mod pcap;

use std::collections::VecDeque;
use std::time::SystemTime;

use crate::sip::flow::Flow;

/// How many messages are kept.
const MAX_MESSAGES: usize = 1000;
/// How many octets they have together.
const MAX_OCTETS: usize = 2 << 20;

/// One message as it was on the network, but for what is hidden.
#[derive(Debug, Clone)]
pub struct Traced {
    /// Counts up from 1; what is missing before the first was forgotten.
    pub number: u64,
    /// When it was sent or came.
    pub at: SystemTime,
    /// The way it took.
    pub flow: Flow,
    /// Whether we sent it.
    pub sent: bool,
    /// The message, of the length it had; secrets are asterisks.
    pub bytes: Vec<u8>,
}

impl Traced {
    /// The message as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Whether a text is in it, in any case, or in the far side's address.
    pub fn has(&self, wanted: &str) -> bool {
        let wanted = wanted.trim().to_lowercase();
        self.text().to_lowercase().contains(&wanted)
            || self.flow.remote.to_string().contains(&wanted)
    }
}

/// The last messages, at most 1000 of them and 2 MiB.
#[derive(Debug, Default)]
pub struct Trace {
    messages: VecDeque<Traced>,
    octets: usize,
    count: u64,
}

impl Trace {
    /// Keeps a message; keepalives are no messages.
    pub fn keep(&mut self, at: SystemTime, flow: Flow, sent: bool, bytes: &[u8]) {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        self.count += 1;
        self.octets += bytes.len();
        self.messages.push_back(Traced {
            number: self.count,
            at,
            flow,
            sent,
            bytes: mask::hide(bytes),
        });
        while self.messages.len() > MAX_MESSAGES || self.octets > MAX_OCTETS {
            let Some(oldest) = self.messages.pop_front() else {
                return;
            };
            self.octets -= oldest.bytes.len();
        }
    }

    /// The messages that have this text in them (all of them have an empty one), the oldest first.
    pub fn find<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'a Traced> {
        let all = wanted.trim().is_empty();
        let found = self.messages.iter();
        found.filter(move |message| all || message.has(wanted))
    }
}

/// Messages as a text file, each under a line with its time, its way and its direction.
pub fn to_text<'a>(messages: impl Iterator<Item = &'a Traced>) -> Vec<u8> {
    let mut text = Vec::new();
    for message in messages {
        let Flow {
            transport,
            local,
            remote,
            ..
        } = message.flow;
        let arrow = if message.sent { "->" } else { "<-" };
        let at = jiff::Timestamp::try_from(message.at).unwrap_or_default();
        let head = format!("--- {at} {transport:?} {local} {arrow} {remote}\r\n");
        text.extend_from_slice(head.as_bytes());
        text.extend_from_slice(&message.bytes);
        text.extend_from_slice(b"\r\n");
    }
    text
}

pub use pcap::to_pcap;

#[cfg(test)]
mod tests {
    use super::*;

    fn flow() -> Flow {
        Flow::udp(([192, 0, 2, 1], 5060).into(), ([192, 0, 2, 2], 5070).into())
    }

    #[test]
    fn the_last_messages_are_kept_and_no_more() {
        let mut trace = Trace::default();
        for number in 0..3000 {
            let text = format!("OPTIONS sip:{number} SIP/2.0\r\n\r\n");
            trace.keep(SystemTime::now(), flow(), true, text.as_bytes());
        }
        let numbers: Vec<_> = trace.find("").map(|message| message.number).collect();
        assert_eq!((numbers.len(), numbers[0]), (MAX_MESSAGES, 2001));
        for _ in 0..100 {
            trace.keep(SystemTime::now(), flow(), true, &[b'x'; 60_000]);
        }
        assert!(trace.octets <= MAX_OCTETS && trace.find("").count() == 34);
        trace.keep(SystemTime::now(), flow(), true, &vec![b'x'; 3 << 20]);
        assert_eq!((trace.octets, trace.find("").count()), (0, 0));
    }

    #[test]
    fn a_keepalive_is_no_message() {
        let mut trace = Trace::default();
        for bytes in [&b"\r\n\r\n"[..], b"\r\n", b""] {
            trace.keep(SystemTime::now(), flow(), false, bytes);
        }
        assert_eq!(trace.find("").count(), 0);
    }

    #[test]
    fn messages_are_found_by_what_is_in_them() {
        let mut trace = Trace::default();
        for text in [
            "INVITE sip:bob@b SIP/2.0\r\n\r\n",
            "BYE sip:ann@b SIP/2.0\r\n\r\n",
        ] {
            trace.keep(SystemTime::now(), flow(), false, text.as_bytes());
        }
        for (wanted, found) in [("", 2), (" BOB ", 1), ("bye", 1), ("5070", 2), ("x", 0)] {
            assert_eq!(trace.find(wanted).count(), found, "{wanted}");
        }
    }

    #[test]
    fn a_text_says_when_and_where_each_message_went() {
        let mut trace = Trace::default();
        let at = SystemTime::UNIX_EPOCH;
        trace.keep(at, flow(), true, b"ACK sip:b SIP/2.0\r\n\r\n");
        let text = String::from_utf8(to_text(trace.find(""))).expect("UTF-8");
        assert_eq!(
            text,
            "--- 1970-01-01T00:00:00Z Udp 192.0.2.1:5060 -> 192.0.2.2:5070\r\n\
             ACK sip:b SIP/2.0\r\n\r\n\r\n"
        );
    }
}
