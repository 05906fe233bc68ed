//! The engine's hold on the media thread.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use mio::{Poll, Waker};

use crate::call::CallId;
use crate::call::media_request::{DeviceChoice, Remote, Request, SoundEvent, Tone};
use crate::call::media_thread::{MediaThread, WAKE};
use crate::media::{Ports, StreamConfig};

/// The engine's hold on the media thread. Dropping it ends the thread.
pub struct Sound {
    requests: Sender<Request>,
    waker: Arc<Waker>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Sound {
    /// Starts the thread. `tell` is called on it and must not block; `levels` gets the
    /// microphone's and the speaker's level some 15 times a second while a device is open.
    ///
    /// # Errors
    /// If the system gives no poll or thread.
    pub fn start(
        devices: DeviceChoice,
        tell: impl Fn(SoundEvent) + Send + 'static,
        levels: impl Fn(f32, f32) + Send + 'static,
    ) -> std::io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        let (requests, inbox) = channel();
        let thread = std::thread::Builder::new()
            .name("media".into())
            .spawn(move || {
                MediaThread::new(poll, inbox, tell, levels, devices).run();
            })?;
        Ok(Self {
            requests,
            waker,
            thread: Some(thread),
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

    /// Plays a tone, or stops it.
    pub fn tone(&self, tone: Option<Tone>) {
        self.request(Request::Tone(tone));
    }

    /// Changes devices, also while a call is up.
    pub fn devices(&self, devices: DeviceChoice) {
        self.request(Request::Devices(devices));
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
    }
}
