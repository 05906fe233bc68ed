//! Choosing the line of a number.

use egui::{Key, Modifiers, Theme, vec2};
use egui_kittest::kittest::Queryable;

use super::hands::{only, texts};
use super::scenes::*;
use crate::account::AccountId;
use crate::engine::{Ask, Command, Event, PreferenceChange, Problem};
use crate::ui::view::Place;

fn asked() -> Scene {
    let mut scene = Scene::new(idle("en"));
    scene.engine.emit(Event::ChooseLine {
        target: "84951234567".into(),
        lines: vec![AccountId::from("zadarma"), AccountId::from("office")],
    });
    scene.window.run_steps(4);
    scene
}

#[test]
fn the_line_used_last_has_the_keyboard_and_enter_takes_it() {
    let mut scene = asked();
    assert!(scene.shows("84951234567"));
    scene.key(Key::Enter);
    match only(scene.commands()) {
        Command::Dial {
            target,
            account,
            ask,
        } => {
            assert_eq!(target, "84951234567");
            assert_eq!(account, Some(AccountId::from("zadarma")));
            assert_eq!(ask, Ask::Never);
        }
        other => panic!("{other:?}"),
    }
    assert!(!scene.shows(&texts("choose-line-title")));
}

#[test]
fn arrows_go_to_another_line_and_it_can_be_the_one_from_now_on() {
    let mut scene = asked();
    scene.press(&texts("choose-line-always"));
    let first = scene.window.query_all_by_label_contains("Zadarma: ").last();
    first.unwrap().focus();
    scene.window.run_steps(2);
    scene.key(Key::ArrowDown);
    scene.key(Key::Enter);
    match scene.commands().as_slice() {
        [
            Command::SetPreferences(PreferenceChange {
                default_line: Some(line),
                ..
            }),
            Command::Dial { account, .. },
        ] => {
            assert_eq!(line, "office");
            assert_eq!(*account, Some(AccountId::from("office")));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn escape_gives_the_number_back() {
    let mut scene = asked();
    scene.key(Key::Escape);
    assert!(scene.commands().is_empty());
    assert!(!scene.shows(&texts("choose-line-title")));
    assert_eq!(scene.number(), "84951234567");
}

#[test]
fn a_modifier_key_always_asks() {
    let ask_of = |scene: &mut Scene| match only(scene.commands()) {
        Command::Dial { ask, account, .. } => (ask, account),
        other => panic!("{other:?}"),
    };
    let mut scene = Scene::new(idle("en"));
    scene.type_keys("5");
    scene.key(Key::Enter);
    assert_eq!(ask_of(&mut scene), (Ask::IfSeveral, None));

    scene.type_keys("5");
    scene
        .window
        .key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    scene.window.run_steps(3);
    assert_eq!(ask_of(&mut scene), (Ask::Always, None));

    scene.type_keys("5");
    let call = texts("phone-call");
    scene
        .window
        .get_by_label(&call)
        .click_modifiers(Modifiers::SHIFT);
    scene.window.run_steps(3);
    assert_eq!(ask_of(&mut scene), (Ask::Always, None));
}

#[test]
fn the_line_for_all_calls_is_set_and_unset_in_the_settings() {
    let (size, place) = (vec2(920.0, 640.0), Some(Place::Settings));
    let mut scene = Scene::with(idle("en"), size, 1.0, Theme::Light, false, place);
    scene.commands();
    scene.press_row(&texts("settings-line"));
    scene.press("Zadarma");
    assert!(matches!(
        only(scene.commands()),
        Command::SetPreferences(PreferenceChange { default_line: Some(line), .. }) if line == "zadarma"
    ));
    let mut snapshot = idle("en");
    snapshot.preferences.default_line = Some(AccountId::from("zadarma"));
    scene.show(snapshot);
    scene.press(&format!("{}: Zadarma", texts("settings-line")));
    scene.press(&texts("settings-line-ask"));
    assert!(matches!(
        only(scene.commands()),
        Command::SetPreferences(PreferenceChange { default_line: Some(line), .. }) if line.is_empty()
    ));
}

#[test]
fn why_no_line_takes_a_number_is_said_line_by_line() {
    let mut scene = Scene::new(idle("en"));
    let rule = Problem::FilteredByRule {
        rule: r"^79\d{9}$".into(),
    };
    scene.engine.emit(Event::Failed {
        problem: Problem::NoLine {
            reasons: vec![("Home".into(), Problem::LineOff), ("Office".into(), rule)],
        },
    });
    scene.window.run_steps(3);
    assert!(scene.shows("Home: The line is off."));
    assert!(scene.says(r"Office: The dial rule ^79\d{9}$"));
}
