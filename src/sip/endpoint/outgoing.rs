//! A request on its way out, and where it may go.

use std::collections::VecDeque;
use std::time::Instant;

use super::Failure;
use super::outages::Spot;
use crate::account::{AccountId, Transport};
use crate::sip::dialog::Draft;
use crate::sip::flow::{Flow, Target, TransportError, Trust};
use crate::sip::message::{Host, Method, Request, Scheme, Uri};
use crate::sip::transaction::ClientTransaction;

/// A host to be looked up.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub host: Host,
    pub port: Option<u16>,
    pub transport: Transport,
    pub trust: Trust,
}

impl Place {
    /// Where a URI points to; its own transport wins over `transport`.
    pub fn of(uri: &Uri, transport: Transport, trust: Trust) -> Self {
        let transport = match (uri.scheme, uri.transport()) {
            (Scheme::Sips, _) => Transport::Tls,
            (_, Some(name)) if name.eq_ignore_ascii_case("tcp") => Transport::Tcp,
            (_, Some(name)) if name.eq_ignore_ascii_case("tls") => Transport::Tls,
            (_, Some(name)) if name.eq_ignore_ascii_case("udp") => Transport::Udp,
            _ => transport,
        };
        Self {
            host: uri.host.clone(),
            port: uri.port,
            transport,
            trust,
        }
    }

    pub fn name(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.to_string(),
        }
    }
}

/// The first step of a request.
#[derive(Debug)]
pub(super) enum Hop {
    /// An open flow, and where to look if it turns out dead.
    Flow(Flow, Option<Place>),
    /// A host to look up.
    Place(Place),
    /// A host to look up, and a flow to use if it is not found.
    PlaceElse(Place, Flow),
}

/// Who waits for the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    Register {
        account: AccountId,
    },
    Invite {
        call: u64,
    },
    /// A re-INVITE or UPDATE.
    Change {
        call: u64,
    },
    /// In the dialog with this remote tag.
    Prack {
        call: u64,
        tag: String,
    },
    Bye {
        call: u64,
    },
    Info {
        call: u64,
    },
    /// A SUBSCRIBE of our own.
    Subscribe {
        subscription: u64,
    },
    /// Our REFER.
    Refer {
        call: u64,
    },
    /// How a call that we were referred to goes on; `last` if there is nothing to come.
    Notify {
        call: u64,
        last: bool,
    },
    /// Whether the preferred server of an account answers again.
    Ask {
        account: AccountId,
    },
    Cancel,
    /// An ACK to the 2xx with this To tag of the INVITE with this number.
    Ack {
        invite: u64,
        tag: String,
    },
    /// Nobody.
    Stray,
}

/// What stands in Contact.
#[derive(Debug, Clone)]
pub(super) enum ContactKind {
    Absent,
    Call {
        user: Option<String>,
    },
    /// A binding for so many seconds, and the one it replaces.
    Binding {
        expires_s: u32,
        old: Option<String>,
        /// It only puts right the address of the one before.
        correction: bool,
    },
}

#[derive(Debug)]
pub(super) struct SentAck {
    pub tag: String,
    pub flow: Flow,
    pub bytes: Vec<u8>,
}

/// A request, from the wish to send it until its transaction is over.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub purpose: Purpose,
    pub draft: Draft,
    pub account: Option<AccountId>,
    pub contact: ContactKind,
    /// Challenges seen.
    pub challenges: u8,
    /// The Via of the INVITE that this CANCEL cancels.
    pub via: Option<String>,
    /// ACKs sent for 2xx to this INVITE, to be sent again with each repeated 2xx.
    pub acks: Vec<SentAck>,
    pub flow: Option<Flow>,
    pub sent: Option<Request>,
    pub transaction: Option<ClientTransaction>,
    pub host: String,
    pub candidates: VecDeque<Candidate>,
    /// What stood first when the host was looked up.
    pub first: Option<Target>,
    /// Where it is going now.
    pub heading: Option<Spot>,
    pub trust: Trust,
    pub then: Option<Place>,
    /// A flow that is known, if the place is not found.
    pub otherwise: Option<Flow>,
    pub way: Way,
    pub error: Option<Failure>,
    /// Credentials made for a transport that turned out unfit for the request.
    pub authorization: Option<Vec<rsip::Header>>,
    pub bytes: Vec<u8>,
    pub branch: String,
}

#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub target: Target,
    /// Use UDP whatever the size: TCP was tried.
    pub whatever_size: bool,
}

#[derive(Debug)]
pub(super) enum Way {
    Idle,
    Locating {
        question: u64,
        until: Instant,
        transport: Transport,
    },
    Connecting {
        question: u64,
        until: Instant,
    },
    Sent,
}

impl Outgoing {
    pub fn new(
        purpose: Purpose,
        draft: Draft,
        account: Option<AccountId>,
        contact: ContactKind,
    ) -> Self {
        Self {
            purpose,
            draft,
            account,
            contact,
            challenges: 0,
            via: None,
            acks: Vec::new(),
            flow: None,
            sent: None,
            transaction: None,
            host: String::new(),
            candidates: VecDeque::new(),
            first: None,
            heading: None,
            trust: Trust::default(),
            then: None,
            otherwise: None,
            way: Way::Idle,
            error: None,
            authorization: None,
            bytes: Vec::new(),
            branch: String::new(),
        }
    }

    /// The same request for another transaction; this one only lingers from now on.
    pub fn succeed(&mut self) -> Self {
        let purpose = std::mem::replace(&mut self.purpose, Purpose::Stray);
        let mut next = Self::new(
            purpose,
            self.draft.clone(),
            self.account.clone(),
            self.contact.clone(),
        );
        next.challenges = self.challenges;
        next.host.clone_from(&self.host);
        next.trust = self.trust.clone();
        next.first.clone_from(&self.first);
        next.candidates = std::mem::take(&mut self.candidates);
        next.then = self.then.take();
        next
    }

    /// Whether somebody may still wait for a response.
    pub fn is_waiting(&self) -> bool {
        match &self.transaction {
            Some(transaction) => transaction.is_waiting(),
            None => true,
        }
    }

    /// Nobody waits for this INVITE any more: it is not sent elsewhere, and given up in time.
    pub fn abandon(&mut self, now: Instant) {
        self.stay();
        if let Some(transaction) = &mut self.transaction {
            transaction.abandon(now);
        }
    }

    /// The request is not tried anywhere else.
    pub fn stay(&mut self) {
        self.candidates.clear();
        self.then = None;
        self.otherwise = None;
    }

    /// Under which its transaction is known; a CANCEL has the branch of its INVITE.
    pub fn branch_key(&self) -> (String, bool) {
        (self.branch.clone(), self.draft.method == Method::Cancel)
    }

    pub fn has_more_candidates(&self) -> bool {
        !self.candidates.is_empty()
    }

    /// Where to look if the flow turns out dead.
    pub fn take_place(&mut self) -> Option<Place> {
        self.then.take()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn is_on(&self, flow: Flow) -> bool {
        self.flow.is_some_and(|own| {
            own == flow
                || (own.transport == Transport::Udp
                    && flow.transport == Transport::Udp
                    && own.remote == flow.remote)
        })
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.way {
            Way::Idle => None,
            Way::Locating { until, .. } | Way::Connecting { until, .. } => Some(until),
            Way::Sent => self.transaction.as_ref()?.poll_timeout(),
        }
    }

    /// Whether a lookup or a connection takes too long.
    pub fn is_overdue(&self, now: Instant) -> bool {
        matches!(self.way, Way::Locating { until, .. } | Way::Connecting { until, .. } if until <= now)
    }

    pub fn transport_failure(&self, error: TransportError) -> Failure {
        Failure::Transport {
            host: self.host.clone(),
            error,
        }
    }
}

/// The transport's name in Via.
pub(super) fn protocol(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    }
}
