use std::time::{Duration, SystemTime};

use super::*;
use crate::account::{Account, AccountId, Draft, Entry, SettingId};
use crate::audio::Processing;
use crate::store::secrets::SecretsKind;

fn settings_with_all() -> Settings {
    let mut account = Account::new("0000abcd".into());
    for (setting, value) in [
        (SettingId::Name, "Работа \"1\""),
        (SettingId::Login, "101"),
        (SettingId::Domain, "[2001:db8::1]:5070"),
        (SettingId::Transport, "tls"),
        (SettingId::Codecs, "ulaw,opus"),
        (SettingId::Register, "off"),
        (SettingId::Certificate, "C:\\ca.pem"),
    ] {
        account.set(setting, value).unwrap();
    }
    Settings {
        secrets: SecretsKind::File,
        used_before: true,
        preferences: Preferences {
            language: "ru".into(),
            theme: "dark".into(),
            default_line: Some("b".into()),
            processing: Processing {
                gain_control: false,
                ..Processing::ALL
            },
            tones: "de".into(),
            ring_tone: "/home/me/ring.opus".into(),
            do_not_disturb: true,
            recording_tone: true,
        },
        devices: DeviceSettings {
            microphone: Some("tone:440".into()),
            speaker: None,
            ring: None,
        },
        sip: SipSettings {
            listen: vec![
                "0.0.0.0:5060".parse().unwrap(),
                "[::]:5060".parse().unwrap(),
            ],
            instance: "00000000-0000-4000-8000-000000000000".into(),
        },
        telegram: TelegramSettings {
            api_id: Some(12345),
            dial: false,
            dial_chat: Some("-5 Набор".parse().unwrap()),
            callers: true,
            missed: true,
        },
        accounts: vec![full_entry(account), Entry::new(Account::new("b".into()))],
    }
}

/// With an owner, a draft, and removed.
fn full_entry(account: Account) -> Entry {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    Entry {
        account,
        owner: Some("7 Анна \"А\"".parse().unwrap()),
        draft: Some(Draft {
            values: [
                ("codecs".to_owned(), "alaw".to_owned()),
                ("register".to_owned(), "on".to_owned()),
            ]
            .into(),
            password: true,
            due: at,
        }),
        removed: Some(at),
    }
}

fn settings_of(text: &str) -> Result<Settings, ReadError> {
    read(text).map(|read| read.settings)
}

fn damaged(text: &str) -> (usize, String) {
    match settings_of(text) {
        Err(ReadError::Damaged {
            line: Some(line),
            reason,
        }) => (line, reason),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn what_is_written_is_read_back() {
    for settings in [Settings::default(), settings_with_all()] {
        assert_eq!(settings_of(&write(&settings, "")), Ok(settings));
    }
}

#[test]
fn the_file_reads_like_what_a_person_would_write() {
    let expected = "\
# The settings of Gudok. Passwords are not here.
version = 3
secrets = \"file\"
used_before = true

[preferences]
language = \"ru\"
theme = \"dark\"
default_line = \"b\"
do_not_disturb = true

[sound]
echo_cancellation = true
noise_suppression = true
gain_control = false
tones = \"de\"
ring_tone = \"/home/me/ring.opus\"
recording_tone = true

[devices]
microphone = \"tone:440\"

[sip]
listen = [\"0.0.0.0:5060\", \"[::]:5060\"]
instance = \"00000000-0000-4000-8000-000000000000\"

[telegram]
api_id = 12345
dial = false
dial_chat = \"-5 Набор\"
callers = true
missed = true

[[accounts]]
id = \"0000abcd\"
name = 'Работа \"1\"'
login = \"101\"
domain = \"[2001:db8::1]:5070\"
enabled = true
transport = \"tls\"
encryption = \"optional\"
dtmf = [\"rfc2833\", \"info\", \"inband\"]
register = false
key_exchange = \"auto\"
certificate = 'C:\\ca.pem'
codecs = [\"ulaw\", \"opus\"]
ptime = \"20\"
opus_bitrate = \"auto\"
opus_fec = true
opus_dtx = false
call_waiting = true
auto_answer = \"off\"
forward_after = \"20\"
record = false
record_keep = false
callback = false
owner = { id = 7, name = 'Анна \"А\"' }
draft = { codecs = \"alaw\", due = 1800000000, password = true, register = \"on\" }
removed = 1800000000
";
    let text = write(&settings_with_all(), "");
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn a_person_may_write_only_what_matters() {
    let settings = settings_of("[[accounts]]\nlogin = 101\ndomain = 'sip:example.com'\n").unwrap();
    let [Entry { account, .. }] = settings.accounts.as_slice() else {
        panic!("{settings:?}")
    };
    assert_eq!(
        (account.login.as_str(), account.domain.as_str()),
        ("101", "example.com")
    );
    assert!(account.enabled && account.register);
    // So does a file from before there was encryption.
    assert_eq!(account.get(SettingId::Encryption), "optional");
    assert_eq!(account.get(SettingId::KeyExchange), "auto");
    assert_eq!(settings_of(""), Ok(Settings::default()));
}

#[test]
fn what_this_program_does_not_know_is_kept() {
    let before = "\
version = 1
future = [1, 2]
'two words' = true
[preferences]
font = 'big'
[history]
days = 30
[[accounts]]
id = 'b'
colour = 'red'
[[accounts]]
id = 'gone'
colour = 'x'
";
    let after = write(&settings_with_all(), before);
    let table: Table = after.parse().unwrap();
    assert_eq!(table["future"], Value::Array(vec![1.into(), 2.into()]));
    assert_eq!(table["two words"], true.into());
    assert_eq!(table["history"]["days"], 30.into());
    assert_eq!(table["preferences"]["font"], "big".into());
    assert_eq!(table["accounts"][1]["colour"], "red".into());
    assert_eq!(table["accounts"].as_array().map(Vec::len), Some(2));
    assert_eq!(settings_of(&after), Ok(settings_with_all()));
}

#[test]
fn a_mistake_is_told_with_its_line() {
    let table = [
        ("version = 0", 1, "version"),
        ("version = 1\nlanguage", 2, ""),
        (
            "\n\nsecrets = 'wall'",
            3,
            "secrets: must be keyring, sealed or file",
        ),
        ("used_before = 1", 1, "used_before"),
        ("preferences = 1", 1, "preferences"),
        (
            "[preferences]\ntheme = 'pink'",
            2,
            "theme: must be one of system, light, dark",
        ),
        ("[devices]\nring = 1", 2, "ring"),
        ("[sip]\nlisten = '5060'", 2, "listen"),
        ("[sip]\nlisten = [\n'0.0.0.0:5060',\n'x']", 4, "listen"),
        ("accounts = 1", 1, "accounts"),
        ("accounts = [1]", 1, "accounts"),
        ("[[accounts]]\nid = '../x'", 1, "id"),
        ("[[accounts]]\nid = 'test-line'", 1, "id"),
        (
            "[[accounts]]\nid='a'\n[[accounts]]\nid='a'",
            3,
            "id: a is there twice",
        ),
        (
            "[[accounts]]\nid='a'\ndomain = 'a b'",
            3,
            "reason-host-space",
        ),
        ("[[accounts]]\ncodecs = ['g729']", 2, "reason-codec"),
        ("[[accounts]]\npassword = 'x'", 2, "reason-secret"),
        ("[[accounts]]\nname = { a = 1 }", 2, "name"),
    ];
    for (text, line, reason) in table {
        let (found, said) = damaged(text);
        assert_eq!(found, line, "{text}: {said}");
        assert!(said.contains(reason), "{text}: {said}");
    }
}

#[test]
fn a_newer_file_is_known_as_such_whatever_else_it_holds() {
    assert_eq!(
        settings_of("version = 4\nsecrets = 7"),
        Err(ReadError::Newer(4))
    );
}

#[test]
fn the_test_line_is_never_stored() {
    let accounts = vec![Entry::new(Account::new(AccountId::test_line()))];
    let text = write(
        &Settings {
            accounts,
            ..Settings::default()
        },
        "",
    );
    assert!(!text.contains("accounts"), "{text}");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}|[\\[\\]a-z=\"'\n ]{0,60}") {
        if let Ok(settings) = settings_of(&text) {
            proptest::prop_assert!(settings_of(&write(&settings, &text)).is_ok());
        }
    }

    #[test]
    fn any_name_survives(name in "\\PC{0,40}") {
        let mut settings = settings_with_all();
        if settings.accounts[0].account.set(SettingId::Name, &name).is_ok() {
            proptest::prop_assert_eq!(settings_of(&write(&settings, "")), Ok(settings));
        }
    }
}
