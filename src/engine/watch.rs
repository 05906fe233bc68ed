//! What the servers of the accounts are watched for: voicemail, and who is busy.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use serde::Serialize;

use crate::account::AccountId;
use crate::sip::message::{DialogInfo, DialogStage, DialogState, MessageSummary, Replaces, Uri};
use crate::sip::{Endpoint, Package};

/// The most dialogs of one number that are remembered.
const MAX_DIALOGS: usize = 64;

/// A voicemail box as it can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct VoicemailView {
    /// Whether there are messages nobody has heard.
    pub waiting: bool,
    /// How many; `None` if the server doesn't say.
    pub new: Option<u32>,
    /// How many were heard; `None` if the server doesn't say.
    pub old: Option<u32>,
    /// Where the server says that the box is called.
    #[serde(skip)]
    pub account: Option<String>,
}

/// A watched number as it can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FavouriteView {
    /// The account it is watched with.
    pub account: AccountId,
    /// What is dialled.
    pub number: String,
    /// What the person calls it; empty if nothing.
    pub name: String,
    /// Whether there is time for a call.
    pub state: FavouriteState,
    /// Who calls there, while it rings and if that is told.
    pub caller: Option<String>,
    /// Whether the call that rings there can be picked up.
    pub can_pick_up: bool,
}

/// Whether a watched number has time for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FavouriteState {
    /// The server doesn't tell.
    #[default]
    Unknown,
    /// No call is there.
    Free,
    /// It rings there.
    Ringing,
    /// It calls, or speaks.
    Busy,
}

/// What a subscription is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Watched {
    Voicemail(AccountId),
    Favourite(AccountId, String),
}

impl Watched {
    fn account(&self) -> &AccountId {
        match self {
            Self::Voicemail(account) | Self::Favourite(account, _) => account,
        }
    }
}

/// The dialogs of a watched number.
#[derive(Debug, Default)]
struct Dialogs(BTreeMap<String, DialogState>);

impl Dialogs {
    fn take(&mut self, info: DialogInfo) {
        if info.full {
            self.0.clear();
        }
        for dialog in info.dialogs {
            if dialog.stage == DialogStage::Terminated {
                self.0.remove(&dialog.id);
            } else if self.0.len() < MAX_DIALOGS || self.0.contains_key(&dialog.id) {
                self.0.insert(dialog.id.clone(), dialog);
            }
        }
    }

    fn state(&self) -> FavouriteState {
        let rings = |dialog: &DialogState| dialog.stage == DialogStage::Early && dialog.called;
        match self.0.is_empty() {
            true => FavouriteState::Free,
            false if self.0.values().any(rings) => FavouriteState::Ringing,
            false => FavouriteState::Busy,
        }
    }

    fn ringing(&self) -> Option<&DialogState> {
        let rings = |dialog: &&DialogState| dialog.stage == DialogStage::Early && dialog.called;
        self.0.values().find(rings)
    }
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    Voicemail(AccountId),
    Favourite(AccountId, String),
}

/// What is to be asked of an account's server.
pub(super) struct Wanted {
    /// The address of record, if its voicemail is of interest.
    pub voicemail: Option<Uri>,
    /// The watched numbers, and where each is asked for.
    pub favourites: Vec<(String, Uri)>,
}

/// What is watched, and what was told of it.
#[derive(Debug, Default)]
pub(super) struct Watch {
    last: u64,
    watched: BTreeMap<u64, Watched>,
    voicemail: HashMap<AccountId, VoicemailView>,
    dialogs: HashMap<(AccountId, String), Dialogs>,
}

impl Watch {
    /// What is wanted of an account's server is asked for, if it is not yet or the way there is
    /// new (`moved`); what is no longer wanted is given up.
    pub fn want(
        &mut self,
        sip: &mut Endpoint,
        now: Instant,
        account: &AccountId,
        wanted: Wanted,
        moved: bool,
    ) {
        let mut asked = Vec::new();
        let voicemail = wanted.voicemail.into_iter();
        asked.extend(voicemail.map(|uri| {
            let what = Watched::Voicemail(account.clone());
            (what, uri, Package::MessageSummary)
        }));
        asked.extend(wanted.favourites.into_iter().map(|(number, uri)| {
            let what = Watched::Favourite(account.clone(), number);
            (what, uri, Package::Dialog)
        }));
        let unwanted = |what: &Watched| {
            what.account() == account && !asked.iter().any(|(known, ..)| known == what)
        };
        let gone: Vec<u64> = self
            .watched
            .iter()
            .filter(|(_, what)| unwanted(what))
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            sip.unsubscribe(now, id);
            self.lose(id);
            if let Some(Watched::Voicemail(account)) = self.watched.remove(&id) {
                self.voicemail.remove(&account);
            }
        }
        for (what, uri, package) in asked {
            let known = self.watched.iter().find(|(_, known)| **known == what);
            let id = match known {
                Some((id, _)) if sip.is_subscribed(*id) && !moved => continue,
                Some((id, _)) => *id,
                None => {
                    self.last += 1;
                    self.watched.insert(self.last, what);
                    self.last
                }
            };
            sip.subscribe(now, id, account, uri, package);
        }
    }

    /// An account is not there any more, or switched off.
    pub fn forget(&mut self, account: &AccountId) {
        self.watched.retain(|_, what| what.account() != account);
        self.voicemail.remove(account);
        self.dialogs.retain(|(of, _), _| of != account);
    }

    /// What a subscription told does not hold any more. Messages that wait do so until it is told
    /// otherwise, and a server may tell of them without a subscription.
    pub fn lose(&mut self, id: u64) -> Option<News> {
        match self.watched.get(&id)?.clone() {
            Watched::Voicemail(_) => None,
            Watched::Favourite(account, number) => {
                let known = self.dialogs.remove(&(account.clone(), number.clone()));
                known.map(|_| News::Favourite(account, number))
            }
        }
    }

    /// A subscription tells something.
    pub fn notified(&mut self, id: u64, body: &[u8]) -> Option<News> {
        match self.watched.get(&id)?.clone() {
            Watched::Voicemail(account) => self
                .summary(&account, body)
                .then_some(News::Voicemail(account)),
            Watched::Favourite(account, number) => {
                let info = DialogInfo::read(body)?;
                let key = (account.clone(), number.clone());
                let dialogs = self.dialogs.entry(key).or_default();
                dialogs.take(info);
                Some(News::Favourite(account, number))
            }
        }
    }

    /// A server tells of an account's voicemail; whether that is news.
    pub fn summary(&mut self, account: &AccountId, body: &[u8]) -> bool {
        let Some(summary) = MessageSummary::read(body) else {
            return false;
        };
        let view = VoicemailView {
            waiting: summary.waiting,
            new: summary.new,
            old: summary.old,
            account: summary.account,
        };
        self.voicemail.insert(account.clone(), view.clone()) != Some(view)
    }

    /// The voicemail of an account, if its server tells of one.
    pub fn voicemail(&self, account: &AccountId) -> Option<&VoicemailView> {
        self.voicemail.get(account)
    }

    /// Whether a watched number has time, and who calls there.
    pub fn favourite(&self, account: &AccountId, number: &str) -> (FavouriteState, Option<String>) {
        let Some(dialogs) = self.dialogs.get(&(account.clone(), number.to_owned())) else {
            return (FavouriteState::Unknown, None);
        };
        let caller = dialogs.ringing().and_then(|dialog| {
            let user = || dialog.remote.as_ref()?.unescaped_user();
            dialog.remote_name.clone().or_else(user)
        });
        (dialogs.state(), caller)
    }

    /// The call that rings at a watched number, if all is known that is needed to take it.
    pub fn to_pick_up(&self, account: &AccountId, number: &str) -> Option<(Uri, Replaces)> {
        let dialogs = self.dialogs.get(&(account.clone(), number.to_owned()))?;
        dialogs.0.values().find_map(DialogState::to_replace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watching() -> Watch {
        Watch {
            watched: [(5, Watched::Favourite("a1".into(), "102".into()))].into(),
            ..Watch::default()
        }
    }

    fn info(state: &str, dialogs: &str) -> Vec<u8> {
        format!("<dialog-info version=\"1\" state=\"{state}\">{dialogs}</dialog-info>").into_bytes()
    }

    #[test]
    fn what_changes_is_news_and_what_is_no_summary_is_not() {
        let account = AccountId::from("a1");
        let mut watch = Watch::default();
        let one = b"Messages-Waiting: yes\r\nVoice-Message: 1/0\r\n";
        assert!(watch.summary(&account, one));
        assert!(!watch.summary(&account, one));
        assert!(!watch.summary(&account, b""));
        let seen = watch.voicemail(&account).unwrap();
        assert_eq!((seen.waiting, seen.new), (true, Some(1)));
        watch.forget(&account);
        assert_eq!(watch.voicemail(&account), None);
        assert_eq!(watch.notified(1, one), None);
    }

    #[test]
    fn a_number_is_free_rings_or_is_busy() {
        let account = AccountId::from("a1");
        let mut watch = watching();
        let state = |watch: &Watch| watch.favourite(&AccountId::from("a1"), "102").0;
        assert_eq!(state(&watch), FavouriteState::Unknown);
        let rings = "<dialog id=\"a\" direction=\"recipient\"><state>early</state>\
                     <remote><identity>sip:101@h</identity></remote></dialog>";
        let news = Some(News::Favourite(account.clone(), "102".into()));
        for (body, expected) in [
            (info("full", ""), FavouriteState::Free),
            (info("partial", rings), FavouriteState::Ringing),
            (
                info(
                    "partial",
                    "<dialog id=\"b\"><state>confirmed</state></dialog>",
                ),
                FavouriteState::Ringing,
            ),
            (
                info(
                    "partial",
                    "<dialog id=\"a\"><state>terminated</state></dialog>",
                ),
                FavouriteState::Busy,
            ),
            (info("full", ""), FavouriteState::Free),
        ] {
            assert_eq!(watch.notified(5, &body), news);
            assert_eq!(state(&watch), expected);
        }
        watch.notified(5, &info("full", rings));
        assert_eq!(watch.favourite(&account, "102").1.as_deref(), Some("101"));
        assert_eq!(watch.to_pick_up(&account, "102"), None, "no tags are told");
        assert_eq!(watch.lose(5), news);
        assert_eq!(state(&watch), FavouriteState::Unknown);
    }
}
