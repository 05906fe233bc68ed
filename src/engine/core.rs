//! The engine's thread: it owns every room and is the only one to touch them.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use crate::account::{Account, AccountId};
use crate::audio::{DeviceSpec, SpecError};
use crate::call::{CallEvent, CallId, Calls, DeviceChoice, Problem, Rooms, Sound, SoundEvent};
use crate::engine::accounts::Book;
use crate::engine::handle::{EngineSide, Handle, Reply, Request, pair};
use crate::engine::telegram::{self, Telegram};
use crate::engine::{Command, DeviceRole, Event, Registration, RegistrationState, view};
use crate::server::TestLine;
use crate::sip::message::Uri;
use crate::sip::transport::{Driver, Listen, local_ip_for};
use crate::sip::{
    self, Accept, Counters, Endpoint, EndpointConfig, Flow, Link, RegistrationStatus,
};
use crate::store::Profile;
use crate::store::secrets::SecretsKind;
use crate::telegram::{Ask, Status};

/// How long the engine waits for calls and registrations to end before it stops anyway.
const SHUT_DOWN_WITHIN: Duration = Duration::from_secs(3);
/// How long the start waits for the key store.
const PASSWORDS_WITHIN: Duration = Duration::from_millis(300);
/// How many chats or people of Telegram one reply holds.
const TELEGRAM_FOUND: usize = 50;
/// An address that is routed like any other on the internet; nothing is sent to it (RFC 5737).
const SOMEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);

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
    endpoint: Endpoint,
    link: Link,
    sound: Sound,
    sound_events: mpsc::UnboundedReceiver<SoundEvent>,
    done: (mpsc::UnboundedSender<Done>, mpsc::UnboundedReceiver<Done>),
    test_line: Option<TestLine>,
    telegram: Telegram,
    /// Dials that wait for their account's registration.
    waiting: VecDeque<(AccountId, Request)>,
    register: bool,
    counters: Counters,
    dirty: bool,
    quitting: Option<Instant>,
}

impl Core {
    async fn new(options: Options, side: EngineSide) -> Result<(Self, Option<Problem>), Problem> {
        let (book, trouble) = Book::open(options.profile, options.secrets)?;
        let listen: Vec<_> = options.listen.into_iter().collect();
        let listen = if listen.is_empty() {
            book.listen().to_vec()
        } else {
            listen
        };
        let driver = Driver::bind(listen_on(listen)).await.map_err(|error| {
            let reason = error.to_string();
            let setting = "listen".into();
            Problem::BadValue { setting, reason }
        })?;
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
        let mut core = Self {
            side,
            book,
            calls: Calls::default(),
            registrations: HashMap::new(),
            flows: HashMap::new(),
            passwords: HashMap::new(),
            devices: view::DeviceState::default(),
            device_override: options.devices,
            endpoint,
            link,
            sound,
            sound_events,
            done: mpsc::unbounded_channel(),
            test_line: None,
            telegram: Telegram::default(),
            waiting: VecDeque::new(),
            register: options.register,
            counters: Counters::default(),
            dirty: true,
            quitting: None,
        };
        let accounts: Vec<_> = core
            .book
            .accounts()
            .map(|account| account.id.clone())
            .collect();
        for id in &accounts {
            core.load_password(id);
        }
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
            for _ in 0..count {
                if let Some(done) = self.done.1.recv().await {
                    self.on_done(done).await;
                }
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
            let timers = [
                self.endpoint.poll_timeout(),
                self.calls.forget_ended(now),
                self.quitting,
            ];
            let wake = timers.into_iter().flatten().min();
            let wake = wake.unwrap_or_else(|| now + Duration::from_secs(3600));
            tokio::select! {
                request = self.side.requests.recv() => match request {
                    Some(request) => self.on_request(request).await,
                    None => self.quit(),
                },
                input = self.link.next() => {
                    self.link.deliver(&mut self.endpoint, Instant::now(), input);
                }
                Some(event) = self.sound_events.recv() => self.on_sound(event),
                Some(done) = self.done.1.recv() => self.on_done(done).await,
                status = self.telegram.next() => self.on_telegram(status),
                () = sleep_until(wake.into()) => {}
            }
            self.endpoint.handle_timeout(Instant::now());
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
        });
        self.side.publish(snapshot);
    }

    fn tell(&mut self, event: CallEvent) {
        self.dirty = true;
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
            CallEvent::Dtmf(call, digit) => Some(Event::Dtmf { call, digit }),
            CallEvent::Failed(problem) => Some(Event::Failed { problem }),
        };
        if let Some(event) = event {
            self.emit(event);
        }
    }

    fn on_sound(&mut self, event: SoundEvent) {
        if let SoundEvent::Problem(problem) = &event {
            let problem = problem.clone().map(Problem::from);
            if self.devices.problem != problem {
                self.devices.problem.clone_from(&problem);
                self.emit(Event::Devices { problem });
            }
        }
        self.calls.on_sound(Instant::now(), event);
        self.dirty = true;
    }

    fn on_telegram(&mut self, status: Option<Status>) {
        self.dirty = true;
        if self.telegram.take(status) {
            let state = self.telegram.view(&self.book).state;
            self.emit(Event::Telegram { state });
        }
    }

    fn ask_telegram(&mut self, ask: Ask) -> Result<(), Problem> {
        self.telegram.ask(&self.book, ask)
    }

    async fn on_done(&mut self, done: Done) {
        match done {
            Done::Devices(list) => {
                self.devices.inputs = list.inputs;
                self.devices.outputs = list.outputs;
                self.dirty = true;
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
                flow,
            } => {
                let line = account.and_then(|id| self.book.line(&id));
                match line {
                    Some(line) => {
                        let mut rooms = Rooms {
                            sip: &mut self.endpoint,
                            sound: &self.sound,
                            now: Instant::now(),
                        };
                        self.calls
                            .incoming(&mut rooms, call, line, &from, &request.body, flow);
                    }
                    None => self.endpoint.reject(Instant::now(), call, 404, Vec::new()),
                }
            }
            other => self.with_calls(|calls, rooms| calls.on_sip(rooms, other)),
        }
        self.dirty = true;
    }

    async fn on_registration(&mut self, account: AccountId, status: RegistrationStatus) {
        let view = view::registration(&status, self.registrations.get(&account));
        if let RegistrationStatus::Registered { flow, .. } = &status {
            self.flows.insert(account.clone(), *flow);
        }
        self.registrations.insert(account.clone(), view.clone());
        self.emit(Event::Registration {
            account: account.clone(),
            registration: view,
        });
        self.retry_waiting(&account).await;
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
        let waiting = std::mem::take(&mut self.waiting);
        for (waits_for, request) in waiting {
            if waits_for == *account {
                Box::pin(self.on_request(request)).await;
            } else {
                self.waiting.push_back((waits_for, request));
            }
        }
    }

    async fn on_request(&mut self, request: Request) {
        if let Command::Dial { target, account } = &request.command {
            match self.must_wait(target, account.as_ref()).await {
                Ok(None) => {}
                Ok(Some(account)) => {
                    self.waiting.push_back((account, request));
                    return;
                }
                Err(problem) => return self.answer(request, Err(problem)),
            }
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

    /// The account whose registration a dial has to wait for, if any. The test line is started
    /// here when it is first needed.
    async fn must_wait(
        &mut self,
        target: &str,
        account: Option<&AccountId>,
    ) -> Result<Option<AccountId>, Problem> {
        let id = match account {
            Some(id) => id.clone(),
            None => match self.book.choose_line(target, &self.registrations) {
                Ok(line) => line.account,
                Err(_) => return Ok(None),
            },
        };
        if id.is_test_line() && self.test_line.is_none() {
            self.start_test_line().await?;
        }
        let state = self
            .registrations
            .get(&id)
            .map(|registration| registration.state);
        let pending = matches!(state, None | Some(RegistrationState::Registering));
        Ok((pending && self.book.account(&id).is_some_and(|a| a.enabled)).then_some(id))
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
            Command::Dial { target, account } => {
                let id = self.dial(target, account.as_ref())?;
                return Ok(serde_json::json!({ "call": id }));
            }
            Command::Answer { call } => {
                self.with_calls(|calls, rooms| calls.answer(rooms, *call))?
            }
            Command::Decline { call } => {
                self.with_calls(|calls, rooms| calls.decline(rooms, *call))?;
            }
            Command::HangUp { call } => {
                self.with_calls(|calls, rooms| calls.hang_up(rooms, *call))?;
            }
            Command::Hold { call, on } => {
                self.with_calls(|calls, rooms| calls.hold(rooms, *call, *on))?;
            }
            Command::Mute { call, on } => {
                self.with_calls(|calls, rooms| calls.mute(rooms, *call, *on))?;
            }
            Command::SendDtmf { call, digits } => {
                self.with_calls(|calls, rooms| calls.dtmf(rooms, *call, digits))?;
            }
            Command::Dismiss { call } => self.calls.dismiss(*call)?,
            Command::AddAccount { values, password } => {
                let account = Account::new(AccountId::random()).with(values)?;
                let id = account.id.clone();
                if let Some(password) = password {
                    self.keep_password(&id, password).await?;
                }
                self.book.add(account)?;
                self.use_account(&id);
                return Ok(serde_json::json!({ "account": id }));
            }
            Command::SetAccount {
                account,
                values,
                password,
            } => {
                self.book.change(account, values)?;
                if let Some(password) = password {
                    self.keep_password(account, password).await?;
                }
                self.use_account(account);
            }
            Command::RemoveAccount { account } => {
                self.book.remove(account)?;
                let forget = self.book.password_writer(account, None);
                tokio::task::spawn_blocking(forget);
                self.passwords.remove(account);
                self.registrations.remove(account);
                self.flows.remove(account);
                self.endpoint.remove_identity(Instant::now(), account);
            }
            Command::PinCertificate {
                account,
                fingerprint,
            } => {
                let values = [("pinned".to_owned(), fingerprint.clone())].into();
                self.book.change(account, &values)?;
                self.use_account(account);
            }
            Command::Register { account } => {
                self.book.known(account)?;
                self.endpoint.register_now(Instant::now(), account);
            }
            Command::SelectDevice { role, device } => self.select_device(*role, device.clone())?,
            Command::RefreshDevices => self.refresh_devices(),
            Command::MeterMicrophone { on } => self.sound.meter(*on),
            Command::SetPreferences { language, theme } => {
                self.book
                    .set_preferences(language.as_deref(), theme.as_deref())?;
            }
            Command::KeepPasswords { place } => self.keep_passwords(place).await?,
            Command::TelegramSignIn { phone } => {
                let phone = phone.clone();
                self.ask_telegram(Ask::SignIn { phone })?;
            }
            Command::TelegramSignInQr => self.ask_telegram(Ask::Scan)?,
            Command::TelegramCode { code } => self.ask_telegram(Ask::Code(code.clone()))?,
            Command::TelegramCodeAgain => self.ask_telegram(Ask::CodeAgain)?,
            Command::TelegramPassword { password } => {
                self.ask_telegram(Ask::Password(password.clone()))?;
            }
            Command::TelegramCancel => self.ask_telegram(Ask::Cancel)?,
            Command::TelegramSignOut => self.ask_telegram(Ask::SignOut)?,
            Command::TelegramRefresh => self.ask_telegram(Ask::Refresh)?,
            Command::TelegramSetApi { id, hash } => self.set_telegram_api(*id, hash).await?,
            Command::TelegramFind { list, query } => {
                let found = self.telegram.find(*list, query, TELEGRAM_FOUND);
                return Ok(serde_json::json!(found));
            }
            Command::Show => self.emit(Event::Show),
            Command::Quit => self.quit(),
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

    fn dial(&mut self, target: &str, account: Option<&AccountId>) -> Result<CallId, Problem> {
        let line = match account {
            Some(id) => self.book.usable_line(id, &self.registrations)?,
            None => self.book.choose_line(target, &self.registrations)?,
        };
        let (uri, peer) = self.book.target_uri(target, &line.account)?;
        let local = self.local_address(&line.account, &uri);
        self.book.mark_used()?;
        self.with_calls(|calls, rooms| calls.dial(rooms, line, uri, peer, local))
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
        let kind: SecretsKind = place.parse().map_err(|_| Problem::BadValue {
            setting: "secrets".into(),
            reason: "reason-choice".into(),
        })?;
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

    fn quit(&mut self) {
        if self.quitting.is_some() {
            return;
        }
        let now = Instant::now();
        self.with_calls(|calls, rooms| calls.hang_up_all(rooms));
        self.endpoint.shut_down(now);
        self.quitting = Some(now + SHUT_DOWN_WITHIN);
    }
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
