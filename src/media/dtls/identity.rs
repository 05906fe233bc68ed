use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dimpl::crypto::rust_crypto;
use dimpl::{Config, DtlsCertificate};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};

use super::Fingerprint;

/// The first retransmission comes after this; each further one after twice the time.
const FIRST_RETRY: Duration = Duration::from_millis(300);
/// How often a flight is sent again.
const RETRIES: usize = 6;
/// How long a handshake may take.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(20);

/// Who we are to the far side: a self-signed certificate. It says nothing by itself; the
/// description carries its fingerprint (RFC 5763 3).
pub struct Identity {
    pub(super) certificate: DtlsCertificate,
    pub(super) config: Arc<Config>,
    fingerprint: Fingerprint,
}

impl Identity {
    /// A new one; `None` if the system gives no randomness.
    pub fn make() -> Option<Self> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).ok()?;
        let mut params = CertificateParams::default();
        // The name must not tell one user from another.
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "WebRTC");
        let certificate = params.self_signed(&key).ok()?.der().to_vec();
        let config = Config::builder()
            .with_crypto_provider(rust_crypto::default_provider())
            // The far side is known by the description: nobody else is answered.
            .use_server_cookie(false)
            .flight_start_rto(FIRST_RETRY)
            .flight_retries(RETRIES)
            .handshake_timeout(HANDSHAKE)
            .build()
            .ok()?;
        Some(Self {
            fingerprint: Fingerprint::of(&certificate),
            certificate: DtlsCertificate {
                certificate,
                private_key: key.serialize_der(),
            },
            config: Arc::new(config),
        })
    }

    /// What the description says of the certificate.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for Identity {}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.fingerprint)
    }
}
