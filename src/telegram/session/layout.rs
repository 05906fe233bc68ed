//! The session as it is kept: JSON, of a layout of our own.

use std::net::{SocketAddrV4, SocketAddrV6};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use grammers_client::session::types::{
    ChannelKind, DcOption, PeerAuth, PeerId, PeerInfo, UpdatesState,
};
use serde::{Deserialize, Serialize};

use super::Data;
use crate::telegram::peer::Peer;
use crate::telegram::servers::key_of;

/// The layout this program writes, and the newest it reads.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    home: i32,
    me: Option<Peer>,
    #[serde(default)]
    heard: Option<(i64, i32)>,
    updates: Updates,
    centres: Vec<Centre>,
    peers: Vec<Known>,
}

#[derive(Serialize, Deserialize)]
struct Updates {
    pts: i32,
    qts: i32,
    date: i32,
    seq: i32,
}

/// A data centre of Telegram.
#[derive(Serialize, Deserialize)]
struct Centre {
    id: i32,
    ipv4: SocketAddrV4,
    ipv6: SocketAddrV6,
    /// 256 octets in base64.
    key: Option<String>,
}

/// A chat or person, with the hash by which it is asked for.
#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Known {
    User {
        id: i64,
        hash: Option<i64>,
        bot: Option<bool>,
        me: Option<bool>,
    },
    Chat {
        id: i64,
    },
    Channel {
        id: i64,
        hash: Option<i64>,
        kind: Option<Sort>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Broadcast,
    Megagroup,
    Gigagroup,
    Community,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// Reads a session, or says in a locale key why it can't be read.
pub(super) fn read(contents: &[u8]) -> Result<Data, &'static str> {
    let damaged = "reason-telegram-session";
    let Version { version } = serde_json::from_slice(contents).map_err(|_| damaged)?;
    if version > VERSION {
        return Err("reason-file-newer");
    }
    let kept: Kept = serde_json::from_slice(contents).map_err(|_| damaged)?;
    let centre = |centre: Centre| -> Result<_, &'static str> {
        let key = match centre.key {
            None => None,
            Some(key) => Some(key_of(&key).ok_or(damaged)?),
        };
        let option = DcOption {
            id: centre.id,
            ipv4: centre.ipv4,
            ipv6: centre.ipv6,
            auth_key: key,
        };
        Ok((option.id, option))
    };
    Ok(Data {
        home: kept.home,
        centres: kept
            .centres
            .into_iter()
            .map(centre)
            .collect::<Result<_, _>>()?,
        peers: kept.peers.into_iter().filter_map(Known::info).collect(),
        updates: UpdatesState {
            pts: kept.updates.pts,
            qts: kept.updates.qts,
            date: kept.updates.date,
            seq: kept.updates.seq,
            channels: Vec::new(),
        },
        me: kept.me,
        heard: kept.heard,
    })
}

pub(super) fn write(data: &Data) -> Vec<u8> {
    let mut centres: Vec<Centre> = data
        .centres
        .values()
        .map(|centre| Centre {
            id: centre.id,
            ipv4: centre.ipv4,
            ipv6: centre.ipv6,
            key: centre.auth_key.map(|key| STANDARD.encode(key)),
        })
        .collect();
    centres.sort_by_key(|centre| centre.id);
    let kept = Kept {
        version: VERSION,
        home: data.home,
        me: data.me.clone(),
        heard: data.heard,
        updates: Updates {
            pts: data.updates.pts,
            qts: data.updates.qts,
            date: data.updates.date,
            seq: data.updates.seq,
        },
        centres,
        peers: data.peers.values().map(Known::of).collect(),
    };
    // Nothing in it has a form that JSON lacks.
    serde_json::to_vec(&kept).unwrap_or_default()
}

impl Known {
    fn of(info: &PeerInfo) -> Self {
        let hash = |auth: &Option<PeerAuth>| auth.map(PeerAuth::hash);
        match info {
            PeerInfo::User {
                id,
                auth,
                bot,
                is_self,
            } => Self::User {
                id: *id,
                hash: hash(auth),
                bot: *bot,
                me: *is_self,
            },
            PeerInfo::Chat { id } => Self::Chat { id: *id },
            PeerInfo::Channel { id, auth, kind } => Self::Channel {
                id: *id,
                hash: hash(auth),
                kind: kind.map(|kind| match kind {
                    ChannelKind::Broadcast => Sort::Broadcast,
                    ChannelKind::Megagroup => Sort::Megagroup,
                    ChannelKind::Gigagroup => Sort::Gigagroup,
                    ChannelKind::Community => Sort::Community,
                }),
            },
        }
    }

    /// Nothing if the identifier is none that Telegram has.
    fn info(self) -> Option<(PeerId, PeerInfo)> {
        let auth = |hash: Option<i64>| hash.map(PeerAuth::from_hash);
        match self {
            Self::User { id, hash, bot, me } => {
                let info = PeerInfo::User {
                    id,
                    auth: auth(hash),
                    bot,
                    is_self: me,
                };
                Some((PeerId::user(id)?, info))
            }
            Self::Chat { id } => Some((PeerId::chat(id)?, PeerInfo::Chat { id })),
            Self::Channel { id, hash, kind } => {
                let info = PeerInfo::Channel {
                    id,
                    auth: auth(hash),
                    kind: kind.map(|kind| match kind {
                        Sort::Broadcast => ChannelKind::Broadcast,
                        Sort::Megagroup => ChannelKind::Megagroup,
                        Sort::Gigagroup => ChannelKind::Gigagroup,
                        Sort::Community => ChannelKind::Community,
                    }),
                };
                Some((PeerId::channel(id)?, info))
            }
        }
    }
}
