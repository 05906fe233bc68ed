use rsip::Method;
use rsip::headers::UntypedHeader;

/// Header fields for which `rsip` has a variant of its own.
macro_rules! known_headers {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// A header field from its name (long or compact, in any case) and its value.
        pub fn header(name: &str, value: impl Into<String>) -> rsip::Header {
            let name = canonical(name);
            $(if name == $name {
                return rsip::Header::$variant(rsip::headers::$variant::new(value));
            })*
            rsip::Header::Other(name.to_owned(), value.into())
        }

        /// The canonical name and the raw value of a header field.
        pub fn name_and_value(header: &rsip::Header) -> (&str, &str) {
            match header {
                $(rsip::Header::$variant(inner) => ($name, inner.value()),)*
                rsip::Header::Other(name, value) => (name, value),
            }
        }

        const VARIANTS: &[&str] = &[$($name),*];
    };
}

known_headers! {
    Via "Via", From "From", To "To", CallId "Call-ID", CSeq "CSeq", Contact "Contact",
    MaxForwards "Max-Forwards", ContentLength "Content-Length", ContentType "Content-Type",
    Route "Route", RecordRoute "Record-Route", Expires "Expires", UserAgent "User-Agent",
    Allow "Allow", Supported "Supported", Require "Require", Authorization "Authorization",
    WwwAuthenticate "WWW-Authenticate", ProxyAuthenticate "Proxy-Authenticate",
    ProxyAuthorization "Proxy-Authorization", Accept "Accept", AcceptEncoding "Accept-Encoding",
    AcceptLanguage "Accept-Language", AlertInfo "Alert-Info",
    AuthenticationInfo "Authentication-Info", CallInfo "Call-Info",
    ContentDisposition "Content-Disposition", ContentEncoding "Content-Encoding",
    ContentLanguage "Content-Language", Date "Date", ErrorInfo "Error-Info", Event "Event",
    InReplyTo "In-Reply-To", MimeVersion "MIME-Version", MinExpires "Min-Expires",
    Organization "Organization", Priority "Priority", ProxyRequire "Proxy-Require",
    ReplyTo "Reply-To", RetryAfter "Retry-After", Server "Server", Subject "Subject",
    SubscriptionState "Subscription-State", Timestamp "Timestamp", Unsupported "Unsupported",
    Warning "Warning",
}

/// The spelling of names that `rsip` doesn't know.
const OTHERS: &[&str] = &[
    "Accept-Contact",
    "Allow-Events",
    "Diversion",
    "Flow-Timer",
    "History-Info",
    "Identity",
    "Identity-Info",
    "Join",
    "Min-SE",
    "P-Access-Network-Info",
    "P-Asserted-Identity",
    "P-Associated-URI",
    "P-Early-Media",
    "P-Preferred-Identity",
    "Path",
    "Privacy",
    "RAck",
    "RSeq",
    "Reason",
    "Recv-Info",
    "Info-Package",
    "Refer-Sub",
    "Refer-To",
    "Referred-By",
    "Reject-Contact",
    "Remote-Party-ID",
    "Replaces",
    "Request-Disposition",
    "SIP-ETag",
    "SIP-If-Match",
    "Security-Client",
    "Security-Server",
    "Security-Verify",
    "Service-Route",
    "Session-Expires",
    "Target-Dialog",
    "User-to-User",
];

/// The compact forms registered with IANA.
const COMPACT: &[(&str, &str)] = &[
    ("a", "Accept-Contact"),
    ("b", "Referred-By"),
    ("c", "Content-Type"),
    ("d", "Request-Disposition"),
    ("e", "Content-Encoding"),
    ("f", "From"),
    ("i", "Call-ID"),
    ("j", "Reject-Contact"),
    ("k", "Supported"),
    ("l", "Content-Length"),
    ("m", "Contact"),
    ("n", "Identity-Info"),
    ("o", "Event"),
    ("r", "Refer-To"),
    ("s", "Subject"),
    ("t", "To"),
    ("u", "Allow-Events"),
    ("v", "Via"),
    ("x", "Session-Expires"),
    ("y", "Identity"),
];

/// The canonical spelling; an unknown name as it is.
pub(super) fn canonical(name: &str) -> &str {
    if name.len() == 1 {
        return COMPACT
            .iter()
            .find(|(short, _)| short.eq_ignore_ascii_case(name))
            .map_or(name, |(_, long)| long);
    }
    VARIANTS
        .iter()
        .chain(OTHERS)
        .find(|known| known.eq_ignore_ascii_case(name))
        .unwrap_or(&name)
}

const METHODS: &[(&str, Method)] = &[
    ("INVITE", Method::Invite),
    ("ACK", Method::Ack),
    ("BYE", Method::Bye),
    ("CANCEL", Method::Cancel),
    ("REGISTER", Method::Register),
    ("OPTIONS", Method::Options),
    ("INFO", Method::Info),
    ("MESSAGE", Method::Message),
    ("NOTIFY", Method::Notify),
    ("PRACK", Method::PRack),
    ("PUBLISH", Method::Publish),
    ("REFER", Method::Refer),
    ("SUBSCRIBE", Method::Subscribe),
    ("UPDATE", Method::Update),
];

/// The method of that name. Methods are case-sensitive (RFC 3261 7.1).
pub(super) fn method(name: &str) -> Option<Method> {
    METHODS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, method)| *method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case_and_compact_become_canonical() {
        for (name, long) in [
            ("v", "Via"),
            ("I", "Call-ID"),
            ("CALL-id", "Call-ID"),
            ("www-authenticate", "WWW-Authenticate"),
            ("x", "Session-Expires"),
            ("rseq", "RSeq"),
            ("X-Mine", "X-Mine"),
            ("z", "z"),
        ] {
            let made = header(name, "1");
            assert_eq!(name_and_value(&made), (long, "1"));
        }
    }

    #[test]
    fn every_name_is_printed_by_rsip_as_by_us() {
        for name in VARIANTS.iter().filter(|name| **name != "MIME-Version") {
            let made = header(name, "1");
            assert!(!matches!(made, rsip::Header::Other(..)), "{name}");
            assert_eq!(made.to_string(), format!("{name}: 1"));
        }
    }

    #[test]
    fn methods_are_known_by_the_name_they_print() {
        for (name, known) in METHODS {
            assert_eq!(known.to_string(), *name);
            assert_eq!(method(name), Some(*known));
        }
        assert_eq!(METHODS.len(), Method::all().len());
        assert_eq!(method("invite"), None);
    }
}
