//! The list of lines, and lines in files.

use std::path::Path;

use egui::{Key, Theme, vec2};
use egui_kittest::kittest::Queryable;
use secrecy::ExposeSecret;

use super::hands::{only, texts};
use super::scenes::*;
use crate::account::AccountId;
use crate::engine::Command;
use crate::ui::view::Place;

fn lines() -> Scene {
    let (size, place) = (vec2(920.0, 640.0), Some(Place::Lines));
    Scene::with(idle("en"), size, 1.0, Theme::Light, false, place)
}

impl Scene {
    fn type_into(&mut self, key: &str, text: &str) {
        self.window.get_by_label(&texts(key)).focus();
        self.window.run_steps(2);
        self.window
            .key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
        self.window.run_steps(2);
        self.type_keys(text);
    }
}

#[test]
fn lines_are_saved_with_their_passwords_under_a_passphrase_typed_twice() {
    let mut scene = lines();
    scene.press(&texts("carry-out-open"));
    scene.type_into("carry-path", "/tmp/lines.toml");
    scene.press(&texts("carry-with-passwords"));
    scene.type_into("carry-passphrase", "one two");
    scene.type_into("carry-passphrase-again", "one");
    scene.press(&texts("carry-out"));
    assert!(scene.commands().is_empty());
    assert!(scene.shows(&texts("carry-passphrase-differs")));

    scene.type_into("carry-passphrase-again", "one two");
    scene.press(&texts("carry-out"));
    let reply = serde_json::json!({ "accounts": 3 });
    match scene.answer(Ok(reply)) {
        Command::ExportAccounts {
            accounts,
            path,
            passphrase,
        } => {
            assert!(accounts.is_empty());
            assert_eq!(path.as_deref(), Some(Path::new("/tmp/lines.toml")));
            assert_eq!(passphrase.unwrap().expose_secret(), "one two");
        }
        other => panic!("{other:?}"),
    }
    assert!(scene.shows("3 lines were saved"));
    scene.press(&texts("carry-done"));
    assert!(!scene.shows(&texts("carry-out-title")));
}

#[test]
fn lines_are_loaded_and_a_wrong_file_is_said_in_place() {
    let mut scene = lines();
    scene.press(&texts("carry-in-open"));
    scene.type_keys("/tmp/lines.toml");
    scene.key(Key::Enter);
    let problem = crate::engine::Problem::File {
        path: "/tmp/lines.toml".into(),
        reason: "gone".into(),
    };
    let command = scene.answer(Err(problem));
    assert!(matches!(
        command,
        Command::ImportAccounts {
            passphrase: None,
            ..
        }
    ));
    assert!(scene.says("gone"));
    assert_eq!(scene.value(&texts("carry-path")), "/tmp/lines.toml");
    scene.press(&texts("carry-in"));
    scene.answer(Ok(serde_json::json!({ "accounts": ["a"] })));
    assert!(scene.shows("1 line was loaded"));
}

#[test]
fn templates_are_loaded_from_a_file() {
    let mut scene = lines();
    scene.press(&texts("carry-templates-open"));
    scene.type_keys("/tmp/templates.toml");
    scene.key(Key::Enter);
    let command = scene.answer(Ok(serde_json::json!({ "imported": ["a", "b"] })));
    assert!(matches!(command, Command::ImportTemplates { .. }));
    assert!(scene.shows("2 templates were loaded"));
}

#[test]
fn a_deleted_line_is_brought_back_from_any_screen() {
    let mut scene = Scene::new(removed("en"));
    scene.press(&texts("lines-restore"));
    match only(scene.commands()) {
        Command::RestoreAccount { account } => assert_eq!(account, AccountId::from("old")),
        other => panic!("{other:?}"),
    }
    scene.show(idle("en"));
    assert!(!scene.shows(&texts("lines-restore")));
}
