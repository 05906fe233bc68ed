use super::*;
use crate::store::Profile;
use crate::telegram::PeerKind;

fn anna() -> TelegramPeer {
    TelegramPeer {
        id: 777,
        kind: PeerKind::Person,
        name: "Анна".into(),
        username: None,
        phone: Some("+79261234567".into()),
    }
}

#[test]
fn json_tells_how_many_people_there_are_and_not_who() {
    let view = TelegramView {
        people: [anna()].into(),
        chats: [anna(), anna()].into(),
        ..TelegramView::default()
    };
    let json = serde_json::to_value(&view).unwrap();
    assert_eq!(
        (json["chats"].clone(), json["people"].clone()),
        (2.into(), 1.into())
    );
    assert!(!json.to_string().contains("Анна"));
    assert_eq!(json["state"]["state"], "off");
}

#[test]
fn who_is_signed_in_is_known_by_the_identifier() {
    let view = TelegramView {
        me: Some(anna()),
        ..TelegramView::default()
    };
    assert_eq!(view.me(), Some(777));
    assert_eq!(TelegramView::default().me(), None);
}

#[test]
fn who_was_signed_in_is_known_before_there_is_a_connection() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::open(folder.path()).unwrap();
    let session = r#"{"version":1,"home":2,"me":{"id":777,"kind":"person","name":"Анна"},
        "updates":{"pts":1,"qts":0,"date":1,"seq":1},"centres":[],"peers":[]}"#;
    let file = profile.private_file("telegram.session");
    file.save(session.as_bytes()).unwrap();
    let (book, _) = Book::open(profile, None).unwrap();
    let seen = Telegram::remembered(&book).view(&book);
    assert_eq!(seen.me(), Some(777));
    assert_eq!(seen.state, TelegramState::SignedIn { online: false });
    book.telegram_file().remove().unwrap();
    assert_eq!(Telegram::remembered(&book).view(&book).me(), None);
}

#[test]
fn what_my_telegram_org_gives_is_checked_before_it_is_kept() {
    let refused = |id, hash: &str| match read_api(id, &SecretString::from(hash)) {
        Err(Problem::BadValue { setting, .. }) => setting,
        other => panic!("{other:?}"),
    };
    let hash = "0123456789abcdef0123456789abcdef";
    assert_eq!(refused(0, hash), "api_id");
    assert_eq!(refused(5, "0123"), "api_hash");
    assert!(read_api(5, &SecretString::from(hash)).is_ok());
}
