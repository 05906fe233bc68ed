//! Files that are either as they were or as they shall be, whatever happens in between.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::StoreError;

/// Replaces a file in one step, readable by its owner alone. On an error the old file stands.
pub(super) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    // A link stays a link: what it points to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let new = beside(&path, ".new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = write_new(&new, contents).and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        // Best effort: what stopped the writing is what is told.
        let _ = fs::remove_file(&new);
    }
    written?;
    sync_folder_of(&path)
}

/// The same name with something added at the end.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Moves a damaged file out of the way, to `<name>.damaged-<n>.<ending>`; gives where it is now.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let mut number = 1_u32;
    let mut aside = path.with_extension(format!("damaged-1.{ending}"));
    while aside.exists() {
        number = number.saturating_add(1);
        aside = path.with_extension(format!("damaged-{number}.{ending}"));
    }
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Moves a damaged database, and what SQLite keeps beside it, out of the way.
pub(super) fn set_aside_database(path: &Path) -> Result<(), StoreError> {
    set_aside(path).map_err(|error| StoreError::io(path, error))?;
    for suffix in ["-wal", "-shm"] {
        // Without the file they belong to they mean nothing.
        let _ = fs::remove_file(beside(path, suffix));
    }
    Ok(())
}

/// Makes a file readable by its owner alone, where the system knows such a thing.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn write_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// Makes a rename last through a power cut. Windows has no such call for folders.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        replace(&path, b"first and longer").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn a_leftover_of_a_crash_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        fs::write(beside(&path, ".new"), b"half").unwrap();
        replace(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn when_writing_fails_the_old_file_stands_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), b"x").unwrap();
        assert!(replace(&path, b"new").is_err());
        assert_eq!(fs::read(path.join("inside")).unwrap(), b"x");
        assert!(!beside(&path, ".new").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&target, b"old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
