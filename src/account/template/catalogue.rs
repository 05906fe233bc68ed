use std::sync::LazyLock;

use super::file::{self, TemplateError};
use super::{Group, Template};

/// Templates that are searched together. No two have the same identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    templates: Vec<Template>,
}

impl Catalogue {
    /// The providers and PBXs that come with the program.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
            let text = include_str!("../../../assets/templates.toml");
            // The tests see to it that it can be read.
            let mut catalogue = Catalogue::parse(text).unwrap_or_default();
            for template in &mut catalogue.templates {
                template.own = false;
            }
            catalogue
        });
        &BUILT_IN
    }

    /// Reads a file of the person's own: at most 1 MiB and 2000 templates.
    ///
    /// # Errors
    /// What is wrong in it, with the line.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        file::read(text).map(|templates| Self { templates })
    }

    /// The built-in templates with the person's own before them. One's own stands in place of a
    /// built-in one with the same identifier.
    pub fn with_own(own: &Self) -> Self {
        let mut catalogue = own.clone();
        let others = Self::built_in().templates.iter();
        let others = others.filter(|template| own.get(&template.id).is_none());
        catalogue.templates.extend(others.cloned());
        catalogue
    }

    /// All templates.
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// The template with this identifier.
    pub fn get(&self, id: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.id == id)
    }

    /// Adds a template, or puts it in place of the one with its identifier.
    pub fn add(&mut self, template: Template) {
        let same = |other: &&mut Template| other.id == template.id;
        match self.templates.iter_mut().find(same) {
            Some(place) => *place = template,
            None => self.templates.push(template),
        }
    }

    /// Takes a template out; `None` if none has this identifier.
    pub fn remove(&mut self, id: &str) -> Option<Template> {
        let place = self.templates.iter().position(|t| t.id == id)?;
        Some(self.templates.remove(place))
    }

    /// The templates in which every word of the query occurs: in the name, the keywords, the
    /// identifier, the domain, or the note in this language (`ru` or `en`). Case does not count,
    /// nor does ё for е. No words find all.
    ///
    /// Names that begin with the query come first, then whole beginnings of words, then the rest;
    /// among equals one's own, then group by group as they stand in the catalogue.
    pub fn search(&self, query: &str, language: &str) -> Vec<&Template> {
        let query = folded(query);
        let words: Vec<&str> = query.split_whitespace().collect();
        let query = words.join(" ");
        let ranked = self.templates.iter().filter_map(|template| {
            let rank = rank(template, &query, &words, language)?;
            Some((rank, !template.own, template.group, template))
        });
        let mut found: Vec<(Rank, bool, Group, &Template)> = ranked.collect();
        found.sort_by_key(|&(rank, foreign, group, _)| (rank, foreign, group));
        found.into_iter().map(|(.., template)| template).collect()
    }

    /// The catalogue as a file.
    pub fn to_toml(&self) -> String {
        let entries = self.templates.iter().map(Template::to_toml);
        entries.collect::<Vec<_>>().join("\n")
    }
}

/// How well a template fits a query, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Name,
    Words,
    Parts,
}

fn rank(template: &Template, query: &str, words: &[&str], language: &str) -> Option<Rank> {
    if folded(template.name.get(language)).starts_with(query) {
        return Some(Rank::Name);
    }
    let note = template.note.as_ref().map(|note| note.get(language));
    let texts = [&template.name.ru, &template.name.en, template.id.as_str()];
    let texts = texts.into_iter().chain(template.domain()).chain(note);
    let texts = texts.chain(template.keywords.iter().map(String::as_str));
    let texts: Vec<String> = texts.map(folded).collect();

    let mut rank = Rank::Words;
    for word in words {
        if !texts.iter().any(|text| text.contains(word)) {
            return None;
        }
        let begins = |text: &String| text.split(' ').any(|other| other.starts_with(word));
        if !texts.iter().any(begins) {
            rank = Rank::Parts;
        }
    }
    Some(rank)
}

fn folded(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}
