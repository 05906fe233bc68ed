//! Dialogs (RFC 3261 section 12): what two user agents have to remember of each other so that
//! the next request finds its way. Pure.

use crate::sip::message::{HeadersView, Method, NameAddr, ReadError, Request, Response, Uri};

/// A request before its way is known: it has no Via and no Contact yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The method.
    pub method: Method,
    /// The request URI.
    pub uri: Uri,
    /// Route headers, the nearest first.
    pub routes: Vec<NameAddr>,
    /// The request URI is a strict router, so the request goes there and not to the first route.
    pub strict: bool,
    /// From, with our tag.
    pub from: NameAddr,
    /// To.
    pub to: NameAddr,
    /// Call-ID.
    pub call_id: String,
    /// The number in CSeq.
    pub cseq: u32,
    /// Further headers.
    pub headers: Vec<rsip::Header>,
    /// Content-Type of the body.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Draft {
    /// Where the request has to go first: the topmost route, or else its URI (RFC 3261 8.1.2).
    pub fn next_hop(&self) -> &Uri {
        match self.routes.first() {
            Some(route) if !self.strict => &route.uri,
            _ => &self.uri,
        }
    }
}

/// One side's memory of a dialog, early or confirmed.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// Call-ID.
    pub call_id: String,
    /// Our side, with our tag.
    pub local: NameAddr,
    /// The peer, with his tag.
    pub remote: NameAddr,
    /// The peer's Contact.
    pub remote_target: Uri,
    /// Proxies that want to see the requests, the nearest first.
    pub route_set: Vec<NameAddr>,
    /// The number of our last request.
    pub local_cseq: u32,
    /// The number of the peer's last request.
    pub remote_cseq: Option<u32>,
    /// The methods the peer says it takes (RFC 3261 20.5); `None` if it doesn't say.
    pub allow: Option<Vec<String>>,
}

/// How a request of the peer stands in the order of his requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It is the newest.
    New,
    /// It is older than one that came already; it gets 500 (RFC 3261 12.2.2).
    Old,
}

impl Dialog {
    /// The dialog that a response with a To tag makes for the caller (RFC 3261 12.1.2).
    ///
    /// # Errors
    /// If a header is missing or broken. A response without Contact keeps the target of the
    /// request.
    pub fn as_caller(draft: &Draft, response: &Response) -> Result<Self, ReadError> {
        let mut route_set = response.record_routes()?;
        route_set.reverse();
        Ok(Self {
            call_id: draft.call_id.clone(),
            local: draft.from.clone(),
            remote: response.to_addr()?,
            remote_target: response
                .contacts()?
                .into_iter()
                .next()
                .map_or_else(|| draft.uri.clone(), |contact| contact.uri),
            route_set,
            local_cseq: draft.cseq,
            remote_cseq: None,
            allow: allow_of(response),
        })
    }

    /// The dialog that an answer of ours with `local_tag` makes for the callee
    /// (RFC 3261 12.1.1).
    ///
    /// # Errors
    /// If a header is missing or broken; the Contact is required.
    pub fn as_callee(request: &Request, local_tag: &str) -> Result<Self, ReadError> {
        let mut local = request.to_addr()?;
        local.set_tag(local_tag);
        let contact = request.contacts()?.into_iter().next();
        Ok(Self {
            call_id: request.call_id()?.to_owned(),
            local,
            remote: request.from_addr()?,
            remote_target: contact
                .ok_or_else(|| ReadError::Broken {
                    status: 400,
                    reason: "Missing Contact".into(),
                    headers: None,
                })?
                .uri,
            route_set: request.record_routes()?,
            local_cseq: 0,
            remote_cseq: Some(request.cseq()?.seq),
            allow: allow_of(request),
        })
    }

    /// Our tag.
    pub fn local_tag(&self) -> &str {
        self.local.tag().unwrap_or_default()
    }

    /// The peer's tag; empty for a peer of RFC 2543.
    pub fn remote_tag(&self) -> &str {
        self.remote.tag().unwrap_or_default()
    }

    /// Whether a request from the peer belongs to this dialog.
    pub fn is_of(&self, call_id: &str, from_tag: &str, to_tag: &str) -> bool {
        self.call_id == call_id && self.local_tag() == to_tag && self.remote_tag() == from_tag
    }

    /// Notes the number of a request of the peer. ACK and CANCEL have that of their INVITE and
    /// don't come here.
    pub fn note_request(&mut self, cseq: u32) -> Order {
        if self.remote_cseq.is_some_and(|last| cseq <= last) {
            return Order::Old;
        }
        self.remote_cseq = Some(cseq);
        Order::New
    }

    /// Whether the peer takes a method; one that doesn't say is taken to.
    pub fn allows(&self, method: &str) -> bool {
        let is = |known: &String| known.eq_ignore_ascii_case(method);
        self.allow.as_ref().is_none_or(|known| known.iter().any(is))
    }

    /// Takes over the Contact and Allow of a target refresh: (re-)INVITE, UPDATE and their 2xx
    /// (RFC 3261 12.2).
    pub fn refresh_target(&mut self, message: &impl HeadersView) {
        if let Ok(contacts) = message.contacts()
            && let Some(contact) = contacts.into_iter().next()
        {
            self.remote_target = contact.uri;
        }
        self.allow = allow_of(message).or(self.allow.take());
    }

    /// The next request in the dialog (RFC 3261 12.2.1.1), loose or strict routing.
    pub fn request(&mut self, method: Method) -> Draft {
        self.local_cseq = self.local_cseq.saturating_add(1);
        self.draft(method, self.local_cseq)
    }

    /// The ACK of a 2xx to the INVITE with this number (RFC 3261 13.2.2.4).
    pub fn ack(&self, cseq: u32) -> Draft {
        self.draft(Method::Ack, cseq)
    }

    fn draft(&self, method: Method, cseq: u32) -> Draft {
        let strict = self.route_set.first().is_some_and(|first| !first.uri.lr());
        let (uri, routes) = match self.route_set.split_first() {
            Some((first, rest)) if strict => {
                let mut uri = first.uri.clone();
                uri.headers = None;
                let target = NameAddr {
                    display: None,
                    uri: self.remote_target.clone(),
                    params: Default::default(),
                };
                let routes = rest.iter().cloned().chain([target]).collect();
                (uri, routes)
            }
            _ => (self.remote_target.clone(), self.route_set.clone()),
        };
        Draft {
            method,
            uri,
            routes,
            strict,
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.call_id.clone(),
            cseq,
            headers: Vec::new(),
            content_type: String::new(),
            body: Vec::new(),
        }
    }
}

fn allow_of(message: &impl HeadersView) -> Option<Vec<String>> {
    let said = message.text("Allow").is_some();
    said.then(|| message.list("Allow"))
}
