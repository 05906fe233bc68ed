//! What the two files of secrets have in common.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::SecretError;

/// No file of a person's secrets is larger, octets.
const LARGEST: u64 = 4 << 20;

pub(in crate::store) type Secrets = BTreeMap<String, SecretString>;

/// The octets of the file, if there is one. `check` sees the opened file first.
pub(super) fn read_file(
    path: &Path,
    check: impl FnOnce(&File) -> Result<(), SecretError>,
) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
    let io = |source| SecretError::Io {
        path: path.into(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    check(&file)?;
    let mut bytes = Zeroizing::new(Vec::new());
    let length = file
        .take(LARGEST.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if length as u64 > LARGEST {
        return Err(SecretError::Damaged {
            path: path.into(),
            line: None,
        });
    }
    Ok(Some(bytes))
}

/// Secrets of a text that [`print`] made. The parser's own words are not passed on: they quote
/// the text.
pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Secrets, SecretError> {
    let damaged = |line| SecretError::Damaged {
        path: path.into(),
        line,
    };
    let text = std::str::from_utf8(bytes).map_err(|_| damaged(None))?;
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        damaged(before.map(|before| before.matches('\n').count().saturating_add(1)))
    })
}

/// Secrets as a TOML text.
pub(super) fn print(secrets: &Secrets) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::from("# The secrets of Gudok.\n"));
    for (name, secret) in secrets {
        let name = toml::Value::String(name.clone());
        let secret = Zeroizing::new(quoted(secret.expose_secret()));
        text.push_str(&format!("{name} = "));
        text.push_str(&secret);
        text.push('\n');
    }
    text
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    // Room for the longest escapes, so that no part of the secret is left behind by growing.
    let mut out = String::with_capacity(text.len().saturating_mul(10).saturating_add(2));
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
