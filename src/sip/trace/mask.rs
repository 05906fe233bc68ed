//! Hides what must not be shown: digests made of a password, passwords in addresses, keys of SRTP,
//! digits in INFO. Any bytes are taken, and their number stays the same.

/// The header fields that carry digests made of a password (RFC 7616, RFC 3261 20.6, 20.44).
const DIGESTS: [&str; 3] = [
    "authorization",
    "proxy-authorization",
    "authentication-info",
];
/// Their parameters that do.
const SECRETS: [&[u8]; 2] = [b"response", b"rspauth"];

/// The same message with its secrets as asterisks.
pub(super) fn hide(message: &[u8]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    let info = bytes.starts_with(b"INFO ");
    let mut in_head = true;
    let mut digest = false;
    for line in bytes.split_mut(|byte| *byte == b'\n') {
        if in_head {
            if line.iter().all(|byte| *byte == b'\r') {
                in_head = false;
                continue;
            }
            // A line that begins with a space goes on with the one before.
            if !matches!(line.first(), Some(b' ' | b'\t')) {
                digest = is_digest(line);
            }
            if digest {
                hide_digest(line);
            }
            hide_userinfo(line);
        } else if info {
            let digits = line.iter_mut().filter(|byte| !byte.is_ascii_whitespace());
            digits.for_each(|byte| *byte = b'*');
        } else {
            hide_keys(line);
        }
    }
    bytes
}

fn is_digest(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
    DIGESTS.contains(&name.as_str())
}

/// What follows `response=` and `rspauth=`; all that follows the scheme if it is not Digest.
fn hide_digest(line: &mut [u8]) {
    if let Some(at) = find(line, b"basic ") {
        hide_rest(line, at + b"basic ".len(), b"\r");
    }
    for secret in SECRETS {
        let mut from = 0;
        while let Some(at) = line.get(from..).and_then(|rest| find(rest, secret)) {
            from += at + secret.len();
            let rest = line.get(from..).unwrap_or_default();
            let space = rest.iter().take_while(|byte| b" \t".contains(byte)).count();
            if rest.get(space) != Some(&b'=') {
                continue;
            }
            let value = rest.iter().skip(space + 1);
            let open = value.take_while(|byte| b" \t\"".contains(byte)).count();
            hide_rest(line, from + space + 1 + open, b"\",\r");
        }
    }
}

/// The keys in `a=crypto` (RFC 4568; there may be several) and in the older `k=` (RFC 4566 5.12).
fn hide_keys(line: &mut [u8]) {
    if line.starts_with(b"k=") {
        hide_rest(line, b"k=".len(), b"\r");
    }
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| find(rest, b"inline:")) {
        from += at + b"inline:".len();
        hide_rest(line, from, b" \t\r|;");
    }
}

/// The password in `sip:user:password@host`.
fn hide_userinfo(line: &mut [u8]) {
    for scheme in [&b"sip:"[..], b"sips:"] {
        let mut from = 0;
        while let Some(at) = line.get(from..).and_then(|rest| find(rest, scheme)) {
            from += at + scheme.len();
            let rest = line.get(from..).unwrap_or_default();
            let ends = |byte: &u8| b"@<>\" \t\r".contains(byte);
            let Some(end) = rest.iter().position(ends) else {
                continue;
            };
            let user = rest.get(..end).unwrap_or_default();
            if rest.get(end) == Some(&b'@')
                && let Some(colon) = user.iter().position(|byte| *byte == b':')
            {
                hide_rest(line, from + colon + 1, b"@");
            }
        }
    }
}

/// Hides from a place on, up to one of these bytes or the end.
fn hide_rest(line: &mut [u8], from: usize, until: &[u8]) {
    let rest = line.get_mut(from..).unwrap_or_default();
    let secret = rest.iter_mut().take_while(|byte| !until.contains(byte));
    secret.for_each(|byte| *byte = b'*');
}

/// Where a text begins, in any case.
fn find(line: &[u8], text: &[u8]) -> Option<usize> {
    line.windows(text.len())
        .position(|window| window.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hidden(text: &str) -> String {
        String::from_utf8(hide(text.as_bytes())).expect("still UTF-8")
    }

    #[test]
    fn digests_are_hidden_and_what_they_are_made_of_is_seen() {
        for (shown, expected) in [
            (
                "Authorization: Digest username=\"a\", response=\"0123\", nonce=\"n\"\r\n\r\n",
                "Authorization: Digest username=\"a\", response=\"****\", nonce=\"n\"\r\n\r\n",
            ),
            (
                "proxy-authorization : Digest\r\n RESPONSE = abcd,nc=1\r\n\r\n",
                "proxy-authorization : Digest\r\n RESPONSE = ****,nc=1\r\n\r\n",
            ),
            (
                "Authentication-Info: rspauth=\"ab\", nextnonce=\"n\"\n\n",
                "Authentication-Info: rspauth=\"**\", nextnonce=\"n\"\n\n",
            ),
            (
                "Authorization: Basic YTpi\r\n\r\n",
                "Authorization: Basic ****\r\n\r\n",
            ),
            (
                "Subject: response=\"no secret\"\r\n\r\n",
                "Subject: response=\"no secret\"\r\n\r\n",
            ),
        ] {
            assert_eq!(hidden(shown), expected);
        }
    }

    #[test]
    fn passwords_in_addresses_are_hidden() {
        assert_eq!(
            hidden("INVITE sip:a:pw@b SIP/2.0\r\nTo: <SIPS:c:d@e:5061>, sip:host:5060\r\n\r\n"),
            "INVITE sip:a:**@b SIP/2.0\r\nTo: <SIPS:c:*@e:5061>, sip:host:5060\r\n\r\n"
        );
    }

    #[test]
    fn keys_of_srtp_and_digits_in_info_are_hidden() {
        assert_eq!(
            hidden("INVITE sip:a SIP/2.0\r\n\r\na=crypto:1 AES inline:abc+/=|2^20\r\na=x\r\n"),
            "INVITE sip:a SIP/2.0\r\n\r\na=crypto:1 AES inline:******|2^20\r\na=x\r\n"
        );
        assert_eq!(
            hidden(
                "SIP/2.0 200 OK\r\n\r\nk=clear:pw\r\na=crypto:2 X inline:ab|1:4;inline:cd|2:4\r\n"
            ),
            "SIP/2.0 200 OK\r\n\r\nk=********\r\na=crypto:2 X inline:**|1:4;inline:**|2:4\r\n"
        );
        assert_eq!(
            hidden("INFO sip:a SIP/2.0\r\n\r\nSignal=5\r\n"),
            "INFO sip:a SIP/2.0\r\n\r\n********\r\n"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_keep_their_number(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(hide(&bytes).len(), bytes.len());
        }

        #[test]
        fn a_response_is_hidden_wherever_it_stands(
            before in "[ -~]{0,20}", secret in "[0-9a-f]{32}", after in "[ -~]{0,20}",
        ) {
            let text = format!("Authorization: {before}, response=\"{secret}\"{after}\r\n\r\n");
            prop_assert!(!hidden(&text).contains(&secret));
        }
    }
}
