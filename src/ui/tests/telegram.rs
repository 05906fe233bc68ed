//! The Telegram screen driven as a person would.

use egui::{Event, Key, Theme, vec2};
use egui_kittest::kittest::Queryable;
use secrecy::ExposeSecret;

use super::scenes::*;
use crate::engine::{CodeWay, Command, Problem, TelegramState, TelegramView};
use crate::locale::{Language, Texts};
use crate::ui::view::Place;

fn texts(key: &str) -> String {
    Texts::new(Language::En).get(key)
}

fn at(telegram: TelegramView) -> Scene {
    let snapshot = with_telegram("en", telegram);
    let place = Some(Place::Telegram);
    Scene::with(
        snapshot,
        vec2(920.0, 640.0),
        1.0,
        Theme::Light,
        false,
        place,
    )
}

impl Scene {
    fn push(&mut self, key: &str) {
        self.window.get_by_label(&texts(key)).click_accesskit();
        self.window.run_steps(3);
    }

    fn write(&mut self, words: &str) {
        for letter in words.chars() {
            self.window.event(Event::Text(letter.to_string()));
            self.window.run_steps(1);
        }
        self.window.run_steps(1);
    }

    fn enter(&mut self) {
        self.window.key_press(Key::Enter);
        self.window.run_steps(3);
    }

    fn asked(&mut self) -> Command {
        let asked = self.commands();
        let [command] = <[Command; 1]>::try_from(asked).expect("one command");
        command
    }

    fn says_text(&self, key: &str) -> bool {
        self.window.query_by_label(&texts(key)).is_some()
    }
}

#[test]
fn the_keyboard_is_in_the_number_and_enter_asks_for_a_code() {
    let mut scene = at(telegram(TelegramState::Off, None));
    scene.write("8 926 123-45-67");
    scene.enter();
    match scene.asked() {
        Command::TelegramSignIn { phone } => assert_eq!(phone, "8 926 123-45-67"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_number_is_not_sent() {
    let mut scene = at(telegram(TelegramState::Off, None));
    scene.push("telegram-send-code");
    assert!(scene.says_text("form-missing"));
    scene.window.get_by_label(&texts("telegram-phone")).focus();
    scene.window.run_steps(2);
    scene.write("anna");
    scene.enter();
    assert!(scene.says_text("reason-telegram-phone"));
    assert!(scene.commands().is_empty());
}

#[test]
fn the_last_digit_of_the_code_sends_it() {
    let mut scene = at(telegram(code_by(CodeWay::Sms), None));
    assert!(scene.says_text("telegram-code-sms"));
    scene.write("1234");
    assert!(scene.commands().is_empty());
    scene.write("5");
    match scene.asked() {
        Command::TelegramCode { code } => assert_eq!(code.expose_secret(), "12345"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wrong_code_is_typed_anew_where_one_is() {
    let working = |busy| TelegramView {
        busy,
        problem: (!busy).then_some(Problem::TelegramCode),
        ..telegram(code_by(CodeWay::App), None)
    };
    let mut scene = at(telegram(code_by(CodeWay::App), None));
    scene.write("12345");
    scene.commands();
    scene.show(with_telegram("en", working(true)));
    scene.show(with_telegram("en", working(false)));
    let words = Texts::new(Language::En).problem(&Problem::TelegramCode);
    scene.window.get_by_label(&words.what);
    scene.write("54321");
    match scene.asked() {
        Command::TelegramCode { code } => assert_eq!(code.expose_secret(), "54321"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_code_can_be_sent_another_way_or_given_up() {
    let mut scene = at(telegram(code_by(CodeWay::App), None));
    scene.push("telegram-code-again");
    assert!(matches!(scene.asked(), Command::TelegramCodeAgain));
    scene.push("telegram-cancel");
    assert!(matches!(scene.asked(), Command::TelegramCancel));
}

#[test]
fn the_password_shows_as_dots_and_its_hint_is_there() {
    let mut scene = at(telegram(password_by("the cat"), None));
    scene.window.get_by_label("hint: the cat");
    scene.write("secret");
    let field = texts("telegram-password");
    let shown = scene.window.get_by_label(&field).value();
    assert!(!shown.unwrap_or_default().contains("secret"));
    scene.enter();
    match scene.asked() {
        Command::TelegramPassword { password } => assert_eq!(password.expose_secret(), "secret"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_code_to_scan_is_asked_for_shown_and_left() {
    let mut scene = at(telegram(TelegramState::Off, None));
    scene.push("telegram-by-qr");
    assert!(matches!(scene.asked(), Command::TelegramSignInQr));
    scene.show(with_telegram("en", telegram(to_scan(), None)));
    assert!(scene.says_text("telegram-qr"));
    scene.push("telegram-by-phone");
    assert!(matches!(scene.asked(), Command::TelegramCancel));
}

#[test]
fn signing_out_asks_first() {
    let mut scene = at(telegram(TelegramState::SignedIn { online: true }, None));
    scene.window.get_by_label("+79261234567 · @anna_k");
    scene.push("telegram-sign-out");
    assert!(scene.commands().is_empty());
    assert!(scene.says_text("telegram-sign-out-sure"));
    scene.push("telegram-sign-out-not");
    assert!(!scene.says_text("telegram-sign-out-sure"));
    scene.push("telegram-sign-out");
    scene.push("telegram-sign-out");
    assert!(matches!(scene.asked(), Command::TelegramSignOut));
}

#[test]
fn the_key_of_the_program_is_checked_and_kept() {
    let mut scene = at(TelegramView {
        api_id: None,
        ..telegram(TelegramState::NeedsApi, None)
    });
    scene.write("no number");
    scene.push("telegram-api-keep");
    assert!(scene.says_text("reason-telegram-api-id"));
    assert!(scene.commands().is_empty());
    for (field, typed) in [
        ("telegram-api-id", "12345"),
        ("telegram-api-hash", "0123456789abcdef0123456789abcdef"),
    ] {
        scene.window.get_by_label(&texts(field)).focus();
        scene.window.run_steps(2);
        scene
            .window
            .key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
        scene.window.run_steps(1);
        scene.write(typed);
    }
    scene.commands();
    scene.push("telegram-api-keep");
    let request = scene.engine.requests.try_recv().unwrap();
    match &request.command {
        Command::TelegramSetApi { id, hash } => {
            assert_eq!(*id, 12345);
            assert_eq!(hash.expose_secret(), "0123456789abcdef0123456789abcdef");
        }
        other => panic!("{other:?}"),
    }
    let refused = Problem::KeyStore {
        reason: "reason-secrets-none".into(),
    };
    request.reply.unwrap().send(Err(refused)).unwrap();
    scene.window.run_steps(3);
    scene.push("passwords-use-file");
    assert!(matches!(
        scene.commands().as_slice(),
        [
            Command::KeepPasswords { .. },
            Command::TelegramSetApi { .. }
        ]
    ));
}

#[test]
fn who_is_signed_in_stands_in_the_corner_and_leads_there() {
    let signed_in = telegram(TelegramState::SignedIn { online: true }, None);
    let mut scene = Scene::new(with_telegram("en", signed_in));
    let corner = format!("Анна Ковалёва: {}", texts("telegram-signed-in"));
    scene.window.get_by_label(&corner).click();
    scene.window.run_steps(3);
    assert!(scene.says_text("telegram-sign-out"));
}

#[test]
fn an_incoming_call_takes_no_keyboard_from_the_code() {
    let mut scene = at(telegram(code_by(CodeWay::App), None));
    scene.write("12");
    let ringing = crate::engine::CallState::Incoming;
    let mut snapshot = with_telegram("en", telegram(code_by(CodeWay::App), None));
    snapshot.calls = vec![call(1, Some("Ann"), ringing)];
    scene.show(snapshot);
    scene.write("3");
    let field = texts("telegram-code");
    let typed = scene.window.get_by_label(&field).value();
    assert_eq!(typed.as_deref(), Some("123"));
}

#[test]
fn a_recording_that_can_t_be_sent_is_sent_again_or_left_out() {
    let mut scene = at(queue());
    let words = Texts::new(Language::En);
    let waiting = words.with("telegram-queue-count", &[("count", 3.into())]);
    scene.window.get_by_label(&waiting);
    let name = "2026-11-22 16-45-03 +79261234567 out";
    let press = |scene: &mut Scene, label: &str| {
        let mut found = scene.window.query_all_by_label(label);
        found.next().expect("a button").click_accesskit();
        drop(found);
        scene.window.run_steps(3);
        scene.asked()
    };
    let again = format!("{}: {name}", words.get("telegram-send-again"));
    let command = press(&mut scene, &again);
    assert!(matches!(
        command,
        Command::TelegramSendAgain { post: Some(1) }
    ));
    let leave = format!("{}: {name}", words.get("telegram-drop-post"));
    let command = press(&mut scene, &leave);
    assert!(matches!(command, Command::TelegramDropPost { post: 1 }));
    let all = words.with("telegram-send-all-again", &[("count", 2.into())]);
    let command = press(&mut scene, &all);
    assert!(matches!(command, Command::TelegramSendAgain { post: None }));
}

#[test]
fn a_number_of_the_dial_chat_is_dialled_or_dismissed_and_the_keyboard_stays() {
    let words = Texts::new(Language::En);
    let mut scene = Scene::new(requested("en"));
    scene.write("49");
    let heading = words.with("request-rings", &[("line", "Офис".into())]);
    let spoken = format!("{heading}, +7 926 123-45-67");
    assert!(scene.window.query_by_label(&spoken).is_some());
    let press = |scene: &mut Scene, key: &str, number: &str| {
        let name = format!("{}: {number}", words.get(key));
        scene.window.get_by_label(&name).click();
        scene.window.run_steps(3);
        scene.asked()
    };
    let command = press(&mut scene, "request-dial", "+7 926 123-45-67");
    assert!(matches!(command, Command::DialRequested { request: 1 }));
    let command = press(&mut scene, "request-dismiss", "sip:anna@pbx.example.ru");
    assert!(matches!(command, Command::DismissRequest { request: 2 }));
}

#[test]
fn the_dial_chat_is_chosen_and_switched() {
    let mut scene = at(signed_in("en").telegram);
    let changed = |scene: &mut Scene| match scene.asked() {
        Command::TelegramSet(change) => change,
        other => panic!("{other:?}"),
    };
    let press = |scene: &mut Scene, key: &str| {
        let name = texts(key);
        scene.window.get_by_label(&name).click_accesskit();
        scene.window.run_steps(3);
    };
    press(&mut scene, "dial-chat-on");
    assert_eq!(changed(&mut scene).dial, Some(true));
    press(&mut scene, "dial-chat-callers");
    assert_eq!(changed(&mut scene).callers, Some(true));
    press(&mut scene, "dial-chat-missed");
    assert_eq!(changed(&mut scene).missed, Some(true));
    let row = format!("{}: {}", texts("dial-chat-which"), texts("telegram-saved"));
    scene.window.get_by_label(&row).click_accesskit();
    scene.window.run_steps(3);
    scene.write("Записи");
    scene.enter();
    let chat = changed(&mut scene).dial_chat.expect("a chat");
    assert!(chat.ends_with("Записи отдела"), "{chat}");
}
