//! Callbacks that come while the ledger's store is away: kept in files, and taken in once it is back, by whichever process.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::{Confirm, ReceivedCallback};
use lipia::client::{DarajaBuilder, LedgerPayment};
use lipia::ledger::{LedgerStore, MAX_CALLBACKS, Party};
use lipia::values::Receipt;
use lipia::{Client, Error, ErrorKind, IncomingCallback};
use lipia_sandbox::Sandbox;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use support::*;

const SECRET: &str = "a secret that all clients of the test share";

/// A folder for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static FOLDERS: AtomicUsize = AtomicUsize::new(0);
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("lipia-spool-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn spool(&self) -> PathBuf {
        self.0.join("spool")
    }

    fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.spool()) else {
            return Vec::new();
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// A payment of a ledger that is away by now, and the client that pushed it.
struct Stand {
    sandbox: Sandbox,
    store: Arc<TroubledLedger>,
    folder: Folder,
    client: Client,
    payment: LedgerPayment,
    path: String,
}

fn over(sandbox: &Sandbox, store: &Arc<TroubledLedger>, spool: &Path) -> DarajaBuilder {
    let ledger: Arc<dyn LedgerStore> = Arc::clone(store) as _;
    builder(&sandbox.base_url())
        .ledger(ledger)
        .callback_secrets([SECRET])
        .spool(spool)
}

impl Stand {
    async fn new() -> Self {
        let sandbox = Sandbox::start(fast()).await.unwrap();
        let store = Arc::new(TroubledLedger::default());
        let folder = Folder::new();
        let client = over(&sandbox, &store, &folder.spool()).build().unwrap();
        let payment = client.request(sale(PAYS).order("17")).await.unwrap();
        let url = payment.push().callback_url.as_str();
        let path = format!("/{}", url.splitn(4, '/').nth(3).unwrap());
        store.is_away(true);
        Self {
            sandbox,
            store,
            folder,
            client,
            payment,
            path,
        }
    }

    fn other_process(&self) -> DarajaBuilder {
        over(&self.sandbox, &self.store, &self.folder.spool())
    }

    /// What Daraja posts once the customer has paid.
    fn says_paid(&self) -> Vec<u8> {
        let id = self.payment.checkout_request_id().unwrap().as_str();
        success_body(id, "150.00", PAYS, Some("SKL1234567"))
    }

    async fn receive(&self, body: &[u8]) -> Result<ReceivedCallback, Error> {
        let incoming = IncomingCallback::new(&self.path, body);
        self.client.receive_callback(incoming, Confirm::Never).await
    }

    async fn is_paid(&self) -> bool {
        let row = self.store.inner.load(self.payment.id()).await.unwrap();
        row.unwrap().payment.is_paid()
    }

    /// Waits until the ledger has the payment's success and the spool is empty.
    async fn is_drained(&self) {
        for _ in 0..1_000 {
            if self.is_paid().await && self.folder.files().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the spool is not drained: {:?}", self.folder.files());
    }
}

#[tokio::test]
async fn a_callback_that_comes_while_the_store_is_away_is_taken_in_once_it_is_back() {
    let stand = Stand::new().await;
    let body = stand.says_paid();
    for _ in 0..2 {
        let received = stand.receive(&body).await.unwrap();
        assert_eq!(received.verdict, None);
        assert!(received.event.is_success());
        assert_eq!(stand.folder.files().len(), 1);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&stand.folder.files()[0]), 0o600);
        assert_eq!(mode(&stand.folder.spool()), 0o700);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stand.folder.files().len(), 1, "it is gone and nowhere kept");
    stand.store.is_away(false);
    // There is no handler, so nobody reconciles.
    stand.is_drained().await;
    let paid = stand.client.payments().of_order("17").await.unwrap();
    assert_eq!(paid[0].receipt().map(Receipt::as_str), Some("SKL1234567"));
}

#[tokio::test]
async fn what_a_process_left_in_the_spool_another_one_takes_in() {
    for reconciles in [true, false] {
        let stand = Stand::new().await;
        let dies = stand.other_process().build().unwrap();
        let body = stand.says_paid();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                let incoming = IncomingCallback::new(&stand.path, &body);
                let received = dies.receive_callback(incoming, Confirm::Never);
                runtime.block_on(received).unwrap();
            });
        });
        assert_eq!(stand.folder.files().len(), 1);
        stand.store.is_away(false);
        let starts = stand.other_process().build().unwrap();
        if reconciles {
            starts.payments().reconcile().await.unwrap();
            assert!(stand.is_paid().await);
        } else {
            starts
                .request(sale(&paying_phone(1)).order("18"))
                .await
                .unwrap();
        }
        stand.is_drained().await;
    }
}

#[tokio::test]
async fn a_callback_that_the_spool_cannot_keep_is_not_taken() {
    let sandbox = Sandbox::start(fast()).await.unwrap();
    let store = Arc::new(TroubledLedger::default());
    let folder = Folder::new();
    let file = folder.0.join("a file");
    std::fs::write(&file, "is no folder").unwrap();
    for spool in [file.join("spool"), folder.0.join("missing").join("spool")] {
        let client = over(&sandbox, &store, &spool).build().unwrap();
        let path = path_of(&client.reserve(sale(PAYS)).unwrap());
        store.is_away(true);
        let incoming = IncomingCallback::new(&path, b"{}");
        let refused = client.receive_callback(incoming, Confirm::Never).await;
        assert_eq!(refused.unwrap_err().code(), "ledger_failed");
        store.is_away(false);
    }
}

#[tokio::test]
async fn a_url_that_is_not_verified_leaves_nothing_in_the_spool() {
    let stand = Stand::new().await;
    let forged = stand.path.replace('-', "-00");
    let body = stand.says_paid();
    let incoming = IncomingCallback::new(&forged, &body);
    let refused = stand
        .client
        .receive_callback(incoming, Confirm::Never)
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidCallback);
    assert!(stand.folder.files().is_empty());
}

#[tokio::test]
async fn the_spool_keeps_so_many_callbacks_of_a_payment() {
    let stand = Stand::new().await;
    for number in 0..MAX_CALLBACKS {
        let body = failure_body("ws_CO_1", &number.to_string());
        stand.receive(&body).await.unwrap();
    }
    let refused = stand.receive(&failure_body("ws_CO_1", "x")).await;
    assert_eq!(refused.unwrap_err().code(), "ledger_failed");
    assert_eq!(stand.folder.files().len(), MAX_CALLBACKS);
}

#[tokio::test]
async fn a_file_that_nobody_sealed_is_not_believed() {
    let stand = Stand::new().await;
    let body = stand.says_paid();
    stand.receive(&body).await.unwrap();
    let file = stand.folder.files().remove(0);
    let kept = std::fs::read_to_string(&file).unwrap();
    let mut lines = kept.splitn(4, '\n');
    let (form, seal) = (lines.next().unwrap(), lines.next().unwrap());
    let forged = kept.replace(seal, &"0".repeat(seal.len()));
    assert_eq!(form, "lipia callback 1");
    std::fs::write(&file, forged).unwrap();
    stand.store.is_away(false);
    let other = stand.other_process().build().unwrap();
    other.payments().reconcile().await.unwrap();
    assert!(!stand.is_paid().await);
    assert_eq!(
        stand.folder.files().len(),
        1,
        "the process that has the secret finds it"
    );
    std::fs::write(&file, kept).unwrap();
    let other = stand.other_process().build().unwrap();
    other.payments().reconcile().await.unwrap();
    assert!(stand.is_paid().await);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_kept_for_a_person_all_the_same() {
    let stand = Stand::new().await;
    let refused = stand.receive(b"{\"Body\":17}").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidCallback);
    assert_eq!(stand.folder.files().len(), 1);
    stand.store.is_away(false);
    let other = stand.other_process().build().unwrap();
    other
        .request(sale(&paying_phone(1)).order("18"))
        .await
        .unwrap();
    eventually("it is taken in", || stand.folder.files().is_empty()).await;
    let row = stand.store.load(stand.payment.id()).await.unwrap().unwrap();
    let party = Party {
        scope: &row.scope,
        account: &row.account,
    };
    let kept = stand.store.waiting(party, 10).await.unwrap();
    assert_eq!(kept[0].body, b"{\"Body\":17}");
}

#[test]
fn the_folder_of_a_spool_has_a_whole_path() {
    let refused = builder("http://127.0.0.1:1").spool("spool").build();
    let refused = refused.unwrap_err();
    assert_eq!(
        (refused.code(), refused.field()),
        ("ledger_path_refused", Some("spool"))
    );
    #[cfg(feature = "sqlite")]
    {
        let store = lipia::ledger::SqliteLedger::at("/var/lib/shop/payments.db").unwrap();
        let beside = Path::new("/var/lib/shop/payments.db-spool");
        assert_eq!(store.spool().as_deref(), Some(beside));
    }
}

/// The errors of all tests of this program: what reads files runs in threads of its own.
fn log_of_all() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    })
}

/// The damage that a file of the spool may come to.
fn damages() -> [fn(&Path); 5] {
    [
        |file| std::fs::write(file, "").unwrap(),
        |file| std::fs::write(file, "lipia callback 1").unwrap(),
        |file| {
            let whole = std::fs::read_to_string(file).unwrap();
            std::fs::write(file, whole.replace("150", "151")).unwrap();
        },
        |file| {
            let whole = std::fs::read(file).unwrap();
            std::fs::write(file, &whole[..whole.len() - 1]).unwrap();
        },
        |file| {
            std::fs::remove_file(file).unwrap();
            std::fs::create_dir(file).unwrap();
        },
    ]
}

#[tokio::test]
async fn a_damaged_file_is_said_and_set_aside() {
    let log = log_of_all();
    for damage in damages() {
        let stand = Stand::new().await;
        let (body, other) = (stand.says_paid(), failure_body("ws_CO_1", "17"));
        stand.receive(&body).await.unwrap();
        let file = stand.folder.files().remove(0);
        damage(&file);
        stand.receive(&other).await.unwrap();
        stand.store.is_away(false);
        let client = stand.other_process().build().unwrap();
        client.payments().reconcile().await.unwrap();
        assert!(!stand.is_paid().await);
        let left = stand.folder.files();
        assert_eq!(left.len(), 1, "{left:?}");
        let (left, file) = (left[0].to_str().unwrap(), file.to_str().unwrap());
        assert!(
            left.starts_with(file) && left.ends_with(".damaged"),
            "{left}"
        );
        let is_it = |line: &str| line.contains("ERROR") && line.contains(left);
        eventually("it is said", || log.text().lines().any(is_it)).await;
    }
}

#[tokio::test]
async fn a_callback_that_comes_again_is_kept_beside_its_damaged_file() {
    for damage in damages() {
        let stand = Stand::new().await;
        let body = stand.says_paid();
        stand.receive(&body).await.unwrap();
        damage(&stand.folder.files()[0]);
        stand.receive(&body).await.unwrap();
        let left = stand.folder.files();
        assert_eq!(left.len(), 2, "{left:?}");
        stand.store.is_away(false);
        let client = stand.other_process().build().unwrap();
        client.payments().reconcile().await.unwrap();
        assert!(stand.is_paid().await);
        assert_eq!(stand.folder.files().len(), 1, "the damaged one stays");
    }
}

#[tokio::test]
async fn a_file_of_a_later_version_is_left_to_it() {
    let log = log_of_all();
    let stand = Stand::new().await;
    let body = stand.says_paid();
    stand.receive(&body).await.unwrap();
    let file = stand.folder.files().remove(0);
    let later = b"lipia callback 2\nwhat this version does not know";
    std::fs::write(&file, later).unwrap();
    // Its own callback is in there, by its name.
    stand.receive(&body).await.unwrap();
    stand.store.is_away(false);
    let client = stand.other_process().build().unwrap();
    client.payments().reconcile().await.unwrap();
    assert_eq!(stand.folder.files(), std::slice::from_ref(&file));
    assert_eq!(std::fs::read(&file).unwrap(), later);
    let text = log.text();
    let said = text
        .lines()
        .find(|line| line.contains(file.to_str().unwrap()));
    assert!(said.unwrap().contains("later version"), "{said:?}");
}
