use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

use crate::codec::CodecId;
use crate::media::sdp::{Session, Wanted};
use crate::media::{self, OpusOptions, Ports, Security};
use crate::server::{Extension, sound};
use crate::sip::auth::{Algorithm, DigestServer, Verdict};
use crate::sip::message::{HeadersView, Host, Method, NameAddr, Request, Uri, header, request_uri};
use crate::sip::transport::{Driver, Listen};
use crate::sip::{
    Accept, Caller, Endpoint, EndpointConfig, Event, Flow, Link, RequestId, TransportError,
};

/// The only login of the test line.
pub const TEST_LINE_LOGIN: &str = "me";
const REALM: &str = "test-line";
/// Registrations last this long at most, seconds.
const MAX_EXPIRES_S: u32 = 3600;
/// How long the callback number talks before it hangs up.
const CALLBACK_TALK: Duration = Duration::from_secs(1);
/// How long after that it calls back.
const CALLBACK_AFTER: Duration = Duration::from_secs(1);

/// A running test line. Dropping it ends the server and all that it does.
pub struct TestLine {
    address: SocketAddr,
    password: SecretString,
    server: JoinHandle<()>,
}

impl TestLine {
    /// Starts the server on a loopback port chosen by the system. Needs a Tokio runtime.
    ///
    /// # Errors
    /// If no socket could be had.
    pub async fn start() -> Result<Self, TransportError> {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listen = Listen {
            udp: vec![loopback],
            tcp: vec![loopback],
            ..Listen::default()
        };
        let driver = Driver::bind(listen).await?;
        let address = driver
            .udp_addresses()
            .first()
            .copied()
            .ok_or(TransportError::Unreachable)?;
        let secret: String = std::iter::repeat_with(fastrand::alphanumeric)
            .take(24)
            .collect();
        let password = SecretString::from(secret);
        let server = Server::new(driver, password.clone());
        Ok(Self {
            address,
            password,
            server: tokio::spawn(server.run()),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The password of [`TEST_LINE_LOGIN`], new with each start.
    pub fn password(&self) -> &SecretString {
        &self.password
    }
}

impl Drop for TestLine {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Where the registered user can be reached.
struct Binding {
    contact: Uri,
    flow: Flow,
    expires_at: Instant,
}

struct LineCall {
    session: Session,
    ports: Option<Ports>,
    sound: Option<JoinHandle<()>>,
}

impl Drop for LineCall {
    fn drop(&mut self) {
        if let Some(sound) = &self.sound {
            sound.abort();
        }
    }
}

/// What the callback number does next.
enum Later {
    HangUp(u64),
    CallBack,
}

struct Server {
    endpoint: Endpoint,
    link: Link,
    digest: DigestServer,
    password: SecretString,
    binding: Option<Binding>,
    calls: HashMap<u64, LineCall>,
    later: Vec<(Instant, Later)>,
    placed: u64,
}

impl Server {
    fn new(driver: Driver, password: SecretString) -> Self {
        let mut endpoint = Endpoint::new(EndpointConfig {
            user_agent: format!("Gudok test line/{}", env!("CARGO_PKG_VERSION")),
            instance: format!("test-line-{:08x}", fastrand::u32(..)),
            accept: Accept::Anyone,
            seed: fastrand::u64(..),
        });
        let link = Link::new(driver, &mut endpoint);
        let algorithms = vec![Algorithm::Sha256, Algorithm::Md5];
        Self {
            endpoint,
            link,
            digest: DigestServer::new(REALM, algorithms, fastrand::u64(..)),
            password,
            binding: None,
            calls: HashMap::new(),
            later: Vec::new(),
            placed: 0,
        }
    }

    async fn run(mut self) {
        loop {
            self.drain();
            let wake = [
                self.endpoint.poll_timeout(),
                self.later.iter().map(|(at, _)| *at).min(),
            ];
            let wake = wake.into_iter().flatten().min();
            let wake = wake.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
            tokio::select! {
                input = self.link.next() => {
                    self.link.deliver(&mut self.endpoint, Instant::now(), input);
                }
                () = sleep_until(wake.into()) => {}
            }
            let now = Instant::now();
            self.endpoint.handle_timeout(now);
            self.do_later(now);
        }
    }

    fn drain(&mut self) {
        while let Some(event) = self.link.next_event(&mut self.endpoint) {
            self.on_event(Instant::now(), event);
        }
    }

    fn do_later(&mut self, now: Instant) {
        let (due, later) = std::mem::take(&mut self.later)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.later = later;
        let due: Vec<(Instant, Later)> = due;
        for (_, action) in due {
            match action {
                Later::HangUp(call) => {
                    self.endpoint.hang_up(now, call);
                    self.calls.remove(&call);
                    self.later.push((now + CALLBACK_AFTER, Later::CallBack));
                }
                Later::CallBack => self.call_back(now),
            }
        }
    }

    fn on_event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Request { id, request, flow } => self.on_request(now, id, &request, flow),
            Event::Incoming { call, request, .. } => self.on_invite(now, call, &request),
            Event::Offer { call, body } => {
                let answer =
                    self.calls
                        .get_mut(&call)
                        .zip(body)
                        .ok_or(488)
                        .and_then(|(line, offer)| {
                            line.session
                                .accept_offer(&offer, false)
                                .map(|(sdp, _)| sdp)
                                .map_err(|_| 488)
                        });
                self.endpoint.answer_offer(now, call, answer);
            }
            Event::Answered { call, body, .. } => {
                let agreed = self.calls.get_mut(&call).and_then(|line| {
                    line.session
                        .accept_answer(&body)
                        .ok()
                        .zip(line.ports.take())
                });
                match (agreed, self.calls.get_mut(&call)) {
                    (Some((agreed, ports)), Some(line)) => {
                        line.sound = Some(spawn(sound::echo(ports, agreed)));
                    }
                    _ => self.endpoint.hang_up(now, call),
                }
            }
            Event::Ended { call, .. } => {
                self.calls.remove(&call);
            }
            _ => {}
        }
    }

    fn on_request(&mut self, now: Instant, id: RequestId, request: &Request, flow: Flow) {
        let (status, extra) = match request.method {
            Method::Register => self.register(now, request, flow),
            Method::Options => (200, Vec::new()),
            _ => (
                405,
                vec![header(
                    "Allow",
                    "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, INFO",
                )],
            ),
        };
        self.endpoint.respond(now, id, status, extra, Vec::new());
    }

    fn register(
        &mut self,
        now: Instant,
        request: &Request,
        flow: Flow,
    ) -> (u16, Vec<rsip::Header>) {
        if let Err(challenge) = self.authenticate(now, request) {
            return (401, challenge);
        }
        if request.headers.contact_is_star() {
            self.binding = None;
            return (200, Vec::new());
        }
        let Ok(contacts) = request.headers.contacts() else {
            return (400, Vec::new());
        };
        let Some(contact) = contacts.into_iter().next() else {
            return (200, Vec::new());
        };
        let asked = contact
            .params
            .value("expires")
            .and_then(|value| value.parse().ok());
        let expires = asked.or(request.headers.expires()).unwrap_or(MAX_EXPIRES_S);
        let expires = expires.min(MAX_EXPIRES_S);
        let granted = format!("{}", expires);
        self.binding = (expires > 0).then(|| Binding {
            contact: contact.uri.clone(),
            flow,
            expires_at: now + Duration::from_secs(expires.into()),
        });
        let mut echoed = contact;
        echoed.params.set("expires", Some(&granted));
        (200, vec![header("Contact", echoed.to_string())])
    }

    fn authenticate(&mut self, now: Instant, request: &Request) -> Result<(), Vec<rsip::Header>> {
        let password = self.password.clone();
        let verdict = self.digest.verify(now, request, |user| {
            (user == TEST_LINE_LOGIN).then(|| password.clone())
        });
        match verdict {
            Verdict::Ok(_) => Ok(()),
            Verdict::Stale => Err(self.digest.challenge_stale(now)),
            Verdict::Refused | Verdict::Missing => Err(self.digest.challenge(now)),
        }
    }

    fn on_invite(&mut self, now: Instant, call: u64, request: &Request) {
        if let Err(challenge) = self.authenticate(now, request) {
            self.endpoint.reject(now, call, 401, challenge);
            return;
        }
        let user = request_uri(request)
            .ok()
            .and_then(|uri| uri.unescaped_user());
        match user.as_deref().and_then(Extension::find) {
            None => self.endpoint.reject(now, call, 404, Vec::new()),
            Some(Extension::Busy) => self.endpoint.reject(now, call, 486, Vec::new()),
            Some(Extension::Ring) => self.endpoint.ring(now, call, 180, None),
            Some(extension) => self.answer(now, call, extension, &request.body),
        }
    }

    fn answer(&mut self, now: Instant, call: u64, extension: Extension, offer: &[u8]) {
        let Ok((mut session, ports)) = open() else {
            self.endpoint.reject(now, call, 500, Vec::new());
            return;
        };
        let Ok((answer, agreed)) = session.accept_offer(offer, false) else {
            self.endpoint.reject(now, call, 488, Vec::new());
            return;
        };
        self.endpoint.accept(now, call, answer);
        let sound = match extension {
            Extension::Echo => spawn(sound::echo(ports, agreed)),
            other => spawn(sound::play(ports, agreed, other == Extension::Dtmf)),
        };
        if extension == Extension::Callback {
            self.later.push((now + CALLBACK_TALK, Later::HangUp(call)));
        }
        self.calls.insert(
            call,
            LineCall {
                session,
                ports: None,
                sound: Some(sound),
            },
        );
    }

    fn call_back(&mut self, now: Instant) {
        let Some(binding) = self
            .binding
            .as_ref()
            .filter(|binding| binding.expires_at > now)
        else {
            return;
        };
        let Ok((mut session, ports)) = open() else {
            return;
        };
        let offer = session.offer(media::Direction::SendRecv);
        self.placed += 1;
        let from = NameAddr::new(Uri::new(Some("callback"), Host::Name(REALM.into()), None))
            .with_display(Some("Test line"));
        let caller = Caller::Bare {
            from,
            flow: Some(binding.flow),
        };
        let contact = binding.contact.clone();
        self.calls.insert(
            self.placed,
            LineCall {
                session,
                ports: Some(ports),
                sound: None,
            },
        );
        self.endpoint
            .invite(now, self.placed, caller, contact, Vec::new(), offer);
    }
}

fn open() -> std::io::Result<(Session, Ports)> {
    let wanted = Wanted {
        codecs: CodecId::ALL.to_vec(),
        dtmf: true,
        ptime_ms: 20,
        opus: OpusOptions::default(),
        // It never leaves this computer.
        security: Security::OFF,
        identity: None,
        one_port: false,
    };
    media::open(Ipv4Addr::LOCALHOST.into(), wanted)
}

fn spawn(sound: impl Future<Output = std::io::Result<()>> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = sound.await {
            tracing::warn!(%error, "the test line's sound failed");
        }
    })
}
