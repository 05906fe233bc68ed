//! The messages on their way to Telegram: kept on the disk, sent in their order, each once.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::post::{Content, Delivered, Draft, Post, PostStatus, Stage};
use super::trouble::Trouble;
use crate::account::Party;

/// How many are shown; the others are counted.
const SHOWN: usize = 100;

/// Where messages are kept until Telegram has them. What was put there is there after a crash.
pub trait Shelf: Send {
    /// Its name, for messages.
    fn name(&self) -> String;

    /// All that is there, by number.
    ///
    /// # Errors
    /// What the system said.
    fn load(&mut self) -> io::Result<Vec<(i64, String)>>;

    /// Keeps something under a number, instead of what was there.
    ///
    /// # Errors
    /// What the system said.
    fn put(&mut self, id: i64, contents: &str) -> io::Result<()>;

    /// Forgets what is kept under a number, if anything is.
    ///
    /// # Errors
    /// What the system said.
    fn remove(&mut self, id: i64) -> io::Result<()>;
}

/// The messages, in memory and on their [`Shelf`].
pub(super) struct Outbox {
    shelf: Box<dyn Shelf>,
    posts: BTreeMap<i64, Post>,
    /// What the shelf said last, while it can't be used.
    pub trouble: Option<Trouble>,
}

impl Outbox {
    /// Takes what is on the shelf. What was being made when the program ended is as finished as
    /// it will ever be.
    pub fn open(mut shelf: Box<dyn Shelf>) -> Self {
        let (found, trouble) = match shelf.load() {
            Ok(found) => (found, None),
            Err(error) => (Vec::new(), Some(Trouble::file(&shelf.name(), &error))),
        };
        let read = |(id, text): (i64, String)| {
            let mut post: Post = serde_json::from_str(&text).ok()?;
            if post.stage == Stage::Unfinished {
                post.stage = Stage::Waiting;
            }
            Some((id, post))
        };
        Self {
            posts: found.into_iter().filter_map(read).collect(),
            shelf,
            trouble,
        }
    }

    /// Takes in what is to be sent in the name of a person; `now` is the time in microseconds. A
    /// recording that is there already is not sent twice.
    pub fn add(&mut self, draft: Draft, from: i64, now: i64) {
        let recording = draft.content.recording();
        let known = |post: &Post| recording.is_some() && post.content.recording() == recording;
        if self.posts.values().any(known) {
            return;
        }
        let after = self.posts.last_key_value().map_or(0, |(id, _)| id + 1);
        let post = Post {
            random_id: fastrand::i64(..),
            from,
            account: draft.account,
            to: draft.to,
            content: draft.content,
            stage: match draft.unfinished {
                true => Stage::Unfinished,
                false => Stage::Waiting,
            },
        };
        let id = now.max(after);
        self.posts.insert(id, post);
        self.keep(id);
    }

    /// A recording is whole now.
    pub fn finish(&mut self, path: &Path) {
        let is_it = |post: &Post| {
            post.stage == Stage::Unfinished && post.content.recording().is_some_and(|p| p == path)
        };
        let found = self.posts.iter().find(|(_, post)| is_it(post));
        if let Some(id) = found.map(|(id, _)| *id) {
            self.set(id, Stage::Waiting);
        }
    }

    /// The next one to be sent in the name of a person: a recording or words.
    pub fn next(&self, voice: bool, from: i64) -> Option<(i64, &Post)> {
        let fits = |post: &&Post| {
            post.stage == Stage::Waiting && post.from == from && post.content.is_voice() == voice
        };
        let mut waiting = self.posts.iter().map(|(id, post)| (*id, post));
        waiting.find(|(_, post)| fits(post))
    }

    /// It can't be sent until a person does something about it.
    pub fn refuse(&mut self, id: i64, trouble: Trouble) {
        self.set(id, Stage::Refused { trouble });
    }

    /// Telegram has it: the traces have to be removed, and then it is [forgotten](Self::forget).
    pub fn sent(&mut self, id: i64) {
        self.set(id, Stage::Sent);
    }

    /// The recordings among those that Telegram has, by their numbers.
    pub fn delivered(&self) -> Vec<(i64, Option<Delivered>)> {
        let is_sent = |(_, post): &(&i64, &Post)| post.stage == Stage::Sent;
        let sent = self.posts.iter().filter(is_sent);
        let delivered = |(id, post): (&i64, &Post)| {
            let delivered = match &post.content {
                Content::Voice { path, keep, .. } => Some(Delivered {
                    path: path.clone(),
                    to: post.to.clone(),
                    kept: *keep,
                }),
                Content::Text { .. } => None,
            };
            (*id, delivered)
        };
        sent.map(delivered).collect()
    }

    /// Takes one out of the queue. The file that was to be sent stays.
    pub fn forget(&mut self, id: i64) {
        if self.posts.remove(&id).is_some() {
            let removed = self.shelf.remove(id);
            self.note(removed);
        }
    }

    /// Whether there is one with this number that was not sent yet.
    pub fn holds(&self, id: i64) -> bool {
        let post = self.posts.get(&id);
        post.is_some_and(|post| post.stage != Stage::Sent)
    }

    /// Tries those that were refused, or one of them, again in the name of a person: to the chat
    /// that their account has now.
    pub fn again(&mut self, id: Option<i64>, from: i64, chats: &HashMap<String, Option<Party>>) {
        let wanted = |number: i64| id.is_none_or(|id| id == number);
        let mut changed = Vec::new();
        for (number, post) in &mut self.posts {
            let stuck = matches!(post.stage, Stage::Refused { .. }) || post.from != from;
            if !wanted(*number) || !stuck || matches!(post.stage, Stage::Sent) {
                continue;
            }
            let chat = post.account.as_ref().and_then(|account| chats.get(account));
            let to = chat.unwrap_or(&post.to).clone();
            if (&to, from) != (&post.to, post.from) {
                // Another message to Telegram; the first one was never taken.
                post.random_id = fastrand::i64(..);
                post.to = to;
                post.from = from;
            }
            if post.stage != Stage::Unfinished {
                post.stage = Stage::Waiting;
            }
            changed.push(*number);
        }
        for number in changed {
            self.keep(number);
        }
    }

    /// Those that are not sent yet, the first of them one by one, and how many there are. `me` is
    /// who is signed in, `sending` what is being sent.
    pub fn seen(&self, me: Option<i64>, sending: &[i64]) -> (Arc<[PostStatus]>, u64) {
        let unsent = |(_, post): &(&i64, &Post)| post.stage != Stage::Sent;
        let status = |(id, post): (&i64, &Post)| PostStatus {
            id: *id,
            to: post.to.clone(),
            recording: post.content.recording().cloned(),
            stage: match (me, &post.stage) {
                (Some(me), Stage::Waiting) if me != post.from => Stage::Refused {
                    trouble: Trouble::OtherAccount,
                },
                (_, stage) => stage.clone(),
            },
            sending: sending.contains(id),
        };
        let count = self.posts.iter().filter(unsent).count();
        let first = self.posts.iter().filter(unsent).take(SHOWN).map(status);
        (first.collect(), count as u64)
    }

    fn set(&mut self, id: i64, stage: Stage) {
        if let Some(post) = self.posts.get_mut(&id) {
            post.stage = stage;
            self.keep(id);
        }
    }

    fn keep(&mut self, id: i64) {
        if let Some(post) = self.posts.get(&id) {
            // Nothing in it has a form that JSON lacks.
            let text = serde_json::to_string(post).unwrap_or_default();
            let kept = self.shelf.put(id, &text);
            self.note(kept);
        }
    }

    fn note(&mut self, done: io::Result<()>) {
        self.trouble = done
            .err()
            .map(|error| Trouble::file(&self.shelf.name(), &error));
    }
}

#[cfg(test)]
mod tests;
