use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde::{Serialize, Serializer};

use crate::account::{AccountId, Catalogue, Party, Role, Transport};
use crate::call::{
    CallId, CallProgress, CallState, DeviceRole, DeviceTrial, Direction, Peer, Problem, Quality,
    Recording, Transfer, TransferAsked,
};
use crate::engine::{DialRequest, FavouriteView, HistoryView, TelegramView, VoicemailView};
use crate::media::Protection;
use crate::store::Preferences;

/// All that can be seen of the engine at one moment. Immutable; published whole.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Snapshot {
    /// Accounts in the order the person gave them; the test line last, while it is in use.
    pub accounts: Vec<AccountView>,
    /// Accounts that were removed and can be restored for some seconds.
    pub removed: Vec<RemovedView>,
    /// The numbers that are watched.
    pub favourites: Vec<FavouriteView>,
    /// The templates of providers and PBXs, one's own first.
    #[serde(skip)]
    pub templates: Arc<Catalogue>,
    /// Calls, the oldest first. Ended ones stay until dismissed or for 8 s.
    pub calls: Vec<CallView>,
    /// The calls there were.
    pub history: HistoryView,
    /// Sound devices.
    pub devices: Devices,
    /// Preferences of the program.
    pub preferences: Preferences,
    /// Requests refused because they came from strangers.
    pub strangers: Strangers,
    /// What was dialled last, if that is known.
    pub redial: Option<String>,
    /// Whether a call was ever made or an account added in this profile.
    pub used_before: bool,
    /// Where passwords are kept: `keyring`, `sealed` or `file`.
    pub passwords: &'static str,
    /// Where SIP is listened for over UDP.
    pub listen: Vec<String>,
    /// The Telegram account.
    pub telegram: TelegramView,
    /// Numbers of the dial chat that wait to be dialled here.
    pub requests: Vec<DialRequest>,
}

/// An account as it can be seen. Never holds a password.
#[derive(Debug, Clone, Serialize)]
pub struct AccountView {
    /// The identifier.
    pub id: AccountId,
    /// The name shown to a person.
    pub name: String,
    /// What the person here may do with it.
    pub role: Role,
    /// Who made it; `None` is the person here.
    pub owner: Option<Party>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The settings in force by name, as a person would type them; secrets are absent. Who only
    /// uses the account sees few of them.
    pub values: BTreeMap<String, String>,
    /// What was edited and is not in force yet.
    pub draft: Option<DraftView>,
    /// Whether a password is kept for it.
    pub has_password: bool,
    /// How it stands with the registrar.
    pub registration: Registration,
    /// Its voicemail box, if the server tells of one.
    pub voicemail: Option<VoicemailView>,
}

/// Edited settings that are not in force yet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DraftView {
    /// The settings that change, by name.
    pub values: BTreeMap<String, String>,
    /// Whether a new password waits.
    pub password: bool,
    /// When it is applied by itself.
    #[serde(rename = "apply_s", serialize_with = "seconds_from_now")]
    pub due: SystemTime,
}

/// An account that was removed and can be restored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RemovedView {
    /// The identifier.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// When it is gone for good.
    #[serde(rename = "restore_s", serialize_with = "seconds_from_now")]
    pub until: SystemTime,
}

/// How an account stands with its registrar.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Registration {
    /// The state.
    pub state: RegistrationState,
    /// Why it is not registered.
    pub reason: Option<Problem>,
    /// When the registration runs out if it is not refreshed.
    #[serde(rename = "expires_s", serialize_with = "seconds_until")]
    pub expires_at: Option<Instant>,
    /// When the next attempt is made after a failure.
    #[serde(rename = "retry_s", serialize_with = "seconds_until")]
    pub retry_at: Option<Instant>,
    /// The transport in use.
    pub transport: Option<Transport>,
    /// Our own address towards the server.
    pub local_address: Option<String>,
    /// Our address as the server sees it.
    pub public_address: Option<String>,
}

/// The states of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationState {
    /// Switched off, or settings are missing.
    #[default]
    Off,
    /// The account needs no registration and is ready.
    NotNeeded,
    /// Under way for the first time.
    Registering,
    /// In force.
    Registered,
    /// Failed; `reason` says why.
    Failed,
}

/// A call as it can be seen.
#[derive(Debug, Clone, Serialize)]
pub struct CallView {
    /// The identifier.
    pub id: CallId,
    /// The account it goes over.
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// Who called whom.
    pub direction: Direction,
    /// The far side.
    pub peer: Peer,
    /// Where the call stands.
    pub state: CallState,
    /// When the call began.
    #[serde(rename = "age_s", serialize_with = "seconds_since")]
    pub started_at: Instant,
    /// When it was answered.
    #[serde(rename = "answered_s", serialize_with = "seconds_since")]
    pub answered_at: Option<Instant>,
    /// How long it was up, once it ended.
    #[serde(serialize_with = "seconds")]
    pub duration: Option<Duration>,
    /// Whether our microphone is not sent.
    pub muted: bool,
    /// Whether it is part of the conference.
    pub joined: bool,
    /// Whether nobody gets to hear the far side.
    pub silenced: bool,
    /// Whether the far side holds us.
    pub held_by_peer: bool,
    /// The codec in use, by its registry name.
    pub codec: Option<String>,
    /// How the sound is encrypted; `None` is not at all, or not yet.
    pub encryption: Option<Protection>,
    /// The transport of the signalling.
    pub transport: Option<Transport>,
    /// How good the sound is.
    pub quality: Option<Quality>,
    /// Whether `quality` holds the last figures of a call that has ended.
    pub final_figures: bool,
    /// Digits heard from the far side.
    pub dtmf_received: String,
    /// Its recording, if there is or was one.
    pub recording: Option<Recording>,
    /// A transfer of ours, under way or just over.
    pub transfer: Option<Transfer>,
    /// Whom the far side asks us to call instead.
    pub asked: Option<TransferAsked>,
    /// The call that this one came of, by a transfer.
    pub instead_of: Option<CallId>,
    /// Where it was sent instead of being answered here.
    pub forwarded_to: Option<String>,
    /// Who sent it to us, if it was meant for another.
    pub diverted_by: Option<Peer>,
    /// What the network does with it until it is answered.
    pub progress: Option<CallProgress>,
    /// Something that is wrong in the running call (a device lost, no sound, not recorded).
    pub warning: Option<Problem>,
}

/// Sound devices and which of them are chosen.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Devices {
    /// Names of the microphones there are.
    pub inputs: Vec<String>,
    /// Names of the speakers there are.
    pub outputs: Vec<String>,
    /// The chosen microphone; `None` is "as the system has it".
    pub microphone: Option<String>,
    /// The chosen speaker; `None` is "as the system has it".
    pub speaker: Option<String>,
    /// The chosen ring device; `None` is "as the system has it".
    pub ring: Option<String>,
    /// What is chosen but not there now.
    pub away: Vec<DeviceRole>,
    /// What is being tried out.
    pub trial: Option<DeviceTrial>,
    /// What is wrong with them now.
    pub problem: Option<Problem>,
}

/// Counters of refused strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Strangers {
    /// INVITEs answered 403 or 404 without ringing.
    pub refused_invites: u64,
    /// Messages that were no SIP at all, or broken beyond an answer.
    pub dropped: u64,
}

fn seconds_until<S: Serializer>(at: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.saturating_duration_since(Instant::now()).as_secs())
        .serialize(serializer)
}

fn seconds_from_now<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let left = at.duration_since(SystemTime::now()).unwrap_or_default();
    left.as_secs().serialize(serializer)
}

fn seconds_since<S: Serializer, T: Into<Option<Instant>> + Copy>(
    at: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let at: Option<Instant> = (*at).into();
    at.map(|at| at.elapsed().as_secs_f64())
        .serialize(serializer)
}

fn seconds<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    duration.map(|d| d.as_secs_f64()).serialize(serializer)
}
