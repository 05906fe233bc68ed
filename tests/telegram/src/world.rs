//! Who and what there is: people, groups, channels, the devices with their keys, the connections.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use grammers_tl_types::{Serializable, enums, types};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use crate::crypt::{self, AuthKey, KeyId};
use crate::make;
use crate::post::Posted;
use crate::wire::Out;

/// The data centres there are. Devices begin at the first.
pub const CENTRES: [i32; 2] = [2, 4];
/// What a program has to show.
pub const API_ID: i32 = 12345;
/// What a program has to show.
pub const API_HASH: &str = "0123456789abcdef0123456789abcdef";

/// A person or bot.
#[derive(Default)]
pub struct User {
    pub id: i64,
    pub phone: String,
    pub first_name: String,
    pub last_name: String,
    pub username: Option<String>,
    pub bot: bool,
    pub deleted: bool,
    pub banned: bool,
    /// The second password and the hint for it.
    pub password: Option<(String, String)>,
    pub centre: i32,
    /// The code that is "sent".
    pub code: String,
    pub contacts: Vec<i64>,
    /// What was written to and by this person, in order.
    pub messages: Vec<Message>,
    pub pts: i32,
}

/// A message as one person has it.
#[derive(Clone)]
pub struct Message {
    pub id: i32,
    pub peer: enums::Peer,
    pub from: i64,
    pub text: String,
    /// When it was written, seconds since 1970.
    pub date: i32,
    /// Whether it was written elsewhere before.
    pub forwarded: bool,
    /// The person's `pts` after it.
    pub pts: i32,
}

/// A group or channel.
pub struct Chat {
    pub id: i64,
    pub kind: ChatKind,
    pub title: String,
    pub username: Option<String>,
    /// Whether everybody may post.
    pub open: bool,
    /// Whether voice messages are not wanted.
    pub silent: bool,
    /// Whether it is not there any more.
    pub gone: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    Group,
    Supergroup,
    Channel,
}

/// A key of a device at one data centre, and how far signing in has come with it.
pub struct Key {
    pub centre: i32,
    key: AuthKey,
    pub device: usize,
    /// Who is signed in.
    pub user: Option<i64>,
    /// The number a code was sent to, and the name of that code.
    pub code: Option<(String, String)>,
    /// Who has to give the second password.
    pub password_of: Option<i64>,
    /// Our half of the proof.
    pub srp_b: Vec<u8>,
    /// What is shown to be scanned.
    pub token: Option<Vec<u8>>,
    /// Who has scanned it.
    pub scanned_by: Option<i64>,
}

struct Centre {
    port: u16,
    task: JoinHandle<()>,
}

struct Connection {
    centre: i32,
    key: Option<KeyId>,
    out: UnboundedSender<Out>,
}

/// What a call of a method meets.
pub enum Failing {
    /// It is not carried out; the code and name of the error.
    Refused(i32, String),
    /// It is carried out, but the connection ends before the answer is sent.
    Lost,
}

struct Failure {
    method: String,
    lost: bool,
    code: i32,
    error: String,
    times: u32,
}

pub struct World {
    centres: HashMap<i32, Centre>,
    keys: HashMap<KeyId, Key>,
    devices: usize,
    pub users: BTreeMap<i64, User>,
    pub chats: BTreeMap<i64, Chat>,
    connections: HashMap<u64, Connection>,
    failures: Vec<Failure>,
    /// How long every answer to a method takes.
    pub delays: HashMap<String, Duration>,
    /// The parts of files, by data centre and file.
    pub files: HashMap<(i32, i64), BTreeMap<i32, Vec<u8>>>,
    /// All that was posted.
    pub posted: Vec<Posted>,
    /// Who may come along to which data centre.
    pub exported: HashMap<Vec<u8>, (i64, i32)>,
    /// The device and the method of every call.
    calls: Vec<(usize, &'static str)>,
    /// Tokens that were scanned by somebody of another data centre.
    pub moved: HashMap<Vec<u8>, i64>,
    /// How long a token may be shown, seconds.
    pub token_lifetime: i32,
    /// Whether codes are too old to be entered.
    pub codes_expired: bool,
    next: i64,
}

impl World {
    pub fn new() -> Self {
        Self {
            centres: HashMap::new(),
            keys: HashMap::new(),
            devices: 0,
            users: BTreeMap::new(),
            chats: BTreeMap::new(),
            connections: HashMap::new(),
            failures: Vec::new(),
            delays: HashMap::new(),
            files: HashMap::new(),
            posted: Vec::new(),
            exported: HashMap::new(),
            calls: Vec::new(),
            moved: HashMap::new(),
            token_lifetime: 30,
            codes_expired: false,
            next: 1000,
        }
    }

    /// A number that nothing else has.
    pub fn next(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    /// The port of a data centre, 0 if it has none yet.
    pub fn port(&self, centre: i32) -> u16 {
        self.centres.get(&centre).map_or(0, |centre| centre.port)
    }

    pub fn opened(&mut self, centre: i32, port: u16, task: JoinHandle<()>) {
        self.centres.insert(centre, Centre { port, task });
    }

    /// Takes no connections any more and ends those there are.
    pub fn close(&mut self) {
        for centre in self.centres.values() {
            centre.task.abort();
        }
        self.drop_connections();
    }

    pub fn drop_connections(&mut self) -> usize {
        for connection in self.connections.values() {
            let _ = connection.out.send(Out::Close);
        }
        self.connections.len()
    }

    pub fn connected(&mut self, centre: i32, out: UnboundedSender<Out>) -> u64 {
        let id = self.next() as u64;
        let key = None;
        self.connections.insert(id, Connection { centre, key, out });
        id
    }

    pub fn belongs(&mut self, connection: u64, key: KeyId) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.key = Some(key);
        }
    }

    pub fn disconnected(&mut self, connection: u64) {
        self.connections.remove(&connection);
    }

    /// A new device: the servers and keys to put into its hands.
    pub fn device(&mut self) -> Value {
        self.devices += 1;
        let device = self.devices;
        let servers: Vec<Value> = CENTRES
            .into_iter()
            .map(|centre| {
                let key: AuthKey = crypt::random();
                let entry = Key {
                    centre,
                    key,
                    device,
                    user: None,
                    code: None,
                    password_of: None,
                    srp_b: Vec::new(),
                    token: None,
                    scanned_by: None,
                };
                self.keys.insert(crypt::key_id(&key), entry);
                let address = format!("127.0.0.1:{}", self.port(centre));
                json!({ "id": centre, "address": address, "key": STANDARD.encode(key) })
            })
            .collect();
        json!({ "device": device, "servers": servers })
    }

    pub fn key(&self, centre: i32, id: &KeyId) -> Option<AuthKey> {
        let key = self.keys.get(id).filter(|key| key.centre == centre)?;
        Some(key.key)
    }

    pub fn at(&mut self, key: KeyId) -> &mut Key {
        self.keys
            .get_mut(&key)
            .expect("the key of a packet that was opened")
    }

    pub fn keys(&mut self) -> impl Iterator<Item = (&KeyId, &mut Key)> {
        self.keys.iter_mut()
    }

    pub fn signed_in(&self, key: KeyId) -> Option<i64> {
        self.keys.get(&key)?.user
    }

    /// The person with this number.
    pub fn by_phone(&self, phone: &str) -> Option<&User> {
        let digits = phone.trim_start_matches('+');
        self.users
            .values()
            .find(|user| user.phone.trim_start_matches('+') == digits)
    }

    pub fn called(&mut self, key: KeyId, method: &'static str) {
        let device = self.at(key).device;
        self.calls.push((device, method));
    }

    pub fn calls(&self) -> Value {
        let of = |(device, method): &(usize, &str)| json!([device, method]);
        self.calls.iter().map(of).collect()
    }

    /// Lets the next calls of a method fail.
    pub fn fail(&mut self, method: String, code: i32, error: String, times: u32, lost: bool) {
        self.failures.push(Failure {
            method,
            lost,
            code,
            error,
            times,
        });
    }

    /// The failure that a call was to meet.
    pub fn failure(&mut self, method: &str) -> Option<Failing> {
        self.failures.retain(|failure| failure.times > 0);
        let failure = self
            .failures
            .iter_mut()
            .find(|failure| failure.method == method)?;
        failure.times -= 1;
        Some(match failure.lost {
            true => Failing::Lost,
            false => Failing::Refused(failure.code, failure.error.clone()),
        })
    }

    /// Says something to a device.
    pub fn say_to(&self, key: KeyId, body: &[u8]) {
        for connection in self.connections.values().filter(|c| c.key == Some(key)) {
            let _ = connection.out.send(Out::Say(body.to_vec(), true));
        }
    }

    /// Tells all devices of a person.
    pub fn tell(&self, user: i64, updates: Vec<enums::Update>) {
        let body = self.updates(user, updates).to_bytes();
        for (id, _) in self.keys.iter().filter(|(_, key)| key.user == Some(user)) {
            self.say_to(*id, &body);
        }
    }

    /// Updates as they are told to a person.
    pub fn updates(&self, user: i64, updates: Vec<enums::Update>) -> enums::Updates {
        let users = self
            .users
            .keys()
            .map(|id| make::user(self, *id, user))
            .collect();
        types::Updates {
            updates,
            users,
            chats: Vec::new(),
            date: 0,
            seq: 0,
        }
        .into()
    }

    /// Puts a message into what a person has.
    pub fn put(&mut self, owner: i64, peer: enums::Peer, from: i64, text: &str) -> Message {
        let id = self.next() as i32;
        let user = self.users.get_mut(&owner).expect("a person");
        user.pts += 1;
        let message = Message {
            id,
            peer,
            from,
            text: text.to_owned(),
            date: now(),
            forwarded: false,
            pts: user.pts,
        };
        user.messages.push(message.clone());
        message
    }

    pub fn config(&self) -> enums::Config {
        let centres = self.centres.iter().map(|(id, centre)| (*id, centre.port));
        make::config(centres)
    }

    /// Who is signed in on which device, and how many connections there are.
    pub fn seen(&self) -> Value {
        let signed_in: Vec<Value> = self
            .keys
            .values()
            .filter_map(|key| Some(json!([key.device, key.centre, key.user?])))
            .collect();
        let connections = self
            .connections
            .values()
            .map(|connection| connection.centre);
        json!({ "signed_in": signed_in, "connections": connections.collect::<Vec<_>>() })
    }
}

/// Seconds since 1970.
pub fn now() -> i32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs() as i32
}
