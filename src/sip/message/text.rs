//! The small words of the grammar: tokens, quoted strings, escapes, splitting (RFC 3261 25.1).

pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b))
}

/// The linear white space that separates words.
pub(super) const SPACE: [char; 2] = [' ', '\t'];

pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(SPACE)
}

/// Splits at `separator` where it stands outside quoted strings and angle brackets.
pub(in crate::sip) fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    let mut rest = text;
    let mut from = 0;
    for (at, c) in text.char_indices() {
        if quoted {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
        } else if bracketed {
            bracketed = c != '>';
        } else if c == '"' {
            quoted = true;
        } else if c == '<' {
            bracketed = true;
        } else if c == separator
            && let Some((part, after)) = rest.split_at_checked(at - from)
        {
            parts.push(part);
            rest = after.get(separator.len_utf8()..).unwrap_or_default();
            from = at + separator.len_utf8();
        }
    }
    parts.push(rest);
    parts
}

/// Where the quoted string that `text` begins with ends: the number of bytes with both quotes.
/// `None` if it doesn't begin with a quote or is not closed.
pub(super) fn quoted_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.strip_prefix('"')?.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// `text` as a quoted string. Line ends become spaces: they can't stand in a header.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '\r' | '\n' => quoted.push(' '),
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii_control() && c != '\t' => quoted.extend(['\\', c]),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// What a quoted string says. Text without quotes is given back as it is.
pub fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.extend(chars.next()),
            '"' => break,
            _ => plain.push(c),
        }
    }
    plain
}

/// Percent escapes undone; `None` if what they make is not UTF-8. A stray `%` stands for itself.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        match after {
            [high, low, tail @ ..] if first == b'%' => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    plain.push(high << 4 | low);
                    rest = tail;
                }
                _ => {
                    plain.push(first);
                    rest = after;
                }
            },
            _ => {
                plain.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(plain).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Everything but `allowed` ASCII punctuation, letters and digits as percent escapes.
pub(super) fn escape(text: &str, allowed: &[u8]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || allowed.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// A number of digits only; `None` for anything else, `Some(None)` if it is greater than `u32`.
pub(super) fn number(text: &str) -> Option<Option<u32>> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_split_outside_quotes_and_brackets() {
        let list = r#""a, \" b" <sip:x,y@h>, z ;q="1,2",,"#;
        assert_eq!(
            split_outside(list, ','),
            [r#""a, \" b" <sip:x,y@h>"#, r#" z ;q="1,2""#, "", ""]
        );
    }

    #[test]
    fn an_unclosed_quote_swallows_the_rest() {
        assert_eq!(split_outside("a,\"b,c", ','), ["a", "\"b,c"]);
    }

    #[test]
    fn quoting_and_unquoting_are_inverse() {
        for text in ["", "plain", r#"a "b" \ c"#, "\0\u{7f}", "Иван"] {
            assert_eq!(unquote(&quote(text)), text);
            assert_eq!(quoted_length(&quote(text)), Some(quote(text).len()));
        }
        assert_eq!(quoted_length("\"open\\\""), None);
    }

    #[test]
    fn escapes_are_undone_and_a_stray_percent_stays() {
        assert_eq!(unescape("%D0%98ван%20%zz%4").as_deref(), Some("Иван %zz%4"));
        assert_eq!(unescape("%ff"), None);
        assert_eq!(escape("a b%", b""), "a%20b%25");
    }

    #[test]
    fn numbers_are_digits_only_and_may_overflow() {
        assert_eq!(number("0009"), Some(Some(9)));
        assert_eq!(number("36893488147419103232"), Some(None));
        for text in ["", "-1", "+1", "1 ", "0x1"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
