use egui::{Event, Key, vec2};
use egui_kittest::kittest::Queryable;

use super::hands::{only, texts};
use super::scenes::*;
use crate::account::AccountId;
use crate::engine::{
    CallId, CallState, CallView, Command, DeclineReason, DeviceRole, Event as EngineEvent,
    PreferenceChange, Problem, RecordingState, TraceView,
};
use crate::locale::{Language, Texts};
use crate::ui::view::Place;

#[test]
fn typing_anywhere_goes_to_the_number_field_and_enter_calls() {
    let mut scene = Scene::new(idle("en"));
    scene.type_keys("84951234567");
    assert_eq!(scene.number(), "84951234567");
    scene.key(Key::Enter);
    match only(scene.commands()) {
        Command::Dial {
            target, account, ..
        } => {
            assert_eq!((target.as_str(), account), ("84951234567", None));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(scene.number(), "");
}

#[test]
fn typing_on_another_screen_leads_to_the_phone() {
    let mut scene = Scene::with(
        idle("en"),
        vec2(360.0, 640.0),
        1.0,
        egui::Theme::Light,
        false,
        Some(Place::Settings),
    );
    scene.type_keys("101");
    assert_eq!(scene.number(), "101");
}

#[test]
fn escape_clears_backspace_erases_and_paste_pastes() {
    let mut scene = Scene::new(idle("en"));
    scene.window.event(Event::Paste("+7 (926) 123".into()));
    scene.window.run_steps(2);
    assert_eq!(scene.number(), "+7 (926) 123");
    scene.key(Key::Backspace);
    assert_eq!(scene.number(), "+7 (926) 12");
    scene.key(Key::Escape);
    assert_eq!(scene.number(), "");
}

#[test]
fn keys_dial_and_calling_with_nothing_typed_brings_the_last_number_back() {
    let mut scene = Scene::new(idle("en"));
    for key in ["1", "0", "#"] {
        scene.press(key);
    }
    scene.press(&texts("phone-call"));
    assert!(matches!(only(scene.commands()), Command::Dial { target, .. } if target == "10#"));
    scene.press(&texts("phone-call"));
    assert!(scene.commands().is_empty());
    assert_eq!(scene.number(), "10#");
}

#[test]
fn the_chosen_line_is_the_one_that_calls() {
    let mut scene = Scene::new(idle("en"));
    scene.press(&texts("phone-over-any"));
    scene.press("Zadarma");
    scene.type_keys("5");
    scene.press(&texts("phone-call"));
    match only(scene.commands()) {
        Command::Dial { account, .. } => assert_eq!(account, Some(AccountId::from("zadarma"))),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_incoming_call_takes_neither_the_keyboard_nor_what_was_typed() {
    let mut scene = Scene::new(idle("en"));
    scene.type_keys("84");
    let focused = scene.window.ctx.memory(|memory| memory.focused());
    assert!(focused.is_some());
    scene.show(with_calls(
        "en",
        vec![call(2, Some("Ann"), CallState::Incoming)],
    ));
    assert_eq!(scene.window.ctx.memory(|memory| memory.focused()), focused);
    scene.type_keys("95");
    assert_eq!(scene.number(), "8495");
    assert!(scene.commands().is_empty());
}

#[test]
fn answer_and_decline_are_asked_of_the_call_that_rings() {
    let ringing = || {
        let mut scene = Scene::new(with_calls(
            "en",
            vec![
                call(1, Some("Bob"), CallState::Active),
                call(2, Some("Ann"), CallState::Incoming),
            ],
        ));
        scene.window.run_steps(2);
        scene
    };
    let mut scene = ringing();
    scene.press(&texts("call-answer"));
    assert!(matches!(
        only(scene.commands()),
        Command::Answer { call: CallId(2) }
    ));
    let mut scene = ringing();
    scene.press(&texts("call-decline"));
    assert!(matches!(
        only(scene.commands()),
        Command::Decline {
            call: CallId(2),
            reason: DeclineReason::Declined,
        }
    ));
    let mut scene = ringing();
    scene.press(&texts("call-end"));
    assert!(matches!(
        only(scene.commands()),
        Command::HangUp { call: CallId(1) }
    ));
}

#[test]
fn the_card_mutes_holds_sends_tones_and_hangs_up() {
    let mut scene = Scene::new(with_calls(
        "en",
        vec![call(1, Some("Bob"), CallState::Active)],
    ));
    scene.press(&texts("call-microphone-on"));
    assert!(matches!(
        only(scene.commands()),
        Command::Mute {
            call: CallId(1),
            on: true
        }
    ));
    scene.press(&texts("call-hold"));
    assert!(matches!(
        only(scene.commands()),
        Command::Hold {
            call: CallId(1),
            on: true
        }
    ));
    scene.press(&texts("call-tones"));
    scene.type_keys("5#");
    let digits: String = scene
        .commands()
        .into_iter()
        .map(|command| match command {
            Command::SendDtmf {
                call: CallId(1),
                digits,
            } => digits,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(digits, "5#");
    scene.press(&texts("call-end"));
    assert!(matches!(
        only(scene.commands()),
        Command::HangUp { call: CallId(1) }
    ));

    scene.show(with_calls(
        "en",
        vec![call(1, Some("Bob"), CallState::Held)],
    ));
    scene.press(&texts("call-resume"));
    assert!(matches!(
        only(scene.commands()),
        Command::Hold {
            call: CallId(1),
            on: false
        }
    ));
}

#[test]
fn the_card_records_pauses_and_stops_and_says_so() {
    let show = |scene: &mut Scene, call| scene.show(with_calls("en", vec![call]));
    let active = || call(1, Some("Bob"), CallState::Active);
    let mut scene = Scene::new(with_calls("en", vec![active()]));
    assert!(
        scene
            .window
            .query_by_label(&texts("call-recording"))
            .is_none()
    );
    scene.press(&texts("call-record"));
    assert!(matches!(
        only(scene.commands()),
        Command::Record {
            call: CallId(1),
            on: true
        }
    ));
    show(
        &mut scene,
        recorded(active(), RecordingState::Running, false),
    );
    scene.window.get_by_label(&texts("call-recording"));
    scene.press(&texts("call-recording-pause"));
    assert!(matches!(
        only(scene.commands()),
        Command::PauseRecording {
            call: CallId(1),
            on: true
        }
    ));
    show(
        &mut scene,
        recorded(active(), RecordingState::Paused, false),
    );
    scene.window.get_by_label(&texts("call-recording-paused"));
    scene.press(&texts("call-recording-resume"));
    assert!(matches!(
        only(scene.commands()),
        Command::PauseRecording {
            call: CallId(1),
            on: false
        }
    ));
    scene.press(&texts("call-record-stop"));
    assert!(matches!(
        only(scene.commands()),
        Command::Record {
            call: CallId(1),
            on: false
        }
    ));
    show(
        &mut scene,
        recorded(active(), RecordingState::Running, true),
    );
    scene.window.get_by_label(&texts("call-recording-locked"));
    for button in ["call-record", "call-record-stop", "call-recording-pause"] {
        assert!(scene.window.query_by_label(&texts(button)).is_none());
    }
    show(
        &mut scene,
        recorded(ended(1, None), RecordingState::Saved, false),
    );
    let english = crate::locale::Texts::new(crate::locale::Language::En);
    let path = english.with("call-recorded", &[("path", RECORDING.into())]);
    scene.window.get_by_label(&path);
}

#[test]
fn closing_the_window_ends_the_engine_once() {
    let mut scene = Scene::new(idle("en"));
    let root = egui::ViewportId::ROOT;
    for _ in 0..2 {
        let viewport = scene.window.input_mut().viewports.get_mut(&root).unwrap();
        viewport.events.push(egui::ViewportEvent::Close);
        scene.window.step();
    }
    assert!(matches!(only(scene.commands()), Command::Quit));
}

#[test]
fn a_pill_brings_its_call_to_the_top() {
    let calls = vec![
        call(1, Some("Ann"), CallState::Held),
        call(2, Some("Bob"), CallState::Active),
    ];
    let mut scene = Scene::new(with_calls("en", calls));
    let pill = format!("Ann · {}", texts("call-held"));
    scene
        .window
        .get_by(|node| node.label().is_some_and(|label| label.starts_with(&pill)))
        .click();
    scene.window.run_steps(3);
    scene.press(&texts("call-resume"));
    assert!(matches!(
        only(scene.commands()),
        Command::Hold {
            call: CallId(1),
            on: false
        }
    ));
}

#[test]
fn an_ended_call_says_why_and_can_be_dialled_again() {
    let mut scene = Scene::new(with_calls("en", vec![ended(1, Some(Problem::Busy))]));
    let words = crate::locale::Texts::new(crate::locale::Language::En).problem(&Problem::Busy);
    scene.window.get_by_label(&words.what);
    scene.window.get_by_label(&words.next);
    scene.press(&texts("call-redial"));
    match scene.commands().as_slice() {
        [
            Command::Dial {
                target,
                account: Some(account),
                ..
            },
            Command::Dismiss { call: CallId(1) },
        ] => {
            assert_eq!(target, "+7 926 123-45-67");
            assert_eq!(*account, AccountId::from("office"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failure_is_shown_until_it_is_put_away() {
    let mut scene = Scene::new(idle("en"));
    let problem = Problem::NoLine {
        reasons: Vec::new(),
    };
    scene.engine.emit(EngineEvent::Failed {
        problem: problem.clone(),
    });
    scene.window.run_steps(3);
    let words = crate::locale::Texts::new(crate::locale::Language::En).problem(&problem);
    scene.window.get_by_label(&words.what);
    scene.press(&texts("notice-dismiss"));
    assert!(scene.window.query_by_label(&words.what).is_none());
}

#[test]
fn the_first_run_calls_the_test_line_and_switches_the_language() {
    let mut scene = Scene::new(first_run("en"));
    scene.press(&texts("first-call"));
    match only(scene.commands()) {
        Command::Dial {
            account: Some(account),
            ..
        } => assert!(account.is_test_line()),
        other => panic!("{other:?}"),
    }
    scene.press("Русский");
    assert!(matches!(
        only(scene.commands()),
        Command::SetPreferences(PreferenceChange { language: Some(language), theme: None, .. }) if language == "ru"
    ));
    scene.show(first_run("ru"));
    scene.window.get_by_label("Послушайте гудок");
}

#[test]
fn the_microphone_is_open_only_where_its_meter_is() {
    let mut scene = Scene::new(first_run("en"));
    let mut open = None;
    while let Ok(request) = scene.engine.requests.try_recv() {
        if let Command::MeterMicrophone { on } = request.command {
            open = Some(on);
        }
    }
    assert_eq!(open, Some(true));
    scene.press(&texts("first-add-line"));
    while let Ok(request) = scene.engine.requests.try_recv() {
        if let Command::MeterMicrophone { on } = request.command {
            open = Some(on);
        }
    }
    assert_eq!(open, Some(false));
}

#[test]
fn a_call_is_told_to_those_who_do_not_see_its_card() {
    let mut scene = Scene::new(with_calls(
        "en",
        vec![call(1, Some("Bob"), CallState::Active)],
    ));
    scene.window.get_by_label("Bob: talking");
    scene.show(with_calls(
        "en",
        vec![call(2, Some("Ann"), CallState::Incoming)],
    ));
    scene.window.get_by_label("Incoming · line Офис · 101, Ann");
    scene.press(&texts("call-answer"));
    assert!(matches!(
        only(scene.commands()),
        Command::Answer { call: CallId(2) }
    ));
}

#[test]
fn settings_choose_devices_language_and_theme() {
    let mut scene = Scene::with(
        idle("en"),
        vec2(920.0, 640.0),
        1.0,
        egui::Theme::Light,
        false,
        Some(Place::Settings),
    );
    scene.commands();
    scene.press(&texts("settings-theme-dark"));
    assert!(matches!(
        only(scene.commands()),
        Command::SetPreferences(PreferenceChange { theme: Some(theme), .. }) if theme == "dark"
    ));
    let row = format!("{}: Встроенный микрофон", texts("device-microphone"));
    scene.press(&row);
    scene.press("Plantronics Blackwire 3220 Series");
    match only(scene.commands()) {
        Command::SelectDevice {
            role: DeviceRole::Microphone,
            device: Some(device),
        } => {
            assert_eq!(device, "Plantronics Blackwire 3220 Series");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_calls_can_be_joined_and_the_card_of_a_joined_one_splits_silences_and_ends() {
    let calls = vec![
        call(1, Some("Ann"), CallState::Held),
        call(2, Some("Bob"), CallState::Active),
    ];
    let mut scene = Scene::new(with_calls("en", calls.clone()));
    scene.press(&Texts::new(Language::En).with("call-join-one", &[("name", "Ann".into())]));
    assert!(matches!(
        only(scene.commands()),
        Command::Join { call: CallId(2) }
    ));
    let joined = calls.into_iter().map(|call| CallView {
        joined: true,
        state: CallState::Active,
        ..call
    });
    scene.show(with_calls("en", joined.collect()));
    for (key, expected) in [
        ("call-silence", "Silence { call: CallId(2), on: true }"),
        ("call-part", "Part { call: CallId(2) }"),
        ("call-end-conference", "EndConference"),
    ] {
        scene.press(&texts(key));
        assert_eq!(format!("{:?}", only(scene.commands())), expected);
    }
}

#[test]
fn a_redirected_call_goes_on_where_the_person_says() {
    let contacts = vec!["sip:b@b.test".to_owned(), "sip:c@c.test".to_owned()];
    let ended = CallState::Ended {
        problem: Some(Problem::Redirected { contacts }),
        by_peer: true,
        sip_status: Some(302),
    };
    let mut scene = Scene::new(with_calls("en", vec![call(1, Some("Bob"), ended)]));
    assert!(scene.commands().is_empty(), "nobody is called unasked");
    scene.press("Call sip:c@c.test");
    let commands = scene.commands();
    assert!(matches!(
        commands.as_slice(),
        [Command::Dial { target, account: Some(_), .. }, Command::Dismiss { call: CallId(1) }]
            if target == "sip:c@c.test"
    ));
}

#[test]
fn the_trace_is_searched_read_and_saved() {
    let message = |number: u64, text: &str| TraceView {
        number,
        at: "2026-01-02T03:04:05Z".into(),
        sent: true,
        transport: "udp".into(),
        local: "192.0.2.1:5060".into(),
        remote: "192.0.2.2:5060".into(),
        text: text.into(),
    };
    let mut scene = Scene::new(idle("en"));
    scene.press(&texts("nav-settings"));
    let name = texts("trace-title");
    scene.window.get_by_label(&name).click_accesskit();
    scene.window.run_steps(3);
    let asked = std::iter::from_fn(|| scene.engine.requests.try_recv().ok())
        .find(|request| matches!(request.command, Command::Trace { .. }))
        .expect("the list is asked for");
    let list = vec![
        message(1, "INVITE sip:bob@b SIP/2.0\r\nVia: x"),
        message(2, "BYE sip:ann@b SIP/2.0\r\nVia: y"),
    ];
    let reply = asked.reply.expect("somebody waits");
    reply
        .send(Ok(serde_json::json!(list)))
        .expect("he still waits");
    scene.window.run_steps(3);
    scene.type_keys("bye");
    assert!(
        scene
            .window
            .query_by_label_contains("INVITE sip:bob")
            .is_none()
    );
    scene
        .window
        .get_by_label_contains("BYE sip:ann")
        .click_accesskit();
    scene.window.run_steps(3);
    assert!(
        scene
            .window
            .query_by_value("BYE sip:ann@b SIP/2.0\r\nVia: y")
            .is_some()
    );
    scene.press(&texts("trace-close"));
    scene.commands();
    scene.press(&texts("trace-save-pcap"));
    let saved = scene
        .commands()
        .into_iter()
        .find_map(|command| match command {
            Command::ExportTrace { path, filter } => Some((path, filter)),
            _ => None,
        });
    let (path, filter) = saved.expect("it is saved");
    assert_eq!(filter, "bye");
    assert_eq!(path.extension().and_then(|e| e.to_str()), Some("pcap"));
}
