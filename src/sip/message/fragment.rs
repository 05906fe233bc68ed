//! The status line of a message as a body of its own: `message/sipfrag` (RFC 3420), by which a
//! NOTIFY tells how a referred call goes on (RFC 3515 section 2.4.5).

use super::reason_phrase;
use super::text::trim;

/// The Content-Type of a fragment.
pub const FRAGMENT_TYPE: &str = "message/sipfrag;version=2.0";

/// The fragment that tells a status.
pub fn write_fragment(status: u16) -> Vec<u8> {
    format!("SIP/2.0 {status} {}\r\n", reason_phrase(status)).into_bytes()
}

/// The status and reason phrase that a fragment begins with. The status is 100 to 699.
pub fn read_fragment(body: &[u8]) -> Option<(u16, String)> {
    let line = body.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let line = String::from_utf8_lossy(line);
    let (version, rest) = trim(&line).split_once(' ')?;
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return None;
    }
    let rest = trim(rest);
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let status = status.parse().ok()?;
    (100..700)
        .contains(&status)
        .then(|| (status, trim(reason).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_line_is_written_and_read() {
        let read = |text: &str| read_fragment(text.as_bytes());
        assert_eq!(
            read_fragment(&write_fragment(180)),
            Some((180, "Ringing".into()))
        );
        assert_eq!(
            read("SIP/2.0 486 Busy Here\r\nTo: x\r\n"),
            Some((486, "Busy Here".into()))
        );
        assert_eq!(read("sip/2.0  200"), Some((200, String::new())));
        for text in [
            "",
            "200 OK",
            "SIP/2.0",
            "SIP/2.0 99 x",
            "SIP/2.0 700 x",
            "SIP/3.0 200 OK",
            "SIP/2.0 2x0 OK",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
