//! The engine's thread: it owns every room and is the only one to touch them.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use crate::account::{Account, AccountId, Party, SettingId, favourites};
use crate::audio::tones::{self, Country, RingSound};
use crate::audio::{DeviceSpec, Processing, SpecError};
use crate::call::{
    CallEvent, CallState, Calls, DeviceChoice, DeviceTrial, Direction, Invite, Line, Problem,
    Rooms, Sound, SoundEvent, SoundOptions, asks_for_answer, diverted_by,
};
use crate::engine::book::{Acquaintances, Book, Choice, names_test_line};
use crate::engine::dial_chat::{self, DialChat};
use crate::engine::handle::{EngineSide, Handle, Reply, Request, pair};
use crate::engine::history::{Log, Told};
use crate::engine::note::{Note, Words};
use crate::engine::recordings::{self, Recordings};
use crate::engine::telegram::{self, Telegram};
use crate::engine::trace;
use crate::engine::troubles::Troubles;
use crate::engine::watch::{News, Wanted, Watch};
use crate::engine::{
    Ask, CallId, Command, DeviceRole, Event, HistoryView, PreferenceChange, Registration,
    RegistrationState, view,
};
use crate::server::TestLine;
use crate::sip::message::Uri;
use crate::sip::transport::{Driver, Listen, local_ip_for};
use crate::sip::{
    self, Accept, Counters, Endpoint, EndpointConfig, Flow, Link, RegistrationStatus,
};
use crate::store::Profile;
use crate::store::accounts_file::{self, Carried};
use crate::store::history::Beginning;
use crate::store::secrets::SecretsKind;
use crate::telegram::{Ask as TelegramAsk, Content, Draft, Heard, Told as TelegramTold};

/// How long the engine waits for calls and registrations to end before it stops anyway.
const SHUT_DOWN_WITHIN: Duration = Duration::from_secs(3);
/// How long the start waits for the key store.
const PASSWORDS_WITHIN: Duration = Duration::from_millis(300);
/// How long a number waits for the lines that are about to register, when another could take it.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long is waited after settings that were due could not be written.
const WRITTEN_AGAIN: Duration = Duration::from_secs(60);
/// How many chats or people of Telegram one reply holds.
const TELEGRAM_FOUND: usize = 50;
/// How often the devices are listed while somebody looks at them: one may be plugged in.
const LIST_AGAIN: Duration = Duration::from_secs(2);
/// An address that is routed like any other on the internet; nothing is sent to it (RFC 5737).
const SOMEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);

/// The folder of recordings, in the profile's.
const RECORDINGS: &str = "recordings";

/// How the engine is to run.
pub struct Options {
    /// Where everything is kept.
    pub profile: Profile,
    /// Changes where passwords are kept, from now on.
    pub secrets: Option<SecretsKind>,
    /// The SIP listening address; `None` takes what the settings say.
    pub listen: Option<SocketAddr>,
    /// Devices to use instead of what the settings say.
    pub devices: Option<DeviceChoice>,
    /// What is done to the microphone's sound, instead of what the preferences say.
    pub processing: Option<Processing>,
    /// Puts into words what is written to a chat.
    pub words: Words,
    /// Whether accounts register. One that only makes a call beside a running Gudok does not,
    /// so as not to take its place at the registrar.
    pub register: bool,
}

/// A running engine. The thread ends after [`Command::Quit`].
pub struct Engine {
    /// The faces' hold on it.
    pub handle: Handle,
    /// What was wrong with the settings file.
    pub trouble: Option<Problem>,
    thread: std::thread::JoinHandle<()>,
}

impl Engine {
    /// Starts the engine on a thread of its own.
    ///
    /// # Errors
    /// If sockets or the media thread could not be had, or the settings can't be read.
    pub fn start(options: Options) -> Result<Self, Problem> {
        let (handle, side) = pair();
        let (ready, started) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("engine".into())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .max_blocking_threads(4)
                    .build();
                let runtime = match runtime {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        let _ = ready.send(Err(no_engine(error)));
                        return;
                    }
                };
                runtime.block_on(async {
                    match Core::new(options, side).await {
                        Ok((core, trouble)) => {
                            let _ = ready.send(Ok(trouble));
                            core.run().await;
                        }
                        Err(problem) => {
                            let _ = ready.send(Err(problem));
                        }
                    }
                });
            })
            .map_err(no_engine)?;
        match started.recv() {
            Ok(Ok(trouble)) => Ok(Self {
                handle,
                trouble,
                thread,
            }),
            Ok(Err(problem)) => Err(problem),
            Err(_) => Err(Problem::WrongState),
        }
    }

    /// Ends calls and registrations, then the thread.
    pub fn stop(self) {
        self.handle.send(Command::Quit);
        let _ = self.thread.join();
    }
}

/// Runs work with the key store that may take seconds. The engine waits for it, so that commands
/// are carried out in their order; calls go on, since their sound has a thread of its own.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        let reason = error.to_string();
        Err(Problem::KeyStore { reason })
    })
}

fn no_engine(error: std::io::Error) -> Problem {
    Problem::Refused {
        status: 500,
        reason: error.to_string(),
    }
}

/// What work that may block brings back.
enum Done {
    Password {
        account: AccountId,
        password: Result<Option<SecretString>, Problem>,
    },
    Devices(crate::audio::DeviceList),
    History(Told),
    Ring(Result<Option<Arc<[f32]>>, Problem>),
    /// A number of the dial chat was dialled, or could not be.
    ChatDialled {
        message: i32,
        call: Result<CallId, Problem>,
    },
}

/// A dial that waits for lines to register.
struct Waiting {
    request: Request,
    since: Instant,
    accounts: Vec<AccountId>,
    patient: bool,
}

struct Core {
    side: EngineSide,
    book: Book,
    calls: Calls,
    registrations: HashMap<AccountId, Registration>,
    flows: HashMap<AccountId, Flow>,
    passwords: HashMap<AccountId, SecretString>,
    devices: view::DeviceState,
    device_override: Option<DeviceChoice>,
    processing_override: Option<Processing>,
    /// When the devices are listed again, while somebody looks at them.
    list_again: Option<Instant>,
    /// The sound of the ring, if it is a file.
    ring_file: Option<Arc<[f32]>>,
    endpoint: Endpoint,
    link: Link,
    sound: Sound,
    sound_events: mpsc::UnboundedReceiver<SoundEvent>,
    done: (mpsc::UnboundedSender<Done>, mpsc::UnboundedReceiver<Done>),
    test_line: Option<TestLine>,
    telegram: Telegram,
    words: Words,
    recordings: Recordings,
    dial_chat: DialChat,
    troubles: Troubles,
    log: Log,
    history: HistoryView,
    watch: Watch,
    /// Dials that wait for lines to register.
    waiting: VecDeque<Waiting>,
    register: bool,
    counters: Counters,
    dirty: bool,
    quitting: Option<Instant>,
}

impl Core {
    async fn new(options: Options, side: EngineSide) -> Result<(Self, Option<Problem>), Problem> {
        let dir = options.profile.dir().to_owned();
        let owned = options.profile.is_owned();
        let recordings = dir.join(RECORDINGS);
        let (book, trouble) = Book::open(options.profile, options.secrets)?;
        let listen: Vec<_> = options.listen.into_iter().collect();
        let listen = if listen.is_empty() {
            book.listen().to_vec()
        } else {
            listen
        };
        let driver = Driver::bind(listen_on(listen))
            .await
            .map_err(|error| Problem::bad_value("listen", &error.to_string()))?;
        let mut endpoint = Endpoint::new(EndpointConfig {
            user_agent: concat!("Gudok/", env!("CARGO_PKG_VERSION")).into(),
            instance: book.instance(),
            accept: Accept::Ours,
            seed: fastrand::u64(..),
        });
        let link = Link::new(driver, &mut endpoint);
        let (tell, sound_events) = mpsc::unbounded_channel();
        let choice = options.devices.clone().unwrap_or_else(|| book.devices());
        let sound = Sound::start(
            choice,
            move |event| {
                let _ = tell.send(event);
            },
            side.level_setter(),
        )
        .map_err(no_engine)?;
        let telegram = Telegram::remembered(&book);
        let kept = book.notices_file().load().ok().flatten();
        let troubles = kept.map_or_else(Troubles::default, |kept| Troubles::read(&kept));
        let done = mpsc::unbounded_channel();
        let told = done.0.clone();
        let log = Log::open(dir, owned, move |what| {
            let _ = told.send(Done::History(what));
        })
        .map_err(no_engine)?;
        let mut core = Self {
            side,
            book,
            calls: Calls::new(recordings),
            registrations: HashMap::new(),
            flows: HashMap::new(),
            passwords: HashMap::new(),
            devices: view::DeviceState::default(),
            device_override: options.devices,
            processing_override: options.processing,
            list_again: None,
            ring_file: None,
            endpoint,
            link,
            sound,
            sound_events,
            done,
            test_line: None,
            telegram,
            words: options.words,
            recordings: Recordings::default(),
            dial_chat: DialChat::default(),
            troubles,
            log,
            history: HistoryView::default(),
            watch: Watch::default(),
            waiting: VecDeque::new(),
            register: options.register,
            counters: Counters::default(),
            dirty: true,
            quitting: None,
        };
        core.sound.options(core.sound_options());
        let quiet = core.book.preferences().do_not_disturb;
        core.calls.set_do_not_disturb(quiet);
        core.load_ring();
        let accounts: Vec<_> = core
            .book
            .accounts()
            .map(|account| account.id.clone())
            .collect();
        for id in &accounts {
            core.load_password(id);
        }
        core.meet();
        if core.register {
            core.telegram.resume(&core.book);
        }
        core.await_passwords(accounts.len()).await;
        core.settle().await;
        Ok((core, trouble))
    }

    /// Waits a moment for passwords, so that whoever asks first finds the accounts complete; a
    /// key store that takes longer is waited for later.
    async fn await_passwords(&mut self, count: usize) {
        let all = async {
            let mut left = count;
            while left > 0
                && let Some(done) = self.done.1.recv().await
            {
                left -= usize::from(matches!(done, Done::Password { .. }));
                self.on_done(done).await;
            }
        };
        let _ = tokio::time::timeout(PASSWORDS_WITHIN, all).await;
    }

    async fn run(mut self) {
        loop {
            self.settle().await;
            let now = Instant::now();
            if self
                .quitting
                .is_some_and(|until| self.endpoint.is_idle() || now >= until)
            {
                self.emit(Event::Stopped);
                return;
            }
            let until =
                |at: SystemTime| now + at.duration_since(SystemTime::now()).unwrap_or_default();
            let patience = self.waiting.iter().filter(|waiting| waiting.patient);
            let timers = [
                self.endpoint.poll_timeout(),
                self.calls.forget_ended(now),
                self.calls.poll_timeout(),
                self.quitting,
                self.book.next_due().map(until),
                self.list_again,
                self.dial_chat.next_due(),
                self.trouble_due().map(until),
                patience.map(|waiting| waiting.since + PATIENCE).min(),
            ];
            let wake = timers.into_iter().flatten().min();
            let wake = wake.unwrap_or_else(|| now + Duration::from_secs(3600));
            tokio::select! {
                request = self.side.requests.recv() => match request {
                    Some(request) => self.on_request(request).await,
                    None => self.quit().await,
                },
                input = self.link.next() => {
                    self.link.deliver(&mut self.endpoint, Instant::now(), input);
                }
                Some(event) = self.sound_events.recv() => self.on_sound(event),
                Some(done) = self.done.1.recv() => self.on_done(done).await,
                told = self.telegram.next() => self.on_telegram(told),
                () = sleep_until(wake.into()) => {}
            }
            self.endpoint.handle_timeout(Instant::now());
            self.with_calls(Calls::handle_timeout);
            if self.list_again.is_some_and(|due| due <= Instant::now()) {
                self.list_again = Some(Instant::now() + LIST_AGAIN);
                self.refresh_devices();
            }
            let lapsed = self.dial_chat.lapse(Instant::now());
            self.after_requests(lapsed);
            self.tell_owners_in_time();
            self.on_due(SystemTime::now()).await;
            self.lose_patience().await;
        }
    }

    /// Applies drafts and forgets removed accounts whose time has come.
    async fn on_due(&mut self, now: SystemTime) {
        if self.book.next_due().is_none_or(|due| due > now) {
            return;
        }
        let mut failed = None;
        for id in self.book.due_drafts(now) {
            failed = self.apply(&id).await.err().or(failed);
        }
        let gone = self.book.due_removals(Some(now));
        failed = self.forget(&gone).await.err().or(failed);
        if let Some(problem) = failed {
            self.book.put_off(now + WRITTEN_AGAIN);
            self.emit(Event::Failed { problem });
        }
        self.dirty = true;
    }

    /// Dials what has waited long enough for lines that don't come up, while another is there.
    async fn lose_patience(&mut self) {
        let late = |waiting: &Waiting| waiting.patient && waiting.since.elapsed() >= PATIENCE;
        while let Some(at) = self.waiting.iter().position(late) {
            if let Some(waiting) = self.waiting.remove(at) {
                let outcome = self.carry_out(&waiting.request.command).await;
                self.answer(waiting.request, outcome);
            }
        }
    }

    /// Carries out what the endpoint wants until it wants no more, then tells the faces.
    async fn settle(&mut self) {
        while let Some(event) = self.link.next_event(&mut self.endpoint) {
            self.on_sip(event).await;
        }
        for event in self.calls.take_events() {
            self.tell(event);
        }
        let shown = self.calls.iter().count();
        self.calls.forget_ended(Instant::now());
        self.dirty |= shown != self.calls.iter().count();
        let counters = self.endpoint.counters();
        self.dirty |= counters != self.counters;
        self.counters = counters;
        if std::mem::take(&mut self.dirty) {
            self.publish();
        }
    }

    /// Tells every face what happened. The snapshot an event speaks of is published before it.
    fn emit(&mut self, event: Event) {
        self.publish();
        self.side.emit(event);
    }

    fn publish(&mut self) {
        let snapshot = view::snapshot(&view::Seen {
            book: &self.book,
            calls: &self.calls,
            registrations: &self.registrations,
            passwords: &self.passwords,
            devices: &self.devices,
            counters: self.counters,
            listen: self.link.udp_addresses(),
            telegram: &self.telegram,
            dial_chat: &self.dial_chat,
            history: self.history,
            watch: &self.watch,
        });
        self.side.publish(snapshot);
    }

    fn tell(&mut self, event: CallEvent) {
        self.dirty = true;
        if let CallEvent::Incoming(id) = event {
            self.name_caller(id);
        }
        if let CallEvent::Incoming(id) | CallEvent::State(id) = event
            && let Some(call) = self.calls.get(id)
        {
            self.log.record(&self.calls, call);
            let steps = self.recordings.follow(call);
            self.send_recordings(id, steps);
            self.write_of_call(id, matches!(event, CallEvent::Incoming(_)));
        }
        let event = match event {
            CallEvent::Incoming(id) => self.calls.get(id).map(|call| Event::Incoming {
                call: id,
                account: call.line.account.clone(),
                peer: call.peer.clone(),
            }),
            CallEvent::State(id) => self.calls.get(id).map(|call| Event::CallState {
                call: id,
                state: call.state.clone(),
            }),
            CallEvent::Transfer(id) => self.calls.get(id).and_then(|call| {
                Some(Event::Transfer {
                    call: id,
                    transfer: call.transfer.clone()?,
                })
            }),
            CallEvent::TransferAsked(id) => self.calls.get(id).and_then(|call| {
                Some(Event::TransferAsked {
                    call: id,
                    to: call.asked.as_ref()?.to.clone(),
                })
            }),
            CallEvent::Dtmf(call, digit) => Some(Event::Dtmf { call, digit }),
            CallEvent::Failed(problem) => Some(Event::Failed { problem }),
        };
        if let Some(event) = event {
            self.emit(event);
        }
    }

    /// Calls a caller by the name that Telegram knows the number under.
    fn name_caller(&mut self, id: CallId) {
        if let Some(call) = self.calls.get(id)
            && let Some(name) = self.telegram.name_of(&call.peer.number)
        {
            self.calls.rename(id, name);
        }
    }

    /// Looks at a line that belongs to somebody else, and tells the owner what is to be told.
    fn look_for_trouble(
        &mut self,
        account: &AccountId,
        look: impl FnOnce(&mut Troubles, &str, SystemTime) -> Option<Note>,
    ) {
        // That a line goes off with the program is no change.
        let over = self.quitting.is_some();
        if over || !self.telegram.is_signed_in() || !self.book.owns_profile() {
            return;
        }
        let Some((line, owner)) = self.book.owner_of(account) else {
            return;
        };
        let before = self.troubles.clone();
        let note = look(&mut self.troubles, &line, SystemTime::now());
        if let Some(note) = note {
            self.write_to(Some(owner), &note, None);
        }
        if self.troubles != before
            && let Err(error) = self.book.notices_file().save(&self.troubles.kept())
        {
            tracing::warn!(%error, "what owners were told was not kept");
        }
    }

    /// When an owner has to be told of something that lasts.
    fn trouble_due(&self) -> Option<SystemTime> {
        let due = self.troubles.next_due();
        due.filter(|_| self.telegram.is_signed_in() && self.book.owns_profile())
    }

    /// Tells owners of what has lasted long enough.
    fn tell_owners_in_time(&mut self) {
        let now = SystemTime::now();
        if self.trouble_due().is_some_and(|due| due <= now) {
            for account in self.troubles.untold() {
                if self.book.owner_of(&account).is_none() {
                    self.troubles.forget(&account);
                }
                self.look_for_trouble(&account, |troubles, line, now| {
                    troubles.due(&account, line, now)
                });
            }
        }
    }

    /// Writes to the dial chat what is to be written there of a call.
    fn write_of_call(&mut self, id: CallId, rings: bool) {
        let Some(call) = self.calls.get(id) else {
            return;
        };
        if call.line.account.is_test_line() {
            return;
        }
        let settings = self.book.telegram_settings();
        let caller = (rings && settings.callers).then(|| Note::caller(call));
        let missed = settings.missed
            && dial_chat::is_missed(call.direction, &call.state, call.answered_at)
            && self.dial_chat.is_first(id);
        let missed = missed.then(|| Note::missed(call));
        let over = call.state.is_ended();
        let tried = match &call.state {
            CallState::Ended { problem, .. } if call.direction == Direction::Outgoing => {
                let went_through = problem.is_none() && call.answered_at.is_some();
                (problem.is_some() || went_through).then(|| problem.clone())
            }
            _ => None,
        };
        let account = call.line.account.clone();
        let reply = over.then(|| self.dial_chat.ended(id)).flatten();
        let outcome = reply.map(|message| (Note::dialled(call), Some(message)));
        let notes = caller.into_iter().chain(missed).map(|note| (note, None));
        for (note, reply_to) in notes.chain(outcome).collect::<Vec<_>>() {
            self.write(&note, reply_to);
        }
        if let Some(problem) = tried {
            self.look_for_trouble(&account, |troubles, line, now| {
                troubles.call(&account, line, problem.as_ref(), now)
            });
        }
    }

    /// Writes a note to the dial chat.
    fn write(&mut self, note: &Note, reply_to: Option<i32>) {
        let chat = self.book.telegram_settings().dial_chat.clone();
        self.write_to(chat, note, reply_to);
    }

    /// Writes a note to somebody; `None` is Saved Messages.
    fn write_to(&mut self, to: Option<Party>, note: &Note, reply_to: Option<i32>) {
        if !self.telegram.is_signed_in() || !self.book.owns_profile() {
            return;
        }
        let text = self.words.say(&self.book.preferences().language, note);
        let draft = Draft {
            account: None,
            to,
            content: Content::Text { text, reply_to },
            unfinished: false,
        };
        if let Err(problem) = self.ask_telegram(TelegramAsk::Post(Box::new(draft))) {
            self.emit(Event::Failed { problem });
        }
    }

    /// A number was written to the dial chat.
    fn on_heard(&mut self, heard: &Heard) {
        let (book, registrations) = (&self.book, &self.registrations);
        let lines = |target: &str| {
            let lines = match book.choose_line(target, None, registrations)? {
                Choice::One(line) => vec![line],
                Choice::Several(lines) => lines,
            };
            let choice = |line: Line| dial_chat::Choice {
                callback: book.account(&line.account).is_some_and(|a| a.callback),
                account: line.account,
                name: line.name,
            };
            Ok(lines.into_iter().map(choice).collect())
        };
        let before = self.dial_chat.requests().last().map(|request| request.id);
        let notes = self.dial_chat.hear(heard, lines, Instant::now());
        self.after_requests(notes);
        let newest = self.dial_chat.requests().last().cloned();
        if let Some(request) = newest.filter(|request| Some(request.id) != before) {
            self.emit(Event::DialRequest { request });
        }
    }

    /// Writes what is to be written, and rings as long as somebody is wanted here.
    fn after_requests(&mut self, notes: Vec<dial_chat::Answer>) {
        self.dirty |= !notes.is_empty();
        for (note, reply_to) in notes {
            self.write(&note, reply_to);
        }
        let rings = self.dial_chat.rings();
        self.with_calls(|calls, rooms| calls.summon(rooms, rings));
    }

    /// Dials a number of the dial chat as soon as its line is there.
    async fn dial_requested(&mut self, request: u64) -> Result<(), Problem> {
        let (target, account, message) = self.dial_chat.accept(request)?;
        self.after_requests(Vec::new());
        let (reply, outcome) = tokio::sync::oneshot::channel();
        let done = self.done.0.clone();
        tokio::spawn(async move {
            let outcome = outcome.await.unwrap_or(Err(Problem::WrongState));
            let call = outcome.and_then(|reply: Reply| {
                let id = reply.get("call").and_then(serde_json::Value::as_u64);
                id.map(CallId).ok_or(Problem::WrongState)
            });
            let _ = done.send(Done::ChatDialled { message, call });
        });
        let request = Request {
            command: Command::Dial {
                target,
                account: Some(account),
                ask: Ask::Never,
            },
            reply: Some(reply),
        };
        Box::pin(self.dial_or_wait(request, Instant::now())).await;
        Ok(())
    }

    /// Sees to it that the recordings of a call get to the chat of its account.
    fn send_recordings(&mut self, id: CallId, steps: Vec<recordings::Step>) {
        for step in steps {
            let ask = match step {
                recordings::Step::Begun(path) => {
                    let Some(call) = self.calls.get(id).filter(|_| self.telegram.is_signed_in())
                    else {
                        continue;
                    };
                    let Some(account) = self.book.account(&call.line.account) else {
                        continue;
                    };
                    let note = Note::recording(call);
                    let caption = self.words.say(&self.book.preferences().language, &note);
                    TelegramAsk::Post(Box::new(recordings::draft(account, path, caption, false)))
                }
                recordings::Step::Whole(path) => TelegramAsk::Finished(path),
            };
            if self.book.owns_profile()
                && let Err(problem) = self.ask_telegram(ask)
            {
                self.emit(Event::Failed { problem });
            }
        }
    }

    /// Sends a recording to the chat of its account.
    fn send_recording(&mut self, path: &Path, call: &Beginning) -> Result<(), Problem> {
        if !self.telegram.is_signed_in() {
            return Err(Problem::TelegramNotNow);
        }
        let account = self.book.known(&AccountId::from(call.account.as_str()))?;
        let note = Note::recorded(call);
        let caption = self.words.say(&self.book.preferences().language, &note);
        let draft = recordings::draft(account, path.to_owned(), caption, true);
        self.ask_telegram(TelegramAsk::Post(Box::new(draft)))
    }

    fn on_sound(&mut self, event: SoundEvent) {
        if let SoundEvent::Trial(trial) = &event {
            self.devices.trial = *trial;
        }
        if let SoundEvent::Problem(problem) = &event {
            let problem = problem.clone().map(Problem::from);
            if self.devices.problem != problem {
                self.devices.problem.clone_from(&problem);
                self.refresh_devices();
                self.emit(Event::Devices { problem });
            }
        }
        self.with_calls(|calls, rooms| calls.on_sound(rooms, event));
        self.dirty = true;
    }

    fn on_telegram(&mut self, told: Option<TelegramTold>) {
        self.dirty = true;
        match told {
            Some(TelegramTold::Delivered(delivered)) => return self.log.sent(&delivered),
            Some(TelegramTold::Heard(heard)) => return self.on_heard(&heard),
            _ => {}
        }
        let changed = self.telegram.take(told);
        self.meet();
        if changed {
            let state = self.telegram.view(&self.book).state;
            self.emit(Event::Telegram { state });
        }
    }

    /// Lets the settings know who there is at Telegram.
    fn meet(&mut self) {
        let seen = self.telegram.view(&self.book);
        self.book.meet(Acquaintances {
            me: seen.me(),
            chats: seen.chats,
            people: seen.people,
        });
    }

    fn ask_telegram(&mut self, ask: TelegramAsk) -> Result<(), Problem> {
        self.telegram.ask(&self.book, ask)
    }

    async fn on_done(&mut self, done: Done) {
        match done {
            Done::Devices(list) => {
                let changed = !self.devices.listed
                    || self.devices.inputs != list.inputs
                    || self.devices.outputs != list.outputs;
                self.devices.inputs = list.inputs;
                self.devices.outputs = list.outputs;
                self.devices.listed = true;
                self.dirty |= changed;
            }
            Done::History(Told::Changed(view)) => {
                self.history = view;
                self.dirty = true;
            }
            Done::History(Told::Failed(problem)) => self.emit(Event::Failed { problem }),
            Done::Ring(Ok(file)) => {
                self.ring_file = file;
                self.sound.options(self.sound_options());
            }
            Done::Ring(Err(problem)) => self.emit(Event::Failed { problem }),
            Done::ChatDialled { message, call } => {
                let id = call.as_ref().ok().copied();
                let note = self.dial_chat.dialled(message, call);
                self.after_requests(note.into_iter().collect());
                // It may be over already.
                if let Some(id) = id {
                    self.write_of_call(id, false);
                }
            }
            Done::Password { account, password } => {
                match password {
                    Ok(Some(password)) => {
                        self.passwords.insert(account.clone(), password);
                    }
                    Ok(None) => {}
                    Err(problem) => self.emit(Event::Failed { problem }),
                }
                self.use_account(&account);
                self.retry_waiting(&account).await;
            }
        }
    }

    async fn on_sip(&mut self, event: sip::Event) {
        match event {
            sip::Event::Registration { account, status } => {
                self.on_registration(account, status).await;
            }
            sip::Event::Incoming {
                call,
                account,
                request,
                from,
                describe,
                replaces,
                flow,
            } => {
                let line = account.and_then(|id| self.book.line(&id));
                let diverted = diverted_by(&*request);
                match line {
                    Some(line) => {
                        let mut rooms = Rooms {
                            sip: &mut self.endpoint,
                            sound: &self.sound,
                            now: Instant::now(),
                        };
                        let invite = Invite {
                            sip_call: call,
                            from: &from,
                            offer: &request.body,
                            describe,
                            answer_after: asks_for_answer(&*request),
                            diverted_by: diverted.as_ref(),
                            replaces,
                            flow,
                        };
                        self.calls.incoming(&mut rooms, line, &invite);
                    }
                    None => self.endpoint.reject(Instant::now(), call, 404, Vec::new()),
                }
            }
            sip::Event::Notified { id, body } => {
                let news = self.watch.notified(id, &body);
                self.tell_news(news);
            }
            sip::Event::Summary { account, body } => {
                if self.watch.summary(&account, &body) {
                    self.tell_news(Some(News::Voicemail(account)));
                }
            }
            sip::Event::SubscriptionLost { id, status } => {
                tracing::debug!(id, status, "a subscription was lost");
                let news = self.watch.lose(id);
                self.tell_news(news);
            }
            other => self.with_calls(|calls, rooms| calls.on_sip(rooms, other)),
        }
        self.dirty = true;
    }

    async fn on_registration(&mut self, account: AccountId, status: RegistrationStatus) {
        let view = view::registration(&status, self.registrations.get(&account));
        match &status {
            RegistrationStatus::Registered { flow, .. } => {
                let moved = self.flows.insert(account.clone(), *flow) != Some(*flow);
                self.watch_over(&account, moved);
            }
            RegistrationStatus::NotNeeded => self.watch_over(&account, false),
            RegistrationStatus::Off => self.watch.forget(&account),
            _ => {}
        }
        self.registrations.insert(account.clone(), view.clone());
        self.look_for_trouble(&account, |troubles, line, now| {
            troubles.registration(&account, line, &view, now)
        });
        self.emit(Event::Registration {
            account: account.clone(),
            registration: view,
        });
        self.retry_waiting(&account).await;
    }

    /// Asks the server of an account for what it can tell; an engine that was only started for one
    /// question does not.
    fn watch_over(&mut self, account: &AccountId, moved: bool) {
        let Some(known) = self.book.account(account) else {
            return;
        };
        if account.is_test_line() || !self.register {
            return;
        }
        let voicemail = self.book.address(account).filter(|_| known.register);
        let favourites = favourites(&known.favourites);
        let favourites = favourites.into_iter().filter_map(|one| {
            let (uri, _) = self.book.target_uri(&one.number, account).ok()?;
            Some((one.number, uri))
        });
        let wanted = Wanted {
            voicemail,
            favourites: favourites.collect(),
        };
        let now = Instant::now();
        self.watch
            .want(&mut self.endpoint, now, account, wanted, moved);
    }

    /// Something that is watched has changed.
    fn tell_news(&mut self, news: Option<News>) {
        match news {
            Some(News::Voicemail(account)) => {
                let voicemail = self.watch.voicemail(&account).cloned().unwrap_or_default();
                self.emit(Event::Voicemail { account, voicemail });
            }
            Some(News::Favourite(account, number)) => {
                let Some(known) = self.book.account(&account) else {
                    return;
                };
                let all = favourites(&known.favourites).into_iter();
                let one = all.into_iter().find(|one| one.number == number);
                if let Some(one) = one {
                    let view = view::favourite(&self.watch, known, one);
                    self.emit(Event::Favourite(view));
                }
            }
            None => {}
        }
    }

    /// Takes a call that rings elsewhere, in place of the one that was made there.
    fn pick_up(&mut self, account: &AccountId, number: &str) -> Result<Reply, Problem> {
        let line = self.book.line(account).ok_or_else(|| Problem::Unknown {
            what: format!("account {account}"),
        })?;
        let found = self.watch.to_pick_up(account, number);
        let (target, replaces) = found.ok_or_else(|| Problem::WrongParameters {
            fields: vec![SettingId::Pickup.as_str().into()],
        })?;
        let local = self.local_address(account, &target);
        let id =
            self.with_calls(|calls, rooms| calls.pick_up(rooms, line, target, &replaces, local))?;
        self.dirty = true;
        Ok(serde_json::json!({ "call": id }))
    }

    /// What is dialled to hear the voicemail of an account.
    fn voicemail_number(&self, account: &AccountId) -> Result<String, Problem> {
        let known = self.book.known(account)?;
        let told = || self.watch.voicemail(account)?.account.clone();
        let number = Some(known.voicemail.clone()).filter(|number| !number.is_empty());
        number
            .or_else(told)
            .ok_or_else(|| Problem::WrongParameters {
                fields: vec![SettingId::Voicemail.as_str().into()],
            })
    }

    /// Dials what waited for this account, if its registration has come to an end.
    async fn retry_waiting(&mut self, account: &AccountId) {
        let state = self
            .registrations
            .get(account)
            .map(|registration| registration.state);
        if matches!(state, None | Some(RegistrationState::Registering)) {
            return;
        }
        let waits = |waiting: &Waiting| waiting.accounts.contains(account);
        let (now_again, others) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition::<Vec<_>, _>(waits);
        self.waiting = others.into();
        for waiting in now_again {
            Box::pin(self.dial_or_wait(waiting.request, waiting.since)).await;
        }
    }

    async fn on_request(&mut self, request: Request) {
        let Some(mut request) = self.log.carry_out(request) else {
            return;
        };
        match self.as_dial(&request.command) {
            Ok(Some(dial)) => request.command = dial,
            Ok(None) => {}
            Err(problem) => return self.answer(request, Err(problem)),
        }
        if matches!(request.command, Command::Dial { .. }) {
            return self.dial_or_wait(request, Instant::now()).await;
        }
        let outcome = self.carry_out(&request.command).await;
        self.answer(request, outcome);
    }

    /// The call that a command stands for, if it does.
    fn as_dial(&self, command: &Command) -> Result<Option<Command>, Problem> {
        let (target, account) = match command {
            Command::Redial => {
                let (target, line) = self.book.last_dialled().ok_or(Problem::NothingDialled)?;
                (target.to_owned(), line.cloned())
            }
            Command::CallVoicemail { account } => {
                (self.voicemail_number(account)?, Some(account.clone()))
            }
            Command::PickUp { account, number } => {
                match self.book.known(account)?.pickup.as_str() {
                    "" => return Ok(None),
                    code => (format!("{code}{number}"), Some(account.clone())),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(Command::Dial {
            target,
            account,
            ask: Ask::IfSeveral,
        }))
    }

    /// Dials as soon as it is clear which lines there are.
    async fn dial_or_wait(&mut self, request: Request, since: Instant) {
        let Command::Dial {
            target, account, ..
        } = &request.command
        else {
            return;
        };
        let for_test_line = match account {
            Some(id) => id.is_test_line(),
            None => names_test_line(target),
        };
        if for_test_line
            && self.test_line.is_none()
            && let Err(problem) = self.start_test_line().await
        {
            return self.answer(request, Err(problem));
        }
        let waits = self
            .book
            .waits_for(target, account.as_ref(), &self.registrations);
        let impatient = waits.patient && since.elapsed() >= PATIENCE;
        if !waits.accounts.is_empty() && !impatient {
            self.waiting.push_back(Waiting {
                request,
                since,
                accounts: waits.accounts,
                patient: waits.patient,
            });
            return;
        }
        let outcome = self.carry_out(&request.command).await;
        self.answer(request, outcome);
    }

    fn answer(&mut self, request: Request, outcome: Result<Reply, Problem>) {
        // Whoever reads the snapshot after the reply finds the change in it.
        self.dirty = false;
        self.publish();
        match (request.reply, outcome) {
            (Some(reply), outcome) => {
                let _ = reply.send(outcome);
            }
            (None, Err(problem)) => self.emit(Event::Failed { problem }),
            (None, Ok(_)) => {}
        }
    }

    async fn start_test_line(&mut self) -> Result<(), Problem> {
        let line = TestLine::start().await.map_err(|error| Problem::Refused {
            status: 500,
            reason: error.to_string(),
        })?;
        let account = Account::test_line(line.address());
        let id = account.id.clone();
        self.passwords.insert(id.clone(), line.password().clone());
        self.book.lend(account);
        self.test_line = Some(line);
        self.registrations
            .insert(id.clone(), Registration::registering());
        self.use_account(&id);
        Ok(())
    }

    async fn carry_out(&mut self, command: &Command) -> Result<Reply, Problem> {
        match command {
            Command::Dial {
                target,
                account,
                ask,
            } => return self.dial(target, account.as_ref(), *ask),
            Command::Answer { call } => {
                self.with_calls(|calls, rooms| calls.answer(rooms, *call))?
            }
            Command::Decline { call, reason } => {
                self.with_calls(|calls, rooms| calls.decline(rooms, *call, *reason))?;
            }
            Command::Deflect { call, target } => self.deflect(*call, target)?,
            Command::PickUp { account, number } => return self.pick_up(account, number),
            Command::Redial | Command::CallVoicemail { .. } => return Err(Problem::WrongState),
            Command::HangUp { call } => {
                self.with_calls(|calls, rooms| calls.hang_up(rooms, *call))?;
            }
            Command::Hold { call, on } => {
                self.with_calls(|calls, rooms| calls.hold(rooms, *call, *on))?;
            }
            Command::Mute { call, on } => {
                self.with_calls(|calls, rooms| calls.mute(rooms, *call, *on))?;
            }
            Command::Join { call } => {
                self.with_calls(|calls, rooms| calls.join(rooms, *call))?;
            }
            Command::Part { call } => {
                self.with_calls(|calls, rooms| calls.part(rooms, *call))?;
            }
            Command::Silence { call, on } => {
                self.with_calls(|calls, rooms| calls.silence(rooms, *call, *on))?;
            }
            Command::EndConference => self.with_calls(Calls::end_conference)?,
            Command::Transfer { call, target } => self.transfer(*call, target)?,
            Command::Connect { call, with } => {
                self.with_calls(|calls, rooms| calls.connect(rooms, *call, *with))?;
            }
            Command::FollowTransfer { call, on } => {
                self.with_calls(|calls, rooms| calls.follow(rooms, *call, *on))?;
            }
            Command::SendDtmf { call, digits } => {
                self.with_calls(|calls, rooms| calls.dtmf(rooms, *call, digits))?;
            }
            Command::Record { call, on } => {
                self.with_calls(|calls, rooms| calls.record(rooms, *call, *on))?;
            }
            Command::PauseRecording { call, on } => {
                self.with_calls(|calls, rooms| calls.pause_recording(rooms, *call, *on))?;
            }
            Command::Dismiss { call } => self.calls.dismiss(*call)?,
            Command::AddAccount { values, password } => {
                let id = AccountId::random();
                if let Some(password) = password {
                    self.keep_password(&id, password).await?;
                }
                self.book.add(id.clone(), values)?;
                self.use_account(&id);
                return Ok(serde_json::json!({ "account": id }));
            }
            Command::SetAccount {
                account,
                values,
                password,
                apply,
            } => {
                self.book.check_edit(account, values)?;
                if let Some(password) = password {
                    let write = self.book.draft_password_writer(account, password.clone());
                    in_background(write).await?;
                }
                let now = SystemTime::now();
                self.book.edit(account, values, password.is_some(), now)?;
                match apply {
                    true => self.apply(account).await?,
                    false => self.use_account(account),
                }
            }
            Command::ApplyAccount { account } => self.apply(account).await?,
            Command::RevertAccount { account } => {
                self.book.revert(account)?;
                in_background(self.book.password_forgetter(account, true)).await?;
            }
            Command::RemoveAccount { account } => {
                self.book.remove(account, SystemTime::now())?;
                self.registrations.remove(account);
                self.flows.remove(account);
                self.endpoint.remove_identity(Instant::now(), account);
            }
            Command::RestoreAccount { account } => {
                self.book.restore(account)?;
                self.use_account(account);
            }
            Command::ExportAccounts {
                accounts,
                path,
                passphrase,
            } => {
                let password = |id: &AccountId| self.passwords.get(id).cloned();
                let carried = self.book.carried(accounts, password)?;
                let (path, passphrase) = (path.clone(), passphrase.clone());
                return in_background(move || export(&carried, path, passphrase)).await;
            }
            Command::ImportAccounts { path, passphrase } => {
                return self.import(path, passphrase.as_ref()).await;
            }
            Command::SaveTemplate { account, name } => {
                let id = self.book.save_template(account, name)?;
                self.dirty = true;
                return Ok(serde_json::json!({ "template": id }));
            }
            Command::ImportTemplates { path } => {
                let ids = self.book.import_templates(path)?;
                self.dirty = true;
                return Ok(serde_json::json!({ "imported": ids }));
            }
            Command::RemoveTemplate { id } => self.book.remove_template(id)?,
            Command::PinCertificate {
                account,
                fingerprint,
            } => {
                let values = [("pinned".to_owned(), fingerprint.clone())].into();
                self.book.edit(account, &values, false, SystemTime::now())?;
                self.apply(account).await?;
            }
            Command::Register { account } => {
                self.book.known(account)?;
                self.endpoint.register_now(Instant::now(), account);
            }
            Command::SelectDevice { role, device } => self.select_device(*role, device.clone())?,
            Command::RefreshDevices => self.refresh_devices(),
            Command::MeterMicrophone { on } => {
                self.sound.meter(*on);
                self.list_again = on.then(Instant::now);
            }
            Command::TryDevice { role, on } => self.try_device(*role, *on)?,
            Command::SetPreferences(change) => self.set_preferences(change).await?,
            Command::KeepPasswords { place } => self.keep_passwords(place).await?,
            Command::TelegramSignIn { phone } => {
                let phone = phone.clone();
                self.ask_telegram(TelegramAsk::SignIn { phone })?;
            }
            Command::TelegramSignInQr => self.ask_telegram(TelegramAsk::Scan)?,
            Command::TelegramCode { code } => self.ask_telegram(TelegramAsk::Code(code.clone()))?,
            Command::TelegramCodeAgain => self.ask_telegram(TelegramAsk::CodeAgain)?,
            Command::TelegramPassword { password } => {
                self.ask_telegram(TelegramAsk::Password(password.clone()))?;
            }
            Command::TelegramCancel => self.ask_telegram(TelegramAsk::Cancel)?,
            Command::TelegramSignOut => self.ask_telegram(TelegramAsk::SignOut)?,
            Command::TelegramRefresh => self.ask_telegram(TelegramAsk::Refresh)?,
            Command::TelegramSetApi { id, hash } => self.set_telegram_api(*id, hash).await?,
            Command::TelegramFind { list, query } => {
                let found = self.telegram.find(*list, query, TELEGRAM_FOUND);
                return Ok(serde_json::json!(found));
            }
            Command::TelegramSet(change) => {
                self.book.must_own_profile()?;
                self.book.change_telegram(change)?;
                self.telegram.listen(&self.book);
            }
            Command::DialRequested { request } => self.dial_requested(*request).await?,
            Command::DismissRequest { request } => {
                let note = self.dial_chat.dismiss(*request)?;
                self.after_requests(vec![note]);
            }
            Command::TelegramSendRecording { path, call } => self.send_recording(path, call)?,
            Command::TelegramQueue => self.ask_telegram(TelegramAsk::Look)?,
            Command::TelegramSendAgain { post } => {
                let chats = self.book.recording_chats();
                let post = *post;
                self.ask_telegram(TelegramAsk::SendAgain { post, chats })?;
            }
            Command::TelegramDropPost { post } => {
                self.ask_telegram(TelegramAsk::DropPost(*post))?;
            }
            Command::History(_)
            | Command::HistorySeen
            | Command::ForgetCall { .. }
            | Command::ForgetHistory
            | Command::ExportHistory { .. } => return Err(Problem::WrongState),
            Command::Trace { filter, limit } => {
                return Ok(trace::list(self.link.trace(), filter, *limit));
            }
            Command::ExportTrace { path, filter } => {
                let contents = trace::contents(self.link.trace(), filter, path);
                let path = path.clone();
                return in_background(move || trace::write(&path, &contents)).await;
            }
            Command::Show => self.emit(Event::Show),
            Command::Quit => self.quit().await,
        }
        self.dirty = true;
        Ok(Reply::Null)
    }

    fn with_calls<T>(&mut self, act: impl FnOnce(&mut Calls, &mut Rooms<'_>) -> T) -> T {
        let mut rooms = Rooms {
            sip: &mut self.endpoint,
            sound: &self.sound,
            now: Instant::now(),
        };
        act(&mut self.calls, &mut rooms)
    }

    fn dial(
        &mut self,
        target: &str,
        account: Option<&AccountId>,
        ask: Ask,
    ) -> Result<Reply, Problem> {
        let choice = self
            .book
            .choose_line(target, account, &self.registrations)?;
        let several = match (choice, ask) {
            (Choice::One(line), Ask::Always) if account.is_none() => {
                let mut all = self.book.all_lines(target, &self.registrations);
                all.retain(|other| other.account != line.account);
                all.insert(0, line);
                all
            }
            (Choice::One(line), _) => return self.dial_over(target, line),
            (Choice::Several(lines), _) => lines,
        };
        if ask == Ask::Never {
            let lines = several.into_iter().map(|line| line.name).collect();
            return Err(Problem::SeveralLines { lines });
        }
        self.emit(Event::ChooseLine {
            target: target.to_owned(),
            lines: several.into_iter().map(|line| line.account).collect(),
        });
        Ok(serde_json::json!({ "asked": true }))
    }

    fn dial_over(&mut self, target: &str, line: Line) -> Result<Reply, Problem> {
        let account = line.account.clone();
        let (uri, mut peer) = self.book.target_uri(target, &account)?;
        peer.name = self.telegram.name_of(&peer.number).map(str::to_owned);
        let local = self.local_address(&account, &uri);
        self.book.mark_used()?;
        let id = self.with_calls(|calls, rooms| calls.dial(rooms, line, uri, peer, local))?;
        if let Err(problem) = self.book.remember_line(target, &account) {
            self.emit(Event::Failed { problem });
        }
        self.dirty = true;
        Ok(serde_json::json!({ "call": id }))
    }

    /// Sends an incoming call to a number, which the dial rules of its line see as any other.
    fn deflect(&mut self, call: CallId, target: &str) -> Result<(), Problem> {
        let known = self.calls.get(call).ok_or_else(|| Problem::Unknown {
            what: format!("call {}", call.0),
        })?;
        let (uri, _) = self.book.target_uri(target, &known.line.account)?;
        self.with_calls(|calls, rooms| calls.deflect(rooms, call, &uri))
    }

    /// Gives a call to a number, which the dial rules of its line see as any other.
    fn transfer(&mut self, call: CallId, target: &str) -> Result<(), Problem> {
        let known = self.calls.get(call).ok_or_else(|| Problem::Unknown {
            what: format!("call {}", call.0),
        })?;
        let account = known.line.account.clone();
        let (uri, peer) = self.book.target_uri(target, &account)?;
        let to = peer.to_dial().to_owned();
        self.with_calls(|calls, rooms| calls.transfer(rooms, call, &uri, to))
    }

    /// Puts the draft of an account in force; a running call is not touched.
    async fn apply(&mut self, id: &AccountId) -> Result<(), Problem> {
        let new_password = self
            .book
            .owned(id)?
            .draft
            .as_ref()
            .is_some_and(|d| d.password);
        if new_password {
            let moved = in_background(self.book.draft_password_mover(id)).await?;
            if let Some(password) = moved {
                self.passwords.insert(id.clone(), password);
            }
        }
        self.book.apply(id)?;
        self.use_account(id);
        Ok(())
    }

    /// Forgets removed accounts and their passwords for good.
    async fn forget(&mut self, ids: &[AccountId]) -> Result<(), Problem> {
        if ids.is_empty() {
            return Ok(());
        }
        self.book.forget(ids)?;
        for id in ids {
            self.passwords.remove(id);
            in_background(self.book.password_forgetter(id, false)).await?;
        }
        Ok(())
    }

    async fn import(
        &mut self,
        path: &Path,
        passphrase: Option<&SecretString>,
    ) -> Result<Reply, Problem> {
        let carried = self.book.read_accounts(path, passphrase)?;
        let mut accounts = Vec::with_capacity(carried.len());
        for (account, password) in carried {
            if let Some(password) = password {
                self.keep_password(&account.id, &password).await?;
            }
            accounts.push(account);
        }
        let ids: Vec<AccountId> = accounts.iter().map(|account| account.id.clone()).collect();
        self.book.add_all(accounts)?;
        for id in &ids {
            self.use_account(id);
        }
        Ok(serde_json::json!({ "accounts": ids }))
    }

    /// The address our sound comes from: the one that faces the account's server.
    fn local_address(&self, account: &AccountId, uri: &Uri) -> IpAddr {
        let literal = uri
            .host
            .to_string()
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .ok();
        let remote = self.flows.get(account).map(|flow| flow.remote);
        let remote = remote.or_else(|| literal.map(|ip| SocketAddr::new(ip, 9)));
        local_ip_for(remote.unwrap_or(SOMEWHERE)).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// Puts an account in force as it now stands.
    fn use_account(&mut self, id: &AccountId) {
        let now = Instant::now();
        let password = self.passwords.get(id).cloned();
        match self.book.identity(id, password, self.register) {
            Ok(Some(identity)) => self.endpoint.set_identity(now, id.clone(), identity),
            Ok(None) => {
                self.endpoint.remove_identity(now, id);
                self.registrations
                    .insert(id.clone(), Registration::default());
            }
            Err(problem) => {
                self.endpoint.remove_identity(now, id);
                self.registrations
                    .insert(id.clone(), Registration::failed(problem));
            }
        }
        let state = self.registrations.get(id).map(|now| now.state);
        if matches!(
            state,
            Some(RegistrationState::Registered | RegistrationState::NotNeeded)
        ) {
            self.watch_over(id, false);
        }
        self.dirty = true;
    }

    fn load_password(&mut self, id: &AccountId) {
        let read = self.book.password_reader(id);
        let (account, done) = (id.clone(), self.done.0.clone());
        tokio::task::spawn_blocking(move || {
            let password = read();
            let _ = done.send(Done::Password { account, password });
        });
    }

    async fn keep_password(
        &mut self,
        id: &AccountId,
        password: &SecretString,
    ) -> Result<(), Problem> {
        let write = self.book.password_writer(id, Some(password.clone()));
        in_background(write).await?;
        self.passwords.insert(id.clone(), password.clone());
        Ok(())
    }

    async fn keep_passwords(&mut self, place: &str) -> Result<(), Problem> {
        let kind: SecretsKind = place
            .parse()
            .map_err(|_| Problem::bad_value("secrets", "reason-choice"))?;
        if kind == self.book.passwords_kept_in() {
            return Ok(());
        }
        let own = |(id, _): &(&AccountId, &SecretString)| !id.is_test_line();
        let kept = self.passwords.iter().filter(own);
        let kept = kept
            .map(|(id, password)| (id.clone(), password.clone()))
            .collect();
        let store = in_background(self.book.password_mover(kind, kept)).await?;
        self.book.keep_passwords_in(kind, store)
    }

    async fn set_telegram_api(&mut self, id: i32, hash: &SecretString) -> Result<(), Problem> {
        self.book.must_own_profile()?;
        if self.telegram.is_signed_in() {
            return Err(Problem::TelegramNotNow);
        }
        let key = telegram::read_api(id, hash)?;
        in_background(self.book.telegram_hash_writer(key.hash)).await?;
        self.book.set_telegram_api_id(key.id)?;
        self.telegram.close();
        Ok(())
    }

    async fn set_preferences(&mut self, change: &PreferenceChange) -> Result<(), Problem> {
        let ring = change.ring_tone.as_deref().map(read_ring);
        let ring_file = match ring {
            Some(read) => Some(in_background(read).await?),
            None => None,
        };
        self.book.set_preferences(change)?;
        if let Some(file) = ring_file {
            self.ring_file = file;
        }
        if let Some(processing) = &mut self.processing_override {
            change.change(processing);
        }
        self.sound.options(self.sound_options());
        let quiet = self.book.preferences().do_not_disturb;
        self.calls.set_do_not_disturb(quiet);
        Ok(())
    }

    fn sound_options(&self) -> SoundOptions {
        let preferences = self.book.preferences();
        SoundOptions {
            processing: self.processing_override.unwrap_or(preferences.processing),
            country: Country::choose(&preferences.tones, sys_locale::get_locales()),
            ring: ring_sound(&preferences.ring_tone),
            ring_file: self.ring_file.clone(),
            recording_tone: preferences.recording_tone,
        }
    }

    /// Reads the file that is to ring; until it is there, and without it, the built-in ring
    /// sounds.
    fn load_ring(&self) {
        let read = read_ring(&self.book.preferences().ring_tone);
        let done = self.done.0.clone();
        tokio::task::spawn_blocking(move || {
            let _ = done.send(Done::Ring(read()));
        });
    }

    fn try_device(&mut self, role: DeviceRole, on: bool) -> Result<(), Problem> {
        if on && self.calls.iter().any(|call| !call.state.is_ended()) {
            return Err(Problem::WrongState);
        }
        // Seen from now on; the media thread tells how it goes on.
        self.devices.trial = on.then(|| DeviceTrial::new(role));
        self.sound.try_device(on.then_some(role));
        Ok(())
    }

    fn refresh_devices(&mut self) {
        let done = self.done.0.clone();
        tokio::task::spawn_blocking(move || {
            let _ = done.send(Done::Devices(crate::audio::list()));
        });
    }

    fn select_device(&mut self, role: DeviceRole, device: Option<String>) -> Result<(), Problem> {
        let spec: DeviceSpec =
            device
                .as_deref()
                .unwrap_or_default()
                .parse()
                .map_err(|error: SpecError| Problem::Device {
                    device: device.clone().unwrap_or_default(),
                    reason: error.to_string(),
                })?;
        self.book.set_device(role, device)?;
        let choice = match &mut self.device_override {
            Some(choice) => {
                match role {
                    DeviceRole::Microphone => choice.microphone = spec,
                    DeviceRole::Speaker => choice.speaker = spec,
                    DeviceRole::Ring => choice.ring = spec,
                }
                choice.clone()
            }
            None => self.book.devices(),
        };
        self.sound.devices(choice);
        Ok(())
    }

    async fn quit(&mut self) {
        if self.quitting.is_some() {
            return;
        }
        let now = Instant::now();
        let removed = self.book.due_removals(None);
        if let Err(error) = self.forget(&removed).await {
            tracing::warn!(%error, "removed accounts could not be forgotten");
        }
        self.with_calls(|calls, rooms| calls.hang_up_all(rooms));
        self.endpoint.shut_down(now);
        self.quitting = Some(now + SHUT_DOWN_WITHIN);
    }
}

fn ring_sound(preference: &str) -> RingSound {
    preference.parse().unwrap_or_default()
}

/// Reads the sound of a ring, if it is a file; may block.
fn read_ring(preference: &str) -> impl FnOnce() -> Result<Option<Arc<[f32]>>, Problem> + use<> {
    let ring = ring_sound(preference);
    move || match ring {
        RingSound::File(path) => Ok(Some(tones::load(&path)?)),
        _ => Ok(None),
    }
}

/// Writes accounts to a file, or gives them as a text.
fn export(
    carried: &[Carried],
    path: Option<PathBuf>,
    passphrase: Option<SecretString>,
) -> Result<Reply, Problem> {
    let text = accounts_file::export(carried, passphrase.as_ref())?;
    let Some(path) = path else {
        return Ok(serde_json::json!({ "accounts": carried.len(), "text": text }));
    };
    accounts_file::write(&path, &text)?;
    Ok(serde_json::json!({ "accounts": carried.len(), "path": path }))
}

fn listen_on(mut addresses: Vec<SocketAddr>) -> Listen {
    if addresses.is_empty() {
        addresses = vec![
            SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
        ];
    }
    Listen {
        udp: addresses.clone(),
        tcp: addresses,
        ..Listen::default()
    }
}
