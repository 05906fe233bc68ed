//! What a test can do: a JSON object a line, answered by another, `{"error": ...}` if it can't be.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grammers_tl_types::{enums, types};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::post::Posted;
use crate::world::{CENTRES, Chat, ChatKind, Message, User, World};
use crate::{auth, make, wire};

/// What a test asks.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Ask {
    /// A device: its keys, for one Gudok.
    Device,
    /// A person or bot.
    User {
        phone: String,
        #[serde(default)]
        first_name: String,
        #[serde(default)]
        last_name: String,
        username: Option<String>,
        password: Option<String>,
        #[serde(default)]
        hint: String,
        centre: Option<i32>,
        code: Option<String>,
        #[serde(default)]
        bot: bool,
        #[serde(default)]
        deleted: bool,
        #[serde(default)]
        banned: bool,
    },
    /// A group or channel; not `open`, only its administrators post.
    Chat {
        kind: ChatKind,
        title: String,
        username: Option<String>,
        #[serde(default)]
        open: bool,
    },
    /// Somebody writes to a person, alone or in a group or channel; the person's devices hear of it.
    Write {
        to: i64,
        from: i64,
        chat: Option<i64>,
        #[serde(default)]
        text: String,
        /// How long ago, seconds.
        #[serde(default)]
        age: i32,
        #[serde(default)]
        forwarded: bool,
    },
    /// A person has another one in the contacts.
    Contact { of: i64, who: i64 },
    /// A person is called otherwise; all devices hear of it.
    Rename { user: i64, first_name: String },
    /// A person scans what a device shows; the device hears of it unless told not to.
    Scan {
        url: String,
        user: i64,
        #[serde(default = "yes")]
        told: bool,
    },
    /// The next calls of a method fail.
    Fail {
        method: String,
        code: i32,
        error: String,
        #[serde(default = "once")]
        times: u32,
    },
    /// The next calls of a method are carried out, but the connection ends before the answer.
    Lose {
        method: String,
        #[serde(default = "once")]
        times: u32,
    },
    /// Every answer to a method takes so long, seconds.
    Delay { method: String, seconds: f64 },
    /// A chat takes no voice messages, or nothing at all, or is gone, or all is well again.
    Change {
        chat: i64,
        #[serde(default)]
        closed: bool,
        #[serde(default)]
        silent: bool,
        #[serde(default)]
        gone: bool,
    },
    /// All that was posted, in its order.
    Posted,
    /// Codes that were sent are too old.
    ExpireCodes,
    /// How long a code to be scanned lasts, seconds.
    TokenLifetime { seconds: i32 },
    /// Ends all sessions of a person, as another device can.
    Revoke { user: i64 },
    /// Ends all connections.
    Drop,
    /// Ends all connections and takes none.
    Down,
    /// Takes connections again, on the same ports.
    Up,
    /// Who is signed in where, and the connections.
    Seen,
    /// Every call that came.
    Calls,
}

fn yes() -> bool {
    true
}

fn once() -> u32 {
    1
}

pub async fn serve(listener: TcpListener, world: Arc<Mutex<World>>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(converse(stream, world.clone()));
    }
}

async fn converse(stream: TcpStream, world: Arc<Mutex<World>>) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = match serde_json::from_str(&line) {
            Ok(Ask::Up) => up(&world).await,
            Ok(ask) => carry_out(&mut world.lock().unwrap(), ask),
            Err(error) => Err(error.to_string()),
        };
        let answer = answer.unwrap_or_else(|error| json!({ "error": error }));
        writer.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    Ok(())
}

async fn up(world: &Arc<Mutex<World>>) -> Result<Value, String> {
    for centre in CENTRES {
        wire::listen(world, centre)
            .await
            .map_err(|error| error.to_string())?;
    }
    Ok(json!({}))
}

fn carry_out(world: &mut World, ask: Ask) -> Result<Value, String> {
    match ask {
        Ask::Device => return Ok(world.device()),
        Ask::User {
            phone,
            first_name,
            last_name,
            username,
            password,
            hint,
            centre,
            code,
            bot,
            deleted,
            banned,
        } => {
            let id = world.next();
            let user = User {
                id,
                phone,
                first_name,
                last_name,
                username,
                bot,
                deleted,
                banned,
                password: password.map(|password| (password, hint)),
                centre: centre.unwrap_or(CENTRES[0]),
                code: code.unwrap_or_else(|| "12345".into()),
                contacts: Vec::new(),
                messages: Vec::new(),
                pts: 1,
            };
            world.users.insert(id, user);
            return Ok(json!({ "id": id }));
        }
        Ask::Chat {
            kind,
            title,
            username,
            open,
        } => {
            let id = world.next();
            let chat = Chat {
                id,
                kind,
                title,
                username,
                open,
                silent: false,
                gone: false,
            };
            world.chats.insert(id, chat);
            return Ok(json!({ "id": id }));
        }
        Ask::Write {
            to,
            from,
            chat,
            text,
            age,
            forwarded,
        } => {
            let written = |message: &mut Message| {
                message.date -= age;
                message.forwarded = forwarded;
            };
            let id = write(world, to, from, chat, &text, written)?;
            return Ok(json!({ "id": id }));
        }
        Ask::Contact { of, who } => person(world, of)?.contacts.push(who),
        Ask::Rename { user, first_name } => {
            person(world, user)?.first_name.clone_from(&first_name);
            let update = enums::Update::UserName(types::UpdateUserName {
                user_id: user,
                first_name,
                last_name: String::new(),
                usernames: Vec::new(),
            });
            for id in world.users.keys() {
                world.tell(*id, vec![update.clone()]);
            }
        }
        Ask::Scan { url, user, told } => {
            let token = url
                .strip_prefix("tg://login?token=")
                .ok_or("not a link to sign in")?;
            let token = URL_SAFE_NO_PAD
                .decode(token)
                .map_err(|error| error.to_string())?;
            auth::scan(world, &token, user, told)?;
        }
        Ask::Fail {
            method,
            code,
            error,
            times,
        } => world.fail(method, code, error, times, false),
        Ask::Lose { method, times } => world.fail(method, 0, String::new(), times, true),
        Ask::Delay { method, seconds } => {
            world
                .delays
                .insert(method, Duration::from_secs_f64(seconds));
        }
        Ask::Change {
            chat,
            closed,
            silent,
            gone,
        } => {
            let chat = world.chats.get_mut(&chat).ok_or("there is no such chat")?;
            (chat.open, chat.silent, chat.gone) = (!closed, silent, gone);
        }
        Ask::Posted => return Ok(world.posted.iter().map(Posted::told).collect()),
        Ask::ExpireCodes => world.codes_expired = true,
        Ask::TokenLifetime { seconds } => world.token_lifetime = seconds,
        Ask::Revoke { user } => {
            for (_, key) in world.keys().filter(|(_, key)| key.user == Some(user)) {
                key.user = None;
            }
            world.drop_connections();
        }
        Ask::Drop => return Ok(json!({ "dropped": world.drop_connections() })),
        Ask::Down => world.close(),
        Ask::Seen => return Ok(world.seen()),
        Ask::Calls => return Ok(world.calls()),
        Ask::Up => return Err("is carried out elsewhere".into()),
    }
    Ok(json!({}))
}

fn person(world: &mut World, id: i64) -> Result<&mut User, String> {
    world
        .users
        .get_mut(&id)
        .ok_or_else(|| format!("there is nobody {id}"))
}

fn write(
    world: &mut World,
    to: i64,
    from: i64,
    chat: Option<i64>,
    text: &str,
    written: impl FnOnce(&mut Message),
) -> Result<i32, String> {
    person(world, to)?;
    let peer = match chat {
        None => types::PeerUser { user_id: from }.into(),
        Some(id) => make::peer_of(world.chats.get(&id).ok_or("there is no such chat")?),
    };
    let id = world.put(to, peer, from, text).id;
    let messages = &mut person(world, to)?.messages;
    let message = messages.last_mut().ok_or("nothing was written")?;
    written(message);
    let message = message.clone();
    let update = enums::Update::NewMessage(types::UpdateNewMessage {
        message: make::message(&message, to),
        pts: message.pts,
        pts_count: 1,
    });
    world.tell(to, vec![update]);
    Ok(id)
}
