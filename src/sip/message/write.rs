use rsip::{Headers, Request, Response, SipMessage};

use super::build::from_rsip;
use super::names::name_and_value;
use super::status::reason_of;

/// The bytes of a message. Header fields keep their order; Content-Length is set to what the body
/// has (where it stands, else as the last). Line ends inside values become spaces, so that no
/// value can add a header field.
pub fn write(message: &SipMessage) -> Vec<u8> {
    match message {
        SipMessage::Request(request) => write_request(request),
        SipMessage::Response(response) => write_response(response),
    }
}

/// The bytes of a request; see [`write()`].
pub fn write_request(request: &Request) -> Vec<u8> {
    let line = format!("{} {} SIP/2.0", request.method, from_rsip(&request.uri));
    assemble(&line, &request.headers, &request.body)
}

/// The bytes of a response; see [`write()`].
pub fn write_response(response: &Response) -> Vec<u8> {
    let status = response.status_code.code();
    let line = format!("SIP/2.0 {status} {}", reason_of(response));
    assemble(&line, &response.headers, &response.body)
}

fn assemble(line: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512 + body.len());
    put(&mut bytes, line);
    let length = body.len().to_string();
    let mut measured = false;
    for (name, value) in headers.iter().map(name_and_value) {
        let value = if name.eq_ignore_ascii_case("Content-Length") {
            if std::mem::replace(&mut measured, true) {
                continue;
            }
            length.as_str()
        } else {
            value
        };
        put_field(&mut bytes, name, value);
    }
    if !measured {
        put_field(&mut bytes, "Content-Length", &length);
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

fn put_field(bytes: &mut Vec<u8>, name: &str, value: &str) {
    put(bytes, &format!("{name}: {value}"));
}

fn put(bytes: &mut Vec<u8>, line: &str) {
    bytes.extend(line.bytes().map(|byte| match byte {
        b'\r' | b'\n' => b' ',
        byte => byte,
    }));
    bytes.extend_from_slice(b"\r\n");
}
