//! One TCP or TLS connection from its opening to its end.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::queue::{Queued, WeakQueue};
use super::{Input, dscp, error};
use crate::sip::flow::{Flow, TransportError};
use crate::sip::message::{Frame, Framer};

/// Bytes read at once.
const READ: usize = 4096;
/// How long one message may take to leave; the far side is dead or too slow after that.
const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// How long saying goodbye may take.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);
/// A connection from outside must bring something within this time (Timer B of RFC 3261).
const FIRST_USE: Duration = Duration::from_secs(32);
/// A connection from outside that is silent for longer is of no use: registrations are refreshed
/// more often.
const LATER_USE: Duration = Duration::from_secs(2 * 3600);

/// A connection and what belongs to it.
pub(super) struct Stream {
    pub flow: Flow,
    /// What is to be written; its end asks for a goodbye.
    pub queued: Queued,
    /// A word here ends everything at once.
    pub killed: oneshot::Receiver<()>,
    /// Where the answers to pings are put; it must not keep the queue open.
    pub pongs: WeakQueue,
    pub inputs: mpsc::Sender<Input>,
    /// Whether silence ends the connection.
    pub must_be_used: bool,
}

impl Stream {
    /// Carries bytes both ways. `None`: it was ended from here, as asked.
    pub(super) async fn run<S>(self, io: S) -> Option<TransportError>
    where
        S: AsyncRead + AsyncWrite + Send,
    {
        let (reader, writer) = split(io);
        let Self {
            flow,
            queued,
            mut killed,
            pongs,
            inputs,
            must_be_used,
        } = self;
        let reading = Reading {
            flow,
            pongs,
            inputs,
            must_be_used,
        };
        let ended = tokio::select! {
            biased;
            Ok(()) = &mut killed => Some(TransportError::TimedOut),
            error = reading.run(reader) => Some(error),
            error = write(writer, queued) => error,
        };
        // The queue goes after the word that ends the stream: who sees it end must look again,
        // or the end would pass for one that was asked for.
        match killed.try_recv() {
            Ok(()) => ended.or(Some(TransportError::TimedOut)),
            Err(_) => ended,
        }
    }
}

struct Reading {
    flow: Flow,
    pongs: WeakQueue,
    inputs: mpsc::Sender<Input>,
    must_be_used: bool,
}

impl Reading {
    async fn run<S: AsyncRead>(self, mut reader: ReadHalf<S>) -> TransportError {
        let mut framer = Framer::new();
        let mut buffer = vec![0; READ];
        let mut patience = FIRST_USE;
        loop {
            let read = reader.read(&mut buffer);
            let read = if self.must_be_used {
                timeout(patience, read).await
            } else {
                Ok(read.await)
            };
            let length = match read {
                Err(_) => return TransportError::TimedOut,
                Ok(Err(error)) => return error::of_io(error),
                Ok(Ok(0)) => return TransportError::Closed,
                Ok(Ok(length)) => length,
            };
            framer.push(buffer.get(..length).unwrap_or_default());
            while let Some(frame) = framer.next() {
                patience = LATER_USE;
                let bytes = match frame {
                    Ok(Frame::Message(bytes)) => bytes,
                    Ok(Frame::Pong) => b"\r\n".to_vec(),
                    Ok(Frame::Ping) => {
                        if self.pongs.push(b"\r\n".to_vec()).is_err() {
                            return TransportError::TimedOut;
                        }
                        continue;
                    }
                    Err(error) => return TransportError::Io(error.to_string()),
                };
                let flow = self.flow;
                let message = Input::Message { flow, bytes };
                if self.inputs.send(message).await.is_err() {
                    return TransportError::Closed;
                }
            }
        }
    }
}

async fn write<S: AsyncWrite>(
    mut writer: WriteHalf<S>,
    mut queued: Queued,
) -> Option<TransportError> {
    while let Some(bytes) = queued.next().await {
        let written = timeout(WRITE_LIMIT, async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        });
        match written.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Some(error::of_io(error)),
            Err(_) => return Some(TransportError::TimedOut),
        }
    }
    let _ = timeout(GOODBYE_LIMIT, writer.shutdown()).await;
    None
}

/// Small messages leave at once and marked as signalling, and a far side that is gone is noticed by
/// the system.
pub(super) fn tune(tcp: &TcpStream) {
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(10));
    let tuned = tcp
        .set_nodelay(true)
        .and_then(|()| SockRef::from(tcp).set_tcp_keepalive(&keepalive));
    if let Err(error) = tuned {
        tracing::debug!(%error, "socket options");
    }
    if let Ok(address) = tcp.local_addr() {
        dscp::mark(SockRef::from(tcp), address.ip());
    }
}
