//! From an account to what the rooms below need to know of it.

use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;

use super::Book;
use crate::account::{Account, AccountId, HostPort, Role, Transport};
use crate::call::{Line, Problem, Wishes};
use crate::codec::OpusOptions;
use crate::sip::message::{Host, NameAddr, Uri};
use crate::sip::{Identity, Trust};

/// The host by which an address names the test line.
pub(super) const TEST_LINE_HOST: &str = "test-line";
/// How long a registration is asked for, seconds.
const EXPIRES_S: u32 = 600;

impl Book {
    /// What the SIP core is to know of an account; `None` if it is switched off.
    ///
    /// # Errors
    /// [`Problem::WrongParameters`] if settings are missing, [`Problem::BadValue`] or
    /// [`Problem::File`] if one can't be used.
    pub fn identity(
        &self,
        id: &AccountId,
        password: Option<SecretString>,
        register: bool,
    ) -> Result<Option<Identity>, Problem> {
        let account = self.known(id)?;
        if !account.enabled {
            return Ok(None);
        }
        let missing = account.missing(password.is_some());
        if !missing.is_empty() {
            let fields = missing
                .iter()
                .map(|setting| setting.as_str().to_owned())
                .collect();
            return Err(Problem::WrongParameters { fields });
        }
        let ca_pem = match account.certificate.as_str() {
            "" => None,
            path => Some(
                std::fs::read_to_string(path).map_err(|error| Problem::File {
                    path: path.into(),
                    reason: error.to_string(),
                })?,
            ),
        };
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Some(Identity {
            login: account.login.clone(),
            domain: host_port(&account.domain, "domain")?,
            registrar: match account.registrar.as_str() {
                "" => None,
                registrar => Some(host_port(registrar, "registrar")?),
            },
            auth_user: filled(&account.auth_login),
            password,
            display_name: filled(&account.display_name),
            transport: account.transport,
            trust: Trust {
                ca_pem,
                pinned_sha256: filled(&account.pinned),
            },
            register: register && account.register,
            expires_s: EXPIRES_S,
        }))
    }

    /// The address of record of an account, if its settings make one.
    pub fn address(&self, id: &AccountId) -> Option<Uri> {
        let account = self.account(id)?;
        let domain = host_port(&account.domain, "domain").ok()?;
        Some(Uri::new(Some(&account.login), domain.host, domain.port))
    }

    /// What a call over an account needs to know of it.
    pub fn line(&self, id: &AccountId) -> Option<Line> {
        let entry = self.entries().find(|entry| entry.account.id == *id)?;
        let mut line = line_of(&entry.account, self.role(entry));
        line.wishes = Box::new(self.wishes(&entry.account));
        Some(line)
    }

    /// What an account wants done with the calls that come in. A number that its dial rules don't
    /// let through is no place to send a call to.
    fn wishes(&self, account: &Account) -> Wishes {
        let target = |number: &str| match number {
            "" => None,
            number => Some(self.target_uri(number, &account.id).ok()?.0),
        };
        let after = Duration::from_secs(account.forward_after_s.into());
        let own = host_port(&account.domain, "domain").ok();
        Wishes {
            own: own.map(|domain| {
                NameAddr::new(Uri::new(Some(&account.login), domain.host, domain.port))
            }),
            forward_always: target(&account.forward_always),
            forward_busy: target(&account.forward_busy),
            forward_no_answer: target(&account.forward_no_answer).map(|target| (target, after)),
            call_waiting: account.call_waiting,
            auto_answer: account.auto_answer,
        }
    }
}

impl Account {
    /// The account of the test line that listens at `address`.
    pub fn test_line(address: SocketAddr) -> Self {
        Self {
            name: TEST_LINE_HOST.into(),
            login: crate::server::TEST_LINE_LOGIN.into(),
            domain: address.to_string(),
            transport: Transport::Udp,
            ..Self::new(AccountId::test_line())
        }
    }
}

pub(super) fn test_line() -> Line {
    let account = Account {
        name: TEST_LINE_HOST.into(),
        ..Account::new(AccountId::test_line())
    };
    line_of(&account, Role::Owner)
}

fn line_of(account: &Account, role: Role) -> Line {
    Line {
        account: account.id.clone(),
        name: account.title(),
        codecs: account.codecs.clone(),
        dtmf: account.dtmf.clone(),
        ptime_ms: account.ptime_ms,
        opus: OpusOptions {
            bitrate: account
                .opus_bitrate_kbit
                .map_or(OpusOptions::default().bitrate, |kbit| kbit * 1_000),
            fec: account.opus_fec,
            dtx: account.opus_dtx,
        },
        transport: account.transport,
        encryption: account.encryption,
        key_exchange: account.key_exchange,
        record: account.record,
        record_locked: role == Role::User,
        wishes: Box::default(),
    }
}

/// The SIP core's form of a host setting.
pub(super) fn host_port(text: &str, setting: &str) -> Result<crate::sip::HostPort, Problem> {
    let read: HostPort = text
        .parse()
        .map_err(|_| Problem::bad_value(setting, "reason-host"))?;
    let host = match read.host().parse() {
        Ok(std::net::IpAddr::V4(ip)) => Host::V4(ip),
        Ok(std::net::IpAddr::V6(ip)) => Host::V6(ip),
        Err(_) => Host::Name(read.host().to_owned()),
    };
    Ok(crate::sip::HostPort {
        host,
        port: read.port(),
    })
}
