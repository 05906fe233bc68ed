use std::fmt;
use std::str::FromStr;

use super::text::{escape, unescape};
use super::{Host, Params, ReadError};

/// The scheme of a [`Uri`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`: TLS all the way.
    Sips,
    /// `tel:` (RFC 3966).
    Tel,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sip => "sip",
            Self::Sips => "sips",
            Self::Tel => "tel",
        })
    }
}

/// A SIP, SIPS or telephone URI (RFC 3261 19.1, RFC 3966).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uri {
    /// The scheme.
    pub scheme: Scheme,
    /// The user part as it is written, escapes and a `:password` included; the number of a `tel:`.
    pub user: Option<String>,
    /// The host; an empty name in a `tel:`.
    pub host: Host,
    /// The port, if one is written.
    pub port: Option<u16>,
    /// The URI parameters.
    pub params: Params,
    /// What stands after `?`, as it is written.
    pub headers: Option<String>,
}

/// What may stand in a user part unescaped (RFC 3261 25.1, `unreserved` and `user-unreserved`).
const USER: &[u8] = b"-_.!~*'()&=+$,;?/";
/// What may stand in a header of a URI unescaped (`unreserved` and `hnv-unreserved`).
const HEADER: &[u8] = b"-_.!~*'()[]/?:+$";

impl Uri {
    /// A `sip:` URI. `user` is plain text: what may not stand in a URI is escaped.
    pub fn new(user: Option<&str>, host: Host, port: Option<u16>) -> Self {
        Self {
            scheme: Scheme::Sip,
            user: user.map(|user| escape(user, USER)),
            host,
            port,
            params: Params::new(),
            headers: None,
        }
    }

    /// The same with one more parameter.
    pub fn with_param(mut self, name: &str, value: Option<&str>) -> Self {
        self.params.set(name, value);
        self
    }

    /// The same with a header for the request that is made of it (RFC 3261 19.1.1). `value` is
    /// plain text.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let header = format!("{name}={}", escape(value, HEADER));
        self.headers = Some(match self.headers {
            Some(headers) => format!("{headers}&{header}"),
            None => header,
        });
        self
    }

    /// The plain text of the first header of that name, in any case, after `?`. `None` if there is
    /// none or its escapes are not UTF-8.
    pub fn header(&self, name: &str) -> Option<String> {
        let headers = self.headers.as_deref()?;
        headers.split('&').find_map(|header| {
            let (known, value) = header.split_once('=')?;
            let same = unescape(known)?.eq_ignore_ascii_case(name);
            same.then(|| unescape(value))?
        })
    }

    /// The user in plain text, without a password. `None` if there is none or its escapes are not
    /// UTF-8.
    pub fn unescaped_user(&self) -> Option<String> {
        let user = self.user.as_deref()?;
        unescape(user.split(':').next().unwrap_or(user))
    }

    /// The `transport` parameter.
    pub fn transport(&self) -> Option<&str> {
        self.params.value("transport")
    }

    /// Whether this is a loose router (`;lr`, in whatever way it is written).
    pub fn lr(&self) -> bool {
        self.params.has("lr")
    }

    /// Whether both lead to the same resource (RFC 3261 19.1.4).
    pub fn equivalent(&self, other: &Self) -> bool {
        let user = |uri: &Self| {
            uri.user
                .as_deref()
                .map(|user| unescape(user).unwrap_or_else(|| user.to_owned()))
        };
        self.scheme == other.scheme
            && user(self) == user(other)
            && self.host.same(&other.host)
            && self.port == other.port
            && params_agree(&self.params, &other.params)
            && params_agree(&other.params, &self.params)
            && header_set(self) == header_set(other)
    }
}

/// Parameters that can't be in only one of two equivalent URIs; all others are then ignored.
const DECISIVE: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];

fn params_agree(one: &Params, two: &Params) -> bool {
    one.iter().all(|(name, value)| match two.get(name) {
        Some(other) => match (value, other) {
            (Some(value), Some(other)) => match (unescape(value), unescape(other)) {
                (Some(value), Some(other)) => value.eq_ignore_ascii_case(&other),
                _ => value == other,
            },
            (value, other) => value == other,
        },
        None => !DECISIVE.iter().any(|key| key.eq_ignore_ascii_case(name)),
    })
}

fn header_set(uri: &Uri) -> Vec<(String, String)> {
    let plain = |text: &str| unescape(text).unwrap_or_else(|| text.to_owned());
    let mut set: Vec<_> = uri
        .headers
        .iter()
        .flat_map(|headers| headers.split('&'))
        .map(|header| {
            let (name, value) = header.split_once('=').unwrap_or((header, ""));
            (plain(name).to_ascii_lowercase(), plain(value))
        })
        .collect();
    set.sort();
    set
}

impl FromStr for Uri {
    type Err = ReadError;

    fn from_str(text: &str) -> Result<Self, ReadError> {
        let (scheme, rest) = text
            .split_once(':')
            .ok_or_else(|| ReadError::bad("URI without a scheme"))?;
        if text.contains(|c: char| c.is_control() || c.is_whitespace() || "<>\"".contains(c)) {
            return Err(ReadError::bad("Invalid character in URI"));
        }
        match scheme.to_ascii_lowercase().as_str() {
            "sip" => sip(Scheme::Sip, rest),
            "sips" => sip(Scheme::Sips, rest),
            "tel" => tel(rest),
            other => Err(unknown_scheme(other)),
        }
    }
}

fn unknown_scheme(scheme: &str) -> ReadError {
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if is_scheme {
        ReadError::Broken {
            status: 416,
            reason: super::reason_phrase(416).to_owned(),
            headers: None,
        }
    } else {
        ReadError::bad("Invalid URI")
    }
}

fn sip(scheme: Scheme, rest: &str) -> Result<Uri, ReadError> {
    let (user, rest) = match rest.split_once('@') {
        Some(("", _)) => return Err(ReadError::bad("Empty user in URI")),
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, rest),
    };
    let (rest, headers) = match rest.split_once('?') {
        Some((rest, headers)) => (rest, Some(headers.to_owned())),
        None => (rest, None),
    };
    let end = rest.find(';').unwrap_or(rest.len());
    let (place, params) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (host, port) = Host::with_port(place)?;
    Ok(Uri {
        scheme,
        user,
        host,
        port,
        params: Params::parse(params)?,
        headers,
    })
}

fn tel(rest: &str) -> Result<Uri, ReadError> {
    let end = rest.find(';').unwrap_or(rest.len());
    let (number, params) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let allowed = |b: u8| b.is_ascii_hexdigit() || b"+-.()*#".contains(&b);
    if number.is_empty() || !number.bytes().all(allowed) {
        return Err(ReadError::bad("Invalid telephone number"));
    }
    Ok(Uri {
        scheme: Scheme::Tel,
        user: Some(number.to_owned()),
        host: Host::Name(String::new()),
        port: None,
        params: Params::parse(params)?,
        headers: None,
    })
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.scheme)?;
        if let Some(user) = &self.user {
            f.write_str(user)?;
        }
        if self.scheme != Scheme::Tel {
            if self.user.is_some() {
                f.write_str("@")?;
            }
            self.host.fmt(f)?;
            if let Some(port) = self.port {
                write!(f, ":{port}")?;
            }
        }
        self.params.fmt(f)?;
        match &self.headers {
            Some(headers) => write!(f, "?{headers}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().expect(text)
    }

    #[test]
    fn every_uri_of_the_rfcs_is_printed_as_it_was_read() {
        for text in [
            "sip:alice@atlanta.com",
            "sip:alice:secretword@atlanta.com;transport=tcp",
            "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:+1-212-555-1212:1234@gateway.com;user=phone",
            "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
            "sip:alice;day=tuesday@atlanta.com",
            "sip:[2001:db8::10]",
            "sip:user@[2001:db8::10]:5070;maddr=[2001:db8::1]",
            "sip:user;par=u%40example.net@example.com",
            "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
            "tel:+7-926-123-45-67",
            "tel:7042;phone-context=example.com",
            "sip:sip%3Auser%40example.com@company.com;other-param=summit",
        ] {
            assert_eq!(uri(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for text in [
            "",
            "sip",
            "sip:",
            "sip:@h",
            "sip:a@",
            "sip:a@b@c",
            "<sip:a@b>",
            "sip:a b@c",
            "sip:2001:db8::10",
            "tel:",
            "tel:abc;",
            "tel:xyz",
            "sip:a@h:99999",
            "sip:a@h;;x",
            "a@b",
            "sip:a@h\r\nX: y",
        ] {
            assert!(text.parse::<Uri>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_unknown_scheme_is_told_from_nonsense() {
        let status = |text: &str| match text.parse::<Uri>() {
            Err(ReadError::Broken { status, .. }) => status,
            _ => 0,
        };
        assert_eq!(status("nobodyKnowsThisScheme:totallyopaquecontent"), 416);
        assert_eq!(status("soap.beep://192.0.2.103:3002"), 416);
        assert_eq!(status("<sip:a@b>"), 400);
    }

    #[test]
    fn a_plain_user_is_escaped_and_comes_back_plain() {
        let host = Host::Name("h".into());
        let made = Uri::new(Some("Иван@дом 5%#"), host, Some(5070));
        assert!(made.to_string().is_ascii());
        assert_eq!(made.unescaped_user().as_deref(), Some("Иван@дом 5%#"));
        assert_eq!(uri(&made.to_string()), made);
        assert_eq!(
            uri("sip:a%20b:pw@h").unescaped_user().as_deref(),
            Some("a b")
        );
        assert_eq!(uri("sip:%ff@h").unescaped_user(), None);
    }

    #[test]
    fn equivalent_uris_of_rfc_3261_are_found() {
        for (one, two) in [
            (
                "sip:%61lice@atlanta.com;transport=TCP",
                "sip:alice@AtLanTa.CoM;Transport=tcp",
            ),
            ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
            (
                "sip:carol@chicago.com;security=on",
                "sip:carol@chicago.com;newparam=5",
            ),
            (
                "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
            ),
            (
                "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
            ),
            ("sip:[2001:db8::1]", "sip:[2001:DB8:0::1]"),
        ] {
            assert!(uri(one).equivalent(&uri(two)), "{one} {two}");
            assert!(uri(two).equivalent(&uri(one)), "{two} {one}");
        }
    }

    #[test]
    fn different_uris_of_rfc_3261_are_told_apart() {
        for (one, two) in [
            (
                "SIP:ALICE@AtLanTa.CoM;Transport=udp",
                "sip:alice@AtLanTa.CoM;Transport=UDP",
            ),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
            (
                "sip:bob@biloxi.com",
                "sip:bob@biloxi.com:6000;transport=tcp",
            ),
            (
                "sip:carol@chicago.com",
                "sip:carol@chicago.com?Subject=next%20meeting",
            ),
            ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
            (
                "sip:carol@chicago.com;security=on",
                "sip:carol@chicago.com;security=off",
            ),
            ("sip:a@h", "sips:a@h"),
        ] {
            assert!(!uri(one).equivalent(&uri(two)), "{one} {two}");
            assert!(!uri(two).equivalent(&uri(one)), "{two} {one}");
        }
    }
}
