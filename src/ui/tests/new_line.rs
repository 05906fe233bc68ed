//! Making a line.

use egui::{Key, Theme, vec2};
use egui_kittest::kittest::Queryable;
use secrecy::ExposeSecret;

use super::hands::{only, texts};
use super::scenes::*;
use crate::engine::{CallState, Command, Problem};
use crate::ui::view::Place;

fn new_line() -> Scene {
    let (size, place) = (vec2(920.0, 640.0), Some(Place::NewLine));
    let mut scene = Scene::with(no_lines("en"), size, 1.0, Theme::Light, false, place);
    scene.commands();
    scene
}

impl Scene {
    fn fill(&mut self, key: &str, value: &str) {
        self.window.get_by_label(&texts(key)).focus();
        self.window.run_steps(2);
        self.type_keys(value);
    }

    fn choose_template(&mut self, search: &str) {
        self.press_row(&texts("template-title"));
        self.type_keys(search);
        self.key(Key::Enter);
    }
}

#[test]
fn with_a_template_login_and_password_are_all_that_is_typed() {
    let mut scene = new_line();
    scene.choose_template("zadarma");
    assert_eq!(scene.focused(), Some(texts("setting-login")));
    assert!(scene.says("login, password"));
    assert!(!scene.shows(&texts("setting-domain")));
    scene.type_keys("123456");
    scene.fill("setting-password", "secret");
    scene.key(Key::Enter);
    match only(scene.commands()) {
        Command::AddAccount { values, password } => {
            let value = |name: &str| values.get(name).map(String::as_str);
            assert_eq!(value("template"), Some("zadarma"));
            assert_eq!(value("domain"), Some("sip.zadarma.com"));
            assert_eq!(value("login"), Some("123456"));
            assert_eq!(value("name"), Some("Zadarma"));
            assert_eq!(password.unwrap().expose_secret(), "secret");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn another_template_takes_the_place_of_the_first() {
    let mut scene = new_line();
    scene.choose_template("zadarma");
    scene.choose_template("fusionpbx");
    assert_ne!(scene.value(&texts("setting-name")), "Zadarma");
    assert!(scene.shows(&texts("setting-domain")));
    assert_eq!(scene.value(&texts("setting-domain")), "");
}

#[test]
fn a_line_is_added_from_what_was_typed() {
    let mut scene = Scene::new(no_lines("en"));
    scene.press(&texts("first-add-line"));
    scene.type_keys("101");
    for (field, value) in [
        ("setting-password", "secret"),
        ("setting-domain", "pbx.example.ru"),
        ("setting-name", "Office"),
    ] {
        scene.fill(field, value);
    }
    scene.commands();
    scene.press(&texts("lines-add-this"));
    match only(scene.commands()) {
        Command::AddAccount { values, password } => {
            let values: Vec<(&str, &str)> = values
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let expected = [
                ("domain", "pbx.example.ru"),
                ("login", "101"),
                ("name", "Office"),
            ];
            assert_eq!(values, expected);
            assert_eq!(password.unwrap().expose_secret(), "secret");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_that_was_made_shows_its_page_with_its_state() {
    let mut scene = new_line();
    for (field, value) in [
        ("setting-login", "101"),
        ("setting-password", "secret"),
        ("setting-domain", "pbx.example.ru"),
    ] {
        scene.fill(field, value);
    }
    scene.key(Key::Enter);
    scene.answer(Ok(serde_json::json!({ "account": "office" })));
    scene.show(idle("en"));
    scene.window.get_by_label(&texts("line-ready"));
    scene.window.get_by_label(&texts("lines-delete"));
}

#[test]
fn a_form_says_at_the_field_what_is_missing_or_wrong() {
    let mut scene = new_line();
    scene.fill("setting-login", "me@example.com");
    scene.press(&texts("lines-add-this"));
    assert!(scene.commands().is_empty());
    scene.window.get_by_label(&texts("reason-login-domain"));
    let missing = texts("form-missing");
    assert_eq!(scene.window.query_all_by_label(&missing).count(), 2);
}

#[test]
fn what_the_engine_refuses_is_said_at_its_row_and_nothing_typed_is_lost() {
    let mut scene = new_line();
    for (field, value) in [
        ("setting-login", "101"),
        ("setting-password", "secret"),
        ("setting-domain", "pbx.example.ru"),
    ] {
        scene.fill(field, value);
    }
    scene.key(Key::Enter);
    scene.answer(Err(Problem::bad_value("domain", "reason-host-name")));
    scene.window.get_by_label(&texts("reason-host-name"));
    assert_eq!(scene.value(&texts("setting-login")), "101");
    assert_eq!(scene.value(&texts("setting-domain")), "pbx.example.ru");
}

#[test]
fn an_incoming_call_leaves_a_form_its_field() {
    let mut scene = Scene::with(
        idle("en"),
        vec2(360.0, 560.0),
        1.0,
        Theme::Dark,
        false,
        Some(Place::NewLine),
    );
    scene.type_keys("10");
    scene.show(with_calls(
        "en",
        vec![call(2, Some("Ann"), CallState::Incoming)],
    ));
    scene.type_keys("15");
    assert_eq!(scene.value(&texts("setting-login")), "1015");
}
