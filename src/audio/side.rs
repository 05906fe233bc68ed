//! One side of a pair of devices: opens it without making anybody wait, notices that it broke,
//! and goes over to the next best one and back.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use super::choice::{Failed, choose};
use super::device::{Microphone, Silence, Speaker};
use super::{AudioError, DeviceSpec, host};

/// How long opening may keep its caller.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often a device that is not the one asked for is looked at again.
const RETRY: Duration = Duration::from_secs(2);

/// What a microphone and a speaker have in common.
pub(super) trait Device: Send + 'static {
    /// What stands in while there is no device.
    fn stand_in() -> Box<Self>;
    /// The name that the system shows, if it is a device of the system.
    fn name(&self) -> Option<&str>;
    /// Why nothing more will come from or go to this device, once it broke.
    fn broken(&mut self, now: Instant) -> Option<AudioError>;
    /// That there is no device of this kind at all.
    fn none() -> AudioError;
}

impl Device for dyn Microphone {
    fn stand_in() -> Box<Self> {
        Box::new(Silence)
    }
    fn name(&self) -> Option<&str> {
        Microphone::name(self)
    }
    fn broken(&mut self, now: Instant) -> Option<AudioError> {
        Microphone::broken(self, now)
    }
    fn none() -> AudioError {
        AudioError::NoMicrophone
    }
}

impl Device for dyn Speaker {
    fn stand_in() -> Box<Self> {
        Box::new(Silence)
    }
    fn name(&self) -> Option<&str> {
        Speaker::name(self)
    }
    fn broken(&mut self, now: Instant) -> Option<AudioError> {
        Speaker::broken(self, now)
    }
    fn none() -> AudioError {
        AudioError::NoSpeaker
    }
}

/// The system's devices of one kind.
pub(super) struct Source<D: ?Sized> {
    /// Opens a device; may block.
    pub(super) open: fn(&DeviceSpec) -> Result<Box<D>, AudioError>,
    /// Every name by which a device can be asked for now; may block.
    pub(super) available: fn() -> Vec<String>,
    /// Runs what may block, so that its caller goes on.
    pub(super) run: fn(Box<dyn FnOnce() + Send>),
}

impl<D: ?Sized> Clone for Source<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ?Sized> Copy for Source<D> {}

/// Runs on a thread of its own. If the system has run out of them the job is dropped, and the
/// channel that it held tells.
fn on_a_thread(job: Box<dyn FnOnce() + Send>) {
    let _ = std::thread::Builder::new()
        .name("audio-open".into())
        .spawn(job);
}

pub(super) const MICROPHONES: Source<dyn Microphone> = Source {
    open: host::open_microphone,
    available: host::microphone_names,
    run: on_a_thread,
};
pub(super) const SPEAKERS: Source<dyn Speaker> = Source {
    open: host::open_speaker,
    available: host::speaker_names,
    run: on_a_thread,
};

type Opened<D> = (DeviceSpec, Result<Box<D>, AudioError>);

/// One side of the pair.
pub(super) struct Side<D: ?Sized> {
    source: Source<D>,
    wanted: DeviceSpec,
    current: DeviceSpec,
    device: Box<D>,
    opening: Option<Receiver<Option<Opened<D>>>>,
    failed: Failed,
    retry_at: Option<Instant>,
    trouble: Option<AudioError>,
}

impl<D: Device + ?Sized> Side<D> {
    /// Opens a device. A device that is slow to open is waited for in the background, with a
    /// stand-in until then; for one that is not there the next best takes over.
    pub(super) fn open(
        source: Source<D>,
        wanted: &DeviceSpec,
        now: Instant,
    ) -> Result<Self, AudioError> {
        let mut side = Self {
            source,
            wanted: wanted.clone(),
            current: DeviceSpec::Silence,
            device: D::stand_in(),
            opening: None,
            failed: Failed::default(),
            retry_at: None,
            trouble: None,
        };
        let spec = wanted.clone();
        let opening = side.start(move |source| Some((spec.clone(), (source.open)(&spec))));
        match opening.recv_timeout(PATIENCE) {
            Ok(Some((spec, Ok(device)))) => {
                side.current = spec;
                side.device = device;
            }
            Ok(Some((spec, Err(error)))) if wanted.is_system() => {
                side.trouble = Some(error);
                side.fail(&spec);
                side.recover();
            }
            Ok(Some((_, Err(error)))) => return Err(error),
            Err(RecvTimeoutError::Timeout) => side.opening = Some(opening),
            Ok(None) | Err(RecvTimeoutError::Disconnected) => {
                let reason = "no thread could be started".into();
                return Err(AudioError::Device {
                    name: wanted.to_string(),
                    reason,
                });
            }
        }
        side.plan(now);
        Ok(side)
    }

    fn start(
        &self,
        job: impl FnOnce(Source<D>) -> Option<Opened<D>> + Send + 'static,
    ) -> Receiver<Option<Opened<D>>> {
        let (done, opening) = sync_channel(1);
        let source = self.source;
        (source.run)(Box::new(move || {
            // Nobody waits any more: the device is closed again.
            let _ = done.send(job(source));
        }));
        opening
    }

    /// The device in use, or its stand-in.
    pub(super) fn device(&mut self) -> &mut D {
        &mut self.device
    }

    /// The same, to be looked at.
    pub(super) fn peek(&self) -> &D {
        &self.device
    }

    /// Looks after the device; quick, to be called every few milliseconds. True if another
    /// device took over.
    pub(super) fn tend(&mut self, now: Instant) -> bool {
        if let Some(error) = self.device.broken(now) {
            self.lose(error);
            return true;
        }
        let Some(opening) = &self.opening else {
            self.retry(now);
            return false;
        };
        let outcome = match opening.try_recv() {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => return false,
            Err(TryRecvError::Disconnected) => None,
        };
        self.opening = None;
        let changed = match outcome {
            Some((spec, Ok(device))) => {
                self.take_over(spec, device);
                true
            }
            Some((spec, Err(error))) => {
                self.trouble.get_or_insert(error);
                self.fail(&spec);
                self.recover();
                return false;
            }
            None => {
                if self.wanted.is_system() && self.current == DeviceSpec::Silence {
                    self.trouble = Some(D::none());
                }
                false
            }
        };
        self.plan(now);
        changed
    }

    /// What is not as it was asked for, as long as it is so.
    pub(super) fn trouble(&self) -> Option<&AudioError> {
        self.trouble.as_ref()
    }

    fn fail(&mut self, spec: &DeviceSpec) {
        if *spec == self.wanted {
            self.failed.wanted = true;
        }
        if *spec == DeviceSpec::Default {
            self.failed.default = true;
        }
    }

    fn lose(&mut self, error: AudioError) {
        let lost = |name: &str| AudioError::Lost {
            name: name.into(),
            instead: None,
        };
        match (&self.trouble, self.device.name()) {
            // What was asked for is lost already; now its successor is, too.
            (Some(AudioError::Lost { name, .. }), _) => self.trouble = Some(lost(name)),
            (_, Some(name)) => self.trouble = Some(lost(name)),
            (_, None) => self.trouble = Some(error),
        }
        // A default device that broke may have a successor of the same name: it is tried again.
        if self.current != DeviceSpec::Default {
            let current = self.current.clone();
            self.fail(&current);
        }
        self.replace(DeviceSpec::Silence, D::stand_in());
        self.recover();
    }

    /// Puts another device in place; the old one is closed where nobody waits for it.
    fn replace(&mut self, spec: DeviceSpec, device: Box<D>) {
        let old = std::mem::replace(&mut self.device, device);
        self.current = spec;
        (self.source.run)(Box::new(move || drop(old)));
    }

    fn take_over(&mut self, spec: DeviceSpec, device: Box<D>) {
        if spec == self.wanted {
            self.trouble = None;
        } else if let Some(AudioError::Lost { instead, .. }) = &mut self.trouble {
            *instead = device.name().map(str::to_owned);
        }
        self.replace(spec, device);
    }

    /// Opens the best there is instead of what is in use.
    fn recover(&mut self) {
        let (wanted, failed, current) = (self.wanted.clone(), self.failed, self.current.clone());
        self.opening = Some(self.start(move |source| {
            let spec = choose(&wanted, &(source.available)(), failed);
            if spec == current {
                return None;
            }
            let device = (source.open)(&spec);
            Some((spec, device))
        }));
    }

    fn plan(&mut self, now: Instant) {
        self.retry_at = (self.current != self.wanted).then(|| now + RETRY);
    }

    /// From time to time the device that was asked for is looked for again.
    fn retry(&mut self, now: Instant) {
        if self.wanted.is_system() && self.retry_at.is_some_and(|at| at <= now) {
            self.retry_at = None;
            self.failed = Failed::default();
            self.recover();
        }
    }
}

#[cfg(test)]
#[path = "side_tests.rs"]
mod tests;
