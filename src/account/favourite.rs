//! Numbers whose state is watched, as a person types them: `102 Anna, 103`.

/// The most numbers that are watched.
const MOST: usize = 64;

/// A number that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Favourite {
    /// What is dialled.
    pub number: String,
    /// What the person calls it; empty if nothing.
    pub name: String,
}

/// Reads a list: a number and perhaps a name, then a comma or semicolon. A number counts once.
pub fn favourites(text: &str) -> Vec<Favourite> {
    let mut all: Vec<Favourite> = Vec::new();
    for item in text.split([',', ';', '\n']) {
        let item = item.trim();
        let (number, name) = item.split_once(char::is_whitespace).unwrap_or((item, ""));
        let known = all.iter().any(|other| other.number == number);
        if number.is_empty() || known || all.len() >= MOST {
            continue;
        }
        all.push(Favourite {
            number: number.to_owned(),
            name: name.trim().to_owned(),
        });
    }
    all
}

/// The list in one spelling.
pub(super) fn written(all: &[Favourite]) -> String {
    let item = |one: &Favourite| match one.name.as_str() {
        "" => one.number.clone(),
        name => format!("{} {name}", one.number),
    };
    all.iter().map(item).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_written() {
        let all = favourites(" 102  Анна Ким ;103,, 102 again\n*55");
        let pairs: Vec<_> = all
            .iter()
            .map(|one| (one.number.as_str(), one.name.as_str()))
            .collect();
        assert_eq!(pairs, [("102", "Анна Ким"), ("103", ""), ("*55", "")]);
        assert_eq!(written(&all), "102 Анна Ким, 103, *55");
        assert_eq!(favourites(""), []);
        let many = (0..100)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(",");
        assert_eq!(favourites(&many).len(), MOST);
    }
}
