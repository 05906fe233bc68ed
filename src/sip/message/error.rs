use rsip::{Headers, Response};

use super::{build, status};

/// Why bytes are not a usable SIP message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing but line ends: a keepalive.
    #[error("an empty message")]
    Empty,
    /// More than [`MAX_MESSAGE`](super::MAX_MESSAGE) bytes.
    #[error("the message is too large")]
    TooLarge,
    /// Not SIP at all; dropped without an answer.
    #[error("not a SIP message")]
    NotSip,
    /// SIP, but against the rules.
    #[error("{status} {reason}")]
    Broken {
        /// The status code that answers it (400, 414, 416, 505, 513).
        status: u16,
        /// The reason phrase of that answer: what is wrong.
        reason: String,
        /// What an answer is made of; `None` if none may be sent (a response, an ACK, or a request
        /// that lacks what an answer has to repeat).
        headers: Option<Box<Headers>>,
    },
    /// A well-formed request with a method we don't know.
    #[error("unknown method {method}")]
    UnknownMethod {
        /// The method as it stands in the request line.
        method: String,
        /// What an answer is made of.
        headers: Option<Box<Headers>>,
    },
}

impl ReadError {
    /// A broken value, with nothing to answer to yet.
    pub(in crate::sip) fn bad(reason: impl Into<String>) -> Self {
        Self::Broken {
            status: 400,
            reason: reason.into(),
            headers: None,
        }
    }

    /// The response this error calls for: 501 to an unknown method, else the error's own status.
    /// `None` if no answer may be sent.
    pub fn answer(&self, to_tag: Option<&str>) -> Option<Response> {
        let (status, reason, headers) = match self {
            Self::Broken {
                status,
                reason,
                headers,
            } => (*status, reason.as_str(), headers.as_deref()?),
            Self::UnknownMethod { headers, .. } => {
                (501, status::reason_phrase(501), headers.as_deref()?)
            }
            Self::Empty | Self::TooLarge | Self::NotSip => return None,
        };
        Some(build::response_from(
            headers,
            status,
            Some(reason),
            to_tag,
            Vec::new(),
            Vec::new(),
        ))
    }
}
