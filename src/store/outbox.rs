//! What waits to be sent: a database in the profile, so that nothing is lost and nothing is
//! forgotten in a crash.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, params};

use super::atomic;
use super::error::StoreError;

/// The version of the layout.
const VERSION: i64 = 1;
/// How long is waited for another program that looks into the file.
const BUSY: Duration = Duration::from_secs(5);

const LAYOUT: &str = "
    CREATE TABLE posts (
        id       INTEGER PRIMARY KEY,
        contents TEXT NOT NULL
    );
";

/// Texts by number. Blocks for as long as the disk takes.
#[derive(Debug)]
pub struct Outbox {
    database: Connection,
    path: PathBuf,
}

impl Outbox {
    /// Where it is in the profile's folder.
    pub fn file(dir: &Path) -> PathBuf {
        dir.join("outbox.sqlite")
    }

    /// Opens it in the profile's folder. A file that is damaged is set aside as
    /// `outbox.damaged-<n>.sqlite`, and a new one begun.
    ///
    /// # Errors
    /// [`StoreError::Newer`] if a newer Gudok wrote it, or what the system said.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = Self::file(dir);
        match Self::open_file(&path) {
            Err(StoreError::Unreadable { .. }) => {
                atomic::set_aside_database(&path)?;
                Self::open_file(&path)
            }
            opened => opened,
        }
    }

    fn open_file(path: &Path) -> Result<Self, StoreError> {
        let cause = |error| StoreError::database(path, &error);
        let mut database = Connection::open(path).map_err(cause)?;
        let version = prepare(&mut database).map_err(cause)?;
        if version > VERSION {
            return Err(StoreError::Newer {
                path: path.into(),
                version,
            });
        }
        atomic::make_private(path).map_err(|error| StoreError::io(path, error))?;
        Ok(Self {
            database,
            path: path.into(),
        })
    }

    /// All that is there, by number.
    ///
    /// # Errors
    /// What the system said.
    pub fn load(&self) -> Result<Vec<(i64, String)>, StoreError> {
        let found = self
            .database
            .prepare_cached("SELECT id, contents FROM posts ORDER BY id")
            .and_then(|mut select| {
                let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                rows.collect()
            });
        found.map_err(|error| StoreError::database(&self.path, &error))
    }

    /// Keeps a text under a number, instead of what was there; it is on the disk when this
    /// returns.
    ///
    /// # Errors
    /// What the system said.
    pub fn put(&self, id: i64, contents: &str) -> Result<(), StoreError> {
        let put = "INSERT INTO posts (id, contents) VALUES (?1, ?2)
                   ON CONFLICT (id) DO UPDATE SET contents = ?2";
        self.change(put, params![id, contents])
    }

    /// Forgets what is kept under a number.
    ///
    /// # Errors
    /// What the system said.
    pub fn remove(&self, id: i64) -> Result<(), StoreError> {
        self.change("DELETE FROM posts WHERE id = ?1", [id])
    }

    fn change(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        let changed = self
            .database
            .prepare_cached(sql)
            .and_then(|mut change| change.execute(values));
        changed
            .map(drop)
            .map_err(|error| StoreError::database(&self.path, &error))
    }
}

/// Makes the file ready; gives the version of its layout.
fn prepare(database: &mut Connection) -> rusqlite::Result<i64> {
    database.busy_timeout(BUSY)?;
    // What is committed outlives the end of the program and of the power.
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    let change = database.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = change.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        change.execute_batch(LAYOUT)?;
        change.pragma_update(None, "user_version", VERSION)?;
    }
    change.commit()?;
    Ok(version.max(VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(dir: &Path) -> Vec<(i64, String)> {
        Outbox::open(dir).unwrap().load().unwrap()
    }

    #[test]
    fn what_was_put_is_there_again_until_it_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(dir.path()).unwrap();
        outbox.put(2, "b").unwrap();
        outbox.put(1, "a").unwrap();
        outbox.put(2, "c").unwrap();
        drop(outbox);
        assert_eq!(kept(dir.path()), [(1, "a".into()), (2, "c".into())]);
        Outbox::open(dir.path()).unwrap().remove(1).unwrap();
        assert_eq!(kept(dir.path()), [(2, "c".into())]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = std::fs::metadata(Outbox::file(dir.path())).unwrap();
            assert_eq!(file.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_a_newer_one_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            Outbox::file(dir.path()),
            "not a database at all, by any means",
        )
        .unwrap();
        assert_eq!(kept(dir.path()), []);
        assert!(dir.path().join("outbox.damaged-1.sqlite").exists());
        let newer = Outbox::open(dir.path()).unwrap();
        newer
            .database
            .pragma_update(None, "user_version", 9)
            .unwrap();
        drop(newer);
        let error = Outbox::open(dir.path()).unwrap_err();
        assert!(matches!(error, StoreError::Newer { version: 9, .. }));
    }
}
