use super::hands::{only, texts};
use super::scenes::*;
use crate::engine::Command;
use crate::locale::{Language, Texts};

#[test]
fn waiting_messages_are_counted_and_called_with_one_press() {
    let words = Texts::new(Language::En).with("voicemail-new", &[("count", 2.into())]);
    let name = format!("Офис · 101: {words}");
    for size in [egui::vec2(920.0, 640.0), egui::vec2(360.0, 1600.0)] {
        let theme = egui::Theme::Light;
        let mut scene = Scene::with(watched("en"), size, 1.0, theme, false, None);
        scene.press(&name);
        assert!(matches!(
            only(scene.commands()),
            Command::CallVoicemail { account } if account.as_str() == "office"
        ));
    }
}

#[test]
fn a_favourite_is_called_and_his_call_picked_up() {
    let mut scene = Scene::new(watched("en"));
    scene.press(&format!("Анна: {}", texts("favourite-free")));
    match only(scene.commands()) {
        Command::Dial {
            target, account, ..
        } => {
            assert_eq!((target.as_str(), account.is_some()), ("102", true));
        }
        other => panic!("{other:?}"),
    }
    let name = [("name", "103".into())];
    scene.press(&Texts::new(Language::En).with("favourite-pick-up", &name));
    assert!(matches!(
        only(scene.commands()),
        Command::PickUp { number, .. } if number == "103"
    ));
}
