//! The chats and people of Telegram that settings name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Book;
use crate::account::{Account, Party, SettingId};
use crate::call::Problem;
use crate::telegram::{Peer, PeerKind, find};

/// Who there is at Telegram, as far as is known.
#[derive(Debug, Clone, Default)]
pub struct Acquaintances {
    /// Who is signed in.
    pub me: Option<i64>,
    /// The chats that may be posted to.
    pub chats: Arc<[Peer]>,
    /// People.
    pub people: Arc<[Peer]>,
}

impl Book {
    /// Takes in who there is at Telegram.
    pub fn meet(&mut self, acquaintances: Acquaintances) {
        self.acquaintances = acquaintances;
    }

    /// Puts the chat and the user among these settings as Telegram has them, whether they were
    /// given by identifier, by name, by username or by number. Saved Messages and oneself are
    /// what an empty value says.
    ///
    /// # Errors
    /// [`Problem::BadValue`] if nobody is signed in, or nobody or more than one is meant.
    pub(super) fn recognise(
        &self,
        before: &Account,
        values: &mut BTreeMap<String, String>,
    ) -> Result<(), Problem> {
        let Acquaintances { me, chats, people } = &self.acquaintances;
        for (setting, known) in [(SettingId::RecordChat, chats), (SettingId::User, people)] {
            let Some(value) = values.get_mut(setting.as_str()) else {
                continue;
            };
            let wanted = value.trim();
            if wanted.is_empty() || wanted == before.get(setting) {
                continue;
            }
            let refuse = |reason| Problem::bad_value(setting.as_str(), reason);
            let me = me.ok_or_else(|| refuse("reason-telegram-needed"))?;
            let peer = meant(known, wanted).map_err(refuse)?;
            *value = match peer.kind == PeerKind::Saved || peer.id == me {
                true => String::new(),
                false => Party {
                    id: peer.id,
                    name: peer.name.clone(),
                }
                .to_string(),
            };
        }
        Ok(())
    }

    /// The chat that a setting of the program names; `None` is Saved Messages.
    ///
    /// # Errors
    /// [`Problem::BadValue`] if nobody is signed in, or no chat or more than one is meant.
    pub(super) fn recognise_chat(
        &self,
        setting: &str,
        wanted: &str,
        before: Option<&Party>,
    ) -> Result<Option<Party>, Problem> {
        let wanted = wanted.trim();
        if wanted.is_empty() {
            return Ok(None);
        }
        if let Some(before) = before.filter(|before| before.to_string() == wanted) {
            return Ok(Some(before.clone()));
        }
        let refuse = |reason| Problem::bad_value(setting, reason);
        let Acquaintances { me, chats, .. } = &self.acquaintances;
        let me = me.ok_or_else(|| refuse("reason-telegram-needed"))?;
        let peer = meant(chats, wanted).map_err(refuse)?;
        let is_own = peer.kind == PeerKind::Saved || peer.id == me;
        Ok((!is_own).then(|| Party {
            id: peer.id,
            name: peer.name.clone(),
        }))
    }
}

/// The one of them that is meant.
fn meant<'a>(known: &'a [Peer], wanted: &str) -> Result<&'a Peer, &'static str> {
    let id = wanted
        .split_whitespace()
        .next()
        .and_then(|id| id.parse().ok());
    if let Some(peer) = id.and_then(|id: i64| known.iter().find(|peer| peer.id == id)) {
        return Ok(peer);
    }
    let found = find(known, wanted, "");
    let exact = found.iter().copied().filter(|peer| peer.name == wanted);
    let exact: Vec<&Peer> = exact.collect();
    match (found.as_slice(), exact.as_slice()) {
        ([only], _) | (_, [only]) => Ok(only),
        ([], _) => Err("reason-party-unknown"),
        _ => Err("reason-party-several"),
    }
}
