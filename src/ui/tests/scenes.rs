//! Invented moments of the engine, and a window that shows them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use egui::{Theme, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use crate::account::{Account, AccountId, Catalogue, Role, SettingId, Transport};
use crate::engine::{
    AccountView, CallId, CallState, CallView, CodeWay, Command, Devices, DialRequest, Direction,
    DraftView, EngineSide, Event, FavouriteState, FavouriteView, HistoryView, Keys, Outcome,
    PastCall, Peer, PostState, PostView, Preferences, Problem, Protection, Quality, Recording,
    RecordingState, Registration, RegistrationState, RemovedView, Reply, Snapshot, Suite,
    TelegramPeer, TelegramPeerKind, TelegramState, TelegramView, Transfer, TransferAsked,
    TransferStage, VoicemailView, pair,
};
use crate::locale::{Language, Texts};
use crate::store::history::{Beginning, Ending};
use crate::ui::App;
use crate::ui::view::Place;

/// The sizes a window is looked at in: points and scale.
pub const SIZES: [(f32, f32, f32); 4] = [
    (920.0, 640.0, 1.0),
    (360.0, 640.0, 1.0),
    (360.0, 560.0, 2.0),
    (640.0, 560.0, 1.5),
];

/// The window with the engine's end of its handle.
pub struct Scene {
    pub window: Harness<'static, App>,
    pub engine: EngineSide,
}

impl Scene {
    pub fn new(snapshot: Snapshot) -> Self {
        Self::with(snapshot, vec2(920.0, 640.0), 1.0, Theme::Light, false, None)
    }

    pub fn with(
        snapshot: Snapshot,
        size: Vec2,
        scale: f32,
        theme: Theme,
        drawn: bool,
        place: Option<Place>,
    ) -> Self {
        let (handle, engine) = pair();
        engine.publish(snapshot);
        engine.level_setter()(0.08, 0.22);
        let mut builder = Harness::builder()
            .with_size(size)
            .with_pixels_per_point(scale)
            .with_theme(theme)
            .with_render_cursor(false);
        if drawn {
            builder = builder.wgpu();
        }
        let mut window = builder.build_eframe(move |creation| {
            let mut app = App::new(handle, &creation.egui_ctx);
            if let Some(place) = place {
                app.go(place);
            }
            app
        });
        window.run_steps(3);
        Self { window, engine }
    }

    /// A moment in one of the sizes.
    pub fn of(moment: &Moment, size: (f32, f32, f32), theme: Theme, drawn: bool) -> Self {
        let (width, height, scale) = size;
        let language = Language::from_preference(&moment.snapshot.preferences.language);
        let texts = Texts::new(language);
        let mut scene = Self::with(
            moment.snapshot.clone(),
            vec2(width, height),
            scale,
            theme,
            drawn,
            moment.place.clone(),
        );
        for key in moment.pressed {
            let name = texts.get(key);
            let begins = format!("{name}: ");
            let is_it = |label: String| label == name || label.starts_with(&begins);
            let mut found = scene
                .window
                .query_all_by(|node| node.label().is_some_and(is_it));
            if let Some(node) = found.next() {
                node.click_accesskit();
            }
            drop(found);
            scene.window.run_steps(3);
        }
        if let Some(problem) = moment.failed.clone() {
            scene.engine.emit(Event::Failed { problem });
        }
        if moment.asked {
            scene.engine.emit(Event::ChooseLine {
                target: "8 (495) 123-45-67".into(),
                lines: vec![AccountId::from("zadarma"), AccountId::from("office")],
            });
        }
        let refused = moment.refused.clone().map(Err);
        if let Some(answer) = refused.or(moment.answer.clone().map(Ok)) {
            while let Ok(request) = scene.engine.requests.try_recv() {
                if let Some(reply) = request.reply {
                    reply.send(answer.clone()).unwrap();
                }
            }
        }
        scene.window.run_steps(3);
        if moment.answer.is_some()
            && let Some(first) = scene
                .window
                .query_all_by(|node| {
                    node.label()
                        .is_some_and(|label| label.starts_with("Ирина Ковалёва,"))
                })
                .next()
        {
            first.click_accesskit();
        }
        scene.window.run_steps(3);
        for letter in moment.typed.chars() {
            if letter == '\t' {
                scene.window.key_press(egui::Key::Tab);
            } else {
                scene.window.event(egui::Event::Text(letter.to_string()));
            }
        }
        scene.window.run_steps(3);
        scene
    }

    /// What the window asked of the engine since last asked, without the housekeeping.
    pub fn commands(&mut self) -> Vec<Command> {
        let mut commands = Vec::new();
        while let Ok(request) = self.engine.requests.try_recv() {
            if !matches!(
                request.command,
                Command::RefreshDevices | Command::MeterMicrophone { .. }
            ) {
                commands.push(request.command);
            }
        }
        commands
    }

    /// Shows another moment.
    pub fn show(&mut self, snapshot: Snapshot) {
        self.engine.publish(snapshot);
        self.window.run_steps(3);
    }
}

pub fn account(
    id: &str,
    name: &str,
    state: RegistrationState,
    reason: Option<Problem>,
) -> AccountView {
    let mut account = Account::new(AccountId::from(id));
    let domain = "pbx.example.ru";
    for (setting, value) in [
        (SettingId::Name, name),
        (SettingId::Login, "101"),
        (SettingId::Domain, domain),
        (SettingId::DisplayName, "Анна Ковалёва"),
        (SettingId::Transport, "tls"),
    ] {
        account.set(setting, value).unwrap();
    }
    AccountView {
        id: account.id.clone(),
        name: name.into(),
        role: Role::Owner,
        owner: None,
        draft: None,
        enabled: true,
        values: account.values(),
        has_password: true,
        registration: Registration {
            state,
            reason,
            transport: Some(if id == "office" {
                Transport::Udp
            } else {
                Transport::Tls
            }),
            ..Registration::default()
        },
        voicemail: None,
    }
}

pub const FINGERPRINT: &str = "9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08";

fn preferences(language: &str) -> Preferences {
    Preferences {
        language: language.into(),
        theme: "system".into(),
        ..Preferences::default()
    }
}

pub fn first_run(language: &str) -> Snapshot {
    Snapshot {
        preferences: preferences(language),
        templates: Catalogue::built_in().clone().into(),
        devices: Devices {
            inputs: vec![
                "Встроенный микрофон".into(),
                "Plantronics Blackwire 3220 Series".into(),
            ],
            outputs: vec!["Встроенный динамик".into()],
            microphone: Some("Встроенный микрофон".into()),
            ..Devices::default()
        },
        ..Snapshot::default()
    }
}

pub fn idle(language: &str) -> Snapshot {
    Snapshot {
        accounts: vec![
            account("office", "Офис · 101", RegistrationState::Registered, None),
            account("zadarma", "Zadarma", RegistrationState::Registered, None),
            account(
                "home",
                "Дом",
                RegistrationState::Failed,
                Some(Problem::WrongPassword),
            ),
        ],
        used_before: true,
        ..first_run(language)
    }
}

/// A line with edited settings that wait, among them the password.
pub fn draft(language: &str) -> Snapshot {
    let mut snapshot = idle(language);
    let values = [("transport", "tls"), ("codecs", "ulaw,opus")];
    snapshot.accounts[0]
        .values
        .insert("transport".into(), "udp".into());
    snapshot.accounts[0].draft = Some(DraftView {
        values: values
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        password: true,
        due: SystemTime::now() + Duration::from_secs(251),
    });
    snapshot
}

/// A line that somebody else set up.
pub fn used(language: &str) -> Snapshot {
    let mut snapshot = idle(language);
    let line = &mut snapshot.accounts[0];
    line.role = Role::User;
    line.owner = Some("7 Анна Ковалёва".parse().unwrap());
    line.values
        .retain(|name, _| ["name", "enabled", "record"].contains(&name.as_str()));
    line.values.insert("record".into(), "on".into());
    snapshot
}

/// A line was deleted a moment ago.
pub fn removed(language: &str) -> Snapshot {
    Snapshot {
        removed: vec![RemovedView {
            id: AccountId::from("old"),
            name: "Старая линия с очень длинным названием".into(),
            until: SystemTime::now() + Duration::from_secs(10),
        }],
        ..idle(language)
    }
}

pub fn no_lines(language: &str) -> Snapshot {
    Snapshot {
        used_before: true,
        ..first_run(language)
    }
}

pub fn anna() -> TelegramPeer {
    TelegramPeer {
        id: 1,
        kind: TelegramPeerKind::Person,
        name: "Анна Ковалёва".into(),
        username: Some("anna_k".into()),
        phone: Some("+79261234567".into()),
    }
}

/// Signed in to Telegram, with some chats and people.
pub fn signed_in(language: &str) -> Snapshot {
    let peer = |id, kind, name: &str, username: Option<&str>| TelegramPeer {
        id,
        kind,
        name: name.into(),
        username: username.map(str::to_owned),
        phone: None,
    };
    use TelegramPeerKind::{Channel, Group, Person, Saved};
    let chats = [
        peer(1, Saved, "Анна Ковалёва", None),
        peer(-1007, Channel, "Записи отдела", Some("records")),
        peer(-8, Group, "Бухгалтерия", None),
    ];
    let people = [
        anna(),
        peer(9, Person, "Пётр Сергеев", Some("petr")),
        TelegramPeer {
            phone: Some("+74951234567".into()),
            ..peer(10, Person, "Мария, бухгалтерия", None)
        },
    ];
    let state = TelegramState::SignedIn { online: true };
    let telegram = TelegramView {
        chats: chats.into(),
        people: people.into(),
        ..telegram(state, None)
    };
    with_telegram(language, telegram)
}

pub fn with_telegram(language: &str, telegram: TelegramView) -> Snapshot {
    Snapshot {
        telegram,
        ..idle(language)
    }
}

/// The account in a state, with what went wrong.
pub fn telegram(state: TelegramState, problem: Option<Problem>) -> TelegramView {
    let signed_in = matches!(state, TelegramState::SignedIn { .. });
    TelegramView {
        me: signed_in.then(anna),
        chats: if signed_in { vec![anna(); 37] } else { vec![] }.into(),
        people: if signed_in { vec![anna(); 122] } else { vec![] }.into(),
        api_id: Some(12345),
        state,
        problem,
        ..TelegramView::default()
    }
}

pub fn code_by(how: CodeWay) -> TelegramState {
    let length = Some(5);
    TelegramState::NeedsCode { length, how }
}

pub fn to_scan() -> TelegramState {
    TelegramState::Qr {
        url: "tg://login?token=Zm9ydHktdHdvIGlzIHRoZSBhbnN3ZXIgdG8gZXZlcnl0aGk".into(),
        expires_at: Instant::now() + Duration::from_secs(30),
    }
}

pub fn password_by(hint: &str) -> TelegramState {
    let hint = hint.into();
    TelegramState::NeedsPassword { hint }
}

/// Every form of the Telegram screen.
/// A number of the dial chat that rings here, and one that waits for a click.
pub fn requested(language: &str) -> Snapshot {
    let request = |id, target: &str, rings| DialRequest::sample(id, target, "Офис", rings);
    Snapshot {
        requests: vec![
            request(1, "+7 926 123-45-67", true),
            request(2, "sip:anna@pbx.example.ru", false),
        ],
        ..idle(language)
    }
}

/// Signed in; two recordings can't be sent, and others wait.
pub fn queue() -> TelegramView {
    let refused = |id, problem| PostView {
        id,
        chat: Some("Записи отдела".into()),
        recording: Some(RECORDING.into()),
        state: PostState::Refused,
        problem: Some(problem),
    };
    let chat = || "Записи отдела".to_owned();
    let queue = [
        refused(1, Problem::TelegramMayNotPost { chat: chat() }),
        refused(2, Problem::TelegramChatGone { chat: chat() }),
    ];
    TelegramView {
        queued: 5,
        queue: queue.into(),
        queue_problem: Some(Problem::TelegramFlood { seconds: 42 }),
        ..telegram(TelegramState::SignedIn { online: true }, None)
    }
}

fn telegrams() -> Vec<(
    &'static str,
    TelegramView,
    &'static [&'static str],
    &'static str,
)> {
    let (online, offline) = (
        TelegramState::SignedIn { online: true },
        TelegramState::SignedIn { online: false },
    );
    let hint = "девичья фамилия кошки".to_owned();
    let email = "an***@example.ru".to_owned();
    vec![
        ("telegram", telegram(TelegramState::Off, None), &[], ""),
        (
            "telegram-flood",
            telegram(
                TelegramState::Off,
                Some(Problem::TelegramFlood { seconds: 42 }),
            ),
            &[],
            "8 926 123-45-67",
        ),
        (
            "telegram-wrong-phone",
            telegram(TelegramState::Off, None),
            &["telegram-send-code"],
            "",
        ),
        (
            "telegram-connecting",
            TelegramView {
                busy: true,
                ..telegram(TelegramState::Connecting, None)
            },
            &[],
            "",
        ),
        (
            "telegram-code",
            telegram(code_by(CodeWay::App), None),
            &[],
            "123",
        ),
        (
            "telegram-code-wrong",
            telegram(
                code_by(CodeWay::Email { address: email }),
                Some(Problem::TelegramCode),
            ),
            &[],
            "",
        ),
        (
            "telegram-password",
            telegram(password_by(&hint), Some(Problem::TelegramPassword { hint })),
            &[],
            "secret",
        ),
        ("telegram-qr", telegram(to_scan(), None), &[], ""),
        ("telegram-in", telegram(online.clone(), None), &[], ""),
        ("telegram-queue", queue(), &[], ""),
        (
            "telegram-dial-chat",
            telegram(online.clone(), None),
            &["dial-chat-which"],
            "",
        ),
        (
            "telegram-out-sure",
            telegram(online, None),
            &["telegram-sign-out"],
            "",
        ),
        (
            "telegram-offline",
            telegram(offline, Some(Problem::TelegramUnreachable)),
            &[],
            "",
        ),
        (
            "telegram-api",
            TelegramView {
                api_id: None,
                ..telegram(TelegramState::NeedsApi, None)
            },
            &["telegram-api-keep"],
            "",
        ),
    ]
}

pub fn untrusted(language: &str) -> Snapshot {
    let problem = Problem::CertificateNotTrusted {
        host: "pbx.example.ru".into(),
        fingerprint: FINGERPRINT.into(),
        reason: "unknown issuer".into(),
    };
    let mut snapshot = idle(language);
    snapshot.accounts.truncate(2);
    snapshot.accounts.push(account(
        "home",
        "Дом",
        RegistrationState::Failed,
        Some(problem),
    ));
    snapshot
}

pub const RECORDING: &str =
    "/home/anna/.local/share/gudok/recordings/2026-11-22 16-45-03 +79261234567 out.ogg";

/// A call with a recording.
pub fn recorded(call: CallView, state: RecordingState, locked: bool) -> CallView {
    CallView {
        recording: Some(Recording {
            path: RECORDING.into(),
            state,
            locked,
        }),
        ..call
    }
}

pub fn call(id: u64, name: Option<&str>, state: CallState) -> CallView {
    let now = Instant::now();
    let answered = matches!(state, CallState::Active | CallState::Held);
    let ago = |seconds: u64| now.checked_sub(Duration::from_secs(seconds)).unwrap_or(now);
    CallView {
        id: CallId(id),
        account: AccountId::from("office"),
        account_name: "Офис · 101".into(),
        direction: if state == CallState::Incoming {
            Direction::Incoming
        } else {
            Direction::Outgoing
        },
        peer: Peer {
            name: name.map(str::to_owned),
            number: "+7 926 123-45-67".into(),
            uri: "sip:+79261234567@pbx.example.ru".into(),
            typed: None,
        },
        started_at: ago(260),
        answered_at: answered.then(|| ago(257)),
        duration: None,
        muted: false,
        joined: false,
        silenced: false,
        held_by_peer: false,
        codec: answered.then(|| "opus".into()),
        encryption: None,
        transport: Some(Transport::Tls),
        quality: answered.then(|| Quality {
            mos: Some(4.3),
            round_trip_ms: Some(42.4),
            ..Quality::default()
        }),
        final_figures: false,
        dtmf_received: String::new(),
        recording: None,
        transfer: None,
        asked: None,
        instead_of: None,
        forwarded_to: None,
        diverted_by: None,
        progress: None,
        warning: None,
        state,
    }
}

/// A call whose far side asks for a transfer.
pub fn asked() -> CallView {
    let target = "sip:carol@pbx.example.ru".parse().unwrap();
    CallView {
        asked: Some(TransferAsked::new(target, None, None)),
        ..call(1, Some("Ann"), CallState::Active)
    }
}

/// With messages in the voicemail, and watched numbers.
pub fn watched(language: &str) -> Snapshot {
    let mut snapshot = idle(language);
    if let Some(office) = snapshot
        .accounts
        .iter_mut()
        .find(|a| a.id.as_str() == "office")
    {
        office.voicemail = Some(VoicemailView {
            waiting: true,
            new: Some(2),
            ..VoicemailView::default()
        });
    }
    let one = |number: &str, name: &str, state, caller: Option<&str>| FavouriteView {
        account: "office".into(),
        number: number.into(),
        name: name.into(),
        state,
        caller: caller.map(str::to_owned),
        can_pick_up: state == FavouriteState::Ringing,
    };
    snapshot.favourites = vec![
        one("102", "Анна", FavouriteState::Free, None),
        one(
            "103",
            "",
            FavouriteState::Ringing,
            Some("Иван Петрович Преображенский"),
        ),
        one("104", "Борис", FavouriteState::Busy, None),
        one("105", "", FavouriteState::Unknown, None),
    ];
    snapshot
}

/// A call that is being transferred.
pub fn transferring(stage: TransferStage) -> CallView {
    CallView {
        transfer: Some(Transfer {
            to: "102".into(),
            stage,
            with: None,
        }),
        ..call(1, Some("Ann"), CallState::Active)
    }
}

pub fn ended(id: u64, problem: Option<Problem>) -> CallView {
    let talked = problem.is_none();
    let status = problem.as_ref().map(|_| 486);
    CallView {
        duration: talked.then(|| Duration::from_secs(192)),
        ..call(
            id,
            Some("Игорь"),
            CallState::Ended {
                problem,
                by_peer: true,
                sip_status: status,
            },
        )
    }
}

pub fn with_calls(language: &str, calls: Vec<CallView>) -> Snapshot {
    Snapshot {
        calls,
        ..idle(language)
    }
}

/// What the history finds.
pub fn past_calls() -> Reply {
    let call = |id: i64, incoming, name: Option<&str>, number: &str, outcome| PastCall {
        id,
        began: Beginning {
            began_us: 1_795_000_000_000_000 - id * 4_000_000_000,
            account: "office".into(),
            line: "Офис · 101".into(),
            incoming,
            name: name.map(str::to_owned),
            number: number.into(),
            uri: format!("sip:{number}@pbx.example.ru"),
            typed: None,
        },
        ended: Ending {
            outcome,
            talked_ms: (outcome == Outcome::Talked).then_some(257_000),
            codec: Some("opus".into()),
            ..Ending::default()
        },
    };
    let mut talked = call(
        1,
        true,
        Some("Ирина Ковалёва"),
        "+79261234567",
        Outcome::Talked,
    );
    talked.ended.recording = Some(RECORDING.into());
    talked.ended.quality = Some(serde_json::json!({
        "mos": 4.31, "round_trip_ms": 42.4, "jitter_ms": 3.2, "lost_packets": 4, "received_packets": 12_000,
    }));
    let mut failed = call(3, false, None, "+74951234567", Outcome::Failed);
    failed.ended.problem = serde_json::to_value(Problem::Busy).ok();
    failed.ended.status = Some(486);
    let long = "Константин Константинович Константинопольский-Задунайский";
    serde_json::json!([
        talked,
        call(2, true, Some(long), "+79030000000", Outcome::Missed),
        failed,
        call(
            4,
            false,
            Some("Мария, бухгалтерия"),
            "102",
            Outcome::Cancelled
        ),
    ])
}

/// A moment of the window: what the engine says, where one is, and what was pressed there.
#[derive(Clone)]
pub struct Moment {
    pub snapshot: Snapshot,
    pub place: Option<Place>,
    pub pressed: &'static [&'static str],
    pub typed: &'static str,
    pub failed: Option<Problem>,
    pub asked: bool,
    pub refused: Option<Problem>,
    /// What is answered to whoever waits for an answer.
    pub answer: Option<Reply>,
}

/// Everything the window can show, each by a name.
pub fn all(language: &str) -> BTreeMap<&'static str, Moment> {
    let mut muted = call(1, Some("Пётр Сергеев"), CallState::Active);
    muted.muted = true;
    muted.encryption = Some(Protection {
        suite: Suite::AeadAes256Gcm,
        keys: Keys::Dtls,
    });
    muted.dtmf_received = "12#".into();
    muted.warning = Some(Problem::NoMicrophone);
    let long = "Константин Константинович Константинопольский-Задунайский";
    let active = || call(1, Some("Пётр Сергеев"), CallState::Active);
    let held = || call(2, Some("Мария, бухгалтерия"), CallState::Held);
    let incoming = |name| call(3, Some(name), CallState::Incoming);
    let office = || Some(Place::Line(AccountId::from("office")));
    let lines = || Some(Place::Lines);
    let home = || Some(Place::Line(AccountId::from("home")));

    let mut moments = BTreeMap::new();
    let mut add = |name: &'static str, snapshot, place, pressed, typed| {
        moments.insert(
            name,
            Moment {
                snapshot,
                place,
                pressed,
                typed,
                failed: None,
                asked: name == "choose-line",
                refused: (name == "line-refused").then(|| Problem::File {
                    path: "settings.toml".into(),
                    reason: "No space left on device".into(),
                }),
                answer: name.starts_with("history").then(past_calls),
            },
        );
    };
    let idle = || idle(language);
    add("first", first_run(language), None, &[], "");
    add("phone", idle(), None, &[], "");
    add("phone-typed", idle(), None, &[], "8 (495) 123-4");
    add("phone-wrong", idle(), None, &[], "http://a");
    add("phone-picker", idle(), None, &["phone-over-any"], "");
    add("phone-focus", idle(), None, &[], "\t\t\t\t\t");
    add("phone-empty", no_lines(language), None, &[], "");
    add("notice", idle(), Some(Place::Lines), &[], "");
    let missed = HistoryView {
        missed: 2,
        changes: 1,
    };
    let history = Snapshot {
        history: missed,
        ..idle()
    };
    add("history", history, Some(Place::History), &[], "");
    add("lines", idle(), Some(Place::Lines), &[], "");
    add(
        "lines-empty",
        no_lines(language),
        Some(Place::Lines),
        &[],
        "",
    );
    add("line", idle(), office(), &[], "");
    add("line-draft", draft(language), office(), &[], "");
    add("line-prompt", idle(), office(), &["setting-domain"], "");
    add("line-wrong", idle(), office(), &["setting-domain"], " x");
    add(
        "line-secret",
        idle(),
        office(),
        &["setting-password"],
        "секрет",
    );
    add("line-codecs", idle(), office(), &["setting-codecs"], "");
    add("line-dtmf", idle(), office(), &["setting-dtmf"], "");
    add("line-rules", idle(), office(), &["setting-rules"], "");
    add("line-chat", idle(), office(), &["setting-record-chat"], "");
    add("line-more", idle(), office(), &["lines-more"], "");
    add("line-used", used(language), office(), &[], "");
    let user = &["setting-user"];
    add("line-user", signed_in(language), office(), user, "");
    let list = &["setting-record-chat", "party-choose-chat"];
    add("line-chat-list", signed_in(language), office(), list, "");
    let list = &["setting-user", "party-choose-user"];
    add("line-user-list", signed_in(language), office(), list, "");
    let rules = &["setting-rules"];
    let tried = "[^\\w+*#]= ^8=7 ^79\\d{9}$\t8 (926) 123-45-67";
    add("line-rules-tried", idle(), office(), rules, tried);
    let filtered = "[^\\w+*#]= ^8=7 ^79\\d{9}$\t112";
    add("line-rules-filtered", idle(), office(), rules, filtered);
    add("line-rules-wrong", idle(), office(), rules, "^8(=7");
    let template = &["setting-template"];
    add("line-template", idle(), office(), template, "");
    add("line-template-search", idle(), office(), template, "sip");
    add("line-worker", idle(), office(), &["setting-worker"], "");
    add("line-refused", idle(), office(), &["setting-transport"], "");
    add("removed", removed(language), None, &[], "");
    let out = &["carry-out-open"];
    add("carry-out", idle(), lines(), out, "");
    let sealed = &["carry-out-open", "carry-with-passwords"];
    add("carry-out-sealed", idle(), lines(), sealed, "");
    add("carry-in", idle(), lines(), &["carry-in-open"], "");
    add("choose-line", idle(), None, &[], "");
    add("line-delete", idle(), office(), &["lines-delete"], "");
    add("line-password", idle(), home(), &[], "");
    add("line-untrusted", untrusted(language), home(), &[], "");
    add("line-new", idle(), Some(Place::NewLine), &[], "");
    add(
        "line-new-more",
        idle(),
        Some(Place::NewLine),
        &["lines-more"],
        "",
    );
    add(
        "line-new-wrong",
        idle(),
        Some(Place::NewLine),
        &["lines-add-this", "lines-add"],
        "",
    );
    add("settings", idle(), Some(Place::Settings), &[], "");
    add("watched", watched(language), None, &[], "");
    add("trace", idle(), Some(Place::Trace), &[], "");
    add("dial-requests", requested(language), None, &[], "");
    for (name, telegram, pressed, typed) in telegrams() {
        let snapshot = with_telegram(language, telegram);
        add(name, snapshot, Some(Place::Telegram), pressed, typed);
    }
    let mut calls = |name, calls, pressed| {
        moments.insert(
            name,
            Moment {
                snapshot: with_calls(language, calls),
                place: None,
                pressed,
                typed: "",
                failed: None,
                asked: false,
                refused: None,
                answer: None,
            },
        );
    };
    calls("call-ringing", vec![call(1, None, CallState::Ringing)], &[]);
    calls("call-active", vec![held(), active()], &[]);
    let joined = |call: CallView, silenced| CallView {
        joined: true,
        silenced,
        state: CallState::Active,
        ..call
    };
    let conference = vec![joined(held(), false), joined(active(), true)];
    calls("call-conference", conference, &[]);
    calls("call-tones", vec![active()], &["call-tones"]);
    calls("call-transfer", vec![active()], &["call-transfer"]);
    let stage = TransferStage::Ringing;
    calls("call-transferring", vec![transferring(stage)], &[]);
    let problem = Problem::Declined;
    let failed = TransferStage::Failed { problem };
    calls("call-not-transferred", vec![transferring(failed)], &[]);
    calls("call-asked", vec![asked()], &[]);
    let diverted = CallView {
        diverted_by: Some(Peer {
            number: "205".into(),
            ..Peer::default()
        }),
        ..incoming(long)
    };
    calls("call-deflect", vec![diverted], &["call-deflect"]);
    let recording = |state, locked| vec![recorded(active(), state, locked)];
    calls(
        "call-recording",
        recording(RecordingState::Running, false),
        &[],
    );
    calls(
        "call-recording-paused",
        recording(RecordingState::Paused, false),
        &[],
    );
    calls(
        "call-recording-locked",
        recording(RecordingState::Running, true),
        &[],
    );
    let saved = recorded(ended(1, None), RecordingState::Saved, false);
    calls("call-recorded", vec![saved], &[]);
    calls("call-muted", vec![muted], &[]);
    calls("call-held", vec![call(1, Some(long), CallState::Held)], &[]);
    calls(
        "call-incoming",
        vec![active(), incoming("Мария, бухгалтерия")],
        &[],
    );
    calls("call-incoming-alone", vec![incoming(long)], &[]);
    calls("call-ended", vec![ended(1, None)], &[]);
    calls("call-busy", vec![ended(1, Some(Problem::Busy))], &[]);
    let first = Snapshot {
        calls: vec![active()],
        ..first_run(language)
    };
    moments.insert(
        "first-call",
        Moment {
            snapshot: first,
            place: None,
            pressed: &[],
            typed: "",
            failed: None,
            asked: false,
            refused: None,
            answer: None,
        },
    );
    if let Some(moment) = moments.get_mut("notice") {
        let reasons = vec![("Дом".to_owned(), Problem::LineOff)];
        moment.failed = Some(Problem::NoLine { reasons });
    }
    moments
}
