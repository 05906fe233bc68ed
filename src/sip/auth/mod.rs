//! Digest authentication, both sides (RFC 2617, RFC 7616, RFC 8760).
//!
//! [`DigestClient`] answers challenges, [`DigestServer`] makes them and checks the answers. The
//! password is only ever hashed, and only for the realm it belongs to.

mod algorithm;
mod challenge;
mod client;
mod digest;
mod server;

pub use algorithm::Algorithm;
pub use client::DigestClient;
pub use server::{DigestServer, Verdict};

use secrecy::SecretString;

/// With what an account identifies itself.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The authentication user name, in plain text.
    pub username: String,
    /// The password.
    pub password: SecretString,
    /// If set, only challenges of this realm are answered.
    pub realm: Option<String>,
}

/// Why a challenge can't be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The response asks for authentication but carries no challenge.
    #[error("no challenge in the response")]
    NoChallenge,
    /// No challenge is Digest with an algorithm and `qop` we know.
    #[error("no known way to authenticate is offered")]
    Unsupported,
    /// All challenges are for realms other than the credentials'.
    #[error("asked for a password of another realm: {realm}")]
    ForeignRealm {
        /// The first realm that was asked for.
        realm: String,
    },
}
