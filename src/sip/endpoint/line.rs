//! An identity and how it stands with its server.

use std::net::SocketAddr;
use std::time::Instant;

use secrecy::ExposeSecret;

use super::Identity;
use super::keepalive::Keepalive;
use super::outgoing::{Place, protocol};
use super::preferred::Preferred;
use crate::account::Transport;
use crate::sip::auth::{Credentials, DigestClient};
use crate::sip::flow::Flow;
use crate::sip::message::{Host, NameAddr, Uri};
use crate::sip::registration::Registration;

/// An identity and how it stands with its server.
#[derive(Debug)]
pub(super) struct Line {
    pub identity: Identity,
    /// The user part of our Contact: nobody but the registrar knows it.
    pub token: String,
    pub registration: Registration,
    pub digest: DigestClient,
    pub flow: Option<Flow>,
    /// Our address as the registrar sees it.
    pub public: Option<SocketAddr>,
    pub keepalive: Keepalive,
    /// The server that comes first, if it registered at another.
    pub preferred: Option<Preferred>,
    /// The REGISTER that is on its way.
    pub outgoing: Option<u64>,
    /// The Contact URI that the registrar has.
    pub bound: Option<String>,
    /// To be forgotten once it is unregistered.
    pub leaving: bool,
    /// What was told last is that it registers.
    pub announced: bool,
    /// When the flow was last set up again right after it closed.
    pub revived_at: Option<Instant>,
    /// The proxies of the home network that calls go by (RFC 3608).
    pub service_route: Vec<NameAddr>,
    pub call_id: String,
    pub cseq: u32,
    pub tag: String,
}

impl Line {
    /// A line that has not registered yet. `call_id` and `tag` are those of its REGISTERs.
    pub fn new(identity: Identity, token: String, call_id: String, tag: String) -> Self {
        let mut registration = Registration::new(identity.expires_s);
        if !identity.register {
            registration.stop();
        }
        Self {
            registration,
            identity,
            token,
            digest: DigestClient::new(),
            flow: None,
            public: None,
            keepalive: Keepalive::default(),
            preferred: None,
            outgoing: None,
            bound: None,
            leaving: false,
            announced: false,
            revived_at: None,
            service_route: Vec::new(),
            call_id,
            cseq: 0,
            tag,
        }
    }

    pub fn place(&self) -> Place {
        let server = self
            .identity
            .registrar
            .as_ref()
            .unwrap_or(&self.identity.domain);
        Place {
            host: server.host.clone(),
            port: server.port,
            transport: self.identity.transport,
            trust: self.identity.trust.clone(),
        }
    }

    /// Whether a host in a URI is this line's server.
    pub fn is_server(&self, host: &Host, port: Option<u16>) -> bool {
        [
            Some(&self.identity.domain),
            self.identity.registrar.as_ref(),
        ]
        .into_iter()
        .flatten()
        .any(|server| server.host.same(host) && server.port == port)
    }

    /// The preloaded route of the outbound proxy.
    pub fn routes(&self) -> Vec<NameAddr> {
        let Some(proxy) = &self.identity.registrar else {
            return Vec::new();
        };
        if *proxy == self.identity.domain {
            return Vec::new();
        }
        let mut uri = Uri::new(None, proxy.host.clone(), proxy.port);
        if self.identity.transport != Transport::Udp {
            let name = protocol(self.identity.transport).to_ascii_lowercase();
            uri = uri.with_param("transport", Some(&name));
        }
        vec![NameAddr::new(uri.with_param("lr", None))]
    }

    /// The preloaded route of a call: the outbound proxy, then what the registrar wants
    /// (RFC 3608 section 5).
    pub fn call_routes(&self) -> Vec<NameAddr> {
        let mut routes = self.routes();
        let mut rest = self.service_route.as_slice();
        if let (Some(proxy), Some((first, others))) = (routes.first(), rest.split_first())
            && proxy.uri.host.same(&first.uri.host)
            && proxy.uri.port == first.uri.port
        {
            rest = others;
        }
        routes.extend_from_slice(rest);
        routes
    }

    /// The address of record.
    pub fn address(&self) -> NameAddr {
        let domain = &self.identity.domain;
        NameAddr::new(Uri::new(
            Some(&self.identity.login),
            domain.host.clone(),
            domain.port,
        ))
        .with_display(self.identity.display_name.as_deref())
    }

    pub fn credentials(&self) -> Option<Credentials> {
        Some(Credentials {
            username: self
                .identity
                .auth_user
                .clone()
                .filter(|user| !user.is_empty())
                .unwrap_or_else(|| self.identity.login.clone()),
            password: self.identity.password.clone()?,
            realm: None,
        })
    }

    /// Whether a request to this user part is for us. Our own server may have kept the login.
    pub fn is_called(&self, user: &str, flow: Flow) -> bool {
        if !self.identity.register {
            return user == self.identity.login || user == self.token;
        }
        let from_server = self.flow.is_some_and(|own| {
            own == flow || (own.transport == Transport::Udp && own.is_like(flow))
        });
        user == self.token || (user == self.identity.login && from_server)
    }

    /// Whether what matters to the registrar stayed the same.
    pub fn is_served_alike(&self, other: &Identity) -> bool {
        let own = &self.identity;
        let secret = |identity: &Identity| {
            identity
                .password
                .as_ref()
                .map(|password| password.expose_secret().to_owned())
        };
        own.login == other.login
            && own.domain == other.domain
            && own.registrar == other.registrar
            && own.auth_user == other.auth_user
            && own.transport == other.transport
            && own.trust == other.trust
            && own.register == other.register
            && own.expires_s == other.expires_s
            && secret(own) == secret(other)
    }

    pub fn next_cseq(&mut self) -> u32 {
        self.cseq = self.cseq.saturating_add(1);
        self.cseq
    }

    /// Whether a REGISTER of `other` replaces the binding of this line.
    pub fn is_same_binding(&self, other: &Self) -> bool {
        let (own, other) = (&self.identity, &other.identity);
        own.register
            && other.register
            && !self.leaving
            && own.login == other.login
            && own.domain == other.domain
            && own.registrar == other.registrar
            && own.transport == other.transport
            && own.trust == other.trust
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        let preferred = self.preferred.as_ref().and_then(Preferred::poll_timeout);
        [
            self.registration.poll_timeout(),
            self.keepalive.poll_timeout(),
            preferred.filter(|_| !self.leaving),
        ]
        .into_iter()
        .flatten()
        .min()
    }
}
