//! From what a person types, pastes or clicks to what is dialled.

use super::HostPort;

/// The longest text that is read as a number or address, in octets.
const LONGEST: usize = 512;

/// Marks of direction and width that come along when text is copied from web pages and chats.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// What is to be dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A number or name at the domain of the account that is used, as it was typed;
    /// [`request_user`] makes the user part of the request URI of it.
    User(String),
    /// A full `sip:` or `sips:` URI that goes out as it is.
    Uri(String),
}

/// Why a text cannot be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing is there, or only separators.
    #[error("there is nothing to dial")]
    Empty,
    /// Longer than any number or address.
    #[error("too long")]
    TooLong,
    /// A character that cannot be seen, such as a line break, is inside.
    #[error("a character that cannot be seen is inside")]
    Control,
    /// A link of a kind that cannot be dialled.
    #[error("this kind of link cannot be dialled")]
    Scheme,
    /// The percent signs of a link do not stand for text.
    #[error("the link is broken")]
    Escape,
    /// What stands behind the `@` is not a host.
    #[error(transparent)]
    Host(#[from] super::HostError),
}

/// Reads a number, a SIP address or a `tel:`, `sip:`, `sips:` or `callto:` link.
///
/// The headers that a SIP link may carry behind `?` (RFC 3261 19.1.1) are dropped: what is sent
/// is not up to who wrote the link. So are the parameters of a `tel:` link (RFC 3966).
///
/// # Errors
/// The reason it cannot be dialled.
pub fn parse_target(text: &str) -> Result<Target, NumberError> {
    if text.len() > LONGEST {
        return Err(NumberError::TooLong);
    }
    let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let mut text = text.trim_matches(|c: char| c.is_whitespace() || c == '`');
    // The form of a From or Contact header: "Ivan" <sip:ivan@example.com>.
    if let Some((_, rest)) = text.split_once('<')
        && let Some(inside) = rest.strip_suffix('>')
    {
        text = inside.trim();
    }
    if text.chars().any(char::is_control) {
        return Err(NumberError::Control);
    }
    match split_scheme(text) {
        Some((Scheme::Tel, rest)) => {
            let number = rest.split([';', '?']).next().unwrap_or(rest);
            user(&unescape(number)?)
        }
        Some((Scheme::Callto, rest)) => {
            let rest = unescape(rest.split('?').next().unwrap_or(rest))?;
            match split_scheme(&rest) {
                Some((Scheme::Sip(scheme), address)) => sip(scheme, address),
                Some(_) => Err(NumberError::Scheme),
                None => typed(&rest),
            }
        }
        Some((Scheme::Sip(scheme), rest)) => sip(scheme, rest),
        Some((Scheme::Other, _)) => Err(NumberError::Scheme),
        None => typed(text),
    }
}

/// The user part of a request URI for a number or name, as RFC 3261 25.1 `user` allows it.
///
/// If it looks like a telephone number, spaces, brackets, dashes and dots are dropped. What is
/// not allowed in a user part is percent-escaped.
///
/// # Errors
/// [`NumberError::Empty`] if nothing is left.
pub fn request_user(number: &str) -> Result<String, NumberError> {
    let number = number.trim();
    let bare: String = match is_telephone_number(number) {
        true => number.chars().filter(|c| !is_separator(*c)).collect(),
        false => number.into(),
    };
    if !bare
        .chars()
        .any(|c| c.is_alphanumeric() || matches!(c, '*' | '#'))
    {
        return Err(NumberError::Empty);
    }
    Ok(escape(&bare))
}

enum Scheme {
    Tel,
    Callto,
    Sip(&'static str),
    Other,
}

/// The scheme of a link and what follows it, without the slashes that some browsers add.
fn split_scheme(text: &str) -> Option<(Scheme, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let scheme = match scheme.trim().to_ascii_lowercase().as_str() {
        "tel" => Scheme::Tel,
        "callto" => Scheme::Callto,
        "sip" => Scheme::Sip("sip"),
        "sips" => Scheme::Sip("sips"),
        // "user:password@host" and "host:5060" are addresses, not links.
        _ if rest.starts_with("//") || scheme.eq_ignore_ascii_case("mailto") => Scheme::Other,
        _ => return None,
    };
    let rest = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_suffix('/').unwrap_or(rest),
        None => rest,
    };
    Some((scheme, rest.trim()))
}

/// What was typed without a scheme: a number, a name, or `user@host`.
fn typed(text: &str) -> Result<Target, NumberError> {
    match text.contains('@') {
        true => sip("sip", text),
        false => user(text),
    }
}

fn user(text: &str) -> Result<Target, NumberError> {
    if text.chars().any(char::is_control) {
        return Err(NumberError::Control);
    }
    let text = text.trim();
    request_user(text)?;
    Ok(Target::User(text.into()))
}

fn sip(scheme: &str, address: &str) -> Result<Target, NumberError> {
    let Some((user_part, rest)) = address.rsplit_once('@') else {
        let (host, parameters) = split_host(address);
        // A lone word or number behind "sip:" is somebody at the account's own domain.
        let is_host = host.starts_with('[') || (host.contains('.') && !is_telephone_number(host));
        return match is_host {
            true => Ok(Target::Uri(format!(
                "{scheme}:{}{parameters}",
                read_host(host)?
            ))),
            false => user(&unescape(host)?),
        };
    };
    let (host, parameters) = split_host(rest);
    let user_part = match user_part
        .chars()
        .all(|c| is_user_char(c) || matches!(c, '%' | ':'))
    {
        true => user_part.to_string(),
        false => request_user(&unescape(user_part)?)?,
    };
    if user_part.is_empty() {
        return Err(NumberError::Empty);
    }
    Ok(Target::Uri(format!(
        "{scheme}:{user_part}@{}{parameters}",
        read_host(host)?
    )))
}

/// The host with its port, and the parameters with their semicolon; headers are dropped.
fn split_host(text: &str) -> (&str, &str) {
    let text = text.split('?').next().unwrap_or(text);
    let (host, parameters) = text.split_at(text.find(';').unwrap_or(text.len()));
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '@' | ',');
    match parameters.chars().all(plain) {
        true => (host.trim(), parameters),
        false => (host.trim(), ""),
    }
}

fn read_host(text: &str) -> Result<HostPort, NumberError> {
    Ok(text.parse::<HostPort>()?)
}

/// Digits, `*`, `#`, a plus in front, and separators.
fn is_telephone_number(text: &str) -> bool {
    let text = text.trim_start_matches(is_separator);
    let rest = text.strip_prefix('+').unwrap_or(text);
    let is_sign = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
    rest.chars().any(is_sign) && rest.chars().all(|c| is_sign(c) || is_separator(c))
}

/// What people put between the digits of a telephone number (RFC 3966 `visual-separator`, and
/// what word processors make of it).
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '(' | ')' | '[' | ']' | '-' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
}

/// RFC 3261 25.1 `unreserved` and `user-unreserved`.
fn is_user_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '-' | '_' | '.' | '!' | '~' | '*' | '\'' | '(' | ')')
        || matches!(c, '&' | '=' | '+' | '$' | ',' | ';' | '?' | '/')
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_user_char(c) {
            escaped.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    escaped
}

fn unescape(text: &str) -> Result<String, NumberError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let digits = rest.split_at_checked(2).ok_or(NumberError::Escape)?;
        let byte = std::str::from_utf8(digits.0)
            .ok()
            .filter(|d| !d.starts_with('+'));
        bytes.push(
            byte.and_then(|d| u8::from_str_radix(d, 16).ok())
                .ok_or(NumberError::Escape)?,
        );
        rest = digits.1;
    }
    String::from_utf8(bytes).map_err(|_| NumberError::Escape)
}

#[cfg(test)]
mod tests {
    use super::super::HostError;
    use super::*;

    #[test]
    fn numbers_and_names_become_the_user_part() {
        let table = [
            ("101", "101"),
            (" 8 (926) 123-45-67 ", "89261234567"),
            ("+7 926 123.45.67", "+79261234567"),
            ("8\u{a0}800\u{2011}555\u{2013}35\u{2212}35", "88005553535"),
            ("\u{202a}+7 926 1234567\u{202c}", "+79261234567"),
            ("[495] 123", "495123"),
            ("*100#", "*100%23"),
            ("#31#8926", "%2331%238926"),
            ("`101`", "101"),
            ("echo", "echo"),
            ("1-800-FLOWERS", "1-800-FLOWERS"),
            ("john.doe", "john.doe"),
            ("alice smith", "alice%20smith"),
            ("иван", "%D0%B8%D0%B2%D0%B0%D0%BD"),
            ("100%", "100%25"),
            ("a:b", "a%3Ab"),
            ("7+1", "7+1"),
            ("tel:+7-926-123-45-67", "+79261234567"),
            ("TEL:%2B7(926)1234567", "+79261234567"),
            ("tel:*100%23", "*100%23"),
            ("tel://+79261234567/", "+79261234567"),
            ("tel:101;phone-context=example.com", "101"),
            ("callto:101", "101"),
            ("callto://+7%20926%201234567", "+79261234567"),
            ("sip:101", "101"),
            ("sip:+7.926.1234567", "+79261234567"),
            ("<sip:echo>", "echo"),
        ];
        for (text, user) in table {
            let target = parse_target(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            let Target::User(number) = target else {
                panic!("{text}: {target:?}")
            };
            assert_eq!(request_user(&number), Ok(user.into()), "{text}");
        }
    }

    #[test]
    fn addresses_go_out_as_they_are() {
        let table = [
            ("alice@example.com", "sip:alice@example.com"),
            ("sip:alice@example.com", "sip:alice@example.com"),
            ("SIPS:alice@example.com:5061", "sips:alice@example.com:5061"),
            (
                "sip:a%20b@example.com;transport=tcp",
                "sip:a%20b@example.com;transport=tcp",
            ),
            (
                "sip:alice@[2001:db8::1]:5070",
                "sip:alice@[2001:db8::1]:5070",
            ),
            ("\"Alice\" <sip:alice@example.com>", "sip:alice@example.com"),
            ("sip://alice@example.com/", "sip:alice@example.com"),
            ("sip:alice@example.com?Subject=buy", "sip:alice@example.com"),
            ("sip:alice@example.com;x=\u{2028}y", "sip:alice@example.com"),
            ("callto:alice@example.com", "sip:alice@example.com"),
            ("callto:sip:alice%40example.com", "sip:alice@example.com"),
            (
                "8 (926) 123-45-67@example.com",
                "sip:89261234567@example.com",
            ),
            ("*100#@example.com", "sip:*100%23@example.com"),
            ("a@b@example.com", "sip:a%40b@example.com"),
            ("sip:example.com", "sip:example.com"),
            ("sip:[::1]:5060", "sip:[::1]:5060"),
        ];
        for (text, uri) in table {
            assert_eq!(parse_target(text), Ok(Target::Uri(uri.into())), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_dialled_is_refused_with_the_reason() {
        let table = [
            ("", NumberError::Empty),
            (" - ( ) ", NumberError::Empty),
            ("+", NumberError::Empty),
            ("tel:", NumberError::Empty),
            ("sip:", NumberError::Empty),
            ("@example.com", NumberError::Empty),
            ("101\n102", NumberError::Control),
            ("tel:1%0A2", NumberError::Control),
            ("tel:1%2", NumberError::Escape),
            ("tel:%FF", NumberError::Escape),
            ("https://example.com", NumberError::Scheme),
            ("mailto:alice@example.com", NumberError::Scheme),
            ("callto:callto:1", NumberError::Scheme),
            ("alice@", NumberError::Host(HostError::Empty)),
            ("alice@exa mple.com", NumberError::Host(HostError::Space)),
            ("alice@2001:db8::1", NumberError::Host(HostError::Brackets)),
        ];
        for (text, error) in table {
            assert_eq!(parse_target(text), Err(error), "{text:?}");
        }
        assert_eq!(parse_target(&"1".repeat(600)), Err(NumberError::TooLong));
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_can_be_typed_breaks_the_reader(text in "\\PC{0,40}") {
            if let Ok(Target::User(number)) = parse_target(&text) {
                let user = request_user(&number).unwrap();
                assert!(user.chars().all(|c| is_user_char(c) || c == '%'), "{user}");
            }
        }
    }
}
