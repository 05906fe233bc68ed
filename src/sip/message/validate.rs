//! What a message must have before anybody else sees it (RFC 3261 8.1.1, 8.2, 16.3; RFC 4475).

use rsip::Headers;

use super::head::has_empty_element;
use super::text::number;
use super::{HeadersView, ReadError, cseq};

/// Header fields of which there may be one only.
const SINGLE: [&str; 7] = [
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Max-Forwards",
    "Content-Type",
    "Expires",
];

/// The checks that requests and responses share. Gives the method that CSeq names.
fn common(headers: &Headers) -> Result<&str, ReadError> {
    for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
        if headers.text(name).is_none_or(str::is_empty) {
            return Err(ReadError::bad(format!("Missing {name}")));
        }
    }
    if let Some(name) = SINGLE.iter().find(|name| headers.all(name).len() > 1) {
        return Err(ReadError::bad(format!("More Than One {name}")));
    }
    if has_empty_element(headers) {
        return Err(ReadError::bad("Empty List Element"));
    }
    let call_id = headers.call_id()?;
    if call_id.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(ReadError::bad("Invalid Call-ID"));
    }
    headers.vias()?;
    headers.from_addr()?;
    headers.to_addr()?;
    cseq::parts(headers.text("CSeq").unwrap_or_default()).map(|(_, method)| method)
}

/// Checks the header fields of a request. Gives the method that CSeq names.
pub(super) fn request(headers: &Headers) -> Result<&str, ReadError> {
    let method = common(headers)?;
    if let Some(hops) = headers.text("Max-Forwards")
        && number(hops)
            .flatten()
            .is_none_or(|hops| hops > u32::from(u8::MAX))
    {
        return Err(ReadError::bad("Invalid Max-Forwards"));
    }
    if headers.contact_is_star() && headers.all("Contact").len() > 1 {
        return Err(ReadError::bad("Invalid Contact"));
    }
    headers.contacts()?;
    headers.routes()?;
    headers.record_routes()?;
    Ok(method)
}

/// Checks the header fields of a response.
pub(super) fn response(headers: &Headers) -> Result<(), ReadError> {
    common(headers)?;
    headers.cseq()?;
    Ok(())
}
