//! Signed in: staying connected, and keeping the lists fresh.

use std::time::{Duration, Instant};

use grammers_client::tl;

use super::{Feed, Outcome, Room};
use crate::telegram::directory::{self, Directory};
use crate::telegram::peer::Peer;
use crate::telegram::sign_in;
use crate::telegram::state::State;
use crate::telegram::trouble::Trouble;

/// How long the connection may be silent before it is tried: one that a sleeping computer lost
/// is not missed by anybody.
const SILENCE: Duration = Duration::from_secs(60);
/// How long after news the lists are asked for: news come in company.
const LISTS_AFTER: Duration = Duration::from_secs(1);
/// How often news may cause that.
const LISTS_APART: Duration = Duration::from_secs(60);

impl Room {
    /// Connects and asks who is signed in, which also shows whether somebody still is.
    pub(super) fn connect(&mut self, waited: bool) {
        self.due.connect = None;
        match self.wire() {
            Ok((wire, _)) => {
                let work = async { Outcome::Met(sign_in::who(wire).await) };
                self.work = Some((Box::pin(work), waited));
            }
            Err(trouble) => self.status.trouble = Some(trouble),
        }
    }

    /// Signed in and connected. So many asks wait for the lists.
    pub(super) fn arrive(&mut self, me: Peer, waiting: u64) {
        self.pauses.reset();
        self.status.me = Some(me);
        self.status.trouble = None;
        self.status.state = State::SignedIn { online: true };
        if let (Some(wire), Feed::Raw(updates)) =
            (&self.wire, std::mem::replace(&mut self.feed, Feed::None))
        {
            self.feed = Feed::Ordered(wire.listen(updates));
        }
        self.stay_alive();
        self.fetch_lists(waiting);
    }

    pub(super) fn stay_alive(&mut self) {
        self.due.alive = Instant::now().checked_add(SILENCE);
    }

    /// Sees whether Telegram still answers.
    pub(super) fn look_alive(&mut self) {
        if self.work.is_some() {
            return self.stay_alive();
        }
        if let Ok((wire, _)) = self.wire() {
            let ping_id = fastrand::i64(..);
            let ping = async move { wire.ask(&tl::functions::Ping { ping_id }).await.map(drop) };
            let work = async { Outcome::Alive(ping.await) };
            self.work = Some((Box::pin(work), false));
        }
    }

    /// The connection is gone, or so is the session.
    pub(super) fn go_offline(&mut self, trouble: Trouble) {
        if matches!(trouble, Trouble::SignedOut | Trouble::Banned) {
            self.forget();
            self.status.trouble = Some(trouble);
            return;
        }
        self.hang_up();
        self.status.state = State::SignedIn { online: false };
        let pause = match trouble {
            Trouble::Flood { seconds } => self.pauses.next().max(Duration::from_secs(seconds)),
            _ => self.pauses.next(),
        };
        self.due.connect = Instant::now().checked_add(pause);
        self.status.trouble = Some(trouble);
    }

    pub(super) fn on_update(&mut self, update: &tl::enums::Update) {
        self.stay_alive();
        self.hear(update);
        if !self.directory.is_changed_by(update) {
            return;
        }
        let now = Instant::now();
        let soon = now.checked_add(LISTS_AFTER);
        let later = self.lists_at.and_then(|at| at.checked_add(LISTS_APART));
        self.due.lists = self.due.lists.or(soon.max(later));
    }

    /// Somebody wants to see the lists as they are now.
    pub(super) fn refresh(&mut self) {
        if self.status.state == (State::SignedIn { online: true }) {
            self.fetch_lists(1);
        } else if let Some((_, waited)) = &mut self.work {
            *waited = true;
        } else {
            self.pauses.reset();
            self.connect(true);
        }
    }

    /// Asks for the lists; `waiting` says for how many asks.
    pub(super) fn fetch_lists(&mut self, waiting: u64) {
        self.due.lists = None;
        if let Some((_, others)) = &mut self.lists {
            *others = others.saturating_add(waiting);
            return;
        }
        if let (Ok((wire, _)), Some(me)) = (self.wire(), self.status.me.clone()) {
            let work = directory::fetch(wire, me);
            self.lists = Some((Box::pin(work), waiting));
        }
    }

    pub(super) fn on_lists(&mut self, lists: Result<Directory, Trouble>) {
        match lists {
            Ok(mut lists) => {
                self.status.chats = std::mem::take(&mut lists.chats).into();
                self.status.people = std::mem::take(&mut lists.people).into();
                self.directory = lists;
                self.listed = true;
            }
            Err(trouble @ (Trouble::Unreachable | Trouble::SignedOut | Trouble::Banned)) => {
                self.go_offline(trouble);
            }
            Err(trouble) => {
                self.due.lists = Instant::now().checked_add(LISTS_APART);
                self.status.trouble = Some(trouble);
            }
        }
    }
}
