//! The page of a line, walked through by its accessible names.

use std::time::Duration;

use egui::{Key, Theme, vec2};
use egui_kittest::kittest::Queryable;
use secrecy::ExposeSecret;

use super::hands::{only, texts};
use super::scenes::*;
use crate::account::{AccountId, SettingId, SettingKind, settings};
use crate::engine::{Command, Problem, Snapshot};
use crate::locale::{Language, Texts};
use crate::ui::view::Place;

fn page(snapshot: Snapshot, line: &str) -> Scene {
    let (size, place) = (
        vec2(920.0, 1400.0),
        Some(Place::Line(AccountId::from(line))),
    );
    let mut scene = Scene::with(snapshot, size, 1.0, Theme::Light, false, place);
    scene.commands();
    scene
}

fn office() -> Scene {
    page(idle("en"), "office")
}

/// The one setting that a command changes, and what to.
fn changed(command: Command) -> (String, String) {
    match command {
        Command::SetAccount {
            account,
            values,
            password: None,
            apply: false,
        } => {
            assert_eq!(account, AccountId::from("office"));
            let [value] = <[_; 1]>::try_from(values.into_iter().collect::<Vec<_>>()).unwrap();
            value
        }
        other => panic!("{other:?}"),
    }
}

fn of(setting: &str, value: &str) -> (String, String) {
    (setting.into(), value.into())
}

#[test]
fn every_row_does_what_its_kind_says_in_both_languages() {
    for language in [Language::Ru, Language::En] {
        let say = |key: &str| Texts::new(language).get(key);
        let mut scene = page(idle(language.code()), "office");
        scene.press(&say("lines-more"));
        for spec in settings().iter().filter(|spec| spec.within.is_none()) {
            let name = say(spec.title_key);
            scene.press_row(&name);
            match spec.kind {
                SettingKind::Text | SettingKind::File | SettingKind::Secret => {
                    assert_eq!(scene.focused().as_ref(), Some(&name));
                    scene.key(Key::Escape);
                    assert!(scene.commands().is_empty(), "{name}");
                }
                SettingKind::Choice(choices) => {
                    let (setting, value) = changed(scene.answer(Ok(().into())));
                    assert_eq!(setting, spec.name);
                    assert!(choices.contains(&value.as_str()));
                }
                SettingKind::Switch => {
                    let (setting, value) = changed(scene.answer(Ok(().into())));
                    assert_eq!(setting, spec.name);
                    let on = ["enabled", "register", "call_waiting"].contains(&spec.name);
                    assert_eq!(value, if on { "off" } else { "on" });
                }
                SettingKind::Ordered(choices) => {
                    assert!(scene.says(&say(spec.help_key)), "{name}");
                    let switches = scene.window.query_all_by_role(egui::Role::Switch).count();
                    assert!(switches >= choices.len());
                    scene.press_row(&name);
                }
                SettingKind::Rules => {
                    assert_eq!(scene.focused().as_ref(), Some(&name));
                    scene.key(Key::Escape);
                }
                SettingKind::Chat | SettingKind::Person => {
                    assert!(scene.shows(&say("party-sign-in")));
                    scene.press_row(&name);
                }
                SettingKind::Worker => {
                    assert!(scene.shows(&say("value-this-computer")));
                    scene.key(Key::Escape);
                }
                SettingKind::Template => {
                    assert_eq!(scene.focused(), Some(say("template-search")));
                    scene.key(Key::Escape);
                    assert!(!scene.shows(&say("template-search")));
                }
            }
        }
    }
}

#[test]
fn a_prompt_is_opened_filled_and_kept_with_the_keyboard_alone() {
    let mut scene = office();
    let row = format!("{}: pbx.example.ru", texts("setting-domain"));
    scene.window.get_by_label(&row).focus();
    scene.window.run_steps(2);
    scene.key(Key::Enter);
    assert_eq!(scene.value(&texts("setting-domain")), "pbx.example.ru");
    scene.type_keys(":5070");
    scene.key(Key::Enter);
    let command = scene.answer(Ok(().into()));
    assert_eq!(changed(command), of("domain", "pbx.example.ru:5070"));
    assert_eq!(scene.focused(), Some(row));
}

#[test]
fn what_is_on_its_way_is_shown_already() {
    let mut scene = office();
    let transport = texts("setting-transport");
    scene.press(&format!("{transport}: TLS"));
    scene.press(&format!("{transport}: UDP"));
    scene.press(&format!("{transport}: TCP"));
    let values: Vec<_> = scene.commands().into_iter().map(changed).collect();
    let expected = ["udp", "tcp", "tls"].map(|value| of("transport", value));
    assert_eq!(values, expected);
}

#[test]
fn a_value_is_checked_while_it_is_typed_and_a_wrong_one_is_not_kept() {
    let mut scene = office();
    scene.press_row(&texts("setting-domain"));
    scene.type_keys(" x");
    assert!(scene.shows(&texts("reason-host-space")));
    scene.key(Key::Enter);
    assert!(scene.commands().is_empty());
    assert_eq!(scene.focused(), Some(texts("setting-domain")));
    scene.key(Key::Escape);
    assert!(scene.commands().is_empty());
    assert!(!scene.shows(&texts("reason-host-space")));
    scene.window.get_by_label("Domain: pbx.example.ru");
}

#[test]
fn a_press_elsewhere_keeps_what_can_be_kept() {
    let mut scene = office();
    scene.press_row(&texts("setting-login"));
    scene.type_keys("5");
    scene.press_row(&texts("setting-domain"));
    assert_eq!(changed(only(scene.commands())), of("login", "1015"));
    scene.type_keys(" x");
    scene.press_row(&texts("setting-display-name"));
    assert!(scene.commands().is_empty());
    assert_eq!(scene.value(&texts("setting-domain")), "pbx.example.ru x");
}

#[test]
fn leaving_the_page_keeps_what_is_typed() {
    let mut scene = office();
    scene.press_row(&texts("setting-login"));
    scene.type_keys("7");
    let phone = texts("nav-phone");
    scene.window.get_by_label(&phone).click_accesskit();
    scene.window.run_steps(3);
    assert_eq!(changed(only(scene.commands())), of("login", "1017"));
}

#[test]
fn a_value_left_as_it_was_is_not_sent() {
    let mut scene = office();
    scene.press_row(&texts("setting-login"));
    scene.key(Key::Enter);
    assert!(scene.commands().is_empty());
}

#[test]
fn a_refused_value_is_said_at_its_row_and_is_there_again() {
    let mut scene = office();
    scene.press_row(&texts("setting-registrar"));
    scene.type_keys("proxy.example.ru");
    scene.key(Key::Enter);
    let refused = Problem::bad_value("registrar", "reason-host-name");
    scene.answer(Err(refused));
    assert!(scene.shows(&texts("reason-host-name")));
    scene.press_row(&texts("setting-registrar"));
    let typed = scene.value(&texts("setting-registrar"));
    assert_eq!(typed, "proxy.example.ru");
}

#[test]
fn a_password_starts_empty_and_can_be_looked_at() {
    let mut scene = office();
    let name = texts("setting-password");
    scene.press(&format!("{name}: {}", texts("value-set")));
    assert_eq!(scene.value(&name), "");
    scene.type_keys("secret");
    scene.press(&texts("password-show"));
    assert!(scene.commands().is_empty(), "looking is not leaving");
    assert_eq!(scene.value(&name), "secret");
    scene.press(&texts("password-hide"));
    scene.key(Key::Enter);
    match only(scene.commands()) {
        Command::SetAccount {
            values,
            password: Some(password),
            ..
        } => {
            assert!(values.is_empty());
            assert_eq!(password.expose_secret(), "secret");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_key_store_the_password_goes_to_a_file_and_is_sent_again() {
    let mut scene = office();
    scene.press_row(&texts("setting-password"));
    scene.type_keys("secret");
    scene.key(Key::Enter);
    let reason = "reason-secrets-none".into();
    scene.answer(Err(Problem::KeyStore { reason }));
    scene.press(&texts("passwords-use-file"));
    match scene.commands().as_slice() {
        [
            Command::KeepPasswords { place },
            Command::SetAccount { password, .. },
        ] => {
            assert_eq!(place, "file");
            assert!(password.is_some());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_waits_is_shown_over_what_is_in_force_and_settled_in_the_bar() {
    let mut scene = page(draft("en"), "office");
    scene
        .window
        .get_by_label("Transport: TLS, not in force yet");
    assert!(scene.says("password, transport, codecs"));
    assert!(scene.says("4:1"));
    scene.press(&texts("draft-apply"));
    let failed = Problem::File {
        path: "settings.toml".into(),
        reason: "full".into(),
    };
    assert!(matches!(
        scene.answer(Err(failed)),
        Command::ApplyAccount { .. }
    ));
    assert!(scene.says("full"));
    scene.press(&texts("draft-revert"));
    assert!(matches!(
        only(scene.commands()),
        Command::RevertAccount { .. }
    ));
    scene.show(idle("en"));
    assert!(!scene.shows(&texts("draft-apply")));
}

#[test]
fn the_countdown_draws_once_a_second_and_only_while_something_waits() {
    let delay = |scene: &Scene| {
        scene.window.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay
    };
    let mut scene = page(draft("en"), "office");
    scene.window.run_steps(4);
    let second = Duration::from_secs(1);
    assert!(delay(&scene) > Duration::ZERO && delay(&scene) <= second);
    scene.show(idle("en"));
    scene.window.run_steps(4);
    assert_eq!(delay(&scene), Duration::MAX);
}

#[test]
fn codecs_are_put_in_order_with_buttons_and_switched() {
    let mut scene = office();
    scene.press_row(&texts("setting-codecs"));
    scene.press("G.722: up");
    let command = scene.answer(Ok(().into()));
    assert_eq!(changed(command).1.split(',').next(), Some("g722"));
    scene.press("Opus");
    let (_, value) = changed(scene.answer(Ok(().into())));
    assert!(!value.contains("opus"));
}

#[test]
fn codecs_are_put_in_order_by_dragging() {
    let mut scene = office();
    scene.press_row(&texts("setting-codecs"));
    let center = |scene: &Scene, name: &str| scene.window.get_by_label(name).rect().center();
    let from = center(&scene, "Opus: drag");
    let to = center(&scene, "G.711 A: drag");
    scene.window.hover_at(from);
    scene.window.drag_at(from);
    scene.window.run_steps(2);
    scene.window.hover_at((from + to.to_vec2()) / 2.0);
    scene.window.run_steps(2);
    scene.window.hover_at(to);
    scene.window.run_steps(2);
    scene.window.drop_at(to);
    scene.window.run_steps(3);
    let (setting, value) = changed(only(scene.commands()));
    let order: Vec<&str> = value.split(',').collect();
    let at = |codec: &str| order.iter().position(|other| *other == codec);
    assert_eq!(setting, "codecs");
    assert!(at("alaw") < at("opus"), "{value}");
}

#[test]
fn what_belongs_to_the_codecs_stands_inside_them() {
    let mut scene = office();
    let ptime = texts("setting-ptime");
    assert!(!scene.says(&ptime));
    scene.press_row(&texts("setting-codecs"));
    scene.press_row(&ptime);
    assert_eq!(changed(scene.answer(Ok(().into()))), of("ptime", "40"));
    scene.press_row(&texts("setting-opus-fec"));
    let command = scene.answer(Ok(().into()));
    assert_eq!(changed(command), of("opus_fec", "off"));
}

#[test]
fn rules_are_checked_while_typed_tried_on_a_number_and_kept() {
    let mut scene = office();
    scene.press_row(&texts("setting-rules"));
    scene.type_keys("^8(=7");
    assert!(scene.says(&texts("reason-rule-unclosed-group")));
    scene.key(Key::Enter);
    assert!(scene.commands().is_empty());
    for _ in 0..5 {
        scene.key(Key::Backspace);
    }
    scene.type_keys(r"^8=7 ^79\d{9}$");
    scene.window.get_by_label(&texts("rules-try")).focus();
    scene.window.run_steps(3);
    scene.type_keys("89261234567");
    assert!(scene.says("89261234567 → 79261234567"));
    assert!(scene.says("79261234567 will be dialled"));
    for _ in 0..11 {
        scene.key(Key::Backspace);
    }
    scene.type_keys("112");
    assert!(scene.says(r"the rule ^79\d{9}$ does not let it through"));
    scene.commands();
    scene.window.get_by_label(&texts("setting-rules")).focus();
    scene.window.run_steps(2);
    scene.type_keys(" ");
    scene.key(Key::Enter);
    let (setting, value) = changed(only(scene.commands()));
    assert_eq!(
        (setting.as_str(), value.trim()),
        ("rules", r"^8=7 ^79\d{9}$")
    );
}

#[test]
fn rules_go_back_to_what_they_were_with_escape() {
    let mut scene = office();
    scene.press_row(&texts("setting-rules"));
    scene.type_keys("^8=7");
    scene.key(Key::Escape);
    assert!(scene.commands().is_empty());
    assert!(!scene.shows(&texts("rules-try")));
    scene.press_row(&texts("setting-rules"));
    scene.type_keys("^8=7");
    scene.key(Key::Enter);
    assert_eq!(changed(only(scene.commands())), of("rules", "^8=7"));
}

#[test]
fn a_template_is_found_and_the_engine_fills_what_it_knows() {
    let mut scene = office();
    scene.press_row(&texts("setting-template"));
    scene.type_keys("asterisk");
    scene.key(Key::ArrowDown);
    scene.key(Key::Enter);
    let (setting, value) = changed(only(scene.commands()));
    assert_eq!(setting, "template");
    assert!(value.contains("asterisk"), "{value}");
}

#[test]
fn a_chat_is_picked_from_what_telegram_has() {
    let mut scene = page(signed_in("en"), "office");
    scene.press_row(&texts("setting-record-chat"));
    scene.press(&texts("party-choose-chat"));
    assert_eq!(scene.focused(), Some(texts("party-search")));
    scene.type_keys("@rec");
    assert!(!scene.says("Бухгалтерия"));
    scene.key(Key::Enter);
    let command = scene.answer(Ok(().into()));
    assert_eq!(changed(command), of("record_chat", "-1007 Записи отдела"));
    assert!(!scene.shows(&texts("party-search")));
}

#[test]
fn a_user_is_found_by_telephone_number_and_taken_back() {
    let mut scene = page(signed_in("en"), "office");
    scene.press_row(&texts("setting-user"));
    scene.press(&texts("party-choose-user"));
    scene.type_keys("8 495 123");
    scene.press("Мария, бухгалтерия, +74951234567");
    let command = scene.answer(Ok(().into()));
    assert_eq!(changed(command), of("user", "10 Мария, бухгалтерия"));

    let mut assigned = signed_in("en");
    let values = &mut assigned.accounts[0].values;
    values.insert("user".into(), "10 Мария, бухгалтерия".into());
    scene.show(assigned);
    scene.window.get_by_label("User: Мария, бухгалтерия");
    scene.press(&texts("value-me"));
    assert_eq!(changed(only(scene.commands())), of("user", ""));
}

#[test]
fn until_telegram_is_signed_in_the_button_leads_there() {
    let mut scene = office();
    scene.press_row(&texts("setting-user"));
    scene.press(&texts("party-sign-in"));
    assert!(scene.shows(&texts("telegram-phone")));
}

#[test]
fn the_settings_of_a_line_are_kept_as_a_template() {
    let mut scene = office();
    scene.press(&texts("template-keep"));
    assert_eq!(scene.value(&texts("template-name")), "Офис · 101");
    scene.type_keys("!");
    scene.key(Key::Enter);
    match scene.answer(Err(Problem::bad_value("name", "reason-template-name"))) {
        Command::SaveTemplate { account, name } => {
            assert_eq!(account, AccountId::from("office"));
            assert_eq!(name, "Офис · 101!");
        }
        other => panic!("{other:?}"),
    }
    assert!(scene.says(&texts("reason-template-name")));
    scene.window.get_by_label(&texts("template-name")).focus();
    scene.window.run_steps(2);
    scene.key(Key::Enter);
    scene.answer(Ok(serde_json::json!({ "template": "office" })));
    assert!(scene.shows(&texts("template-kept")));
}

#[test]
fn who_only_uses_a_line_can_call_and_change_nothing() {
    let mut scene = page(used("en"), "office");
    assert!(scene.says("Анна Ковалёва"));
    assert!(scene.shows(&texts("line-records")));
    for spec in settings() {
        assert!(!scene.shows(&texts(spec.title_key)), "{}", spec.name);
        let begins = format!("{}: ", texts(spec.title_key));
        assert!(!scene.says(&begins), "{}", spec.name);
    }
    assert!(!scene.shows(&texts("lines-delete")));
    scene.press(&texts("line-call"));
    scene.type_keys("5");
    scene.key(Key::Enter);
    match only(scene.commands()) {
        Command::Dial { account, .. } => assert_eq!(account, Some(AccountId::from("office"))),
        other => panic!("{other:?}"),
    }
}

#[test]
fn deleting_asks_first() {
    let mut scene = office();
    scene.press(&texts("lines-delete"));
    assert!(scene.commands().is_empty());
    scene.press(&texts("lines-delete"));
    match only(scene.commands()) {
        Command::RemoveAccount { account } => assert_eq!(account, AccountId::from("office")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_untrusted_certificate_can_be_trusted_by_its_fingerprint() {
    let mut scene = page(untrusted("en"), "home");
    scene.press(&texts("lines-trust"));
    match only(scene.commands()) {
        Command::PinCertificate {
            account,
            fingerprint,
        } => {
            assert_eq!(account, AccountId::from("home"));
            assert_eq!(fingerprint, FINGERPRINT);
        }
        other => panic!("{other:?}"),
    }
    scene.press(&texts("lines-try-now"));
    assert!(matches!(only(scene.commands()), Command::Register { .. }));
}

#[test]
fn a_setting_that_waits_is_never_hidden() {
    let mut snapshot = draft("en");
    let draft = snapshot.accounts[0].draft.as_mut().unwrap();
    draft.values.insert("register".into(), "off".into());
    let scene = page(snapshot, "office");
    let name = texts(SettingId::Register.spec().title_key);
    assert!(scene.shows(&format!("{name}, not in force yet")));
}
