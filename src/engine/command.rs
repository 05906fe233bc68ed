use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::account::AccountId;
use crate::audio::Processing;
use crate::engine::{CallId, DeclineReason, DeviceRole, TelegramList};
use crate::store::history::{Beginning, Query};

/// All that a face can ask of the engine.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "snake_case")]
pub enum Command {
    /// Call a number, SIP address or link, over the named account or the one that fits.
    Dial {
        /// What was typed, pasted or clicked.
        target: String,
        /// The account to use; `None` lets the engine choose.
        #[serde(default)]
        account: Option<AccountId>,
        /// Whether the person is asked for the line.
        #[serde(default)]
        ask: Ask,
    },
    /// Answer an incoming call.
    Answer {
        /// Which call.
        call: CallId,
    },
    /// Refuse an incoming call.
    Decline {
        /// Which call.
        call: CallId,
        /// Why.
        #[serde(default)]
        reason: DeclineReason,
    },
    /// Send an incoming call elsewhere instead of answering it (302).
    Deflect {
        /// Which call.
        call: CallId,
        /// A number, SIP address or link.
        target: String,
    },
    /// Call the voicemail box of an account.
    CallVoicemail {
        /// Which account.
        account: AccountId,
    },
    /// Pick up the call that rings at a watched number.
    PickUp {
        /// The account it is watched with.
        account: AccountId,
        /// The number.
        number: String,
    },
    /// Dial again what was dialled last, over the same line.
    Redial,
    /// End a call in whatever state it is.
    HangUp {
        /// Which call.
        call: CallId,
    },
    /// Hold or resume.
    Hold {
        /// Which call.
        call: CallId,
        /// Hold if true, resume if false.
        on: bool,
    },
    /// Stop or resume sending the microphone.
    Mute {
        /// Which call.
        call: CallId,
        /// Mute if true.
        on: bool,
    },
    /// Join a call with those that are joined already, or else with the other call: all hear
    /// each other.
    Join {
        /// Which call.
        call: CallId,
    },
    /// Take a call out of the conference and hold it.
    Part {
        /// Which call.
        call: CallId,
    },
    /// Let nobody hear a far side, or let it be heard again.
    Silence {
        /// Which call.
        call: CallId,
        /// Silence if true.
        on: bool,
    },
    /// End all calls that are joined.
    EndConference,
    /// Give the far side of a call to somebody else: it calls there itself (RFC 5589). The call
    /// ends once that is answered, and goes on if it fails.
    Transfer {
        /// Which call.
        call: CallId,
        /// A number, SIP address or link.
        target: String,
    },
    /// Connect the far sides of two calls with each other and leave both.
    Connect {
        /// The call whose far side is to call.
        call: CallId,
        /// The call with whoever gets it.
        with: CallId,
    },
    /// Call whom the far side asks us to call, or refuse.
    FollowTransfer {
        /// The call whose far side asks.
        call: CallId,
        /// Call if true, refuse if false.
        on: bool,
    },
    /// Send digits `0-9*#A-D`, one after the other.
    SendDtmf {
        /// Which call.
        call: CallId,
        /// The digits.
        digits: String,
    },
    /// Start or stop recording a call.
    Record {
        /// Which call.
        call: CallId,
        /// Start if true, stop if false.
        on: bool,
    },
    /// Pause or resume a call's recording.
    PauseRecording {
        /// Which call.
        call: CallId,
        /// Pause if true, resume if false.
        on: bool,
    },
    /// Forget an ended call that is still shown with its outcome.
    Dismiss {
        /// Which call.
        call: CallId,
    },
    /// The calls there were that fit, the latest first: at most 500 at once.
    History(Query),
    /// The missed calls were looked at.
    HistorySeen,
    /// Forget one call of the history. Its recording stays.
    ForgetCall {
        /// Its place in the history.
        id: i64,
    },
    /// Forget all calls of the history. Recordings stay.
    ForgetHistory,
    /// Write the calls that fit into a CSV file (RFC 4180).
    ExportHistory {
        /// The file.
        path: PathBuf,
        /// Which calls.
        #[serde(default, flatten)]
        query: Query,
    },
    /// Make an account. `values` are settings by [`SettingId`](crate::account::SettingId) name.
    AddAccount {
        /// Settings by name, each as a person would type it.
        values: BTreeMap<String, String>,
        /// The password; kept in the key store.
        #[serde(default)]
        password: Option<SecretString>,
    },
    /// Change settings of an account, all of them or none: some come into force at once, the
    /// others wait in a draft.
    SetAccount {
        /// Which account.
        account: AccountId,
        /// Settings by name, each as a person would type it.
        #[serde(default)]
        values: BTreeMap<String, String>,
        /// A new password, if it is to change.
        #[serde(default)]
        password: Option<SecretString>,
        /// Whether the draft is put in force with it.
        #[serde(default)]
        apply: bool,
    },
    /// Put the draft of an account in force.
    ApplyAccount {
        /// Which account.
        account: AccountId,
    },
    /// Drop the draft of an account.
    RevertAccount {
        /// Which account.
        account: AccountId,
    },
    /// Remove an account and its password; it can be restored for 10 s.
    RemoveAccount {
        /// Which account.
        account: AccountId,
    },
    /// Bring back an account that was removed.
    RestoreAccount {
        /// Which account.
        account: AccountId,
    },
    /// Write accounts of one's own to a file, or give them as a text if no file is named.
    ExportAccounts {
        /// Which accounts; none named is all.
        #[serde(default)]
        accounts: Vec<AccountId>,
        /// The file.
        #[serde(default)]
        path: Option<PathBuf>,
        /// Seals the passwords; without it they stay out.
        #[serde(default)]
        passphrase: Option<SecretString>,
    },
    /// Add the accounts of a file.
    ImportAccounts {
        /// The file.
        path: PathBuf,
        /// Opens the passwords in it; without it they are left aside.
        #[serde(default)]
        passphrase: Option<SecretString>,
    },
    /// Keep the settings of an account as a template of one's own.
    SaveTemplate {
        /// Which account.
        account: AccountId,
        /// What the template is called.
        name: String,
    },
    /// Add the templates of a file to one's own.
    ImportTemplates {
        /// The file.
        path: PathBuf,
    },
    /// Remove a template of one's own.
    RemoveTemplate {
        /// Its identifier.
        id: String,
    },
    /// Trust the certificate with this fingerprint for this account from now on.
    PinCertificate {
        /// Which account.
        account: AccountId,
        /// SHA-256, colon-separated hexadecimal.
        fingerprint: String,
    },
    /// Register again now, without waiting for the next attempt.
    Register {
        /// Which account.
        account: AccountId,
    },
    /// Choose a device.
    SelectDevice {
        /// What the device is for.
        role: DeviceRole,
        /// A name from the list, or a specification such as `tone:440`; `None` is "as the system has it".
        #[serde(default)]
        device: Option<String>,
    },
    /// Read the list of devices again.
    RefreshDevices,
    /// Open the microphone for the level meter only, while no call is up.
    MeterMicrophone {
        /// Open if true, close if false.
        on: bool,
    },
    /// Try out a device while no call is up: 4 s of the microphone are kept and then played back,
    /// through the others a sound is heard.
    TryDevice {
        /// Which device.
        role: DeviceRole,
        /// Begin if true, end if false.
        on: bool,
    },
    /// Change preferences of the program.
    SetPreferences(PreferenceChange),
    /// Keep the passwords of all accounts elsewhere from now on.
    KeepPasswords {
        /// `keyring`, `sealed` or `file`.
        place: String,
    },
    /// Sign in to Telegram: it sends a code. What comes of this and of the following is seen in
    /// [`TelegramView`](crate::engine::TelegramView) as soon as it is no longer `busy`.
    TelegramSignIn {
        /// The telephone number.
        phone: String,
    },
    /// Sign in to Telegram by letting a telephone scan a code.
    TelegramSignInQr,
    /// The code that Telegram sent.
    TelegramCode {
        /// The code.
        code: SecretString,
    },
    /// Let Telegram send the code another way.
    TelegramCodeAgain,
    /// The second password of the Telegram account.
    TelegramPassword {
        /// The password; it goes nowhere but into the proof that it is known.
        password: SecretString,
    },
    /// Stop signing in to Telegram.
    TelegramCancel,
    /// End the session at Telegram.
    TelegramSignOut,
    /// Set what this program shows Telegram to be let in, as my.telegram.org gives it.
    TelegramSetApi {
        /// `api_id`.
        id: i32,
        /// `api_hash`; kept in the key store.
        hash: SecretString,
    },
    /// Ask Telegram for chats and people again; connect at once if there is no connection.
    TelegramRefresh,
    /// Find chats or people in Telegram: the reply holds the first 50.
    TelegramFind {
        /// Where to look.
        list: TelegramList,
        /// A name, @username, telephone number or identifier; empty finds all.
        #[serde(default)]
        query: String,
    },
    /// Change what the dial chat of Telegram does.
    TelegramSet(TelegramChange),
    /// Dial a number that was written to the dial chat and waits.
    DialRequested {
        /// Names it.
        request: u64,
    },
    /// Don't dial a number that was written to the dial chat.
    DismissRequest {
        /// Names it.
        request: u64,
    },
    /// Send a recording to the chat of its account, once more or because it was not sent.
    TelegramSendRecording {
        /// The file: Ogg Opus of one channel.
        path: PathBuf,
        /// The call it is of.
        call: Beginning,
    },
    /// Look at what waits to be sent to Telegram: it is seen in
    /// [`TelegramView`](crate::engine::TelegramView) as soon as that is no longer `busy`.
    TelegramQueue,
    /// Send what can't be sent to Telegram again, all of it or one message.
    TelegramSendAgain {
        /// Its number in the queue.
        #[serde(default)]
        post: Option<i64>,
    },
    /// Don't send a message that waits for Telegram. A recording stays where it is.
    TelegramDropPost {
        /// Its number in the queue.
        post: i64,
    },
    /// List the last SIP messages as [`TraceView`](crate::engine::TraceView)s, the oldest first.
    Trace {
        /// Only those with this text in them, in any case.
        #[serde(default)]
        filter: String,
        /// How many at most; 200 if it is not said.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// Write the last SIP messages to a file.
    ExportTrace {
        /// The file: a capture if its name ends in `.pcap`, else text.
        path: PathBuf,
        /// Only those with this text in them, in any case.
        #[serde(default)]
        filter: String,
    },
    /// Bring the window forward.
    Show,
    /// Hang up, unregister and stop.
    Quit,
}

/// A change of preferences; `None` leaves one as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreferenceChange {
    /// `ru`, `en`, or `system`.
    pub language: Option<String>,
    /// `light`, `dark`, or `system`.
    pub theme: Option<String>,
    /// The account for a number that several could take; empty asks.
    pub default_line: Option<String>,
    /// Whether what the speaker plays is taken out of what the microphone hears.
    pub echo_cancellation: Option<bool>,
    /// Whether steady noise is made quieter.
    pub noise_suppression: Option<bool>,
    /// Whether the microphone is made louder or quieter by itself.
    pub gain_control: Option<bool>,
    /// The country whose tones are played, or `system`.
    pub tones: Option<String>,
    /// How it rings: `marimba`, `bell`, `chime`, or a file (WAV, Ogg Opus).
    pub ring_tone: Option<String>,
    /// Whether both sides hear a tone while a call is recorded.
    pub recording_tone: Option<bool>,
    /// Whether calls are refused without ringing.
    pub do_not_disturb: Option<bool>,
}

impl PreferenceChange {
    /// Carries the change over to what is done to the microphone's sound.
    pub fn change(&self, processing: &mut Processing) {
        let switches = [
            (&mut processing.echo_cancellation, self.echo_cancellation),
            (&mut processing.noise_suppression, self.noise_suppression),
            (&mut processing.gain_control, self.gain_control),
        ];
        for (switch, on) in switches {
            *switch = on.unwrap_or(*switch);
        }
    }
}

/// A change of what the dial chat of Telegram does; `None` leaves something as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelegramChange {
    /// Whether numbers that are written there are dialled.
    pub dial: Option<bool>,
    /// Which chat it is, by identifier, name or username; empty is Saved Messages.
    pub dial_chat: Option<String>,
    /// Whether callers are written there.
    pub callers: Option<bool>,
    /// Whether missed calls are written there.
    pub missed: Option<bool>,
}

/// When the person is asked which line to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Never: if several could take the number, that is a failure.
    #[default]
    Never,
    /// If several could take the number.
    IfSeveral,
    /// Always, even if a line is set for such cases.
    Always,
}
