use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::ReadError;

/// A host in a URI or a Via (RFC 3261 25.1): a name or an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A DNS name, in the case it was written in.
    Name(String),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address; printed in brackets.
    V6(Ipv6Addr),
}

impl Host {
    /// The address, if it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Name(_) => None,
            Self::V4(address) => Some(IpAddr::V4(*address)),
            Self::V6(address) => Some(IpAddr::V6(*address)),
        }
    }

    /// Whether both name the same host: names without regard to case and to a final dot.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(two)) => one
                .trim_end_matches('.')
                .eq_ignore_ascii_case(two.trim_end_matches('.')),
            _ => self == other,
        }
    }

    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port`.
    pub fn with_port(text: &str) -> Result<(Self, Option<u16>), ReadError> {
        let (host, port) = if text.starts_with('[') {
            let end = text
                .find(']')
                .ok_or_else(|| ReadError::bad("IPv6 address without closing bracket"))?;
            let (host, rest) = text.split_at_checked(end + 1).unwrap_or((text, ""));
            (host, rest)
        } else {
            let end = text.find(':').unwrap_or(text.len());
            text.split_at_checked(end).unwrap_or((text, ""))
        };
        let port = match super::text::trim(port) {
            "" => None,
            port => Some(
                port.strip_prefix(':')
                    .map(super::text::trim)
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|digits| digits.parse().ok())
                    .ok_or_else(|| ReadError::bad("Invalid port"))?,
            ),
        };
        Ok((super::text::trim(host).parse()?, port))
    }
}

/// RFC 5118 4.10: the grammar of RFC 3261 let three colons stand before an embedded IPv4 address.
fn parse_v6(text: &str) -> Option<Ipv6Addr> {
    text.parse()
        .ok()
        .or_else(|| text.replacen(":::", "::", 1).parse().ok())
}

fn is_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
        && !last.bytes().all(|b| b.is_ascii_digit())
}

impl FromStr for Host {
    type Err = ReadError;

    /// A name, an IPv4 address, or an IPv6 address with or without brackets.
    fn from_str(text: &str) -> Result<Self, ReadError> {
        let bracketed = text
            .strip_prefix('[')
            .and_then(|inner| inner.strip_suffix(']'));
        if let Some(inner) = bracketed {
            parse_v6(inner).map(Self::V6)
        } else if let Ok(address) = text.parse() {
            Some(match address {
                IpAddr::V4(address) => Self::V4(address),
                IpAddr::V6(address) => Self::V6(address),
            })
        } else {
            is_name(text).then(|| Self::Name(text.to_owned()))
        }
        .ok_or_else(|| ReadError::bad("Invalid host"))
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(address),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_every_kind_are_told_apart() {
        for (text, printed, port) in [
            ("example.com", "example.com", None),
            ("example.com.:5070", "example.com.", Some(5070)),
            ("my_pbx-1:5060", "my_pbx-1", Some(5060)),
            ("192.0.2.1:1", "192.0.2.1", Some(1)),
            ("[2001:DB8::9:1]", "[2001:db8::9:1]", None),
            (
                "[::ffff:192.0.2.10]:19823",
                "[::ffff:192.0.2.10]",
                Some(19823),
            ),
            ("[2001:db8:::192.0.2.1]", "[2001:db8::c000:201]", None),
            ("host : 5060", "host", Some(5060)),
        ] {
            let (host, read) = Host::with_port(text).expect(text);
            assert_eq!((host.to_string().as_str(), read), (printed, port));
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "[",
            "[]",
            "[::1",
            "[::1]x",
            "a b",
            "a..b",
            "192.0.2.300",
            "2001:db8::10",
            "h:",
            "h:65536",
            "h:-1",
            "h:+1",
            "[fe80::1%eth0]",
            "a@b",
            "-:x",
            "[1.2.3.4]",
        ] {
            assert!(Host::with_port(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_the_same_in_any_case() {
        let host = |text: &str| text.parse::<Host>().expect("host");
        assert!(host("Example.COM").same(&host("example.com.")));
        assert!(host("[::1]").same(&host("::1")));
        assert!(!host("127.0.0.1").same(&host("localhost")));
    }
}
