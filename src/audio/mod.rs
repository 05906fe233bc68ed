//! Sound on this computer: 48 kHz, mono, `f32`, in frames of 10 ms.
//!
//! [`Duplex`] opens a microphone and a speaker, each of any kind ([`DeviceSpec`]), and says when
//! frames are due. The speaker's clock paces it; where the speaker has none (files, tones), the
//! monotonic clock does. A [`Processor`] takes echo and noise out of what a person says. [`recorder`] writes what is said and heard into a file.

mod choice;
mod clock;
mod convert;
mod device;
mod drift;
mod duplex;
mod echo;
mod error;
mod host;
pub mod level;
mod limiter;
mod line;
mod native;
mod processing;
#[cfg(target_os = "linux")]
mod pulse;
pub mod recorder;
mod ring;
mod side;
mod spec;
pub mod tones;
#[cfg(all(test, target_os = "linux"))]
mod trap;
mod wav;

pub use duplex::Duplex;
pub use error::AudioError;
pub use host::{DeviceList, list};
pub use limiter::Limiter;
pub use processing::{Processing, Processor};
pub use spec::{DeviceSpec, SpecError};

/// Samples per second inside the program.
pub const RATE: u32 = 48_000;
/// Samples in a frame of 10 ms.
pub const FRAME: usize = 480;
