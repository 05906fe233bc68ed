//! What goes into and comes out of an [`Endpoint`](super::Endpoint).

use std::net::SocketAddr;
use std::time::Instant;

use secrecy::SecretString;

use crate::account::{AccountId, Transport};
use crate::sip::flow::{Action, Flow, TransportError, Trust};
use crate::sip::message::{Host, NameAddr, Replaces, Request, Uri};

/// How an endpoint presents itself.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    /// User-Agent and Server.
    pub user_agent: String,
    /// The UUID of this installation, for `+sip.instance` (RFC 5626 4.1).
    pub instance: String,
    /// Whose requests are taken.
    pub accept: Accept,
    /// Seeds tags, branches and jitter.
    pub seed: u64,
}

/// Whose requests outside of dialogs are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// Only calls to our own Contacts; strangers are refused.
    Ours,
    /// All: the endpoint is the lower half of a server, which decides itself.
    Anyone,
}

/// A host with an optional port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// The host.
    pub host: Host,
    /// The port; without it the host is looked up by SRV.
    pub port: Option<u16>,
}

impl std::fmt::Display for HostPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => write!(f, "{}", self.host),
        }
    }
}

/// Who we are towards one server: an account as SIP sees it.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The user part of the address of record, unescaped.
    pub login: String,
    /// The host part of the address of record.
    pub domain: HostPort,
    /// Where requests go first (outbound proxy, RFC 3261 8.1.2); without it to the domain.
    pub registrar: Option<HostPort>,
    /// The user name in credentials if it is not the login.
    pub auth_user: Option<String>,
    /// The password.
    pub password: Option<SecretString>,
    /// The display name in From.
    pub display_name: Option<String>,
    /// The transport towards the server.
    pub transport: Transport,
    /// Which certificates are accepted.
    pub trust: Trust,
    /// Whether to register; without it calls go straight to where they are addressed.
    pub register: bool,
    /// The registration's length to ask for, seconds.
    pub expires_s: u32,
}

/// Who makes a call.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "made once a call and taken apart at once"
)]
pub enum Caller {
    /// An account: over its server, with its credentials.
    Account(AccountId),
    /// Nobody who registers: a server's own call.
    Bare {
        /// From, without a tag.
        from: NameAddr,
        /// The flow to use; without it the target is looked up.
        flow: Option<Flow>,
    },
}

/// Names a request that waits for [`Endpoint::respond`](super::Endpoint::respond).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(super) u64);

/// What the driver has to do, or the engine to know.
#[derive(Debug)]
pub enum Output {
    /// The driver has something to do.
    Action(Action),
    /// Something happened.
    Event(Event),
}

/// What the engine has to know.
#[derive(Debug)]
pub enum Event {
    /// An account's registration changed.
    Registration {
        /// Whose.
        account: AccountId,
        /// How it stands now.
        status: RegistrationStatus,
    },
    /// A call came in; 100 was sent.
    Incoming {
        /// Its number, chosen by the endpoint: the highest bit is set.
        call: u64,
        /// The account it is for; `None` for a server's.
        account: Option<AccountId>,
        /// The INVITE.
        request: Box<Request>,
        /// Its From.
        from: NameAddr,
        /// The first [`ring`](super::Endpoint::ring) has to carry our offer (RFC 3262 section 5).
        describe: bool,
        /// The call it takes the place of (RFC 3891): to be accepted at once, and that one hung up.
        replaces: Option<u64>,
        /// The flow it came by.
        flow: Flow,
    },
    /// A provisional response to our INVITE, other than 100.
    Progress {
        /// Which call.
        call: u64,
        /// The status, 101 to 199.
        status: u16,
        /// The reason phrase.
        reason: String,
        /// A session description, if there is one.
        body: Option<Vec<u8>>,
    },
    /// Our INVITE was answered; the ACK is sent.
    Answered {
        /// Which call.
        call: u64,
        /// The session description; empty if it was agreed on before the answer.
        body: Vec<u8>,
        /// The flow the answer came by.
        flow: Flow,
        /// To, as the callee answered.
        from_peer: NameAddr,
    },
    /// Our answer to an INVITE or re-INVITE was acknowledged.
    Confirmed {
        /// Which call.
        call: u64,
    },
    /// The peer wants to change the session (re-INVITE, UPDATE or PRACK); to be answered by
    /// [`answer_offer`](super::Endpoint::answer_offer).
    Offer {
        /// Which call.
        call: u64,
        /// His offer; `None` if he asks for ours.
        body: Option<Vec<u8>>,
    },
    /// Our [`reinvite`](super::Endpoint::reinvite) was answered.
    OfferAnswered {
        /// Which call.
        call: u64,
        /// The peer's answer, or the status of his refusal; the session stays as it was then.
        result: Result<Vec<u8>, u16>,
    },
    /// The peer's answer to our offer in a response, found in his ACK or PRACK.
    DelayedAnswer {
        /// Which call.
        call: u64,
        /// The session description.
        body: Vec<u8>,
    },
    /// An INFO of the peer, already answered 200.
    Info {
        /// Which call.
        call: u64,
        /// Its Content-Type.
        content_type: String,
        /// Its body.
        body: Vec<u8>,
    },
    /// How the transfer goes on that our [`refer`](super::Endpoint::refer) asked for.
    Referring {
        /// Which call.
        call: u64,
        /// What the peer says of the call he makes instead: 100 while nothing is known, 2xx once
        /// it is answered. 408 if he leaves us without word, his own refusal if he makes none.
        status: u16,
        /// Whether this is the last word.
        last: bool,
    },
    /// The peer asks us to call somebody else instead (REFER, RFC 3515). It was accepted with 202;
    /// the rest is told by [`refer_progress`](super::Endpoint::refer_progress).
    Referred {
        /// Which call.
        call: u64,
        /// What he asks.
        referral: Box<Referral>,
    },
    /// The outcome of the call that the peer asked for was told to him.
    ReferTold {
        /// Which call.
        call: u64,
    },
    /// A subscription of ours tells something.
    Notified {
        /// Which, as [`subscribe`](super::Endpoint::subscribe) was told.
        id: u64,
        /// What, as the package has it; empty if there is nothing to tell.
        body: Vec<u8>,
    },
    /// What a subscription told does not hold any more. It is asked for again later.
    SubscriptionLost {
        /// Which.
        id: u64,
        /// The status that refused it; 408 or 480 if it was lost.
        status: u16,
    },
    /// An account's server tells of its voicemail without being asked (RFC 3842).
    Summary {
        /// Which account.
        account: AccountId,
        /// `application/simple-message-summary`.
        body: Vec<u8>,
    },
    /// The call is over. The last word about this call.
    Ended {
        /// Which call.
        call: u64,
        /// Whether the far side ended or refused it.
        by_peer: bool,
        /// Why it failed; `None` if it ended as calls do.
        failure: Option<Failure>,
        /// The final status. For a cancelled call the cause in Reason (200: answered
        /// elsewhere) if there is one, else 487.
        status: Option<u16>,
    },
    /// A request outside of dialogs, for a server to [`respond`](super::Endpoint::respond) to.
    Request {
        /// Names it.
        id: RequestId,
        /// The request.
        request: Box<Request>,
        /// The flow it came by.
        flow: Flow,
    },
}

/// What a peer asks us by REFER (RFC 3515).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// Whom to call.
    pub target: Uri,
    /// The Replaces of the INVITE (RFC 3891), if it has to take the place of a call there.
    pub replaces: Option<Replaces>,
    /// Who asks, as he says (RFC 3892).
    pub by: Option<NameAddr>,
    /// Whether the server of the account itself is the peer, so that nobody but a server that we
    /// trust with our calls asks for it.
    pub by_server: bool,
}

/// How an account's registration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationStatus {
    /// Under way.
    Registering,
    /// In force.
    Registered {
        /// When it runs out if it is not refreshed.
        expires_at: Instant,
        /// The flow to the registrar.
        flow: Flow,
        /// Our address as the registrar sees it, if it told.
        public: Option<SocketAddr>,
    },
    /// The account does not register.
    NotNeeded,
    /// The last attempt failed.
    Failed {
        /// Why.
        failure: Failure,
        /// When the next attempt is made; `None` if not before
        /// [`register_now`](super::Endpoint::register_now) or changed settings.
        retry_at: Option<Instant>,
    },
    /// Unregistered.
    Off,
}

/// Why a registration or a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No way to the server.
    Transport {
        /// The host that was asked for.
        host: String,
        /// What happened.
        error: TransportError,
    },
    /// The server did not answer (timers B, F, H).
    Timeout {
        /// The host that was asked for.
        host: String,
    },
    /// The credentials were refused.
    WrongPassword,
    /// A final response other than 2xx.
    Status {
        /// The status, 300 to 699.
        status: u16,
        /// The reason phrase.
        reason: String,
    },
    /// The callee is to be found elsewhere (3xx).
    Redirected {
        /// Where, the best first (RFC 3261 8.1.3.4).
        contacts: Vec<Uri>,
    },
    /// We have no address to send from.
    NoNetwork,
}

/// What was refused or dropped since the endpoint was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// INVITEs of strangers, refused without ringing.
    pub refused_invites: u64,
    /// Messages that were not understood, belonged to nothing, or exceeded a bound.
    pub dropped: u64,
}
