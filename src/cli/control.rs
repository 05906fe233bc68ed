//! JSON-RPC 2.0 over a local socket: one request or notification a line.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, Stream, ToFsName};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::settings;
use crate::call::Problem;
use crate::cli::args::Ctl;
use crate::cli::{Args, Exit, Output};
use crate::engine::{Command, Event, Handle};
use crate::store::Profile;

/// The longest line that is read.
const MAX_LINE: u64 = 1 << 20;
/// Connections at once.
const MAX_CONNECTIONS: usize = 32;

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const UNKNOWN_METHOD: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
/// The engine refused; `data` is the [`Problem`].
const REFUSED: i64 = 1;

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(default)]
    params: Option<Value>,
}

/// Where the socket of a profile is.
pub fn socket(profile: &Profile) -> PathBuf {
    profile.dir().join("control.sock")
}

/// The listening end. The socket is removed when it is dropped.
pub struct Server {
    path: PathBuf,
}

impl Server {
    /// Listens on `path` and hands what comes to the engine.
    ///
    /// # Errors
    /// [`Problem::File`] if the socket can't be made.
    pub fn start(path: &Path, handle: Handle) -> Result<Self, Problem> {
        let failed = |error: std::io::Error| Problem::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        // The lock on the profile is ours, so a socket that is there is a dead one.
        let _ = std::fs::remove_file(path);
        let name = path.to_fs_name::<GenericFilePath>().map_err(failed)?;
        let listener = ListenerOptions::new()
            .name(name)
            .create_sync()
            .map_err(failed)?;
        restrict(path).map_err(failed)?;
        let open = Arc::new(AtomicUsize::new(0));
        std::thread::Builder::new()
            .name("control".into())
            .spawn(move || {
                for stream in listener.incoming().filter_map(Result::ok) {
                    if open.fetch_add(1, Ordering::Relaxed) >= MAX_CONNECTIONS {
                        open.fetch_sub(1, Ordering::Relaxed);
                        continue;
                    }
                    let (handle, done) = (handle.clone(), open.clone());
                    let served =
                        std::thread::Builder::new()
                            .name("control".into())
                            .spawn(move || {
                                if let Err(error) = serve(stream, &handle) {
                                    tracing::debug!(%error, "a control connection ended");
                                }
                                done.fetch_sub(1, Ordering::Relaxed);
                            });
                    if served.is_err() {
                        open.fetch_sub(1, Ordering::Relaxed);
                    }
                }
            })
            .map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn restrict(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

fn serve(stream: Stream, handle: &Handle) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    loop {
        let mut line = String::new();
        if (&mut reader).take(MAX_LINE).read_line(&mut line)? == 0 {
            return Ok(());
        }
        if !line.ends_with('\n') {
            return send(
                &stream,
                &refusal(&Value::Null, INVALID_REQUEST, "too long", None),
            );
        }
        let request: Request = match serde_json::from_str(&line) {
            Ok(request) => request,
            Err(error) => {
                send(
                    &stream,
                    &refusal(&Value::Null, PARSE_ERROR, &error.to_string(), None),
                )?;
                continue;
            }
        };
        if request.method == "events" {
            return tell_events(&stream, handle, &request.id);
        }
        send(&stream, &answer(handle, request))?;
    }
}

fn tell_events(stream: &Stream, handle: &Handle, id: &Value) -> std::io::Result<()> {
    use tokio::sync::broadcast::error::RecvError;
    let mut events = handle.events();
    send(
        stream,
        &json!({ "jsonrpc": "2.0", "id": id, "result": null }),
    )?;
    loop {
        match events.blocking_recv() {
            Ok(event) => {
                let last = matches!(event, Event::Stopped);
                let message = json!({ "jsonrpc": "2.0", "method": "event", "params": event });
                send(stream, &message)?;
                if last {
                    return Ok(());
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Ok(()),
        }
    }
}

fn answer(handle: &Handle, request: Request) -> Value {
    let Request { id, method, params } = request;
    if method == "status" {
        return json!({ "jsonrpc": "2.0", "id": id, "result": *handle.snapshot() });
    }
    if method == "settings" {
        return json!({ "jsonrpc": "2.0", "id": id, "result": settings() });
    }
    match command(&method, params) {
        Err((code, message)) => refusal(&id, code, &message, None),
        Ok(command) => match handle.request(command).blocking_recv() {
            Ok(Ok(result)) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Ok(Err(problem)) => refusal(&id, REFUSED, &problem.to_string(), Some(json!(problem))),
            Err(_) => refusal(&id, REFUSED, "the engine has stopped", None),
        },
    }
}

/// Reads a command from its method and parameters.
pub(super) fn command(method: &str, params: Option<Value>) -> Result<Command, (i64, String)> {
    let parse = |value: Value| serde_json::from_value::<Command>(value);
    // A method without parameters may come with an empty object, and the other way round.
    let given = params.unwrap_or_else(|| json!({}));
    let with = parse(json!({ "method": method, "params": given }));
    with.or_else(|error| {
        let empty = given.as_object().is_some_and(serde_json::Map::is_empty);
        if empty {
            parse(json!({ "method": method })).map_err(|_| error)
        } else {
            Err(error)
        }
    })
    .map_err(|error| {
        let message = error.to_string();
        let unknown = message.starts_with("unknown variant");
        (
            if unknown {
                UNKNOWN_METHOD
            } else {
                INVALID_PARAMS
            },
            message,
        )
    })
}

fn refusal(id: &Value, code: i64, message: &str, data: Option<Value>) -> Value {
    let mut error = json!({ "code": code, "message": message });
    if let (Some(data), Some(error)) = (data, error.as_object_mut()) {
        error.insert("data".into(), data);
    }
    json!({ "jsonrpc": "2.0", "id": id, "error": error })
}

fn send(mut stream: &Stream, value: &Value) -> std::io::Result<()> {
    let mut line = value.to_string();
    line.push('\n');
    stream.write_all(line.as_bytes())
}

/// The asking end.
pub struct Client {
    stream: BufReader<Stream>,
}

/// Why a request to a running Gudok failed.
#[derive(Debug)]
pub enum ClientError {
    /// None runs on this profile.
    NotRunning,
    /// It refused, for this reason.
    Refused(Problem),
    /// It did not understand, or the connection broke.
    Broken(String),
}

impl Client {
    /// Connects to the Gudok that runs on the profile.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`].
    pub fn connect(profile: &Profile) -> Result<Self, ClientError> {
        let path = socket(profile);
        let name = path
            .to_fs_name::<GenericFilePath>()
            .map_err(|_| ClientError::NotRunning)?;
        let stream = Stream::connect(name).map_err(|_| ClientError::NotRunning)?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Sends a request and waits for its result.
    ///
    /// # Errors
    /// What the other side says.
    pub fn request(&mut self, method: &str, params: &Value) -> Result<Value, ClientError> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let broken = |error: std::io::Error| ClientError::Broken(error.to_string());
        send(self.stream.get_ref(), &request).map_err(broken)?;
        let mut response = self.receive()?;
        if let Some(error) = response.get("error") {
            let problem = error
                .get("data")
                .and_then(|data| Problem::deserialize(data).ok());
            return Err(match problem {
                Some(problem) => ClientError::Refused(problem),
                None => {
                    let message = error.get("message").and_then(Value::as_str);
                    ClientError::Broken(message.unwrap_or_default().to_owned())
                }
            });
        }
        Ok(response
            .get_mut("result")
            .map(Value::take)
            .unwrap_or_default())
    }

    /// The next message that the other side sends by itself.
    ///
    /// # Errors
    /// [`ClientError::Broken`] when the connection ends.
    pub fn receive(&mut self) -> Result<Value, ClientError> {
        let mut line = String::new();
        let broken = |error: &dyn std::fmt::Display| ClientError::Broken(error.to_string());
        let read = self
            .stream
            .read_line(&mut line)
            .map_err(|error| broken(&error))?;
        if read == 0 {
            return Err(ClientError::Broken("the connection was closed".into()));
        }
        serde_json::from_str(&line).map_err(|error| broken(&error))
    }
}

/// The Gudok that runs on the profile of the arguments.
///
/// # Errors
/// The exit code, once it is said that there is none.
pub(super) fn running(args: &Args, output: &Output) -> Result<Client, Exit> {
    // Without the lock: a Gudok that is just starting must get it.
    let profile = Profile::locate(args.profile.as_deref()).and_then(|dir| Profile::beside(&dir));
    let profile = profile.map_err(|error| output.problem(&error.into()))?;
    Client::connect(&profile).map_err(|error| client_failed(&error, output))
}

/// `gudok redial`.
pub(super) fn redial(args: &Args, output: &Output) -> Exit {
    let mut client = match running(args, output) {
        Ok(client) => client,
        Err(exit) => return exit,
    };
    match client.request("redial", &json!({})) {
        Ok(reply) => {
            output.event(&reply);
            Exit::Done
        }
        Err(error) => client_failed(&error, output),
    }
}

/// `gudok ctl`.
pub(super) fn ctl(args: &Args, ctl: &Ctl, output: &Output) -> Exit {
    let params = match ctl.params.as_deref().map(serde_json::from_str::<Value>) {
        None => json!({}),
        Some(Ok(params)) => params,
        Some(Err(error)) => {
            eprintln!("{error}");
            return Exit::Usage;
        }
    };
    let mut client = match running(args, output) {
        Ok(client) => client,
        Err(exit) => return exit,
    };
    match client.request(&ctl.method, &params) {
        Ok(_) if ctl.method == "events" => loop {
            match client.receive() {
                Ok(event) => println!("{}", event.get("params").unwrap_or(&event)),
                Err(_) => return Exit::Done,
            }
        },
        Ok(result) => {
            println!("{result}");
            Exit::Done
        }
        Err(error) => client_failed(&error, output),
    }
}

/// Gives what was to be done to the Gudok that already runs.
pub fn hand_over(mut running: Client, dial: Option<String>, output: &Output) -> Exit {
    let shown = running.request("show", &json!({}));
    let dialled = dial
        .map(|target| running.request("dial", &json!({ "target": target, "ask": "if_several" })));
    match dialled.into_iter().chain([shown]).find_map(Result::err) {
        Some(error) => client_failed(&error, output),
        None => Exit::Done,
    }
}

pub(super) fn client_failed(error: &ClientError, output: &Output) -> Exit {
    match error {
        ClientError::Refused(problem) => output.problem(problem),
        ClientError::NotRunning => {
            eprintln!("{}", output.texts().get("cli-not-running"));
            Exit::Failed
        }
        ClientError::Broken(reason) => {
            eprintln!("{reason}");
            Exit::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_commands_with_or_without_parameters() {
        assert!(matches!(command("quit", None), Ok(Command::Quit)));
        assert!(matches!(
            command("quit", Some(json!({}))),
            Ok(Command::Quit)
        ));
        let dial = command("dial", Some(json!({ "target": "echo" })));
        assert!(matches!(dial, Ok(Command::Dial { account: None, .. })));
        assert_eq!(command("dial", None).unwrap_err().0, INVALID_PARAMS);
        assert_eq!(command("fly", None).unwrap_err().0, UNKNOWN_METHOD);
    }
}
