use std::io;
use std::path::{Path, PathBuf};

/// Why the profile or its settings cannot be used as they are.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system names no home folder, so there is no place for a profile.
    #[error("there is no home folder; name a profile folder")]
    NoHome,
    /// Another Gudok uses the profile.
    #[error("{}: another Gudok uses this profile", dir.display())]
    InUse {
        /// The profile folder.
        dir: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The settings were written by a newer Gudok; they are left as they are.
    #[error("{}: written by a newer Gudok (version {version})", path.display())]
    Newer {
        /// The settings file.
        path: PathBuf,
        /// The version of its layout.
        version: i64,
    },
    /// A file that a person gave cannot be understood; it is as it was.
    #[error("{}: {reason}", place(path, *line))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The line, from 1, if one is to blame.
        line: Option<usize>,
        /// What is wrong there.
        reason: String,
    },
    /// The settings cannot be read; they were set aside.
    #[error("{}: {reason}", place(path, *line))]
    Damaged {
        /// The settings file as it was named.
        path: PathBuf,
        /// The line, from 1, if one is to blame.
        line: Option<usize>,
        /// What is wrong there.
        reason: String,
        /// Where the damaged file is now.
        aside: PathBuf,
        /// Whether the last good settings are in force; otherwise there are none.
        restored: bool,
    },
}

impl StoreError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.into(),
            source,
        }
    }

    /// What SQLite said of a file.
    pub(super) fn database(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        if matches!(
            error.sqlite_error_code(),
            Some(DatabaseCorrupt | NotADatabase)
        ) {
            return Self::Unreadable {
                path: path.into(),
                line: None,
                reason: error.to_string(),
            };
        }
        Self::io(path, io::Error::other(error.to_string()))
    }

    /// Which file is concerned, with the line if one is to blame.
    pub fn path(&self) -> String {
        match self {
            Self::NoHome => String::new(),
            Self::InUse { dir } => dir.display().to_string(),
            Self::Io { path, .. } | Self::Newer { path, .. } => path.display().to_string(),
            Self::Damaged { path, line, .. } | Self::Unreadable { path, line, .. } => {
                place(path, *line)
            }
        }
    }

    /// What is wrong: a locale key, or the words of whoever found it.
    pub fn reason(&self) -> String {
        match self {
            Self::NoHome => "reason-file-no-home".into(),
            Self::InUse { .. } => "reason-file-in-use".into(),
            Self::Io { source, .. } => source.to_string(),
            Self::Newer { .. } => "reason-file-newer".into(),
            Self::Damaged { reason, .. } | Self::Unreadable { reason, .. } => reason.clone(),
        }
    }
}

fn place(path: &Path, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    }
}
