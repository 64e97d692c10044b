//! Requests through a real proxy: by CONNECT, in the clear and behind TLS, and by SOCKS 5. The variables belong to a whole process,
//! so each case is one of its own: this file, run again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::client::TlsRoots;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{PAYS, Play, Seen, builder, sale, serve};
use tokio::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
    copy_bidirectional,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What no error may hold.
const PASSWORD: &str = "open:sesame";
/// The same in a proxy's address.
const USER: &str = "till:open%3Asesame@";

/// What is said to a proxy, and what it does about it.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// Lets everybody through.
    Open,
    /// Lets through who names user and password.
    Guarded,
    /// Lets nobody through.
    Closed,
}

struct Stand {
    authority: CertifiedIssuer<'static, KeyPair>,
    gateway: u16,
    pushes: Arc<Mutex<Vec<Seen>>>,
}

impl Stand {
    /// A gateway for `gateway.example`, which has no address but by a proxy, and for two that stand for this machine.
    async fn start() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stand = Self {
            gateway: listener.local_addr().unwrap().port(),
            pushes: Arc::default(),
            authority,
        };
        let acceptor = stand.acceptor(&["gateway.example", "localhost", "0.0.0.0"]);
        let log = Arc::clone(&stand.pushes);
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
        stand
    }

    fn acceptor(&self, names: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &self.authority)
            .unwrap();
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

    /// A proxy on loopback: its port, and whom it was asked for.
    async fn proxy(&self, behind_tls: bool, manner: Manner) -> (u16, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, gateway) = (Arc::<Mutex<Vec<String>>>::default(), self.gateway);
        let log = Arc::clone(&asked);
        let acceptor = behind_tls.then(|| self.acceptor(&["localhost"]));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
                tokio::spawn(async move {
                    match acceptor {
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                tunnel(stream, gateway, manner, &log).await;
                            }
                        }
                        None => tunnel(stream, gateway, manner, &log).await,
                    }
                });
            }
        });
        (port, asked)
    }

    /// Pushes once in a process with these variables, and what came of it in words.
    async fn push(&self, base_url: &str, variables: &[(&str, String)]) -> String {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "one_push", "--ignored", "--nocapture", "--quiet"])
            .env("LIPIA_TEST_BASE_URL", base_url)
            .env("LIPIA_TEST_ROOTS", self.authority.pem());
        for name in ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let ran = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = ran.await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let all = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
        for secret in [PASSWORD, "sesame", "dGlsbDpvcGVuOnNlc2FtZQ"] {
            assert!(!all.contains(secret), "{all}");
        }
        let line = said.lines().find_map(|line| line.split_once("PUSHED "));
        line.unwrap_or_else(|| panic_with(&all)).1.to_owned()
    }

    fn pushes(&self) -> usize {
        let seen = self.pushes.lock().unwrap();
        seen.iter().filter(|seen| seen.is_push()).count()
    }
}

#[allow(clippy::panic, reason = "the child's words are the reason")]
fn panic_with(words: &str) -> ! {
    panic!("{words}")
}

fn play(seen: &Seen) -> Play {
    if seen.is_oauth() {
        Play::token()
    } else {
        Play::acceptance()
    }
}

/// Reads what a proxy is asked, by its first byte, and connects to the gateway, whoever was named.
async fn tunnel(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    gateway: u16,
    manner: Manner,
    log: &Mutex<Vec<String>>,
) {
    let mut stream = BufReader::new(stream);
    let Ok([first, ..]) = stream.fill_buf().await else {
        return;
    };
    let may_pass = if *first == 5 {
        socks(&mut stream, manner, log).await
    } else {
        connect(&mut stream, manner, log).await
    };
    if may_pass == Some(true) {
        let mut onward = TcpStream::connect(("127.0.0.1", gateway)).await.unwrap();
        copy_bidirectional(&mut stream, &mut onward).await.ok();
    }
}

async fn connect(
    stream: &mut (impl AsyncBufReadExt + AsyncWrite + Unpin),
    manner: Manner,
    log: &Mutex<Vec<String>>,
) -> Option<bool> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    log.lock().unwrap().push(head.lines().next()?.to_owned());
    // till:open:sesame
    let is_let_in = head.contains("asic dGlsbDpvcGVuOnNlc2FtZQ==\r\n");
    let (said, passes) = match manner {
        Manner::Guarded if !is_let_in => ("407 Proxy Authentication Required", false),
        Manner::Closed => ("403 Forbidden", false),
        Manner::Open | Manner::Guarded => ("200 Connection established", true),
    };
    let said = format!("HTTP/1.1 {said}\r\n\r\n");
    stream.write_all(said.as_bytes()).await.ok()?;
    stream.flush().await.ok()?;
    Some(passes)
}

async fn socks(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    manner: Manner,
    log: &Mutex<Vec<String>>,
) -> Option<bool> {
    let mut methods = vec![0; 2];
    stream.read_exact(&mut methods).await.ok()?;
    let mut offered = vec![0; methods[1].into()];
    stream.read_exact(&mut offered).await.ok()?;
    let wanted = if manner == Manner::Guarded { 2 } else { 0 };
    if !offered.contains(&wanted) {
        stream.write_all(&[5, 0xff]).await.ok()?;
        return Some(false);
    }
    stream.write_all(&[5, wanted]).await.ok()?;
    if wanted == 2 {
        let mut words = Vec::new();
        stream.read_u8().await.ok()?;
        for _ in 0..2 {
            let mut word = vec![0; stream.read_u8().await.ok()?.into()];
            stream.read_exact(&mut word).await.ok()?;
            words.push(String::from_utf8(word).unwrap());
        }
        let is_let_in = words == ["till", PASSWORD];
        stream.write_all(&[1, u8::from(!is_let_in)]).await.ok()?;
        if !is_let_in {
            return Some(false);
        }
    }
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.ok()?;
    assert_eq!(head[3], 3, "a name, which the proxy looks up");
    let mut name = vec![0; head[4].into()];
    stream.read_exact(&mut name).await.ok()?;
    let port = stream.read_u16().await.ok()?;
    let name = String::from_utf8(name).unwrap();
    log.lock().unwrap().push(format!("SOCKS {name}:{port}"));
    let refused = u8::from(manner == Manner::Closed) * 2;
    stream
        .write_all(&[5, refused, 0, 1, 0, 0, 0, 0, 0, 0])
        .await
        .ok()?;
    Some(manner != Manner::Closed)
}

/// The process of one case.
#[tokio::test]
#[ignore = "run by the other tests, with variables of its own"]
async fn one_push() {
    let base_url = std::env::var("LIPIA_TEST_BASE_URL").unwrap();
    let roots = std::env::var("LIPIA_TEST_ROOTS").unwrap();
    let client = builder(&base_url)
        .tls_roots(TlsRoots::Pem(roots.into_bytes()))
        .timeout(Duration::from_secs(8))
        .build()
        .unwrap();
    match client.stk_push(sale(PAYS)).await {
        Ok(_) => println!("PUSHED ok"),
        Err(error) => {
            println!("PUSHED {} {} {error}", error.disposition(), error.code());
            println!("{error:?} {:?}", error.causes());
        }
    }
}

const GATEWAY: &str = "https://gateway.example";

#[tokio::test]
async fn a_push_goes_through_the_proxy_that_is_named() {
    let stand = Stand::start().await;
    for (variable, scheme, user, host, behind_tls, manner) in [
        (
            "HTTPS_PROXY",
            "http://",
            "",
            "127.0.0.1",
            false,
            Manner::Open,
        ),
        ("https_proxy", "", "", "127.0.0.1", false, Manner::Open),
        (
            "HTTPS_PROXY",
            "http://",
            USER,
            "127.0.0.1",
            false,
            Manner::Guarded,
        ),
        (
            "HTTPS_PROXY",
            "https://",
            "",
            "localhost",
            true,
            Manner::Open,
        ),
        (
            "ALL_PROXY",
            "https://",
            USER,
            "localhost",
            true,
            Manner::Guarded,
        ),
        (
            "all_proxy",
            "socks5h://",
            "",
            "127.0.0.1",
            false,
            Manner::Open,
        ),
        (
            "HTTPS_PROXY",
            "socks5h://",
            USER,
            "127.0.0.1",
            false,
            Manner::Guarded,
        ),
    ] {
        let (port, asked) = stand.proxy(behind_tls, manner).await;
        let proxy = format!("{scheme}{user}{host}:{port}");
        let before = stand.pushes();
        let said = stand.push(GATEWAY, &[(variable, proxy.clone())]).await;
        assert_eq!(said, "ok", "{proxy}");
        assert_eq!(stand.pushes(), before + 1, "{proxy}");
        let asked = asked.lock().unwrap();
        assert!(!asked.is_empty(), "{proxy}");
        assert!(
            asked
                .iter()
                .all(|line| line.contains("gateway.example:443")),
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn a_proxy_that_does_not_let_through_is_named_and_not_gone_around() {
    let stand = Stand::start().await;
    let (wants_password, _) = stand.proxy(false, Manner::Guarded).await;
    let (refuses, _) = stand.proxy(false, Manner::Closed).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = nobody.local_addr().unwrap().port();
    drop(nobody);
    for (scheme, user, port, code, words) in [
        (
            "http",
            "",
            wants_password,
            "not_connected",
            "user name and a password",
        ),
        (
            "http",
            USER,
            refuses,
            "not_connected",
            "the proxy refused to connect to it",
        ),
        (
            "http",
            USER,
            gone,
            "not_connected",
            "the connection was refused",
        ),
        (
            "https",
            USER,
            refuses,
            "not_connected",
            "it closed the connection before TLS was set up",
        ),
        (
            "socks5h",
            USER,
            refuses,
            "not_connected",
            "the proxy refused to connect to it",
        ),
        (
            "socks5h",
            USER,
            gone,
            "not_connected",
            "no connection to it was made",
        ),
        ("ftp", USER, refuses, "proxy_unreadable", "HTTPS_PROXY"),
    ] {
        let proxy = format!("{scheme}://{user}127.0.0.1:{port}");
        let said = stand.push(GATEWAY, &[("HTTPS_PROXY", proxy)]).await;
        let wanted = format!("not_sent {code} ");
        assert!(
            said.starts_with(&wanted) && said.contains(words),
            "{scheme}: {said}"
        );
        if code == "not_connected" {
            assert!(said.contains("gateway.example:443"), "{said}");
            assert!(
                said.contains(&format!("127.0.0.1:{port} (HTTPS_PROXY)")),
                "{said}"
            );
        }
    }
    assert_eq!(stand.pushes(), 0);
}

#[tokio::test]
async fn this_machine_and_what_no_proxy_names_are_spoken_to_directly() {
    let stand = Stand::start().await;
    let (port, asked) = stand.proxy(false, Manner::Closed).await;
    let proxy = ("HTTPS_PROXY", format!("http://{USER}127.0.0.1:{port}"));
    // To the client this is no address of this machine, to Linux it is one.
    let elsewhere = format!("https://0.0.0.0:{}", stand.gateway);
    for (base_url, excepted, passes) in [
        (format!("https://localhost:{}", stand.gateway), "", true),
        (elsewhere.clone(), "0.0.0.0/8", true),
        (elsewhere.clone(), "shop.example, 0.0.0.0", true),
        (elsewhere.clone(), "*", true),
        (elsewhere, "shop.example", false),
    ] {
        let except = ("no_proxy", excepted.to_owned());
        let said = stand.push(&base_url, &[proxy.clone(), except]).await;
        assert_eq!(said == "ok", passes, "{base_url} {excepted}: {said}");
        assert_eq!(
            asked.lock().unwrap().is_empty(),
            passes,
            "{base_url} {excepted}"
        );
    }
}
