//! From the engine's rooms to the [`Snapshot`] that faces draw.

use std::collections::HashMap;
use std::net::SocketAddr;

use secrecy::SecretString;

use crate::account::{
    Account, AccountId, Entry, Favourite, Role, SettingId, favourites as favourites_of,
};
use crate::audio::DeviceSpec;
use crate::call::{Call, Calls, DeviceTrial, Problem};
use crate::engine::book::Book;
use crate::engine::dial_chat::DialChat;
use crate::engine::telegram::Telegram;
use crate::engine::watch::Watch;
use crate::engine::{
    AccountView, CallView, DeviceRole, Devices, DraftView, FavouriteState, FavouriteView,
    HistoryView, Registration, RegistrationState, RemovedView, Snapshot, Strangers,
};
use crate::sip::transport::local_ip_for;
use crate::sip::{Counters, Flow, RegistrationStatus};

/// What a person sees of an account that is only used here.
const SHOWN_TO_USER: [SettingId; 3] = [SettingId::Name, SettingId::Enabled, SettingId::Record];

/// The devices there are, and what is wrong with the chosen ones.
#[derive(Debug, Default)]
pub struct DeviceState {
    /// Names of microphones.
    pub inputs: Vec<String>,
    /// Names of speakers.
    pub outputs: Vec<String>,
    /// Whether the names are known.
    pub listed: bool,
    /// What is being tried out.
    pub trial: Option<DeviceTrial>,
    /// What is wrong now.
    pub problem: Option<Problem>,
}

impl DeviceState {
    /// Whether this device is chosen but not there.
    fn is_away(&self, role: DeviceRole, chosen: Option<&str>) -> bool {
        let names = match role {
            DeviceRole::Microphone => &self.inputs,
            DeviceRole::Speaker | DeviceRole::Ring => &self.outputs,
        };
        let named = match chosen.map(str::parse) {
            Some(Ok(DeviceSpec::Named(name))) => name,
            _ => return false,
        };
        self.listed && !names.contains(&named)
    }
}

impl Registration {
    /// Under way.
    pub(super) fn registering() -> Self {
        Self {
            state: RegistrationState::Registering,
            ..Self::default()
        }
    }

    /// Failed, and only a change of settings helps.
    pub(super) fn failed(problem: Problem) -> Self {
        Self {
            state: RegistrationState::Failed,
            reason: Some(problem),
            ..Self::default()
        }
    }
}

/// The registration as it can be seen. While a failed one is tried again, the reason of the
/// failure stays to be seen.
pub(super) fn registration(
    status: &RegistrationStatus,
    before: Option<&Registration>,
) -> Registration {
    match status {
        RegistrationStatus::Registering => match before {
            Some(before) if before.reason.is_some() => Registration {
                retry_at: None,
                ..before.clone()
            },
            _ => Registration::registering(),
        },
        RegistrationStatus::Registered {
            expires_at,
            flow,
            public,
        } => Registration {
            state: RegistrationState::Registered,
            expires_at: Some(*expires_at),
            transport: Some(flow.transport),
            local_address: Some(local_address(flow).to_string()),
            public_address: public.map(|address| address.to_string()),
            ..Registration::default()
        },
        RegistrationStatus::NotNeeded => Registration {
            state: RegistrationState::NotNeeded,
            ..Registration::default()
        },
        RegistrationStatus::Failed { failure, retry_at } => Registration {
            retry_at: *retry_at,
            ..Registration::failed(Problem::of_registration(failure))
        },
        RegistrationStatus::Off => Registration::default(),
    }
}

/// Our address on a flow; a socket may be bound to all of them.
fn local_address(flow: &Flow) -> SocketAddr {
    let ip = Some(flow.local.ip()).filter(|ip| !ip.is_unspecified());
    let ip = ip.or_else(|| local_ip_for(flow.remote));
    SocketAddr::new(ip.unwrap_or(flow.local.ip()), flow.local.port())
}

/// All that a snapshot is made of.
pub(super) struct Seen<'a> {
    pub book: &'a Book,
    pub calls: &'a Calls,
    pub registrations: &'a HashMap<AccountId, Registration>,
    pub passwords: &'a HashMap<AccountId, SecretString>,
    pub devices: &'a DeviceState,
    pub counters: Counters,
    pub listen: Vec<SocketAddr>,
    pub telegram: &'a Telegram,
    pub dial_chat: &'a DialChat,
    pub history: HistoryView,
    pub watch: &'a Watch,
}

pub(super) fn snapshot(seen: &Seen<'_>) -> Snapshot {
    let book = seen.book;
    let device = |role| book.device(role).map(str::to_owned);
    Snapshot {
        accounts: book.entries().map(|entry| account(seen, entry)).collect(),
        removed: book
            .removed()
            .filter_map(|entry| {
                Some(RemovedView {
                    id: entry.account.id.clone(),
                    name: entry.account.title(),
                    until: entry.removed?,
                })
            })
            .collect(),
        favourites: favourites(seen),
        templates: book.templates(),
        calls: seen
            .calls
            .iter()
            .filter(|call| !call.unseen)
            .map(call)
            .collect(),
        history: seen.history,
        devices: Devices {
            inputs: seen.devices.inputs.clone(),
            outputs: seen.devices.outputs.clone(),
            microphone: device(DeviceRole::Microphone),
            speaker: device(DeviceRole::Speaker),
            ring: device(DeviceRole::Ring),
            away: [
                DeviceRole::Microphone,
                DeviceRole::Speaker,
                DeviceRole::Ring,
            ]
            .into_iter()
            .filter(|role| seen.devices.is_away(*role, book.device(*role)))
            .collect(),
            trial: seen.devices.trial,
            problem: seen.devices.problem.clone(),
        },
        preferences: book.preferences(),
        strangers: Strangers {
            refused_invites: seen.counters.refused_invites,
            dropped: seen.counters.dropped,
        },
        redial: book.last_dialled().map(|(number, _)| number.to_owned()),
        used_before: book.used_before(),
        passwords: book.passwords_kept_in().as_str(),
        listen: seen.listen.iter().map(SocketAddr::to_string).collect(),
        telegram: seen.telegram.view(book),
        requests: seen.dial_chat.requests().to_vec(),
    }
}

/// The watched numbers of the accounts that are on.
fn favourites(seen: &Seen<'_>) -> Vec<FavouriteView> {
    let on = seen.book.accounts().filter(|account| account.enabled);
    on.flat_map(|account| {
        favourites_of(&account.favourites)
            .into_iter()
            .map(|one| favourite(seen.watch, account, one))
    })
    .collect()
}

/// A watched number of an account.
pub(super) fn favourite(watch: &Watch, account: &Account, one: Favourite) -> FavouriteView {
    let (state, caller) = watch.favourite(&account.id, &one.number);
    let rings = state == FavouriteState::Ringing;
    let known = watch.to_pick_up(&account.id, &one.number).is_some();
    FavouriteView {
        account: account.id.clone(),
        number: one.number,
        name: one.name,
        state,
        caller,
        can_pick_up: rings && (known || !account.pickup.is_empty()),
    }
}

fn account(seen: &Seen<'_>, entry: &Entry) -> AccountView {
    let account = &entry.account;
    let role = seen.book.role(entry);
    let mut values = account.values();
    if role == Role::User {
        values.retain(|name, _| SHOWN_TO_USER.iter().any(|shown| shown.as_str() == name));
    }
    let draft = entry.draft.as_ref().map(|draft| DraftView {
        values: draft.values.clone(),
        password: draft.password,
        due: draft.due,
    });
    AccountView {
        id: account.id.clone(),
        name: account.title(),
        role,
        owner: entry.owner.clone(),
        enabled: account.enabled,
        values,
        draft: draft.filter(|_| role == Role::Owner),
        has_password: seen.passwords.contains_key(&account.id),
        registration: seen
            .registrations
            .get(&account.id)
            .cloned()
            .unwrap_or_default(),
        voicemail: seen.watch.voicemail(&account.id).cloned(),
    }
}

fn call(call: &Call) -> CallView {
    CallView {
        id: call.id,
        account: call.line.account.clone(),
        account_name: call.line.name.clone(),
        direction: call.direction,
        peer: call.peer.clone(),
        state: call.state.clone(),
        started_at: call.started_at,
        answered_at: call.answered_at,
        duration: call.duration(),
        muted: call.muted,
        joined: call.joined,
        silenced: call.silenced,
        held_by_peer: call.held_by_peer,
        codec: call.codec.map(|codec| codec.name().to_owned()),
        encryption: call.protection,
        transport: call.transport,
        quality: call.quality,
        final_figures: call.final_figures,
        dtmf_received: call.dtmf_received.clone(),
        recording: call.recording.clone(),
        transfer: call.transfer.clone(),
        asked: call.asked.clone(),
        instead_of: call.instead_of,
        forwarded_to: call.forwarded_to.clone(),
        diverted_by: call.diverted_by.clone(),
        progress: call.progress.filter(|_| call.answered_at.is_none()),
        warning: call.warning().cloned(),
    }
}
