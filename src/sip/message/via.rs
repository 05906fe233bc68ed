use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::text::{is_token, trim};
use super::{Host, Params, ReadError};

/// One Via value (RFC 3261 20.42).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Via {
    /// The transport, in capitals: `UDP`, `TCP`, `TLS`, ...
    pub transport: String,
    /// The host of `sent-by`.
    pub host: Host,
    /// The port of `sent-by`, if one is written.
    pub port: Option<u16>,
    /// The parameters.
    pub params: Params,
}

impl Via {
    /// The cookie every branch made by RFC 3261 begins with.
    pub const COOKIE: &str = "z9hG4bK";

    /// A Via of our own: with this branch, asking for `rport` (RFC 3581).
    pub fn new(transport: &str, host: Host, port: Option<u16>, branch: &str) -> Self {
        let params = [("branch", Some(branch)), ("rport", None)];
        Self {
            transport: transport.to_ascii_uppercase(),
            host,
            port,
            params: params.into_iter().collect(),
        }
    }

    /// The `branch` parameter.
    pub fn branch(&self) -> Option<&str> {
        self.params.value("branch")
    }

    /// The address the request really came from, as the server saw it.
    pub fn received(&self) -> Option<IpAddr> {
        let value = self.params.unquoted("received")?;
        value.parse::<Host>().ok()?.ip()
    }

    /// The port the request really came from, as the server saw it.
    pub fn rport(&self) -> Option<u16> {
        self.params.value("rport")?.parse().ok()
    }

    /// Whether the sender asks for the answer at the port it sent from (RFC 3581).
    pub fn wants_rport(&self) -> bool {
        self.params.has("rport")
    }

    /// Notes the address the request came from.
    pub fn set_received(&mut self, address: IpAddr) {
        self.params.set("received", Some(&address.to_string()));
    }

    /// Notes the port the request came from.
    pub fn set_rport(&mut self, port: u16) {
        self.params.set("rport", Some(&port.to_string()));
    }
}

impl FromStr for Via {
    type Err = ReadError;

    fn from_str(text: &str) -> Result<Self, ReadError> {
        let bad = || ReadError::bad("Invalid Via");
        let mut parts = text.splitn(3, '/');
        let mut part = || parts.next().map(trim).ok_or_else(bad);
        let (name, version, rest) = (part()?, part()?, part()?);
        if !name.eq_ignore_ascii_case("SIP") || version != "2.0" {
            return Err(bad());
        }
        let (transport, rest) = rest.split_once(super::text::SPACE).ok_or_else(bad)?;
        if !is_token(transport) {
            return Err(bad());
        }
        let end = rest.find(';').unwrap_or(rest.len());
        let (sent_by, params) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let (host, port) = Host::with_port(trim(sent_by))?;
        Ok(Self {
            transport: transport.to_ascii_uppercase(),
            host,
            port,
            params: Params::parse(params)?,
        })
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn via(text: &str) -> Via {
        text.parse().expect(text)
    }

    #[test]
    fn vias_with_spaces_ports_and_ipv6_are_read() {
        for (text, printed) in [
            (
                "SIP  / 2.0  / TCP     spindle.example.com   ;  branch  =   z9hG4bK9ikj8",
                "SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8",
            ),
            (
                "SIP/2.0/udp [2001:db8::9:1]:5060;received=[2001:db8::9:255];branch=z9hG4bKas3",
                "SIP/2.0/UDP [2001:db8::9:1]:5060;received=[2001:db8::9:255];branch=z9hG4bKas3",
            ),
            (
                "SIP/2.0/TLS\thost : 5061;rport",
                "SIP/2.0/TLS host:5061;rport",
            ),
        ] {
            assert_eq!(via(text).to_string(), printed);
        }
    }

    #[test]
    fn the_sender_learns_where_it_was_seen() {
        let host = Host::Name("pc33.example".into());
        let mut sent = Via::new("udp", host, Some(5060), "z9hG4bK1");
        assert!(sent.wants_rport());
        assert_eq!((sent.received(), sent.rport()), (None, None));
        sent.set_received("2001:db8::1".parse().expect("address"));
        sent.set_rport(4711);
        let text = sent.to_string();
        assert_eq!(
            text,
            "SIP/2.0/UDP pc33.example:5060;branch=z9hG4bK1;rport=4711;received=2001:db8::1"
        );
        let seen = via(&text);
        assert_eq!(seen.rport(), Some(4711));
        assert_eq!(seen.received(), "2001:db8::1".parse().ok());
        assert_eq!(
            via("SIP/2.0/UDP h;received=[2001:db8::1]").received(),
            seen.received()
        );
    }

    #[test]
    fn what_is_no_via_is_refused() {
        for text in [
            "",
            "SIP/2.0/UDP",
            "SIP/2.0/UDP ",
            "SIP/1.0/UDP h",
            "HTTP/2.0/UDP h",
            ";;",
            "SIP/2.0/UDP 192.0.2.15;;",
            "SIP/2.0/U@P h",
            "SIP/2.0/UDP 2001:db8::9:1;branch=x",
        ] {
            assert!(text.parse::<Via>().is_err(), "{text}");
        }
    }
}
