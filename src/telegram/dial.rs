//! Messages of the dial chat: which of them are numbers, and how old they are.

use std::time::{Duration, Instant};

use grammers_client::session::types::PeerId;
use grammers_client::tl;

use crate::account::number::parse_target;

/// A number that was written longer ago is not dialled any more, seconds.
const FRESH: i64 = 180;
/// Nobody is told of a number that was written longer ago, seconds.
const TOLD: i64 = 24 * 3600;
/// What two clocks may differ by, seconds.
const SLACK: i64 = 2;
/// The longest message that is looked at, octets.
const LONGEST: usize = 200;
/// The most digits a number has.
const MOST_DIGITS: usize = 32;

/// A message of one's own in the dial chat that is nothing but a number or SIP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The number of the message, so that it can be answered.
    pub message: i32,
    /// The number or address.
    pub number: String,
    /// Whether it is too old to be dialled.
    pub late: bool,
}

/// The clock of Telegram, by which messages are dated; this computer's may be wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// When it was read.
    pub at: Instant,
    /// What it said: seconds since 1970.
    pub said: i64,
}

impl Clock {
    fn says(&self, at: Instant) -> i64 {
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        match at.checked_duration_since(self.at) {
            Some(since) => self.said.saturating_add(seconds(since)),
            None => self
                .said
                .saturating_sub(seconds(self.at.duration_since(at))),
        }
    }
}

/// A message that may have to be dialled.
pub(super) struct Message<'a> {
    pub id: i32,
    /// By the clock of Telegram.
    date: i64,
    text: &'a str,
}

/// The message of an update if it is one of mine in this chat: written by hand, and just words.
/// `me` is my own identifier, which is also that of Saved Messages.
pub(super) fn mine(update: &tl::enums::Update, chat: i64, me: i64) -> Option<Message<'_>> {
    let message = match update {
        tl::enums::Update::NewMessage(update) => &update.message,
        tl::enums::Update::NewChannelMessage(update) => &update.message,
        _ => return None,
    };
    let tl::enums::Message::Message(message) = message else {
        return None;
    };
    let in_chat = PeerId::from(&message.peer_id).bot_api_dialog_id() == Some(chat);
    // What stands in Saved Messages is mine, unless it was forwarded there.
    let is_mine = message.out || chat == me;
    let by_hand = message.fwd_from.is_none()
        && message.via_bot_id.is_none()
        && message.media.is_none()
        && !message.from_scheduled;
    (in_chat && is_mine && by_hand).then(|| Message {
        id: message.id,
        date: message.date.into(),
        text: &message.message,
    })
}

impl Message<'_> {
    /// What is to be dialled, if the message is a number; nothing if it is older than a day.
    /// `opened` is since when numbers are dialled here.
    pub fn heard(&self, clock: Clock, opened: Instant, now: Instant) -> Option<Heard> {
        let number = number_in(self.text)?;
        let age = clock.says(now).saturating_sub(self.date);
        if age > TOLD {
            return None;
        }
        let before = self.date.saturating_add(SLACK) < clock.says(opened);
        Some(Heard {
            message: self.id,
            number: number.to_owned(),
            late: before || age > FRESH,
        })
    }
}

/// The number or SIP address that a message is, whole.
///
/// An address without `sip:` has to begin with a number: otherwise it is more likely one of
/// e-mail. A date is no number.
fn number_in(text: &str) -> Option<&str> {
    let text = text.trim();
    if text.len() > LONGEST || text.contains(char::is_control) {
        return None;
    }
    let is_link = ["tel:", "sip:", "sips:", "callto:"].iter().any(|scheme| {
        let head = text.get(..scheme.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    });
    let is_number = match text.split_once('@') {
        _ if is_link => !text.contains(char::is_whitespace),
        Some((user, _)) => is_digits(user),
        None => is_telephone(text) && !is_date(text),
    };
    (is_number && parse_target(text).is_ok()).then_some(text)
}

fn is_digits(text: &str) -> bool {
    let rest = text.strip_prefix('+').unwrap_or(text);
    !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || "*#".contains(c))
}

fn is_telephone(text: &str) -> bool {
    let rest = text.strip_prefix('+').unwrap_or(text);
    let sign = |c: char| c.is_ascii_digit() || "*#".contains(c);
    let known = rest.chars().all(|c| sign(c) || " -().\u{a0}".contains(c));
    let count = rest.chars().filter(|c| sign(*c)).count();
    known && (1..=MOST_DIGITS).contains(&count) && !rest.starts_with('-')
}

/// A day or a time of day: `22.11.2026`, `2026-11-22`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['.', '-']).collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let digits = parts
        .iter()
        .all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let dots = text.matches('.').count();
    let dated = match lengths.as_slice() {
        [1 | 2, 1 | 2, 2 | 4] => dots == 2,
        [4, 2, 2] => dots == 0 || dots == 2,
        [whole, part] => dots == 1 && whole.min(part) > &0,
        _ => false,
    };
    digits && dated
}

#[cfg(test)]
mod tests {
    use grammers_client::tl::{Deserializable, Serializable};

    use super::*;

    #[test]
    fn a_message_that_is_a_number_or_address_is_dialled() {
        for text in [
            "+7 926 123-45-67",
            " 8 (926) 123-45-67\n",
            "112",
            "1",
            "*100#",
            "8.800.555.35.35",
            "tel:+79261234567",
            "sip:anna@pbx.example.ru",
            "SIPS:anna@pbx.example.ru",
            "101@pbx.example.ru",
            "callto:anna",
        ] {
            assert_eq!(number_in(text), Some(text.trim()), "{text}");
        }
    }

    #[test]
    fn anything_else_is_left_alone() {
        for text in [
            "",
            "позвонить 112",
            "112 и 113",
            "anna",
            "anna@example.ru",
            "22.11.2026",
            "1.5.26",
            "2026-11-22",
            "3.14",
            "12:30",
            "-15",
            "112\n113",
            "https://example.ru/112",
            "1500 ₽",
            "sip:",
            "sip:anna@pbx.example.ru и ещё",
            "123456789012345678901234567890123",
        ] {
            assert_eq!(number_in(text), None, "{text}");
        }
        assert_eq!(number_in(&"1".repeat(300)), None);
    }

    fn update(
        out: bool,
        peer: i64,
        change: impl FnOnce(&mut tl::types::Message),
    ) -> tl::enums::Update {
        let mut octets = Vec::new();
        for flags in [0_i32, 0] {
            flags.serialize(&mut octets);
        }
        5_i32.serialize(&mut octets);
        tl::enums::Peer::from(tl::types::PeerUser { user_id: peer }).serialize(&mut octets);
        1_000_i32.serialize(&mut octets);
        "112".to_owned().serialize(&mut octets);
        let mut message = tl::types::Message::from_bytes(&octets).unwrap();
        message.out = out;
        change(&mut message);
        tl::types::UpdateNewMessage {
            message: message.into(),
            pts: 1,
            pts_count: 1,
        }
        .into()
    }

    #[test]
    fn only_what_i_wrote_myself_in_the_dial_chat_counts() {
        const ME: i64 = 7;
        let counts = |update: &tl::enums::Update, chat| mine(update, chat, ME).is_some();
        let plain = |_: &mut tl::types::Message| ();
        assert!(counts(&update(false, ME, plain), ME), "in Saved Messages");
        assert!(counts(&update(true, 8, plain), 8), "in a chat of mine");
        assert!(!counts(&update(false, 8, plain), 8), "of somebody else");
        assert!(!counts(&update(true, 8, plain), ME), "in another chat");
        let by_bot = update(true, ME, |message| message.via_bot_id = Some(3));
        assert!(!counts(&by_bot, ME));
        let scheduled = update(true, ME, |message| message.from_scheduled = true);
        assert!(!counts(&scheduled, ME));
        let picture = update(true, ME, |message| {
            message.media = Some(tl::enums::MessageMedia::Unsupported);
        });
        assert!(!counts(&picture, ME));
    }

    #[test]
    fn what_is_old_is_late_and_what_is_very_old_is_not_told() {
        let opened = Instant::now();
        let now = opened + Duration::from_secs(1_000);
        let clock = Clock {
            at: now,
            said: 1_000_000,
        };
        let late = |age: i64, now| {
            let message = Message {
                id: 1,
                date: 1_000_000 - age,
                text: "112",
            };
            message.heard(clock, opened, now).map(|heard| heard.late)
        };
        assert_eq!(late(0, now), Some(false));
        assert_eq!(late(180, now), Some(false));
        assert_eq!(late(181, now), Some(true));
        assert_eq!(late(100_000, now), None);
        assert_eq!(late(170, now + Duration::from_secs(20)), Some(true));
        let soon = opened + Duration::from_secs(10);
        let clock = Clock {
            at: soon,
            said: 1_000_000,
        };
        let message = Message {
            id: 1,
            date: 999_980,
            text: "112",
        };
        let heard = message.heard(clock, opened, soon).unwrap();
        assert!(heard.late, "it was written before the program began");
    }
}
