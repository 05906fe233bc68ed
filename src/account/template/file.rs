//! Templates as a TOML file.

use std::collections::HashSet;
use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value};

use super::{Bilingual, Group, SETTINGS, Template, is_id};
use crate::account::{Account, AccountId, SettingError, SettingId, SettingKind};

/// The largest file, octets.
const LARGEST: usize = 1 << 20;
/// The most templates in a file.
const MOST: usize = 2000;

/// What is wrong in a file of templates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct TemplateError {
    /// The line, from 1, if one is to blame.
    pub line: Option<usize>,
    /// A locale key, or the words of the TOML reader.
    pub reason: String,
}

type Read<T> = Result<T, TemplateError>;

pub(super) fn read(text: &str) -> Read<Vec<Template>> {
    if text.len() > LARGEST {
        return Err(TemplateError {
            line: None,
            reason: "reason-file-too-large".into(),
        });
    }
    let reader = Reader { text };
    let root = DeTable::parse(text).map_err(|error| reader.broken(&error))?;
    let mut templates = Vec::new();
    for (key, value) in root.get_ref() {
        let items = value.get_ref().as_array();
        let items = items.filter(|_| key.get_ref() == "templates");
        let items = items.ok_or_else(|| reader.at(key, "reason-template-key"))?;
        if items.len() > MOST {
            return Err(reader.at(value, "reason-template-many"));
        }
        let mut ids = HashSet::new();
        for item in items.iter() {
            let template = reader.template(item)?;
            if !ids.insert(template.id.clone()) {
                return Err(reader.at(item, "reason-template-twice"));
            }
            templates.push(template);
        }
    }
    Ok(templates)
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn line(&self, offset: usize) -> usize {
        let before = self.text.bytes().take(offset);
        before
            .filter(|byte| *byte == b'\n')
            .count()
            .saturating_add(1)
    }

    fn broken(&self, error: &toml::de::Error) -> TemplateError {
        TemplateError {
            line: error.span().map(|span| self.line(span.start)),
            reason: error.message().replace('\n', ", "),
        }
    }

    fn at<T>(&self, place: &Spanned<T>, reason: &str) -> TemplateError {
        TemplateError {
            line: Some(self.line(place.span().start)),
            reason: reason.into(),
        }
    }

    fn template(&self, item: &Spanned<DeValue<'_>>) -> Read<Template> {
        let table = item.get_ref().as_table();
        let table = table.ok_or_else(|| self.at(item, "reason-template-key"))?;
        let mut template = Template::from_values("", &Default::default());
        template.id.clear();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "id" => template.id = self.id(value)?,
                "name" => template.name = self.bilingual(value)?,
                "group" => template.group = self.group(value)?,
                "login" => template.login = Some(self.bilingual(value)?),
                "note" => template.note = Some(self.bilingual(value)?),
                "keywords" => template.keywords = self.words(value)?,
                "source" => template.source = self.text(value)?,
                "checked" => template.checked = self.text(value)?,
                name if SETTINGS.contains(&name) => {
                    let text = self.setting(name, value)?;
                    template.settings.insert(name.into(), text);
                }
                _ => return Err(self.at(key, "reason-template-key")),
            }
        }
        if template.id.is_empty() {
            return Err(self.at(item, "reason-template-id"));
        }
        if template.name.ru.is_empty() || template.name.en.is_empty() {
            return Err(self.at(item, "reason-template-name"));
        }
        Ok(template)
    }

    fn id(&self, value: &Spanned<DeValue<'_>>) -> Read<String> {
        let id = value.get_ref().as_str().filter(|text| is_id(text));
        id.map(Into::into)
            .ok_or_else(|| self.at(value, "reason-template-id"))
    }

    fn group(&self, value: &Spanned<DeValue<'_>>) -> Read<Group> {
        let named = |group: &Group| value.get_ref().as_str() == Some(group.as_str());
        let group = Group::ALL.into_iter().find(named);
        group.ok_or_else(|| self.at(value, "reason-template-group"))
    }

    /// One line of text, under the same bounds as the name of an account.
    fn text(&self, value: &Spanned<DeValue<'_>>) -> Read<String> {
        let text = value.get_ref().as_str();
        let text = text.ok_or_else(|| self.at(value, "reason-template-text"))?;
        let mut scratch = Account::new(AccountId::from(""));
        match scratch.set(SettingId::Name, text) {
            Ok(()) => Ok(scratch.name),
            Err(error) => Err(self.at(value, error.reason_key)),
        }
    }

    fn bilingual(&self, value: &Spanned<DeValue<'_>>) -> Read<Bilingual> {
        let Some(table) = value.get_ref().as_table() else {
            return self.text(value).map(Bilingual::same);
        };
        match (table.get("ru"), table.get("en"), table.len()) {
            (Some(ru), Some(en), 2) => Ok(Bilingual {
                ru: self.text(ru)?,
                en: self.text(en)?,
            }),
            _ => Err(self.at(value, "reason-template-languages")),
        }
    }

    fn words(&self, value: &Spanned<DeValue<'_>>) -> Read<Vec<String>> {
        let items = value.get_ref().as_array();
        let items = items.ok_or_else(|| self.at(value, "reason-template-list"))?;
        items.iter().map(|item| self.text(item)).collect()
    }

    /// A value as a person would type it, checked if this program knows the setting. Which words
    /// of a list it knows does not matter here.
    fn setting(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Read<String> {
        let known = name.parse::<SettingId>().ok();
        let known = known.filter(|known| !matches!(known.spec().kind, SettingKind::Ordered(_)));
        let text = match value.get_ref() {
            DeValue::Boolean(true) => "on".into(),
            DeValue::Boolean(false) => "off".into(),
            DeValue::Integer(number) => number.as_str().into(),
            DeValue::Array(_) => self.words(value)?.join(","),
            // Only the setting knows how long its text may be: dial rules have many lines.
            DeValue::String(text) if known.is_some() => text.to_string(),
            _ => self.text(value)?,
        };
        let Some(setting) = known else {
            return Ok(text);
        };
        let mut scratch = Account::new(AccountId::from(""));
        match scratch.set(setting, &text) {
            Ok(()) => Ok(scratch.get(setting)),
            Err(SettingError {
                reason_key, args, ..
            }) => {
                // Why a rule is wrong says more here than its place in the value.
                let reason = args.get("why").map_or(reason_key, String::as_str);
                Err(self.at(value, reason))
            }
        }
    }
}

pub(super) fn write(template: &Template) -> String {
    let mut out = String::from("[[templates]]\n");
    let mut put = |key: &str, value: Value| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{key} = {value}");
    };
    put("id", text(&template.id));
    put("name", both(&template.name));
    put("group", text(template.group.as_str()));
    for name in SETTINGS {
        if let Some(value) = template.settings.get(name) {
            put(name, setting_value(name, value));
        }
    }
    for (key, bilingual) in [("login", &template.login), ("note", &template.note)] {
        if let Some(bilingual) = bilingual {
            put(key, both(bilingual));
        }
    }
    if !template.keywords.is_empty() {
        put("keywords", list(&template.keywords));
    }
    for (key, value) in [("source", &template.source), ("checked", &template.checked)] {
        if !value.is_empty() {
            put(key, text(value));
        }
    }
    out
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

/// A text in both languages, or one that is the same in both.
fn both(Bilingual { ru, en }: &Bilingual) -> Value {
    if ru == en {
        return text(en);
    }
    let both = [("en", en), ("ru", ru)].map(|(language, words)| (language.into(), text(words)));
    Value::Table(both.into_iter().collect())
}

fn setting_value(name: &str, value: &str) -> Value {
    let kind = name.parse().map(|setting: SettingId| setting.spec().kind);
    match (kind, value) {
        (Ok(SettingKind::Switch), "on") => Value::Boolean(true),
        (Ok(SettingKind::Switch), "off") => Value::Boolean(false),
        (Ok(SettingKind::Ordered(_)), _) => {
            list(&value.split(',').map(String::from).collect::<Vec<_>>())
        }
        _ => text(value),
    }
}

fn list(words: &[String]) -> Value {
    Value::Array(words.iter().cloned().map(Value::String).collect())
}
