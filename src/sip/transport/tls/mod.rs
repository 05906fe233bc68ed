//! TLS: what we trust as a client, and what we show as a server.

mod verify;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use self::verify::{Refusal, Verifier};
use super::error;
use crate::sip::flow::{TransportError, Trust};

/// How many different [`Trust`]s are kept prepared.
const MAX_PREPARED: usize = 64;

/// What a TLS listener shows of itself.
#[derive(Debug, Clone)]
pub struct ServerTls {
    /// The certificate and those between it and its authority, PEM.
    pub cert_pem: String,
    /// The private key, PEM.
    pub key_pem: SecretString,
}

/// The client side: the system's authorities, read when the first connection needs them, and what
/// each identity trusts besides.
#[derive(Debug, Default)]
pub(super) struct Clients {
    system: OnceCell<Arc<RootCertStore>>,
    prepared: Mutex<HashMap<Trust, Arc<ClientConfig>>>,
}

impl Clients {
    /// Makes a TLS connection of a TCP connection.
    pub(super) async fn connect(
        &self,
        tcp: TcpStream,
        server_name: &str,
        trust: &Trust,
    ) -> Result<TlsStream<TcpStream>, TransportError> {
        let name = server_name.trim_end_matches('.');
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(name.to_string()).map_err(|_| {
            TransportError::Tls(format!("{server_name:?} can't be in a certificate"))
        })?;
        let config = self.config(trust).await?;
        let connected = TlsConnector::from(config).connect(name, tcp).await;
        connected.map_err(of_handshake)
    }

    async fn config(&self, trust: &Trust) -> Result<Arc<ClientConfig>, TransportError> {
        if let Some(config) = self.prepared().get(trust) {
            return Ok(config.clone());
        }
        let provider = Arc::new(ring::default_provider());
        let verifier = self.verifier(trust, &provider).await?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(of_rustls)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        // Connections are few and long; each certificate is looked at anew.
        config.resumption = Resumption::disabled();
        let config = Arc::new(config);
        let mut prepared = self.prepared();
        if prepared.len() >= MAX_PREPARED {
            prepared.clear();
        }
        prepared.insert(trust.clone(), config.clone());
        Ok(config)
    }

    fn prepared(&self) -> std::sync::MutexGuard<'_, HashMap<Trust, Arc<ClientConfig>>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn verifier(
        &self,
        trust: &Trust,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Verifier, TransportError> {
        if let Some(pin) = &trust.pinned_sha256 {
            let wrong = || TransportError::Tls("the pinned fingerprint is no SHA-256".into());
            return Verifier::pinned(pin, provider).ok_or_else(wrong);
        }
        let system = self.system.get_or_init(system_roots).await.clone();
        let given = match &trust.ca_pem {
            Some(pem) => certificates(pem)?,
            None => Vec::new(),
        };
        Verifier::roots(system, given, provider).map_err(of_rustls)
    }
}

/// The authorities this computer trusts. What can't be read is left out.
async fn system_roots() -> Arc<RootCertStore> {
    let read = tokio::task::spawn_blocking(|| {
        let mut roots = RootCertStore::empty();
        let native = rustls_native_certs::load_native_certs();
        for error in &native.errors {
            tracing::warn!(%error, "trusted certificates of this computer");
        }
        let (taken, left) = roots.add_parsable_certificates(native.certs);
        tracing::debug!(taken, left, "trusted certificates of this computer");
        roots
    });
    Arc::new(read.await.unwrap_or_else(|_| RootCertStore::empty()))
}

/// The server side.
pub(super) fn acceptor(server: &ServerTls) -> Result<TlsAcceptor, TransportError> {
    let certificates = certificates(&server.cert_pem)?;
    let key = PrivateKeyDer::from_pem_slice(server.key_pem.expose_secret().as_bytes())
        .map_err(|error| TransportError::Tls(format!("private key: {error}")))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(of_rustls)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(of_rustls)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(certificates) if certificates.is_empty() => {
            Err(TransportError::Tls("no certificate in the PEM text".into()))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(TransportError::Tls(format!("certificate: {error}"))),
    }
}

fn of_handshake(error: io::Error) -> TransportError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref());
    match tls {
        Some(tls) => match Refusal::in_error(tls) {
            Some(refusal) => refusal.into(),
            None => TransportError::Tls(tls.to_string()),
        },
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            TransportError::Tls("the far side ended the connection during the handshake".into())
        }
        None => error::of_io(error),
    }
}

fn of_rustls(error: rustls::Error) -> TransportError {
    TransportError::Tls(error.to_string())
}
