//! SIP messages: bytes to [`rsip`] values and back, and typed views of the headers a stack works
//! with (RFC 3261 sections 7, 19, 20 and 25).
//!
//! [`rsip`]'s values are the currency between the parts of the stack. What comes from the network
//! is read by [`read`] (a datagram or one frame) after [`Framer`] has cut a stream into frames, and
//! [`write()`] makes bytes of a message. [`HeadersView`] and [`HeadersEdit`] look into and change the
//! headers. Nothing here trusts its input: lengths, counts and numbers are bounded, and a message
//! that can't be understood comes back as a [`ReadError`] that knows how to be answered.

mod build;
mod cseq;
mod dialog_info;
mod error;
mod fragment;
mod frame;
mod head;
mod host;
mod name_addr;
mod names;
mod params;
mod read;
mod replaces;
mod status;
mod summary;
mod text;
mod uri;
mod validate;
mod via;
mod view;
mod write;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod torture;

pub use build::{request, request_uri, response_to};
pub use cseq::CSeq;
pub use dialog_info::{DialogInfo, DialogStage, DialogState};
pub use error::ReadError;
pub use fragment::{FRAGMENT_TYPE, read_fragment, write_fragment};
pub use frame::{Frame, Framer};
pub use host::Host;
pub use name_addr::NameAddr;
pub use names::{header, name_and_value};
pub use params::Params;
pub use read::read;
pub use replaces::Replaces;
pub use rsip::{Method, Request, Response, SipMessage, StatusCode};
pub use status::{reason_of, reason_phrase, status_code};
pub use summary::MessageSummary;
pub use text::{quote, unquote};
pub use uri::{Scheme, Uri};
pub use via::Via;
pub use view::{HeadersEdit, HeadersView};
pub use write::{write, write_request, write_response};

pub(in crate::sip) use text::split_outside;

/// Longest message that is read, in bytes.
pub const MAX_MESSAGE: usize = 64 * 1024;
/// Most header fields in one message, counted after lists are taken apart.
pub const MAX_HEADERS: usize = 256;
/// Longest start line or unfolded header field, in bytes.
pub const MAX_LINE: usize = 8 * 1024;
