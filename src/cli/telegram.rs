//! `gudok telegram`: signing in and out, and looking up chats and people.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde_json::{Value, json};

use crate::call::Problem;
use crate::cli::args::Telegram;
use crate::cli::owner::{self, Owner};
use crate::cli::{Args, Exit, Output, reach};
use crate::locale::Texts;
use crate::store::Profile;

/// How often it is looked what came of an ask.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(super) fn run(args: &Args, profile: Profile, telegram: &Telegram, output: &Output) -> Exit {
    let outcome = owner::with(args, profile, |owner| carry_out(owner, telegram, output));
    match outcome {
        Ok(()) => Exit::Done,
        Err(problem) => output.problem(&problem),
    }
}

fn carry_out(owner: &mut Owner, telegram: &Telegram, output: &Output) -> Result<(), Problem> {
    match telegram {
        Telegram::SignIn { qr } => sign_in(owner, *qr, output)?,
        Telegram::SignOut => {
            let seen = ask(owner, "telegram_refresh", json!({}))?;
            if seen.is("signed_in") {
                ask(owner, "telegram_sign_out", json!({}))?.without_problem()?;
            }
            let object = look(owner)?.0;
            output.object(&object, |texts| texts.get("cli-telegram-signed-out"));
        }
        Telegram::Status => show(&ask(owner, "telegram_refresh", json!({}))?, output),
        Telegram::Api { id, hash_stdin } => {
            let hash = prompt("cli-telegram-api-hash", true, *hash_stdin, output)?;
            let hash = hash.unwrap_or_default();
            owner.request("telegram_set_api", json!({ "id": id, "hash": hash }))?;
        }
        Telegram::Send { recording } => {
            let path = reach::absolute(recording)?;
            let call = call_of(owner, &path)?;
            ask(
                owner,
                "telegram_send_recording",
                json!({ "path": path, "call": call }),
            )?;
            queue(&ask(owner, "telegram_queue", json!({}))?, output);
        }
        Telegram::Set { values } => set(owner, values, output)?,
        Telegram::Requests { dial, dismiss } => {
            let asked = [("dial_requested", dial), ("dismiss_request", dismiss)];
            for (method, request) in asked {
                if let Some(request) = request {
                    owner.request(method, json!({ "request": request }))?;
                }
            }
            requests(owner, output)?;
        }
        Telegram::Queue { again, drop } => {
            if let Some(post) = again {
                ask(owner, "telegram_send_again", json!({ "post": post }))?;
            }
            if let Some(post) = drop {
                ask(owner, "telegram_drop_post", json!({ "post": post }))?;
            }
            queue(&ask(owner, "telegram_queue", json!({}))?, output);
        }
        Telegram::Chats { search } => find(owner, "chats", search.as_deref(), output)?,
        Telegram::People { search } => find(owner, "people", search.as_deref(), output)?,
    }
    Ok(())
}

/// The Telegram account as the snapshot shows it.
struct Seen(Value);

impl Seen {
    fn state(&self) -> &str {
        self.0["state"]["state"].as_str().unwrap_or_default()
    }

    fn is(&self, state: &str) -> bool {
        self.state() == state
    }

    fn problem(&self) -> Option<Problem> {
        serde_json::from_value(self.0["problem"].clone()).ok()
    }

    fn without_problem(&self) -> Result<(), Problem> {
        self.problem().map_or(Ok(()), Err)
    }

    fn name(&self) -> &str {
        let name = self.0["me"]["name"].as_str().unwrap_or_default();
        let phone = || self.0["me"]["phone"].as_str().unwrap_or_default();
        if name.is_empty() { phone() } else { name }
    }
}

fn look(owner: &mut Owner) -> Result<Seen, Problem> {
    let mut status = owner.request("status", json!({}))?;
    Ok(Seen(status["telegram"].take()))
}

/// Asks and waits until it is known what came of it.
fn ask(owner: &mut Owner, method: &str, params: Value) -> Result<Seen, Problem> {
    owner.request(method, params)?;
    loop {
        let seen = look(owner)?;
        if seen.0["busy"] != json!(true) {
            return Ok(seen);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn sign_in(owner: &mut Owner, qr: bool, output: &Output) -> Result<(), Problem> {
    let mut seen = ask(owner, "telegram_refresh", json!({}))?;
    if seen.is("signed_in") {
        show(&seen, output);
        return Ok(());
    }
    seen = if qr {
        ask(owner, "telegram_sign_in_qr", json!({}))?
    } else {
        let phone = prompt("cli-telegram-phone", false, false, output)?;
        let phone = phone.ok_or(Problem::TelegramPhone)?;
        ask(owner, "telegram_sign_in", json!({ "phone": phone }))?
    };
    let mut shown = String::new();
    loop {
        let problem = seen.problem();
        let missing = || problem.clone().unwrap_or(Problem::TelegramNotNow);
        match seen.state() {
            "needs_code" => {
                tell(problem.as_ref(), output);
                let code = prompt("cli-telegram-code", false, false, output)?;
                let code = code.ok_or_else(missing)?;
                seen = ask(owner, "telegram_code", json!({ "code": code }))?;
            }
            "needs_password" => {
                tell(problem.as_ref(), output);
                let password = password(&seen, output)?.ok_or_else(missing)?;
                seen = ask(owner, "telegram_password", json!({ "password": password }))?;
            }
            "qr" => {
                let url = seen.0["state"]["url"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                if url != shown {
                    output.event(&json!({ "event": "qr", "url": url }));
                    output.say(&drawn(&url, output.texts()));
                    shown = url;
                }
                std::thread::sleep(LOOK_EVERY);
                seen = look(owner)?;
            }
            "connecting" => {
                std::thread::sleep(LOOK_EVERY);
                seen = look(owner)?;
            }
            "signed_in" => {
                show(&seen, output);
                return Ok(());
            }
            _ => return Err(missing()),
        }
    }
}

/// A code for a telephone in front of the screen, in characters.
fn drawn(url: &str, texts: &Texts) -> String {
    let words = texts.get("cli-telegram-scan");
    match QrCode::new(url) {
        Ok(code) => {
            // Terminals are dark, paper is light.
            let picture = code
                .render::<Dense1x2>()
                .dark_color(Dense1x2::Dark)
                .light_color(Dense1x2::Light)
                .build();
            format!("{picture}\n{words}")
        }
        Err(_) => format!("{url}\n{words}"),
    }
}

/// What went wrong with the last try, before the next one.
fn tell(problem: Option<&Problem>, output: &Output) {
    if let Some(problem) = problem {
        eprintln!("{}", output.explain(problem));
    }
}

fn show(seen: &Seen, output: &Output) {
    output.object(&seen.0, |texts| {
        let name = [("name", seen.name().into())];
        let state = match seen.state() {
            "signed_in" if seen.0["state"]["online"] == json!(true) => {
                texts.with("cli-telegram-in", &name)
            }
            "signed_in" => texts.with("cli-telegram-in-offline", &name),
            "needs_api" => texts.get("cli-telegram-needs-api"),
            _ => texts.get("cli-telegram-out"),
        };
        match seen.problem() {
            Some(problem) => format!("{state}\n{}", output.explain(&problem)),
            None => state,
        }
    });
}

/// The call that a recording is of.
fn call_of(owner: &mut Owner, path: &Path) -> Result<Value, Problem> {
    let mut before = Value::Null;
    loop {
        let query = json!({ "show": "recorded", "before": before });
        let calls = owner.request("history", query)?;
        let calls = calls.as_array().map(Vec::as_slice).unwrap_or_default();
        let is_it = |call: &&Value| call["recording"].as_str().map(Path::new) == Some(path);
        if let Some(call) = calls.iter().find(is_it) {
            return Ok(call.clone());
        }
        match calls.last() {
            Some(last) => before = last["id"].clone(),
            None => {
                let what = format!("recording {}", path.display());
                return Err(Problem::Unknown { what });
            }
        }
    }
}

/// Shows what the dial chat does, after changing it if something is to change.
fn set(owner: &mut Owner, values: &[String], output: &Output) -> Result<(), Problem> {
    let mut change = serde_json::Map::new();
    for pair in values {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = match (name, value) {
            ("dial" | "callers" | "missed", "on") => (name, json!(true)),
            ("dial" | "callers" | "missed", "off") => (name, json!(false)),
            ("chat", value) => ("dial_chat", json!(value)),
            _ => return Err(Problem::bad_value(name, "reason-choice")),
        };
        change.insert(name.into(), value);
    }
    if change.contains_key("dial_chat") {
        // A chat is found in the list, which has to be there.
        ask(owner, "telegram_refresh", json!({}))?;
    }
    if !change.is_empty() {
        owner.request("telegram_set", Value::Object(change))?;
    }
    let seen = look(owner)?;
    let now = &seen.0["dial_chat"];
    output.object(now, |texts| {
        let chat = now["chat"]["name"].as_str().map(str::to_owned);
        let chat = chat.unwrap_or_else(|| texts.get("telegram-saved"));
        let switch = |name: &str| {
            let on = now[name] == json!(true);
            format!("{name}={}", if on { "on" } else { "off" })
        };
        let (dial, callers, missed) = (switch("dial"), switch("callers"), switch("missed"));
        format!("{dial}\nchat={chat}\n{callers}\n{missed}")
    });
    Ok(())
}

fn requests(owner: &mut Owner, output: &Output) -> Result<(), Problem> {
    let requests = owner.request("status", json!({}))?["requests"].take();
    output.object(&requests, |texts| {
        let line = |request: &Value| {
            let (id, text) = (request["id"].to_string(), |key: &str| {
                request[key].as_str().unwrap_or_default().to_owned()
            });
            let (target, line) = (text("target"), text("line"));
            let args = [
                ("id", id.as_str().into()),
                ("target", target.as_str().into()),
                ("line", line.as_str().into()),
            ];
            texts.with("cli-request", &args)
        };
        let requests = requests.as_array().map(Vec::as_slice).unwrap_or_default();
        if requests.is_empty() {
            return texts.get("cli-none");
        }
        requests.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

/// What waits to be sent, a line each.
fn queue(seen: &Seen, output: &Output) {
    let object = json!({
        "queued": seen.0["queued"],
        "queue": seen.0["queue"],
        "problem": seen.0["queue_problem"],
        "retry_s": seen.0["queue_retry_s"],
    });
    output.object(&object, |texts| {
        let text = |post: &Value, key: &str| post[key].as_str().unwrap_or_default().to_owned();
        let line = |post: &Value| {
            let chat = post["chat"].as_str().map(str::to_owned);
            let chat = chat.unwrap_or_else(|| texts.get("telegram-saved"));
            let state = texts.get(&format!("telegram-post-{}", text(post, "state")));
            let what = match post["recording"].as_str() {
                Some(path) => path.to_owned(),
                None => texts.get("telegram-post-note"),
            };
            let line = format!("{}  {state}  {chat}  {what}", post["id"]);
            match serde_json::from_value(post["problem"].clone()) {
                Ok(problem) => format!("{line}\n    {}", output.explain(&problem)),
                Err(_) => line,
            }
        };
        let posts = object["queue"].as_array().map(Vec::as_slice);
        let posts = posts.unwrap_or_default();
        if posts.is_empty() {
            return texts.get("telegram-queue-empty");
        }
        let problem = serde_json::from_value(object["problem"].clone()).ok();
        let problem = problem.map(|problem| output.explain(&problem));
        let lines: Vec<String> = problem.into_iter().chain(posts.iter().map(line)).collect();
        lines.join("\n")
    });
}

fn find(
    owner: &mut Owner,
    list: &str,
    search: Option<&str>,
    output: &Output,
) -> Result<(), Problem> {
    let seen = ask(owner, "telegram_refresh", json!({}))?;
    seen.without_problem()?;
    if !seen.is("signed_in") {
        show(&seen, output);
        return Err(Problem::TelegramNotNow);
    }
    let query = search.unwrap_or_default();
    let found = owner.request("telegram_find", json!({ "list": list, "query": query }))?;
    output.object(&found, |texts| {
        let line = |peer: &Value| {
            let text = |key: &str| peer[key].as_str().unwrap_or_default().to_owned();
            let name = match text("kind").as_str() {
                "saved" => texts.get("telegram-saved"),
                _ => text("name"),
            };
            let username = peer["username"].as_str().map(|name| format!("@{name}"));
            let parts = [Some(peer["id"].to_string()), Some(name), username];
            let phone = peer["phone"].as_str().map(str::to_owned);
            let parts: Vec<_> = parts.into_iter().chain([phone]).flatten().collect();
            parts.join("  ")
        };
        let peers = found.as_array().map(Vec::as_slice).unwrap_or_default();
        if peers.is_empty() {
            return texts.get("cli-none");
        }
        peers.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

fn password(seen: &Seen, output: &Output) -> Result<Option<String>, Problem> {
    let hint = seen.0["state"]["hint"].as_str().unwrap_or_default();
    let label = match hint {
        "" => output.texts().get("cli-telegram-password"),
        hint => {
            let hint = [("hint", hint.into())];
            output.texts().with("cli-telegram-password-hint", &hint)
        }
    };
    read(&label, true, false, output)
}

fn prompt(
    key: &str,
    secret: bool,
    quiet: bool,
    output: &Output,
) -> Result<Option<String>, Problem> {
    read(&output.texts().get(key), secret, quiet, output)
}

/// A line from the person, or from standard input if nobody sits there; nothing at its end.
fn read(
    label: &str,
    secret: bool,
    quiet: bool,
    output: &Output,
) -> Result<Option<String>, Problem> {
    let failed = |error: std::io::Error| Problem::File {
        path: "stdin".into(),
        reason: error.to_string(),
    };
    if std::io::stdin().is_terminal() && secret {
        return Ok(Some(rpassword::prompt_password(label).map_err(failed)?));
    }
    if !quiet && !output.is_json() {
        eprint!("{label}");
        let _ = std::io::stderr().flush();
    }
    let mut line = String::new();
    if std::io::stdin().read_line(&mut line).map_err(failed)? == 0 {
        return Ok(None);
    }
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}
