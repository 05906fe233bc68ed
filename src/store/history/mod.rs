//! The calls there were: a database in the profile, written as each call goes.

mod csv_file;
mod past_call;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Row, ToSql, named_params, params};

pub use past_call::{Beginning, Ending, Outcome, PastCall, Query, Show};

use super::atomic;
use super::error::StoreError;

/// The version of the layout.
const VERSION: i64 = 2;
/// How long is waited for another Gudok that writes into the same file.
const BUSY: Duration = Duration::from_secs(5);
/// The most that is given at once.
const MOST: usize = 500;

const LAYOUT: &str = "
    CREATE TABLE calls (
        -- When it began, microseconds since 1970; made different from all others.
        id        INTEGER PRIMARY KEY,
        account   TEXT NOT NULL,
        line      TEXT NOT NULL,
        incoming  INTEGER NOT NULL,
        name      TEXT,
        number    TEXT NOT NULL,
        uri       TEXT NOT NULL,
        typed     TEXT,
        -- Empty while it lasts.
        outcome   TEXT,
        problem   TEXT,
        status    INTEGER,
        talked_ms INTEGER,
        codec     TEXT,
        quality   TEXT,
        recording TEXT,
        seen      INTEGER NOT NULL DEFAULT 0,
        -- What a search looks at, in lower case.
        words     TEXT NOT NULL
    );
    CREATE INDEX missed ON calls (id) WHERE outcome = 'missed' AND seen = 0;
";

/// What version 2 added: the chat that the recording was sent to, empty for Saved Messages, and
/// whether its file is here.
const SINCE_2: &str = "
    ALTER TABLE calls ADD COLUMN sent_to TEXT;
    ALTER TABLE calls ADD COLUMN here INTEGER NOT NULL DEFAULT 1;
";

/// The history of calls. Blocks for as long as the disk takes.
#[derive(Debug)]
pub struct History {
    database: Connection,
    path: PathBuf,
}

impl History {
    /// Opens the history in the profile's folder. A file that is damaged is set aside as
    /// `history.damaged-<n>.sqlite`, and a new one begun. `owned`: no other program uses the
    /// profile, so a call without an end was broken off.
    ///
    /// # Errors
    /// [`StoreError::Newer`] if a newer Gudok wrote it, or what the system said.
    pub fn open(dir: &Path, owned: bool) -> Result<Self, StoreError> {
        let path = dir.join("history.sqlite");
        match Self::open_file(&path, owned) {
            Err(StoreError::Unreadable { .. }) if owned => {
                atomic::set_aside_database(&path)?;
                Self::open_file(&path, owned)
            }
            opened => opened,
        }
    }

    fn open_file(path: &Path, owned: bool) -> Result<Self, StoreError> {
        let mut database =
            Connection::open(path).map_err(|error| StoreError::database(path, &error))?;
        let prepared =
            prepare(&mut database, owned).map_err(|error| StoreError::database(path, &error))?;
        if prepared > VERSION {
            return Err(StoreError::Newer {
                path: path.into(),
                version: prepared,
            });
        }
        atomic::make_private(path).map_err(|error| StoreError::io(path, error))?;
        Ok(Self {
            database,
            path: path.into(),
        })
    }

    /// A call has begun; gives its place.
    ///
    /// # Errors
    /// What the system said.
    pub fn begin(&self, call: &Beginning) -> Result<i64, StoreError> {
        let next = self.database.query_row(
            "SELECT MAX(?1, COALESCE(MAX(id), 0) + 1) FROM calls",
            [call.began_us],
            |row| row.get(0),
        );
        let written = next.and_then(|id: i64| {
            self.database
                .prepare_cached(
                    "INSERT INTO calls (id, account, line, incoming, name, number, uri, typed, words)
                     VALUES (:id, :account, :line, :incoming, :name, :number, :uri, :typed, :words)",
                )?
                .execute(named_params! {
                    ":id": id,
                    ":account": call.account,
                    ":line": call.line,
                    ":incoming": call.incoming,
                    ":name": call.name,
                    ":number": call.number,
                    ":uri": call.uri,
                    ":typed": call.typed,
                    ":words": call.words(),
                })?;
            Ok(id)
        });
        written.map_err(|error| StoreError::database(&self.path, &error))
    }

    /// A call has ended, or more became known of one that had.
    ///
    /// # Errors
    /// What the system said.
    pub fn end(&self, id: i64, call: &Ending) -> Result<(), StoreError> {
        let text = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string);
        let recording = call.recording.as_ref().map(|path| path.to_string_lossy());
        self.change(
            "UPDATE calls SET outcome = ?2, problem = ?3, status = ?4, talked_ms = ?5, codec = ?6,
             quality = ?7, recording = ?8 WHERE id = ?1",
            params![
                id,
                call.outcome.as_str(),
                text(&call.problem),
                call.status,
                call.talked_ms,
                call.codec,
                text(&call.quality),
                recording,
            ],
        )
    }

    /// A recording was sent to a chat, and its file stays here or does not.
    ///
    /// # Errors
    /// What the system said.
    pub fn sent(&self, recording: &Path, to: &str, stays: bool) -> Result<(), StoreError> {
        self.change(
            "UPDATE calls SET sent_to = ?2, here = ?3 WHERE recording = ?1",
            params![recording.to_string_lossy(), to, stays],
        )
    }

    /// The calls that fit, the latest first.
    ///
    /// # Errors
    /// What the system said.
    pub fn find(&self, query: &Query) -> Result<Vec<PastCall>, StoreError> {
        let (condition, values) = query.condition();
        let sql = format!(
            "SELECT * FROM calls WHERE outcome IS NOT NULL AND {condition} ORDER BY id DESC LIMIT {}",
            query.limit.unwrap_or(MOST).min(MOST)
        );
        let values: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
        let found = self.database.prepare_cached(&sql).and_then(|mut select| {
            let rows = select.query_map(values.as_slice(), past_call)?;
            rows.collect()
        });
        found.map_err(|error| StoreError::database(&self.path, &error))
    }

    /// Incoming calls that nobody took and nobody has looked at.
    ///
    /// # Errors
    /// What the system said.
    pub fn missed(&self) -> Result<u64, StoreError> {
        let count: i64 = self
            .database
            .query_row(
                "SELECT COUNT(*) FROM calls WHERE outcome = 'missed' AND seen = 0",
                [],
                |row| row.get(0),
            )
            .map_err(|error| StoreError::database(&self.path, &error))?;
        Ok(count.unsigned_abs())
    }

    /// Somebody has looked at the missed calls.
    ///
    /// # Errors
    /// What the system said.
    pub fn mark_seen(&self) -> Result<(), StoreError> {
        self.change(
            "UPDATE calls SET seen = 1 WHERE outcome = 'missed' AND seen = 0",
            [],
        )
    }

    /// Forgets one call, or with `None` all that are over. Recordings stay.
    ///
    /// # Errors
    /// What the system said.
    pub fn remove(&self, id: Option<i64>) -> Result<(), StoreError> {
        match id {
            Some(id) => self.change("DELETE FROM calls WHERE id = ?1", [id]),
            None => self.change("DELETE FROM calls WHERE outcome IS NOT NULL", []),
        }
    }

    /// Writes the calls that fit into a CSV file (RFC 4180); gives how many.
    ///
    /// # Errors
    /// What the system said; the file is as it was.
    pub fn export(&self, query: &Query, file: &Path) -> Result<usize, StoreError> {
        let mut calls = Vec::new();
        let mut part = query.clone();
        part.limit = Some(MOST);
        loop {
            let found = self.find(&part)?;
            part.before = found.last().map(|call| call.id);
            let last = found.len() < MOST;
            calls.extend(found);
            if last {
                break;
            }
        }
        csv_file::write(file, &calls)?;
        Ok(calls.len())
    }

    fn change(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        let changed = self
            .database
            .prepare_cached(sql)
            .and_then(|mut change| change.execute(values));
        changed
            .map(|_| ())
            .map_err(|error| StoreError::database(&self.path, &error))
    }
}

/// Makes the file ready; gives the version of its layout.
fn prepare(database: &mut Connection, owned: bool) -> rusqlite::Result<i64> {
    database.busy_timeout(BUSY)?;
    // What is committed outlives the end of the program and of the power.
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    let change = database.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = change.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        change.execute_batch(LAYOUT)?;
    }
    if version < VERSION {
        change.execute_batch(SINCE_2)?;
        change.pragma_update(None, "user_version", VERSION)?;
    }
    if owned && version <= VERSION {
        let broken = Outcome::Interrupted.as_str();
        change.execute(
            "UPDATE calls SET outcome = ?1 WHERE outcome IS NULL",
            [broken],
        )?;
    }
    change.commit()?;
    Ok(version.max(VERSION))
}

fn past_call(row: &Row<'_>) -> rusqlite::Result<PastCall> {
    let json = |column| -> rusqlite::Result<Option<serde_json::Value>> {
        let text: Option<String> = row.get(column)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    };
    let outcome: String = row.get("outcome")?;
    let here: bool = row.get("here")?;
    let recording: Option<String> = row.get("recording")?;
    let recording = recording.filter(|_| here);
    Ok(PastCall {
        id: row.get("id")?,
        began: Beginning {
            began_us: row.get("id")?,
            account: row.get("account")?,
            line: row.get("line")?,
            incoming: row.get("incoming")?,
            name: row.get("name")?,
            number: row.get("number")?,
            uri: row.get("uri")?,
            typed: row.get("typed")?,
        },
        ended: Ending {
            outcome: Outcome::named(&outcome),
            problem: json("problem")?,
            status: row.get("status")?,
            talked_ms: row.get("talked_ms")?,
            codec: row.get("codec")?,
            quality: json("quality")?,
            recording: recording.map(PathBuf::from),
            sent_to: row.get("sent_to")?,
        },
    })
}

#[cfg(test)]
mod tests;
