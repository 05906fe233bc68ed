use std::env;
use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf, absolute};

use super::atomic::{self, beside};
use super::error::StoreError;
use super::private_file::PrivateFile;
use super::settings::{Settings, SipSettings};
use super::toml_file::{self, ReadError};
use crate::account::Entry;

/// The environment variable that names the profile folder.
const VARIABLE: &str = "GUDOK_PROFILE";
/// No settings file of a person is larger, octets.
const LARGEST: u64 = 4 << 20;

/// The folder with everything of one Gudok. While an owned `Profile` lives, no other program
/// has it.
#[derive(Debug)]
pub struct Profile {
    dir: PathBuf,
    /// Holds the lock; closing the file gives it back. Absent: another Gudok owns the folder,
    /// and nothing in it is changed here.
    lock: Option<File>,
}

/// The settings of a profile and what was wrong with them.
#[derive(Debug)]
pub struct Loaded {
    /// The settings that are in force.
    pub settings: Settings,
    /// What a person should know: that the file was damaged, or could not be written.
    pub trouble: Option<StoreError>,
}

impl Profile {
    /// The profile folder: the one asked for, or what `GUDOK_PROFILE` names, or the system's
    /// place for a person's data.
    ///
    /// # Errors
    /// [`StoreError::NoHome`] if the system names no such place.
    pub fn locate(asked: Option<&Path>) -> Result<PathBuf, StoreError> {
        locate(asked, env::var_os(VARIABLE))
    }

    /// Opens the folder and makes it if it is not there.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another Gudok has it, or what the system said.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let dir = absolute(dir).map_err(|error| StoreError::io(dir, error))?;
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&dir)
            .map_err(|error| StoreError::io(&dir, error))?;

        let path = dir.join("lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = options
            .open(&path)
            .map_err(|error| StoreError::io(&path, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                dir,
                lock: Some(lock),
            }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { dir }),
            Err(TryLockError::Error(error)) => Err(StoreError::io(&path, error)),
        }
    }

    /// The folder while another Gudok owns it: to be read only.
    ///
    /// # Errors
    /// What the system said.
    pub fn beside(dir: &Path) -> Result<Self, StoreError> {
        let dir = absolute(dir).map_err(|error| StoreError::io(dir, error))?;
        Ok(Self { dir, lock: None })
    }

    /// Whether this program owns the folder.
    pub fn is_owned(&self) -> bool {
        self.lock.is_some()
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.dir.join("settings.toml")
    }

    /// A file in the folder that its owner alone can read.
    pub fn private_file(&self, name: &str) -> PrivateFile {
        PrivateFile::new(self.dir.join(name))
    }

    /// The copy of the settings as they last were good.
    fn last_file(&self) -> PathBuf {
        beside(&self.settings_file(), ".last")
    }

    /// Reads the settings.
    ///
    /// A damaged file is set aside as `settings.damaged-<n>.toml` and the last good settings are
    /// used; [`Loaded::trouble`] says so. A new profile has the settings of [`Settings::default`].
    ///
    /// # Errors
    /// [`StoreError::Newer`] if a newer Gudok wrote them, or what the system said; the file is
    /// as it was.
    pub fn load(&self) -> Result<Loaded, StoreError> {
        let path = self.settings_file();
        if !self.is_owned() {
            let good = match read_text(&path)? {
                Text::Good(text) => toml_file::read(&text).ok().map(|read| read.settings),
                Text::Bad(_) | Text::Absent => None,
            };
            let settings = good.or_else(|| self.last_good()).unwrap_or_default();
            return Ok(Loaded {
                settings,
                trouble: None,
            });
        }
        let (mut loaded, mut unwritten) = match read_text(&path)? {
            Text::Good(text) => match toml_file::read(&text) {
                Ok(read) => {
                    let mut trouble = self.keep_as_last(&text).err();
                    if read.is_old() {
                        // Whoever goes back to the older program finds what it wrote.
                        let copy = self.dir.join(format!("settings.v{}.toml", read.version));
                        let kept = atomic::replace(&copy, text.as_bytes());
                        let failed = kept.err().map(|error| StoreError::io(&copy, error));
                        trouble = trouble.or(failed);
                    }
                    // An account that was written by hand got its identifier just now.
                    let is_new = |entry: &Entry| !text.contains(entry.account.id.as_str());
                    let unwritten = read.is_old() || read.settings.accounts.iter().any(is_new);
                    let settings = read.settings;
                    (Loaded { settings, trouble }, unwritten)
                }
                Err(ReadError::Newer(version)) => return Err(StoreError::Newer { path, version }),
                Err(ReadError::Damaged { line, reason }) => (self.set_aside(line, reason)?, true),
            },
            Text::Bad(reason) => (self.set_aside(None, reason)?, true),
            // Lost between setting aside and writing anew, or deleted: the last good ones count.
            Text::Absent => {
                let settings = self.last_good().unwrap_or_default();
                (
                    Loaded {
                        settings,
                        trouble: None,
                    },
                    true,
                )
            }
        };
        if loaded.settings.sip.instance.is_empty() {
            loaded.settings.sip.instance = SipSettings::new_instance();
            unwritten = true;
        }
        if unwritten {
            let error = self.save(&loaded.settings).err();
            loaded.trouble = loaded.trouble.or(error);
        }
        Ok(loaded)
    }

    /// Writes the settings so that the file is whole at every moment. Keys in it that this
    /// program does not know are kept.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another Gudok owns the profile, or what the system said; the old
    /// settings stand.
    pub fn save(&self, settings: &Settings) -> Result<(), StoreError> {
        if !self.is_owned() {
            let dir = self.dir.clone();
            return Err(StoreError::InUse { dir });
        }
        let path = self.settings_file();
        let before = match read_text(&path)? {
            Text::Good(before) => before,
            Text::Bad(_) | Text::Absent => String::new(),
        };
        let text = toml_file::write(settings, &before);
        if text == before {
            return Ok(());
        }
        atomic::replace(&path, text.as_bytes()).map_err(|error| StoreError::io(&path, error))?;
        self.keep_as_last(&text)
    }

    fn keep_as_last(&self, text: &str) -> Result<(), StoreError> {
        let path = self.last_file();
        if matches!(read_text(&path), Ok(Text::Good(last)) if last == text) {
            return Ok(());
        }
        atomic::replace(&path, text.as_bytes()).map_err(|error| StoreError::io(&path, error))
    }

    fn last_good(&self) -> Option<Settings> {
        match read_text(&self.last_file()) {
            Ok(Text::Good(text)) => toml_file::read(&text).ok().map(|read| read.settings),
            _ => None,
        }
    }

    fn set_aside(&self, line: Option<usize>, reason: String) -> Result<Loaded, StoreError> {
        let path = self.settings_file();
        let aside = atomic::set_aside(&path).map_err(|error| StoreError::io(&path, error))?;
        let last = self.last_good();
        let restored = last.is_some();
        let trouble = StoreError::Damaged {
            path,
            line,
            reason,
            aside,
            restored,
        };
        Ok(Loaded {
            settings: last.unwrap_or_default(),
            trouble: Some(trouble),
        })
    }
}

fn locate(asked: Option<&Path>, variable: Option<OsString>) -> Result<PathBuf, StoreError> {
    if let Some(dir) = asked {
        return Ok(dir.into());
    }
    if let Some(dir) = variable.filter(|dir| !dir.is_empty()) {
        return Ok(dir.into());
    }
    let dirs = directories::ProjectDirs::from("", "", "gudok").ok_or(StoreError::NoHome)?;
    Ok(dirs.data_local_dir().into())
}

enum Text {
    Good(String),
    Bad(String),
    Absent,
}

fn read_text(path: &Path) -> Result<Text, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Text::Absent),
        Err(error) => return Err(StoreError::io(path, error)),
    };
    let mut bytes = Vec::new();
    let read = file.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes);
    let length = read.map_err(|error| StoreError::io(path, error))?;
    if length as u64 > LARGEST {
        return Ok(Text::Bad("reason-file-too-large".into()));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Text::Good(text),
        Err(_) => Text::Bad("reason-file-not-text".into()),
    })
}

/// The text of a file that must be there.
pub(super) fn read_whole(path: &Path) -> Result<String, StoreError> {
    let unreadable = |reason| StoreError::Unreadable {
        path: path.into(),
        line: None,
        reason,
    };
    match read_text(path)? {
        Text::Good(text) => Ok(text),
        Text::Bad(reason) => Err(unreadable(reason)),
        Text::Absent => Err(StoreError::io(path, io::ErrorKind::NotFound.into())),
    }
}

#[cfg(test)]
mod tests;
