//! What is remembered between runs: the keys to Telegram, who is signed in, whom one may write to.

mod layout;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use grammers_client::session::types::{
    DcOption, PeerId, PeerInfo, PeerRef, UpdateState, UpdatesState,
};
use grammers_client::session::{BoxFuture, Session as Storage, SessionData};

use super::peer::Peer;
use super::servers::Server;
use super::trouble::{SessionError, Trouble};

/// How many chats and people are remembered.
const MOST_PEERS: usize = 20_000;

/// Where the session is kept. What is kept is secret.
pub trait Vault: Send + Sync {
    /// Its name, for messages.
    fn name(&self) -> String;

    /// What was kept, if anything was.
    ///
    /// # Errors
    /// What the system said.
    fn load(&self) -> io::Result<Option<Vec<u8>>>;

    /// Keeps something instead of what was kept, whole or not at all.
    ///
    /// # Errors
    /// What the system said; what was kept before is still there.
    fn save(&self, contents: &[u8]) -> io::Result<()>;

    /// Forgets what was kept.
    ///
    /// # Errors
    /// What the system said.
    fn erase(&self) -> io::Result<()>;

    /// Puts what was kept and can't be read out of the way.
    ///
    /// # Errors
    /// What the system said.
    fn set_aside(&self) -> io::Result<()>;
}

/// The session, in memory and in its [`Vault`].
pub struct Session {
    vault: Box<dyn Vault>,
    servers: Vec<Server>,
    data: Mutex<Data>,
    unsaved: AtomicBool,
}

struct Data {
    home: i32,
    centres: HashMap<i32, DcOption>,
    peers: HashMap<PeerId, PeerInfo>,
    updates: UpdatesState,
    me: Option<Peer>,
    /// The chat that was listened to, and the last message that was heard there.
    heard: Option<(i64, i32)>,
}

impl Data {
    /// Nobody is signed in, and only the servers are known.
    fn new(servers: &[Server]) -> Self {
        let SessionData {
            home_dc,
            dc_options,
            ..
        } = SessionData::default();
        let mut data = Self {
            home: home_dc,
            centres: dc_options,
            peers: HashMap::new(),
            updates: UpdatesState::default(),
            me: None,
            heard: None,
        };
        data.use_servers(servers);
        data
    }

    /// Servers that stand for Telegram's in a test, with the keys that are shared with them.
    fn use_servers(&mut self, servers: &[Server]) {
        if let Some(first) = servers.first() {
            self.centres = servers.iter().map(Server::centre).collect();
            if !self.centres.contains_key(&self.home) {
                self.home = first.id;
            }
        }
    }
}

/// Who is signed in, as far as the vault remembers; nothing in it is changed.
pub fn remembered(vault: &dyn Vault) -> Option<Peer> {
    let contents = vault.load().ok()??;
    layout::read(&contents).ok()?.me
}

impl Session {
    /// Reads what the vault keeps. What can't be read is set aside, and a person has to sign in
    /// again: besides the session it then gives the reason.
    pub fn open(vault: Box<dyn Vault>, servers: Vec<Server>) -> (Self, Option<Trouble>) {
        let name = vault.name();
        let (data, trouble) = match vault.load() {
            Ok(None) => (None, None),
            Ok(Some(contents)) => match layout::read(&contents) {
                Ok(data) => (Some(data), None),
                Err(reason) => {
                    let failed = vault.set_aside().err();
                    let reason = failed.map_or(reason.into(), |error| error.to_string());
                    let path = name;
                    (None, Some(Trouble::File { path, reason }))
                }
            },
            Err(error) => (None, Some(Trouble::file(&name, &error))),
        };
        let mut data = data.unwrap_or_else(|| Data::new(&servers));
        data.use_servers(&servers);
        let session = Self {
            vault,
            servers,
            data: Mutex::new(data),
            unsaved: AtomicBool::new(false),
        };
        (session, trouble)
    }

    /// Who is signed in.
    pub fn me(&self) -> Option<Peer> {
        self.data().me.clone()
    }

    /// How a chat or person is asked for, if that is known; by the identifier of a [`Peer`].
    pub fn whom(&self, id: i64) -> Option<PeerRef> {
        let id = PeerId::from_bot_api_dialog_id(id)?;
        let data = self.data();
        let auth = data.peers.get(&id)?.auth()?;
        Some(PeerRef { id, auth })
    }

    /// Remembers who is signed in.
    ///
    /// # Errors
    /// [`Trouble::File`].
    pub fn set_me(&self, me: Peer) -> Result<(), Trouble> {
        if self.data().me.as_ref() == Some(&me) {
            return Ok(());
        }
        self.data().me = Some(me);
        self.save()
    }

    /// Remembers that a message of a chat was heard; false if it or a later one was before.
    ///
    /// # Errors
    /// [`Trouble::File`]; then it counts as heard.
    pub fn hear(&self, chat: i64, message: i32) -> Result<bool, Trouble> {
        {
            let mut data = self.data();
            if data
                .heard
                .is_some_and(|(c, last)| c == chat && last >= message)
            {
                return Ok(false);
            }
            data.heard = Some((chat, message));
        }
        self.save().map(|()| true)
    }

    /// Forgets who is signed in, and the keys.
    ///
    /// # Errors
    /// [`Trouble::File`].
    pub fn forget(&self) -> Result<(), Trouble> {
        *self.data() = Data::new(&self.servers);
        self.unsaved.store(false, Ordering::Relaxed);
        let erased = self.vault.erase();
        erased.map_err(|error| Trouble::file(&self.vault.name(), &error))
    }

    /// Whether something changed that is not kept yet.
    pub fn is_unsaved(&self) -> bool {
        self.unsaved.load(Ordering::Relaxed)
    }

    /// Keeps it as it is now.
    ///
    /// # Errors
    /// [`Trouble::File`].
    pub fn save(&self) -> Result<(), Trouble> {
        let contents = layout::write(&self.data());
        self.unsaved.store(false, Ordering::Relaxed);
        let saved = self.vault.save(&contents);
        saved.map_err(|error| Trouble::file(&self.vault.name(), &error))
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what has to be kept at once: without it a person has to sign in again.
    fn change(&self, change: impl FnOnce(&mut Data)) -> BoxFuture<'_, Result<(), SessionError>> {
        change(&mut self.data());
        let saved = self.save().map_err(SessionError);
        Box::pin(async { saved })
    }

    /// Changes what can be asked for again.
    fn note(&self, change: impl FnOnce(&mut Data)) -> BoxFuture<'_, Result<(), SessionError>> {
        change(&mut self.data());
        self.unsaved.store(true, Ordering::Relaxed);
        Box::pin(async { Ok(()) })
    }
}

impl Storage for Session {
    type Error = SessionError;

    fn home_dc_id(&self) -> Result<i32, SessionError> {
        Ok(self.data().home)
    }

    fn set_home_dc_id(&self, dc_id: i32) -> BoxFuture<'_, Result<(), SessionError>> {
        self.change(|data| data.home = dc_id)
    }

    fn dc_option(&self, dc_id: i32) -> Result<Option<DcOption>, SessionError> {
        Ok(self.data().centres.get(&dc_id).cloned())
    }

    fn set_dc_option(&self, dc_option: &DcOption) -> BoxFuture<'_, Result<(), SessionError>> {
        if self.data().centres.get(&dc_option.id) == Some(dc_option) {
            return Box::pin(async { Ok(()) });
        }
        self.change(|data| {
            data.centres.insert(dc_option.id, dc_option.clone());
        })
    }

    fn peer(&self, peer: PeerId) -> BoxFuture<'_, Result<Option<PeerInfo>, SessionError>> {
        let data = self.data();
        let me = data.me.as_ref().and_then(|me| PeerId::user(me.id));
        let id = match me {
            Some(me) if peer == PeerId::self_user() => me,
            _ => peer,
        };
        let known = data.peers.get(&id).cloned();
        Box::pin(async { Ok(known) })
    }

    fn cache_peer(&self, peer: PeerInfo) -> BoxFuture<'_, Result<(), SessionError>> {
        let id = peer.id();
        let mut data = self.data();
        let room = data.peers.len() < MOST_PEERS;
        match data.peers.get_mut(&id) {
            Some(known) => {
                let before = known.clone();
                known.extend_info(&peer);
                if *known == before {
                    return Box::pin(async { Ok(()) });
                }
            }
            None if room => {
                data.peers.insert(id, peer);
            }
            None => return Box::pin(async { Ok(()) }),
        }
        drop(data);
        self.note(|_| ())
    }

    fn updates_state(&self) -> BoxFuture<'_, Result<UpdatesState, SessionError>> {
        let state = self.data().updates.clone();
        Box::pin(async { Ok(state) })
    }

    /// Channels are left out: each would cost a request of its own at every start, and nothing
    /// here waits for what was said in one meanwhile.
    fn set_update_state(&self, update: UpdateState) -> BoxFuture<'_, Result<(), SessionError>> {
        self.note(|data| match update {
            UpdateState::All(state) => {
                data.updates = UpdatesState {
                    channels: Vec::new(),
                    ..state
                };
            }
            UpdateState::Primary { pts, date, seq } => {
                data.updates.pts = pts;
                data.updates.date = date;
                data.updates.seq = seq;
            }
            UpdateState::Secondary { qts } => data.updates.qts = qts,
            UpdateState::Channel { .. } => {}
        })
    }
}

#[cfg(test)]
mod tests;
