use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, RwLock};

use tokio::sync::{broadcast, mpsc, oneshot};

use crate::call::Problem;
use crate::engine::{Command, Event, Snapshot};

/// What a command that succeeded gives back.
pub type Reply = serde_json::Value;

/// A command on its way to the engine, with the place for its reply.
#[derive(Debug)]
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// Where the outcome goes; without it a failure becomes [`Event::Failed`].
    pub reply: Option<oneshot::Sender<Result<Reply, Problem>>>,
}

/// A face's hold on the engine: commands go in, snapshots and events come out. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    commands: mpsc::UnboundedSender<Request>,
    shared: Arc<Shared>,
}

struct Shared {
    snapshot: RwLock<Arc<Snapshot>>,
    events: broadcast::Sender<Event>,
    waker: RwLock<Option<Box<dyn Fn() + Send + Sync>>>,
    levels: Levels,
}

/// Sound levels for the meters, 0.0 (silence) to 1.0 (full scale). Read without a lock.
#[derive(Default)]
pub struct Levels {
    microphone: AtomicU32,
    speaker: AtomicU32,
}

impl Levels {
    /// The microphone's level.
    pub fn microphone(&self) -> f32 {
        f32::from_bits(self.microphone.load(Ordering::Relaxed))
    }
    /// The speaker's level.
    pub fn speaker(&self) -> f32 {
        f32::from_bits(self.speaker.load(Ordering::Relaxed))
    }
    /// Sets both; the media thread calls it.
    pub fn set(&self, microphone: f32, speaker: f32) {
        self.microphone
            .store(microphone.to_bits(), Ordering::Relaxed);
        self.speaker.store(speaker.to_bits(), Ordering::Relaxed);
    }
}

impl Handle {
    /// Sends a command without waiting; a failure arrives as [`Event::Failed`].
    pub fn send(&self, command: Command) {
        let _ = self.commands.send(Request {
            command,
            reply: None,
        });
    }

    /// Sends a command and waits for its outcome.
    ///
    /// # Errors
    /// Whatever the engine says, or [`Problem::WrongState`] if it has stopped.
    pub async fn call(&self, command: Command) -> Result<Reply, Problem> {
        self.request(command)
            .await
            .unwrap_or(Err(Problem::WrongState))
    }

    /// Sends a command and gives the place where its outcome will arrive.
    pub fn request(&self, command: Command) -> oneshot::Receiver<Result<Reply, Problem>> {
        let (reply, outcome) = oneshot::channel();
        let _ = self.commands.send(Request {
            command,
            reply: Some(reply),
        });
        outcome
    }

    /// The latest snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared
            .snapshot
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }

    /// Events from now on. A subscriber that falls more than 1024 behind loses the oldest.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.shared.events.subscribe()
    }

    /// Sets what is called whenever the snapshot changed or an event happened.
    pub fn set_waker(&self, waker: impl Fn() + Send + Sync + 'static) {
        *self
            .shared
            .waker
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(Box::new(waker));
    }

    /// Levels for the meters.
    pub fn levels(&self) -> &Levels {
        &self.shared.levels
    }
}

/// The engine's end of a [`Handle`].
pub struct EngineSide {
    /// Commands from all faces.
    pub requests: mpsc::UnboundedReceiver<Request>,
    shared: Arc<Shared>,
}

/// A connected pair.
pub fn pair() -> (Handle, EngineSide) {
    let (commands, requests) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared {
        snapshot: RwLock::default(),
        events: broadcast::channel(1024).0,
        waker: RwLock::default(),
        levels: Levels::default(),
    });
    (
        Handle {
            commands,
            shared: shared.clone(),
        },
        EngineSide { requests, shared },
    )
}

impl EngineSide {
    /// Publishes a new snapshot and wakes the window.
    pub fn publish(&self, snapshot: Snapshot) {
        *self
            .shared
            .snapshot
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Arc::new(snapshot);
        self.wake();
    }

    /// Tells every face what happened and wakes the window.
    pub fn emit(&self, event: Event) {
        let _ = self.shared.events.send(event);
        self.wake();
    }

    /// Levels for the meters, to be set by the media thread through the returned closure.
    pub fn level_setter(&self) -> impl Fn(f32, f32) + Send + 'static {
        let shared = self.shared.clone();
        move |microphone, speaker| shared.levels.set(microphone, speaker)
    }

    fn wake(&self) {
        let waker = self
            .shared
            .waker
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(waker) = waker.as_ref() {
            waker();
        }
    }
}
