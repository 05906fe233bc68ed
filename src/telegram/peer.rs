use serde::{Deserialize, Serialize};

/// Somebody or somewhere one can write to in Telegram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// The identifier: of a person or bot as Telegram has it, of a group negative, of a channel
    /// or large group below -1000000000000.
    pub id: i64,
    /// What it is.
    pub kind: PeerKind,
    /// The name or title.
    pub name: String,
    /// The public name, without the @.
    #[serde(default)]
    pub username: Option<String>,
    /// The telephone number with its +, as far as it is shown to us.
    #[serde(default)]
    pub phone: Option<String>,
}

/// What a [`Peer`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerKind {
    /// Saved Messages: the chat with oneself.
    Saved,
    /// A person.
    Person,
    /// A bot.
    Bot,
    /// A group.
    Group,
    /// A channel.
    Channel,
}

/// Those that a person means by what is typed, the best first; all of them if nothing is.
///
/// The words of `query` are looked for at the beginning of the words of a name and of the
/// username (only of the username after an @), its digits anywhere in the telephone number, and
/// an identifier has to be typed whole. `saved` is what Saved Messages are called.
pub fn find<'a>(peers: &'a [Peer], query: &str, saved: &str) -> Vec<&'a Peer> {
    let wanted = Wanted::new(query);
    let mut found: Vec<(bool, &Peer)> = peers
        .iter()
        .filter_map(|peer| {
            let name = match peer.kind {
                PeerKind::Saved => folded(saved),
                _ => folded(&peer.name),
            };
            let fits = wanted.fits(peer, &name);
            fits.then(|| (!name.starts_with(&wanted.text), peer))
        })
        .collect();
    found.sort_by_key(|(later, _)| *later);
    found.into_iter().map(|(_, peer)| peer).collect()
}

/// As it is compared: without case, and `ё` as `е`.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

struct Wanted {
    text: String,
    /// The digits, if it looks like a telephone number or a part of one.
    digits: Option<String>,
}

impl Wanted {
    fn new(query: &str) -> Self {
        let text = folded(query.trim());
        let is_number = |c: char| c.is_ascii_digit() || " +-().\u{a0}".contains(c);
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let digits = (text.chars().all(is_number) && digits.len() >= 2).then_some(digits);
        Self { text, digits }
    }

    fn fits(&self, peer: &Peer, name: &str) -> bool {
        let username = peer.username.as_deref().map(folded).unwrap_or_default();
        if let Some(start) = self.text.strip_prefix('@') {
            return !username.is_empty() && username.starts_with(start);
        }
        if self.digits.is_some() && (self.fits_phone(peer) || self.text == peer.id.to_string()) {
            return true;
        }
        self.text.split_whitespace().all(|word| {
            let in_name = || words(name).any(|begins| begins.starts_with(word));
            in_name() || username.starts_with(word)
        })
    }

    fn fits_phone(&self, peer: &Peer) -> bool {
        let (Some(wanted), Some(phone)) = (&self.digits, &peer.phone) else {
            return false;
        };
        let phone = phone.trim_start_matches('+');
        // In Russia the same number is also written with an 8 in front.
        let domestic = match (wanted.strip_prefix('8'), phone.strip_prefix('7')) {
            (Some(wanted), Some(phone)) => phone.starts_with(wanted),
            _ => false,
        };
        domestic || phone.contains(wanted.as_str())
    }
}

/// The rests of a name that begin at a word: "anna k", "k".
fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut before = ' ';
    name.char_indices().filter_map(move |(at, c)| {
        let begins = c.is_alphanumeric() && !before.is_alphanumeric();
        before = c;
        begins.then(|| name.get(at..)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: i64, name: &str, username: Option<&str>, phone: Option<&str>) -> Peer {
        Peer {
            id,
            kind: PeerKind::Person,
            name: name.into(),
            username: username.map(Into::into),
            phone: phone.map(Into::into),
        }
    }

    const NOBODY: [i64; 0] = [];

    fn people() -> Vec<Peer> {
        let saved = Peer {
            kind: PeerKind::Saved,
            ..person(1, "", None, None)
        };
        vec![
            saved,
            person(2, "Пётр Сергеев", Some("petr_s"), Some("+79261234567")),
            person(3, "Мария, бухгалтерия", Some("Masha"), Some("+4930901820")),
            person(4, "Sergey Petrov", None, None),
            person(79, "Сергей-младший", Some("x100"), None),
        ]
    }

    fn found(query: &str) -> Vec<i64> {
        let people = people();
        let found = find(&people, query, "Избранное");
        found.iter().map(|peer| peer.id).collect()
    }

    #[test]
    fn people_are_found_by_the_beginning_of_any_word_of_the_name() {
        assert_eq!(found("петр"), [2]);
        assert_eq!(found("ПЁТР"), [2]);
        assert_eq!(found("серг"), [79, 2], "who is called so comes first");
        assert_eq!(found("сергеев пе"), [2]);
        assert_eq!(found("бух"), [3]);
        assert_eq!(found("младший"), [79]);
        assert_eq!(found("ергеев"), NOBODY, "not in the middle of a word");
    }

    #[test]
    fn people_are_found_by_username_with_or_without_the_at() {
        assert_eq!(found("@masha"), [3]);
        assert_eq!(found("masha"), [3]);
        assert_eq!(found("@pet"), [2]);
        assert_eq!(found("pet"), [2, 4]);
        assert_eq!(found("@"), [2, 3, 79], "whoever has one");
        assert_eq!(found("@серг"), NOBODY);
        assert_eq!(found("x100"), [79]);
    }

    #[test]
    fn people_are_found_by_telephone_number_however_it_is_written() {
        for query in ["+7 926", "8 (926) 123", "123-45-67", "89261234567", "7926"] {
            assert_eq!(found(query), [2], "{query}");
        }
        assert_eq!(found("9018"), [3]);
        assert_eq!(found("8 30"), NOBODY, "the 8 stands for Russia only");
        assert_eq!(found("7 999"), NOBODY);
    }

    #[test]
    fn an_identifier_is_found_only_whole() {
        assert_eq!(found("79"), [2, 79]);
        assert_eq!(found("1"), NOBODY);
    }

    #[test]
    fn saved_messages_are_found_by_the_name_they_have_on_the_screen() {
        assert_eq!(found("избр"), [1]);
    }

    #[test]
    fn nothing_typed_finds_all_in_their_order() {
        assert_eq!(found("  "), [1, 2, 3, 4, 79]);
    }
}
