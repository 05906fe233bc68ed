//! The engine's hold on the media thread.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mio::{Poll, Waker};

use crate::audio::recorder::{self, RecordError};
use crate::call::CallId;
use crate::call::media_request::{
    DeviceChoice, DeviceRole, Remote, Request, SoundEvent, SoundOptions, Tone,
};
use crate::call::media_thread::{MediaThread, WAKE};
use crate::media::{Ports, StreamConfig};

/// How long the end of the program waits for recordings to be written.
const WRITTEN_WITHIN: Duration = Duration::from_secs(3);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(10);

/// The engine's hold on the media thread and the recorders. Dropping it ends the threads.
pub struct Sound {
    requests: Sender<Request>,
    waker: Arc<Waker>,
    thread: Option<JoinHandle<()>>,
    tell: Arc<dyn Fn(SoundEvent) + Send + Sync>,
    recorders: RefCell<Vec<JoinHandle<()>>>,
}

impl Sound {
    /// Starts the thread. `tell` is called on it and on the recorders', and must not block;
    /// `levels` gets the microphone's and the speaker's level some 15 times a second while a
    /// device is open.
    ///
    /// # Errors
    /// If the system gives no poll or thread.
    pub fn start(
        devices: DeviceChoice,
        tell: impl Fn(SoundEvent) + Send + Sync + 'static,
        levels: impl Fn(f32, f32) + Send + 'static,
    ) -> std::io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        let (requests, inbox) = channel();
        let tell: Arc<dyn Fn(SoundEvent) + Send + Sync> = Arc::new(tell);
        let heard = tell.clone();
        let thread = std::thread::Builder::new()
            .name("media".into())
            .spawn(move || {
                MediaThread::new(poll, inbox, heard, levels, devices).run();
            })?;
        Ok(Self {
            requests,
            waker,
            thread: Some(thread),
            tell,
            recorders: RefCell::default(),
        })
    }

    /// Begins a call's sound.
    pub fn begin(&self, call: CallId, ports: Ports, config: StreamConfig, remote: Remote) {
        self.request(Request::Start {
            call,
            ports,
            config,
            remote,
            seed: fastrand::u64(..),
        });
    }

    /// Changes codec, direction or destination of a running stream.
    pub fn reconfigure(&self, call: CallId, config: StreamConfig, remote: Remote) {
        self.request(Request::Reconfigure {
            call,
            config,
            remote,
        });
    }

    /// Ends a call's sound; its last statistics are told.
    pub fn end(&self, call: CallId) {
        self.request(Request::Stop { call });
    }

    /// Sends silence instead of the microphone.
    pub fn mute(&self, call: CallId, on: bool) {
        self.request(Request::Mute { call, on });
    }

    /// Sends a digit by RFC 4733.
    pub fn dtmf(&self, call: CallId, digit: char) {
        self.request(Request::Dtmf { call, digit });
    }

    /// Sends a digit as a tone in the sound.
    pub fn dtmf_tone(&self, call: CallId, digit: char) {
        self.request(Request::DtmfTone { call, digit });
    }

    /// Records a call into a new file in `folder`; gives where it is. Its end is told by
    /// [`SoundEvent::Recorded`].
    ///
    /// # Errors
    /// If the file can't be made.
    pub fn record(&self, call: CallId, folder: &Path, name: &str) -> Result<PathBuf, RecordError> {
        let tell = self.tell.clone();
        let done = move |path: &Path, outcome| {
            let path = path.to_owned();
            tell(SoundEvent::Recorded {
                call,
                path,
                outcome,
            });
        };
        let (tap, path, thread) = recorder::start(folder, name, done)?;
        let mut recorders = self.recorders.borrow_mut();
        recorders.retain(|thread| !thread.is_finished());
        recorders.push(thread);
        let tap = Some(tap);
        self.request(Request::Record { call, tap });
        Ok(path)
    }

    /// Ends a call's recording.
    pub fn stop_recording(&self, call: CallId) {
        self.request(Request::Record { call, tap: None });
    }

    /// Leaves out what is said and heard from now on, or records it again.
    pub fn pause_recording(&self, call: CallId, on: bool) {
        self.request(Request::PauseRecording { call, on });
    }

    /// Plays a tone, or stops it.
    pub fn tone(&self, tone: Option<Tone>) {
        self.request(Request::Tone(tone));
    }

    /// Changes devices, also while a call is up.
    pub fn devices(&self, devices: DeviceChoice) {
        self.request(Request::Devices(devices));
    }

    /// Changes how the sound is, also while a call is up.
    pub fn options(&self, options: SoundOptions) {
        self.request(Request::Options(options));
    }

    /// Tries out a device: what is said into the microphone is played back, through the others a
    /// sound is heard. It ends by itself, or with `None`; a call ends it too.
    pub fn try_device(&self, role: Option<DeviceRole>) {
        self.request(Request::Try(role));
    }

    /// Opens the devices for the level meter alone.
    pub fn meter(&self, on: bool) {
        self.request(Request::Meter(on));
    }

    fn request(&self, request: Request) {
        if self.requests.send(request).is_ok()
            && let Err(error) = self.waker.wake()
        {
            tracing::warn!(%error, "the media thread could not be woken");
        }
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        let (closed, _) = channel();
        drop(std::mem::replace(&mut self.requests, closed));
        let _ = self.waker.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // With the media thread their sound ended; a disk that stands still is not waited for.
        let until = Instant::now() + WRITTEN_WITHIN;
        let recorders = self.recorders.get_mut();
        while recorders.iter().any(|thread| !thread.is_finished()) && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
    }
}
