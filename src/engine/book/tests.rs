use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};

use super::{Acquaintances, Book, Choice};
use crate::account::{APPLIED_AFTER, AccountId, Party, RESTORED_WITHIN};
use crate::call::Problem;
use crate::engine::{PreferenceChange, Registration, RegistrationState};
use crate::store::Profile;
use crate::store::secrets::SecretsKind;
use crate::telegram::{Peer, PeerKind};

struct Desk {
    book: Book,
    registrations: HashMap<AccountId, Registration>,
    dir: tempfile::TempDir,
}

fn values<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn open(dir: &std::path::Path) -> Book {
    let profile = Profile::open(dir).unwrap();
    Book::open(profile, Some(SecretsKind::File)).unwrap().0
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            book: open(dir.path()),
            registrations: HashMap::new(),
            dir,
        }
    }

    fn prefer(&mut self, line: &str) {
        let change = PreferenceChange {
            default_line: Some(line.into()),
            ..PreferenceChange::default()
        };
        self.book.set_preferences(&change).unwrap();
    }

    /// Ends the program and starts it again.
    fn restart(self) -> Self {
        let Self {
            book,
            registrations,
            dir,
        } = self;
        drop(book);
        Self {
            book: open(dir.path()),
            registrations,
            dir,
        }
    }

    fn add(&mut self, id: &str, state: RegistrationState, rules: &str) -> AccountId {
        let id = AccountId::from(id);
        let settings = values([
            ("name", id.as_str()),
            ("login", "101"),
            ("domain", "pbx.example.com"),
            ("rules", rules),
        ]);
        self.book.add(id.clone(), &settings).unwrap();
        let registration = Registration {
            state,
            ..Registration::default()
        };
        self.registrations.insert(id.clone(), registration);
        id
    }

    fn registered(&mut self, id: &str, rules: &str) -> AccountId {
        self.add(id, RegistrationState::Registered, rules)
    }

    /// Gives an account to another owner.
    fn give_away(&mut self, id: &AccountId) {
        let owner: Party = "7 Анна".parse().unwrap();
        for entry in &mut self.book.settings.accounts {
            if entry.account.id == *id {
                entry.owner = Some(owner.clone());
            }
        }
    }

    fn choose(&self, target: &str) -> Result<Vec<String>, Problem> {
        let choice = self.book.choose_line(target, None, &self.registrations)?;
        Ok(match choice {
            Choice::One(line) => vec![line.name],
            Choice::Several(lines) => lines.into_iter().map(|line| line.name).collect(),
        })
    }

    fn reasons(&self, target: &str) -> Vec<(String, Problem)> {
        match self.choose(target) {
            Err(Problem::NoLine { reasons }) => reasons,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_rules_decide_which_line_takes_a_number_and_as_what() {
    let mut desk = Desk::new();
    let mobile = desk.registered("mobile", "[^\\w+*#]= ^8=7 ^79\\d{9}$");
    desk.registered("office", "^\\d{3}$");
    assert_eq!(desk.choose("8 (926) 123-45-67"), Ok(vec!["mobile".into()]));
    assert_eq!(desk.choose("601"), Ok(vec!["office".into()]));
    let (uri, peer) = desk.book.target_uri("8 (926) 123-45-67", &mobile).unwrap();
    assert_eq!(uri.to_string(), "sip:79261234567@pbx.example.com");
    assert_eq!(peer.number, "79261234567");
    assert_eq!(peer.to_dial(), "8 (926) 123-45-67");
}

#[test]
fn without_a_line_each_account_says_why() {
    let mut desk = Desk::new();
    desk.registered("filters", "^79");
    desk.registered("empties", ".*=");
    let off = desk.registered("off", "");
    desk.add("failed", RegistrationState::Failed, "");
    let failed = Registration {
        state: RegistrationState::Failed,
        reason: Some(Problem::WrongPassword),
        ..Registration::default()
    };
    desk.registrations.insert("failed".into(), failed);
    let now = SystemTime::UNIX_EPOCH;
    desk.book
        .edit(&off, &values([("enabled", "off")]), false, now)
        .unwrap();
    let expected = [
        ("filters", Problem::FilteredByRule { rule: "^79".into() }),
        ("empties", Problem::EmptiedByRules),
        ("off", Problem::LineOff),
        ("failed", Problem::WrongPassword),
    ];
    let expected = expected.map(|(name, why)| (name.to_owned(), why));
    assert_eq!(desk.reasons("101"), expected);
}

#[test]
fn of_several_lines_the_one_used_last_for_the_number_comes_first() {
    let mut desk = Desk::new();
    let ids = ["a", "b", "c"].map(|id| desk.registered(id, ""));
    assert_eq!(desk.choose("101").unwrap(), ["a", "b", "c"]);
    desk.book.remember_line("101", &ids[2]).unwrap();
    assert_eq!(desk.choose("101").unwrap(), ["c", "a", "b"]);
    assert_eq!(desk.choose("1 0 1").unwrap(), ["c", "a", "b"]);
    assert_eq!(desk.choose("102").unwrap(), ["a", "b", "c"]);
    let desk = desk.restart();
    assert_eq!(desk.choose("tel:101").unwrap(), ["c", "a", "b"]);
}

#[test]
fn a_line_that_is_set_for_all_calls_isn_t_asked_for() {
    let mut desk = Desk::new();
    desk.registered("a", "");
    desk.registered("b", "^1");
    desk.prefer("b");
    assert_eq!(desk.choose("101").unwrap(), ["b"]);
    assert_eq!(desk.choose("201").unwrap(), ["a"]);
    let all = desk.book.all_lines("101", &desk.registrations);
    assert_eq!(all.len(), 2);
    desk.prefer("");
    assert_eq!(desk.choose("101").unwrap(), ["a", "b"]);
}

#[test]
fn a_sip_address_goes_out_as_it_is_and_a_bare_sip_user_by_the_rules() {
    let mut desk = Desk::new();
    let id = desk.registered("a", "^8=7");
    let uri = |target| desk.book.target_uri(target, &id).unwrap().0.to_string();
    assert_eq!(
        uri("sip:8495@other.example.com"),
        "sip:8495@other.example.com"
    );
    assert_eq!(uri("sip:8495"), "sip:7495@pbx.example.com");
    assert_eq!(uri("callto:8495"), "sip:7495@pbx.example.com");
}

#[test]
fn lines_that_are_about_to_register_are_waited_for() {
    let mut desk = Desk::new();
    let a = desk.add("a", RegistrationState::Registering, "");
    desk.add("b", RegistrationState::Registering, "^9");
    let waits = desk.book.waits_for("101", None, &desk.registrations);
    assert_eq!((waits.accounts, waits.patient), (vec![a.clone()], false));
    desk.registered("c", "");
    let waits = desk.book.waits_for("101", None, &desk.registrations);
    assert_eq!((waits.accounts, waits.patient), (vec![a], true));
}

#[test]
fn a_named_line_that_refuses_the_number_says_so() {
    let mut desk = Desk::new();
    let id = desk.registered("a", "^79");
    let outcome = desk.book.choose_line("101", Some(&id), &desk.registrations);
    assert!(matches!(
        outcome,
        Err(Problem::NoLine { reasons }) if reasons.len() == 1
    ));
}

#[test]
fn a_draft_outlives_the_program_and_is_due_five_minutes_after_the_last_edit() {
    let mut desk = Desk::new();
    let id = desk.registered("a", "");
    let now = SystemTime::now();
    desk.book
        .edit(
            &id,
            &values([("transport", "tls"), ("name", "Офис")]),
            false,
            now,
        )
        .unwrap();
    let mut desk = desk.restart();
    assert_eq!(desk.book.account(&id).unwrap().name, "Офис");
    assert_eq!(
        desk.book
            .account(&id)
            .unwrap()
            .get(crate::account::SettingId::Transport),
        "udp"
    );
    let soon = now + APPLIED_AFTER - Duration::from_secs(2);
    assert_eq!(desk.book.due_drafts(soon), []);
    let due = desk.book.due_drafts(now + APPLIED_AFTER);
    assert_eq!(due, std::slice::from_ref(&id));
    desk.book.apply(&id).unwrap();
    let desk = desk.restart();
    assert_eq!(
        desk.book
            .account(&id)
            .unwrap()
            .get(crate::account::SettingId::Transport),
        "tls"
    );
    assert_eq!(desk.book.next_due(), None);
}

#[test]
fn a_clock_that_was_set_back_doesn_t_keep_a_draft_waiting() {
    let mut desk = Desk::new();
    let id = desk.registered("a", "");
    let next_year = SystemTime::now() + Duration::from_secs(365 * 86_400);
    desk.book
        .edit(&id, &values([("transport", "tls")]), false, next_year)
        .unwrap();
    let desk = desk.restart();
    let due = desk.book.next_due().unwrap();
    assert!(due <= SystemTime::now() + APPLIED_AFTER);
}

#[test]
fn a_removed_account_is_back_where_it_was_or_gone_for_good() {
    let mut desk = Desk::new();
    let ids = ["a", "b", "c"].map(|id| desk.registered(id, ""));
    let now = SystemTime::now();
    desk.book.remove(&ids[1], now).unwrap();
    assert_eq!(desk.choose("101").unwrap(), ["a", "c"]);
    desk.book.restore(&ids[1]).unwrap();
    assert_eq!(desk.choose("101").unwrap(), ["a", "b", "c"]);
    desk.book.remove(&ids[1], now).unwrap();
    assert_eq!(desk.book.due_removals(Some(now)), []);
    let gone = desk.book.due_removals(Some(now + RESTORED_WITHIN));
    assert_eq!(gone, [ids[1].clone()]);
    desk.book.forget(&gone).unwrap();
    assert!(desk.book.restore(&ids[1]).is_err());
    let desk = desk.restart();
    assert_eq!(desk.choose("101").unwrap(), ["a", "c"]);
}

#[test]
fn who_only_uses_an_account_can_t_change_it_or_carry_it_away() {
    let mut desk = Desk::new();
    let id = desk.registered("a", "");
    desk.give_away(&id);
    let now = SystemTime::now();
    let refused = Err(Problem::NotOwner {
        owner: "Анна".into(),
    });
    for setting in crate::account::settings() {
        let change = values([(setting.name, "")]);
        assert_eq!(
            desk.book.edit(&id, &change, false, now),
            refused,
            "{setting:?}"
        );
    }
    assert_eq!(desk.book.edit(&id, &values([]), true, now), refused);
    assert_eq!(desk.book.apply(&id), refused);
    assert_eq!(desk.book.revert(&id), refused);
    assert_eq!(desk.book.remove(&id, now), refused);
    let carried = desk
        .book
        .carried(std::slice::from_ref(&id), |_| Some("x".into()));
    assert_eq!(carried.err(), refused.err());
    assert!(desk.book.carried(&[], |_| None).unwrap().is_empty());
    assert_eq!(desk.choose("101").unwrap(), ["a"]);
}

#[test]
fn accounts_that_come_from_a_file_take_nobody_s_place() {
    let mut desk = Desk::new();
    let id = desk.registered("a", "^8=7");
    let path = desk.dir.path().join("carried.toml");
    let carried = desk.book.carried(&[], |_| Some("geheim".into())).unwrap();
    let passphrase = SecretString::from("sesam");
    let text = crate::store::accounts_file::export(&carried, Some(&passphrase)).unwrap();
    crate::store::accounts_file::write(&path, &text).unwrap();
    let read = desk.book.read_accounts(&path, Some(&passphrase)).unwrap();
    let (account, password) = &read[0];
    assert_ne!(account.id, id);
    assert_eq!(account.rules.text(), "^8=7");
    assert_eq!(password.as_ref().map(|p| p.expose_secret()), Some("geheim"));
    let account = account.clone();
    desk.book.add_all(vec![account]).unwrap();
    assert_eq!(desk.restart().book.accounts().count(), 2);
}

#[test]
fn a_new_password_waits_apart_until_it_is_applied() {
    let mut desk = Desk::new();
    let id = desk.registered("a", "");
    let kept = |desk: &Desk| {
        let password = desk.book.password_reader(&id)().unwrap();
        password.map(|p| p.expose_secret().to_owned())
    };
    desk.book.password_writer(&id, Some("old".into()))().unwrap();
    desk.book.draft_password_writer(&id, "new".into())().unwrap();
    assert_eq!(kept(&desk).as_deref(), Some("old"));
    desk.book.draft_password_mover(&id)().unwrap();
    assert_eq!(kept(&desk).as_deref(), Some("new"));
    // Ended between the move and the settings: the draft is applied once more.
    let again = desk.book.draft_password_mover(&id)().unwrap();
    assert_eq!(
        again.map(|p| p.expose_secret().to_owned()).as_deref(),
        Some("new")
    );
    desk.book.password_forgetter(&id, false)().unwrap();
    assert_eq!(kept(&desk), None);
}

#[test]
fn a_chat_or_user_can_t_be_chosen_before_telegram_is_there() {
    let mut desk = Desk::new();
    let id = desk.registered("a", "");
    let now = SystemTime::now();
    for (setting, reason) in [
        ("record_chat", "reason-telegram-needed"),
        ("user", "reason-telegram-needed"),
        ("worker", "reason-worker-unknown"),
    ] {
        let change = values([(setting, "7 Анна")]);
        let refused = Err(Problem::bad_value(setting, reason));
        assert_eq!(desk.book.edit(&id, &change, false, now), refused);
        let nobody = values([(setting, "")]);
        assert_eq!(desk.book.edit(&id, &nobody, false, now), Ok(()));
    }
}

#[test]
fn a_chat_and_a_user_are_recognised_however_they_are_named() {
    let mut desk = Desk::new();
    let id = desk.registered("a", "");
    let peer = |id, kind, name: &str, username: Option<&str>| Peer {
        id,
        kind,
        name: name.into(),
        username: username.map(str::to_owned),
        phone: None,
    };
    desk.book.meet(Acquaintances {
        me: Some(1),
        chats: [
            peer(1, PeerKind::Saved, "", None),
            peer(-5, PeerKind::Group, "Записи отдела", None),
        ]
        .into(),
        people: [
            peer(1, PeerKind::Person, "Я", None),
            peer(7, PeerKind::Person, "Анна Ковалёва", Some("anna")),
            peer(8, PeerKind::Person, "Анна Котова", None),
        ]
        .into(),
    });
    let set = |desk: &mut Desk, setting: &str, value: &str| {
        desk.book
            .edit(&id, &values([(setting, value)]), false, SystemTime::now())
    };
    for (value, kept) in [
        ("@anna", "7 Анна Ковалёва"),
        ("8", "8 Анна Котова"),
        ("1 Я", ""),
    ] {
        set(&mut desk, "user", value).unwrap();
        let user = desk
            .book
            .account(&id)
            .unwrap()
            .get(crate::account::SettingId::User);
        assert_eq!(user, kept, "{value}");
    }
    set(&mut desk, "record_chat", "записи").unwrap();
    let chat = desk.book.account(&id).unwrap().record_chat.clone();
    assert_eq!(chat.map(|chat| chat.id), Some(-5));
    for (value, reason) in [
        ("Анна", "reason-party-several"),
        ("Пётр", "reason-party-unknown"),
    ] {
        let refused = Err(Problem::bad_value("user", reason));
        assert_eq!(set(&mut desk, "user", value), refused);
    }
}

#[test]
fn a_template_fills_what_it_knows_and_what_is_given_besides_counts_more() {
    let mut desk = Desk::new();
    let id = AccountId::from("a");
    let given = values([
        ("template", "zadarma"),
        ("login", "101"),
        ("codecs", "alaw"),
    ]);
    desk.book.add(id.clone(), &given).unwrap();
    let account = desk.book.account(&id).unwrap();
    assert_eq!(account.domain, "sip.zadarma.com");
    assert_eq!(account.get(crate::account::SettingId::Codecs), "alaw");
    assert_eq!(account.template, "zadarma");
    assert_eq!(account.login, "101");
    let unknown = values([("template", "nobody")]);
    let refused = Err(Problem::bad_value("template", "reason-template-unknown"));
    assert_eq!(
        desk.book.edit(&id, &unknown, false, SystemTime::now()),
        refused
    );
}

#[test]
fn a_template_of_one_s_own_outlives_the_program() {
    let mut desk = Desk::new();
    let account = desk.registered("a", "^8=7");
    let template = desk.book.save_template(&account, "Офис").unwrap();
    let mut desk = desk.restart();
    let values = desk.book.templates().get(&template).unwrap().values();
    assert_eq!(values.get("rules").map(String::as_str), Some("^8=7"));
    assert!(!values.contains_key("login"));
    desk.book.remove_template(&template).unwrap();
    assert!(desk.book.templates().get(&template).is_none());
    assert!(desk.book.remove_template("zadarma").is_err());
}
