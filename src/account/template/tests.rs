use super::*;
use crate::account::HostPort;

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

fn catalogue(text: &str) -> Catalogue {
    Catalogue::parse(text).unwrap_or_else(|error| panic!("{error:?}: {text}"))
}

fn ids(found: &[&Template]) -> Vec<String> {
    found.iter().map(|template| template.id.clone()).collect()
}

mod built_in {
    use super::*;

    fn asset() -> Catalogue {
        catalogue(include_str!("../../../assets/templates.toml"))
    }

    #[test]
    fn the_catalogue_that_comes_along_can_be_read() {
        let templates = Catalogue::built_in().templates();
        assert_eq!(templates.len(), asset().templates().len());
        assert!(templates.len() >= 40, "{}", templates.len());
        let russian = templates.iter().filter(|t| t.group == Group::Ru).count();
        assert!(russian >= 15, "{russian}");
        assert!(templates.iter().all(|template| !template.own));
    }

    #[test]
    fn every_entry_names_its_page_and_the_day_it_was_read() {
        let day = regex::Regex::new(r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$").unwrap();
        for template in asset().templates() {
            let id = &template.id;
            let page = template.source.strip_prefix("https://");
            let page = page.or_else(|| template.source.strip_prefix("http://"));
            let host = page.and_then(|page| page.split('/').next());
            assert!(host.unwrap().parse::<HostPort>().is_ok(), "{id}");
            assert!(day.is_match(&template.checked), "{id}");
        }
    }

    #[test]
    fn every_value_fits_an_account() {
        for template in asset().templates() {
            let filled = Account::new("a".into()).with(&template.values());
            assert!(filled.is_ok(), "{}: {filled:?}", template.id);
            if let Some(domain) = template.domain() {
                assert!(domain.parse::<HostPort>().is_ok(), "{domain}");
            }
        }
    }

    #[test]
    fn the_texts_are_in_both_languages() {
        for template in asset().templates() {
            let texts = [&template.login, &template.note].into_iter().flatten();
            for text in texts.chain([&template.name]) {
                let (ru, en) = (&text.ru, &text.en);
                let cyrillic = |c: char| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё');
                assert!(!en.is_empty() && !en.contains(cyrillic), "{en}");
                assert!(ru.contains(cyrillic) || ru == en, "{ru}");
            }
            if let Some(note) = &template.note {
                assert_ne!(note.ru, note.en);
                assert!(note.ru.ends_with('.') && note.en.ends_with('.'));
            }
        }
    }

    #[test]
    fn a_russian_person_finds_russian_providers_in_russian() {
        let catalogue = Catalogue::built_in();
        let table = [
            ("задарма", "zadarma"),
            ("Манго", "mango"),
            ("мегафон вирт", "megapbx"),
            ("beeline", "beeline-cloud"),
            ("билайн", "beeline-cloud"),
            ("РОСТЕЛЕКОМ", "rostelecom"),
            ("sipnet", "sipnet"),
            ("астериск", "asterisk"),
        ];
        for (query, id) in table {
            let found = ids(&catalogue.search(query, "ru"));
            assert_eq!(found.first().map(String::as_str), Some(id), "{query}");
        }
    }
}

#[test]
fn a_template_fills_what_it_knows_and_names_what_is_missing() {
    let text = "[[templates]]\nid = 'a'\nname = 'A'\ndomain = 'sip.example.com:5070'
transport = 'tls'\ncodecs = ['g729', 'alaw', 'mulaw']\ndtmf = ['smoke']\nptime = 20";
    let catalogue = catalogue(text);
    let template = &catalogue.templates()[0];
    let filled = template.values();
    assert_eq!(filled.get("domain").unwrap(), "sip.example.com:5070");
    assert_eq!(filled.get("codecs").unwrap(), "alaw,mulaw");
    assert_eq!(filled.get("dtmf"), None);
    assert_eq!(filled.get("registrar").unwrap(), "");
    assert_eq!(template.missing(), [SettingId::Login, SettingId::Password]);
}

#[test]
fn a_pbx_asks_for_its_domain_and_leaves_the_proxy_alone() {
    let catalogue = catalogue("[[templates]]\nid = 'a'\nname = 'A'\nregister = false");
    let template = &catalogue.templates()[0];
    assert_eq!(template.values(), values(&[("register", "off")]));
    assert_eq!(template.missing(), [SettingId::Login, SettingId::Domain]);
}

#[test]
fn an_account_becomes_a_template_without_anything_personal() {
    let mut account = Account::new("a".into());
    let personal = [
        ("name", "Мой номер"),
        ("login", "101"),
        ("auth_login", "u101"),
        ("display_name", "Иван"),
        ("certificate", "/home/ivan/ca.pem"),
    ];
    account = account.with(&values(&personal)).unwrap();
    let shared = [("domain", "pbx.example.com"), ("transport", "tcp")];
    account = account.with(&values(&shared)).unwrap();
    let mut all = account.values();
    all.insert("password".into(), "secret".into());
    all.insert("user".into(), "@ivan".into());

    let template = Template::from_values("Офис", &all);
    let text = template.to_toml();
    for word in ["101", "Иван", "ivan", "secret", "Мой"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let again = catalogue(&text);
    assert_eq!(again.templates(), [template]);
    let filled = Account::new("b".into()).with(&again.templates()[0].values());
    let expected = Account::new("b".into()).with(&values(&shared));
    assert_eq!(filled, expected);
}

#[test]
fn dial_rules_of_any_length_survive_the_file() {
    let lines = "`^8=7`\n".repeat(60);
    let rules = ["^8=7"; 60].join(" ");
    let head = "[[templates]]\nid = 'a'\nname = 'A'";
    let first = catalogue(&format!("{head}\nrules = '''{lines}'''"));
    assert_eq!(first.templates()[0].values()["rules"], rules);
    assert_eq!(catalogue(&first.to_toml()), first);
    let template = Template::from_values("B", &values(&[("rules", &rules)]));
    assert_eq!(catalogue(&template.to_toml()).templates(), [template]);
}

#[test]
fn a_name_has_one_identifier_and_another_name_another() {
    let id = |name: &str| Template::from_values(name, &BTreeMap::new()).id;
    assert_eq!(id("My Office 2"), "my-office-2");
    assert_eq!(id("Офис 2"), id(" офис 2"));
    assert_ne!(id("Офис 2"), id("Дом 2"));
    for name in ["", "Офис", "***", "é", &"x".repeat(300)] {
        assert!(is_id(&id(name)), "{name}: {}", id(name));
    }
}

#[test]
fn whatever_a_template_holds_survives_the_file() {
    let text = r#"
[[templates]]
id = "office-1"
name = { en = "Office", ru = "Офис \"на углу\" \\ 1" }
group = "world"
domain = "[2001:db8::1]:5070"
registrar = "proxy.example.com"
transport = "tls"
register = false
auth_login = "all"
codecs = ["alaw", "g729"]
dtmf = ["info"]
rules = '^8=7 [^\d]='
login = { en = "extension", ru = "внутренний номер" }
note = "Спросите администратора."
keywords = ["угол", "corner"]
source = "https://example.com/sip"
checked = "2026-11-22"
"#;
    let first = catalogue(text);
    assert_eq!(catalogue(&first.to_toml()), first);
    let template = first.get("office-1").unwrap();
    assert!(template.own);
    let note = template.note.as_ref().unwrap();
    assert_eq!(note.get("en"), note.get("ru"));
    assert_eq!(
        template.login.as_ref().unwrap().get("ru"),
        "внутренний номер"
    );
}

#[test]
fn a_mistake_is_told_with_its_line() {
    let head = "[[templates]]\nid = 'a'\nname = 'A'\n";
    let table = [
        ("[[templates]]\nname = 'A'", 1, "reason-template-id"),
        (
            "\n[[templates]]\nid = 'Кот'\nname = 'A'",
            3,
            "reason-template-id",
        ),
        ("[[templates]]\nid = 'a'", 1, "reason-template-name"),
        ("version = 1", 1, "reason-template-key"),
        ("templates = 1", 1, "reason-template-key"),
        ("templates = [1]", 1, "reason-template-key"),
        (&format!("{head}domian = 'x'"), 4, "reason-template-key"),
        (&format!("{head}password = 'x'"), 4, "reason-template-key"),
        (
            &format!("{head}certificate = 'x'"),
            4,
            "reason-template-key",
        ),
        (&format!("{head}group = 'mars'"), 4, "reason-template-group"),
        (&format!("{head}domain = 'a b'"), 4, "reason-host-space"),
        (
            &format!("{head}domain = 'https://a'"),
            4,
            "reason-host-extra",
        ),
        (&format!("{head}transport = 'smoke'"), 4, "reason-transport"),
        (&format!("{head}register = 'maybe'"), 4, "reason-switch"),
        (
            &format!("{head}rules = {{ a = 1 }}"),
            4,
            "reason-template-text",
        ),
        (
            &format!("{head}rules = '^8=7 (8=7'"),
            4,
            "reason-rule-unclosed-group",
        ),
        (
            &format!("{head}login = {{ en = 'x' }}"),
            4,
            "reason-template-languages",
        ),
        (&format!("{head}keywords = 'x'"), 4, "reason-template-list"),
        (
            &format!("{head}keywords = [\n'x',\n1]"),
            6,
            "reason-template-text",
        ),
        (&format!("{head}note = \"a\\u0007b\""), 4, "reason-control"),
        (&format!("{head}{head}"), 4, "reason-template-twice"),
    ];
    for (text, line, reason) in table {
        let error = Catalogue::parse(text).unwrap_err();
        assert_eq!(
            (error.line, error.reason.as_str()),
            (Some(line), reason),
            "{text}"
        );
    }
    let error = Catalogue::parse("[[templates]]\nid = 'a\n").unwrap_err();
    assert_eq!(error.line, Some(2));
    assert!(!error.reason.starts_with("reason-"));
}

#[test]
fn too_much_is_refused() {
    let large = format!("# {}", "x".repeat(1 << 20));
    let error = Catalogue::parse(&large).unwrap_err();
    assert_eq!(error.reason, "reason-file-too-large");
    let many: String = (0..2001)
        .map(|n| format!("[[templates]]\nid = 'a{n}'\nname = 'A'\n"))
        .collect();
    let error = Catalogue::parse(&many).unwrap_err();
    assert_eq!(error.reason, "reason-template-many");
    let long = format!("[[templates]]\nid = 'a'\nname = '{}'", "x".repeat(251));
    let error = Catalogue::parse(&long).unwrap_err();
    assert_eq!(
        (error.line, error.reason.as_str()),
        (Some(3), "reason-too-long")
    );
}

#[test]
fn ones_own_come_first_and_stand_in_for_built_in_ones() {
    let own = catalogue(
        "[[templates]]\nid = 'zadarma'\nname = 'Zadarma at work'\ndomain = 'sip.example.com'
[[templates]]\nid = 'office'\nname = 'Zoo'",
    );
    let all = Catalogue::with_own(&own);
    assert_eq!(
        all.templates().len(),
        Catalogue::built_in().templates().len() + 1
    );
    assert_eq!(
        all.get("zadarma").unwrap().domain(),
        Some("sip.example.com")
    );
    assert_eq!(ids(&all.search("", "ru"))[..2], ["zadarma", "office"]);

    let mut own = own;
    assert!(own.remove("office").is_some());
    assert!(own.remove("office").is_none());
    own.add(Template::from_values("Zadarma", &BTreeMap::new()));
    assert_eq!(own.templates().len(), 1);
}

#[test]
fn names_come_first_then_beginnings_of_words_then_the_rest() {
    let all = catalogue(
        "[[templates]]\nid = 'p'\nname = 'Alpha PBX'\ngroup = 'pbx'
[[templates]]\nid = 'w'\nname = 'Alpha'\ngroup = 'world'
[[templates]]\nid = 'r'\nname = { en = 'Elk', ru = 'Альфа' }\ngroup = 'ru'\nkeywords = ['alpha', 'Ёлка']
[[templates]]\nid = 'x'\nname = 'Betalpha'\ngroup = 'ru'\ndomain = 'sip.example.com'
note = { en = 'For foxes.', ru = 'Для лис.' }",
    );
    let found = |query: &str| ids(&all.search(query, "ru"));
    assert_eq!(found("ALPHA"), ["w", "p", "r", "x"]);
    assert_eq!(found(" alpha  pbx "), ["p"]);
    assert_eq!(found("pbx alpha"), ["p"]);
    assert_eq!(found("елка"), ["r"]);
    assert_eq!(found("elk"), ["r"]);
    assert_eq!(found("example.com"), ["x"]);
    assert_eq!(found("лис"), ["x"]);
    assert_eq!(found("foxes"), [""; 0]);
    assert_eq!(found("alpha omega"), [""; 0]);
    assert_eq!(found(""), ["r", "x", "w", "p"]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}|[\\[\\]a-z=\"'\n ]{0,80}") {
        if let Ok(catalogue) = Catalogue::parse(&text) {
            proptest::prop_assert_eq!(Catalogue::parse(&catalogue.to_toml()), Ok(catalogue));
        }
    }

    #[test]
    fn any_query_can_be_asked(query in "\\PC{0,30}") {
        let found = Catalogue::built_in().search(&query, "en");
        proptest::prop_assert!(found.len() <= Catalogue::built_in().templates().len());
    }

    #[test]
    fn any_name_makes_an_identifier(name in "\\PC{0,80}") {
        proptest::prop_assert!(is_id(&Template::from_values(&name, &BTreeMap::new()).id));
    }
}
