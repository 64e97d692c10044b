//! Root certificates for TLS: bundled by default, so that a container without a CA bundle works.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use rustls::crypto::{CryptoProvider, KeyProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::SigningKey;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::sync::Arc;

/// Root certificates for TLS.
#[derive(Clone, Default)]
pub enum TlsRoots {
    /// Mozilla's list, built into the library.
    #[default]
    Bundled,
    /// The operating system's store, as well as the bundled list: for a proxy that signs with a company's own
    /// certificate.
    OperatingSystem,
    /// These certificates alone, in PEM.
    Pem(Vec<u8>),
}

impl fmt::Debug for TlsRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bundled => "Bundled",
            Self::OperatingSystem => "OperatingSystem",
            Self::Pem(_) => "Pem(..)",
        })
    }
}

impl TlsRoots {
    /// Whether they can be read. The other two are not ours to doubt, and reading them costs milliseconds.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self {
            Self::Pem(_) => root_store(self).map(drop),
            Self::Bundled | Self::OperatingSystem => Ok(()),
        }
    }
}

/// Lipia shows no certificate of its own, so nothing that signs with one is linked: on a phone that counts.
#[derive(Debug)]
struct NoOwnCertificate;

impl KeyProvider for NoOwnCertificate {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General(
            "Lipia shows no certificate of its own".to_owned(),
        ))
    }
}

/// The TLS settings for these roots. No process-wide provider is installed: a host program may have its own.
pub(crate) fn client_config(roots: &TlsRoots) -> Result<ClientConfig, Error> {
    let provider = CryptoProvider {
        key_provider: &NoOwnCertificate,
        ..ring::default_provider()
    };
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|source| {
            Error::configuration(ErrorCode::TlsFailed, "TLS could not be set up.")
                .with_source(source)
        })?
        .with_root_certificates(root_store(roots)?)
        .with_no_client_auth();
    Ok(config)
}

pub(crate) fn root_store(roots: &TlsRoots) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    match roots {
        TlsRoots::Bundled => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        TlsRoots::OperatingSystem => {
            store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            // A store that cannot be read adds nothing; the bundled list still stands.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        TlsRoots::Pem(pem) => {
            let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
                .collect::<Result<_, _>>()
                .map_err(|_| {
                    Error::configuration(
                        ErrorCode::TlsRootsUnreadable,
                        "The CA bundle is not readable PEM.",
                    )
                    .with_field("tls_roots")
                })?;
            let (added, _) = store.add_parsable_certificates(certificates);
            if added == 0 {
                return Err(Error::configuration(
                    ErrorCode::TlsRootsEmpty,
                    "The CA bundle holds no usable certificate.",
                )
                .with_field("tls_roots")
                .with_hint("Give a PEM file with at least one `BEGIN CERTIFICATE` block."));
            }
        }
    }
    Ok(store)
}
