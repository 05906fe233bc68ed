//! Decides whether a server's certificate is good enough.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use sha2::{Digest, Sha256};

use crate::sip::flow::TransportError;

/// Verifies server certificates. The signature of the handshake is verified in every case.
#[derive(Debug)]
pub(super) struct Verifier {
    trusted: Trusted,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
enum Trusted {
    /// Certificates issued by one of these authorities, for the right name.
    Roots {
        system: Arc<RootCertStore>,
        given: RootCertStore,
        /// The very certificates that were given as authorities.
        given_sha256: Vec<[u8; 32]>,
    },
    /// This one certificate, whatever it says.
    Pinned([u8; 32]),
}

/// Why a certificate was refused, with the fingerprint that allows to pin it.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    fingerprint: String,
    /// `None`: the name is wrong.
    reason: Option<String>,
}

impl Verifier {
    /// Trusts the system's authorities and those that were given.
    pub(super) fn roots(
        system: Arc<RootCertStore>,
        given: Vec<CertificateDer<'static>>,
        provider: &CryptoProvider,
    ) -> Result<Self, Error> {
        let given_sha256 = given.iter().map(|cert| sha256(cert)).collect();
        let mut roots = RootCertStore::empty();
        for certificate in given {
            roots.add(certificate)?;
        }
        Ok(Self {
            trusted: Trusted::Roots {
                system,
                given: roots,
                given_sha256,
            },
            algorithms: provider.signature_verification_algorithms,
        })
    }

    /// Trusts the one certificate with this SHA-256, in hexadecimal digits with or without colons.
    pub(super) fn pinned(fingerprint: &str, provider: &CryptoProvider) -> Option<Self> {
        Some(Self {
            trusted: Trusted::Pinned(parse_fingerprint(fingerprint)?),
            algorithms: provider.signature_verification_algorithms,
        })
    }

    fn check(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let (system, given, given_sha256) = match &self.trusted {
            Trusted::Pinned(pin) if *pin == sha256(end_entity) => return Ok(()),
            Trusted::Pinned(_) => {
                let reason = "it is not the pinned certificate".to_string();
                return Err(Refusal::of(end_entity, Some(reason)).into());
            }
            Trusted::Roots {
                system,
                given,
                given_sha256,
            } => (system, given, given_sha256),
        };
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let signed_by = |roots: &RootCertStore| {
            verify_server_cert_signed_by_trust_anchor(
                &parsed,
                roots,
                intermediates,
                now,
                self.algorithms.all,
            )
        };
        let unknown_issuer = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        // The error that says more goes first.
        let signed = signed_by(given).or_else(|first| match signed_by(system) {
            Err(_) if first != unknown_issuer => Err(first),
            result => result,
        });
        match signed {
            Ok(()) => {}
            // A self-signed certificate that calls itself an authority, and was given as one.
            Err(Error::InvalidCertificate(CertificateError::Other(_)))
                if given_sha256.contains(&sha256(end_entity)) => {}
            Err(error) => return Err(error),
        }
        verify_server_name(&parsed, name)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.check(end_entity, intermediates, server_name, now) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(error) if Refusal::in_error(&error).is_some() => Err(error),
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Err(Refusal::of(end_entity, None).into()),
            Err(Error::InvalidCertificate(error)) => {
                Err(Refusal::of(end_entity, Some(error.to_string())).into())
            }
            Err(error) => Err(error),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl Refusal {
    fn of(certificate: &CertificateDer<'_>, reason: Option<String>) -> Self {
        let digits = sha256(certificate).map(|byte| format!("{byte:02X}"));
        Self {
            fingerprint: digits.join(":"),
            reason,
        }
    }

    /// The refusal that a TLS error carries.
    pub(super) fn in_error(error: &Error) -> Option<Self> {
        match error {
            Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => {
                inner.downcast_ref::<Self>().cloned()
            }
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.as_deref().unwrap_or("wrong name"))
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        CertificateError::Other(OtherError(Arc::new(refusal))).into()
    }
}

impl From<Refusal> for TransportError {
    fn from(refusal: Refusal) -> Self {
        let fingerprint = refusal.fingerprint;
        match refusal.reason {
            Some(reason) => Self::CertificateNotTrusted {
                fingerprint,
                reason,
            },
            None => Self::CertificateWrongName { fingerprint },
        }
    }
}

fn sha256(certificate: &CertificateDer<'_>) -> [u8; 32] {
    Sha256::digest(certificate.as_ref()).into()
}

fn parse_fingerprint(text: &str) -> Option<[u8; 32]> {
    let digits = text.chars().filter(|c| *c != ':' && !c.is_whitespace());
    let digits: Option<Vec<u8>> = digits.map(|c| Some(c.to_digit(16)? as u8)).collect();
    let bytes: Vec<u8> = match digits?.as_chunks::<2>() {
        (pairs, []) => pairs.iter().map(|[high, low]| high << 4 | low).collect(),
        _ => return None,
    };
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_with_and_without_colons() {
        let certificate = CertificateDer::from(vec![1, 2, 3]);
        let written = Refusal::of(&certificate, None).fingerprint;
        assert_eq!(written.len(), 95);
        let expected = Some(sha256(&certificate));
        assert_eq!(parse_fingerprint(&written), expected);
        let bare = written.replace(':', "").to_lowercase();
        assert_eq!(parse_fingerprint(&bare), expected);
    }

    #[test]
    fn what_is_no_sha256_is_no_pin() {
        for text in ["", "AB", "AB:C", "xy", &"00".repeat(33), &"é0".repeat(32)] {
            assert_eq!(parse_fingerprint(text), None, "{text}");
        }
    }
}
