use rsip::{Header, Headers, Method, Request, Response, Version};

use super::names::{header, name_and_value};
use super::{Host, NameAddr, Params, ReadError, Scheme, Uri, status_code};

/// A request. Headers in a URI have no place in a request URI (RFC 3261 19.1.1) and are left out.
pub fn request(method: Method, uri: &Uri, headers: Vec<Header>, body: Vec<u8>) -> Request {
    Request {
        method,
        uri: to_rsip(uri),
        version: Version::V2,
        headers: headers.into(),
        body,
    }
}

/// The request URI.
pub fn request_uri(request: &Request) -> Result<Uri, ReadError> {
    from_rsip(&request.uri).parse()
}

/// A response to a request (RFC 3261 8.2.6): Via, From, To, Call-ID and CSeq are copied, To gets
/// `to_tag` if it has no tag yet and the status isn't 100, Record-Route goes along in 101 to 299,
/// Timestamp in 100. `reason` of `None` is the usual phrase.
pub fn response_to(
    request: &Request,
    status: u16,
    reason: Option<&str>,
    to_tag: Option<&str>,
    extra: Vec<Header>,
    body: Vec<u8>,
) -> Response {
    response_from(&request.headers, status, reason, to_tag, extra, body)
}

pub(super) fn response_from(
    request: &Headers,
    status: u16,
    reason: Option<&str>,
    to_tag: Option<&str>,
    extra: Vec<Header>,
    body: Vec<u8>,
) -> Response {
    let mut single = vec!["From", "To", "Call-ID", "CSeq"];
    let mut copied = |name: &str| match name {
        "Via" => true,
        "Record-Route" => (101..300).contains(&status),
        "Timestamp" => status == 100,
        // Of what a broken request repeats, the first counts.
        _ => match single.iter().position(|known| *known == name) {
            Some(at) => {
                single.swap_remove(at);
                true
            }
            None => false,
        },
    };
    let mut headers: Vec<Header> = request
        .iter()
        .filter(|field| copied(name_and_value(field).0))
        .map(|field| match (to_tag, field) {
            (Some(tag), Header::To(_)) if status != 100 => tagged(field, tag),
            _ => field.clone(),
        })
        .collect();
    headers.extend(extra);
    Response {
        status_code: status_code(status, reason),
        version: Version::V2,
        headers: headers.into(),
        body,
    }
}

/// To with a tag, unless it has one or can't be understood.
fn tagged(to: &Header, tag: &str) -> Header {
    match name_and_value(to).1.parse::<NameAddr>() {
        Ok(address) if address.tag().is_none() => header("To", address.with_tag(tag).to_string()),
        _ => to.clone(),
    }
}

/// The URI as `rsip` holds it: every parameter as it is written, IPv6 in brackets as a domain, a
/// telephone number as a user without a host.
pub(super) fn to_rsip(uri: &Uri) -> rsip::Uri {
    let host = match &uri.host {
        Host::Name(name) => rsip::Host::Domain(name.as_str().into()),
        Host::V4(address) => rsip::Host::IpAddr((*address).into()),
        v6 @ Host::V6(_) => rsip::Host::Domain(v6.to_string().into()),
    };
    rsip::Uri {
        scheme: Some(match uri.scheme {
            Scheme::Sip => rsip::Scheme::Sip,
            Scheme::Sips => rsip::Scheme::Sips,
            Scheme::Tel => rsip::Scheme::Other("tel".into()),
        }),
        auth: uri.user.as_ref().map(|user| rsip::Auth {
            user: user.clone(),
            password: None,
        }),
        host_with_port: rsip::HostWithPort {
            host,
            port: uri.port.map(Into::into),
        },
        params: uri
            .params
            .iter()
            .map(|(name, value)| rsip::Param::Other(name.into(), value.map(Into::into)))
            .collect(),
        headers: Vec::new(),
    }
}

/// The text of a URI that `rsip` holds, whoever made it.
pub(super) fn from_rsip(uri: &rsip::Uri) -> String {
    let params: Params = uri
        .params
        .iter()
        .map(|param| {
            let text = param.to_string();
            let text = text.trim_start_matches(';');
            match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text.to_owned(), None),
            }
        })
        .collect();
    let user = uri.auth.as_ref().map(ToString::to_string);
    let scheme = match &uri.scheme {
        Some(rsip::Scheme::Other(other)) if other.eq_ignore_ascii_case("tel") => {
            return format!("tel:{}{params}", user.unwrap_or_default());
        }
        Some(scheme) => scheme.to_string(),
        None => Scheme::Sip.to_string(),
    };
    let user = user.map(|user| user + "@").unwrap_or_default();
    let host = match &uri.host_with_port.host {
        rsip::Host::Domain(domain) => domain.to_string(),
        rsip::Host::IpAddr(address) => Host::from(*address).to_string(),
    };
    let port = uri.host_with_port.port.map(u16::from);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}:{user}{host}{port}{params}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::message::{HeadersView, SipMessage, read, write, write_request};

    fn invite(extra: &str) -> Request {
        let text = format!(
            "INVITE sip:bob@b.example SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b\r\n\
             From: <sip:a@a>;tag=1\r\nTo: Bob <sip:bob@b.example>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\n\
             Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\nTimestamp: 5\r\n{extra}\r\n"
        );
        match read(text.as_bytes()) {
            Ok(SipMessage::Request(request)) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_response_repeats_what_the_request_carried() {
        let trying = response_to(&invite(""), 100, None, Some("t"), vec![], vec![]);
        assert_eq!(trying.to_addr().expect("To").tag(), None);
        assert_eq!(trying.text("Timestamp"), Some("5"));
        assert!(trying.all("Record-Route").is_empty());

        let extra = vec![header("Contact", "<sip:me@here>")];
        let ringing = response_to(&invite(""), 180, None, Some("t"), extra, vec![]);
        assert_eq!(ringing.to_addr().expect("To").tag(), Some("t"));
        assert_eq!(ringing.vias().expect("vias").len(), 2);
        assert_eq!(ringing.record_routes().expect("routes").len(), 2);
        assert_eq!(ringing.cseq().expect("CSeq").seq, 7);
        assert_eq!(ringing.text("Contact"), Some("<sip:me@here>"));
        assert!(read(&write(&ringing.into())).is_ok());

        let busy = response_to(&invite(""), 486, Some("Not now"), Some("t"), vec![], vec![]);
        assert!(busy.all("Record-Route").is_empty());
        let text = String::from_utf8(write(&busy.into())).expect("text");
        assert!(text.starts_with("SIP/2.0 486 Not now\r\n"), "{text}");
    }

    #[test]
    fn a_tag_that_is_there_stays() {
        let mut request = invite("");
        use crate::sip::message::HeadersEdit;
        request.headers.set("To", "<sip:b@b>;tag=old");
        let ok = response_to(&request, 200, None, Some("new"), vec![], vec![]);
        assert_eq!(ok.to_addr().expect("To").tag(), Some("old"));
    }

    #[test]
    fn a_request_uri_of_any_kind_survives_rsip() {
        for text in [
            "sip:h",
            "sips:a:b@[2001:db8::1]:5061;transport=tls;lr;x=y",
            "sip:a@192.0.2.1:5060;Transport=WSS;e=",
            "tel:+79261234567;phone-context=a",
        ] {
            let uri: Uri = text.parse().expect(text);
            let made = request(Method::Options, &uri, vec![], vec![]);
            assert_eq!(request_uri(&made).expect(text), uri);
            let line = format!("OPTIONS {text} SIP/2.0\r\n");
            assert!(write_request(&made).starts_with(line.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_uri_that_rsip_made_is_written_with_brackets() {
        let address: std::net::SocketAddr = "[2001:db8::1]:5070".parse().expect("address");
        let mut uri = rsip::Uri::from(address);
        uri.params
            .push(rsip::Param::Transport(rsip::Transport::Tcp));
        assert_eq!(from_rsip(&uri), "sip:[2001:db8::1]:5070;transport=TCP");
    }

    #[test]
    fn a_value_can_not_smuggle_a_header_field_in() {
        let uri: Uri = "sip:h".parse().expect("URI");
        let headers = vec![header("Subject", "x\r\nContact: <sip:evil@h>")];
        let bytes = write_request(&request(Method::Message, &uri, headers, b"hi".to_vec()));
        let text = String::from_utf8(bytes).expect("text");
        assert_eq!(
            text,
            "MESSAGE sip:h SIP/2.0\r\nSubject: x  Contact: <sip:evil@h>\r\n\
             Content-Length: 2\r\n\r\nhi"
        );
    }
}
