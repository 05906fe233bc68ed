use std::fmt;
use std::str::FromStr;

use super::text::{number, quote, quoted_length, trim, unquote};
use super::{Params, ReadError, Uri};

/// A From, To, Contact, Route or Record-Route value (RFC 3261 20.10): a name, a URI, parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NameAddr {
    /// The display name in plain text.
    pub display: Option<String>,
    /// The address.
    pub uri: Uri,
    /// The header parameters, not those of the URI.
    pub params: Params,
}

impl NameAddr {
    /// Just an address.
    pub fn new(uri: Uri) -> Self {
        Self {
            display: None,
            uri,
            params: Params::new(),
        }
    }

    /// The same with a display name; an empty one is none.
    pub fn with_display(mut self, display: Option<&str>) -> Self {
        self.display = display
            .filter(|display| !display.is_empty())
            .map(str::to_owned);
        self
    }

    /// The same with a tag.
    pub fn with_tag(mut self, tag: &str) -> Self {
        self.set_tag(tag);
        self
    }

    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&str> {
        self.params.value("tag")
    }

    /// Sets the `tag` parameter.
    pub fn set_tag(&mut self, tag: &str) {
        self.params.set("tag", Some(tag));
    }

    /// The `expires` parameter of a Contact, seconds. A number too great counts as the greatest.
    pub fn expires(&self) -> Option<u32> {
        number(self.params.value("expires")?).map(|seconds| seconds.unwrap_or(u32::MAX))
    }
}

impl From<Uri> for NameAddr {
    fn from(uri: Uri) -> Self {
        Self::new(uri)
    }
}

impl FromStr for NameAddr {
    type Err = ReadError;

    fn from_str(text: &str) -> Result<Self, ReadError> {
        let text = trim(text);
        let (display, rest) = if text.starts_with('"') {
            let length =
                quoted_length(text).ok_or_else(|| ReadError::bad("Quotes are not balanced"))?;
            let (quoted, rest) = text.split_at_checked(length).unwrap_or((text, ""));
            let rest = trim(rest);
            if !rest.starts_with('<') {
                return Err(ReadError::bad("Display name without an address"));
            }
            (unquote(quoted), rest)
        } else {
            let start = text.find('<').unwrap_or(0);
            let (display, rest) = text.split_at_checked(start).unwrap_or(("", text));
            if display.contains('"') {
                return Err(ReadError::bad("Quotes are not balanced"));
            }
            (trim(display).to_owned(), rest)
        };
        let (uri, params) = match rest.strip_prefix('<') {
            Some(inner) => inner
                .split_once('>')
                .ok_or_else(|| ReadError::bad("Address without closing bracket"))?,
            None => {
                // RFC 3261 20.10: parameters after a bare address are the header's, and a bare
                // address can't hold a comma or question mark.
                let end = rest.find(';').unwrap_or(rest.len());
                let (uri, params) = rest.split_at_checked(end).unwrap_or((rest, ""));
                if uri.contains([',', '?']) {
                    return Err(ReadError::bad("Address needs angle brackets"));
                }
                (uri, params)
            }
        };
        let params = Params::parse(params)?;
        Ok(Self {
            display: Some(display).filter(|display| !display.is_empty()),
            uri: trim(uri).parse()?,
            params,
        })
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            write!(f, "{} ", quote(display))?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> NameAddr {
        text.parse().expect(text)
    }

    #[test]
    fn every_way_to_write_an_address_is_understood() {
        for (text, printed) in [
            ("sip:a@b", "<sip:a@b>"),
            ("<sip:a@b>", "<sip:a@b>"),
            ("Alice <sip:a@b>;tag=1", "\"Alice\" <sip:a@b>;tag=1"),
            ("Anna Maria<sip:a@b>", "\"Anna Maria\" <sip:a@b>"),
            (r#""J \"R\" \\" <sip:a@b>"#, r#""J \"R\" \\" <sip:a@b>"#),
            ("\"\" <sip:a@b>", "<sip:a@b>"),
            (
                "\"<x>;,\"<sip:a@b;lr>;q=0.5",
                "\"<x>;,\" <sip:a@b;lr>;q=0.5",
            ),
            ("Bell, Alexander <sip:a@b>", "\"Bell, Alexander\" <sip:a@b>"),
            ("Иван <tel:+79261234567>", "\"Иван\" <tel:+79261234567>"),
            ("\"W\" < sip:a@b >", "\"W\" <sip:a@b>"),
            (
                "sip:a@b ;   tag    = 1918181833n",
                "<sip:a@b>;tag=1918181833n",
            ),
        ] {
            assert_eq!(address(text).to_string(), printed);
            assert_eq!(address(printed).to_string(), printed);
        }
    }

    #[test]
    fn parameters_after_a_bare_address_belong_to_the_header() {
        let bare = address("sip:a@b;transport=tcp;tag=x");
        assert!(bare.uri.params.is_empty());
        assert_eq!(
            (bare.params.has("transport"), bare.tag()),
            (true, Some("x"))
        );
        let bracketed = address("<sip:a@b;transport=tcp>;tag=x");
        assert_eq!(bracketed.uri.transport(), Some("tcp"));
        assert!(!bracketed.params.has("transport"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "<>",
            "<sip:a@b",
            "\"Mr. J. User <sip:a@b>",
            "Mr \"J <sip:a@b>",
            "\"x\" sip:a@b",
            "sip:a@b?Route=x",
            "<sip:a@b>x",
            "sip:a,b@c",
            "*",
            ";;,;",
            "\"W\" < a@b >",
        ] {
            assert!(text.parse::<NameAddr>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_contact_says_how_long_it_lives() {
        assert_eq!(address("<sip:a@b>;expires=0060").expires(), Some(60));
        assert_eq!(
            address("<sip:a@b>;expires=280297596632815").expires(),
            Some(u32::MAX)
        );
        assert_eq!(address("<sip:a@b>;expires=soon").expires(), None);
    }
}
