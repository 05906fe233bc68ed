use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The longest host name DNS can carry, in octets without the final dot (RFC 1035 2.3.4).
const LONGEST_NAME: usize = 253;
/// The longest label of a host name, in octets (RFC 1035 2.3.4).
const LONGEST_LABEL: usize = 63;

/// A host as a person gives it, with a port if it is not the usual one (RFC 3261 25.1 `hostport`).
///
/// Reads `host`, `host:port`, an IPv4 address, and an IPv6 address in brackets. A final dot of
/// a name is dropped and letters are made small, so that equal hosts compare equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    host: String,
    port: Option<u16>,
}

impl HostPort {
    /// The name or address; an IPv6 address stands without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if one was given.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// Why a text is not a host with an optional port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nothing is there.
    #[error("there is no host")]
    Empty,
    /// A space or another character that cannot be seen is inside.
    #[error("there is a space in the host")]
    Space,
    /// It is `user@host`.
    #[error("there is a user before the host")]
    User,
    /// It is a link, or something follows the host.
    #[error("only a host and a port can stand here")]
    Extra,
    /// An IPv6 address without brackets, or two ports.
    #[error("an IPv6 address needs brackets")]
    Brackets,
    /// What stands in brackets is not an IPv6 address.
    #[error("not an IPv6 address")]
    Ipv6,
    /// Four numbers which are not an IPv4 address.
    #[error("not an IPv4 address")]
    Ipv4,
    /// Not a number from 1 to 65535.
    #[error("not a port")]
    Port,
    /// A character that no host name has, an empty part, or too long.
    #[error("not a host name")]
    Name,
}

impl HostError {
    /// The locale key of the reason.
    pub fn reason_key(self) -> &'static str {
        match self {
            Self::Empty => "reason-host-empty",
            Self::Space => "reason-host-space",
            Self::User => "reason-host-user",
            Self::Extra => "reason-host-extra",
            Self::Brackets => "reason-host-brackets",
            Self::Ipv6 => "reason-host-ipv6",
            Self::Ipv4 => "reason-host-ipv4",
            Self::Port => "reason-host-port",
            Self::Name => "reason-host-name",
        }
    }
}

impl FromStr for HostPort {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        if text.is_empty() {
            return Err(HostError::Empty);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(HostError::Space);
        }
        if text.contains('@') {
            return Err(HostError::User);
        }
        if text.contains(['/', ';', '?', ',', '<', '>', '"', '%', '\\']) {
            return Err(HostError::Extra);
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (address, after) = rest.split_once(']').ok_or(HostError::Ipv6)?;
            let address: Ipv6Addr = address.parse().map_err(|_| HostError::Ipv6)?;
            let port = match after.strip_prefix(':') {
                Some(port) => Some(read_port(port)?),
                None if after.is_empty() => None,
                None => return Err(HostError::Extra),
            };
            return Ok(Self {
                host: address.to_string(),
                port,
            });
        }
        let (host, port) = match text.split_once(':') {
            Some((_, port)) if port.contains(':') => return Err(HostError::Brackets),
            Some((host, port)) => (host, Some(read_port(port)?)),
            None => (text, None),
        };
        Ok(Self {
            host: read_host(host)?,
            port,
        })
    }
}

fn read_port(text: &str) -> Result<u16, HostError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(HostError::Port),
    }
}

fn read_host(text: &str) -> Result<String, HostError> {
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.is_empty() {
        return Err(HostError::Empty);
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    if last.bytes().all(|b| b.is_ascii_digit()) {
        // No top-level domain is a number, so this can only be an IPv4 address.
        return match name.parse::<Ipv4Addr>() {
            Ok(address) => Ok(address.to_string()),
            Err(_) => Err(HostError::Ipv4),
        };
    }
    let label_fits = |label: &str| {
        !label.is_empty()
            && label.len() <= LONGEST_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if name.len() > LONGEST_NAME || !name.split('.').all(label_fits) {
        return Err(HostError::Name);
    }
    Ok(name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_may_give_as_a_host_is_read_and_printed() {
        let table = [
            ("sip.example.com", "sip.example.com", None),
            ("SIP.Example.COM.", "sip.example.com", None),
            ("pbx", "pbx", None),
            ("sip_1.example.com:5070", "sip_1.example.com", Some(5070)),
            ("192.0.2.7", "192.0.2.7", None),
            ("192.0.2.7:65535", "192.0.2.7", Some(65535)),
            ("[2001:DB8::1]", "2001:db8::1", None),
            ("[::1]:5061", "::1", Some(5061)),
            ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai", None),
        ];
        for (text, host, port) in table {
            let read: HostPort = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!((read.host(), read.port()), (host, port), "{text}");
            assert_eq!(read.to_string().parse(), Ok(read), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused_with_the_reason() {
        let table = [
            ("", HostError::Empty),
            (":5060", HostError::Empty),
            (".", HostError::Empty),
            ("sip example.com", HostError::Space),
            ("a\u{0}b", HostError::Space),
            ("me@example.com", HostError::User),
            ("https://example.com", HostError::Extra),
            ("example.com;transport=tcp", HostError::Extra),
            ("[::1]x", HostError::Extra),
            ("2001:db8::1", HostError::Brackets),
            ("example.com:50:60", HostError::Brackets),
            ("[::1", HostError::Ipv6),
            ("[example.com]", HostError::Ipv6),
            ("192.0.2.256", HostError::Ipv4),
            ("192.0.2", HostError::Ipv4),
            ("12345", HostError::Ipv4),
            ("example.com:", HostError::Port),
            ("example.com:0", HostError::Port),
            ("example.com:+80", HostError::Port),
            ("example.com:65536", HostError::Port),
            ("example..com", HostError::Name),
            ("-a.example.com", HostError::Name),
            ("exa*mple.com", HostError::Name),
            ("пример.рф", HostError::Name),
        ];
        for (text, reason) in table {
            assert_eq!(text.parse::<HostPort>(), Err(reason), "{text}");
        }
        assert_eq!(
            format!("{}.com", "a".repeat(64)).parse::<HostPort>(),
            Err(HostError::Name)
        );
        assert_eq!(
            format!("{}com", "a.".repeat(200)).parse::<HostPort>(),
            Err(HostError::Name)
        );
    }
}
