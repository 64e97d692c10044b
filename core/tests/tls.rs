//! Root certificates for TLS, tried on a server with a certificate of our own making.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::TlsRoots;
use lipia::values::{EatTime, ManualClock};
use lipia::{Client, Disposition};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{PAYS, Play, Seen, bounded, builder, in_short, sale, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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
    let acceptor = acceptor(authority, name);
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

fn acceptor(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> TlsAcceptor {
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
    TlsAcceptor::from(Arc::new(config))
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

/// A machine that sleeps while a connection is made: its monotonic clock stands, and the wall clock says so.
#[tokio::test]
async fn a_push_of_a_machine_that_slept_while_it_connected_does_not_leave() {
    let authority = authority();
    let acceptor = acceptor(&authority, "localhost");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Requests::default();
    let log = Arc::clone(&seen);
    let clock = ManualClock::new(EatTime::parse_wire("20261121102115").unwrap());
    let sleeps = clock.clone();
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            number += 1;
            if number == 2 {
                sleeps.advance(Duration::from_secs(600));
            }
            // One connection for the token, which ends with it, and the next for the push.
            let stream = acceptor.accept(stream).await.unwrap();
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let play = |seen: &Seen| match play(seen) {
                    Play::Say(bytes) => Play::SayAndClose(bytes),
                    other => other,
                };
                serve(stream, &play, &log).await;
            });
        }
    });
    let client = builder(&format!("https://localhost:{port}"))
        .tls_roots(TlsRoots::Pem(authority.pem().into_bytes()))
        .clock(Arc::new(clock))
        .build()
        .unwrap();
    let error = bounded(client.stk_push(sale(PAYS))).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::NotSent, "{error:?}");
    assert!(!seen.lock().unwrap().iter().any(Seen::is_push));
}

/// The gateway closes its connection after the first push; the next connection never answers the handshake.
#[tokio::test]
async fn a_push_that_does_not_begin_on_a_used_connection_is_called_off_and_goes_on_a_new_one() {
    let authority = authority();
    let acceptor = acceptor(&authority, "localhost");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (seen, connections) = (Requests::default(), Arc::<AtomicUsize>::default());
    let (log, count) = (Arc::clone(&seen), Arc::clone(&connections));
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            let number = count.fetch_add(1, Ordering::SeqCst);
            if number == 1 {
                silent.push(stream);
                continue;
            }
            let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.unwrap();
                let closes = |seen: &Seen| match play(seen) {
                    Play::Say(said) if seen.is_push() => Play::SayAndClose(said),
                    other => other,
                };
                serve(stream, &closes, &log).await;
            });
        }
    });
    let roots = TlsRoots::Pem(authority.pem().into_bytes());
    let client = builder(&format!("https://localhost:{port}"))
        .tls_roots(roots)
        .timeout(Duration::from_secs(8))
        .build()
        .unwrap();
    bounded(client.stk_push(sale(PAYS))).await.unwrap();
    // The close has arrived: else the push could be lost in it.
    tokio::time::sleep(Duration::from_millis(100)).await;
    bounded(client.stk_push(sale(PAYS))).await.unwrap();
    let pushes = seen
        .lock()
        .unwrap()
        .iter()
        .filter(|seen| seen.is_push())
        .count();
    assert_eq!((pushes, connections.load(Ordering::SeqCst)), (2, 3));
}

#[tokio::test]
async fn an_error_says_where_it_wanted_to_go_and_what_that_usually_is() {
    let authority = authority();
    let (secure, _) = gateway(&authority, "localhost").await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = nobody.local_addr().unwrap();
    drop(nobody);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let said = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(said).await.unwrap();
            // Else the close could overtake what was said.
            stream.read_exact(&mut [0; 16]).await.ok();
        }
    });
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = silent
        .local_addr()
        .map(|address| (silent, address))
        .unwrap();
    for (base_url, words) in [
        (
            format!("http://{gone}"),
            [&*gone.to_string(), "refused", "is `lipia sandbox` running?"],
        ),
        (
            format!("https://{plain}"),
            [&*plain, "that port speaks no TLS", "by http://"],
        ),
        (
            secure.clone(),
            [
                secure.trim_start_matches("https://"),
                "certificate",
                "CA bundle",
            ],
        ),
        (
            format!("https://{}", silent.1),
            [&*silent.1.to_string(), "no token in time", "firewall"],
        ),
    ] {
        let client = trusting(&base_url, TlsRoots::Bundled);
        let error = bounded(client.stk_push(sale(PAYS))).await.unwrap_err();
        assert_eq!(error.disposition(), Disposition::NotSent);
        for word in words {
            assert!(error.to_string().contains(word), "{word}: {error}");
        }
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
