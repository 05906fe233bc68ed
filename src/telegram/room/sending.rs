//! Signed in and connected: sending what waits to be sent.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use grammers_client::tl;

use super::{Room, Told, Work, finished};
use crate::account::Party;
use crate::telegram::pauses::Pauses;
use crate::telegram::post::{Draft, Post};
use crate::telegram::send::{self, Sent};
use crate::telegram::state::{State, unix_micros};
use crate::telegram::trouble::Trouble;

/// How long is waited if Telegram wants to be left alone and doesn't say for how long, seconds.
const LONG_FLOOD: u64 = 6 * 3600;

/// What is sent one after the other. Recordings take their time, so words have a lane of their
/// own.
#[derive(Default)]
pub(super) struct Lane {
    /// What is being sent, by its number.
    work: Option<(Work<Sent>, i64)>,
    /// When it goes on, after something failed.
    due: Option<Instant>,
    pauses: Pauses,
    trouble: Option<Trouble>,
}

/// The lanes: for words and for recordings.
#[derive(Default)]
pub(super) struct Lanes {
    words: Lane,
    voice: Lane,
}

impl Lanes {
    fn lane(&mut self, voice: bool) -> &mut Lane {
        if voice {
            &mut self.voice
        } else {
            &mut self.words
        }
    }

    /// What became of a message; never if none is being sent.
    pub async fn next(&mut self) -> (bool, Sent) {
        tokio::select! {
            sent = finished(&mut self.words.work) => (false, sent),
            sent = finished(&mut self.voice.work) => (true, sent),
        }
    }

    /// When something is to be tried again.
    pub fn due(&self) -> Option<Instant> {
        [self.words.due, self.voice.due].into_iter().flatten().min()
    }

    /// What is being sent, by number.
    fn sending(&self) -> Vec<i64> {
        let lanes = [&self.words, &self.voice].into_iter();
        lanes
            .filter_map(|lane| Some(lane.work.as_ref()?.1))
            .collect()
    }

    /// Stops what is being sent: it will be sent again, under the same number.
    pub fn stop(&mut self) {
        self.words.work = None;
        self.voice.work = None;
    }

    /// Nothing is waited for any more, but for what Telegram asked for.
    fn hurry(&mut self) {
        for lane in [&mut self.words, &mut self.voice] {
            if matches!(lane.trouble, Some(Trouble::Flood { .. })) {
                continue;
            }
            lane.due = None;
            lane.trouble = None;
            lane.pauses.reset();
        }
    }
}

/// Where a message goes.
enum Whom {
    Found(tl::enums::InputPeer),
    /// Not known before the lists are.
    NotYet,
    Nobody,
}

impl Room {
    pub(super) fn post(&mut self, draft: Draft) {
        if let Some(me) = &self.status.me {
            self.outbox.add(draft, me.id, unix_micros());
        }
    }

    pub(super) fn finish(&mut self, path: &Path) {
        self.outbox.finish(path);
    }

    pub(super) fn send_again(&mut self, post: Option<i64>, chats: &HashMap<String, Option<Party>>) {
        if let Some(me) = self.status.me.as_ref().map(|me| me.id) {
            self.outbox.again(post, me, chats);
        }
        self.lanes.hurry();
    }

    /// Takes a message out of the queue, also while it is being sent.
    pub(super) fn drop_post(&mut self, post: i64) {
        if !self.outbox.holds(post) {
            return;
        }
        for lane in [&mut self.lanes.words, &mut self.lanes.voice] {
            lane.work.take_if(|(_, id)| *id == post);
        }
        self.outbox.forget(post);
    }

    /// Sends what is next in each lane.
    pub(super) fn send_next(&mut self) {
        self.clear_away();
        let Some(me) = self.status.me.as_ref().map(|me| me.id) else {
            return;
        };
        if self.status.state != (State::SignedIn { online: true }) {
            return;
        }
        for voice in [false, true] {
            let lane = self.lanes.lane(voice);
            lane.due.take_if(|due| *due <= Instant::now());
            if lane.work.is_some() || lane.due.is_some() {
                continue;
            }
            while let Some((id, post)) = self.outbox.next(voice, me) {
                let post = post.clone();
                match self.whom(&post) {
                    Whom::Found(peer) => {
                        self.start(voice, id, peer, post);
                        break;
                    }
                    Whom::NotYet => break,
                    Whom::Nobody => {
                        let chat = post.to.map(|to| to.name).unwrap_or_default();
                        self.outbox.refuse(id, Trouble::ChatGone { chat });
                    }
                }
            }
        }
    }

    fn start(&mut self, voice: bool, id: i64, peer: tl::enums::InputPeer, post: Post) {
        if let Ok((wire, _)) = self.wire() {
            let work = send::send(wire, peer, post);
            self.lanes.lane(voice).work = Some((Box::pin(work), id));
        }
    }

    fn whom(&self, post: &Post) -> Whom {
        let Some(to) = &post.to else {
            return Whom::Found(tl::enums::InputPeer::PeerSelf);
        };
        match self.session.whom(to.id) {
            Some(peer) => Whom::Found(peer.into()),
            None if self.listed => Whom::Nobody,
            None => Whom::NotYet,
        }
    }

    pub(super) fn on_sent(&mut self, voice: bool, sent: Sent) {
        self.stay_alive();
        let lane = self.lanes.lane(voice);
        let Some((_, id)) = lane.work.take() else {
            return;
        };
        lane.trouble = None;
        match sent {
            Sent::Done => {
                lane.pauses.reset();
                self.outbox.sent(id);
            }
            Sent::Nothing => self.outbox.forget(id),
            Sent::Refused(trouble) => {
                lane.pauses.reset();
                self.outbox.refuse(id, trouble);
            }
            Sent::Later(trouble) => self.put_off(voice, trouble),
        }
    }

    fn put_off(&mut self, voice: bool, trouble: Trouble) {
        let passing = matches!(
            trouble,
            Trouble::Unreachable | Trouble::SignedOut | Trouble::Banned
        );
        if passing {
            return self.go_offline(trouble);
        }
        let lane = self.lanes.lane(voice);
        let pause = match trouble {
            Trouble::Flood { seconds: 0 } => Duration::from_secs(LONG_FLOOD),
            Trouble::Flood { seconds } => Duration::from_secs(seconds),
            _ => lane.pauses.next(),
        };
        lane.due = Instant::now().checked_add(pause);
        lane.trouble = Some(trouble);
    }

    /// Removes the traces of what Telegram has: the files that don't stay, then the entries.
    fn clear_away(&mut self) {
        for (id, delivered) in self.outbox.delivered() {
            if let Some(delivered) = delivered {
                if !delivered.kept
                    && let Err(error) = std::fs::remove_file(&delivered.path)
                    && error.kind() != std::io::ErrorKind::NotFound
                {
                    tracing::warn!(%error, "a recording that was sent is still here");
                }
                (self.tell)(Told::Delivered(delivered));
            }
            self.outbox.forget(id);
        }
    }

    /// Puts into the status how the queue stands.
    pub(super) fn show_queue(&mut self) {
        let me = self.status.me.as_ref().map(|me| me.id);
        let sending = self.lanes.sending();
        let (posts, queued) = self.outbox.seen(me, &sending);
        self.status.posts = posts;
        self.status.queued = queued;
        let lanes = [&self.lanes.voice, &self.lanes.words];
        let stuck = lanes.into_iter().find(|lane| lane.trouble.is_some());
        self.status.post_trouble = stuck
            .and_then(|lane| lane.trouble.clone())
            .or_else(|| self.outbox.trouble.clone());
        self.status.post_retry_at = stuck.and_then(|lane| lane.due);
    }
}
