//! Servers that stand for Telegram's in a test.
//!
//! `GUDOK_TELEGRAM_SERVERS` names a file with the servers to speak with instead of Telegram's: a
//! JSON list of `{"id": 2, "address": "127.0.0.1:4000", "key": "<256 octets in base64>"}`. The
//! keys are those that Telegram and a client otherwise agree on; a server for tests can't do that,
//! since only Telegram has the private keys for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::env;
use std::fs;
use std::net::SocketAddrV4;

use grammers_client::session::types::DcOption;
use serde::Deserialize;

use super::trouble::Trouble;

/// The environment variable that names the file.
const VARIABLE: &str = "GUDOK_TELEGRAM_SERVERS";

/// A data centre of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its number.
    pub id: i32,
    /// Where it listens.
    pub address: SocketAddrV4,
    /// The key shared with it.
    pub key: [u8; 256],
}

#[derive(Deserialize)]
struct Written {
    id: i32,
    address: SocketAddrV4,
    key: String,
}

impl Server {
    /// The servers that the environment names; none if it doesn't name any.
    ///
    /// # Errors
    /// [`Trouble::File`].
    pub fn of_environment() -> Result<Vec<Self>, Trouble> {
        let Some(path) = env::var_os(VARIABLE) else {
            return Ok(Vec::new());
        };
        let name = path.to_string_lossy();
        let text = fs::read_to_string(&path).map_err(|error| Trouble::file(&name, &error))?;
        Self::read(&text).map_err(|reason| Trouble::File {
            path: name.into(),
            reason,
        })
    }

    fn read(text: &str) -> Result<Vec<Self>, String> {
        let written: Vec<Written> = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let server = |Written { id, address, key }| {
            let key = key_of(&key).ok_or("a key has 256 octets in base64")?;
            Ok(Self { id, address, key })
        };
        written.into_iter().map(server).collect()
    }

    /// As the session knows it.
    pub(super) fn centre(&self) -> (i32, DcOption) {
        let ipv6 = std::net::SocketAddrV6::new(
            self.address.ip().to_ipv6_mapped(),
            self.address.port(),
            0,
            0,
        );
        let option = DcOption {
            id: self.id,
            ipv4: self.address,
            ipv6,
            auth_key: Some(self.key),
        };
        (self.id, option)
    }
}

/// A key of 256 octets out of its base64.
pub(super) fn key_of(text: &str) -> Option<[u8; 256]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn servers_are_read_from_a_list() {
        let key = STANDARD.encode([5; 256]);
        let text = format!(r#"[{{"id":2,"address":"127.0.0.1:4000","key":"{key}"}}]"#);
        let server = Server {
            id: 2,
            address: "127.0.0.1:4000".parse().unwrap(),
            key: [5; 256],
        };
        assert_eq!(Server::read(&text), Ok(vec![server]));
        assert!(Server::read("[]").unwrap().is_empty());
        assert!(Server::read(r#"[{"id":2,"address":"127.0.0.1:4000","key":"AAAA"}]"#).is_err());
        assert!(Server::read("x").is_err());
    }
}
