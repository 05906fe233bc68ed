use egui::Key;
use egui_kittest::kittest::Queryable;

use super::hands::{only, texts};
use super::scenes::*;
use crate::engine::{Command, Show, Snapshot};
use crate::ui::view::Place;

/// The history with some calls in it.
fn history() -> Scene {
    let mut scene = Scene::new(idle("en"));
    scene.press(&texts("nav-history"));
    match scene.answer(Ok(past_calls())) {
        Command::History(query) => assert_eq!((query.text.as_str(), query.before), ("", None)),
        other => panic!("{other:?}"),
    }
    scene
}

#[test]
fn a_call_is_opened_called_again_and_removed() {
    let mut scene = history();
    assert!(!scene.says("4.3"), "figures are in the details");
    scene
        .window
        .get_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("Ирина Ковалёва, 04:17"))
        })
        .click();
    scene.window.run_steps(4);
    assert!(scene.says("4.3") && scene.says("0.0 %"));
    scene.press(&texts("history-forget-one"));
    assert!(matches!(
        only(scene.commands()),
        Command::ForgetCall { id: 1 }
    ));
    scene.press("Call Ирина Ковалёва");
    match only(scene.commands()) {
        Command::Dial {
            target, account, ..
        } => {
            assert_eq!(target, "+79261234567");
            assert_eq!(
                account,
                Some("office".into()),
                "the same line, which is ready"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failed_call_says_why() {
    let scene = history();
    let busy = texts("problem-busy");
    assert!(scene.says(busy.trim_end_matches('.')));
}

#[test]
fn what_is_typed_and_the_kind_are_looked_for() {
    let mut scene = history();
    scene.press(&texts("history-missed"));
    match scene.answer(Ok(serde_json::json!([]))) {
        Command::History(query) => assert_eq!(query.show, Show::Missed),
        other => panic!("{other:?}"),
    }
    assert!(scene.says(&texts("history-nothing")));
    scene.window.get_by_label(&texts("history-search")).focus();
    scene.window.run_steps(2);
    scene.type_keys("10");
    let mut asked = String::new();
    while asked != "10" {
        match scene.answer(Ok(past_calls())) {
            Command::History(query) => asked = query.text,
            other => panic!("{other:?}"),
        }
    }
    assert!(scene.says("Мария"));
    scene.key(Key::Escape);
}

#[test]
fn a_new_call_is_fetched_and_missed_ones_are_counted_until_they_are_looked_at() {
    let mut snapshot = idle("en");
    snapshot.history.missed = 2;
    let mut scene = Scene::new(snapshot.clone());
    scene.press(&format!("{} · 2", texts("nav-history")));
    scene.answer(Ok(past_calls()));
    assert!(
        scene
            .commands()
            .iter()
            .any(|command| matches!(command, Command::HistorySeen))
    );
    let mut later: Snapshot = snapshot;
    later.history.missed = 0;
    later.history.changes = 7;
    scene.show(later);
    assert!(matches!(only(scene.commands()), Command::History(_)));
}

#[test]
fn clearing_the_history_asks_first() {
    let mut scene = history();
    scene.press(&texts("history-forget"));
    assert!(scene.commands().is_empty());
    scene.press(&texts("history-forget-yes"));
    assert!(matches!(only(scene.commands()), Command::ForgetHistory));
}

#[test]
fn only_what_can_be_seen_of_a_long_list_is_drawn() {
    let one: serde_json::Value = past_calls()[3].clone();
    let many: Vec<_> = (0..200)
        .map(|n| {
            let mut call = one.clone();
            call["id"] = (1_000 - n).into();
            call
        })
        .collect();
    let mut scene = Scene::with(
        idle("en"),
        egui::vec2(920.0, 640.0),
        1.0,
        egui::Theme::Light,
        false,
        Some(Place::History),
    );
    scene.answer(Ok(many.into()));
    let drawn = scene
        .window
        .query_all_by(|node| {
            node.label()
                .is_some_and(|label| label.starts_with("Мария, бухгалтерия,"))
        })
        .count();
    assert!((5..15).contains(&drawn), "{drawn}");
}

#[test]
fn a_recording_is_sent_to_telegram_by_whoever_is_signed_in() {
    let mut scene = Scene::new(signed_in("en"));
    scene.press(&texts("nav-history"));
    scene.answer(Ok(past_calls()));
    let is_it = |label: String| label.starts_with("Ирина Ковалёва, 04:17");
    scene
        .window
        .get_by(|node| node.label().is_some_and(is_it))
        .click();
    scene.window.run_steps(4);
    scene.press(&texts("history-send"));
    match only(scene.commands()) {
        Command::TelegramSendRecording { call, .. } => {
            assert_eq!(call.name.as_deref(), Some("Ирина Ковалёва"));
        }
        other => panic!("{other:?}"),
    }
}
