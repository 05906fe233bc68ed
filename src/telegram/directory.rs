//! The chats one may post to and the people one knows, as Telegram tells them.

use std::collections::{HashMap, HashSet};

use grammers_client::session::types::{PeerId, PeerRef};
use grammers_client::tl;

use super::peer::{Peer, PeerKind};
use super::trouble::Trouble;
use super::wire::Wire;

/// The most entries of each list.
const MOST: usize = 2_000;
/// How many dialogs are asked for at once; Telegram gives no more.
const PAGE: i32 = 100;
/// Telegram's own notices come from here; there is nobody to write to.
const SERVICE: i64 = 777_000;

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// Saved Messages and where one may post.
    pub chats: Vec<Peer>,
    /// Those one writes with, then the others by name.
    pub people: Vec<Peer>,
    /// Every chat there is, also where one may not post.
    known: HashSet<i64>,
}

/// Asks for everything, page by page.
pub(super) async fn fetch(wire: Wire, me: Peer) -> Result<Directory, Trouble> {
    use tl::enums::messages::Dialogs;
    let mut collected = Collected::new(&me);
    let mut request = tl::functions::messages::GetDialogs {
        exclude_pinned: false,
        folder_id: None,
        offset_date: 0,
        offset_id: 0,
        offset_peer: tl::enums::InputPeer::Empty,
        limit: PAGE,
        hash: 0,
    };
    let mut received = 0_usize;
    loop {
        let (page, is_last) = match wire.ask_patiently(&request).await? {
            Dialogs::Dialogs(all) => (all, true),
            Dialogs::Slice(slice) => {
                received = received.saturating_add(slice.dialogs.len());
                let all = usize::try_from(slice.count).unwrap_or_default();
                let is_last = slice.dialogs.is_empty() || received >= all;
                let page = tl::types::messages::Dialogs {
                    dialogs: slice.dialogs,
                    messages: slice.messages,
                    chats: slice.chats,
                    users: slice.users,
                };
                (page, is_last)
            }
            Dialogs::NotModified(_) => break,
        };
        wire.remember(&page.users, &page.chats).await;
        let next = after(&page);
        let grown = collected.add(page);
        match next {
            Some((date, id, peer)) if !is_last && grown && !collected.is_full() => {
                request.exclude_pinned = true;
                request.offset_date = date;
                request.offset_id = id;
                request.offset_peer = peer;
            }
            _ => break,
        }
    }
    let contacts = tl::functions::contacts::GetContacts { hash: 0 };
    if let tl::enums::contacts::Contacts::Contacts(contacts) = wire.ask_patiently(&contacts).await?
    {
        wire.remember(&contacts.users, &[]).await;
        collected.know(&contacts.users);
    }
    Ok(collected.into_directory())
}

/// Where the next page begins: after the last dialog that has a message.
fn after(page: &tl::types::messages::Dialogs) -> Option<(i32, i32, tl::enums::InputPeer)> {
    use tl::enums::Message;
    page.dialogs.iter().rev().find_map(|dialog| {
        let tl::enums::Dialog::Dialog(dialog) = dialog else {
            return None;
        };
        let peer = PeerId::from(&dialog.peer);
        let date = page.messages.iter().find_map(|message| match message {
            Message::Message(m)
                if m.id == dialog.top_message && PeerId::from(&m.peer_id) == peer =>
            {
                Some(m.date)
            }
            Message::Service(m)
                if m.id == dialog.top_message && PeerId::from(&m.peer_id) == peer =>
            {
                Some(m.date)
            }
            _ => None,
        })?;
        let users = page.users.iter().map(PeerRef::from);
        let chats = page.chats.iter().map(PeerRef::from);
        let whom = users.chain(chats).find(|known| known.id == peer)?;
        Some((date, dialog.top_message, (&whom).into()))
    })
}

/// The lists while they are being told.
struct Collected {
    chats: Vec<Peer>,
    met: Vec<Peer>,
    others: Vec<Peer>,
    known: HashSet<i64>,
    people: HashSet<i64>,
}

impl Collected {
    fn new(me: &Peer) -> Self {
        let saved = Peer {
            kind: PeerKind::Saved,
            ..me.clone()
        };
        Self {
            known: [me.id].into(),
            people: [me.id].into(),
            chats: vec![saved],
            met: Vec::new(),
            others: Vec::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.chats.len() >= MOST
    }

    /// Takes in a page; whether there was anything new on it.
    fn add(&mut self, page: tl::types::messages::Dialogs) -> bool {
        let mut found: HashMap<i64, Peer> = HashMap::new();
        found.extend(
            page.users
                .iter()
                .filter_map(person)
                .map(|peer| (peer.id, peer)),
        );
        found.extend(
            page.chats
                .iter()
                .filter_map(place)
                .map(|peer| (peer.id, peer)),
        );
        let mut grown = false;
        for dialog in &page.dialogs {
            let tl::enums::Dialog::Dialog(dialog) = dialog else {
                continue;
            };
            let Some(id) = PeerId::from(&dialog.peer).bot_api_dialog_id() else {
                continue;
            };
            if !self.known.insert(id) {
                continue;
            }
            grown = true;
            let Some(peer) = found.get(&id) else {
                continue;
            };
            if peer.kind == PeerKind::Person && self.people.insert(id) {
                self.met.push(peer.clone());
            }
            if !self.is_full() {
                self.chats.push(peer.clone());
            }
        }
        self.know(&page.users);
        grown
    }

    /// People that were told of without a chat with them.
    fn know(&mut self, users: &[tl::enums::User]) {
        for user in users.iter().filter_map(person) {
            if user.kind == PeerKind::Person && self.people.insert(user.id) {
                self.others.push(user);
            }
        }
    }

    fn into_directory(self) -> Directory {
        let mut others = self.others;
        others.sort_by_cached_key(|person| person.name.to_lowercase());
        let mut people = self.met;
        people.append(&mut others);
        people.truncate(MOST);
        Directory {
            chats: self.chats,
            people,
            known: self.known,
        }
    }
}

/// A person or bot one can write to; nothing for deleted accounts and for those of whom too
/// little was told.
pub(super) fn person(user: &tl::enums::User) -> Option<Peer> {
    let tl::enums::User::User(user) = user else {
        return None;
    };
    if user.deleted || user.min || user.id == SERVICE {
        return None;
    }
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    let names: Vec<&str> = names.into_iter().flatten().map(str::trim).collect();
    let phone = user.phone.as_deref().filter(|phone| !phone.is_empty());
    Some(Peer {
        id: user.id,
        kind: if user.bot {
            PeerKind::Bot
        } else {
            PeerKind::Person
        },
        name: names.join(" ").trim().to_owned(),
        username: username(user.username.as_deref(), user.usernames.as_deref()),
        phone: phone.map(|phone| format!("+{}", phone.trim_start_matches('+'))),
    })
}

/// A group or channel one may post voice messages to.
fn place(chat: &tl::enums::Chat) -> Option<Peer> {
    use tl::enums::Chat;
    let id = PeerRef::from(chat).id.bot_api_dialog_id()?;
    let (kind, name, username) = match chat {
        Chat::Chat(group) => {
            let gone = group.left || group.deactivated || group.migrated_to.is_some();
            let rules = Rules {
                creator: group.creator,
                admin: group.admin_rights.is_some(),
                for_all: group.default_banned_rights.as_ref(),
                for_me: None,
            };
            let may = !gone && rules.allow();
            may.then_some((PeerKind::Group, &group.title, None))?
        }
        Chat::Channel(channel) if channel.broadcast => {
            let tl_rights = channel.admin_rights.as_ref();
            let may_post = tl_rights
                .is_some_and(|tl::enums::ChatAdminRights::Rights(rights)| rights.post_messages);
            let may = !channel.left && (channel.creator || may_post);
            let username = username(channel.username.as_deref(), channel.usernames.as_deref());
            may.then_some((PeerKind::Channel, &channel.title, username))?
        }
        Chat::Channel(group) => {
            let rules = Rules {
                creator: group.creator,
                admin: group.admin_rights.is_some(),
                for_all: group.default_banned_rights.as_ref(),
                for_me: group.banned_rights.as_ref(),
            };
            let open = !group.gigagroup || group.creator || group.admin_rights.is_some();
            let may = !group.left && !group.min && !group.monoforum && open && rules.allow();
            let username = username(group.username.as_deref(), group.usernames.as_deref());
            may.then_some((PeerKind::Group, &group.title, username))?
        }
        Chat::Empty(_) | Chat::Forbidden(_) | Chat::ChannelForbidden(_) => return None,
        Chat::Community(_) | Chat::CommunityForbidden(_) => return None,
    };
    Some(Peer {
        id,
        kind,
        name: name.trim().to_owned(),
        username,
        phone: None,
    })
}

/// Who may post to a group.
struct Rules<'a> {
    creator: bool,
    admin: bool,
    for_all: Option<&'a tl::enums::ChatBannedRights>,
    for_me: Option<&'a tl::enums::ChatBannedRights>,
}

impl Rules<'_> {
    fn allow(&self) -> bool {
        let forbids = |rights: Option<&tl::enums::ChatBannedRights>| match rights {
            Some(tl::enums::ChatBannedRights::Rights(rights)) => {
                rights.view_messages || rights.send_messages || rights.send_voices
            }
            None => false,
        };
        self.creator || self.admin || !(forbids(self.for_all) || forbids(self.for_me))
    }
}

/// The public name: the main one, or the first that is in use.
fn username(main: Option<&str>, others: Option<&[tl::enums::Username]>) -> Option<String> {
    let others = others.unwrap_or_default().iter();
    let mut active = others
        .map(|tl::enums::Username::Username(name)| name)
        .filter(|name| name.active)
        .map(|name| name.username.as_str());
    let name = main.or_else(|| active.next())?;
    (!name.is_empty()).then(|| name.to_owned())
}

impl Directory {
    /// Whether the lists have to be asked for again after an update.
    pub fn is_changed_by(&self, update: &tl::enums::Update) -> bool {
        use tl::enums::{Message, Update};
        let is_new = |message: &Message| {
            let peer = match message {
                Message::Message(message) => &message.peer_id,
                Message::Service(message) => &message.peer_id,
                Message::Empty(_) => return false,
            };
            let id = PeerId::from(peer).bot_api_dialog_id();
            id.is_some_and(|id| !self.known.contains(&id))
        };
        match update {
            Update::NewMessage(update) => is_new(&update.message),
            Update::NewChannelMessage(update) => is_new(&update.message),
            Update::User(_)
            | Update::UserName(_)
            | Update::UserPhone(_)
            | Update::ContactsReset
            | Update::PeerSettings(_)
            | Update::Chat(_)
            | Update::Channel(_)
            | Update::ChatParticipants(_)
            | Update::ChatDefaultBannedRights(_) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
