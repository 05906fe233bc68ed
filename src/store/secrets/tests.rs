use std::fs;

use secrecy::ExposeSecret;

use super::plain::PlainFile;
use super::sealed::SealedFile;
use super::*;

/// A password with all that could trip a file format.
const AWKWARD: &str = "пароль \"'\\ = #\u{1}\u{7f}\u{85}\n\t[x]";

fn secret(text: &str) -> SecretString {
    text.into()
}

fn sealed(dir: &Path, passphrase: &str) -> Result<SealedFile, SecretError> {
    SealedFile::open_with(dir, Some(secret(passphrase)), Some(1))
}

fn shown(store: &dyn SecretStore, name: &str) -> Option<String> {
    store
        .get(name)
        .unwrap()
        .map(|secret| secret.expose_secret().into())
}

/// What every store must do; `open` opens it anew.
fn keeps_secrets(open: &dyn Fn() -> Box<dyn SecretStore>) {
    let name = account_password(&"a1".into());
    let store = open();
    assert_eq!(shown(&*store, &name), None);
    store.remove(&name).unwrap();
    store.set(&name, &secret("first")).unwrap();
    store.set(&name, &secret(AWKWARD)).unwrap();
    store.set("other", &secret("")).unwrap();
    assert_eq!(shown(&*store, &name).as_deref(), Some(AWKWARD));
    drop(store);

    let store = open();
    assert_eq!(shown(&*store, &name).as_deref(), Some(AWKWARD));
    assert_eq!(shown(&*store, "other").as_deref(), Some(""));
    store.remove(&name).unwrap();
    assert_eq!(shown(&*store, &name), None);
    assert_eq!(shown(&*open(), &name), None);
}

#[test]
fn the_plain_file_keeps_secrets() {
    let dir = tempfile::tempdir().unwrap();
    keeps_secrets(&|| Box::new(PlainFile::open(dir.path()).unwrap()));
}

#[test]
fn the_sealed_file_keeps_secrets() {
    let dir = tempfile::tempdir().unwrap();
    keeps_secrets(&|| Box::new(sealed(dir.path(), "open sesame").unwrap()));
}

#[test]
fn the_sealed_file_opens_with_its_passphrase_only() {
    let dir = tempfile::tempdir().unwrap();
    sealed(dir.path(), "right")
        .unwrap()
        .set("a", &secret("hunter2"))
        .unwrap();
    assert!(matches!(
        sealed(dir.path(), "wrong"),
        Err(SecretError::WrongPassphrase)
    ));
    assert!(matches!(
        sealed(dir.path(), ""),
        Err(SecretError::NeedsPassphrase)
    ));
    let none = SealedFile::open(dir.path(), None);
    assert!(matches!(none, Err(SecretError::NeedsPassphrase)));
    let bytes = fs::read(dir.path().join("secrets.age")).unwrap();
    assert!(!bytes.windows(7).any(|window| window == b"hunter2"));
}

#[test]
fn a_damaged_sealed_file_is_told_from_a_wrong_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("secrets.age"), b"nonsense").unwrap();
    assert!(matches!(
        sealed(dir.path(), "x"),
        Err(SecretError::Damaged { .. })
    ));
}

#[cfg(unix)]
#[test]
fn the_plain_file_is_refused_if_others_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let store = PlainFile::open(dir.path()).unwrap();
    store.set("a", &secret("b")).unwrap();
    let path = dir.path().join("secrets.toml");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        store.get("a"),
        Err(SecretError::Exposed { mode: 0o640, .. })
    ));
    assert!(matches!(
        store.set("a", &secret("c")),
        Err(SecretError::Exposed { .. })
    ));
    assert!(PlainFile::open(dir.path()).is_err());
}

#[test]
fn a_damaged_plain_file_is_told_with_its_line_and_without_a_secret_and_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secrets.toml");
    let store = PlainFile::open(dir.path()).unwrap();
    store.set("a", &secret("b")).unwrap();
    for text in ["\na = hunter2\n", "\na = [\"hunter2\"]\n"] {
        fs::write(&path, text).unwrap();
        let error = store.set("x", &secret("y")).unwrap_err();
        let told = format!("{error} {error:?} {}", error.reason());
        assert!(
            matches!(error, SecretError::Damaged { line: Some(2), .. }),
            "{told}"
        );
        assert!(!told.contains("hunter2"), "{told}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn kinds_are_read_by_their_names() {
    for kind in [SecretsKind::Keyring, SecretsKind::Sealed, SecretsKind::File] {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    assert_eq!("cloud".parse::<SecretsKind>(), Err(UnknownKind));
}
