use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::read::{self, SettingError};
use super::setting::{SettingId, SettingKind, settings};
use super::{AccountId, Party, Transport};
use crate::codec::CodecId;
use crate::rules::Rules;

/// How digits of the keypad are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DtmfMethod {
    /// Telephone events in RTP (RFC 4733, once RFC 2833).
    Rfc2833,
    /// SIP INFO with `application/dtmf-relay`.
    Info,
    /// Tones in the sound itself (ITU-T Q.23).
    Inband,
}

/// Whether the sound of calls is encrypted (SRTP, RFC 3711).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// Never.
    Off,
    /// If the far side can.
    Optional,
    /// Always; a call without it fails.
    Required,
}

/// How the keys of encrypted sound are agreed upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyExchange {
    /// By SDES over TLS, by DTLS otherwise.
    Auto,
    /// By SDES (RFC 4568), also where the signalling is not encrypted.
    Sdes,
    /// By DTLS (RFC 5763).
    Dtls,
}

/// Whether calls are answered by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AutoAnswer {
    /// Never.
    #[default]
    Off,
    /// If the caller asks for it (Call-Info `answer-after`, Alert-Info).
    Asked,
    /// Always.
    Always,
}

/// A SIP account as it is set up. The password is not here: it lives in the secret store.
///
/// Values that came in through [`set`](Self::set) are as [`SettingId`] says; an empty text is
/// "not given".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The identifier.
    pub id: AccountId,
    /// The name shown to a person.
    pub name: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whether it registers.
    pub register: bool,
    /// The user part of the address of record, not escaped.
    pub login: String,
    /// The user name for digest authentication; empty is the login.
    pub auth_login: String,
    /// The host part of the address of record; a [`HostPort`](super::HostPort).
    pub domain: String,
    /// Where messages are sent, a [`HostPort`](super::HostPort); empty is the domain.
    pub registrar: String,
    /// The name the far side is shown.
    pub display_name: String,
    /// The transport of the signalling.
    pub transport: Transport,
    /// Whether sound is encrypted.
    pub encryption: Encryption,
    /// How the keys for it are agreed upon.
    pub key_exchange: KeyExchange,
    /// The codecs, the most wanted first; never empty.
    pub codecs: Vec<CodecId>,
    /// How digits are sent, the most wanted first; never empty.
    pub dtmf: Vec<DtmfMethod>,
    /// The path of a private authority's certificate in PEM, or empty.
    pub certificate: String,
    /// The SHA-256 fingerprint of a trusted certificate, 32 octets in capital hexadecimal with
    /// colons between them, or empty.
    pub pinned: String,
    /// The identifier of the template it was filled from, or empty.
    pub template: String,
    /// The machine it runs on; empty is this computer.
    pub worker: String,
    /// Milliseconds of sound in a packet: 10, 20, 40 or 60.
    pub ptime_ms: u32,
    /// The bit rate of Opus, kbit/s; `None` leaves it to the codec.
    pub opus_bitrate_kbit: Option<u32>,
    /// Whether Opus repeats lost sound in later packets.
    pub opus_fec: bool,
    /// Whether Opus sends less in silence.
    pub opus_dtx: bool,
    /// The dial rules.
    pub rules: Rules,
    /// Where every call is sent on to; empty is nowhere. This and the next two are numbers or
    /// addresses as a person types them.
    pub forward_always: String,
    /// Where calls are sent on to while there is no time for them.
    pub forward_busy: String,
    /// Where calls are sent on to that nobody answers.
    pub forward_no_answer: String,
    /// After how many seconds nobody has answered: 5 to 120.
    pub forward_after_s: u32,
    /// Whether a call may come in during another.
    pub call_waiting: bool,
    /// Whether calls are answered by themselves.
    pub auto_answer: AutoAnswer,
    /// The number of its voicemail box; empty is what the server tells.
    pub voicemail: String,
    /// The numbers whose state is watched, as [`favourites`](super::favourites) reads them.
    pub favourites: String,
    /// What is dialled before a watched number to pick up the call that rings there; empty if
    /// the server has no such code.
    pub pickup: String,
    /// Whether its calls are recorded by themselves.
    pub record: bool,
    /// The Telegram chat its recordings go to; `None` is Saved Messages.
    pub record_chat: Option<Party>,
    /// Whether a recording that was sent there stays on this computer, too.
    pub record_keep: bool,
    /// The Telegram user it is assigned to; `None` is its owner.
    pub user: Option<Party>,
    /// Whether a number from the dial chat rings here first.
    pub callback: bool,
}

impl Account {
    /// An account with nothing given yet and everything else as most people need it.
    pub fn new(id: AccountId) -> Self {
        Self {
            id,
            name: String::new(),
            enabled: true,
            register: true,
            login: String::new(),
            auth_login: String::new(),
            domain: String::new(),
            registrar: String::new(),
            display_name: String::new(),
            transport: Transport::Udp,
            encryption: Encryption::Optional,
            key_exchange: KeyExchange::Auto,
            codecs: CodecId::ALL.to_vec(),
            dtmf: vec![DtmfMethod::Rfc2833, DtmfMethod::Info, DtmfMethod::Inband],
            certificate: String::new(),
            pinned: String::new(),
            template: String::new(),
            worker: String::new(),
            ptime_ms: 20,
            opus_bitrate_kbit: None,
            opus_fec: true,
            opus_dtx: false,
            rules: Rules::default(),
            forward_always: String::new(),
            forward_busy: String::new(),
            forward_no_answer: String::new(),
            forward_after_s: 20,
            call_waiting: true,
            auto_answer: AutoAnswer::Off,
            voicemail: String::new(),
            favourites: String::new(),
            pickup: String::new(),
            record: false,
            record_chat: None,
            record_keep: false,
            user: None,
            callback: false,
        }
    }

    /// The value of a setting as a person would type it. A secret reads as empty.
    pub fn get(&self, setting: SettingId) -> String {
        match setting {
            SettingId::Name => self.name.clone(),
            SettingId::Enabled => read::switch_text(self.enabled).into(),
            SettingId::Login => self.login.clone(),
            SettingId::Password => String::new(),
            SettingId::Domain => self.domain.clone(),
            SettingId::DisplayName => self.display_name.clone(),
            SettingId::Register => read::switch_text(self.register).into(),
            SettingId::Transport => read::transport_text(self.transport).into(),
            SettingId::Encryption => read::encryption_text(self.encryption).into(),
            SettingId::KeyExchange => read::key_exchange_text(self.key_exchange).into(),
            SettingId::Registrar => self.registrar.clone(),
            SettingId::AuthLogin => self.auth_login.clone(),
            SettingId::Certificate => self.certificate.clone(),
            SettingId::Pinned => self.pinned.clone(),
            SettingId::Codecs => read::list_text(&self.codecs, read::codec_text),
            SettingId::Dtmf => read::list_text(&self.dtmf, read::dtmf_text),
            SettingId::Template => self.template.clone(),
            SettingId::Worker => self.worker.clone(),
            SettingId::Ptime => self.ptime_ms.to_string(),
            SettingId::OpusBitrate => match self.opus_bitrate_kbit {
                Some(kbit) => kbit.to_string(),
                None => "auto".into(),
            },
            SettingId::OpusFec => read::switch_text(self.opus_fec).into(),
            SettingId::OpusDtx => read::switch_text(self.opus_dtx).into(),
            SettingId::Rules => self.rules.to_string(),
            SettingId::ForwardAlways => self.forward_always.clone(),
            SettingId::ForwardBusy => self.forward_busy.clone(),
            SettingId::ForwardNoAnswer => self.forward_no_answer.clone(),
            SettingId::ForwardAfter => self.forward_after_s.to_string(),
            SettingId::CallWaiting => read::switch_text(self.call_waiting).into(),
            SettingId::AutoAnswer => read::auto_answer_text(self.auto_answer).into(),
            SettingId::Voicemail => self.voicemail.clone(),
            SettingId::Favourites => self.favourites.clone(),
            SettingId::Pickup => self.pickup.clone(),
            SettingId::Record => read::switch_text(self.record).into(),
            SettingId::RecordChat => read::party_text(self.record_chat.as_ref()),
            SettingId::RecordKeep => read::switch_text(self.record_keep).into(),
            SettingId::User => read::party_text(self.user.as_ref()),
            SettingId::Callback => read::switch_text(self.callback).into(),
        }
    }

    /// Reads a value as a person typed or pasted it and puts it in its place.
    ///
    /// # Errors
    /// The reason the value cannot stand there; the account is as it was. The password is
    /// refused always, because an account holds no secret.
    pub fn set(&mut self, setting: SettingId, value: &str) -> Result<(), SettingError> {
        let refuse = |reason: read::Reason| SettingError {
            setting: setting.as_str().into(),
            reason_key: reason.key,
            args: reason.args,
        };
        match setting {
            SettingId::Name => self.name = read::line(value).map_err(refuse)?,
            SettingId::Enabled => self.enabled = read::switch(value).map_err(refuse)?,
            SettingId::Login => self.login = read::login(value).map_err(refuse)?,
            SettingId::Password => return Err(refuse("reason-secret".into())),
            SettingId::Domain => self.domain = read::host(value).map_err(refuse)?,
            SettingId::DisplayName => self.display_name = read::line(value).map_err(refuse)?,
            SettingId::Register => self.register = read::switch(value).map_err(refuse)?,
            SettingId::Transport => self.transport = read::transport(value).map_err(refuse)?,
            SettingId::Encryption => self.encryption = read::encryption(value).map_err(refuse)?,
            SettingId::KeyExchange => {
                self.key_exchange = read::key_exchange(value).map_err(refuse)?;
            }
            SettingId::Registrar => self.registrar = read::host(value).map_err(refuse)?,
            SettingId::AuthLogin => self.auth_login = read::auth_login(value).map_err(refuse)?,
            SettingId::Certificate => self.certificate = read::path(value).map_err(refuse)?,
            SettingId::Pinned => self.pinned = read::fingerprint(value).map_err(refuse)?,
            SettingId::Codecs => self.codecs = read::list(value, read::codec).map_err(refuse)?,
            SettingId::Dtmf => self.dtmf = read::list(value, read::dtmf).map_err(refuse)?,
            SettingId::Template => self.template = read::line(value).map_err(refuse)?,
            SettingId::Worker => self.worker = read::line(value).map_err(refuse)?,
            SettingId::Ptime => self.ptime_ms = read::packet_time(value).map_err(refuse)?,
            SettingId::OpusBitrate => {
                self.opus_bitrate_kbit = read::bit_rate(value).map_err(refuse)?;
            }
            SettingId::OpusFec => self.opus_fec = read::switch(value).map_err(refuse)?,
            SettingId::OpusDtx => self.opus_dtx = read::switch(value).map_err(refuse)?,
            SettingId::Rules => self.rules = read::rules(value).map_err(refuse)?,
            SettingId::ForwardAlways => {
                self.forward_always = read::number(value).map_err(refuse)?;
            }
            SettingId::ForwardBusy => self.forward_busy = read::number(value).map_err(refuse)?,
            SettingId::ForwardNoAnswer => {
                self.forward_no_answer = read::number(value).map_err(refuse)?;
            }
            SettingId::ForwardAfter => {
                self.forward_after_s = read::forward_after(value).map_err(refuse)?;
            }
            SettingId::CallWaiting => self.call_waiting = read::switch(value).map_err(refuse)?,
            SettingId::AutoAnswer => {
                self.auto_answer = read::auto_answer(value).map_err(refuse)?;
            }
            SettingId::Voicemail => self.voicemail = read::number(value).map_err(refuse)?,
            SettingId::Favourites => self.favourites = read::favourites(value).map_err(refuse)?,
            SettingId::Pickup => self.pickup = read::code(value).map_err(refuse)?,
            SettingId::Record => self.record = read::switch(value).map_err(refuse)?,
            SettingId::RecordChat => self.record_chat = read::party(value).map_err(refuse)?,
            SettingId::RecordKeep => self.record_keep = read::switch(value).map_err(refuse)?,
            SettingId::User => self.user = read::party(value).map_err(refuse)?,
            SettingId::Callback => self.callback = read::switch(value).map_err(refuse)?,
        }
        Ok(())
    }

    /// This account with all of the values in place, by the names of their settings.
    ///
    /// # Errors
    /// The first name that is no setting, or the first value that cannot stand; then none of
    /// them counts.
    pub fn with(&self, values: &BTreeMap<String, String>) -> Result<Self, SettingError> {
        let mut changed = self.clone();
        for (name, value) in values {
            let setting = name.parse().map_err(|_| SettingError {
                setting: name.clone(),
                reason_key: "reason-unknown-setting",
                args: BTreeMap::new(),
            })?;
            changed.set(setting, value)?;
        }
        Ok(changed)
    }

    /// All settings by name, each as a person would type it; secrets are absent.
    pub fn values(&self) -> BTreeMap<String, String> {
        let shown = settings()
            .iter()
            .filter(|spec| spec.kind != SettingKind::Secret);
        shown
            .map(|spec| (spec.id.as_str().to_string(), self.get(spec.id)))
            .collect()
    }

    /// What must still be given before the account can be used. An account that does not
    /// register needs no password.
    pub fn missing(&self, has_password: bool) -> Vec<SettingId> {
        let mut missing = Vec::new();
        if self.login.is_empty() {
            missing.push(SettingId::Login);
        }
        if self.register && !has_password {
            missing.push(SettingId::Password);
        }
        if self.domain.is_empty() {
            missing.push(SettingId::Domain);
        }
        missing
    }

    /// What the account is called: its name, or else its address, or else nothing.
    pub fn title(&self) -> String {
        match (
            self.name.is_empty(),
            self.login.is_empty(),
            self.domain.is_empty(),
        ) {
            (false, _, _) => self.name.clone(),
            (true, false, false) => format!("{}@{}", self.login, self.domain),
            (true, true, _) => self.domain.clone(),
            (true, false, true) => self.login.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account::new("a1".into())
    }

    #[test]
    fn every_value_that_is_shown_can_be_typed_back() {
        let mut first = account();
        first.set(SettingId::Name, "Работа").unwrap();
        first.set(SettingId::Login, "101").unwrap();
        first.set(SettingId::Domain, "[2001:db8::1]:5070").unwrap();
        first.set(SettingId::Transport, "tls").unwrap();
        first.set(SettingId::Codecs, "ulaw, opus").unwrap();
        first.set(SettingId::Dtmf, "INFO").unwrap();
        first.set(SettingId::Register, "off").unwrap();
        first.set(SettingId::Pinned, &"ab".repeat(32)).unwrap();
        assert_eq!(account().with(&first.values()), Ok(first));
    }

    #[test]
    fn choices_and_lists_offer_exactly_what_can_be_set() {
        for spec in settings() {
            if let SettingKind::Choice(values) | SettingKind::Ordered(values) = spec.kind {
                for value in values {
                    let mut account = account();
                    account.set(spec.id, value).unwrap();
                    assert_eq!(&account.get(spec.id), value);
                }
            }
        }
    }

    #[test]
    fn one_bad_value_among_many_changes_nothing() {
        let values = [("domain", "sip.example.com"), ("login", "a b")];
        let values = values
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .into();
        let error = account().with(&values).unwrap_err();
        assert_eq!(
            (error.setting.as_str(), error.reason_key),
            ("login", "reason-login-space")
        );

        let values = [("colour".to_string(), "red".to_string())].into();
        assert_eq!(
            account().with(&values).unwrap_err().reason_key,
            "reason-unknown-setting"
        );
    }

    #[test]
    fn the_password_is_never_part_of_an_account() {
        let mut account = account();
        assert_eq!(
            account
                .set(SettingId::Password, "x")
                .unwrap_err()
                .reason_key,
            "reason-secret"
        );
        assert_eq!(account.get(SettingId::Password), "");
        assert!(!account.values().contains_key("password"));
    }

    #[test]
    fn what_is_missing_is_named_in_the_order_of_the_page() {
        let mut account = account();
        let all = [SettingId::Login, SettingId::Password, SettingId::Domain];
        assert_eq!(account.missing(false), all);
        account.set(SettingId::Login, "101").unwrap();
        account.set(SettingId::Domain, "example.com").unwrap();
        assert_eq!(account.missing(false), [SettingId::Password]);
        assert_eq!(account.missing(true), []);
        account.set(SettingId::Register, "off").unwrap();
        assert_eq!(account.missing(false), []);
    }

    #[test]
    fn an_account_without_a_name_is_called_by_its_address() {
        let mut account = account();
        assert_eq!(account.title(), "");
        account.set(SettingId::Domain, "example.com").unwrap();
        assert_eq!(account.title(), "example.com");
        account.set(SettingId::Login, "101").unwrap();
        assert_eq!(account.title(), "101@example.com");
        account.set(SettingId::Name, "Дом").unwrap();
        assert_eq!(account.title(), "Дом");
    }
}
