use egui::{Key, Modifiers};

use super::hands::{only, texts};
use super::scenes::*;
use crate::engine::{
    CallId, CallState, CallView, Command, DeclineReason, PreferenceChange, Problem, TransferStage,
};
use crate::locale::{Language, Texts};

fn with(key: &str, args: &[(&str, &str)]) -> String {
    let args: Vec<_> = args
        .iter()
        .map(|(name, value)| (*name, (*value).into()))
        .collect();
    Texts::new(Language::En).with(key, &args)
}

#[test]
fn a_call_is_given_to_the_number_that_is_typed() {
    let mut scene = Scene::new(with_calls(
        "en",
        vec![call(1, Some("Ann"), CallState::Active)],
    ));
    scene.press(&texts("call-transfer"));
    scene.type_keys("102");
    assert_eq!(scene.number(), "", "it is not meant for the phone");
    scene.key(Key::Enter);
    match only(scene.commands()) {
        Command::Transfer { call, target } => {
            assert_eq!((call, target.as_str()), (CallId(1), "102"))
        }
        other => panic!("{other:?}"),
    }
    scene.press(&texts("call-transfer"));
    scene.press(&texts("form-cancel"));
    assert!(scene.commands().is_empty() && scene.shows(&texts("call-transfer")));
}

#[test]
fn two_calls_are_connected_and_what_comes_of_it_is_said() {
    let calls = vec![
        call(1, Some("Ann"), CallState::Held),
        call(2, Some("Bob"), CallState::Active),
    ];
    let mut scene = Scene::new(with_calls("en", calls));
    scene.press(&with(
        "call-transfer-connect",
        &[("first", "Bob"), ("second", "Ann")],
    ));
    assert!(matches!(
        only(scene.commands()),
        Command::Connect {
            call: CallId(2),
            with: CallId(1)
        }
    ));
    scene.show(with_calls("en", vec![transferring(TransferStage::Ringing)]));
    assert!(scene.says(&with("call-transfer-ringing", &[("to", "102")])));
    assert!(!scene.shows(&texts("call-transfer")));
    let problem = Problem::Busy;
    scene.show(with_calls(
        "en",
        vec![transferring(TransferStage::Failed { problem })],
    ));
    assert!(scene.shows(&texts("call-transfer")), "another try");
    let done = CallView {
        transfer: transferring(TransferStage::Done).transfer,
        ..ended(1, None)
    };
    scene.show(with_calls("en", vec![done]));
    assert!(scene.says(&with("call-transfer-done", &[("to", "102")])));
}

#[test]
fn who_is_asked_to_call_somebody_else_decides() {
    for (key, expected) in [("call-asked-follow", true), ("call-asked-refuse", false)] {
        let mut scene = Scene::new(with_calls("en", vec![asked()]));
        scene.press(&with(key, &[("to", "carol")]));
        assert!(matches!(
            only(scene.commands()),
            Command::FollowTransfer { call: CallId(1), on } if on == expected
        ));
    }
}

#[test]
fn a_call_that_rings_is_refused_for_a_reason_or_sent_on() {
    for (key, expected) in [
        ("call-decline-busy", DeclineReason::Busy),
        ("call-decline-unavailable", DeclineReason::Unavailable),
    ] {
        let mut scene = Scene::new(with_calls("en", vec![call(1, None, CallState::Incoming)]));
        scene.press(&texts(key));
        assert!(matches!(
            only(scene.commands()),
            Command::Decline { call: CallId(1), reason } if reason == expected
        ));
    }
    let mut scene = Scene::new(with_calls("en", vec![call(1, None, CallState::Incoming)]));
    scene.press(&texts("call-deflect"));
    scene.type_keys("103");
    scene.press(&texts("call-deflect-now"));
    match only(scene.commands()) {
        Command::Deflect { call, target } => {
            assert_eq!((call, target.as_str()), (CallId(1), "103"))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn do_not_disturb_is_one_press_or_one_shortcut_away() {
    let quiet = |command: Command, expected: bool| {
        let Command::SetPreferences(change) = command else {
            panic!("{command:?}");
        };
        let wanted = PreferenceChange {
            do_not_disturb: Some(expected),
            ..PreferenceChange::default()
        };
        assert_eq!(change, wanted);
    };
    for size in [egui::vec2(920.0, 640.0), egui::vec2(360.0, 640.0)] {
        let theme = egui::Theme::Light;
        let mut scene = Scene::with(idle("en"), size, 1.0, theme, false, None);
        scene.press(&texts("do-not-disturb"));
        quiet(only(scene.commands()), true);
    }
    let mut snapshot = idle("en");
    snapshot.preferences.do_not_disturb = true;
    let mut scene = Scene::new(snapshot);
    scene.window.key_press_modifiers(Modifiers::COMMAND, Key::D);
    scene.window.run_steps(2);
    quiet(only(scene.commands()), false);
}

#[test]
fn the_number_of_another_day_is_brought_back() {
    let mut snapshot = idle("en");
    snapshot.redial = Some("84951234567".into());
    let mut scene = Scene::new(snapshot);
    scene.press(&texts("phone-call"));
    assert_eq!(scene.number(), "84951234567");
}
