//! Records a call into a file of Ogg Opus, on a thread of its own.
//!
//! The media thread holds a [`Tap`] and puts 10 ms into it at each tick: that moves samples into
//! a wait-free ring, whatever the disk does. The recorder's thread takes them out, encodes them
//! and writes a page at least every half second, each on the disk before the next: what a crash
//! costs is less than that. Dropping the tap ends the recording.

mod error;
mod file;
mod ogg_opus;
mod shape;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};

use super::{FRAME, RATE};
pub use error::{RecordCause, RecordError};
use ogg_opus::{OggOpus, PAGE};
pub use shape::{POINTS, Shape};

/// What the ring holds: a disk may stand still for so long, seconds.
const PATIENCE: usize = 5;
/// How often the ring is looked at.
const LOOK: Duration = Duration::from_millis(40);

/// Where the media thread puts the sound. Dropping it ends the recording.
pub struct Tap {
    ring: Producer<f32>,
    /// Frames that found no room.
    missed: Arc<AtomicUsize>,
    paused: bool,
}

impl Tap {
    /// Takes the next 10 ms: what was said here and what was heard, together. Waits for nothing
    /// and allocates nothing.
    pub fn write(&mut self, said: &[f32; FRAME], heard: &[f32; FRAME]) {
        if self.paused {
            return;
        }
        match self.ring.write_chunk_uninit(FRAME) {
            Ok(chunk) => {
                let both = said.iter().zip(heard).map(|(said, heard)| said + heard);
                chunk.fill_from_iter(both.map(|sample| match sample.is_finite() {
                    true => sample.clamp(-1.0, 1.0),
                    false => 0.0,
                }));
            }
            Err(_) => {
                self.missed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Whether what comes is left out.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Leaves out what comes from now on, or takes it again.
    pub fn pause(&mut self, on: bool) {
        self.paused = on;
    }
}

/// Starts a recording in `folder`, which is made if it isn't there, under `name` or, if that is
/// taken, `name 2` and so on. Gives where the sound goes, where the file is, and the thread,
/// which ends soon after the [`Tap`] was dropped.
///
/// `done` is called on that thread at its end: the file is whole, or an error ended it early.
///
/// # Errors
/// [`RecordError`] if the file can't be made.
pub fn start(
    folder: &Path,
    name: &str,
    done: impl FnOnce(&Path, Result<(), RecordError>) + Send + 'static,
) -> Result<(Tap, PathBuf, JoinHandle<()>), RecordError> {
    let in_folder = |error| RecordError::new(folder, &error);
    let (path, file) = file::create(folder, name).map_err(in_folder)?;
    let sound = OggOpus::new(fastrand::u32(..)).map_err(|error| RecordError {
        path: path.clone(),
        cause: RecordCause::Other(error.to_string()),
    })?;
    let (producer, consumer) = RingBuffer::new(PATIENCE * RATE as usize);
    let missed = Arc::new(AtomicUsize::new(0));
    let recording = Recording {
        path: path.clone(),
        file,
        sound,
        ring: consumer,
        missed: missed.clone(),
    };
    let thread = std::thread::Builder::new()
        .name("recorder".into())
        .spawn(move || {
            let path = recording.path.clone();
            done(&path, recording.run());
        })
        .map_err(in_folder)?;
    let tap = Tap {
        ring: producer,
        missed,
        paused: false,
    };
    Ok((tap, path, thread))
}

/// The recorder's thread.
struct Recording<F = File> {
    path: PathBuf,
    file: F,
    sound: OggOpus,
    ring: Consumer<f32>,
    missed: Arc<AtomicUsize>,
}

/// A file whose contents can be put on the disk.
trait Durable: Write {
    /// Returns once all that was written is on the disk.
    fn sync(&mut self) -> std::io::Result<()>;
}

impl Durable for File {
    fn sync(&mut self) -> std::io::Result<()> {
        self.sync_data()
    }
}

impl<F: Durable> Recording<F> {
    fn run(mut self) -> Result<(), RecordError> {
        let mut quiet = Duration::ZERO;
        loop {
            // Asked before the ring is emptied: nothing can come after that.
            let over = self.ring.is_abandoned();
            let taken = self.take()?;
            quiet = if taken { Duration::ZERO } else { quiet + LOOK };
            if over {
                self.sound.finish().map_err(|error| self.failed(error))?;
            } else if quiet >= PAGE {
                // Paused: what was there already need not wait for the end of the pause.
                self.sound.end_page();
            }
            self.write()?;
            if over {
                return Ok(());
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Encodes what the ring holds; whether there was anything.
    fn take(&mut self) -> Result<bool, RecordError> {
        let mut taken = Ok(());
        let mut samples = 0;
        if let Ok(chunk) = self.ring.read_chunk(self.ring.slots()) {
            samples = chunk.len();
            let (first, second) = chunk.as_slices();
            taken = self
                .sound
                .take(first)
                .and_then(|()| self.sound.take(second));
            chunk.commit_all();
        }
        // Silence in place of what found no room, so that time stays right.
        let missed = self.missed.swap(0, Ordering::Relaxed);
        samples += missed * FRAME;
        for _ in 0..missed {
            taken = taken.and_then(|()| self.sound.take(&[0.0; FRAME]));
        }
        taken.map_err(|error| self.failed(error))?;
        Ok(samples > 0)
    }

    fn write(&mut self) -> Result<(), RecordError> {
        let pages = self.sound.take_pages();
        if pages.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(&pages);
        written
            .and_then(|()| self.file.sync())
            .map_err(|error| RecordError::new(&self.path, &error))
    }

    fn failed(&self, error: impl ToString) -> RecordError {
        RecordError {
            path: self.path.clone(),
            cause: RecordCause::Other(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
