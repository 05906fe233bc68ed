//! Subscriptions of our own (RFC 6665): how they are begun, kept and lost, and the NOTIFYs that
//! come of them or without them.

use std::time::{Duration, Instant};

use super::outgoing::{ContactKind, Hop, Outgoing, Place, Purpose};
use super::register::retry_after;
use super::{Endpoint, Event};
use crate::account::AccountId;
use crate::sip::auth::DigestClient;
use crate::sip::dialog::{Dialog, Draft, Order};
use crate::sip::flow::Flow;
use crate::sip::message::{HeadersView, Method, NameAddr, Request, Response, Uri, header};
use crate::sip::registration::Registration;
use crate::sip::transaction::ServerKey;

/// How long a subscription is asked for, seconds.
const EXPIRES_S: u32 = 600;
/// How many subscriptions there can be.
const MAX_SUBSCRIPTIONS: usize = 512;
/// A subscription that was refused for good is asked for again after this.
const GIVEN_UP: Duration = Duration::from_secs(3600);

/// What can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Package {
    /// The messages of a voicemail box (RFC 3842).
    MessageSummary,
    /// Somebody's dialogs (RFC 4235).
    Dialog,
}

impl Package {
    const ALL: [Self; 2] = [Self::MessageSummary, Self::Dialog];

    /// The name in Event.
    pub fn name(self) -> &'static str {
        match self {
            Self::MessageSummary => "message-summary",
            Self::Dialog => "dialog",
        }
    }

    /// The Content-Type of its bodies.
    fn accept(self) -> &'static str {
        match self {
            Self::MessageSummary => "application/simple-message-summary",
            Self::Dialog => "application/dialog-info+xml",
        }
    }

    /// What a request is about.
    fn of(request: &Request) -> Option<Self> {
        let event = request.text("Event")?;
        let name = event.split(';').next().unwrap_or_default().trim();
        let is = |package: &Self| package.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(is)
    }
}

/// One subscription.
#[derive(Debug)]
pub(super) struct Subscription {
    pub account: AccountId,
    package: Package,
    target: Uri,
    schedule: Registration,
    /// When it is asked for again after it was refused for good.
    again_at: Option<Instant>,
    outgoing: Option<u64>,
    call_id: String,
    tag: String,
    cseq: u32,
    dialog: Option<Dialog>,
    flow: Option<Flow>,
    pub digest: DigestClient,
}

impl Subscription {
    pub fn poll_timeout(&self) -> Option<Instant> {
        let over = self
            .schedule
            .valid_until()
            .filter(|_| self.dialog.is_some());
        [self.schedule.poll_timeout(), self.again_at, over]
            .into_iter()
            .flatten()
            .min()
    }

    pub fn next_cseq(&mut self) -> u32 {
        self.cseq = self.cseq.saturating_add(1);
        if let Some(dialog) = &mut self.dialog {
            dialog.local_cseq = dialog.local_cseq.max(self.cseq);
        }
        self.cseq
    }

    pub fn replace_outgoing(&mut self, number: u64) {
        self.outgoing = Some(number);
    }

    /// Whether a NOTIFY is for this: the first may come before the answer to the SUBSCRIBE.
    fn is_of(&self, call_id: &str, from_tag: &str, to_tag: &str) -> bool {
        match &self.dialog {
            Some(dialog) => dialog.is_of(call_id, from_tag, to_tag),
            None => self.call_id == call_id && self.tag == to_tag && self.outgoing.is_some(),
        }
    }
}

impl Endpoint {
    /// Begins a subscription to `target` under the number `id`, and keeps it until
    /// [`unsubscribe`](Self::unsubscribe). What it tells is an [`Event::Notified`]. One that is
    /// there already is refreshed at once: the network may have changed.
    pub fn subscribe(
        &mut self,
        now: Instant,
        id: u64,
        account: &AccountId,
        target: Uri,
        package: Package,
    ) {
        if let Some(known) = self.subscriptions.get_mut(&id) {
            if known.outgoing.is_none() {
                known.again_at = None;
                known.schedule.request_afresh();
            }
        } else if self.subscriptions.len() < MAX_SUBSCRIPTIONS && !self.shutting_down {
            let (call_id, tag) = (self.token(), self.token());
            let subscription = Subscription {
                account: account.clone(),
                package,
                target,
                schedule: Registration::new(EXPIRES_S),
                again_at: None,
                outgoing: None,
                call_id,
                tag,
                cseq: 0,
                dialog: None,
                flow: None,
                digest: DigestClient::new(),
            };
            self.subscriptions.insert(id, subscription);
        }
        self.ask_subscription(now, id);
    }

    /// Ends a subscription. Nothing is told of it any more.
    pub fn unsubscribe(&mut self, now: Instant, id: u64) {
        let Some(mut subscription) = self.subscriptions.remove(&id) else {
            return;
        };
        if let Some(outgoing) = subscription.outgoing.take() {
            self.abandon(now, outgoing);
        }
        if subscription.dialog.is_some() {
            self.send_subscribe(now, Purpose::Stray, &mut subscription, 0);
        }
    }

    /// Ends the subscriptions of an account.
    pub(super) fn unsubscribe_account(&mut self, now: Instant, account: &AccountId) {
        let of_account = |(id, subscription): (&u64, &Subscription)| {
            (subscription.account == *account).then_some(*id)
        };
        let ids: Vec<u64> = self.subscriptions.iter().filter_map(of_account).collect();
        for id in ids {
            self.unsubscribe(now, id);
        }
    }

    /// Sends the SUBSCRIBE if it is due.
    fn ask_subscription(&mut self, now: Instant, id: u64) {
        let Some(mut subscription) = self.subscriptions.remove(&id) else {
            return;
        };
        if subscription.outgoing.is_none() && subscription.schedule.is_due(now) {
            subscription.schedule.sent();
            let expires = subscription.schedule.expires_s();
            let purpose = Purpose::Subscribe { subscription: id };
            self.send_subscribe(now, purpose, &mut subscription, expires);
        }
        let asked = subscription.outgoing;
        let lost = subscription.schedule.is_waiting()
            && asked.is_none_or(|asked| !self.outgoing.contains_key(&asked));
        let subscription = self.subscriptions.entry(id).or_insert(subscription);
        if lost {
            // It found no way at once.
            subscription.outgoing = None;
            self.subscription_failed(now, id, None);
        }
    }

    fn send_subscribe(
        &mut self,
        now: Instant,
        purpose: Purpose,
        subscription: &mut Subscription,
        expires_s: u32,
    ) {
        let number = self.number();
        let Some(line) = self.lines.get(&subscription.account) else {
            subscription.schedule.stop();
            return;
        };
        let user = Some(line.token.clone());
        let cseq = subscription.cseq.saturating_add(1);
        subscription.cseq = cseq;
        let (mut draft, hop) = match &mut subscription.dialog {
            Some(dialog) => {
                dialog.local_cseq = cseq.saturating_sub(1);
                let draft = dialog.request(Method::Subscribe);
                let account = Some(&subscription.account);
                match self.dialog_hop(account, subscription.flow, &draft) {
                    Some(hop) => (draft, hop),
                    None => return,
                }
            }
            None => {
                let target = &subscription.target;
                let identity = &line.identity;
                let direct = !identity.register && identity.registrar.is_none();
                let place = match direct {
                    true => Place::of(target, identity.transport, identity.trust.clone()),
                    false => line.place(),
                };
                let draft = Draft {
                    method: Method::Subscribe,
                    uri: target.clone(),
                    routes: match direct {
                        true => line.routes(),
                        false => line.call_routes(),
                    },
                    strict: false,
                    from: line.address().with_tag(&subscription.tag),
                    to: NameAddr::new(target.clone()),
                    call_id: subscription.call_id.clone(),
                    cseq,
                    headers: Vec::new(),
                    content_type: String::new(),
                    body: Vec::new(),
                };
                let hop = match line.flow.filter(|_| !direct) {
                    Some(flow) => self.hop_over(flow, place),
                    None => Hop::Place(place),
                };
                (draft, hop)
            }
        };
        draft.headers = vec![
            header("Event", subscription.package.name()),
            header("Accept", subscription.package.accept()),
            header("Expires", expires_s.to_string()),
        ];
        if matches!(purpose, Purpose::Subscribe { .. }) {
            subscription.outgoing = Some(number);
        }
        let account = Some(subscription.account.clone());
        let mut outgoing = Outgoing::new(purpose, draft, account, ContactKind::Call { user });
        // Who answered the last challenge knows the answer to the same one.
        outgoing.authorization = self.subscription_credentials(&outgoing, &mut subscription.digest);
        self.send(now, number, outgoing, hop);
    }

    fn subscription_credentials(
        &mut self,
        outgoing: &Outgoing,
        digest: &mut DigestClient,
    ) -> Option<Vec<rsip::Header>> {
        let account = outgoing.account.as_ref()?;
        let credentials = self.lines.get(account)?.credentials()?;
        let draft = &outgoing.draft;
        let uri = draft.uri.to_string();
        let mut rng = self.rng.fork();
        Some(digest.authorize(&draft.method, &uri, &draft.body, &credentials, &mut rng))
    }

    /// The final response to a SUBSCRIBE, challenges excepted.
    pub(super) fn subscribe_answered(
        &mut self,
        now: Instant,
        id: u64,
        number: u64,
        flow: Flow,
        response: &Response,
    ) {
        let draft = self.outgoing.get(&number).map(|sent| sent.draft.clone());
        let Some(subscription) = self.subscriptions.get_mut(&id) else {
            return;
        };
        if subscription
            .outgoing
            .take_if(|own| *own == number)
            .is_none()
        {
            return;
        }
        let status = response.status_code.code();
        match status {
            200..=299 => {
                let granted = response.expires().unwrap_or(EXPIRES_S);
                subscription.flow = Some(flow);
                if let (None, Some(draft)) = (&subscription.dialog, draft) {
                    subscription.dialog = Dialog::as_caller(&draft, response).ok();
                }
                subscription.schedule.succeeded(now, granted);
            }
            423 => {
                let least = response.text("Min-Expires");
                let least = least.and_then(|text| text.trim().parse().ok());
                if !least.is_some_and(|least| subscription.schedule.too_brief(least)) {
                    self.subscription_refused(now, id, status);
                }
            }
            // The server has forgotten it (RFC 6665 4.1.2.2).
            404 | 481 if subscription.dialog.is_some() => {
                self.begin_subscription_anew(id);
            }
            408 | 480 | 500..=599 => {
                let after = retry_after(response);
                self.subscription_failed(now, id, after);
            }
            _ => self.subscription_refused(now, id, status),
        }
        self.ask_subscription(now, id);
    }

    pub(super) fn subscribe_given_up(&mut self, now: Instant, id: u64, number: u64) {
        let Some(subscription) = self.subscriptions.get_mut(&id) else {
            return;
        };
        if subscription
            .outgoing
            .take_if(|own| *own == number)
            .is_some()
        {
            self.subscription_failed(now, id, None);
        }
    }

    /// It is tried again after a pause.
    fn subscription_failed(&mut self, now: Instant, id: u64, after: Option<u32>) {
        let mut rng = self.rng.fork();
        if let Some(subscription) = self.subscriptions.get_mut(&id) {
            subscription.schedule.failed(now, after, &mut rng);
        }
    }

    /// The server doesn't do that, or not for us.
    fn subscription_refused(&mut self, now: Instant, id: u64, status: u16) {
        self.begin_subscription_anew(id);
        if let Some(subscription) = self.subscriptions.get_mut(&id) {
            subscription.schedule.stop();
            subscription.again_at = Some(now + GIVEN_UP);
            self.event(Event::SubscriptionLost { id, status });
        }
    }

    /// The next SUBSCRIBE makes a new dialog, at once.
    fn begin_subscription_anew(&mut self, id: u64) {
        let (call_id, tag) = (self.token(), self.token());
        if let Some(subscription) = self.subscriptions.get_mut(&id) {
            subscription.dialog = None;
            subscription.call_id = call_id;
            subscription.tag = tag;
            subscription.cseq = 0;
            subscription.schedule.forget();
            subscription.schedule.request();
        }
    }

    pub(super) fn subscription_timeouts(&mut self, now: Instant) {
        let due: Vec<u64> = self
            .subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.poll_timeout().is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let Some(subscription) = self.subscriptions.get_mut(&id) else {
                continue;
            };
            if subscription.again_at.take_if(|at| *at <= now).is_some() {
                subscription.schedule.request_afresh();
            }
            let over = subscription
                .schedule
                .valid_until()
                .is_some_and(|at| at <= now);
            if over && subscription.dialog.is_some() {
                // It could not be refreshed; the attempts go on, in a dialog of their own.
                if let Some(outgoing) = subscription.outgoing.take() {
                    self.abandon(now, outgoing);
                }
                self.begin_subscription_anew(id);
                self.event(Event::SubscriptionLost { id, status: 408 });
            }
            self.ask_subscription(now, id);
        }
    }

    /// A NOTIFY outside of calls with a To tag. False if it belongs to no subscription.
    pub(super) fn receive_notify(
        &mut self,
        now: Instant,
        flow: Flow,
        key: &ServerKey,
        request: &Request,
    ) -> bool {
        let (Ok(call_id), Ok(from), Ok(to), Ok(cseq)) = (
            request.call_id(),
            request.from_addr(),
            request.to_addr(),
            request.cseq(),
        ) else {
            return false;
        };
        let tags = (from.tag().unwrap_or_default(), to.tag().unwrap_or_default());
        let found = self
            .subscriptions
            .iter_mut()
            .find(|(_, subscription)| subscription.is_of(call_id, tags.0, tags.1));
        let Some((id, subscription)) = found else {
            return false;
        };
        let id = *id;
        if Package::of(request) != Some(subscription.package) {
            self.answer_stateless(now, flow, request, 489, Vec::new());
            return true;
        }
        match &mut subscription.dialog {
            Some(dialog) => {
                if dialog.note_request(cseq.seq) == Order::Old {
                    self.answer_stateless(now, flow, request, 500, Vec::new());
                    return true;
                }
                dialog.refresh_target(request);
            }
            None => {
                // RFC 6665 4.1.3: it makes the dialog before the answer does.
                let made = Dialog::as_callee(request, &subscription.tag);
                subscription.dialog = made.ok().map(|dialog| Dialog {
                    local_cseq: subscription.cseq,
                    ..dialog
                });
            }
        }
        self.serve(now, flow, key.clone(), request.clone(), None);
        self.answer(now, key, 200, Vec::new(), Vec::new());
        let state = SubscriptionState::of(request);
        self.event(Event::Notified {
            id,
            body: request.body.clone(),
        });
        match state {
            SubscriptionState::Active => {}
            SubscriptionState::Over { at_once: true, .. } => {
                self.begin_subscription_anew(id);
                self.ask_subscription(now, id);
            }
            SubscriptionState::Over { after, .. } => {
                self.begin_subscription_anew(id);
                self.subscription_failed(now, id, after);
                self.event(Event::SubscriptionLost { id, status: 480 });
            }
        }
        true
    }

    /// A NOTIFY that nobody asked for (RFC 3842 section 4): only the account's own server tells
    /// of its voicemail so.
    pub(super) fn receive_unsolicited_notify(
        &mut self,
        now: Instant,
        flow: Flow,
        key: ServerKey,
        request: Request,
        account: &AccountId,
    ) {
        let line = self.lines.get(account);
        let by_server = line.is_some_and(|line| match line.flow {
            Some(own) => own == flow || own.is_like(flow),
            // It may overtake the answer to REGISTER; whom else it comes from, nobody knows our
            // Contact yet.
            None => line.outgoing.is_some(),
        });
        if !by_server || Package::of(&request) != Some(Package::MessageSummary) {
            self.answer_stateless(now, flow, &request, 481, Vec::new());
            return;
        }
        let body = request.body.clone();
        self.serve(now, flow, key.clone(), request, None);
        self.answer(now, &key, 200, Vec::new(), Vec::new());
        self.event(Event::Summary {
            account: account.clone(),
            body,
        });
    }

    /// Whether there is a subscription under this number.
    pub fn is_subscribed(&self, id: u64) -> bool {
        self.subscriptions.contains_key(&id)
    }
}

/// What a NOTIFY says of its subscription.
enum SubscriptionState {
    Active,
    Over {
        /// It is worth asking again at once (RFC 6665 4.1.3).
        at_once: bool,
        /// Seconds to wait before.
        after: Option<u32>,
    },
}

impl SubscriptionState {
    fn of(request: &Request) -> Self {
        let text = request.text("Subscription-State").unwrap_or_default();
        let mut parts = text.split(';').map(str::trim);
        let state = parts.next().unwrap_or_default();
        if !state.eq_ignore_ascii_case("terminated") {
            return Self::Active;
        }
        let (mut at_once, mut after) = (false, None);
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "reason" => {
                    let reason = value.trim().to_ascii_lowercase();
                    at_once = matches!(reason.as_str(), "deactivated" | "timeout");
                }
                "retry-after" => after = value.trim().parse().ok(),
                _ => {}
            }
        }
        Self::Over { at_once, after }
    }
}
