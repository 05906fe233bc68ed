use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement,
};

use super::*;
use crate::account::{Section, settings};
use crate::call::Problem;

/// Every key of a language with the variables that its text uses.
fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for source in language.sources() {
        let resource = fluent_syntax::parser::parse(source)
            .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.code()));
        for entry in resource.body {
            let Entry::Message(message) = entry else {
                continue;
            };
            let name = message.id.name.to_string();
            let attributes = message.attributes.iter().map(|a| (a.id.name, &a.value));
            for (attribute, pattern) in attributes {
                assert_new(&mut keys, format!("{name}.{attribute}"), pattern, language);
            }
            if let Some(pattern) = &message.value {
                assert_new(&mut keys, name, pattern, language);
            }
        }
    }
    keys
}

fn assert_new(
    keys: &mut BTreeMap<String, BTreeSet<String>>,
    key: String,
    pattern: &Pattern<&str>,
    language: Language,
) {
    let mut variables = BTreeSet::new();
    in_pattern(pattern, &mut variables);
    let twice = keys.insert(key.clone(), variables).is_some();
    assert!(!twice, "{key} is twice in {}", language.code());
}

fn in_pattern(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, variables);
        }
    }
}

fn in_expression(expression: &Expression<&str>, variables: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, variables),
        Expression::Select { selector, variants } => {
            in_inline(selector, variables);
            variants
                .iter()
                .for_each(|variant| in_pattern(&variant.value, variables));
        }
    }
}

fn in_inline(inline: &InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    let mut in_call = |arguments: &CallArguments<&str>| {
        arguments
            .positional
            .iter()
            .for_each(|argument| in_inline(argument, variables));
    };
    match inline {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_string());
        }
        InlineExpression::FunctionReference { arguments, .. } => in_call(arguments),
        InlineExpression::TermReference {
            arguments: Some(arguments),
            ..
        } => in_call(arguments),
        InlineExpression::Placeable { expression } => in_expression(expression, variables),
        _ => {}
    }
}

/// One problem of every kind. The match makes sure that a new kind is added here, too.
fn problems() -> Vec<Problem> {
    use Problem::*;
    let text = || "текст".to_string();
    let all = vec![
        WrongPassword,
        WrongParameters {
            fields: vec!["login".into(), "domain".into()],
        },
        UnknownHost { host: text() },
        ServerDown { host: text() },
        NoAnswerFromServer { host: text() },
        CertificateNotTrusted {
            host: text(),
            fingerprint: text(),
            reason: text(),
        },
        CertificateWrongName {
            host: text(),
            fingerprint: text(),
        },
        NoCommonCodec,
        NotEncrypted,
        EncryptionNotAllowed,
        NoKeys {
            reason: "reason-keys-timeout".into(),
        },
        Busy,
        Redirected {
            contacts: vec![text()],
        },
        Declined,
        NotFound,
        Unavailable,
        Forbidden { reason: text() },
        Refused {
            status: 503,
            reason: text(),
        },
        NoNetwork,
        MediaTimeout,
        NoMicrophone,
        NoSpeaker,
        Device {
            device: text(),
            reason: text(),
        },
        DeviceLost {
            device: text(),
            instead: Some(text()),
        },
        InvalidNumber { input: text() },
        NoLine {
            reasons: vec![(text(), LineOff)],
        },
        SeveralLines {
            lines: vec![text(), text()],
        },
        LineOff,
        LineNotReady,
        FilteredByRule { rule: text() },
        EmptiedByRules,
        RuleTooCostly { rule: text() },
        NotOwner { owner: text() },
        Unknown {
            what: "account".into(),
        },
        Problem::bad_value("domain", "reason-host-name"),
        WrongState,
        TelegramNeedsApi,
        TelegramApi,
        TelegramPhone,
        TelegramNoAccount,
        TelegramBanned,
        TelegramCode,
        TelegramCodeExpired,
        TelegramPassword { hint: text() },
        TelegramFlood { seconds: 42 },
        TelegramUnreachable,
        TelegramSignedOut,
        TelegramNotNow,
        TelegramUnsupported,
        TelegramChatGone { chat: text() },
        TelegramMayNotPost { chat: text() },
        TelegramOtherAccount,
        TelegramRefused {
            code: 400,
            reason: text(),
        },
        KeyStore { reason: text() },
        Recording {
            path: text(),
            reason: "reason-disk-full".into(),
        },
        RecordingLocked,
        TransferRefused,
        NothingDialled,
        ConferenceFull { most: 8 },
        File {
            path: text(),
            reason: text(),
        },
    ];
    for problem in &all {
        match problem {
            WrongPassword | WrongParameters { .. } | UnknownHost { .. } | ServerDown { .. } => {}
            NoAnswerFromServer { .. } | CertificateNotTrusted { .. } => {}
            CertificateWrongName { .. } | NoCommonCodec | Busy | Declined | NotFound => {}
            Redirected { .. } | NotEncrypted | EncryptionNotAllowed | NoKeys { .. } => {}
            TransferRefused | NothingDialled => {}
            Unavailable | Forbidden { .. } | Refused { .. } | NoNetwork | MediaTimeout => {}
            NoMicrophone | NoSpeaker | Device { .. } | InvalidNumber { .. } | NoLine { .. } => {}
            SeveralLines { .. } | LineOff | LineNotReady | FilteredByRule { .. } => {}
            EmptiedByRules | RuleTooCostly { .. } | NotOwner { .. } => {}
            TelegramNeedsApi | TelegramApi | TelegramPhone | TelegramNoAccount => {}
            TelegramBanned | TelegramCode | TelegramCodeExpired | TelegramPassword { .. } => {}
            TelegramFlood { .. } | TelegramUnreachable | TelegramSignedOut => {}
            TelegramNotNow | TelegramUnsupported | TelegramRefused { .. } => {}
            TelegramChatGone { .. } | TelegramMayNotPost { .. } | TelegramOtherAccount => {}
            Recording { .. } | RecordingLocked | ConferenceFull { .. } | DeviceLost { .. } => {}
            Unknown { .. } | BadValue { .. } | WrongState | KeyStore { .. } | File { .. } => {}
        }
    }
    all
}

fn key_of(problem: &Problem) -> String {
    let kind = serde_json::to_value(problem).unwrap()["kind"]
        .as_str()
        .unwrap()
        .to_string();
    format!("problem-{kind}")
}

#[test]
fn both_languages_say_the_same_things_about_the_same_values() {
    let (russian, english) = (keys(Language::Ru), keys(Language::En));
    for (key, variables) in &russian {
        assert_eq!(Some(variables), english.get(key), "{key}");
    }
    let only_english: Vec<_> = english
        .keys()
        .filter(|key| !russian.contains_key(*key))
        .collect();
    assert_eq!(only_english, Vec::<&String>::new());
}

#[test]
fn every_problem_says_what_happened_and_what_to_do() {
    let problems = problems();
    let mut texts_seen = BTreeSet::new();
    for language in Language::ALL {
        let texts = Texts::new(language);
        for problem in &problems {
            let ProblemText { what, next } = texts.problem(problem);
            for text in [&what, &next] {
                assert!(!text.starts_with("problem-"), "{problem:?}: {text}");
                assert!(
                    !text.contains(['{', '}', '\u{2068}']),
                    "{problem:?}: {text}"
                );
                assert!(text.ends_with(['.', '?', '!']), "{problem:?}: {text}");
            }
            let short = texts.get(&format!("{}.short", key_of(problem)));
            assert!(!short.contains(['.', '{']), "{problem:?}: {short}");
            assert!(
                texts_seen.insert(what),
                "{problem:?} reads like another problem"
            );
        }
    }
}

#[test]
fn what_is_not_known_is_left_out_of_the_words() {
    let texts = Texts::new(Language::En);
    let what = |problem| texts.problem(&problem).what;
    let next = |problem| texts.problem(&problem).next;
    let refused = |reason: &str| Problem::Refused {
        status: 500,
        reason: reason.into(),
    };
    assert_eq!(what(refused("")), "The server refused: 500.");
    assert_eq!(what(refused("Oops")), "The server refused: 500 Oops.");
    let forbidden = Problem::Forbidden {
        reason: String::new(),
    };
    assert_eq!(what(forbidden), "The server forbids this call.");
    let no_line = Problem::NoLine { reasons: vec![] };
    assert_eq!(next(no_line), "Add an account or call the test line.");
    let down = Problem::ServerDown { host: "pbx".into() };
    let reasons = vec![("Work".into(), Problem::LineOff), ("Home".into(), down)];
    let no_line = Problem::NoLine { reasons };
    let expected = "Check the accounts: Work: off; Home: the server takes no connections.";
    assert_eq!(next(no_line), expected);
    let unknown = |what: &str| Problem::Unknown { what: what.into() };
    assert_eq!(what(unknown("account 1f00")), what(unknown("account")));
    assert_eq!(what(unknown("moon 1")), "Not found: moon 1.");
}

#[test]
fn settings_and_sections_have_texts_in_both_languages() {
    for language in Language::ALL {
        let texts = Texts::new(language);
        for spec in settings() {
            for key in [spec.title_key, spec.help_key, spec.keywords_key] {
                assert!(texts.has(key), "{key}");
            }
        }
        for section in Section::ALL {
            assert!(texts.has(section.title_key()), "{section:?}");
        }
    }
}

#[test]
fn every_reason_that_the_program_can_give_has_a_text() {
    let reason = regex::Regex::new(r#""(reason-[a-z0-9-]*[a-z0-9])""#).unwrap();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut reasons = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(path).unwrap();
                reasons.extend(
                    reason
                        .captures_iter(&text)
                        .map(|found| found[1].to_string()),
                );
            }
        }
    }
    assert!(reasons.contains("reason-host-port"));
    for language in Language::ALL {
        let texts = Texts::new(language);
        let missing: Vec<_> = reasons.iter().filter(|key| !texts.has(key)).collect();
        assert_eq!(missing, Vec::<&String>::new(), "{}", language.code());
    }
}

#[test]
fn missing_settings_are_named_as_the_person_knows_them() {
    let problem = Problem::WrongParameters {
        fields: vec!["login".into(), "domain".into()],
    };
    assert!(
        Texts::new(Language::Ru)
            .problem(&problem)
            .what
            .contains("Логин, Домен")
    );
    assert!(
        Texts::new(Language::En)
            .problem(&problem)
            .what
            .contains("Login, Domain")
    );
}

#[test]
fn a_refused_value_is_explained_with_the_title_and_the_reason() {
    let problem = Problem::bad_value("registrar", "reason-host-port");
    let texts = Texts::new(Language::En);
    let what = texts.problem(&problem).what;
    assert!(what.contains(&texts.get("setting-registrar")), "{what}");
    assert!(what.contains(&texts.get("reason-host-port")), "{what}");
}

#[test]
fn seconds_take_the_plural_of_the_language() {
    let table = [
        (1, "1 секунду"),
        (2, "2 секунды"),
        (5, "5 секунд"),
        (21, "21 секунду"),
    ];
    for (seconds, text) in table {
        let texts = Texts::new(Language::Ru);
        assert!(
            texts
                .with("retry-in", &[("seconds", seconds.into())])
                .contains(text)
        );
    }
    let texts = Texts::new(Language::En);
    assert!(
        texts
            .with("retry-in", &[("seconds", 1.into())])
            .contains("1 second")
    );
    assert!(
        texts
            .with("retry-in", &[("seconds", 2.into())])
            .contains("2 seconds")
    );
}

#[test]
fn a_missing_text_shows_its_key() {
    let texts = Texts::new(Language::Ru);
    assert_eq!(texts.get("no-such-text"), "no-such-text");
    assert_eq!(texts.get("no-such-text.help"), "no-such-text.help");
    assert!(!texts.has("setting-name.no-such-attribute"));
}

#[test]
fn the_language_is_the_one_asked_for_or_the_first_the_system_likes() {
    let of = |locales: &[&str]| Language::of_locales(locales.iter().map(|l| l.to_string()));
    assert_eq!(Language::from_preference("ru"), Language::Ru);
    assert_eq!(Language::from_preference("en"), Language::En);
    assert_eq!(of(&["ru-RU", "en-US"]), Language::Ru);
    assert_eq!(of(&["uk_UA.UTF-8", "ru"]), Language::Ru);
    assert_eq!(of(&["de-DE"]), Language::En);
    assert_eq!(of(&[]), Language::En);
}

#[test]
fn texts_are_shared_between_threads() {
    fn goes_anywhere<T: Send + Sync + Clone + 'static>(_: &T) {}
    goes_anywhere(&Texts::new(Language::Ru));
}
