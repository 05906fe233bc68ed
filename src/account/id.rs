use std::fmt;

use serde::{Deserialize, Serialize};

/// Names an account for as long as it exists. Never shown to a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// The account of the built-in test line. It is made in memory and never stored.
    pub fn test_line() -> Self {
        Self("test-line".into())
    }

    /// A new random identifier.
    pub fn random() -> Self {
        Self(format!("{:08x}", fastrand::u32(..)))
    }

    /// Whether this is the built-in test line's account.
    pub fn is_test_line(&self) -> bool {
        self.0 == "test-line"
    }

    /// The identifier as text, as it stands in files and in JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for AccountId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
