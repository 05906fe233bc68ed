//! What the tasks of a driver have in common: the open streams, and the tasks themselves.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use socket2::{Protocol, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::locate::Locator;
use super::queue::{Queue, queue};
use super::{Input, canonical, error, stream, tls, udp};
use crate::account::Transport;
use crate::sip::flow::{Flow, Target, TransportError, Trust};
use crate::sip::message::Host;

/// How long a TCP connection, and after it a TLS handshake, may take.
const SET_UP: Duration = Duration::from_secs(5);
/// How many connections from outside are held at once.
const MAX_ACCEPTED: usize = 1024;
/// Connections that wait for us to accept them.
const BACKLOG: i32 = 256;
/// A pause when the system has no more file descriptors.
const AFTER_ERROR: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Shared {
    inputs: mpsc::Sender<Input>,
    sockets: Vec<udp::Socket>,
    locator: Locator,
    clients: tls::Clients,
    next_connection: AtomicU64,
    accepted: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// `None` when the driver is gone.
    tasks: Option<JoinSet<()>>,
    streams: HashMap<u64, Open>,
}

/// A stream that can be sent on.
#[derive(Debug)]
struct Open {
    flow: Flow,
    /// Dropped, it lets the stream send what is queued and end.
    queue: Queue,
    /// Ends the stream at once.
    kill: oneshot::Sender<()>,
}

impl Shared {
    pub(super) fn new(
        inputs: mpsc::Sender<Input>,
        sockets: Vec<udp::Socket>,
        locator: Locator,
    ) -> Self {
        Self {
            inputs,
            sockets,
            locator,
            clients: tls::Clients::default(),
            next_connection: AtomicU64::new(1),
            accepted: AtomicUsize::new(0),
            state: Mutex::new(State {
                tasks: Some(JoinSet::new()),
                streams: HashMap::new(),
            }),
        }
    }

    pub(super) fn sockets(&self) -> &[udp::Socket] {
        &self.sockets
    }

    pub(super) fn inputs(&self) -> &mpsc::Sender<Input> {
        &self.inputs
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a task until it ends or the driver does.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = &mut self.state().tasks {
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    /// Ends all tasks.
    pub(super) fn end(&self) {
        let mut state = self.state();
        let tasks = state.tasks.take();
        let streams = std::mem::take(&mut state.streams);
        drop(state);
        drop((tasks, streams));
    }

    /// Lets the streams send what is queued, and ends all tasks.
    pub(super) async fn close_streams(&self, limit: Duration) {
        // Without its queue a stream ends; its half of the kill switch goes with it.
        let streams = std::mem::take(&mut self.state().streams);
        let switches: Vec<_> = streams.into_values().map(|open| open.kill).collect();
        let ended = async {
            for mut switch in switches {
                switch.closed().await;
            }
        };
        let _ = timeout(limit, ended).await;
        self.end();
    }

    /// Tells something from outside a task.
    fn report(&self, input: Input) {
        if let Err(TrySendError::Full(input)) = self.inputs.try_send(input) {
            let inputs = self.inputs.clone();
            self.spawn(async move {
                let _ = inputs.send(input).await;
            });
        }
    }

    pub(super) fn transmit(&self, flow: Flow, bytes: Vec<u8>) {
        let failed = match flow.transport {
            Transport::Udp => self.send_datagram(&flow, &bytes).err(),
            Transport::Tcp | Transport::Tls => self.send_on_stream(&flow, bytes).err(),
        };
        if let Some(error) = failed {
            self.report(Input::Closed { flow, error });
        }
    }

    fn send_datagram(&self, flow: &Flow, bytes: &[u8]) -> Result<(), TransportError> {
        let same_family = |socket: &&udp::Socket| socket.local.is_ipv4() == flow.remote.is_ipv4();
        // The flow may name one of the addresses of a socket that is bound to all of them.
        let fitting = self
            .sockets
            .iter()
            .filter(same_family)
            .max_by_key(|socket| {
                (
                    socket.local == flow.local,
                    socket.local.port() == flow.local.port(),
                )
            });
        let socket = fitting.ok_or(TransportError::Unreachable)?;
        socket.send(bytes, flow.remote).map_err(error::of_io)
    }

    fn send_on_stream(&self, flow: &Flow, bytes: Vec<u8>) -> Result<(), TransportError> {
        let mut state = self.state();
        let open = state
            .streams
            .get(&flow.connection)
            .filter(|open| open.flow == *flow)
            .ok_or(TransportError::Closed)?;
        if open.queue.push(bytes).is_err()
            && let Some(open) = state.streams.remove(&flow.connection)
        {
            // The stream says itself that it ended.
            let _ = open.kill.send(());
        }
        Ok(())
    }

    pub(super) fn close(&self, flow: &Flow) {
        self.state().streams.remove(&flow.connection);
    }

    pub(super) fn locate(
        self: &Arc<Self>,
        id: u64,
        host: Host,
        port: Option<u16>,
        transport: Transport,
    ) {
        let shared = self.clone();
        self.spawn(async move {
            let result = shared.locator.locate(&host, port, transport).await;
            let result = result.and_then(|targets| shared.only_reachable(targets));
            let _ = shared.inputs.send(Input::Located { id, result }).await;
        });
    }

    /// Leaves out the IP version in which we have no UDP socket.
    fn only_reachable(&self, mut targets: Vec<Target>) -> Result<Vec<Target>, TransportError> {
        targets.retain(|target| {
            let same_family =
                |socket: &udp::Socket| socket.local.is_ipv4() == target.addr.is_ipv4();
            target.transport != Transport::Udp || self.sockets.iter().any(same_family)
        });
        match targets.is_empty() {
            true => Err(TransportError::Unreachable),
            false => Ok(targets),
        }
    }

    pub(super) fn connect(self: &Arc<Self>, id: u64, target: Target, trust: Trust) {
        let shared = self.clone();
        self.spawn(async move {
            if let Err(error) = shared.open_stream(id, &target, &trust).await {
                let result = Err(error);
                let _ = shared.inputs.send(Input::Connected { id, result }).await;
            }
        });
    }

    /// Opens a stream and stays with it to its end; an error means that it wasn't opened.
    async fn open_stream(
        &self,
        id: u64,
        target: &Target,
        trust: &Trust,
    ) -> Result<(), TransportError> {
        let tcp = timeout(SET_UP, TcpStream::connect(target.addr)).await;
        let tcp = tcp
            .map_err(|_| TransportError::TimedOut)?
            .map_err(error::of_io)?;
        let flow = self.new_flow(&tcp, target.transport)?;
        let connected = Some(Input::Connected {
            id,
            result: Ok(flow),
        });
        if target.transport == Transport::Tls {
            let handshake = self.clients.connect(tcp, &target.server_name, trust);
            let tls = timeout(SET_UP, handshake).await;
            let tls = tls.map_err(|_| TransportError::TimedOut)??;
            self.carry(tls, flow, connected).await;
        } else {
            self.carry(tcp, flow, connected).await;
        }
        Ok(())
    }

    /// Listens for connections; `None` if this machine doesn't have the IP version.
    pub(super) fn listen(
        self: &Arc<Self>,
        address: SocketAddr,
        acceptor: Option<TlsAcceptor>,
    ) -> Result<Option<SocketAddr>, TransportError> {
        let bind = || {
            let Some(socket) = udp::open(address, Type::STREAM, Protocol::TCP)? else {
                return Ok(None);
            };
            socket.listen(BACKLOG)?;
            let listener = TcpListener::from_std(socket.into())?;
            Ok(Some((listener.local_addr()?, listener)))
        };
        let Some((local, listener)) = bind().map_err(error::of_io)? else {
            return Ok(None);
        };
        self.spawn(self.clone().accept(listener, acceptor));
        Ok(Some(local))
    }

    async fn accept(self: Arc<Self>, listener: TcpListener, acceptor: Option<TlsAcceptor>) {
        loop {
            match listener.accept().await {
                Ok((tcp, _)) if self.accepted.load(Ordering::Relaxed) < MAX_ACCEPTED => {
                    let place = Place::take(self.clone());
                    self.spawn(place.welcome(tcp, acceptor.clone()));
                }
                Ok((_, remote)) => tracing::debug!(%remote, "too many connections"),
                Err(error) => {
                    tracing::debug!(%error, "accept");
                    tokio::time::sleep(AFTER_ERROR).await;
                }
            }
        }
    }

    fn new_flow(&self, tcp: &TcpStream, transport: Transport) -> Result<Flow, TransportError> {
        stream::tune(tcp);
        Ok(Flow {
            transport,
            local: canonical(tcp.local_addr().map_err(error::of_io)?),
            remote: canonical(tcp.peer_addr().map_err(error::of_io)?),
            connection: self.next_connection.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// Announces a stream and carries bytes both ways until it ends. One that came from outside
    /// isn't announced, and is held to being of use.
    async fn carry<S>(&self, io: S, flow: Flow, announcement: Option<Input>)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send,
    {
        let (queue, queued) = queue();
        let (kill, killed) = oneshot::channel();
        let pongs = queue.downgrade();
        let open = Open { flow, queue, kill };
        self.state().streams.insert(flow.connection, open);
        let came_from_outside = announcement.is_none();
        if let Some(announcement) = announcement {
            let _ = self.inputs.send(announcement).await;
        }
        let stream = stream::Stream {
            flow,
            queued,
            killed,
            pongs,
            inputs: self.inputs.clone(),
            must_be_used: came_from_outside,
        };
        let error = stream.run(io).await;
        self.close(&flow);
        if let Some(error) = error {
            let _ = self.inputs.send(Input::Closed { flow, error }).await;
        }
    }
}

/// One of the places for connections from outside; free again when dropped.
struct Place(Arc<Shared>);

impl Place {
    fn take(shared: Arc<Shared>) -> Self {
        shared.accepted.fetch_add(1, Ordering::Relaxed);
        Self(shared)
    }

    async fn welcome(self, tcp: TcpStream, acceptor: Option<TlsAcceptor>) {
        let transport = match acceptor {
            Some(_) => Transport::Tls,
            None => Transport::Tcp,
        };
        let Ok(flow) = self.0.new_flow(&tcp, transport) else {
            return;
        };
        let Some(acceptor) = acceptor else {
            return self.0.carry(tcp, flow, None).await;
        };
        match timeout(SET_UP, acceptor.accept(tcp)).await {
            Ok(Ok(tls)) => self.0.carry(tls, flow, None).await,
            Ok(Err(error)) => tracing::debug!(remote = %flow.remote, %error, "TLS handshake"),
            Err(_) => tracing::debug!(remote = %flow.remote, "no TLS handshake in time"),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.accepted.fetch_sub(1, Ordering::Relaxed);
    }
}
