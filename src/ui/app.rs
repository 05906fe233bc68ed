use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, CornerRadius, Margin, Rect, ScrollArea, ThemePreference, Ui, UiBuilder, pos2};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use super::notices::Notices;
use super::screens::choose_line::{Answer, Question};
use super::view::{Place, View};
use super::{calls, keys, nav, screens, theme};
use crate::engine::{CallId, CallState, CallView, Command, Event, Handle, Problem, Snapshot};
use crate::locale::{Language, Texts};

/// How often a level meter that can be seen is drawn again.
const METER_PERIOD: Duration = Duration::from_millis(70);

/// The window: draws the engine's snapshot and sends it commands.
pub struct App {
    handle: Handle,
    events: Receiver<Event>,
    texts: Texts,
    language: String,
    theme: String,
    place: Place,
    first_run_left: bool,
    notices: Notices,
    phone: screens::phone::State,
    lines: screens::lines::State,
    history: screens::history::State,
    sound: screens::sound::State,
    telegram: screens::telegram_form::State,
    trace: screens::trace::State,
    calls: calls::State,
    calls_height: f32,
    metering: bool,
    devices_asked: bool,
    quitting: bool,
    ringing: Option<Ringing>,
    question: Option<Question>,
}

/// What rings here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ringing {
    Call(CallId),
    /// A number of the dial chat.
    Request(u64),
}

impl App {
    /// Prepares the context's look and makes the engine wake it.
    pub fn new(handle: Handle, ctx: &Context) -> Self {
        theme::install(ctx);
        let waken = ctx.clone();
        handle.set_waker(move || waken.request_repaint());
        let events = handle.events();
        let preferences = handle.snapshot().preferences.clone();
        let app = Self {
            texts: Texts::new(Language::from_preference(&preferences.language)),
            language: preferences.language,
            theme: preferences.theme,
            handle,
            events,
            place: Place::Phone,
            first_run_left: false,
            notices: Notices::default(),
            phone: screens::phone::State::default(),
            lines: screens::lines::State::default(),
            history: screens::history::State::default(),
            sound: screens::sound::State::default(),
            telegram: screens::telegram_form::State::default(),
            trace: screens::trace::State::default(),
            calls: calls::State::default(),
            calls_height: 0.0,
            metering: false,
            devices_asked: false,
            quitting: false,
            ringing: None,
            question: None,
        };
        app.set_theme(ctx);
        app
    }

    /// In this language until another is chosen, whatever the preference says.
    pub fn with_language(mut self, language: Language) -> Self {
        self.texts = Texts::new(language);
        self
    }

    /// With something to tell from the start.
    pub fn with_notice(mut self, problem: Problem) -> Self {
        self.notices.tell(problem);
        self
    }

    fn set_theme(&self, ctx: &Context) {
        ctx.set_theme(match self.theme.as_str() {
            "light" => ThemePreference::Light,
            "dark" => ThemePreference::Dark,
            _ => ThemePreference::System,
        });
    }

    /// What has to be done whether or not the window can be seen.
    pub fn logic(&mut self, ctx: &Context) {
        let snapshot = self.handle.snapshot();
        if snapshot.preferences.language != self.language {
            self.language = snapshot.preferences.language.clone();
            self.texts = Texts::new(Language::from_preference(&self.language));
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(self.texts.get("app-name")));
        }
        if snapshot.preferences.theme != self.theme {
            self.theme = snapshot.preferences.theme.clone();
            self.set_theme(ctx);
            ctx.request_repaint();
        }
        self.read_events(ctx);
        self.lines.poll(ctx);
        self.meter_microphone(ctx, &snapshot);
        self.call_for_attention(ctx, &snapshot);
        if ctx.input(|input| input.viewport().close_requested()) {
            self.quit();
        }
    }

    /// Tells the engine once that the window is gone; it ends the calls.
    fn quit(&mut self) {
        if !self.quitting {
            self.quitting = true;
            self.handle.send(Command::Quit);
        }
    }

    /// Lets the desktop mark the window when a call comes in; the keyboard stays where it is.
    fn call_for_attention(&mut self, ctx: &Context, snapshot: &Snapshot) {
        let rings = |call: &&CallView| call.state == CallState::Incoming;
        let ringing = snapshot.calls.iter().find(rings);
        let ringing = ringing.map(|call| Ringing::Call(call.id));
        let requested = snapshot.requests.iter().find(|request| request.rings);
        let ringing = ringing.or(requested.map(|request| Ringing::Request(request.id)));
        if ringing.is_some() && ringing != self.ringing {
            let attention = egui::UserAttentionType::Critical;
            ctx.send_viewport_cmd(egui::ViewportCommand::RequestUserAttention(attention));
        }
        self.ringing = ringing;
    }

    fn read_events(&mut self, ctx: &Context) {
        loop {
            match self.events.try_recv() {
                Ok(Event::Failed { problem }) => self.notices.tell(problem),
                Ok(Event::Show) => {
                    ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
                    ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
                }
                Ok(Event::ChooseLine { target, lines }) => {
                    self.question = Some(Question::new(target, lines));
                    ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
                }
                Ok(Event::Stopped) => {
                    self.quitting = true;
                    ctx.send_viewport_cmd(egui::ViewportCommand::Close);
                }
                Ok(Event::Devices { problem }) => {
                    self.notices.tell_of_devices(problem);
                }
                Ok(_) | Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
    }

    fn is_first_run(&self, snapshot: &Snapshot) -> bool {
        !snapshot.used_before
            && !self.first_run_left
            && snapshot
                .accounts
                .iter()
                .all(|account| account.id.is_test_line())
    }

    /// The microphone is open for the meter only where the meter is, and never behind one's back.
    fn meter_microphone(&mut self, ctx: &Context, snapshot: &Snapshot) {
        let shown = self.is_first_run(snapshot) || self.place == Place::Settings;
        let minimized = ctx.input(|input| input.viewport().minimized == Some(true));
        let wanted = shown && !minimized && !self.quitting && !has_live_call(snapshot);
        if wanted != self.metering {
            self.metering = wanted;
            self.handle.send(Command::MeterMicrophone { on: wanted });
        }
        if shown && !self.devices_asked {
            self.handle.send(Command::RefreshDevices);
        }
        self.devices_asked = shown;
    }

    /// Draws the window.
    pub fn ui(&mut self, ui: &mut Ui) {
        let snapshot: Arc<Snapshot> = self.handle.snapshot();
        let handle = self.handle.clone();
        let texts = self.texts.clone();
        let window = ui.max_rect();
        let view = View {
            handle: &handle,
            snapshot: &snapshot,
            texts: &texts,
            now: Instant::now(),
            narrow: window.width() < theme::NARROW,
            go: Default::default(),
            told: Default::default(),
            call_over: Default::default(),
        };
        let palette = theme::Palette::of(ui);
        ui.painter()
            .rect_filled(window, CornerRadius::ZERO, palette.background);

        if self.is_first_run(&snapshot) {
            self.first_run(ui, &view);
        } else {
            self.screens(ui, &view, window);
        }
        self.choose_line(ui.ctx(), &view);
        self.ask_for_next_picture(ui.ctx(), &snapshot);
        if let Some(problem) = view.told.take() {
            self.notices.tell(problem);
        }
        if let Some(line) = view.call_over.take() {
            self.phone.call_over(line);
        }
        if let Some(place) = view.go.take() {
            self.first_run_left = true;
            self.go(place);
            ui.ctx().request_repaint();
        }
    }

    /// Asks for the line of a number that several could take.
    fn choose_line(&mut self, ctx: &Context, view: &View<'_>) {
        let Some(mut question) = self.question.take() else {
            return;
        };
        match question.show(ctx, view) {
            Answer::None => self.question = Some(question),
            Answer::Dialled => {}
            Answer::Dropped => self.phone.bring_back(ctx, question.target),
        }
    }

    /// Goes to a place.
    pub(super) fn go(&mut self, place: Place) {
        self.lines.enter(&self.handle, &place);
        if place == Place::Telegram && self.place != place {
            self.telegram.enter();
        }
        if place == Place::Trace && self.place != place {
            self.trace = screens::trace::State::default();
        }
        self.place = place;
    }

    fn first_run(&mut self, ui: &mut Ui, view: &View<'_>) {
        let (notices, calls) = (&mut self.notices, &mut self.calls);
        screens::first::show(ui, view, |ui| {
            calls::show(ui, view, calls);
            notices.show(ui, view);
        });
    }

    fn screens(&mut self, ui: &mut Ui, view: &View<'_>, window: Rect) {
        let (nav_rect, main) = if view.narrow {
            let split = window.bottom() - nav::BAR_HEIGHT;
            (
                Rect::from_min_max(pos2(window.left(), split), window.max),
                Rect::from_min_max(window.min, pos2(window.right(), split)),
            )
        } else {
            let split = window.left() + nav::PANE_WIDTH;
            (
                Rect::from_min_max(window.min, pos2(split, window.bottom())),
                Rect::from_min_max(pos2(split, window.top()), window.max),
            )
        };
        keys::route(
            ui.ctx(),
            &mut self.phone,
            &mut self.place,
            &mut self.calls,
            view,
        );
        let mut main_ui = ui.new_child(UiBuilder::new().id_salt("main").max_rect(main));
        main_ui.shrink_clip_rect(main);
        self.main(&mut main_ui, view);

        let mut nav_ui = ui.new_child(UiBuilder::new().id_salt("nav").max_rect(nav_rect));
        if view.narrow {
            nav::bar(&mut nav_ui, view, &self.place);
        } else {
            nav::pane(&mut nav_ui, view, &self.place);
        }
    }

    /// Calls and notices stay at the top as long as enough room is left for the screen.
    fn main(&mut self, ui: &mut Ui, view: &View<'_>) {
        let room = ui.max_rect().height() - self.calls_height;
        let all_scrolls = self.calls_height > 0.0 && room < 260.0;
        if all_scrolls {
            ScrollArea::vertical()
                .id_salt("all")
                .auto_shrink(false)
                .show(ui, |ui| {
                    self.top(ui, view);
                    self.screen(ui, view, true);
                });
        } else {
            self.top(ui, view);
            self.screen(ui, view, false);
        }
    }

    fn top(&mut self, ui: &mut Ui, view: &View<'_>) {
        let quiet = view.snapshot.calls.is_empty() && view.snapshot.requests.is_empty();
        if quiet && self.notices.are_empty(view.snapshot) {
            self.calls_height = 0.0;
            return;
        }
        let side = if view.narrow { 16 } else { 24 };
        let margin = Margin {
            left: side,
            right: side,
            top: if view.narrow { 16 } else { 20 },
            bottom: 0,
        };
        let shown = egui::Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            calls::show(ui, view, &mut self.calls);
            self.notices.show(ui, view);
        });
        self.calls_height = shown.response.rect.height();
    }

    fn screen(&mut self, ui: &mut Ui, view: &View<'_>, inside_scroll: bool) {
        match self.place {
            Place::Phone => screens::phone::show(ui, view, &mut self.phone, inside_scroll),
            Place::History => screens::history::show(ui, view, &mut self.history, inside_scroll),
            Place::Telegram => {
                screens::telegram::show(ui, view, &mut self.telegram, inside_scroll);
            }
            Place::Settings => {
                screens::settings::show(ui, view, &mut self.sound, inside_scroll);
            }
            Place::Trace => screens::trace::show(ui, view, &mut self.trace),
            Place::Lines | Place::Line(_) | Place::NewLine => {
                screens::lines::show(ui, view, &mut self.lines, &self.place, inside_scroll);
            }
        }
    }

    /// Timers go once a second and only while a call is there; meters only while they are seen.
    fn ask_for_next_picture(&self, ctx: &Context, snapshot: &Snapshot) {
        let sound = snapshot.calls.iter().any(|call| call.state.has_media());
        let deaf = snapshot.devices.problem == Some(Problem::NoMicrophone);
        if sound || (self.metering && !deaf) {
            ctx.request_repaint_after(METER_PERIOD);
        } else if has_live_call(snapshot) {
            ctx.request_repaint_after(Duration::from_secs(1));
        }
    }
}

fn has_live_call(snapshot: &Snapshot) -> bool {
    snapshot
        .calls
        .iter()
        .any(|call| !matches!(call.state, CallState::Ended { .. }))
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _: &mut eframe::Frame) {
        Self::logic(self, ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        Self::ui(self, ui);
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.quit();
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}
