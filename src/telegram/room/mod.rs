//! The one state machine of the account, on a thread of its own.

mod hearing;
mod online;
mod sending;
mod signing;

use std::collections::HashMap;
use std::future::{Future, pending};
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use grammers_client::session::updates::UpdatesLike;
use grammers_client::tl;
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::api::ApiKey;
use super::dial::{Clock, Heard};
use super::directory::Directory;
use super::outbox::{Outbox, Shelf};
use super::pauses::Pauses;
use super::peer::Peer;
use super::post::{Delivered, Draft};
use super::servers::Server;
use super::session::{Session, Vault};
use super::sign_in::{CodeSent, Step};
use super::state::{State, Status};
use super::trouble::Trouble;
use super::wire::{Updates, Wire};
use crate::account::Party;
use sending::Lanes;

/// How long what can be asked for again may wait to be kept.
const SAVE_AFTER: Duration = Duration::from_secs(5);

/// What can be asked of the account.
#[derive(Debug)]
pub enum Ask {
    /// Sign in: let Telegram send a code to this telephone number.
    SignIn {
        /// As it was typed.
        phone: String,
    },
    /// Sign in by letting a telephone scan a code.
    Scan,
    /// The code that Telegram sent.
    Code(SecretString),
    /// Let Telegram send the code another way.
    CodeAgain,
    /// The second password.
    Password(SecretString),
    /// Stop signing in.
    Cancel,
    /// End the session at Telegram.
    SignOut,
    /// Ask for the lists again; connect at once if there is no connection.
    Refresh,
    /// Send something as soon as it is possible, once.
    Post(Box<Draft>),
    /// The recording that is to be sent is whole.
    Finished(PathBuf),
    /// Try what can't be sent again, or one such message.
    SendAgain {
        /// Its number.
        post: Option<i64>,
        /// The chats of the accounts as they are now.
        chats: HashMap<String, Option<Party>>,
    },
    /// Don't send a message. Its recording stays.
    DropPost(i64),
    /// Listen to numbers that are written to a chat, and to no other any more.
    Listen(Listen),
    /// Nothing: the next status is as things stand.
    Look,
}

/// What the room tells.
#[derive(Debug)]
pub enum Told {
    /// How it stands, because that changed.
    Status(Box<Status>),
    /// Telegram has a recording.
    Delivered(Delivered),
    /// A number was written to the chat that is listened to.
    Heard(Heard),
}

/// Where numbers are listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Listen {
    /// Nowhere.
    #[default]
    Off,
    /// In Saved Messages.
    Saved,
    /// In the chat with this identifier.
    Chat(i64),
}

/// What a room needs.
pub struct Options {
    /// Where the session is kept.
    pub vault: Box<dyn Vault>,
    /// Gives what the program shows to be let in, if there is anything; may take seconds.
    ///
    /// # Errors
    /// [`Trouble::KeyStore`].
    pub api: Box<dyn FnOnce() -> Result<Option<ApiKey>, Trouble> + Send>,
    /// Where messages are kept until Telegram has them.
    pub shelf: Box<dyn Shelf>,
    /// Is told what happens.
    pub tell: Box<dyn FnMut(Told) + Send>,
}

/// A hold on the room. Dropping it closes the room: the session is kept and the thread ends.
pub struct Telegram {
    asks: Option<mpsc::UnboundedSender<Ask>>,
    thread: Option<JoinHandle<()>>,
}

impl Telegram {
    /// Opens the room. If the session says that somebody is signed in, it connects.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(options: Options) -> io::Result<Self> {
        let (asks, asked) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(1)
            .build()?;
        let thread = std::thread::Builder::new()
            .name("telegram".into())
            .spawn(move || {
                runtime.block_on(Room::run(options, asked));
                // A password that is still being worked on is not waited for.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            asks: Some(asks),
            thread: Some(thread),
        })
    }

    /// Asks for something. What comes of it is seen in the [`Status`], which also counts.
    pub fn ask(&self, ask: Ask) {
        if let Some(asks) = &self.asks {
            let _ = asks.send(ask);
        }
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A request that is under way.
type Work<T> = Pin<Box<dyn Future<Output = T>>>;

/// What a request has led to.
enum Outcome {
    Step(Result<Step, Trouble>),
    /// Who is signed in, and what Telegram's clock says.
    Met(Result<(Peer, Clock), Trouble>),
    Alive(Result<(), Trouble>),
    SignedOut(Result<(), Trouble>),
}

/// What comes over the wire unasked.
enum Feed {
    None,
    /// While nobody is signed in.
    Raw(mpsc::Receiver<UpdatesLike>),
    Ordered(Updates),
}

enum News {
    /// Somebody scanned the code.
    Scanned,
    /// The connection ended.
    Closed,
    Update(Box<tl::enums::Update>),
    Failed(Trouble),
}

/// When something is to be done, if nothing happens before.
#[derive(Default)]
struct Due {
    /// The code to be scanned runs out.
    scan: Option<Instant>,
    connect: Option<Instant>,
    /// The connection has been silent for long.
    alive: Option<Instant>,
    lists: Option<Instant>,
    save: Option<Instant>,
}

struct Room {
    api: Option<ApiKey>,
    session: Arc<Session>,
    tell: Box<dyn FnMut(Told) + Send>,
    told: Status,
    status: Status,
    asked: u64,
    wire: Option<Wire>,
    feed: Feed,
    /// One request at a time, and whether somebody waits for its outcome.
    work: Option<(Work<Outcome>, bool)>,
    lists: Option<(Work<Result<Directory, Trouble>>, u64)>,
    directory: Directory,
    /// Whether the lists are known since it is connected.
    listed: bool,
    outbox: Outbox,
    lanes: Lanes,
    listen: Listen,
    clock: Option<Clock>,
    /// Since when numbers are listened to.
    opened: Instant,
    /// When the lists were last asked for because of news.
    lists_at: Option<Instant>,
    code: Option<CodeSent>,
    scanning: bool,
    due: Due,
    pauses: Pauses,
}

impl Room {
    async fn run(options: Options, mut asks: mpsc::UnboundedReceiver<Ask>) {
        let mut room = Self::open(options);
        loop {
            room.send_next();
            room.publish();
            let due = [room.due.first(), room.lanes.due()];
            let due = due.into_iter().flatten().min();
            tokio::select! {
                ask = asks.recv() => match ask {
                    Some(ask) => room.on_ask(ask),
                    None => break,
                },
                outcome = finished(&mut room.work) => {
                    let waited = room.is_waited_for();
                    room.work = None;
                    room.on_outcome(outcome, waited);
                }
                lists = finished(&mut room.lists) => {
                    room.lists = None;
                    room.on_lists(lists);
                }
                (voice, sent) = room.lanes.next() => room.on_sent(voice, sent),
                news = room.feed.next() => room.on_news(news),
                () = until(due) => room.on_time(Instant::now()),
            }
        }
        if room.session.is_unsaved()
            && let Err(error) = room.session.save()
        {
            tracing::error!(%error, "the session of Telegram was not kept");
        }
    }

    fn open(options: Options) -> Self {
        let Options {
            vault,
            api,
            shelf,
            mut tell,
        } = options;
        let (servers, mut trouble) = match Server::of_environment() {
            Ok(servers) => (servers, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let (session, damaged) = Session::open(vault, servers);
        trouble = trouble.or(damaged);
        let mut status = Status {
            me: session.me(),
            ..Status::default()
        };
        if status.me.is_some() {
            status.state = State::SignedIn { online: false };
        }
        tell(Told::Status(Box::new(status.clone())));
        let api = api().unwrap_or_else(|error| {
            trouble = Some(error);
            None
        });
        let mut room = Self {
            api,
            session: Arc::new(session),
            tell,
            told: status.clone(),
            status,
            asked: 0,
            wire: None,
            feed: Feed::None,
            work: None,
            lists: None,
            directory: Directory::default(),
            listed: false,
            outbox: Outbox::open(shelf),
            lanes: Lanes::default(),
            listen: Listen::Off,
            clock: None,
            opened: Instant::now(),
            lists_at: None,
            code: None,
            scanning: false,
            due: Due::default(),
            pauses: Pauses::default(),
        };
        if room.status.me.is_some() {
            room.connect(false);
        } else {
            room.status.state = room.signed_out();
        }
        room.status.trouble = trouble.or(room.status.trouble.take());
        room
    }

    fn signed_out(&self) -> State {
        match self.api {
            Some(_) => State::Off,
            None => State::NeedsApi,
        }
    }

    /// Tells how it stands if that changed, and sees to it that the session is kept.
    fn publish(&mut self) {
        if self.session.is_unsaved() && self.due.save.is_none() {
            self.due.save = Instant::now().checked_add(SAVE_AFTER);
        }
        let waiting = u64::from(matches!(self.work, Some((_, true))));
        let waiting = waiting.saturating_add(self.lists.as_ref().map_or(0, |lists| lists.1));
        self.status.answered = self.asked.saturating_sub(waiting);
        self.show_queue();
        if self.status != self.told {
            self.told = self.status.clone();
            (self.tell)(Told::Status(Box::new(self.told.clone())));
        }
    }

    fn on_ask(&mut self, ask: Ask) {
        self.asked = self.asked.saturating_add(1);
        let ask = match ask {
            Ask::Post(draft) => return self.post(*draft),
            Ask::Finished(path) => return self.finish(&path),
            Ask::SendAgain { post, chats } => return self.send_again(post, &chats),
            Ask::DropPost(post) => return self.drop_post(post),
            Ask::Listen(listen) => {
                self.listen = listen;
                return;
            }
            Ask::Look => return,
            ask => ask,
        };
        self.status.trouble = None;
        let signed_in = matches!(self.status.state, State::SignedIn { .. });
        match ask {
            Ask::SignIn { phone } if !signed_in => self.sign_in(&phone),
            Ask::Scan if !signed_in => self.begin_scan(),
            Ask::Cancel if !signed_in => self.leave(),
            Ask::Code(code) if !self.is_waited_for() => self.enter_code(code),
            Ask::CodeAgain if !self.is_waited_for() => self.send_code_again(),
            Ask::Password(password) if !self.is_waited_for() => self.enter_password(password),
            Ask::SignOut if signed_in => self.sign_out(),
            Ask::Refresh if signed_in => self.refresh(),
            // Nothing to be fresh, nothing to cancel.
            Ask::Refresh => {}
            _ => self.status.trouble = Some(Trouble::NotNow),
        }
    }

    /// Whether the outcome of an ask is still to come.
    fn is_waited_for(&self) -> bool {
        matches!(self.work, Some((_, true)))
    }

    fn on_outcome(&mut self, outcome: Outcome, waited: bool) {
        match outcome {
            Outcome::Step(step) => self.on_step(step),
            Outcome::Met(Ok((me, clock))) => {
                self.clock = Some(clock);
                self.arrive(me, u64::from(waited));
            }
            Outcome::Met(Err(trouble)) => self.go_offline(trouble),
            Outcome::Alive(Ok(())) => self.stay_alive(),
            Outcome::Alive(Err(trouble)) => self.go_offline(trouble),
            Outcome::SignedOut(done) => self.on_signed_out(done),
        }
    }

    fn on_news(&mut self, news: News) {
        match news {
            News::Scanned => self.on_scanned(),
            News::Closed => self.on_closed(),
            News::Update(update) => self.on_update(&update),
            News::Failed(trouble) => self.go_offline(trouble),
        }
    }

    fn on_time(&mut self, now: Instant) {
        let is_due = |due: &mut Option<Instant>| due.take_if(|due| *due <= now).is_some();
        if is_due(&mut self.due.save)
            && let Err(trouble) = self.session.save()
        {
            self.status.trouble = Some(trouble);
        }
        if is_due(&mut self.due.scan) {
            self.scan();
        }
        if is_due(&mut self.due.connect) {
            self.connect(false);
        }
        if is_due(&mut self.due.alive) {
            self.look_alive();
        }
        if is_due(&mut self.due.lists) {
            self.lists_at = Some(now);
            self.fetch_lists(0);
        }
    }

    /// The wire, made anew if there is none.
    fn wire(&mut self) -> Result<(Wire, ApiKey), Trouble> {
        let api = self.api.clone().ok_or(Trouble::NeedsApi)?;
        if let Some(wire) = &self.wire {
            return Ok((wire.clone(), api));
        }
        let (wire, updates) = Wire::open(self.session.clone(), api.id);
        self.wire = Some(wire.clone());
        self.feed = Feed::Raw(updates);
        Ok((wire, api))
    }

    /// Closes all connections and stops what goes over them.
    fn hang_up(&mut self) {
        self.work = None;
        self.lists = None;
        self.listed = false;
        self.lanes.stop();
        self.feed = Feed::None;
        self.wire = None;
        let save = self.due.save;
        self.due = Due {
            save,
            ..Due::default()
        };
    }
}

impl Feed {
    async fn next(&mut self) -> News {
        match self {
            Self::None => pending().await,
            Self::Raw(updates) => loop {
                match updates.recv().await {
                    Some(UpdatesLike::Updates(tl::enums::Updates::UpdateShort(short)))
                        if short.update == tl::enums::Update::LoginToken =>
                    {
                        return News::Scanned;
                    }
                    Some(UpdatesLike::ConnectionClosed) => return News::Closed,
                    Some(_) => {}
                    None => {
                        *self = Self::None;
                        return News::Closed;
                    }
                }
            },
            Self::Ordered(updates) => match updates.recv().await {
                Some(Ok(update)) => News::Update(Box::new(update)),
                Some(Err(trouble)) => News::Failed(trouble),
                None => News::Failed(Trouble::Unreachable),
            },
        }
    }
}

impl Due {
    fn first(&self) -> Option<Instant> {
        let all = [self.scan, self.connect, self.alive, self.lists, self.save];
        all.into_iter().flatten().min()
    }
}

/// The outcome of what is under way; never if nothing is.
async fn finished<T, Note>(work: &mut Option<(Work<T>, Note)>) -> T {
    match work {
        Some((work, _)) => work.await,
        None => pending().await,
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due.into()).await,
        None => pending().await,
    }
}
