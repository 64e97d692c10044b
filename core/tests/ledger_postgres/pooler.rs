//! PgBouncer in transaction mode before the server: every transaction may meet another session. `.ci/pgbouncer` sees to the
//! program.

use crate::rows::{LEASE, claim, payment, row};
use crate::server::{PASSWORD, Server, as_a_user, free_port, new_name, shared};
use lipia::ledger::{LedgerStore, PostgresLedger, conformance};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A PgBouncer of a test's own, with two sessions at the server for all its clients.
struct Pooler {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Pooler {
    fn start(server: &Server) -> Self {
        let (port, folder) = (free_port(), server.folder().join(new_name("pooler")));
        std::fs::create_dir_all(&folder).unwrap();
        let settings = format!(
            "[databases]
* = host=127.0.0.1 port={} user=shop password='{PASSWORD}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
",
            server.port
        );
        std::fs::write(folder.join("pgbouncer.ini"), settings).unwrap();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let program = [
            Path::new("/usr/sbin/pgbouncer"),
            Path::new("/usr/bin/pgbouncer"),
        ];
        let program = program.into_iter().find(|program| program.exists());
        let program = program.unwrap_or(Path::new("pgbouncer"));
        let child = as_a_user(program)
            .arg(folder.join("pgbouncer.ini"))
            .stderr(log)
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{error}: install PgBouncer with `.ci/pgbouncer`"));
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "PgBouncer does not start: {}",
                std::fs::read_to_string(folder.join("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            child,
            port,
            folder,
        }
    }

    fn address(&self, schema: &str) -> String {
        format!(
            "postgres://anybody@127.0.0.1:{}/postgres?schema={schema}",
            self.port
        )
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // `runuser` hands the signal on; PgBouncer ends at once at SIGTERM.
        let pid = self.child.id().to_string();
        let _ended = std::process::Command::new("kill").arg(pid).status();
        let _status = self.child.wait();
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_through_a_pooler_in_transaction_mode() {
    let server = shared();
    let pooler = Pooler::start(server);
    let store = PostgresLedger::at(&pooler.address(&new_name("pooled"))).unwrap();
    let broken = conformance::check(&store).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn a_session_of_the_pooler_is_neither_set_up_nor_listened_on() {
    let server = Server::start(&[]);
    let pooler = Pooler::start(&server);
    let schema = new_name("pooled");
    let store = PostgresLedger::at(&pooler.address(&schema)).unwrap();
    let claims = (0..20).map(|number| {
        let store = &store;
        async move { claim(store, &number.to_string()).await.unwrap() }
    });
    futures_util::future::join_all(claims).await;
    let given = row(payment(), "replaced");
    store.claim(&given, None, LEASE).await.unwrap();
    let waits = tokio::time::timeout(Duration::from_millis(300), store.changed());
    assert!(waits.await.is_err(), "nothing was changed");
    // What a session was told to do stays in it: the pooler hands it to the next program.
    let ask = |query: &str| {
        let address = format!(
            "port={} host=127.0.0.1 user=anybody dbname=postgres",
            pooler.port
        );
        let output = std::process::Command::new("psql")
            .args(["-X", "-q", "-A", "-t", "-d", &address, "-c", query])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    for _ in 0..4 {
        assert_eq!(ask("SHOW statement_timeout"), "0");
        assert_eq!(ask("SELECT count(*) FROM pg_listening_channels()"), "0");
    }
    // The same server without the pooler is known for what it is.
    let direct = PostgresLedger::at(&server.address(&schema)).unwrap();
    let changed = tokio::time::timeout(Duration::from_secs(10), async {
        direct.changed().await;
    });
    changed.await.unwrap();
    let listening = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN lipia'";
    assert_eq!(server.sql(listening), "1");
}
