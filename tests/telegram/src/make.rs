//! What Telegram tells, made of what there is.

use grammers_tl_types::{Deserializable, Serializable, enums, types};

use crate::world::{Chat, ChatKind, Message, World, now};

/// Anything with nothing optional in it: read from what is mandatory.
fn blank<T: Deserializable>(mandatory: impl FnOnce(&mut Vec<u8>)) -> T {
    let mut octets = Vec::new();
    mandatory(&mut octets);
    T::from_bytes(&octets).expect("all that is mandatory")
}

/// A person as another one sees him.
pub fn user(world: &World, id: i64, viewer: i64) -> enums::User {
    let Some(told) = world.users.get(&id) else {
        return types::UserEmpty { id }.into();
    };
    let contact = world
        .users
        .get(&viewer)
        .is_some_and(|viewer| viewer.contacts.contains(&id));
    let mut user: types::User = blank(|out| {
        0_i32.serialize(out);
        0_i32.serialize(out);
        id.serialize(out);
    });
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    user.is_self = id == viewer;
    user.contact = contact;
    user.deleted = told.deleted;
    user.bot = told.bot;
    user.bot_info_version = told.bot.then_some(1);
    user.access_hash = Some(id * 7);
    user.first_name = given(&told.first_name);
    user.last_name = given(&told.last_name);
    user.username = told.username.clone();
    user.phone = if contact || id == viewer {
        given(told.phone.trim_start_matches('+'))
    } else {
        None
    };
    user.into()
}

pub fn chat(chat: &Chat) -> enums::Chat {
    let rights = (!chat.open).then(|| {
        let mut rights: types::ChatBannedRights = blank(|out| {
            0_i32.serialize(out);
            i32::MAX.serialize(out);
        });
        rights.send_messages = true;
        rights.into()
    });
    if chat.kind == ChatKind::Group {
        let mut group: types::Chat = blank(|out| {
            0_i32.serialize(out);
            chat.id.serialize(out);
            chat.title.serialize(out);
            enums::ChatPhoto::Empty.serialize(out);
            for number in [3, 0, 1] {
                number.serialize(out);
            }
        });
        group.default_banned_rights = rights;
        return group.into();
    }
    let mut channel: types::Channel = blank(|out| {
        0_i32.serialize(out);
        0_i32.serialize(out);
        chat.id.serialize(out);
        chat.title.serialize(out);
        enums::ChatPhoto::Empty.serialize(out);
        0_i32.serialize(out);
    });
    channel.access_hash = Some(chat.id * 7);
    channel.username = chat.username.clone();
    if chat.kind == ChatKind::Channel {
        channel.broadcast = true;
        channel.creator = chat.open;
    } else {
        channel.megagroup = true;
        channel.default_banned_rights = rights;
    }
    channel.into()
}

pub fn peer_of(chat: &Chat) -> enums::Peer {
    match chat.kind {
        ChatKind::Group => types::PeerChat { chat_id: chat.id }.into(),
        ChatKind::Supergroup | ChatKind::Channel => {
            let channel_id = chat.id;
            types::PeerChannel { channel_id }.into()
        }
    }
}

pub fn message(message: &Message, viewer: i64) -> enums::Message {
    let mut made: types::Message = blank(|out| {
        0_i32.serialize(out);
        0_i32.serialize(out);
        message.id.serialize(out);
        message.peer.serialize(out);
        message.date.serialize(out);
        message.text.serialize(out);
    });
    // What one writes to oneself comes in, as Telegram has it.
    let to_oneself = matches!(&message.peer, enums::Peer::User(peer) if peer.user_id == viewer);
    made.out = message.from == viewer && !to_oneself;
    if message.forwarded {
        let mut header: types::MessageFwdHeader = blank(|out| {
            0_i32.serialize(out);
            message.date.serialize(out);
        });
        header.from_name = Some("Somebody".into());
        made.fwd_from = Some(header.into());
    }
    let user_id = message.from;
    made.from_id = Some(types::PeerUser { user_id }.into());
    made.into()
}

pub fn dialog(message: &Message) -> enums::Dialog {
    let dialog: types::Dialog = blank(|out| {
        0_i32.serialize(out);
        message.peer.serialize(out);
        for number in [message.id, 0, 0, 0, 0, 0, 0] {
            number.serialize(out);
        }
        let settings: types::PeerNotifySettings = blank(|out| 0_i32.serialize(out));
        enums::PeerNotifySettings::Settings(settings).serialize(out);
    });
    dialog.into()
}

pub fn config(centres: impl Iterator<Item = (i32, u16)>) -> enums::Config {
    let options: Vec<enums::DcOption> = centres
        .map(|(id, port)| {
            let mut option: types::DcOption = blank(|out| {
                0_i32.serialize(out);
                id.serialize(out);
                "127.0.0.1".to_owned().serialize(out);
                i32::from(port).serialize(out);
            });
            option.r#static = true;
            option.into()
        })
        .collect();
    let config: types::Config = blank(|out| {
        0_i32.serialize(out);
        // date, expires
        now().serialize(out);
        2_000_000_000_i32.serialize(out);
        false.serialize(out);
        // this_dc
        2_i32.serialize(out);
        options.serialize(out);
        String::new().serialize(out);
        // chat_size_max to channels_read_media_period, then the four limits of calls
        for _ in 0..21 {
            0_i32.serialize(out);
        }
        "https://t.me/".to_owned().serialize(out);
        // caption_length_max, message_length_max, webfile_dc_id
        for _ in 0..3 {
            1024_i32.serialize(out);
        }
    });
    config.into()
}
