use grammers_client::tl::{Deserializable, Serializable, enums, types};

use super::*;

/// Anything of Telegram's with nothing optional in it: read from what is mandatory.
fn blank<T: Deserializable>(mandatory: impl FnOnce(&mut Vec<u8>)) -> T {
    let mut octets = Vec::new();
    mandatory(&mut octets);
    T::from_bytes(&octets).unwrap()
}

fn user(id: i64, first: &str, last: &str) -> types::User {
    let mut user: types::User = blank(|out| {
        0_i32.serialize(out);
        0_i32.serialize(out);
        id.serialize(out);
    });
    user.access_hash = Some(id * 7);
    user.first_name = Some(first.into());
    user.last_name = Some(last.into());
    user
}

fn group(id: i64, title: &str) -> types::Chat {
    blank(|out| {
        0_i32.serialize(out);
        id.serialize(out);
        title.to_owned().serialize(out);
        enums::ChatPhoto::Empty.serialize(out);
        for number in [3, 0, 1] {
            number.serialize(out);
        }
    })
}

fn channel(id: i64, title: &str) -> types::Channel {
    let mut channel: types::Channel = blank(|out| {
        0_i32.serialize(out);
        0_i32.serialize(out);
        id.serialize(out);
        title.to_owned().serialize(out);
        enums::ChatPhoto::Empty.serialize(out);
        0_i32.serialize(out);
    });
    channel.access_hash = Some(id * 7);
    channel
}

fn banned(change: impl FnOnce(&mut types::ChatBannedRights)) -> Option<enums::ChatBannedRights> {
    let mut rights: types::ChatBannedRights = blank(|out| {
        0_i32.serialize(out);
        0_i32.serialize(out);
    });
    change(&mut rights);
    Some(rights.into())
}

fn admin(post: bool) -> Option<enums::ChatAdminRights> {
    let mut rights: types::ChatAdminRights = blank(|out| 0_i32.serialize(out));
    rights.post_messages = post;
    Some(rights.into())
}

fn dialog(peer: enums::Peer, top_message: i32) -> enums::Dialog {
    let dialog: types::Dialog = blank(|out| {
        0_i32.serialize(out);
        peer.serialize(out);
        for number in [top_message, 0, 0, 0, 0, 0, 0] {
            number.serialize(out);
        }
        let settings: types::PeerNotifySettings = blank(|out| 0_i32.serialize(out));
        enums::PeerNotifySettings::Settings(settings).serialize(out);
    });
    dialog.into()
}

fn message(id: i32, peer: enums::Peer, date: i32) -> enums::Message {
    let message: types::Message = blank(|out| {
        0_i32.serialize(out);
        0_i32.serialize(out);
        id.serialize(out);
        peer.serialize(out);
        date.serialize(out);
        String::new().serialize(out);
    });
    message.into()
}

fn at_user(user_id: i64) -> enums::Peer {
    types::PeerUser { user_id }.into()
}

fn at_group(chat_id: i64) -> enums::Peer {
    types::PeerChat { chat_id }.into()
}

fn at_channel(channel_id: i64) -> enums::Peer {
    types::PeerChannel { channel_id }.into()
}

fn me() -> Peer {
    person(&user(1, "Анна", "").into()).unwrap()
}

fn page(
    dialogs: Vec<enums::Dialog>,
    users: Vec<types::User>,
    chats: Vec<enums::Chat>,
) -> types::messages::Dialogs {
    types::messages::Dialogs {
        dialogs,
        messages: Vec::new(),
        chats,
        users: users.into_iter().map(Into::into).collect(),
    }
}

fn ids(peers: &[Peer]) -> Vec<i64> {
    peers.iter().map(|peer| peer.id).collect()
}

#[test]
fn a_person_has_a_whole_name_a_public_name_and_a_number() {
    let mut told = user(5, "Пётр ", "Сергеев");
    told.phone = Some("79261234567".into());
    told.usernames = Some(vec![
        types::Username {
            editable: false,
            active: false,
            deletable: false,
            expired: true,
            username: "old".into(),
        }
        .into(),
        types::Username {
            editable: true,
            active: true,
            deletable: false,
            expired: false,
            username: "petr".into(),
        }
        .into(),
    ]);
    let seen = person(&told.clone().into()).unwrap();
    assert_eq!(seen.name, "Пётр Сергеев");
    assert_eq!(seen.username.as_deref(), Some("petr"));
    assert_eq!(seen.phone.as_deref(), Some("+79261234567"));
    assert_eq!(seen.kind, PeerKind::Person);
    told.bot = true;
    assert_eq!(person(&told.clone().into()).unwrap().kind, PeerKind::Bot);
    told.deleted = true;
    assert_eq!(person(&told.into()), None);
    assert_eq!(person(&types::UserEmpty { id: 3 }.into()), None);
}

#[test]
fn saved_messages_come_first_and_only_where_one_may_post_is_listed() {
    let mut closed = group(12, "Закрыта");
    closed.default_banned_rights = banned(|rights| rights.send_messages = true);
    let mut ours = closed.clone();
    ours.id = 13;
    ours.admin_rights = admin(false);
    let mut voiceless = channel(21, "Без голосовых");
    voiceless.megagroup = true;
    voiceless.default_banned_rights = banned(|rights| rights.send_voices = true);
    let mut large = channel(22, "Большая");
    large.megagroup = true;
    large.username = Some("big".into());
    let mut read_only = channel(23, "Новости");
    read_only.broadcast = true;
    let mut posting = read_only.clone();
    posting.id = 24;
    posting.admin_rights = admin(true);
    let mut left = large.clone();
    left.id = 25;
    left.left = true;

    let mut collected = Collected::new(&me());
    collected.add(page(
        vec![
            dialog(at_group(11), 1),
            dialog(at_user(1), 1),
            dialog(at_group(12), 1),
            dialog(at_group(13), 1),
            dialog(at_user(SERVICE), 1),
            dialog(at_channel(21), 1),
            dialog(at_channel(22), 1),
            dialog(at_channel(23), 1),
            dialog(at_channel(24), 1),
            dialog(at_channel(25), 1),
            dialog(at_user(5), 1),
        ],
        vec![
            user(5, "Пётр", ""),
            user(SERVICE, "Telegram", ""),
            user(1, "Анна", ""),
        ],
        vec![
            group(11, "Своя").into(),
            closed.into(),
            ours.into(),
            voiceless.into(),
            large.into(),
            read_only.into(),
            posting.into(),
            left.into(),
        ],
    ));
    let lists = collected.into_directory();
    let places = [-11, -13, -1_000_000_000_022, -1_000_000_000_024, 5];
    assert_eq!(ids(&lists.chats), [&[1][..], &places].concat());
    assert_eq!(lists.chats[0].kind, PeerKind::Saved);
    assert_eq!(lists.chats[3].kind, PeerKind::Group);
    assert_eq!(lists.chats[3].username.as_deref(), Some("big"));
    assert_eq!(lists.chats[4].kind, PeerKind::Channel);
    assert_eq!(ids(&lists.people), [5]);
}

#[test]
fn those_one_writes_with_come_before_the_others_and_nobody_twice() {
    let mut robot = user(9, "Робот", "");
    robot.bot = true;
    let mut unseen = user(10, "Мельком", "");
    unseen.min = true;
    let mut collected = Collected::new(&me());
    collected.add(page(
        vec![
            dialog(at_user(7), 1),
            dialog(at_user(9), 1),
            dialog(at_user(5), 1),
        ],
        vec![
            user(5, "Пётр", ""),
            user(7, "Яна", ""),
            user(8, "Егор", ""),
            robot,
            unseen,
        ],
        vec![],
    ));
    let contacts = [
        user(6, "Борис", ""),
        user(7, "Яна", ""),
        user(1, "Анна", ""),
    ];
    collected.know(&contacts.map(Into::into));
    let lists = collected.into_directory();
    assert_eq!(ids(&lists.people), [7, 5, 6, 8]);
    assert_eq!(ids(&lists.chats), [1, 7, 9, 5]);
}

#[test]
fn the_lists_have_an_end() {
    let mut collected = Collected::new(&me());
    for id in 2..=2_200 {
        let page = page(
            vec![dialog(at_user(id), 1)],
            vec![user(id, "x", "")],
            vec![],
        );
        assert!(collected.add(page));
    }
    assert!(collected.is_full());
    let lists = collected.into_directory();
    assert_eq!((lists.chats.len(), lists.people.len()), (MOST, MOST));
}

#[test]
fn a_page_that_brings_nothing_new_is_noticed() {
    let told = || {
        page(
            vec![dialog(at_user(5), 1)],
            vec![user(5, "Пётр", "")],
            vec![],
        )
    };
    let mut collected = Collected::new(&me());
    assert!(collected.add(told()));
    assert!(!collected.add(told()));
}

#[test]
fn the_next_page_begins_after_the_last_dialog_with_a_message() {
    let mut told = page(
        vec![
            dialog(at_user(5), 50),
            dialog(at_group(6), 60),
            dialog(at_user(7), 70),
        ],
        vec![user(5, "Пётр", ""), user(7, "Яна", "")],
        vec![group(6, "Своя").into()],
    );
    assert_eq!(after(&told), None);
    told.messages = vec![message(50, at_user(5), 500), message(60, at_group(6), 600)];
    let whom = enums::InputPeer::Chat(types::InputPeerChat { chat_id: 6 });
    assert_eq!(after(&told), Some((600, 60, whom)));
}

#[test]
fn the_lists_are_asked_for_again_when_they_have_changed() {
    let mut collected = Collected::new(&me());
    collected.add(page(
        vec![dialog(at_user(5), 1)],
        vec![user(5, "Пётр", "")],
        vec![],
    ));
    let lists = collected.into_directory();
    let written = |peer| {
        enums::Update::NewMessage(types::UpdateNewMessage {
            message: message(1, peer, 1),
            pts: 1,
            pts_count: 1,
        })
    };
    assert!(!lists.is_changed_by(&written(at_user(5))));
    assert!(lists.is_changed_by(&written(at_user(6))));
    assert!(lists.is_changed_by(&enums::Update::ContactsReset));
    assert!(!lists.is_changed_by(&enums::Update::LoginToken));
}
