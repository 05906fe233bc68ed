//! The engine's hold on the history of calls: a thread of its own writes and reads it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::SystemTime;

use serde::Serialize;

use crate::call::{Call, CallId, CallState, Calls, Direction, Problem};
use crate::engine::Command;
use crate::engine::handle::{Reply, Request};
use crate::store::history::{Beginning, Ending, History, Outcome};
use crate::telegram::Delivered;

/// What can be seen of the history without asking for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct HistoryView {
    /// Missed calls that nobody has looked at.
    pub missed: u64,
    /// Goes up with each change, so that a list is known to be old.
    pub changes: u64,
}

/// What the thread tells.
pub(super) enum Told {
    /// Something changed.
    Changed(HistoryView),
    /// Something that nobody waits for went wrong.
    Failed(Problem),
}

type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// Lets the history be written. Dropping it waits until all is written.
pub(super) struct Log {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// The calls that were begun here.
    begun: Vec<CallId>,
}

/// What the thread works with.
struct Writer {
    history: Result<History, Problem>,
    rows: HashMap<CallId, i64>,
    view: HistoryView,
    tell: Box<dyn Fn(Told) + Send>,
}

impl Log {
    /// Opens the history in the folder of a profile that this program owns, or does not. `tell`
    /// is called on the thread and must not block.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn open(
        dir: PathBuf,
        owned: bool,
        tell: impl Fn(Told) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (jobs, inbox) = channel::<Job>();
        let thread = std::thread::Builder::new()
            .name("history".into())
            .spawn(move || {
                let mut writer = Writer::open(&dir, owned, Box::new(tell));
                for job in inbox {
                    job(&mut writer);
                }
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            begun: Vec::new(),
        })
    }

    /// Writes where a call stands. Calls of the test line are not kept.
    pub fn record(&mut self, calls: &Calls, call: &Call) {
        if call.line.account.is_test_line() {
            return;
        }
        let id = call.id;
        if !self.begun.contains(&id) {
            self.begun.retain(|begun| calls.get(*begun).is_some());
            self.begun.push(id);
            let began = beginning(call, SystemTime::now());
            self.ask(move |writer| writer.begin(id, &began));
        }
        if let Some(ended) = ending(call) {
            self.ask(move |writer| writer.end(id, &ended));
        }
    }

    /// A recording was sent to a chat.
    pub fn sent(&self, delivered: &Delivered) {
        let Delivered { path, to, kept } = delivered.clone();
        let to = to.map(|to| to.name).unwrap_or_default();
        self.ask(move |writer| writer.sent(&path, &to, kept));
    }

    /// Carries out a command that is about the history alone; gives back any other.
    pub fn carry_out(&self, request: Request) -> Option<Request> {
        if !is_about_history(&request.command) {
            return Some(request);
        }
        self.ask(move |writer| {
            let outcome = writer.carry_out(&request.command);
            match (request.reply, outcome) {
                (Some(reply), outcome) => {
                    let _ = reply.send(outcome);
                }
                (None, Err(problem)) => (writer.tell)(Told::Failed(problem)),
                (None, Ok(_)) => {}
            }
        });
        None
    }

    fn ask(&self, job: impl FnOnce(&mut Writer) + Send + 'static) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(Box::new(job));
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn is_about_history(command: &Command) -> bool {
    matches!(
        command,
        Command::History(_)
            | Command::HistorySeen
            | Command::ForgetCall { .. }
            | Command::ForgetHistory
            | Command::ExportHistory { .. }
    )
}

impl Writer {
    fn open(dir: &std::path::Path, owned: bool, tell: Box<dyn Fn(Told) + Send>) -> Self {
        let mut writer = Self {
            history: History::open(dir, owned).map_err(Problem::from),
            rows: HashMap::new(),
            view: HistoryView::default(),
            tell,
        };
        match &writer.history {
            Ok(_) => writer.changed(),
            Err(problem) => (writer.tell)(Told::Failed(problem.clone())),
        }
        writer
    }

    fn begin(&mut self, call: CallId, began: &Beginning) {
        let written = match &self.history {
            Ok(history) => history.begin(began),
            Err(_) => return,
        };
        match written {
            Ok(row) => {
                self.rows.insert(call, row);
            }
            Err(error) => (self.tell)(Told::Failed(error.into())),
        }
    }

    fn end(&mut self, call: CallId, ended: &Ending) {
        let (Ok(history), Some(row)) = (&self.history, self.rows.get(&call)) else {
            return;
        };
        match history.end(*row, ended) {
            Ok(()) => self.changed(),
            Err(error) => (self.tell)(Told::Failed(error.into())),
        }
    }

    fn sent(&mut self, path: &Path, to: &str, kept: bool) {
        let Ok(history) = &self.history else {
            return;
        };
        match history.sent(path, to, kept) {
            Ok(()) => self.changed(),
            Err(error) => (self.tell)(Told::Failed(error.into())),
        }
    }

    fn carry_out(&mut self, command: &Command) -> Result<Reply, Problem> {
        let history = self.history.as_ref().map_err(Clone::clone)?;
        let reply = match command {
            Command::History(query) => {
                let found = history.find(query)?;
                return Ok(serde_json::json!(found));
            }
            Command::ExportHistory { path, query } => {
                let calls = history.export(query, path)?;
                return Ok(serde_json::json!({ "calls": calls }));
            }
            Command::HistorySeen => history.mark_seen(),
            Command::ForgetCall { id } => history.remove(Some(*id)),
            Command::ForgetHistory => history.remove(None),
            _ => return Err(Problem::WrongState),
        };
        reply?;
        self.changed();
        Ok(Reply::Null)
    }

    fn changed(&mut self) {
        if let Ok(history) = &self.history {
            self.view.missed = history.missed().unwrap_or(self.view.missed);
        }
        self.view.changes += 1;
        (self.tell)(Told::Changed(self.view));
    }
}

fn beginning(call: &Call, now: SystemTime) -> Beginning {
    let since = now
        .checked_sub(call.started_at.elapsed())
        .and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok())
        .unwrap_or_default();
    Beginning {
        began_us: i64::try_from(since.as_micros()).unwrap_or(0),
        account: call.line.account.to_string(),
        line: call.line.name.clone(),
        incoming: call.direction == Direction::Incoming,
        name: call.peer.name.clone(),
        number: call.peer.number.clone(),
        uri: call.peer.uri.clone(),
        typed: call.peer.typed.clone(),
    }
}

/// What became of a call, once it is over.
fn ending(call: &Call) -> Option<Ending> {
    let CallState::Ended {
        problem,
        sip_status,
        ..
    } = &call.state
    else {
        return None;
    };
    let talked = call.answered_at.and(call.duration());
    let outgoing = call.direction == Direction::Outgoing;
    let outcome = match (talked, problem) {
        (_, Some(_)) if outgoing => Outcome::Failed,
        (Some(_), _) => Outcome::Talked,
        (None, _) if outgoing => Outcome::Cancelled,
        (None, _) if call.forwarded_to.is_some() => Outcome::Forwarded,
        (None, _) if call.declined => Outcome::Declined,
        (None, _) => Outcome::Missed,
    };
    let as_json = |problem| serde_json::to_value(problem).ok();
    Some(Ending {
        outcome,
        problem: problem.as_ref().and_then(as_json),
        status: *sip_status,
        talked_ms: talked.and_then(|talked| i64::try_from(talked.as_millis()).ok()),
        codec: call.codec.map(|codec| codec.name().to_owned()),
        quality: call
            .quality
            .and_then(|quality| serde_json::to_value(quality).ok()),
        recording: call.recording.as_ref().map(|now| now.path.clone()),
        sent_to: None,
    })
}
