//! What persons post: files part by part, messages once each.

use grammers_tl_types::{enums, functions, types};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::call::{Answer, error};
use crate::crypt::KeyId;
use crate::make;
use crate::world::{Message, World};

/// A message as it was posted.
pub struct Posted {
    from: i64,
    to: i64,
    random_id: i64,
    text: String,
    reply_to: Option<i32>,
    file: Option<Value>,
    id: i32,
}

impl Posted {
    pub fn told(&self) -> Value {
        json!({
            "id": self.id, "from": self.from, "to": self.to, "text": self.text, "reply_to": self.reply_to,
            "file": self.file, "random_id": self.random_id.to_string(),
        })
    }
}

fn me(world: &World, key: KeyId) -> Answer<i64> {
    world
        .signed_in(key)
        .map_or_else(|| error(401, "AUTH_KEY_UNREGISTERED"), Ok)
}

pub fn save_part(
    world: &mut World,
    key: KeyId,
    asked: functions::upload::SaveFilePart,
) -> Answer<bool> {
    save(world, key, asked.file_id, asked.file_part, asked.bytes)
}

pub fn save_big_part(
    world: &mut World,
    key: KeyId,
    asked: functions::upload::SaveBigFilePart,
) -> Answer<bool> {
    if asked.file_part >= asked.file_total_parts {
        return error(400, "FILE_PARTS_INVALID");
    }
    save(world, key, asked.file_id, asked.file_part, asked.bytes)
}

/// Files belong to a data centre: whoever moves has to bring them again.
fn save(world: &mut World, key: KeyId, id: i64, part: i32, bytes: Vec<u8>) -> Answer<bool> {
    me(world, key)?;
    if bytes.is_empty() || bytes.len() > 512 << 10 {
        return error(400, "FILE_PART_SIZE_INVALID");
    }
    let centre = world.at(key).centre;
    world
        .files
        .entry((centre, id))
        .or_default()
        .insert(part, bytes);
    Ok(true)
}

pub fn send_message(
    world: &mut World,
    key: KeyId,
    asked: functions::messages::SendMessage,
) -> Answer<enums::Updates> {
    let me = me(world, key)?;
    if asked.message.is_empty() || asked.message.chars().count() > 4096 {
        return error(400, "MESSAGE_TOO_LONG");
    }
    let reply_to = asked.reply_to.and_then(|reply| match reply {
        enums::InputReplyTo::Message(reply) => Some(reply.reply_to_msg_id),
        _ => None,
    });
    post(
        world,
        me,
        &asked.peer,
        asked.random_id,
        asked.message,
        reply_to,
        None,
    )
}

pub fn send_media(
    world: &mut World,
    key: KeyId,
    asked: functions::messages::SendMedia,
) -> Answer<enums::Updates> {
    let me = me(world, key)?;
    if asked.message.chars().count() > 1024 {
        return error(400, "MEDIA_CAPTION_TOO_LONG");
    }
    let enums::InputMedia::UploadedDocument(media) = asked.media else {
        return error(400, "MEDIA_INVALID");
    };
    let (id, parts, big) = match media.file {
        enums::InputFile::File(file) => (file.id, file.parts, false),
        enums::InputFile::Big(file) => (file.id, file.parts, true),
        enums::InputFile::StoryDocument(_) => return error(400, "MEDIA_INVALID"),
    };
    let centre = world.at(key).centre;
    let saved = world.files.get(&(centre, id));
    let mut contents = Vec::new();
    for part in 0..parts {
        match saved.and_then(|file| file.get(&part)) {
            Some(bytes) => contents.extend(bytes),
            None => return error(400, &format!("FILE_PART_{part}_MISSING")),
        }
    }
    let voice = media
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            enums::DocumentAttribute::Audio(audio) => Some(audio),
            _ => None,
        });
    let sum: String = Sha256::digest(&contents)
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect();
    let file = json!({
        "size": contents.len(), "sha256": sum, "mime": media.mime_type, "big": big,
        "voice": voice.is_some_and(|voice| voice.voice),
        "duration": voice.map(|voice| voice.duration),
        "waveform": voice.and_then(|voice| voice.waveform.clone()),
    });
    let sent = post(
        world,
        me,
        &asked.peer,
        asked.random_id,
        asked.message,
        None,
        Some(file),
    )?;
    world.files.remove(&(centre, id));
    Ok(sent)
}

/// The chat's identifier as programs have it, and the peer.
fn whom(
    world: &World,
    me: i64,
    peer: &enums::InputPeer,
    voice: bool,
) -> Answer<(i64, enums::Peer)> {
    let chat = |id: i64, hash: i64| match world.chats.get(&id) {
        Some(chat) if hash == id * 7 && !chat.gone => {
            if !chat.open || (chat.silent && voice) {
                let name = if chat.open {
                    "CHAT_SEND_VOICES_FORBIDDEN"
                } else {
                    "CHAT_WRITE_FORBIDDEN"
                };
                return error(403, name);
            }
            Ok(make::peer_of(chat))
        }
        _ => error(400, "CHANNEL_INVALID"),
    };
    match peer {
        enums::InputPeer::PeerSelf => Ok((me, types::PeerUser { user_id: me }.into())),
        enums::InputPeer::User(user) if user.access_hash == user.user_id * 7 => {
            let user_id = user.user_id;
            match world.users.get(&user_id) {
                Some(_) => Ok((user_id, types::PeerUser { user_id }.into())),
                None => error(400, "PEER_ID_INVALID"),
            }
        }
        enums::InputPeer::Chat(group) => {
            let peer = chat(group.chat_id, group.chat_id * 7)?;
            Ok((-group.chat_id, peer))
        }
        enums::InputPeer::Channel(channel) => {
            let peer = chat(channel.channel_id, channel.access_hash)?;
            Ok((-1_000_000_000_000 - channel.channel_id, peer))
        }
        _ => error(400, "PEER_ID_INVALID"),
    }
}

fn post(
    world: &mut World,
    me: i64,
    peer: &enums::InputPeer,
    random_id: i64,
    text: String,
    reply_to: Option<i32>,
    file: Option<Value>,
) -> Answer<enums::Updates> {
    let (to, peer) = whom(world, me, peer, file.is_some())?;
    let is_it = |posted: &Posted| posted.from == me && posted.random_id == random_id;
    if world.posted.iter().any(is_it) {
        return error(500, "RANDOM_ID_DUPLICATE");
    }
    let message = world.put(me, peer.clone(), me, &text);
    let (id, media) = (message.id, file.is_some());
    world.posted.push(Posted {
        from: me,
        to,
        random_id,
        text: text.clone(),
        reply_to,
        file,
        id,
    });
    // Whoever is written to hears of it; for everybody a message has a number of its own.
    if let enums::Peer::User(user) = &peer
        && user.user_id != me
    {
        let theirs = world.put(
            user.user_id,
            types::PeerUser { user_id: me }.into(),
            me,
            &text,
        );
        let update = new_message(&theirs, user.user_id, media);
        world.tell(user.user_id, vec![update]);
    }
    let number = enums::Update::MessageId(types::UpdateMessageId { id, random_id });
    Ok(world.updates(me, vec![number, new_message(&message, me, media)]))
}

pub fn new_message(message: &Message, viewer: i64, media: bool) -> enums::Update {
    let mut made = make::message(message, viewer);
    if media && let enums::Message::Message(made) = &mut made {
        made.media = Some(enums::MessageMedia::Unsupported);
    }
    types::UpdateNewMessage {
        message: made,
        pts: message.pts,
        pts_count: 1,
    }
    .into()
}
