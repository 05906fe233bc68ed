use super::*;
use crate::account::{Account, SettingId};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

fn settings(name: &str) -> Settings {
    let mut account = Account::new("a".into());
    account.set(SettingId::Name, name).unwrap();
    let sip = SipSettings {
        instance: "i".into(),
        ..SipSettings::default()
    };
    Settings {
        accounts: vec![Entry::new(account)],
        sip,
        ..Settings::default()
    }
}

fn profile() -> (tempfile::TempDir, Profile) {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::open(&folder.path().join("deep/gudok")).unwrap();
    (folder, profile)
}

fn load(profile: &Profile) -> Settings {
    let loaded = profile.load().unwrap();
    assert!(loaded.trouble.is_none(), "{:?}", loaded.trouble);
    loaded.settings
}

#[test]
fn a_new_profile_gets_an_instance_and_keeps_it() {
    let (_folder, profile) = profile();
    let first = load(&profile);
    assert_eq!(first.sip.instance.len(), 36);
    assert_eq!(load(&profile), first);
}

#[test]
fn what_is_saved_is_there_after_a_restart() {
    let (_folder, profile) = profile();
    profile.save(&settings("Дом")).unwrap();
    let dir = profile.dir().to_path_buf();
    drop(profile);
    assert_eq!(load(&Profile::open(&dir).unwrap()), settings("Дом"));
}

#[test]
fn only_one_gudok_has_a_profile() {
    let (_folder, profile) = profile();
    let dir = profile.dir().to_path_buf();
    assert!(matches!(Profile::open(&dir), Err(StoreError::InUse { .. })));
    drop(profile);
    assert!(Profile::open(&dir).is_ok());
}

#[test]
fn beside_a_running_gudok_the_settings_are_read_and_nothing_is_changed() {
    let (_folder, owner) = profile();
    owner.save(&settings("Дом")).unwrap();
    let guest = Profile::beside(owner.dir()).unwrap();
    assert_eq!(load(&guest), settings("Дом"));
    let refused = guest.save(&settings("Дача"));
    assert!(matches!(refused, Err(StoreError::InUse { .. })));

    fs::write(owner.settings_file(), "?").unwrap();
    assert_eq!(load(&guest), settings("Дом"));
    assert_eq!(fs::read_to_string(owner.settings_file()).unwrap(), "?");
}

#[test]
fn a_damaged_file_is_set_aside_and_the_last_good_one_used() {
    let (_folder, profile) = profile();
    profile.save(&settings("Дом")).unwrap();
    fs::write(profile.settings_file(), "version = 1\n[[accounts]\n").unwrap();

    let loaded = profile.load().unwrap();
    assert_eq!(loaded.settings, settings("Дом"));
    let trouble = loaded.trouble.unwrap();
    let StoreError::Damaged {
        line: Some(2),
        aside,
        restored: true,
        ..
    } = &trouble
    else {
        panic!("{trouble:?}")
    };
    assert!(
        trouble.path().ends_with("settings.toml:2"),
        "{}",
        trouble.path()
    );
    assert!(aside.ends_with("settings.damaged-1.toml"));
    assert_eq!(
        fs::read_to_string(aside).unwrap(),
        "version = 1\n[[accounts]\n"
    );
    assert_eq!(load(&profile), settings("Дом"));

    fs::write(profile.settings_file(), [0xff, 0xfe]).unwrap();
    let again = profile.load().unwrap();
    assert_eq!(again.settings, settings("Дом"));
    assert!(profile.dir().join("settings.damaged-2.toml").exists());
}

#[test]
fn with_no_good_copy_a_damaged_profile_starts_anew_and_says_so() {
    let (_folder, profile) = profile();
    fs::write(profile.settings_file(), "?").unwrap();
    let loaded = profile.load().unwrap();
    assert!(loaded.settings.accounts.is_empty());
    assert!(matches!(
        loaded.trouble,
        Some(StoreError::Damaged {
            restored: false,
            ..
        })
    ));
}

#[test]
fn a_lost_file_comes_back_from_the_copy() {
    let (_folder, profile) = profile();
    profile.save(&settings("Дом")).unwrap();
    fs::remove_file(profile.settings_file()).unwrap();
    assert_eq!(load(&profile), settings("Дом"));
    assert!(profile.settings_file().exists());
}

#[test]
fn a_file_changed_by_hand_becomes_the_last_good_one() {
    let (_folder, profile) = profile();
    profile.save(&settings("Дом")).unwrap();
    let text = fs::read_to_string(profile.settings_file())
        .unwrap()
        .replace("Дом", "Дача");
    fs::write(profile.settings_file(), text).unwrap();
    assert_eq!(load(&profile), settings("Дача"));
    fs::write(profile.settings_file(), "?").unwrap();
    assert_eq!(profile.load().unwrap().settings, settings("Дача"));
}

#[test]
fn a_file_written_by_hand_is_not_touched_without_need() {
    let (_folder, profile) = profile();
    let text = "# mine\nsip.instance = 'i'\n[[accounts]]\nid = 'a'\nlogin = '101'\n";
    fs::write(profile.settings_file(), text).unwrap();
    assert_eq!(load(&profile).accounts[0].account.login, "101");
    assert_eq!(fs::read_to_string(profile.settings_file()).unwrap(), text);
}

#[test]
fn an_account_written_by_hand_keeps_the_identifier_it_was_given() {
    let (_folder, profile) = profile();
    fs::write(
        profile.settings_file(),
        "sip.instance = 'i'\n[[accounts]]\n",
    )
    .unwrap();
    assert_eq!(load(&profile), load(&profile));
}

#[test]
fn an_older_file_is_brought_up_to_date_and_a_copy_of_it_stays() {
    let (_folder, profile) = profile();
    let old = "version = 1\n[[accounts]]\nid = 'a'\ndtmf = ['rfc2833', 'info']\n";
    fs::write(profile.settings_file(), old).unwrap();
    let account = load(&profile).accounts.remove(0).account;
    assert_eq!(account.get(SettingId::Dtmf), "rfc2833,info,inband");
    let copy = profile.dir().join("settings.v1.toml");
    assert_eq!(fs::read_to_string(copy).unwrap(), old);
    let now = fs::read_to_string(profile.settings_file()).unwrap();
    assert!(now.contains("version = 3"), "{now}");
}

#[test]
fn a_file_of_a_newer_gudok_is_left_alone() {
    let (_folder, profile) = profile();
    fs::write(profile.settings_file(), "version = 4").unwrap();
    assert!(matches!(
        profile.load(),
        Err(StoreError::Newer { version: 4, .. })
    ));
    assert_eq!(
        fs::read_to_string(profile.settings_file()).unwrap(),
        "version = 4"
    );
}

#[test]
fn the_folder_asked_for_comes_before_the_variable_and_the_system() {
    let asked = Path::new("/asked");
    assert_eq!(
        locate(Some(asked), Some("/variable".into())).unwrap(),
        asked
    );
    assert_eq!(
        locate(None, Some("/variable".into())).unwrap(),
        Path::new("/variable")
    );
    if let Ok(dir) = locate(None, Some(OsString::new())) {
        assert!(dir.to_string_lossy().contains("gudok"));
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_profile() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, profile) = profile();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    profile.save(&settings("Дом")).unwrap();
    assert_eq!(mode(profile.dir()), 0o700);
    assert_eq!(mode(&profile.settings_file()), 0o600);
}

/// How often it is killed, if not 250 times.
const KILLS: &str = "GUDOK_TEST_KILLS";
/// What the writer says before it writes.
const WRITING: &str = "writing";
/// The profile folder that [`keeps_saving_until_it_is_killed`] writes to.
const KILLED: &str = "GUDOK_TEST_KILLED_WRITER";

/// The program that [`killed_at_any_moment_the_file_is_the_old_or_the_new_one`] kills; run as a
/// test of its own it does nothing.
#[test]
fn keeps_saving_until_it_is_killed() {
    let Some(dir) = env::var_os(KILLED) else {
        return;
    };
    let profile = Profile::open(Path::new(&dir)).unwrap();
    let mut settings = load(&profile);
    println!("{WRITING}");
    let first = settings
        .accounts
        .pop()
        .map_or(0, |e| e.account.name.parse().unwrap());
    for number in first + 1_u64.. {
        let mut account = Account::new("a".into());
        account.set(SettingId::Name, &number.to_string()).unwrap();
        account
            .set(SettingId::DisplayName, &number.to_string())
            .unwrap();
        // Large enough to be written in more than one piece.
        let others = (0..200).map(|n| Account::new(format!("other-{n}").as_str().into()));
        settings.accounts = others.chain([account]).map(Entry::new).collect();
        profile.save(&settings).unwrap();
    }
}

#[test]
fn killed_at_any_moment_the_file_is_the_old_or_the_new_one() {
    let times = env::var(KILLS).map_or(250, |times| times.parse().unwrap());
    let (_folder, profile) = profile();
    let dir = profile.dir().to_path_buf();
    profile.save(&settings("0")).unwrap();
    drop(profile);
    let mut random = fastrand::Rng::with_seed(7);
    let mut last = 0;
    for _ in 0..times {
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--nocapture", "--exact"])
            .arg("store::profile::tests::keeps_saving_until_it_is_killed")
            .env(KILLED, &dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(writer.stdout.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap().contains(WRITING)));
        std::thread::sleep(Duration::from_micros(random.u64(..8_000)));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let text = fs::read_to_string(dir.join("settings.toml")).unwrap();
        let account = toml_file::read(&text)
            .unwrap()
            .settings
            .accounts
            .pop()
            .unwrap()
            .account;
        if account.name != "0" {
            assert_eq!(account.name, account.display_name);
        }
        let number: u64 = account.name.parse().unwrap();
        assert!(number >= last, "{number} after {last}");
        last = number;
    }
    assert!(last > 0, "nothing was ever saved");
}
