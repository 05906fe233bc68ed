//! What a person sees once signed in.

use std::collections::HashSet;

use grammers_tl_types::{Serializable, enums, functions, types};

use crate::call::{Answer, error};
use crate::crypt::KeyId;
use crate::make;
use crate::world::{Message, World, now};

fn me(world: &World, key: KeyId) -> Answer<i64> {
    world
        .signed_in(key)
        .map_or_else(|| error(401, "AUTH_KEY_UNREGISTERED"), Ok)
}

pub fn get_state(
    world: &mut World,
    key: KeyId,
    _: functions::updates::GetState,
) -> Answer<enums::updates::State> {
    let me = me(world, key)?;
    Ok(state(world, me).into())
}

fn state(world: &World, me: i64) -> types::updates::State {
    types::updates::State {
        pts: world.users[&me].pts,
        qts: 0,
        date: now(),
        seq: 1,
        unread_count: 0,
    }
}

pub fn get_difference(
    world: &mut World,
    key: KeyId,
    asked: functions::updates::GetDifference,
) -> Answer<enums::updates::Difference> {
    let me = me(world, key)?;
    let missed = world.users[&me]
        .messages
        .iter()
        .filter(|message| message.pts > asked.pts);
    let new_messages: Vec<enums::Message> =
        missed.map(|message| make::message(message, me)).collect();
    if new_messages.is_empty() {
        return Ok(types::updates::DifferenceEmpty {
            date: now(),
            seq: 1,
        }
        .into());
    }
    Ok(types::updates::Difference {
        new_messages,
        new_encrypted_messages: Vec::new(),
        other_updates: Vec::new(),
        chats: world.chats.values().map(make::chat).collect(),
        users: everybody(world, me),
        state: state(world, me).into(),
    }
    .into())
}

fn everybody(world: &World, viewer: i64) -> Vec<enums::User> {
    world
        .users
        .keys()
        .map(|id| make::user(world, *id, viewer))
        .collect()
}

pub fn get_users(
    world: &mut World,
    key: KeyId,
    asked: functions::users::GetUsers,
) -> Answer<Vec<enums::User>> {
    let me = me(world, key)?;
    let id = |user: &enums::InputUser| match user {
        enums::InputUser::UserSelf => Some(me),
        enums::InputUser::User(user) if user.access_hash == user.user_id * 7 => Some(user.user_id),
        _ => None,
    };
    let ids = asked.id.iter().filter_map(id);
    Ok(ids.map(|id| make::user(world, id, me)).collect())
}

/// The last message of every chat, the newest first.
fn tops(messages: &[Message]) -> Vec<&Message> {
    let mut seen = HashSet::new();
    let newest = messages.iter().rev();
    newest
        .filter(|message| seen.insert(message.peer.to_bytes()))
        .collect()
}

pub fn get_dialogs(
    world: &mut World,
    key: KeyId,
    asked: functions::messages::GetDialogs,
) -> Answer<enums::messages::Dialogs> {
    let me = me(world, key)?;
    let all = tops(&world.users[&me].messages);
    let limit = usize::try_from(asked.limit).unwrap_or(0).clamp(1, 100);
    let after = |message: &&&Message| {
        asked.offset_date == 0 || (message.date, message.id) < (asked.offset_date, asked.offset_id)
    };
    let page: Vec<&Message> = all.iter().filter(after).copied().take(limit).collect();
    let dialogs = page.iter().map(|message| make::dialog(message)).collect();
    let messages = page
        .iter()
        .map(|message| make::message(message, me))
        .collect();
    let (mut users, mut chats) = (HashSet::from([me]), HashSet::new());
    for message in &page {
        users.insert(message.from);
        match &message.peer {
            enums::Peer::User(peer) => users.insert(peer.user_id),
            enums::Peer::Chat(peer) => chats.insert(peer.chat_id),
            enums::Peer::Channel(peer) => chats.insert(peer.channel_id),
        };
    }
    let users = users
        .into_iter()
        .map(|id| make::user(world, id, me))
        .collect();
    let chats = chats
        .iter()
        .filter_map(|id| world.chats.get(id))
        .map(make::chat)
        .collect();
    if all.len() <= limit && asked.offset_date == 0 {
        return Ok(types::messages::Dialogs {
            dialogs,
            messages,
            chats,
            users,
        }
        .into());
    }
    Ok(types::messages::DialogsSlice {
        count: all.len() as i32,
        dialogs,
        messages,
        chats,
        users,
    }
    .into())
}

pub fn get_contacts(
    world: &mut World,
    key: KeyId,
    _: functions::contacts::GetContacts,
) -> Answer<enums::contacts::Contacts> {
    let me = me(world, key)?;
    let ids = world.users[&me].contacts.clone();
    let contact = |user_id: &i64| {
        types::Contact {
            user_id: *user_id,
            mutual: true,
        }
        .into()
    };
    Ok(types::contacts::Contacts {
        contacts: ids.iter().map(contact).collect(),
        saved_count: 0,
        users: ids.iter().map(|id| make::user(world, *id, me)).collect(),
    }
    .into())
}
