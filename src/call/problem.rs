use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What went wrong, as a cause that a person can act on.
///
/// Every variant has a text and a next step in both languages: the locale keys
/// `problem-<kebab-name>` and `problem-<kebab-name>.next`, with the fields as arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Problem {
    /// The server refused login and password (401/407 after an answered challenge, or 403 to REGISTER).
    #[error("login or password refused")]
    WrongPassword,
    /// Login, password or domain is missing; `fields` names the settings.
    #[error("settings are missing: {}", fields.join(", "))]
    WrongParameters {
        /// Identifiers of the settings that are missing.
        fields: Vec<String>,
    },
    /// DNS knows no such host.
    #[error("unknown host {host}")]
    UnknownHost {
        /// The name that could not be resolved.
        host: String,
    },
    /// The server does not take connections, or its port is closed.
    #[error("{host} refused the connection")]
    ServerDown {
        /// The server as it is set in the account.
        host: String,
    },
    /// No answer within the time RFC 3261 allows (Timer B or F), or 408.
    #[error("{host} does not answer")]
    NoAnswerFromServer {
        /// The server as it is set in the account.
        host: String,
    },
    /// The certificate chain does not lead to a trusted authority, or is out of date.
    #[error("the certificate of {host} is not trusted: {reason}")]
    CertificateNotTrusted {
        /// The server.
        host: String,
        /// SHA-256 of the certificate, colon-separated hexadecimal; empty if none was shown.
        fingerprint: String,
        /// What the verifier said.
        reason: String,
    },
    /// The certificate is made out to another name.
    #[error("the certificate is not for {host}")]
    CertificateWrongName {
        /// The name that was asked for.
        host: String,
        /// SHA-256 of the certificate, colon-separated hexadecimal.
        fingerprint: String,
    },
    /// The two sides share no codec (488, 606, or an answer without one).
    #[error("no common codec")]
    NoCommonCodec,
    /// The account wants encrypted sound, and the far side has none.
    #[error("the far side does not encrypt the sound")]
    NotEncrypted,
    /// The far side insists on encrypted sound, and the account has it off, or does not allow its
    /// way to the keys.
    #[error("the far side insists on encryption that the account does not allow")]
    EncryptionNotAllowed,
    /// The two sides agreed on encrypted sound and came to no keys (RFC 5763).
    #[error("no keys for encrypted sound: {reason}")]
    NoKeys {
        /// A locale key that says why: `reason-keys-…`.
        reason: String,
    },
    /// 486 or 600.
    #[error("busy")]
    Busy,
    /// Who was called is to be found elsewhere (3xx). Nobody was called there yet.
    #[error("redirected to {}", contacts.join(", "))]
    Redirected {
        /// SIP addresses that can be dialled instead, the best first; never empty.
        contacts: Vec<String>,
    },
    /// 603, or the person declined.
    #[error("declined")]
    Declined,
    /// 404, 410, 604.
    #[error("not found")]
    NotFound,
    /// 480, or nobody answered in time (408 from the far side).
    #[error("unavailable")]
    Unavailable,
    /// 403 to anything but REGISTER.
    #[error("forbidden: {reason}")]
    Forbidden {
        /// The reason phrase of the server.
        reason: String,
    },
    /// Any other final failure.
    #[error("the server answered {status} {reason}")]
    Refused {
        /// The SIP status code.
        status: u16,
        /// The reason phrase of the server.
        reason: String,
    },
    /// The far side does not do transfers.
    #[error("the far side does not do transfers")]
    TransferRefused,
    /// Nothing was dialled yet that could be dialled again.
    #[error("nothing was dialled yet")]
    NothingDialled,
    /// As many calls are joined as can be.
    #[error("no more than {most} calls can be joined")]
    ConferenceFull {
        /// How many can be.
        most: u32,
    },
    /// No network at all.
    #[error("no network")]
    NoNetwork,
    /// The call's sound stopped arriving and did not come back.
    #[error("the sound stopped arriving")]
    MediaTimeout,
    /// There is no microphone, or the chosen one is gone and no other is there.
    #[error("no microphone")]
    NoMicrophone,
    /// There is no speaker, or the chosen one is gone and no other is there.
    #[error("no speaker")]
    NoSpeaker,
    /// A device is there but could not be opened.
    #[error("device {device}: {reason}")]
    Device {
        /// The device's name.
        device: String,
        /// What the system said.
        reason: String,
    },
    /// What was typed is not a number or SIP address.
    #[error("not a number or address: {input}")]
    InvalidNumber {
        /// What was typed.
        input: String,
    },
    /// No account can be used for this number.
    #[error("no line for this number")]
    NoLine {
        /// One reason per account: its name and why.
        reasons: Vec<(String, Problem)>,
    },
    /// Several accounts can be used for this number, and none was chosen.
    #[error("several lines can be used")]
    SeveralLines {
        /// Their names, the one used last for this number first.
        lines: Vec<String>,
    },
    /// The account is switched off.
    #[error("the line is off")]
    LineOff,
    /// The account is not registered yet.
    #[error("the line is not registered yet")]
    LineNotReady,
    /// A dial rule of the account does not let the number through.
    #[error("the rule {rule} does not let this number through")]
    FilteredByRule {
        /// The rule.
        rule: String,
    },
    /// The dial rules of the account leave nothing of the number.
    #[error("the dial rules leave nothing of this number")]
    EmptiedByRules,
    /// A dial rule of the account takes too long or makes the number too long.
    #[error("the rule {rule} takes too long on this number")]
    RuleTooCostly {
        /// The rule.
        rule: String,
    },
    /// The account is only used here; its owner sets it up.
    #[error("only {owner} changes this line")]
    NotOwner {
        /// The owner's name.
        owner: String,
    },
    /// The account or the call named in a command does not exist.
    #[error("there is no {what}")]
    Unknown {
        /// What was looked for.
        what: String,
    },
    /// A sound device was unplugged or stopped working; it takes over again when it is back.
    #[error("the device {device} is gone")]
    DeviceLost {
        /// The device.
        device: String,
        /// What the sound goes through meanwhile, if there is something.
        instead: Option<String>,
    },
    /// A setting's value is not acceptable.
    #[error("{setting}: {reason}")]
    BadValue {
        /// Identifier of the setting.
        setting: String,
        /// A locale key that says why.
        reason: String,
        /// What stands in the text of the reason, by name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        args: BTreeMap<String, String>,
    },
    /// The action does not fit the state the call is in.
    #[error("not possible in this state of the call")]
    WrongState,
    /// Telegram: the program has no `api_id` and `api_hash` to show.
    #[error("no api_id and api_hash for Telegram")]
    TelegramNeedsApi,
    /// Telegram does not accept the `api_id` and `api_hash`.
    #[error("Telegram refused api_id or api_hash")]
    TelegramApi,
    /// Telegram takes what was given for no telephone number.
    #[error("not a telephone number to Telegram")]
    TelegramPhone,
    /// Nobody has a Telegram account with this number.
    #[error("no Telegram account has this number")]
    TelegramNoAccount,
    /// Telegram has banned the number or deleted the account.
    #[error("the Telegram account is banned or deleted")]
    TelegramBanned,
    /// The code is not the one that Telegram sent.
    #[error("wrong code for Telegram")]
    TelegramCode,
    /// The code that Telegram sent is too old.
    #[error("the code for Telegram has expired")]
    TelegramCodeExpired,
    /// The second password of the Telegram account is wrong.
    #[error("wrong password for Telegram")]
    TelegramPassword {
        /// What the person wrote down to remember it by; may be empty.
        hint: String,
    },
    /// Telegram wants to be left alone for a while.
    #[error("Telegram asked to wait {seconds} s")]
    TelegramFlood {
        /// For how long; 0 if it does not say, which means a day or so.
        seconds: u64,
    },
    /// Telegram can't be reached.
    #[error("Telegram can't be reached")]
    TelegramUnreachable,
    /// This device was signed out of Telegram elsewhere.
    #[error("signed out of Telegram elsewhere")]
    TelegramSignedOut,
    /// What was asked of Telegram does not fit what is going on.
    #[error("not possible with Telegram now")]
    TelegramNotNow,
    /// Telegram asks for a way to sign in that is not known here.
    #[error("Telegram asks for something that is not known here")]
    TelegramUnsupported,
    /// A chat of Telegram is not there any more, or was never known.
    #[error("the Telegram chat {chat} is not there")]
    TelegramChatGone {
        /// What it was called; empty for Saved Messages.
        chat: String,
    },
    /// A chat of Telegram takes no voice messages, or nothing at all, from the person here.
    #[error("posting to the Telegram chat {chat} is not allowed")]
    TelegramMayNotPost {
        /// What it is called; empty for Saved Messages.
        chat: String,
    },
    /// It was to be sent by somebody else than who is signed in to Telegram.
    #[error("somebody else was signed in to Telegram")]
    TelegramOtherAccount,
    /// Any other refusal of Telegram.
    #[error("Telegram answered {code} {reason}")]
    TelegramRefused {
        /// The code of its answer, 0 if it could not be understood.
        code: i32,
        /// The name of its answer.
        reason: String,
    },
    /// The key store could not be used.
    #[error("key store: {reason}")]
    KeyStore {
        /// What the key store said.
        reason: String,
    },
    /// The call could not be recorded, or not to its end; the call itself goes on.
    #[error("recording {path}: {reason}")]
    Recording {
        /// The recording, or the folder it could not be made in.
        path: String,
        /// A locale key (`reason-disk-full`, `reason-not-allowed`), or what the system said.
        reason: String,
    },
    /// The owner of the account has its calls recorded; who only uses it can't stop that.
    #[error("the owner of the account has its calls recorded")]
    RecordingLocked,
    /// A file could not be read or written.
    #[error("{path}: {reason}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        reason: String,
    },
}

impl Problem {
    /// A setting whose value can't stand for this reason, a locale key.
    pub fn bad_value(setting: &str, reason: &str) -> Self {
        Self::BadValue {
            setting: setting.into(),
            reason: reason.into(),
            args: BTreeMap::new(),
        }
    }

    /// The locale key of its text, `problem-<kebab-name>`.
    pub fn key(&self) -> String {
        let kind = serde_json::to_value(self).ok();
        let kind = kind
            .as_ref()
            .and_then(|value| value.get("kind"))
            .and_then(|kind| kind.as_str());
        format!("problem-{}", kind.unwrap_or("unknown"))
    }
}
