use std::fmt;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Why a recording could not begin, or ended before the call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub struct RecordError {
    /// The recording, or its folder if there is no file yet.
    pub path: PathBuf,
    /// What is wrong.
    pub cause: RecordCause,
}

/// What kept a recording from being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordCause {
    /// There is no room on the disk, or none for this person.
    DiskFull,
    /// The folder may not be written to.
    NotAllowed,
    /// Anything else, in the system's words.
    Other(String),
}

impl RecordError {
    pub(super) fn new(path: &Path, error: &Error) -> Self {
        let cause = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                RecordCause::DiskFull
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => RecordCause::NotAllowed,
            _ => RecordCause::Other(error.to_string()),
        };
        Self {
            path: path.into(),
            cause,
        }
    }
}

impl fmt::Display for RecordCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DiskFull => f.write_str("no room on the disk"),
            Self::NotAllowed => f.write_str("writing is not allowed"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}
