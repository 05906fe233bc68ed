//! Connections: TCP "full" transport, one message a packet.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use grammers_crypto::DequeBuffer;
use grammers_mtproto::transport::{Error, Full, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::call;
use crate::crypt::{self, AuthKey, KeyId};
use crate::world::World;

/// What a connection is to send.
#[derive(Debug, Clone)]
pub enum Out {
    /// A message; `true` if it wants to be acknowledged.
    Say(Vec<u8>, bool),
    /// Nothing more.
    Close,
}

/// Listens for a data centre, on the port it had before if it had one.
pub async fn listen(world: &Arc<Mutex<World>>, centre: i32) -> io::Result<()> {
    let port = world.lock().unwrap().port(centre);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let port = listener.local_addr()?.port();
    let shared = world.clone();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(serve(stream, shared.clone(), centre));
        }
    });
    world.lock().unwrap().opened(centre, port, task);
    Ok(())
}

async fn serve(stream: TcpStream, world: Arc<Mutex<World>>, centre: i32) {
    let (out, mut wanted) = mpsc::unbounded_channel();
    let id = world.lock().unwrap().connected(centre, out.clone());
    let (mut reader, mut writer) = stream.into_split();
    let mut line = Line::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let sent = tokio::select! {
            read = reader.read(&mut buffer) => match read {
                Ok(0) | Err(_) => break,
                Ok(read) => {
                    let Some(answers) = line.take_in(&buffer[..read], &world, centre, id, &out) else { break };
                    answers
                }
            },
            wanted = wanted.recv() => match wanted {
                Some(Out::Say(body, content)) => line.packet(&body, content),
                Some(Out::Close) | None => break,
            },
        };
        if writer.write_all(&sent).await.is_err() {
            break;
        }
    }
    world.lock().unwrap().disconnected(id);
}

/// The state of one connection.
struct Line {
    unpack: Full,
    pack: Full,
    read: Vec<u8>,
    key: Option<AuthKey>,
    session: i64,
    last: i64,
    sequence: i32,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            unpack: Full::new(),
            pack: Full::new(),
            read: Vec::new(),
            key: None,
            session: 0,
            last: 0,
            sequence: 0,
        }
    }
}

impl Line {
    /// Takes in what was read and gives what is to be sent; nothing if the connection is to end.
    fn take_in(
        &mut self,
        octets: &[u8],
        world: &Mutex<World>,
        centre: i32,
        id: u64,
        out: &mpsc::UnboundedSender<Out>,
    ) -> Option<Vec<u8>> {
        self.read.extend(octets);
        let mut sent = Vec::new();
        loop {
            let packet = match self.unpack.unpack(&mut self.read[..]) {
                Ok(found) => {
                    let packet = self.read[found.data_range.clone()].to_vec();
                    self.read.drain(..found.next_offset);
                    packet
                }
                Err(Error::MissingBytes) => return Some(sent),
                Err(_) => return None,
            };
            let key_id: KeyId = packet.get(..8)?.try_into().ok()?;
            let mut world = world.lock().unwrap();
            let key = world.key(centre, &key_id)?;
            let opened = crypt::open(&key, &packet)?;
            self.key = Some(key);
            self.session = opened.session;
            world.belongs(id, key_id);
            let said = call::answer(&mut world, key_id, opened.message, &opened.body);
            if said.lost {
                return None;
            }
            for (body, content) in said.messages {
                if said.after.is_zero() {
                    sent.extend(self.packet(&body, content));
                    continue;
                }
                let (out, after) = (out.clone(), said.after);
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    let _ = out.send(Out::Say(body, content));
                });
            }
        }
    }

    fn packet(&mut self, body: &[u8], content: bool) -> Vec<u8> {
        let Some(key) = self.key else {
            return Vec::new();
        };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        // A server's message identifiers leave 1 when divided by 4.
        let message = ((now.as_secs() << 32) | (u64::from(now.subsec_nanos()) << 2)) as i64 | 1;
        let message = message.max(self.last + 4);
        self.last = message;
        let sequence = if content {
            self.sequence += 2;
            self.sequence - 1
        } else {
            self.sequence
        };
        let packet = crypt::seal(&key, self.session, message, sequence, body);
        let mut framed = DequeBuffer::with_capacity(packet.len(), 16);
        framed.extend(packet);
        self.pack.pack(&mut framed);
        framed.as_ref().to_vec()
    }
}
