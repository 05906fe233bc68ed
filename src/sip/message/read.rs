use rsip::{Request, Response, SipMessage, Version};

use super::head::{self, Head, broken};
use super::names::method;
use super::text::is_token;
use super::{MAX_LINE, MAX_MESSAGE, ReadError, Uri, build, status_code, validate};

/// Reads one message from a datagram or a frame of a stream.
///
/// Line ends before it are overlooked. Bytes past the Content-Length are cut off; without a
/// Content-Length the body goes to the end (RFC 3261 18.3). In what is given back, names of header
/// fields are canonical and long, values unfolded, and each element of Via, Contact, Route and
/// Record-Route stands in a header field of its own. Via, From, To, Call-ID and CSeq are there and
/// well-formed, and so are Contact, Route, Record-Route and the request URI of a request.
pub fn read(datagram: &[u8]) -> Result<SipMessage, ReadError> {
    let start = datagram
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n'))
        .ok_or(ReadError::Empty)?;
    let bytes = datagram.get(start..).unwrap_or_default();
    if bytes.len() > MAX_MESSAGE {
        return Err(ReadError::TooLarge);
    }
    let (head, body) = match head::end_of_head(bytes, 0) {
        Some((end, body)) => (bytes.get(..end), bytes.get(body..)),
        None => (Some(bytes.strip_suffix(b"\r\n").unwrap_or(bytes)), None),
    };
    let mut head = Head::parse(head.unwrap_or_default());
    if body.is_none() {
        head.problem.get_or_insert((400, "Incomplete Message"));
    }
    let line = head.start.ok_or(ReadError::NotSip)?;
    let body = body_of(&mut head, body.unwrap_or_default());
    if is_sip(line) {
        read_response(line, head, body).map(SipMessage::Response)
    } else {
        read_request(line, head, body).map(SipMessage::Request)
    }
}

fn is_sip(word: &str) -> bool {
    word.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("SIP/"))
}

/// Whether a complete start line is that of a SIP message, so that it is worth reading on.
pub(super) fn is_start_line(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let is_sip = |word: &[u8]| {
        word.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"SIP/"))
    };
    is_sip(line) || line.rsplit(|byte| *byte == b' ').next().is_some_and(is_sip)
}

fn body_of(head: &mut Head, body: &[u8]) -> Vec<u8> {
    let wrong = match head.content_length() {
        Ok(None) => return body.to_vec(),
        Ok(Some(length)) => match body.get(..length) {
            Some(body) => return body.to_vec(),
            None => (400, "Content-Length Larger Than Message"),
        },
        Err(wrong) => wrong,
    };
    head.problem.get_or_insert(wrong);
    Vec::new()
}

fn read_response(line: &str, head: Head, body: Vec<u8>) -> Result<Response, ReadError> {
    let (version, rest) = line.split_once(' ').ok_or(ReadError::NotSip)?;
    let unanswered = |status, reason: &str| ReadError::Broken {
        status,
        reason: reason.to_owned(),
        headers: None,
    };
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(unanswered(505, super::reason_phrase(505)));
    }
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let status = Some(code)
        .filter(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|code| code.parse().ok())
        .filter(|status| (100..700).contains(status))
        .ok_or_else(|| unanswered(400, "Invalid Status Code"))?;
    if let Some((status, reason)) = head.problem {
        return Err(unanswered(status, reason));
    }
    validate::response(&head.headers)?;
    Ok(Response {
        status_code: status_code(status, Some(reason)),
        version: Version::V2,
        headers: head.headers,
        body,
    })
}

/// The method, and the URI or what is wrong with the line.
fn request_line(line: &str) -> Result<(&str, Result<Uri, ReadError>), ReadError> {
    let version = line
        .trim_end()
        .rsplit(' ')
        .next()
        .filter(|version| is_sip(version))
        .ok_or(ReadError::NotSip)?;
    let mut words = line.split(' ');
    let name = words.next().unwrap_or_default();
    let (uri, last, more) = (words.next(), words.next(), words.next());
    let uri = if line.len() > MAX_LINE {
        Err(status_only(414))
    } else if !version.eq_ignore_ascii_case("SIP/2.0") {
        Err(status_only(505))
    } else if !is_token(name) || last != Some(version) || more.is_some() {
        Err(ReadError::bad("Invalid Request Line"))
    } else {
        uri.unwrap_or_default().parse().and_then(|uri: Uri| {
            // RFC 3261 19.1.1: no headers in a request URI.
            match uri.headers {
                Some(_) => Err(ReadError::bad("Headers In Request-URI")),
                None => Ok(uri),
            }
        })
    };
    Ok((name, uri))
}

fn status_only(status: u16) -> ReadError {
    ReadError::Broken {
        status,
        reason: super::reason_phrase(status).to_owned(),
        headers: None,
    }
}

fn read_request(line: &str, head: Head, body: Vec<u8>) -> Result<Request, ReadError> {
    let (name, uri) = request_line(line)?;
    let because = |error: ReadError, status: Option<u16>| match error {
        ReadError::Broken {
            status: own,
            reason,
            ..
        } => broken(name, &head.headers, (status.unwrap_or(own), reason)),
        other => other,
    };
    let uri = uri.map_err(|error| because(error, None))?;
    if let Some(problem) = head.problem {
        return Err(broken(name, &head.headers, problem));
    }
    // 416 is for the request URI alone.
    let valid = validate::request(&head.headers).map_err(|error| because(error, Some(400)))?;
    match method(name) {
        // An unknown method is answered as that, whatever CSeq says (RFC 4475 3.1.2.18).
        Some(_) if valid != name => {
            let problem = (400, "CSeq Does Not Match The Method".to_owned());
            Err(broken(name, &head.headers, problem))
        }
        Some(method) => Ok(Request {
            method,
            uri: build::to_rsip(&uri),
            version: Version::V2,
            headers: head.headers,
            body,
        }),
        None => Err(ReadError::UnknownMethod {
            method: name.to_owned(),
            headers: head::answerable(name, &head.headers),
        }),
    }
}
