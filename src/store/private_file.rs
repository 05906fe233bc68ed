use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::atomic::{self, beside};

/// Nothing that is kept so is larger, octets.
const LARGEST: u64 = 16 << 20;

/// A file in the profile that its owner alone can read, and that is whole at every moment.
#[derive(Debug)]
pub struct PrivateFile {
    path: PathBuf,
}

impl PrivateFile {
    /// The file at `path`, whether or not it is there yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is there.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Reads it; nothing if it is not there.
    ///
    /// # Errors
    /// What the system said, or that it is larger than such a file can be.
    pub fn load(&self) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut contents = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut contents)?;
        if contents.len() as u64 > LARGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Some(contents))
    }

    /// Replaces it whole or not at all.
    ///
    /// # Errors
    /// What the system said; the old one stands.
    pub fn save(&self, contents: &[u8]) -> io::Result<()> {
        atomic::replace(&self.path, contents)
    }

    /// Removes it. If it is not there, that is as good.
    ///
    /// # Errors
    /// What the system said.
    pub fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Renames it, for what can't be read: `name.damaged`.
    ///
    /// # Errors
    /// What the system said.
    pub fn set_aside(&self) -> io::Result<()> {
        fs::rename(&self.path, beside(&self.path, ".damaged"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_kept_read_set_aside_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let file = PrivateFile::new(folder.path().join("session"));
        assert!(!file.exists());
        assert_eq!(file.load().unwrap(), None);
        file.save(b"first").unwrap();
        file.save(b"second").unwrap();
        assert_eq!(file.load().unwrap().as_deref(), Some(&b"second"[..]));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(file.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        file.set_aside().unwrap();
        assert_eq!(
            fs::read(folder.path().join("session.damaged")).unwrap(),
            b"second"
        );
        file.save(b"third").unwrap();
        file.remove().unwrap();
        file.remove().unwrap();
        assert!(!file.exists());
    }
}
