//! `gudok templates`: the catalogue of providers and PBXs, and the person's own.

use std::path::Path;

use serde_json::{Value, json};

use crate::account::{Bilingual, Catalogue, Template};
use crate::call::Problem;
use crate::cli::args::{Templates, TemplatesAction};
use crate::cli::owner::{self, Owner};
use crate::cli::{Args, Exit, Output, reach};
use crate::locale::Texts;
use crate::store::Profile;

pub(super) fn run(args: &Args, profile: Profile, asked: &Templates, output: &Output) -> Exit {
    let outcome = match &asked.action {
        None => show(&profile, &asked.search.join(" "), output),
        Some(TemplatesAction::Import { file }) => import(args, profile, file, output),
        Some(TemplatesAction::Remove { id }) => {
            let remove = |owner: &mut Owner| owner.request("remove_template", json!({ "id": id }));
            owner::with(args, profile, remove).map(|_| ())
        }
    };
    match outcome {
        Ok(()) => Exit::Done,
        Err(problem) => output.problem(&problem),
    }
}

fn import(args: &Args, profile: Profile, file: &Path, output: &Output) -> Result<(), Problem> {
    let path = reach::absolute(file)?;
    let reply = owner::with(args, profile, |owner| {
        owner.request("import_templates", json!({ "path": path }))
    })?;
    output.object(&reply, |texts| {
        let count = reply
            .get("imported")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        texts.with("cli-templates-imported", &[("count", count.into())])
    });
    Ok(())
}

/// One template by its identifier, or all that fit the words.
fn show(profile: &Profile, asked: &str, output: &Output) -> Result<(), Problem> {
    let catalogue = Catalogue::with_own(&profile.templates()?);
    let language = output.texts().language().code();
    if let Some(template) = catalogue.get(asked) {
        output.object(&object(template), |texts| page(template, texts));
        return Ok(());
    }
    let found = catalogue.search(asked, language);
    let objects: Vec<Value> = found.iter().map(|template| object(template)).collect();
    output.object(&json!(objects), |texts| match found.as_slice() {
        [] => texts.get("cli-templates-none"),
        found => table(found, language),
    });
    Ok(())
}

fn object(template: &Template) -> Value {
    let bilingual = |text: &Bilingual| json!({ "en": text.en, "ru": text.ru });
    let missing = template.missing();
    json!({
        "id": template.id,
        "name": bilingual(&template.name),
        "group": template.group.as_str(),
        "own": template.own,
        "values": template.values(),
        "missing": missing.iter().map(|setting| setting.as_str()).collect::<Vec<_>>(),
        "login": template.login.as_ref().map(bilingual),
        "note": template.note.as_ref().map(bilingual),
        "keywords": template.keywords,
        "source": template.source,
        "checked": template.checked,
    })
}

/// Identifier, name and domain of each in columns.
fn table(templates: &[&Template], language: &str) -> String {
    let rows = templates.iter().map(|template| {
        let domain = template.domain().unwrap_or_default();
        (template.id.as_str(), template.name.get(language), domain)
    });
    let rows: Vec<_> = rows.collect();
    let width = |column: fn(&(_, _, _)) -> &str| {
        let widths = rows.iter().map(|row| column(row).chars().count());
        widths.max().unwrap_or_default()
    };
    let (ids, names) = (width(|row| row.0), width(|row| row.1));
    let line = |&(id, name, domain): &(&str, &str, &str)| {
        let line = format!("{id:ids$}  {name:names$}  {domain}");
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// All that is known of one template.
fn page(template: &Template, texts: &Texts) -> String {
    let language = texts.language().code();
    let group = texts.get(template.group.title_key());
    let mut lines = vec![template.name.get(language).to_owned(), group];
    let values = template.values();
    let given = values.iter().filter(|(_, value)| !value.is_empty());
    lines.extend(given.map(|(name, value)| format!("{name} = {value}")));
    let missing: Vec<String> = template
        .missing()
        .iter()
        .map(|setting| texts.get(setting.spec().title_key))
        .collect();
    let mut tell = |key: &str, text: &str| {
        if !text.is_empty() {
            lines.push(texts.with(key, &[("text", text.into())]));
        }
    };
    tell("cli-template-missing", &missing.join(", "));
    let words = |text: &Option<Bilingual>| {
        let text = text.as_ref().map(|text| text.get(language).to_owned());
        text.unwrap_or_default()
    };
    tell("cli-template-login", &words(&template.login));
    tell("cli-template-note", &words(&template.note));
    tell("cli-template-source", &template.source);
    tell("cli-template-checked", &template.checked);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Language;

    #[test]
    fn the_list_stands_in_columns() {
        let catalogue = Catalogue::built_in();
        let zadarma = catalogue.get("zadarma").unwrap();
        let mango = catalogue.get("mango").unwrap();
        let expected = "zadarma  Zadarma       sip.zadarma.com\nmango    Mango Office";
        assert_eq!(table(&[zadarma, mango], "ru"), expected);
    }

    #[test]
    fn a_page_says_what_is_missing_and_where_it_was_read() {
        let template = Catalogue::built_in().get("zadarma").unwrap();
        let page = page(template, &Texts::new(Language::En));
        for text in [
            "domain = sip.zadarma.com",
            "Login, Password",
            "SIP number",
            "https://",
            "2026-11-22",
        ] {
            assert!(page.contains(text), "{text}: {page}");
        }
        let object = object(template);
        assert_eq!(object["missing"], json!(["login", "password"]));
        assert_eq!(object["values"]["domain"], "sip.zadarma.com");
        assert_eq!(object["source"], template.source);
    }

    #[test]
    fn everything_that_is_shown_has_a_text() {
        for language in Language::ALL {
            let texts = Texts::new(language);
            for template in Catalogue::built_in().templates() {
                assert!(!page(template, &texts).contains("template-"));
            }
        }
    }
}
