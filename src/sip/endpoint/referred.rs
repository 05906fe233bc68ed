//! Transfers that are asked of us: REFER within a call, and the NOTIFYs that say what comes of it
//! (RFC 3515).

use std::time::Instant;

use super::call::{Call, Stage};
use super::outgoing::{ContactKind, Purpose};
use super::{Accept, Endpoint, Event, Referral};
use crate::sip::flow::Flow;
use crate::sip::message::{
    FRAGMENT_TYPE, HeadersView, Method, NameAddr, Replaces, Request, Scheme, Uri, header,
    write_fragment,
};
use crate::sip::transaction::ServerKey;

/// For how long we tell of a referred call, seconds.
const EXPIRES_S: u32 = 600;

/// His REFER.
#[derive(Debug)]
pub(super) struct Referred {
    /// The number of the REFER.
    cseq: u32,
    /// Whether he wants to be told (RFC 4488).
    tells: bool,
    /// What was told last.
    status: u16,
}

/// Whom a REFER wants us to call, or the status that refuses it.
fn target_of(request: &Request) -> Result<(Uri, Option<Replaces>), u16> {
    let all = request.list("Refer-To");
    let [only] = all.as_slice() else {
        return Err(400);
    };
    let address: NameAddr = only.parse().map_err(|_| 400_u16)?;
    let mut target = address.uri;
    let method = target.params.value("method").unwrap_or("INVITE");
    if !method.eq_ignore_ascii_case("INVITE") {
        return Err(501);
    }
    if target.scheme == Scheme::Tel {
        return Err(416);
    }
    let replaces = match target.header("Replaces") {
        Some(text) => Some(text.parse().map_err(|_| 400_u16)?),
        None => None,
    };
    target.headers = None;
    target.params.remove("method");
    Ok((target, replaces))
}

impl Endpoint {
    pub(super) fn receive_refer(
        &mut self,
        now: Instant,
        call: u64,
        flow: Flow,
        key: &ServerKey,
        request: &Request,
    ) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let target = match (&state.stage, &state.referred) {
            // A server of ours calls nobody for others.
            _ if self.config.accept == Accept::Anyone => Err(603),
            (Stage::Up, None) => target_of(request),
            (Stage::Up, Some(_)) => Err(491),
            _ => Err(403),
        };
        let (target, replaces) = match target {
            Ok(target) => target,
            Err(status) => {
                self.answer(now, key, status, Vec::new(), Vec::new());
                return;
            }
        };
        let silent = request
            .text("Refer-Sub")
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
        state.referred = Some(Referred {
            cseq: request.cseq().map_or(0, |cseq| cseq.seq),
            tells: !silent,
            status: 100,
        });
        let mut extra = Vec::new();
        if let Some(state) = self.calls.get(&call) {
            extra.push(self.call_contact(state, flow));
        }
        if silent {
            extra.push(header("Refer-Sub", "false"));
        }
        self.answer(now, key, 202, extra, Vec::new());
        self.refer_progress(now, call, 100);
        let by = request.text("Referred-By").and_then(|by| by.parse().ok());
        let referral = Box::new(Referral {
            target,
            replaces,
            by,
            by_server: self.is_server_itself(call),
        });
        self.event(Event::Referred { call, referral });
    }

    /// Tells the peer of a call how the call goes on that he asked for: 100 to 199 while it is
    /// under way, 200 once it is answered, 300 to 699 if it failed. A final status is the last
    /// word; [`Event::ReferTold`] says when he has it.
    pub fn refer_progress(&mut self, now: Instant, call: u64, status: u16) {
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let (Stage::Up, Some(referred)) = (&state.stage, &mut state.referred) else {
            return;
        };
        let last = status >= 200;
        referred.status = status;
        let (cseq, tells) = (referred.cseq, referred.tells);
        if last {
            state.referred = None;
        }
        if !tells {
            self.notify_answered(call, last);
            return;
        }
        let subscription = match last {
            true => "terminated;reason=noresource".to_owned(),
            false => format!("active;expires={EXPIRES_S}"),
        };
        self.notify_of_refer(now, call, cseq, status, &subscription, last);
    }

    fn notify_of_refer(
        &mut self,
        now: Instant,
        call: u64,
        cseq: u32,
        status: u16,
        subscription: &str,
        last: bool,
    ) {
        let user = self
            .calls
            .get(&call)
            .and_then(|state: &Call| state.user.clone());
        let purpose = Purpose::Notify { call, last };
        let contact = ContactKind::Call { user };
        let Some((number, mut outgoing, hop)) =
            self.prepare(call, Method::Notify, purpose, contact)
        else {
            return;
        };
        outgoing.draft.headers = vec![
            header("Event", format!("refer;id={cseq}")),
            header("Subscription-State", subscription),
        ];
        outgoing.draft.content_type = FRAGMENT_TYPE.into();
        outgoing.draft.body = write_fragment(status);
        self.send(now, number, outgoing, hop);
    }

    pub(super) fn notify_answered(&mut self, call: u64, last: bool) {
        if last && self.calls.contains_key(&call) {
            self.event(Event::ReferTold { call });
        }
    }

    /// He asks to be told for longer, or no more (RFC 3515 2.4.4).
    pub(super) fn receive_refer_subscription(
        &mut self,
        now: Instant,
        call: u64,
        key: &ServerKey,
        request: &Request,
    ) {
        let event = request.text("Event").unwrap_or_default();
        let event = event.split(';').next().unwrap_or_default().trim();
        if !event.eq_ignore_ascii_case("refer") {
            self.answer(now, key, 489, Vec::new(), Vec::new());
            return;
        }
        let state = self.calls.get_mut(&call);
        let Some(referred) = state.and_then(|state| state.referred.as_mut()) else {
            self.answer(now, key, 481, Vec::new(), Vec::new());
            return;
        };
        let expires = request.expires().unwrap_or(EXPIRES_S).min(EXPIRES_S);
        let (cseq, status) = (referred.cseq, referred.status);
        let subscription = match expires {
            0 => {
                referred.tells = false;
                "terminated;reason=timeout".to_owned()
            }
            _ => format!("active;expires={expires}"),
        };
        let extra = vec![header("Expires", expires.to_string())];
        self.answer(now, key, 200, extra, Vec::new());
        self.notify_of_refer(now, call, cseq, status, &subscription, false);
    }
}
