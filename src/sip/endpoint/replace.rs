//! Calls that take the place of others: an INVITE with Replaces (RFC 3891).

use std::collections::VecDeque;
use std::time::Instant;

use super::call::{Cancel, Stage};
use super::{Accept, Endpoint};
use crate::account::AccountId;
use crate::sip::dialog::Dialog;
use crate::sip::message::{HeadersView, Replaces, Request};
use crate::sip::transaction::LIFETIME;

/// How many dialogs that have ended are remembered.
const MAX_GONE: usize = 64;

/// Dialogs that have just ended: whoever wants to take their place comes too late.
#[derive(Debug, Default)]
pub(super) struct Gone(VecDeque<(Instant, Dialog)>);

impl Gone {
    pub fn note(&mut self, now: Instant, dialog: Dialog) {
        self.0.retain(|(until, _)| *until > now);
        if self.0.len() >= MAX_GONE {
            self.0.pop_front();
        }
        self.0.push_back((now + LIFETIME, dialog));
    }

    fn has(&self, now: Instant, replaces: &Replaces) -> bool {
        self.0
            .iter()
            .any(|(until, dialog)| *until > now && is_named(replaces, dialog))
    }
}

fn is_named(replaces: &Replaces, dialog: &Dialog) -> bool {
    replaces.names(&dialog.call_id, dialog.local_tag(), dialog.remote_tag())
}

impl Endpoint {
    /// Which call an INVITE takes the place of, if it is one that does; or the status that refuses
    /// it (RFC 3891 section 3). A call of another account is none of its business.
    pub(super) fn replaced_by(
        &mut self,
        now: Instant,
        request: &Request,
        account: Option<&AccountId>,
    ) -> Result<Option<u64>, u16> {
        let all = request.all("Replaces");
        let text = match all.as_slice() {
            [] => return Ok(None),
            _ if self.config.accept == Accept::Anyone => return Ok(None),
            [only] => only,
            _ => return Err(400),
        };
        if request.text("Join").is_some() {
            return Err(400);
        }
        let replaces: Replaces = text.parse().map_err(|_| 400_u16)?;
        let named = self.calls.iter_mut().find_map(|(id, call)| {
            let own = call.account.as_ref() == account;
            let named = own && call.dialogs().any(|dialog| is_named(&replaces, dialog));
            named.then_some((*id, &call.stage))
        });
        match named {
            None if self.gone.has(now, &replaces) => Err(603),
            None => Err(481),
            Some((_, Stage::Up)) if replaces.early_only => Err(486),
            Some((id, Stage::Up)) => Ok(Some(id)),
            // Who has called can be answered by another than he called ...
            Some((
                id,
                Stage::Calling {
                    cancel: Cancel::No, ..
                },
            )) => Ok(Some(id)),
            // ... but nobody may take over what rings here.
            Some((_, Stage::Ringing { .. })) => Err(481),
            Some((_, Stage::Calling { .. } | Stage::Leaving { .. })) => Err(603),
        }
    }
}
