//! Digits in SIP INFO.

/// Duration of a digit sent, milliseconds.
const DIGIT_MS: u32 = 160;
/// The content type they are sent as.
pub(super) const RELAY: &str = "application/dtmf-relay";

/// The body that sends a digit as [`RELAY`].
pub(super) fn body_of(digit: char) -> Vec<u8> {
    format!("Signal={digit}\r\nDuration={DIGIT_MS}\r\n").into_bytes()
}

/// Whether a telephone has this key.
pub(super) fn is_dtmf(digit: char) -> bool {
    matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D')
}

/// The digit of an INFO: `application/dtmf-relay` says `Signal=5`, `application/dtmf` says `5`.
pub(super) fn digit_of(content_type: &str, body: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(body).ok()?;
    let kind = content_type.split(';').next()?.trim().to_ascii_lowercase();
    let signal = match kind.as_str() {
        "application/dtmf-relay" => text.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("signal")
                .then(|| value.trim())
        })?,
        "application/dtmf" => text.trim(),
        _ => return None,
    };
    // Some send the RFC 4733 event code for the star and the hash.
    let digit = match signal {
        "10" => '*',
        "11" => '#',
        one => one
            .chars()
            .next()
            .filter(|_| one.len() == 1)?
            .to_ascii_uppercase(),
    };
    is_dtmf(digit).then_some(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_by_both_kinds_of_info() {
        let relay = |body: &str| digit_of("application/dtmf-relay", body.as_bytes());
        assert_eq!(relay("Signal=5\r\nDuration=160\r\n"), Some('5'));
        assert_eq!(relay("signal = #\n"), Some('#'));
        assert_eq!(relay("Signal=11\n"), Some('#'));
        assert_eq!(relay("Signal=55\n"), None);
        assert_eq!(relay("Duration=1\n"), None);
        assert_eq!(digit_of("application/dtmf; x=y", b"*"), Some('*'));
        assert_eq!(digit_of("text/plain", b"1"), None);
        assert_eq!(digit_of("application/dtmf", b"\xff"), None);
    }
}
