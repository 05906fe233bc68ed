use rsip::{Headers, Request, Response, SipMessage};

use super::names::{canonical, header, name_and_value};
use super::text::{number, split_outside, trim};
use super::{CSeq, NameAddr, ReadError, Via};

/// Looks into the headers of a message. Names may be in any case and compact.
pub trait HeadersView {
    /// The header fields this looks into.
    fn fields(&self) -> &Headers;

    /// The raw value of the first header field of that name.
    fn text(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// The raw values of all header fields of that name, one per field.
    fn all<'a>(&'a self, name: &str) -> Vec<&'a str> {
        let name = canonical(name);
        self.fields()
            .iter()
            .map(name_and_value)
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    /// The elements of all header fields of that name, split at commas outside quotes and angle
    /// brackets; empty elements are left out.
    fn list(&self, name: &str) -> Vec<String> {
        self.all(name)
            .into_iter()
            .flat_map(|value| split_outside(value, ','))
            .map(trim)
            .filter(|element| !element.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Whether a list header holds this token, in any case: an option tag in Supported, a method
    /// in Allow.
    fn lists(&self, name: &str, token: &str) -> bool {
        self.list(name)
            .iter()
            .any(|element| element.eq_ignore_ascii_case(token))
    }

    /// The topmost Via.
    fn via(&self) -> Result<Via, ReadError> {
        self.list("Via")
            .first()
            .ok_or_else(|| missing("Via"))?
            .parse()
    }

    /// All Vias, the topmost first.
    fn vias(&self) -> Result<Vec<Via>, ReadError> {
        self.list("Via").iter().map(|via| via.parse()).collect()
    }

    /// From.
    #[expect(
        clippy::wrong_self_convention,
        reason = "From is the header's name here"
    )]
    fn from_addr(&self) -> Result<NameAddr, ReadError> {
        self.text("From").ok_or_else(|| missing("From"))?.parse()
    }

    /// To.
    fn to_addr(&self) -> Result<NameAddr, ReadError> {
        self.text("To").ok_or_else(|| missing("To"))?.parse()
    }

    /// All Contacts with a URI of ours; `*` and other schemes (`mailto:`) are left out.
    fn contacts(&self) -> Result<Vec<NameAddr>, ReadError> {
        self.list("Contact")
            .iter()
            .filter(|contact| *contact != "*")
            .map(|contact| contact.parse())
            .filter(|contact| !matches!(contact, Err(ReadError::Broken { status: 416, .. })))
            .collect()
    }

    /// Whether the Contact is `*`: all bindings, in a REGISTER.
    fn contact_is_star(&self) -> bool {
        self.text("Contact").map(trim) == Some("*")
    }

    /// The route set, in order.
    fn routes(&self) -> Result<Vec<NameAddr>, ReadError> {
        addresses(self.list("Route"))
    }

    /// The Record-Route values, in order.
    fn record_routes(&self) -> Result<Vec<NameAddr>, ReadError> {
        addresses(self.list("Record-Route"))
    }

    /// Call-ID.
    fn call_id(&self) -> Result<&str, ReadError> {
        self.text("Call-ID").ok_or_else(|| missing("Call-ID"))
    }

    /// CSeq.
    fn cseq(&self) -> Result<CSeq, ReadError> {
        self.text("CSeq").ok_or_else(|| missing("CSeq"))?.parse()
    }

    /// Max-Forwards, if it is there and a number.
    fn max_forwards(&self) -> Option<u32> {
        number(self.text("Max-Forwards")?).flatten()
    }

    /// Expires, seconds, if it is there and a number. A number too great counts as the greatest.
    fn expires(&self) -> Option<u32> {
        number(self.text("Expires")?).map(|seconds| seconds.unwrap_or(u32::MAX))
    }
}

fn missing(name: &str) -> ReadError {
    ReadError::bad(format!("Missing {name}"))
}

fn addresses(list: Vec<String>) -> Result<Vec<NameAddr>, ReadError> {
    list.iter().map(|address| address.parse()).collect()
}

impl HeadersView for Headers {
    fn fields(&self) -> &Headers {
        self
    }
}

impl HeadersView for Request {
    fn fields(&self) -> &Headers {
        &self.headers
    }
}

impl HeadersView for Response {
    fn fields(&self) -> &Headers {
        &self.headers
    }
}

impl HeadersView for SipMessage {
    fn fields(&self) -> &Headers {
        match self {
            Self::Request(request) => &request.headers,
            Self::Response(response) => &response.headers,
        }
    }
}

/// Changes header fields in place. Unlike `rsip`'s own methods these tell apart the names of
/// `Header::Other`.
pub trait HeadersEdit {
    /// Sets the only header field of that name: the first takes the value where it stands, others
    /// go; a new one is put at the end.
    fn set(&mut self, name: &str, value: impl Into<String>);
    /// Sets the value of the first header field of that name and leaves the others: the topmost
    /// Via. A new one is put at the end.
    fn set_first(&mut self, name: &str, value: impl Into<String>);
    /// Puts a header field before all others.
    fn prepend(&mut self, name: &str, value: impl Into<String>);
    /// Takes all header fields of that name away; says whether there were any.
    fn remove(&mut self, name: &str) -> bool;
}

fn is(field: &rsip::Header, name: &str) -> bool {
    name_and_value(field)
        .0
        .eq_ignore_ascii_case(canonical(name))
}

impl HeadersEdit for Headers {
    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.set_first(name, value);
        let mut first = true;
        self.retain(|field| !is(field, name) || std::mem::take(&mut first));
    }

    fn set_first(&mut self, name: &str, value: impl Into<String>) {
        let new = header(name, value);
        if let Some(field) = self.iter_mut().find(|field| is(field, name)) {
            *field = new;
            return;
        }
        self.push(new);
    }

    fn prepend(&mut self, name: &str, value: impl Into<String>) {
        let old = std::mem::take(self);
        self.push(header(name, value));
        self.extend(old.into());
    }

    fn remove(&mut self, name: &str) -> bool {
        let before = self.iter().count();
        self.retain(|field| !is(field, name));
        self.iter().count() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&str, &str)]) -> Headers {
        fields
            .iter()
            .map(|(name, value)| header(name, *value))
            .collect::<Vec<_>>()
            .into()
    }

    #[test]
    fn values_are_found_under_any_spelling_of_the_name() {
        let headers = headers(&[
            ("v", "SIP/2.0/UDP a, SIP/2.0/UDP b"),
            ("Via", "SIP/2.0/TCP c"),
            ("x-mine", "1"),
            ("Expires", "99999999999"),
            ("Max-Forwards", "0068"),
        ]);
        let hosts: Vec<_> = headers
            .vias()
            .expect("vias")
            .iter()
            .map(|via| via.host.to_string())
            .collect();
        assert_eq!(hosts, ["a", "b", "c"]);
        assert_eq!(headers.via().expect("via").host.to_string(), "a");
        assert_eq!(headers.all("VIA").len(), 2);
        assert_eq!(headers.text("X-Mine"), Some("1"));
        assert_eq!(headers.expires(), Some(u32::MAX));
        assert_eq!(headers.max_forwards(), Some(68));
        assert!(headers.call_id().is_err());
    }

    #[test]
    fn a_star_is_no_contact_and_a_mail_address_is_passed_over() {
        let star = headers(&[("m", " * ")]);
        assert!(star.contact_is_star());
        assert!(star.contacts().expect("contacts").is_empty());
        let mixed = headers(&[("m", "<mailto:a@b>, \"x, y\" <sip:a,b@c>;q=1")]);
        let contacts = mixed.contacts().expect("contacts");
        assert_eq!(contacts.len(), 1);
        assert!(!mixed.contact_is_star());
    }

    #[test]
    fn header_fields_are_set_added_and_removed_by_name() {
        let mut headers = headers(&[("Via", "1"), ("X-A", "1"), ("Via", "2"), ("X-B", "1")]);
        headers.set_first("v", "0");
        assert_eq!(headers.all("Via"), ["0", "2"]);
        headers.set("Via", "9");
        headers.set("x-a", "2");
        headers.prepend("Route", "<sip:r>");
        assert!(headers.remove("X-B") && !headers.remove("X-B"));
        headers.set("X-C", "3");
        let all: Vec<_> = headers.iter().map(name_and_value).collect();
        assert_eq!(
            all,
            [
                ("Route", "<sip:r>"),
                ("Via", "9"),
                ("x-a", "2"),
                ("X-C", "3")
            ]
        );
    }

    #[test]
    fn an_option_tag_is_found_in_any_case() {
        let headers = headers(&[("k", "100rel, Timer")]);
        assert!(headers.lists("Supported", "timer") && !headers.lists("Supported", "time"));
    }
}
