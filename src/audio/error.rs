use std::path::PathBuf;

/// What can go wrong with sound on this computer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// The computer has no microphone that can be opened.
    #[error("no microphone")]
    NoMicrophone,
    /// The computer has no speaker that can be opened.
    #[error("no speaker")]
    NoSpeaker,
    /// No device has this name now.
    #[error("there is no device named {0}")]
    NotFound(String),
    /// The device is there but could not be opened, or stopped working.
    #[error("device {name}: {reason}")]
    Device {
        /// The device's name as the system shows it.
        name: String,
        /// What the system said.
        reason: String,
    },
    /// The device was unplugged or stopped working in the middle of the sound. It takes over again
    /// when it is back.
    #[error("device {name} is gone")]
    Lost {
        /// The device's name as the system shows it.
        name: String,
        /// The device that the sound goes through meanwhile, once there is one.
        instead: Option<String>,
    },
    /// A sound file could not be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
