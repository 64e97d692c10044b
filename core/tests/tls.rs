//! Whom TLS trusts, tried on a server with a certificate of our own making.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::{Client, Disposition, TlsRoots};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{PAYS, Play, Seen, bounded, builder, in_short, sale, serve};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

type Requests = Arc<Mutex<Vec<Seen>>>;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A gateway on loopback for `localhost`, signed by an authority.
async fn gateway(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> (String, Requests) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Requests::default();
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, &play, &log).await;
                }
            });
        }
    });
    (format!("https://localhost:{port}"), seen)
}

fn play(seen: &Seen) -> Play {
    if seen.is_oauth() {
        Play::token()
    } else {
        Play::acceptance()
    }
}

fn trusting(base_url: &str, roots: TlsRoots) -> Client {
    builder(base_url)
        .tls_roots(roots)
        .timeout(Duration::from_secs(3))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_ca_bundle_of_our_own_is_trusted() {
    let authority = authority();
    let (url, seen) = gateway(&authority, "localhost").await;
    let client = trusting(&url, TlsRoots::Pem(authority.pem().into_bytes()));
    bounded(client.stk_push(sale(PAYS))).await.unwrap();
    assert_eq!(
        seen.lock()
            .unwrap()
            .iter()
            .filter(|seen| seen.is_push())
            .count(),
        1
    );
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_gets_no_byte_of_a_request() {
    let (ours, theirs) = (authority(), authority());
    for (name, roots) in [
        ("localhost", TlsRoots::Bundled),
        ("localhost", TlsRoots::OperatingSystem),
        ("localhost", TlsRoots::Pem(theirs.pem().into_bytes())),
        ("elsewhere.example", TlsRoots::Pem(ours.pem().into_bytes())),
    ] {
        let (url, seen) = gateway(&ours, name).await;
        let client = trusting(&url, roots);
        let error = bounded(client.stk_push(sale(PAYS))).await.unwrap_err();
        assert_eq!(
            in_short(&error),
            "not_sent connection retryable",
            "{error:?}"
        );
        assert!(error.message().contains("certificate"), "{error}");
        assert!(seen.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_bundle_that_holds_no_certificate_is_said_to_be_at_fault() {
    for pem in [
        "",
        "garbage",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
    ] {
        let built = builder("https://localhost:9")
            .tls_roots(TlsRoots::Pem(pem.into()))
            .build();
        let error = match built {
            Err(error) => error,
            Ok(client) => client.stk_push(sale(PAYS)).await.unwrap_err(),
        };
        assert_eq!(error.disposition(), Disposition::NotSent);
        assert!(error.message().contains("CA bundle"), "{pem:?}: {error:?}");
    }
}
