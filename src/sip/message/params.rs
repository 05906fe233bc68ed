use std::fmt;

use super::ReadError;
use super::text::{split_outside, trim, unquote};

/// Parameters, `;name=value;name`, in their order and as they were written. Names are compared
/// without regard to case. A quoted value keeps its quotes; see [`Params::unquoted`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The parameter, if it is there: its value, or `None` inside for one without a value.
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        self.iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The value, if the parameter is there and has one.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.get(name).flatten()
    }

    /// The value without quotes and escapes.
    pub fn unquoted(&self, name: &str) -> Option<String> {
        self.value(name).map(unquote)
    }

    /// Whether the parameter is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds the parameter, or changes its value where it stands.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        let known = self
            .0
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        match known {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Takes the parameter away; says whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.0.len() != before
    }

    /// All parameters in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads `;a=b;c`, with white space around everything. One stray semicolon at the end, which
    /// some devices send, is overlooked.
    pub(super) fn parse(text: &str) -> Result<Self, ReadError> {
        let text = trim(text);
        if text.is_empty() {
            return Ok(Self::default());
        }
        let inner = text
            .strip_prefix(';')
            .ok_or_else(|| ReadError::bad("Parameters without semicolon"))?;
        let inner = inner
            .strip_suffix(';')
            .filter(|inner| !inner.is_empty())
            .unwrap_or(inner);
        split_outside(inner, ';')
            .into_iter()
            .map(parameter)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn parameter(text: &str) -> Result<(String, Option<String>), ReadError> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (trim(name), Some(trim(value))),
        None => (trim(text), None),
    };
    let is_name = |c: char| !c.is_control() && !" \t\"<>,;=?@".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(ReadError::bad("Invalid parameter"));
    }
    if let Some(value) = value {
        let closed = match super::text::quoted_length(value) {
            Some(length) => length == value.len(),
            None => !value.contains('"') && !value.contains(super::text::SPACE),
        };
        if !closed {
            return Err(ReadError::bad("Invalid parameter value"));
        }
    }
    Ok((name.to_owned(), value.map(str::to_owned)))
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, Option<V>)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, Option<V>)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.map(Into::into)))
                .collect(),
        )
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|(name, value)| match value {
            Some(value) => write!(f, ";{name}={value}"),
            None => write!(f, ";{name}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_changed_and_printed() {
        let mut params =
            Params::parse(" ; Tag = 1 ;lr; +sip.instance=\"<urn:uuid:1;2>\" ;e=").expect("params");
        assert_eq!(params.value("tag"), Some("1"));
        assert_eq!(params.get("LR"), Some(None));
        assert_eq!(params.get("none"), None);
        assert_eq!(params.value("e"), Some(""));
        assert_eq!(
            params.unquoted("+sip.instance").as_deref(),
            Some("<urn:uuid:1;2>")
        );
        params.set("tag", Some("2"));
        params.set("new", None);
        assert!(params.remove("LR"));
        assert!(!params.remove("lr"));
        assert_eq!(
            params.to_string(),
            ";Tag=2;+sip.instance=\"<urn:uuid:1;2>\";e=;new"
        );
    }

    #[test]
    fn one_semicolon_too_many_at_the_end_is_forgiven_but_not_two() {
        assert_eq!(Params::parse(";a;").expect("params").to_string(), ";a");
        for text in [
            ";",
            ";;",
            ";a;;",
            "a",
            ";a b",
            ";a=\"b",
            ";a=\"b\"c",
            ";=1",
            ";a=b c",
        ] {
            assert!(Params::parse(text).is_err(), "{text}");
        }
    }
}
