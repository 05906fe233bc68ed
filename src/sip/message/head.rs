//! The part of a message before its body: a start line and header fields.

use rsip::{Header, Headers};

use super::names::{canonical, header};
use super::text::{is_token, split_outside, trim};
use super::{HeadersView, MAX_HEADERS, MAX_LINE, ReadError};

/// The start line and the header fields as far as they can be read.
pub(super) struct Head<'a> {
    /// The start line, if it is UTF-8 without stray line ends.
    pub start: Option<&'a str>,
    /// Header fields with canonical names, unfolded, one element per Via, Contact, Route and
    /// Record-Route.
    pub headers: Headers,
    /// The first thing wrong with the header fields: status and reason.
    pub problem: Option<(u16, &'static str)>,
}

/// Where the header section ends: its length without the last line end, and where the body begins.
pub(super) fn end_of_head(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let from = from.saturating_sub(3);
    bytes
        .get(from..)?
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| (from + at, from + at + 4))
}

/// Lists whose order and first element matter are taken apart, so that the first Via field is the
/// topmost Via.
const TAKEN_APART: [&str; 4] = ["Via", "Contact", "Route", "Record-Route"];

impl<'a> Head<'a> {
    /// Reads a header section without the empty line at its end.
    pub fn parse(bytes: &'a [u8]) -> Self {
        let mut lines = Lines(Some(bytes));
        let start = lines.next().and_then(plain);
        let mut head = Self {
            start,
            headers: Headers::default(),
            problem: None,
        };
        let mut room = MAX_HEADERS;
        let mut field = Vec::new();
        for line in lines {
            match line {
                [b' ' | b'\t', folded @ ..] => {
                    if field.is_empty() {
                        head.wrong(400, "Folded start line");
                    } else if field.len() <= MAX_LINE {
                        field.push(b' ');
                        field.extend_from_slice(folded.trim_ascii());
                    }
                }
                _ => {
                    head.field(&field, &mut room);
                    field.clear();
                    field.extend_from_slice(line);
                }
            }
        }
        head.field(&field, &mut room);
        head
    }

    fn wrong(&mut self, status: u16, reason: &'static str) {
        self.problem.get_or_insert((status, reason));
    }

    fn field(&mut self, line: &[u8], room: &mut usize) {
        if line.is_empty() {
            return;
        }
        if line.len() > MAX_LINE {
            return self.wrong(513, "Header Too Long");
        }
        let Some(line) = plain(line) else {
            return self.wrong(400, "Invalid Character In Header");
        };
        let Some((name, value)) = line.split_once(':') else {
            return self.wrong(400, "Header Without Colon");
        };
        let (name, value) = (canonical(trim(name)), trim(value));
        if !is_token(name) {
            return self.wrong(400, "Invalid Header Name");
        }
        let values = if TAKEN_APART.contains(&name) {
            split_outside(value, ',')
        } else {
            vec![value]
        };
        for value in values {
            let Some(left) = room.checked_sub(1) else {
                return self.wrong(513, "Too Many Headers");
            };
            *room = left;
            self.headers.push(header(name, trim(value)));
        }
    }

    /// The Content-Length, if there is one. Several that agree are one.
    pub fn content_length(&self) -> Result<Option<usize>, (u16, &'static str)> {
        let mut length = None;
        for text in self.headers.all("Content-Length") {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let read = digits.then(|| text.parse().ok()).flatten();
            match (read, length) {
                (None, _) => return Err((400, "Invalid Content-Length")),
                (Some(new), Some(old)) if new != old => {
                    return Err((400, "Contradicting Content-Length"));
                }
                _ => length = read,
            }
        }
        Ok(length)
    }
}

/// What an answer to a request is made of, if it may be answered at all.
pub(super) fn answerable(method: &str, headers: &Headers) -> Option<Box<Headers>> {
    let needed = ["Via", "From", "To", "Call-ID", "CSeq"];
    let complete = needed.iter().all(|name| headers.text(name).is_some());
    (method != "ACK" && complete).then(|| Box::new(headers.clone()))
}

/// The error for a request whose header fields could be read this far.
pub(super) fn broken(
    method: &str,
    headers: &Headers,
    (status, reason): (u16, impl Into<String>),
) -> ReadError {
    ReadError::Broken {
        status,
        reason: reason.into(),
        headers: answerable(method, headers),
    }
}

/// Text without stray line ends.
fn plain(line: &[u8]) -> Option<&str> {
    std::str::from_utf8(line)
        .ok()
        .filter(|line| !line.contains(['\r', '\n']))
}

/// The lines between CRLFs.
struct Lines<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let bytes = self.0.take()?;
        let end = bytes.windows(2).position(|window| window == b"\r\n");
        let (line, rest) = match end.and_then(|end| bytes.split_at_checked(end)) {
            Some((line, rest)) => (line, rest.get(2..)),
            None => (bytes, None),
        };
        self.0 = rest;
        Some(line)
    }
}

/// The elements of a header in which empty elements are an error (RFC 4475 3.1.2.1).
pub(super) fn has_empty_element(headers: &Headers) -> bool {
    headers.iter().any(|field: &Header| {
        let (name, value) = super::name_and_value(field);
        TAKEN_APART.contains(&name) && value.is_empty()
    })
}
