//! Requests that arrive: transactions, checks in the order of RFC 3261 8.2, strangers.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use super::{Accept, Endpoint, Event, RequestId};
use crate::account::AccountId;
use crate::sip::flow::Flow;
use crate::sip::message::{
    CSeq, HeadersEdit, HeadersView, Method, ReadError, Request, Scheme, header, request_uri,
    response_to, write_response,
};
use crate::sip::transaction::{ServerKey, ServerTransaction};

/// How many requests can be under way towards us.
const MAX_SERVED: usize = 8192;
/// Extensions we can be required to have.
const EXTENSIONS: [&str; 4] = ["100rel", "timer", "replaces", "norefersub"];

/// A request of a peer, its transaction, and what we said last.
#[derive(Debug)]
pub(super) struct Served {
    pub transaction: ServerTransaction,
    pub flow: Flow,
    pub request: Request,
    pub tag: String,
    pub last: Vec<u8>,
    /// The call it belongs to, if it is an INVITE.
    pub call: Option<u64>,
    identity: Option<RequestIdentity>,
}

/// What stays the same in a request whatever way it takes (RFC 3261 8.2.2.2).
#[derive(Debug, PartialEq, Eq)]
struct RequestIdentity {
    call_id: String,
    cseq: CSeq,
    from_tag: Option<String>,
}

impl RequestIdentity {
    fn of(request: &Request) -> Option<Self> {
        Some(Self {
            call_id: request.call_id().ok()?.to_owned(),
            cseq: request.cseq().ok()?,
            from_tag: request.from_addr().ok()?.tag().map(str::to_owned),
        })
    }
}

impl Endpoint {
    pub(super) fn receive_request(&mut self, now: Instant, flow: Flow, mut request: Request) {
        note_source(&mut request, flow);
        let Some(key) = ServerKey::of(&request) else {
            self.counters.dropped += 1;
            return;
        };
        if request.method == Method::Ack {
            self.receive_ack(now, &key, &request);
            return;
        }
        if let Some(served) = self.served.get(&key) {
            if served.transaction.repeated() && !served.last.is_empty() {
                let bytes = served.last.clone();
                self.transmit(now, flow, bytes);
            }
            return;
        }
        if request.method == Method::Cancel {
            self.receive_cancel(now, flow, key, request);
            return;
        }
        if self.served.len() >= MAX_SERVED {
            self.counters.dropped += 1;
            self.answer_stateless(now, flow, &request, 503, Vec::new());
            return;
        }
        let to_tag = request
            .to_addr()
            .ok()
            .and_then(|to| to.tag().map(str::to_owned));
        match to_tag {
            Some(tag) => self.receive_in_dialog(now, flow, key, request, &tag),
            None => self.receive_new(now, flow, key, request),
        }
    }

    fn receive_ack(&mut self, now: Instant, key: &ServerKey, request: &Request) {
        if let Some(served) = self.served.get_mut(key)
            && served.transaction.awaits_ack()
        {
            served.transaction.acknowledged(now);
            return;
        }
        self.acknowledged(now, request);
    }

    fn receive_new(&mut self, now: Instant, flow: Flow, key: ServerKey, request: Request) {
        let uri = match request_uri(&request) {
            Ok(uri) if uri.scheme != Scheme::Tel || self.config.accept == Accept::Anyone => uri,
            _ => {
                self.answer_stateless(now, flow, &request, 416, Vec::new());
                return;
            }
        };
        let user = uri.unescaped_user().unwrap_or_default();
        let account: Option<AccountId> = self
            .lines
            .iter()
            .find(|(_, line)| line.is_called(&user, flow))
            .map(|(id, _)| id.clone());
        if self.config.accept == Accept::Ours && account.is_none() {
            if request.method == Method::Invite {
                self.counters.refused_invites += 1;
                self.answer_stranger(now, flow, &request, 404);
                return;
            }
            let status = if request.method == Method::Options {
                200
            } else {
                405
            };
            self.answer_stranger(now, flow, &request, status);
            return;
        }
        if let Some(unsupported) = unsupported(&request) {
            let extra = vec![header("Unsupported", unsupported)];
            self.answer_stateless(now, flow, &request, 420, extra);
            return;
        }
        if self.is_merged(&key, &request) {
            self.answer_stateless(now, flow, &request, 482, Vec::new());
            return;
        }
        match (request.method, self.config.accept) {
            (Method::Invite, _) => self.receive_invite(now, flow, key, request, account),
            (_, Accept::Anyone) => {
                self.serve(now, flow, key.clone(), request.clone(), None);
                let id = RequestId(self.number());
                self.requests.insert(id, key);
                self.event(Event::Request {
                    id,
                    request: Box::new(request),
                    flow,
                });
            }
            (Method::Options, Accept::Ours) => {
                self.serve(now, flow, key.clone(), request, None);
                self.answer(now, &key, 200, capabilities(), Vec::new());
            }
            (Method::Bye | Method::Info | Method::Update | Method::PRack, Accept::Ours) => {
                self.answer_stateless(now, flow, &request, 481, Vec::new());
            }
            // There is nothing to subscribe to here but the transfers within calls.
            (Method::Subscribe, Accept::Ours) => {
                let extra = vec![header("Allow-Events", "refer")];
                self.answer_stateless(now, flow, &request, 489, extra);
            }
            // Nobody makes us call without being in a call with us.
            (Method::Refer, Accept::Ours) => {
                self.answer_stateless(now, flow, &request, 403, Vec::new());
            }
            (Method::Notify, Accept::Ours) => match account {
                Some(account) => {
                    self.receive_unsolicited_notify(now, flow, key, request, &account);
                }
                None => self.answer_stateless(now, flow, &request, 481, Vec::new()),
            },
            (_, Accept::Ours) => {
                let extra = vec![header("Allow", super::ALLOW)];
                self.answer_stateless(now, flow, &request, 405, extra);
            }
        }
    }

    /// The same request came by another way.
    fn is_merged(&self, key: &ServerKey, request: &Request) -> bool {
        let identity = RequestIdentity::of(request);
        self.served
            .iter()
            .any(|(known, served)| known != key && served.identity == identity)
    }

    /// Begins a server transaction.
    pub(super) fn serve(
        &mut self,
        now: Instant,
        flow: Flow,
        key: ServerKey,
        request: Request,
        call: Option<u64>,
    ) {
        let invite = request.method == Method::Invite;
        let tag = self.token();
        let served = Served {
            identity: RequestIdentity::of(&request),
            transaction: ServerTransaction::new(now, invite, flow.is_reliable()),
            flow,
            request,
            tag,
            last: Vec::new(),
            call,
        };
        self.served.insert(key, served);
    }

    /// Answers a request in its transaction; the bytes are given back.
    pub(super) fn answer(
        &mut self,
        now: Instant,
        key: &ServerKey,
        status: u16,
        mut extra: Vec<rsip::Header>,
        body: Vec<u8>,
    ) -> Option<(Flow, Vec<u8>)> {
        let served = self.served.get_mut(key)?;
        if !served.transaction.is_open() {
            return None;
        }
        extra.push(header("Server", self.config.user_agent.clone()));
        let response = response_to(
            &served.request,
            status,
            None,
            Some(&served.tag),
            extra,
            body,
        );
        let bytes = write_response(&response);
        served.transaction.respond(now, status);
        served.last.clone_from(&bytes);
        let flow = served.flow;
        self.transmit(now, flow, bytes.clone());
        Some((flow, bytes))
    }

    /// Answers without a transaction (RFC 3261 8.2.7): a repeat gets the same once more.
    pub(super) fn answer_stateless(
        &mut self,
        now: Instant,
        flow: Flow,
        request: &Request,
        status: u16,
        mut extra: Vec<rsip::Header>,
    ) {
        extra.push(header("Server", self.config.user_agent.clone()));
        let tag = self.stateless_tag(request.text("Via").unwrap_or_default());
        let response = response_to(request, status, None, Some(&tag), extra, Vec::new());
        self.transmit(now, flow, write_response(&response));
    }

    fn answer_stranger(&mut self, now: Instant, flow: Flow, request: &Request, status: u16) {
        if !self.strangers.may_answer(now, flow.remote.ip()) {
            self.counters.dropped += 1;
            return;
        }
        let extra = match status {
            200 => capabilities(),
            405 => vec![header("Allow", super::ALLOW)],
            _ => Vec::new(),
        };
        self.answer_stateless(now, flow, request, status, extra);
    }

    fn stateless_tag(&self, via: &str) -> String {
        let mut hasher = DefaultHasher::new();
        self.config.seed.hash(&mut hasher);
        via.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Bytes that are no usable message are answered if they can be.
    pub(super) fn receive_broken(&mut self, now: Instant, flow: Flow, error: &ReadError) {
        self.counters.dropped += 1;
        if !self.strangers.may_answer(now, flow.remote.ip()) {
            return;
        }
        let tag = self.stateless_tag(&flow.remote.to_string());
        if let Some(mut response) = error.answer(Some(&tag)) {
            if response.status_code.code() == 501 {
                response.headers.push(header("Allow", super::ALLOW));
            }
            self.transmit(now, flow, write_response(&response));
        }
    }

    /// Answers an [`Event::Request`].
    pub fn respond(
        &mut self,
        now: Instant,
        request: RequestId,
        status: u16,
        mut extra: Vec<rsip::Header>,
        body: Vec<u8>,
    ) {
        let Some(key) = self.requests.get(&request).cloned() else {
            return;
        };
        if status >= 200 {
            self.requests.remove(&request);
        }
        let typed = extra
            .iter()
            .any(|header| matches!(header, rsip::Header::ContentType(_)));
        if !body.is_empty() && !typed {
            extra.push(header("Content-Type", "application/sdp"));
        }
        self.answer(now, &key, status, extra, body);
    }
}

/// What OPTIONS is told.
pub(super) fn capabilities() -> Vec<rsip::Header> {
    vec![
        header("Allow", super::ALLOW),
        header(
            "Accept",
            "application/sdp, application/dtmf-relay, application/dtmf",
        ),
        header("Supported", format!("{}, outbound", super::SUPPORTED)),
    ]
}

/// Option tags that are required of us and unknown.
pub(super) fn unsupported(request: &Request) -> Option<String> {
    let unknown: Vec<String> = request
        .list("Require")
        .into_iter()
        .filter(|tag| {
            !EXTENSIONS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(tag))
        })
        .collect();
    (!unknown.is_empty()).then(|| unknown.join(", "))
}

/// Why a body can't be taken for a session description.
pub(super) fn unusable_body(request: &Request) -> Option<(u16, rsip::Header)> {
    if request.body.is_empty() {
        return None;
    }
    let kind = request.text("Content-Type").unwrap_or("application/sdp");
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/sdp") {
        return Some((415, header("Accept", "application/sdp")));
    }
    let encoding = request
        .text("Content-Encoding")
        .map_or("identity", str::trim);
    if !encoding.eq_ignore_ascii_case("identity") {
        return Some((415, header("Accept-Encoding", "identity")));
    }
    None
}

/// RFC 3261 18.2.1 and RFC 3581 section 4.
fn note_source(request: &mut Request, flow: Flow) {
    let Ok(mut via) = request.via() else {
        return;
    };
    if via.wants_rport() {
        via.set_received(flow.remote.ip());
        via.set_rport(flow.remote.port());
    } else if via.host.ip() != Some(flow.remote.ip()) {
        via.set_received(flow.remote.ip());
    } else {
        return;
    }
    request.headers.set_first("Via", via.to_string());
}
