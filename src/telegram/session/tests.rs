use std::sync::Arc;

use super::*;
use crate::telegram::peer::PeerKind;

/// A vault in memory; cloned, it is the same one.
#[derive(Clone, Default)]
struct Safe(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    kept: Option<Vec<u8>>,
    aside: Option<Vec<u8>>,
    full: bool,
}

impl Vault for Safe {
    fn name(&self) -> String {
        "safe".into()
    }
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap().kept.clone())
    }
    fn save(&self, contents: &[u8]) -> io::Result<()> {
        let mut shelf = self.0.lock().unwrap();
        if shelf.full {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        shelf.kept = Some(contents.into());
        Ok(())
    }
    fn erase(&self) -> io::Result<()> {
        self.0.lock().unwrap().kept = None;
        Ok(())
    }
    fn set_aside(&self) -> io::Result<()> {
        let mut shelf = self.0.lock().unwrap();
        shelf.aside = shelf.kept.take();
        Ok(())
    }
}

fn me() -> Peer {
    Peer {
        id: 777,
        kind: PeerKind::Person,
        name: "Анна".into(),
        username: Some("anna".into()),
        phone: Some("+79261234567".into()),
    }
}

fn user(id: i64, hash: Option<i64>) -> PeerInfo {
    PeerInfo::User {
        id,
        auth: hash.map(grammers_client::session::types::PeerAuth::from_hash),
        bot: Some(false),
        is_self: Some(id == 777),
    }
}

fn opened(safe: &Safe) -> Session {
    let (session, trouble) = Session::open(Box::new(safe.clone()), Vec::new());
    assert_eq!(trouble, None);
    session
}

/// Futures of the session never wait.
fn done<T>(future: BoxFuture<'_, Result<T, SessionError>>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future).unwrap()
}

#[test]
fn a_new_session_knows_where_telegram_is_and_nobody() {
    let session = opened(&Safe::default());
    assert_eq!(session.me(), None);
    assert_eq!(session.home_dc_id().unwrap(), 2);
    let centre = session.dc_option(4).unwrap().unwrap();
    assert_eq!(centre.ipv4.port(), 443);
    assert_eq!(centre.auth_key, None);
}

#[test]
fn a_key_is_kept_at_once_and_everything_is_there_after_a_restart() {
    let safe = Safe::default();
    let session = opened(&safe);
    let mut centre = session.dc_option(2).unwrap().unwrap();
    centre.auth_key = Some([7; 256]);
    done(session.set_dc_option(&centre));
    assert_eq!(
        opened(&safe).dc_option(2).unwrap().unwrap().auth_key,
        Some([7; 256])
    );

    done(session.set_home_dc_id(4));
    session.set_me(me()).unwrap();
    done(session.cache_peer(user(5, Some(55))));
    done(session.cache_peer(user(777, Some(1))));
    done(session.cache_peer(PeerInfo::Chat { id: 6 }));
    let channel = PeerInfo::Channel {
        id: 8,
        auth: None,
        kind: Some(grammers_client::session::types::ChannelKind::Gigagroup),
    };
    done(session.cache_peer(channel.clone()));
    let state = UpdatesState {
        pts: 1,
        qts: 2,
        date: 3,
        seq: 4,
        channels: Vec::new(),
    };
    done(session.set_update_state(UpdateState::All(state.clone())));
    assert!(session.is_unsaved());
    session.save().unwrap();
    assert!(!session.is_unsaved());

    assert_eq!(remembered(&safe), Some(me()));
    let again = opened(&safe);
    assert_eq!(again.home_dc_id().unwrap(), 4);
    assert_eq!(again.me(), Some(me()));
    assert_eq!(done(again.updates_state()), state);
    let peer = |id| done(again.peer(id));
    assert_eq!(peer(PeerId::user(5).unwrap()), Some(user(5, Some(55))));
    assert_eq!(peer(PeerId::self_user()), Some(user(777, Some(1))));
    assert_eq!(peer(PeerId::channel(8).unwrap()), Some(channel));
    assert!(peer(PeerId::chat(6).unwrap()).is_some());
}

#[test]
fn what_is_known_of_a_peer_is_not_lost_when_less_is_heard_of_it() {
    let session = opened(&Safe::default());
    done(session.cache_peer(user(5, Some(55))));
    done(session.cache_peer(user(5, None)));
    let known = done(session.peer(PeerId::user(5).unwrap()));
    assert_eq!(known, Some(user(5, Some(55))));
}

#[test]
fn signing_out_forgets_the_keys_and_the_person() {
    let safe = Safe::default();
    let session = opened(&safe);
    let mut centre = session.dc_option(2).unwrap().unwrap();
    centre.auth_key = Some([7; 256]);
    done(session.set_dc_option(&centre));
    session.set_me(me()).unwrap();
    session.forget().unwrap();
    assert_eq!(session.me(), None);
    assert_eq!(session.dc_option(2).unwrap().unwrap().auth_key, None);
    assert_eq!(safe.0.lock().unwrap().kept, None);
}

#[test]
fn a_session_that_cannot_be_read_is_set_aside_and_said_so() {
    for (contents, reason) in [
        ("", "reason-telegram-session"),
        ("{\"version\":1", "reason-telegram-session"),
        ("{\"version\":1}", "reason-telegram-session"),
        ("{\"version\":2,\"moons\":[]}", "reason-file-newer"),
    ] {
        let safe = Safe::default();
        safe.0.lock().unwrap().kept = Some(contents.into());
        let (session, trouble) = Session::open(Box::new(safe.clone()), Vec::new());
        let (path, reason) = ("safe".into(), reason.into());
        assert_eq!(trouble, Some(Trouble::File { path, reason }));
        assert_eq!(session.me(), None);
        assert_eq!(
            safe.0.lock().unwrap().aside.as_deref(),
            Some(contents.as_bytes())
        );
    }
}

#[test]
fn a_key_that_cannot_be_kept_is_an_error() {
    let safe = Safe::default();
    let session = opened(&safe);
    safe.0.lock().unwrap().full = true;
    assert!(matches!(
        session.set_me(me()),
        Err(Trouble::File { path, .. }) if path == "safe"
    ));
}

#[test]
fn the_servers_of_a_test_stand_in_for_all_of_telegram() {
    let server = Server {
        id: 4,
        address: "127.0.0.1:4000".parse().unwrap(),
        key: [9; 256],
    };
    let safe = Safe::default();
    let (session, _) = Session::open(Box::new(safe), vec![server]);
    assert_eq!(session.home_dc_id().unwrap(), 4);
    assert_eq!(session.dc_option(2).unwrap(), None);
    let centre = session.dc_option(4).unwrap().unwrap();
    assert_eq!(centre.auth_key, Some([9; 256]));
    session.forget().unwrap();
    assert_eq!(
        session.dc_option(4).unwrap().unwrap().auth_key,
        Some([9; 256])
    );
}
