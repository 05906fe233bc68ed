//! What the servers of the accounts are watched for.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use serde::Serialize;

use crate::account::AccountId;
use crate::sip::message::{MessageSummary, Uri};
use crate::sip::{Endpoint, Package};

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

/// What is watched, and what was told of it.
#[derive(Debug, Default)]
pub(super) struct Watch {
    last: u64,
    boxes: BTreeMap<u64, AccountId>,
    told: HashMap<AccountId, VoicemailView>,
}

impl Watch {
    /// An account has registered, or its server is reached another way since: what is watched
    /// there is asked for, if it is not yet or the way is new.
    pub fn registered(
        &mut self,
        sip: &mut Endpoint,
        now: Instant,
        account: &AccountId,
        address: Uri,
        moved: bool,
    ) {
        let known = self.boxes.iter().find(|(_, of)| *of == account);
        let id = match known {
            Some((id, _)) if sip.is_subscribed(*id) && !moved => return,
            Some((id, _)) => *id,
            None => {
                self.last += 1;
                self.boxes.insert(self.last, account.clone());
                self.last
            }
        };
        sip.subscribe(now, id, account, address, Package::MessageSummary);
    }

    /// An account is not there any more, or switched off.
    pub fn forget(&mut self, account: &AccountId) {
        self.boxes.retain(|_, of| of != account);
        self.told.remove(account);
    }

    /// A subscription tells something; the account whose voicemail has changed, if one has.
    pub fn notified(&mut self, id: u64, body: &[u8]) -> Option<AccountId> {
        let account = self.boxes.get(&id)?.clone();
        self.summary(&account, body).then_some(account)
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
        self.told.insert(account.clone(), view.clone()) != Some(view)
    }

    /// The voicemail of an account, if its server tells of one.
    pub fn voicemail(&self, account: &AccountId) -> Option<&VoicemailView> {
        self.told.get(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
