//! TLS to a ledger's database, as `sslmode` asks for it.

use super::address::{Address, Confirm};
use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::transport::tls::{TlsRoots, client_config, root_store};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;

/// What makes TLS connections to the server.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
}

impl Tls {
    /// # Errors
    /// Why the certificates that are to be trusted cannot be read.
    pub(super) fn of(address: &Address, roots: &TlsRoots) -> Result<Self, Error> {
        let from_file = match &address.root_file {
            Some(file) => Some(std::fs::read(file).map(TlsRoots::Pem).map_err(|source| {
                Error::configuration(
                    ErrorCode::TlsRootsUnreadable,
                    format!(
                        "The certificates of the ledger's `sslrootcert` cannot be read: {}.",
                        file.display()
                    ),
                )
                .with_field("ledger")
                .with_source(source)
            })?),
            None => None,
        };
        let roots = from_file.as_ref().unwrap_or(roots);
        let mut config = client_config(roots)?;
        if address.confirm != Confirm::AuthorityAndName {
            config
                .dangerous()
                .set_certificate_verifier(Lenient::of(address.confirm, roots)?);
        }
        Ok(Self::with(config))
    }

    fn with(config: ClientConfig) -> Self {
        Self {
            connector: TlsConnector::from(Arc::new(config)),
        }
    }
}

/// Confirms less of a certificate than its authority and the host's name.
#[derive(Debug)]
struct Lenient {
    /// Asked for the authority; `None` where nothing is to be confirmed.
    authority: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Lenient {
    fn of(confirm: Confirm, roots: &TlsRoots) -> Result<Arc<Self>, Error> {
        let provider = Arc::new(ring::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let authority = match confirm {
            Confirm::Nothing => None,
            Confirm::Authority | Confirm::AuthorityAndName => {
                let store = Arc::new(root_store(roots)?);
                let built = WebPkiServerVerifier::builder_with_provider(store, provider).build();
                Some(built.map_err(|source| {
                    Error::configuration(ErrorCode::TlsFailed, "TLS could not be set up.")
                        .with_source(source)
                })?)
            }
        };
        Ok(Arc::new(Self {
            authority,
            algorithms,
        }))
    }
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authority) = &self.authority else {
            return Ok(ServerCertVerified::assertion());
        };
        // The name is looked at last: where it alone is wrong, the rest was confirmed.
        match authority.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        ) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            confirmed => confirmed,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Encrypted;
    type TlsConnect = ToHost;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<ToHost, io::Error> {
        Ok(ToHost {
            connector: self.connector.clone(),
            host: host.to_owned(),
        })
    }
}

/// A handshake with one host that is yet to be made.
pub(super) struct ToHost {
    connector: TlsConnector,
    host: String,
}

impl TlsConnect<Socket> for ToHost {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Encrypted, io::Error>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let name = ServerName::try_from(self.host).map_err(io::Error::other)?;
            let stream = self.connector.connect(name, socket).await?;
            Ok(Encrypted(Box::new(stream)))
        })
    }
}

/// An encrypted connection.
pub(super) struct Encrypted(Box<tokio_rustls::client::TlsStream<Socket>>);

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(context)
    }
}
