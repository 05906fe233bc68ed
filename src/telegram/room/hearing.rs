//! Signed in: listening to the numbers that are written to the dial chat.

use std::time::Instant;

use grammers_client::tl;

use super::{Listen, Room, Told};
use crate::telegram::dial::{self, Clock};
use crate::telegram::state::unix_time;

impl Room {
    /// Tells a number that was written to the dial chat, each message once.
    pub(super) fn hear(&mut self, update: &tl::enums::Update) {
        let Some(me) = self.status.me.as_ref().map(|me| me.id) else {
            return;
        };
        let chat = match self.listen {
            Listen::Off => return,
            Listen::Saved => me,
            Listen::Chat(chat) => chat,
        };
        let Some(message) = dial::mine(update, chat, me) else {
            return;
        };
        let now = Instant::now();
        let clock = self.clock.unwrap_or(Clock {
            at: now,
            said: unix_time(),
        });
        let Some(heard) = message.heard(clock, self.opened, now) else {
            return;
        };
        // Kept before it is dialled: a message that comes again after a crash is not dialled.
        match self.session.hear(chat, message.id) {
            Ok(true) => (self.tell)(Told::Heard(heard)),
            Ok(false) => {}
            Err(trouble) => self.status.trouble = Some(trouble),
        }
    }
}
