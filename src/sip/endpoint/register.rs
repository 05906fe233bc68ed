//! Registering identities with their servers (RFC 3261 10.2, RFC 5626 section 4).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::line::Line;
use super::outgoing::{ContactKind, Hop, Outgoing, Purpose};
use super::{Endpoint, Event, Failure, Identity, RegistrationStatus};
use crate::account::AccountId;
use crate::sip::auth::DigestClient;
use crate::sip::dialog::Draft;
use crate::sip::flow::{Action, Flow, TransportError};
use crate::sip::message::{HeadersView, Method, NameAddr, Response, Uri, header, reason_of};

/// A flow that closes again so soon after it was set up anew is not set up again at once.
const STEADY: Duration = Duration::from_secs(60);
/// How many proxies of a Service-Route are kept.
const MAX_SERVICE_ROUTE: usize = 8;

impl Endpoint {
    /// Adds or replaces an identity and begins to register it if it wants that.
    pub fn set_identity(&mut self, now: Instant, id: AccountId, identity: Identity) {
        if let Some(line) = self.lines.get_mut(&id)
            && !line.leaving
            && line.is_served_alike(&identity)
        {
            line.identity = identity;
            return;
        }
        self.unsubscribe_account(now, &id);
        let old = self.lines.remove(&id);
        let token = self.contact_token(&id);
        let (call_id, tag) = (self.token(), self.token());
        let mut line = Line::new(identity, token, call_id, tag);
        if let Some(old) = old {
            if old.is_same_binding(&line) {
                // The new REGISTER replaces what the registrar has; to take that back first would
                // race with it.
                line.bound = old.bound;
                line.call_id = old.call_id;
                line.cseq = old.cseq;
                line.flow = old.flow.filter(|flow| self.flows.is_open(*flow));
                if let Some(outgoing) = old.outgoing {
                    self.abandon(now, outgoing);
                }
            } else if !old.leaving {
                let parked = AccountId::from(format!("{id} {}", self.number()).as_str());
                self.lines.insert(parked.clone(), old);
                if !self.unregister(now, &parked) {
                    self.lines.remove(&parked);
                }
            }
        }
        let register = line.identity.register;
        self.lines.insert(id.clone(), line);
        if register {
            self.register(now, &id);
        } else {
            self.tell_registration(&id, RegistrationStatus::NotNeeded);
        }
    }

    /// The same after each start, so that a new binding replaces the old one; no one can guess it
    /// who doesn't know the installation.
    fn contact_token(&self, id: &AccountId) -> String {
        let mut instance = Sha256::new();
        instance.update(self.config.instance.as_bytes());
        instance.update(id.as_str().as_bytes());
        let digest = instance.finalize();
        digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Takes an identity away; it is unregistered if it was registered.
    pub fn remove_identity(&mut self, now: Instant, id: &AccountId) {
        let known = self.lines.get(id).is_some_and(|line| !line.leaving);
        if !known {
            return;
        }
        self.unsubscribe_account(now, id);
        if !self.unregister(now, id) {
            self.lines.remove(id);
        }
        self.tell_registration(id, RegistrationStatus::Off);
    }

    /// Registers at once, whatever failed before.
    pub fn register_now(&mut self, now: Instant, id: &AccountId) {
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        if !line.identity.register || line.leaving || line.registration.is_waiting() {
            return;
        }
        line.registration.request_afresh();
        line.digest = DigestClient::new();
        self.register(now, id);
    }

    /// The network changed: connections are taken for dead and every identity registers again.
    pub fn network_changed(&mut self, now: Instant) {
        let ids: Vec<_> = self.lines.keys().cloned().collect();
        for id in &ids {
            if let Some(line) = self.lines.get_mut(id)
                && !line.leaving
            {
                line.flow = None;
                line.public = None;
                line.revived_at = None;
                line.keepalive.stop();
                if let Some(outgoing) = line.outgoing.take() {
                    line.registration.request();
                    self.abandon(now, outgoing);
                }
            }
        }
        for flow in self.flows.take_ours() {
            self.push(super::Output::Action(Action::Close { flow }));
            self.forget_flow(now, flow, &TransportError::Closed);
        }
        for id in &ids {
            self.register_now(now, id);
        }
    }

    /// Sends a REGISTER with no expiry if the registrar knows us. False if there is no need.
    fn unregister(&mut self, now: Instant, id: &AccountId) -> bool {
        let Some(line) = self.lines.get_mut(id) else {
            return false;
        };
        if std::mem::replace(&mut line.leaving, true) {
            return true;
        }
        line.registration.stop();
        line.keepalive.stop();
        let asked = line.preferred.take().and_then(|preferred| preferred.asked);
        if let Some(outgoing) = line.outgoing.take() {
            self.abandon(now, outgoing);
        }
        if let Some(asked) = asked {
            self.drop_outgoing(asked);
        }
        let Some(line) = self.lines.get_mut(id) else {
            return false;
        };
        let known = line
            .registration
            .valid_until()
            .is_some_and(|until| until > now);
        if !known || line.bound.is_none() {
            return false;
        }
        self.send_register(now, id, 0, false);
        true
    }

    /// Sends a REGISTER if one is due.
    pub(super) fn register(&mut self, now: Instant, id: &AccountId) {
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        if line.leaving || !line.registration.is_due(now) {
            return;
        }
        let expires_s = line.registration.expires_s();
        line.registration.sent();
        if line
            .registration
            .valid_until()
            .is_none_or(|until| until <= now)
        {
            self.tell_registration(id, RegistrationStatus::Registering);
        }
        self.send_register(now, id, expires_s, false);
    }

    /// `correction` is whether this one only puts right the address in Contact.
    fn send_register(&mut self, now: Instant, id: &AccountId, expires_s: u32, correction: bool) {
        let number = self.number();
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        let cseq = line.next_cseq();
        line.outgoing = Some(number);
        let domain = &line.identity.domain;
        let address = line.address();
        let draft = Draft {
            method: Method::Register,
            uri: Uri::new(None, domain.host.clone(), domain.port),
            routes: line.routes(),
            strict: false,
            from: address.clone().with_tag(&line.tag),
            to: address,
            call_id: line.call_id.clone(),
            cseq,
            headers: vec![
                header("Expires", expires_s.to_string()),
                header("Supported", "outbound, path"),
                header("Allow", super::ALLOW),
            ],
            content_type: String::new(),
            body: Vec::new(),
        };
        let contact = ContactKind::Binding {
            expires_s,
            old: line.bound.clone(),
            correction,
        };
        let outgoing = Outgoing::new(
            Purpose::Register {
                account: id.clone(),
            },
            draft,
            Some(id.clone()),
            contact,
        );
        let place = line.place();
        let hop = match line.flow {
            Some(flow) => self.hop_over(flow, place),
            None => Hop::Place(place),
        };
        self.send(now, number, outgoing, hop);
    }

    /// The Contacts of a REGISTER: ours, and the one it replaces.
    pub(super) fn binding(
        &self,
        flow: Flow,
        account: Option<&AccountId>,
        expires_s: u32,
        old: Option<&str>,
    ) -> Vec<rsip::Header> {
        let Some(line) = account.and_then(|account| self.lines.get(account)) else {
            return Vec::new();
        };
        let uri = self.contact(flow, account, Some(&line.token)).to_string();
        // What is taken back is what the registrar has, even if the flow is another by now.
        let uri = match old {
            Some(old) if expires_s == 0 => old.to_owned(),
            _ => uri,
        };
        let mut headers = vec![header(
            "Contact",
            format!(
                "<{uri}>;+sip.instance=\"<urn:uuid:{}>\";reg-id=1;expires={expires_s}",
                self.config.instance
            ),
        )];
        if let Some(old) = old.filter(|old| *old != uri) {
            headers.push(header("Contact", format!("<{old}>;expires=0")));
        }
        headers
    }

    /// The final response to a REGISTER, challenges excepted.
    pub(super) fn register_answered(
        &mut self,
        now: Instant,
        id: u64,
        account: &AccountId,
        flow: Flow,
        response: &Response,
    ) {
        let authorized = self
            .outgoing
            .get(&id)
            .and_then(|outgoing| outgoing.sent.as_ref())
            .is_some_and(|sent| sent.text("Authorization").is_some());
        let Some(line) = self.lines.get_mut(account) else {
            return;
        };
        if line.outgoing != Some(id) {
            return;
        }
        line.outgoing = None;
        if line.leaving {
            self.lines.remove(account);
            return;
        }
        let status = response.status_code.code();
        match status {
            200..=299 => self.registered(now, id, account, flow, response),
            423 => {
                let least = response
                    .text("Min-Expires")
                    .and_then(|text| text.trim().parse().ok());
                if least.is_some_and(|least| line.registration.too_brief(least)) {
                    self.register(now, account);
                } else {
                    self.register_failed(
                        now,
                        account,
                        status_failure(response),
                        Retry::After(None),
                    );
                }
            }
            403 if authorized => {
                self.register_failed(now, account, Failure::WrongPassword, Retry::Never);
            }
            _ => {
                let after = retry_after(response);
                self.register_failed(now, account, status_failure(response), Retry::After(after));
            }
        }
    }

    fn registered(
        &mut self,
        now: Instant,
        id: u64,
        account: &AccountId,
        flow: Flow,
        response: &Response,
    ) {
        let sent = self
            .outgoing
            .get(&id)
            .and_then(|outgoing| outgoing.sent.as_ref());
        let asked = sent.and_then(|sent| sent.expires());
        let ours = sent
            .and_then(|sent| sent.contacts().ok())
            .and_then(|contacts| contacts.into_iter().next());
        let Some(line) = self.lines.get_mut(account) else {
            return;
        };
        let bindings = response.contacts().unwrap_or_default();
        let listed = bindings
            .iter()
            .find(|contact| {
                ours.as_ref()
                    .is_some_and(|ours| contact.uri.equivalent(&ours.uri))
            })
            // Some registrars write the address anew.
            .or_else(|| {
                bindings
                    .iter()
                    .filter(|contact| contact.uri.user.as_deref() == Some(&line.token))
                    .max_by_key(|contact| contact.expires())
            });
        let granted = listed
            .and_then(|contact| contact.expires())
            .or_else(|| response.expires())
            .or(asked)
            .unwrap_or(line.identity.expires_s);
        line.bound = ours.as_ref().map(|ours| ours.uri.to_string());
        line.flow = Some(flow);
        let route = response.list("Service-Route");
        let route = route.iter().filter_map(|route| route.parse().ok());
        let loose = |route: &NameAddr| route.uri.lr();
        line.service_route = route.filter(loose).take(MAX_SERVICE_ROUTE).collect();
        let first = self.outgoing.get(&id).and_then(|sent| sent.first.as_ref());
        line.note_server(now, flow, first);
        let expires_at = line.registration.succeeded(now, granted);
        let outbound = response.lists("Require", "outbound");
        let flow_timer = response
            .text("Flow-Timer")
            .and_then(|text| text.trim().parse().ok());
        line.keepalive
            .start(now, flow, outbound, flow_timer, &mut self.rng);

        // RFC 3581: what the registrar put into our Via is where it sees us.
        let seen = response.via().ok().and_then(|via| {
            let ip = via.received().or_else(|| via.host.ip())?;
            Some(SocketAddr::new(ip, via.rport()?))
        });
        line.public = seen;
        let behind_nat = seen.is_some_and(|seen| {
            ours.is_some_and(|ours| {
                ours.uri.host.ip() != Some(seen.ip()) || ours.uri.port != Some(seen.port())
            })
        });
        // Once per answer to a Contact that was not yet corrected: what NAT gives anew each time
        // can't be caught.
        let corrected = self.outgoing.get(&id).is_some_and(|outgoing| {
            matches!(
                outgoing.contact,
                ContactKind::Binding {
                    correction: true,
                    ..
                }
            )
        });
        if behind_nat && !corrected {
            line.registration.sent();
            let expires_s = line.registration.expires_s();
            self.send_register(now, account, expires_s, true);
            return;
        }
        self.tell_registration(
            account,
            RegistrationStatus::Registered {
                expires_at,
                flow,
                public: seen,
            },
        );
    }

    /// A REGISTER came to nothing.
    pub(super) fn register_given_up(
        &mut self,
        now: Instant,
        id: u64,
        account: &AccountId,
        failure: Failure,
    ) {
        let Some(line) = self.lines.get_mut(account) else {
            return;
        };
        if line.outgoing != Some(id) {
            return;
        }
        line.outgoing = None;
        if line.leaving {
            self.lines.remove(account);
            return;
        }
        line.flow = None;
        line.keepalive.stop();
        let retry = match failure {
            Failure::WrongPassword => Retry::Never,
            _ => Retry::After(None),
        };
        self.register_failed(now, account, failure, retry);
    }

    fn register_failed(
        &mut self,
        now: Instant,
        account: &AccountId,
        failure: Failure,
        retry: Retry,
    ) {
        let Some(line) = self.lines.get_mut(account) else {
            return;
        };
        let retry_at = match retry {
            Retry::Never => {
                line.registration.stop();
                line.registration.forget();
                line.keepalive.stop();
                None
            }
            Retry::After(after) => Some(line.registration.failed(now, after, &mut self.rng)),
        };
        self.tell_registration(account, RegistrationStatus::Failed { failure, retry_at });
    }

    /// The flow to the registrar is gone: register again, at once if it was steady.
    pub(super) fn line_flow_closed(
        &mut self,
        now: Instant,
        account: &AccountId,
        error: TransportError,
    ) {
        let Some(line) = self.lines.get_mut(account) else {
            return;
        };
        line.flow = None;
        line.keepalive.stop();
        if line.leaving || !line.identity.register || !line.registration.is_registered() {
            return;
        }
        let steady = line.revived_at.is_none_or(|at| now >= at + STEADY);
        if steady {
            line.revived_at = Some(now);
            line.registration.request();
            line.registration.forget();
            self.register(now, account);
        } else {
            let host = line.place().host.to_string();
            line.registration.forget();
            self.register_failed(
                now,
                account,
                Failure::Transport { host, error },
                Retry::After(None),
            );
        }
    }

    fn tell_registration(&mut self, account: &AccountId, status: RegistrationStatus) {
        if let Some(line) = self.lines.get_mut(account) {
            let registering = status == RegistrationStatus::Registering;
            if std::mem::replace(&mut line.announced, registering) && registering {
                return;
            }
        }
        self.event(Event::Registration {
            account: account.clone(),
            status,
        });
    }
}

#[derive(Debug, Clone, Copy)]
enum Retry {
    Never,
    After(Option<u32>),
}

/// The failure that a final response stands for.
pub(super) fn status_failure(response: &Response) -> Failure {
    Failure::Status {
        status: response.status_code.code(),
        reason: reason_of(response).to_owned(),
    }
}

/// Retry-After, seconds; comments and parameters are left out.
pub(super) fn retry_after(response: &Response) -> Option<u32> {
    let text = response.text("Retry-After")?;
    let digits: String = text
        .trim()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}
