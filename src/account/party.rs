use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest name, in characters.
const LONGEST: usize = 250;

/// A person, group or channel of Telegram as a setting remembers it.
///
/// As text it is the identifier, a space and the name: `123456789 Анна Ковалёва`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Party {
    /// Telegram's identifier; those of groups and channels are negative.
    pub id: i64,
    /// The name at the time it was chosen.
    pub name: String,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.name)
    }
}

/// A text is not a [`Party`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier and a name")]
pub struct NoParty;

impl FromStr for Party {
    type Err = NoParty;

    fn from_str(text: &str) -> Result<Self, NoParty> {
        let (id, name) = text.trim().split_once(' ').ok_or(NoParty)?;
        let name = name.trim();
        let fits = !name.is_empty()
            && name.chars().count() <= LONGEST
            && !name.chars().any(char::is_control);
        match id.parse() {
            Ok(id) if fits && id != 0 => Ok(Self {
                id,
                name: name.into(),
            }),
            _ => Err(NoParty),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_is_read_back_as_it_was_written() {
        for text in ["123456789 Анна Ковалёва", "-1001234 Записи отдела"] {
            assert_eq!(text.parse::<Party>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_has_no_identifier_or_no_name_is_no_party() {
        for text in [
            "",
            "12",
            "Анна 12",
            "12 ",
            "0 Анна",
            "1 a\u{7}b",
            "@anna Анна",
        ] {
            assert_eq!(text.parse::<Party>(), Err(NoParty), "{text:?}");
        }
        let long = format!("1 {}", "a".repeat(251));
        assert_eq!(long.parse::<Party>(), Err(NoParty));
    }
}
