//! A recording's file: never one that is there already, and for nobody else's eyes.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// How many recordings may have the same name.
const MAX_SAME: usize = 99;

/// Makes the file `name.ogg` in `folder`, or `name 2.ogg` if that is taken, and so on. The folder
/// is made if it isn't there. On Unix both are readable by their owner alone.
pub(super) fn create(folder: &Path, name: &str) -> Result<(PathBuf, File)> {
    folder_builder().create(folder)?;
    for number in 1..=MAX_SAME {
        let path = folder.join(match number {
            1 => format!("{name}.ogg"),
            number => format!("{name} {number}.ogg"),
        });
        match file_options().open(&path) {
            Ok(file) => {
                sync_folder(folder);
                return Ok((path, file));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::from(ErrorKind::AlreadyExists))
}

fn folder_builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Puts the name of a new file on the disk; where a folder can't be synced, the system does it in
/// its own time.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
