//! The drivers that carry SIP bytes: UDP, TCP and TLS sockets, and DNS (RFC 3261 18, RFC 3263).
//!
//! A [`Driver`] does what the endpoint asks ([`Action`]) without ever making it wait, and tells
//! what happened ([`Input`]) in order. It runs on tokio; everything it has begun ends when it is
//! dropped.

mod dscp;
mod error;
mod locate;
mod queue;
mod shared;
mod srv;
mod stream;
#[cfg(test)]
mod tests;
mod tls;
mod udp;

use std::future::pending;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use self::shared::Shared;
use crate::sip::flow::{Action, Flow, Target, TransportError};

pub use self::locate::NameServers;
pub use self::tls::ServerTls;
pub use self::udp::local_ip_for;

/// How many inputs wait until they are taken; the sockets wait after that.
const INPUTS: usize = 1024;

/// Where to listen, and how names are looked up. By default nowhere, and with a random seed.
#[derive(Debug)]
pub struct Listen {
    /// UDP sockets; port 0 lets the system choose. An IPv6 address is left out on a machine that
    /// has no IPv6.
    pub udp: Vec<SocketAddr>,
    /// TCP listeners.
    pub tcp: Vec<SocketAddr>,
    /// TLS listeners, and what they show of themselves.
    pub tls: Option<(Vec<SocketAddr>, ServerTls)>,
    /// Who is asked for names.
    pub name_servers: NameServers,
    /// Makes the choice among SRV records of equal priority (RFC 2782).
    pub seed: u64,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            udp: Vec::new(),
            tcp: Vec::new(),
            tls: None,
            name_servers: NameServers::System,
            // Were it the same everywhere, all of us would choose the same server.
            seed: fastrand::u64(..),
        }
    }
}

/// What a driver tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A datagram, a message from a stream, or `\r\n` for the answer to a keepalive.
    Message {
        /// The way it came.
        flow: Flow,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The answer to [`Action::Locate`].
    Located {
        /// As in the question.
        id: u64,
        /// Targets in the order in which they are to be tried; never an empty list.
        result: Result<Vec<Target>, TransportError>,
    },
    /// The answer to [`Action::Connect`].
    Connected {
        /// As in the question.
        id: u64,
        /// The new flow.
        result: Result<Flow, TransportError>,
    },
    /// A stream ended, or a datagram could not be sent.
    Closed {
        /// Which one.
        flow: Flow,
        /// Why.
        error: TransportError,
    },
}

/// Owns the sockets of one endpoint.
#[derive(Debug)]
pub struct Driver {
    shared: Arc<Shared>,
    inputs: mpsc::Receiver<Input>,
    tcp: Vec<SocketAddr>,
    tls: Vec<SocketAddr>,
}

impl Driver {
    /// Opens the sockets. Must be called on a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// An address can't be listened on, or the server's certificate or key can't be used.
    pub async fn bind(listen: Listen) -> Result<Self, TransportError> {
        let (sender, inputs) = mpsc::channel(INPUTS);
        let mut sockets = Vec::new();
        for address in listen.udp {
            sockets.extend(udp::bind(address).map_err(error::of_io)?);
        }
        let (tls, acceptor) = match listen.tls {
            Some((addresses, server)) => (addresses, Some(tls::acceptor(&server)?)),
            None => (Vec::new(), None),
        };
        let locator = locate::Locator::new(listen.name_servers, listen.seed);
        let shared = Arc::new(Shared::new(sender, sockets, locator));
        let mut driver = Self {
            shared,
            inputs,
            tcp: Vec::new(),
            tls: Vec::new(),
        };
        for socket in driver.shared.sockets() {
            let inputs = driver.shared.inputs().clone();
            driver.shared.spawn(udp::receive(socket.clone(), inputs));
        }
        for address in listen.tcp {
            driver.tcp.extend(driver.listen_beside_udp(address)?);
        }
        for address in tls {
            let acceptor = acceptor.clone();
            driver.tls.extend(driver.shared.listen(address, acceptor)?);
        }
        Ok(driver)
    }

    /// Listens on TCP, on the port that UDP has at the same address if the system may choose: who
    /// knows a host and port can then use either (RFC 3261 18.2.1).
    fn listen_beside_udp(&self, address: SocketAddr) -> Result<Option<SocketAddr>, TransportError> {
        let sockets = self.shared.sockets().iter();
        let beside = sockets
            .map(|socket| socket.local)
            .find(|local| address.port() == 0 && local.ip() == address.ip());
        if let Some(Ok(listening)) = beside.map(|local| self.shared.listen(local, None)) {
            return Ok(listening);
        }
        self.shared.listen(address, None)
    }

    /// The UDP addresses with the ports the system chose. A socket for every address of the
    /// machine has an unspecified one; [`local_ip_for`] tells which is used towards somebody.
    pub fn udp_addresses(&self) -> Vec<SocketAddr> {
        let sockets = self.shared.sockets().iter();
        sockets.map(|socket| socket.local).collect()
    }

    /// The TCP addresses that are listened on.
    pub fn tcp_addresses(&self) -> Vec<SocketAddr> {
        self.tcp.clone()
    }

    /// The TLS addresses that are listened on.
    pub fn tls_addresses(&self) -> Vec<SocketAddr> {
        self.tls.clone()
    }

    /// Begins an action; never waits.
    pub fn execute(&self, action: Action) {
        match action {
            Action::Transmit { flow, bytes } => self.shared.transmit(flow, bytes),
            Action::Locate {
                id,
                host,
                port,
                transport,
            } => self.shared.locate(id, host, port, transport),
            Action::Connect { id, target, trust } => self.shared.connect(id, target, trust),
            Action::Close { flow } => self.shared.close(&flow),
        }
    }

    /// The next thing that happened. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Input {
        match self.inputs.recv().await {
            Some(input) => input,
            None => pending().await,
        }
    }

    /// Ends in good order: what is queued on streams is sent if that takes no longer than `limit`.
    pub async fn shut_down(self, limit: Duration) {
        self.shared.close_streams(limit).await;
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.shared.end();
    }
}

/// Where a stream connection comes from or leads to, as addresses without a mapped IPv4.
fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), address.port()),
        IpAddr::V6(_) => address,
    }
}
