//! Failures that keep a ledger from being used: each kind of trouble has its code and a sentence, and none shows the password.

use crate::rows::{claim, scope};
use crate::server::{PASSWORD, PASSWORD_IN_ADDRESS, Server, free_port, new_name, shared};
use lipia::ledger::{LedgerStore, PostgresLedger, Search};
use lipia::{Daraja, Error};
use std::time::{Duration, Instant};

/// What a store says that cannot be used. The error names the database and the setting, and not the password.
async fn trouble(address: &str) -> Error {
    let store = PostgresLedger::at(address).unwrap();
    let error = store.check().await.unwrap_err();
    let claimed = claim(&store, "17").await.unwrap_err();
    assert_eq!(claimed.code(), error.code());
    assert_eq!(error.field(), Some("ledger"));
    assert_eq!(error.disposition().as_str(), "not_sent");
    let shown = format!("{error} {error:?} {store:?}");
    for password in [PASSWORD, PASSWORD_IN_ADDRESS, "wrong-password"] {
        assert!(!shown.contains(password), "{shown}");
    }
    error
}

/// A role that may log in, with that password.
fn new_role(server: &Server, password: &str) -> String {
    let role = new_name("role");
    server.sql(&format!("CREATE ROLE {role} LOGIN PASSWORD '{password}'"));
    role
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_address_or_its_server_has_a_code() {
    let server = shared();
    let nobody = free_port();
    let at = |user: &str, password: &str, port: u16, database: &str| {
        format!(
            "postgres://{user}:{password}@127.0.0.1:{port}/{database}?schema={}",
            new_name("trouble")
        )
    };
    for (address, code, is_retryable) in [
        (
            at("shop", "wrong-password", server.port, "postgres"),
            "ledger_login_refused",
            false,
        ),
        (
            at("nobody", "wrong-password", server.port, "postgres"),
            "ledger_login_refused",
            false,
        ),
        (
            at("shop", PASSWORD_IN_ADDRESS, server.port, "no_shop"),
            "ledger_database_missing",
            false,
        ),
        (
            at("shop", PASSWORD_IN_ADDRESS, nobody, "postgres"),
            "ledger_unreachable",
            true,
        ),
        (
            format!("{}&sslmode=require", server.address("trouble")),
            "ledger_tls_failed",
            false,
        ),
    ] {
        let error = trouble(&address).await;
        assert_eq!(error.code(), code, "{error:?}");
        assert_eq!(error.retryable(), is_retryable, "{code}");
        assert!(error.to_string().contains("127.0.0.1:"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let began = Instant::now();
    let store = PostgresLedger::at(&format!("postgres://shop@127.0.0.1:{port}/shop")).unwrap();
    let error = store.check().await.unwrap_err();
    assert_eq!(error.code(), "ledger_unreachable", "{error:?}");
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_role_that_may_not_make_tables_uses_those_that_another_made() {
    let server = shared();
    let role = new_role(server, "grantee");
    let schema = new_name("rights");
    let address = format!(
        "postgres://{role}:grantee@127.0.0.1:{}/postgres?schema={schema}",
        server.port
    );
    let error = trouble(&address).await;
    assert_eq!(error.code(), "ledger_not_migrated", "{error:?}");
    assert!(error.hint().unwrap().contains("lipia payments migrate"));

    // Another role makes the tables. They are there, and this one has no right to them yet.
    PostgresLedger::at(&server.address(&schema))
        .unwrap()
        .check()
        .await
        .unwrap();
    let error = trouble(&address).await;
    assert_eq!(error.code(), "ledger_read_only", "{error:?}");
    assert!(error.hint().unwrap().contains("Grant"));

    // As the documentation of `PostgresLedger` says.
    server.sql(&format!(
        "GRANT USAGE ON SCHEMA {schema} TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"
    ));
    let store = PostgresLedger::at(&address).unwrap();
    store.check().await.unwrap();
    let (row, is_new) = claim(&store, "17").await.unwrap();
    assert!(is_new);
    let told = server.sql_as(
        &role,
        "grantee",
        &format!("SELECT {schema}.acknowledge('{}', 0)", row.id()),
    );
    told.unwrap();
}

#[tokio::test]
async fn a_database_that_only_reads_is_refused() {
    let server = shared();
    let schema = new_name("reads");
    PostgresLedger::at(&server.address(&schema))
        .unwrap()
        .check()
        .await
        .unwrap();
    let role = new_role(server, "reader");
    server.sql(&format!(
        "GRANT USAGE ON SCHEMA {schema} TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
         ALTER ROLE {role} SET default_transaction_read_only = on"
    ));
    let address = format!(
        "postgres://{role}:reader@127.0.0.1:{}/postgres?schema={schema}",
        server.port
    );
    let error = trouble(&address).await;
    assert_eq!(error.code(), "ledger_read_only", "{error:?}");
}

#[tokio::test]
async fn versions_side_by_side_work_and_only_those_that_are_shut_out_refuse() {
    let server = shared();
    let schema = new_name("versions");
    let store = PostgresLedger::at(&server.address(&schema)).unwrap();
    claim(&store, "16").await.unwrap();
    // A later version adds a column and says that this one may go on.
    server.sql(&format!(
        "ALTER TABLE {schema}.payments ADD COLUMN later text NOT NULL DEFAULT 'x';
         UPDATE {schema}.notes SET value = '7' WHERE key = 'version'"
    ));
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    claim(&store, "17").await.unwrap();
    let list = store.list(&Search::of(scope()), None, 10).await.unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(
        server.sql(&format!("SELECT DISTINCT later FROM {schema}.payments")),
        "x"
    );
    // A later version shuts this one out, while it runs.
    server.sql(&format!(
        "UPDATE {schema}.notes SET value = '7' WHERE key = 'readable_from'"
    ));
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let error = claim(&store, "18").await.unwrap_err();
    assert_eq!(error.code(), "ledger_of_later_version", "{error:?}");
    assert_eq!(
        server.sql(&format!("SELECT count(*) FROM {schema}.payments")),
        "2"
    );
}

#[tokio::test]
async fn a_row_that_a_transaction_holds_is_waited_for_and_given_up() {
    let server = shared();
    let schema = new_name("locks");
    let store = PostgresLedger::at(&server.address(&schema)).unwrap();
    let (row, _) = claim(&store, "17").await.unwrap();
    let holder = std::thread::spawn({
        let statements = format!(
            "BEGIN; UPDATE {schema}.payments SET trouble = 'held'; SELECT pg_sleep(30); ROLLBACK"
        );
        move || server.sql_as("shop", PASSWORD, &statements).unwrap_err()
    });
    let waits = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%{schema}%' AND wait_event = 'PgSleep'"
    );
    while server.sql(&waits) != "1" {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let began = Instant::now();
    // Who only reads does not wait.
    store.load(row.id()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(4));
    let error = store.replace(&row).await.unwrap_err();
    let error = error.downcast::<Error>().unwrap();
    assert_eq!(error.code(), "ledger_locked", "{error:?}");
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    server.sql(&waits.replace("count(*)", "pg_terminate_backend(pid)"));
    holder.join().unwrap();
    // The connection is sound, and the row is written as soon as it is free.
    store.replace(&row).await.unwrap();
}

#[tokio::test]
async fn a_certificate_is_confirmed_as_far_as_sslmode_says() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = std::env::temp_dir().join(new_name("lipia-certificates"));
    std::fs::create_dir_all(&folder).unwrap();
    let (certificate, key) = (folder.join("server.crt"), folder.join("server.key"));
    std::fs::write(&certificate, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    // The server demands that the key is its own user's alone.
    for command in [["chmod", "600"], ["chown", "postgres"]] {
        let _unless_root = std::process::Command::new(command[0])
            .arg(command[1])
            .arg(&key)
            .stderr(std::process::Stdio::null())
            .status();
    }
    let file = |path: &std::path::Path| path.display().to_string();
    let server = Server::start(&[
        "ssl=on",
        &format!("ssl_cert_file={}", file(&certificate)),
        &format!("ssl_key_file={}", file(&key)),
    ]);
    let base = server.address("tls");
    let by_name = base.replace("127.0.0.1", "localhost");
    let root = format!("&sslrootcert={}", file(&certificate));
    for (address, ends_well) in [
        (format!("{base}&sslmode=disable"), true),
        (format!("{base}&sslmode=prefer"), true),
        (format!("{base}&sslmode=require"), true),
        (format!("{by_name}&sslmode=verify-full"), false),
        (format!("{by_name}&sslmode=verify-full{root}"), true),
        (format!("{base}&sslmode=verify-full{root}"), false),
        (format!("{base}&sslmode=verify-ca{root}"), true),
        (format!("{base}&sslmode=verify-ca"), false),
        (format!("{base}&sslmode=require{root}"), true),
    ] {
        let store = PostgresLedger::at(&format!("{address}&application_name=asked")).unwrap();
        let ended = store.check().await;
        match &ended {
            Ok(()) => {
                let is_encrypted = server.sql(
                    "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'asked'",
                );
                let expected = if address.contains("disable") {
                    "f"
                } else {
                    "t"
                };
                assert_eq!(is_encrypted, expected, "{address}");
            }
            Err(error) => assert_eq!(error.code(), "ledger_tls_failed", "{error:?}"),
        }
        assert_eq!(ended.is_ok(), ends_well, "{address}: {ended:?}");
        store.close();
    }
    let missing = format!("{base}&sslmode=verify-full&sslrootcert=/nowhere/root.crt");
    let error = PostgresLedger::at(&missing)
        .unwrap()
        .check()
        .await
        .unwrap_err();
    assert_eq!(error.code(), "tls_roots_unreadable");
    let _left = std::fs::remove_dir_all(&folder);
}

#[test]
fn a_client_shows_no_password_of_its_ledger() {
    let builder = Daraja::builder().ledger_at(shared().address("shown"));
    let shown = format!("{builder:?}");
    assert!(!shown.contains(PASSWORD_IN_ADDRESS), "{shown}");
}

/// An error with all of its causes, as a log shows them.
fn with_causes(error: &Error) -> String {
    let mut shown = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(this) = cause {
        shown += &format!(" {this} {this:?}");
        cause = this.source();
    }
    shown
}

#[tokio::test]
async fn an_error_of_the_server_shows_nothing_of_a_customer() {
    let server = shared();
    for (condition, state) in [
        // The detail of this error is all of the row, and that one's message has the value.
        ("phone = 'nobody'", "23514"),
        ("phone::smallint > 0", "22003"),
    ] {
        let schema = new_name("quotes");
        let store = PostgresLedger::at(&server.address(&schema)).unwrap();
        store.check().await.unwrap();
        server.sql(&format!(
            "ALTER TABLE {schema}.payments ADD CONSTRAINT own_rule CHECK ({condition})"
        ));
        let error = claim(&store, "order-17").await.unwrap_err();
        assert_eq!(error.code(), "ledger_failed");
        let shown = with_causes(&error);
        assert!(shown.contains(state), "{shown}");
        for value in ["712345678", "INV-001", "order-17"] {
            assert!(!shown.contains(value), "{shown}");
        }
    }
}
