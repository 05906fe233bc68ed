use std::fmt;

use secrecy::zeroize::Zeroizing;

use super::Suite;

/// A master key with its salt, for one suite. It is erased after use and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    suite: Suite,
    /// The key, then the salt (RFC 4568 6.1).
    bytes: Zeroizing<Vec<u8>>,
}

impl MasterKey {
    /// A key of `bytes`: the key, then the salt. `None` if there are more or fewer of them than
    /// the suite wants.
    pub fn new(suite: Suite, bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        (bytes.len() == suite.key_length() + suite.salt_length()).then_some(Self { suite, bytes })
    }

    /// What it is for.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The key, then the salt, as they stand in `a=crypto`. A secret.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The key alone.
    pub(super) fn key(&self) -> &[u8] {
        self.bytes
            .get(..self.suite.key_length())
            .unwrap_or_default()
    }

    /// The salt alone.
    pub(super) fn salt(&self) -> &[u8] {
        self.bytes
            .get(self.suite.key_length()..)
            .unwrap_or_default()
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, ******)", self.suite)
    }
}
