//! Every text a person reads, in Russian and English.
//!
//! Texts live in `assets/locales/<language>/*.ftl` in the Fluent language and are compiled in.
//! A key is the name of a message, or `message.attribute`.

mod note;
mod problem;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, LazyLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

pub use note::words;
pub use problem::ProblemText;

/// The languages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// `ru` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The language that a preference names: `ru`, `en`, and for anything else the system's.
    pub fn from_preference(preference: &str) -> Self {
        match preference {
            "ru" => Self::Ru,
            "en" => Self::En,
            _ => Self::of_locales(sys_locale::get_locales()),
        }
    }

    /// The first of the person's locales that there are texts for, or English.
    fn of_locales(locales: impl Iterator<Item = String>) -> Self {
        for locale in locales {
            match locale.split(['-', '_', '.']).next() {
                Some("ru") => return Self::Ru,
                Some("en") => return Self::En,
                _ => {}
            }
        }
        Self::En
    }

    fn sources(self) -> [&'static str; 5] {
        match self {
            Self::Ru => [
                include_str!("../../assets/locales/ru/problems.ftl"),
                include_str!("../../assets/locales/ru/account.ftl"),
                include_str!("../../assets/locales/ru/ui.ftl"),
                include_str!("../../assets/locales/ru/cli.ftl"),
                include_str!("../../assets/locales/ru/telegram.ftl"),
            ],
            Self::En => [
                include_str!("../../assets/locales/en/problems.ftl"),
                include_str!("../../assets/locales/en/account.ftl"),
                include_str!("../../assets/locales/en/ui.ftl"),
                include_str!("../../assets/locales/en/cli.ftl"),
                include_str!("../../assets/locales/en/telegram.ftl"),
            ],
        }
    }
}

/// A value that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arg<'a> {
    /// A text, shown as it is.
    Text(&'a str),
    /// A number; it also chooses the plural form.
    Number(f64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

macro_rules! number_arg {
    ($($number:ty),*) => {
        $(impl From<$number> for Arg<'_> {
            fn from(number: $number) -> Self {
                Self::Number(number as f64)
            }
        })*
    };
}

number_arg!(u8, u16, u32, u64, usize, i32, i64, f32, f64);

/// The texts of one language. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Texts {
    language: Language,
    bundle: Arc<FluentBundle<FluentResource>>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

impl Texts {
    /// The texts of a language; they are read once while the program runs.
    pub fn new(language: Language) -> Self {
        static RU: LazyLock<Texts> = LazyLock::new(|| Texts::read(Language::Ru));
        static EN: LazyLock<Texts> = LazyLock::new(|| Texts::read(Language::En));
        match language {
            Language::Ru => RU.clone(),
            Language::En => EN.clone(),
        }
    }

    fn read(language: Language) -> Self {
        // Plural forms follow this identifier.
        let identifier: LanguageIdentifier = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        bundle.set_use_isolating(false);
        for source in language.sources() {
            // What is broken in a file is left out; the tests see to it that nothing is.
            let resource = FluentResource::try_new(source.into()).unwrap_or_else(|(part, _)| part);
            bundle.add_resource_overriding(resource);
        }
        Self {
            language,
            bundle: Arc::new(bundle),
        }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a text with this key.
    pub fn has(&self, key: &str) -> bool {
        self.format(key, None).is_some()
    }

    /// The text with this key; the key itself if there is none.
    pub fn get(&self, key: &str) -> String {
        self.format(key, None).unwrap_or_else(|| key.into())
    }

    /// The text with this key and the values that stand in it.
    pub fn with(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match *arg {
                Arg::Text(text) => values.set(*name, text),
                Arg::Number(number) => values.set(*name, number),
            }
        }
        self.format(key, Some(&values))
            .unwrap_or_else(|| key.into())
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = match key.split_once('.') {
            Some((message, attribute)) => self
                .bundle
                .get_message(message)?
                .get_attribute(attribute)?
                .value(),
            None => self.bundle.get_message(key)?.value()?,
        };
        Some(
            self.bundle
                .format_pattern(pattern, args, &mut Vec::new())
                .into_owned(),
        )
    }
}
