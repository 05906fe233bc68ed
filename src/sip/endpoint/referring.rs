//! Transfers that we ask for: REFER within a call, and what the NOTIFYs say of it (RFC 3515,
//! RFC 5589).

use std::time::{Duration, Instant};

use super::call::Stage;
use super::outgoing::{ContactKind, Purpose};
use super::{Endpoint, Event};
use crate::sip::message::{
    HeadersView, Method, Replaces, Request, Response, Uri, header, read_fragment,
};
use crate::sip::transaction::{LIFETIME, ServerKey};

/// The longest that the outcome of a transfer is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// Our REFER, from sending it to the last word.
#[derive(Debug, Default)]
pub(super) struct Referring {
    /// When nothing more is waited for; unknown until he has accepted it.
    until: Option<Instant>,
}

impl Referring {
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.until
    }
}

impl Endpoint {
    /// Asks the peer of a call to call `target` instead. A Replaces header in `target` makes it
    /// take the place of another call of ours, see [`replacing`](Self::replacing). How it goes on
    /// is told by [`Event::Referring`]; the call itself stays as it is. False if the call is not
    /// up, a transfer is under way, or the peer doesn't take REFER.
    pub fn refer(&mut self, now: Instant, call: u64, target: &Uri) -> bool {
        let Some(state) = self.calls.get(&call) else {
            return false;
        };
        if state.referring.is_some() || !self.allows(call, "REFER") {
            return false;
        }
        let contact = ContactKind::Call {
            user: state.user.clone(),
        };
        let Some((number, mut outgoing, hop)) =
            self.prepare(call, Method::Refer, Purpose::Refer { call }, contact)
        else {
            return false;
        };
        let mut by = outgoing.draft.from.clone();
        by.params.remove("tag");
        outgoing.draft.headers = vec![
            header("Refer-To", format!("<{target}>")),
            header("Referred-By", by.to_string()),
            header("Supported", super::SUPPORTED),
        ];
        if let Some(state) = self.calls.get_mut(&call) {
            state.referring = Some(Referring::default());
        }
        self.send(now, number, outgoing, hop);
        true
    }

    /// Where somebody has to call to take our place in a call that is up: to the peer himself if
    /// that address leads to him from anywhere, else by way of his address of record (RFC 5589
    /// section 7.3).
    pub fn replacing(&self, call: u64) -> Option<Uri> {
        let state = self.calls.get(&call)?;
        let dialog = state.dialog.as_ref()?;
        if !matches!(state.stage, Stage::Up) {
            return None;
        }
        let line = state.account.as_ref().and_then(|id| self.lines.get(id));
        let target = &dialog.remote_target;
        let direct = line.is_none_or(|line| !line.identity.register)
            || target.params.has("gr")
            || self.is_server_itself(call);
        let mut uri = match direct {
            true => target.clone(),
            false => dialog.remote.uri.clone(),
        };
        uri.headers = None;
        let replaces = Replaces {
            call_id: dialog.call_id.clone(),
            to_tag: dialog.remote_tag().to_owned(),
            from_tag: dialog.local_tag().to_owned(),
            early_only: false,
        };
        Some(uri.with_header("Replaces", &replaces.to_string()))
    }

    /// Whether the peer of a call is the account's own server.
    pub(super) fn is_server_itself(&self, call: u64) -> bool {
        let Some(state) = self.calls.get(&call) else {
            return false;
        };
        let line = state.account.as_ref().and_then(|id| self.lines.get(id));
        let (Some(line), Some(dialog)) = (line, &state.dialog) else {
            return false;
        };
        let target = &dialog.remote_target;
        let (Some(own), Some(flow)) = (line.flow, state.flow) else {
            return false;
        };
        let at_server = target.host.ip() == Some(own.remote.ip())
            && target.port.unwrap_or(5060) == own.remote.port();
        line.identity.register
            && own.is_like(flow)
            && (at_server || line.is_server(&target.host, target.port))
    }

    pub(super) fn refer_answered(&mut self, now: Instant, call: u64, response: &Response) {
        let status = response.status_code.code();
        let Some(state) = self.calls.get_mut(&call) else {
            return;
        };
        let Some(referring) = &mut state.referring else {
            return;
        };
        let says_no_more = response
            .text("Refer-Sub")
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
        match status {
            // RFC 4488: nothing will be told.
            200..=299 if says_no_more => self.referring_ended(call, 200),
            200..=299 => {
                // RFC 6665 4.1.2.4: the first NOTIFY has to come within Timer N.
                referring.until.get_or_insert(now + LIFETIME);
                self.event(Event::Referring {
                    call,
                    status: 100,
                    last: false,
                });
            }
            _ => self.referring_ended(call, status),
        }
    }

    pub(super) fn refer_given_up(&mut self, call: u64) {
        self.referring_ended(call, 408);
    }

    fn referring_ended(&mut self, call: u64, status: u16) {
        let state = self.calls.get_mut(&call);
        if state.and_then(|state| state.referring.take()).is_some() {
            self.event(Event::Referring {
                call,
                status,
                last: true,
            });
        }
    }

    pub(super) fn referring_timeout(&mut self, now: Instant, call: u64) {
        let due = self.calls.get(&call).and_then(|state| {
            let until = state.referring.as_ref()?.until?;
            (until <= now).then_some(())
        });
        if due.is_some() {
            self.referring_ended(call, 408);
        }
    }

    /// A NOTIFY within a call: of the transfer we asked for, or of nothing we know.
    pub(super) fn receive_refer_notify(
        &mut self,
        now: Instant,
        call: u64,
        key: &ServerKey,
        request: &Request,
    ) {
        let event = request.text("Event").unwrap_or_default();
        let event = event.split(';').next().unwrap_or_default().trim();
        let known = self
            .calls
            .get_mut(&call)
            .and_then(|state| state.referring.as_mut());
        let Some(referring) = known.filter(|_| event.eq_ignore_ascii_case("refer")) else {
            self.answer(now, key, 481, Vec::new(), Vec::new());
            return;
        };
        let subscription = request.text("Subscription-State").unwrap_or_default();
        let mut parts = subscription.split(';').map(str::trim);
        let over = parts
            .next()
            .is_some_and(|state| state.eq_ignore_ascii_case("terminated"));
        let expires = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("expires"))
            .and_then(|(_, value)| value.trim().parse().ok())
            .map_or(PATIENCE, |seconds: u64| {
                Duration::from_secs(seconds).min(PATIENCE)
            });
        referring.until = Some(now + expires.max(LIFETIME));
        self.answer(now, key, 200, Vec::new(), Vec::new());
        let status = read_fragment(&request.body).map(|(status, _)| status);
        match status {
            Some(status) if status >= 200 => self.referring_ended(call, status),
            _ if over => self.referring_ended(call, 408),
            Some(status) => self.event(Event::Referring {
                call,
                status,
                last: false,
            }),
            None => {}
        }
    }
}
