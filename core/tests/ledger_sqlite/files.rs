//! Files that cannot be used: what is said, and that nothing is claimed.

use crate::child;
use crate::folder::Folder;
use crate::rows::{claim, scope};
use lipia::Disposition;
use lipia::ledger::{LedgerStore, Search, SqliteLedger};
use rusqlite::Connection;
use std::fs;
use std::path::Path;

/// The error of a claim in a file, which is one that was not sent, and names the file.
async fn refusal(store: &SqliteLedger) -> lipia::Error {
    let error = claim(store, "17").await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::NotSent);
    let text = error.to_string();
    assert!(text.contains(store.path().to_str().unwrap()), "{text}");
    error
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    claim(&folder.store(), "17").await.unwrap();
    for ending in ["", "-wal", "-shm", "-count"] {
        let path = folder.path().join(format!("payments.db{ending}"));
        let metadata = fs::metadata(path).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{ending}");
    }
}

#[tokio::test]
async fn a_folder_that_does_not_exist_is_named() {
    let folder = Folder::new();
    let store = SqliteLedger::at(folder.path().join("missing/payments.db")).unwrap();
    assert_eq!(refusal(&store).await.code(), "ledger_path_refused");
    fs::create_dir(folder.path().join("missing")).unwrap();
    assert!(
        claim(&store, "17").await.unwrap().1,
        "the folder is there now"
    );
}

#[tokio::test]
async fn a_file_that_is_not_sqlites_is_left_as_it_is() {
    let folder = Folder::new();
    let text = "order,amount\n".repeat(100);
    fs::write(folder.file(), &text).unwrap();
    assert_eq!(refusal(&folder.store()).await.code(), "ledger_corrupt");
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), text);
}

#[tokio::test]
async fn the_database_of_another_program_is_left_as_it_is() {
    let folder = Folder::new();
    let others = Connection::open(folder.file()).unwrap();
    others
        .execute_batch("CREATE TABLE auth_user (id INTEGER)")
        .unwrap();
    let before = fs::read(folder.file()).unwrap();
    assert_eq!(refusal(&folder.store()).await.code(), "ledger_path_refused");
    assert_eq!(fs::read(folder.file()).unwrap(), before);
}

#[tokio::test]
async fn a_damaged_file_is_not_written_to() {
    let folder = Folder::new();
    let store = folder.store();
    for number in 0..200 {
        claim(&store, &number.to_string()).await.unwrap();
    }
    store.close();
    let mut bytes = fs::read(folder.file()).unwrap();
    // All but the first page, which has the header and the schema.
    for byte in bytes.iter_mut().skip(4_096) {
        *byte = 0xA5;
    }
    fs::write(folder.file(), &bytes).unwrap();
    assert_eq!(refusal(&store).await.code(), "ledger_corrupt");
}

#[tokio::test]
async fn a_file_that_was_deleted_while_it_is_open_is_missed() {
    let folder = Folder::new();
    let store = folder.store();
    claim(&store, "17").await.unwrap();
    let aside = folder.path().join("aside.db");
    fs::rename(folder.file(), &aside).unwrap();
    assert_eq!(refusal(&store).await.code(), "ledger_path_refused");
    // A new file has no claims: to go on in it would prompt for paid orders again.
    fs::write(folder.file(), "").unwrap();
    assert_eq!(refusal(&store).await.code(), "ledger_path_refused");
    fs::rename(&aside, folder.file()).unwrap();
    assert!(!claim(&store, "17").await.unwrap().1);
}

/// Makes a file as a version of Lipia with two more steps would leave it.
fn make_later(file: &Path, readable_from: u32) {
    let file = Connection::open(file).unwrap();
    file.execute_batch(&format!(
        "ALTER TABLE payments ADD COLUMN later TEXT NOT NULL DEFAULT 'x';
         CREATE TABLE tokens (account TEXT);
         UPDATE notes SET value = '{readable_from}' WHERE key = 'readable_from';
         PRAGMA user_version = 4;"
    ))
    .unwrap();
}

#[tokio::test]
async fn a_file_of_a_later_version_is_used_where_that_version_allows_it() {
    let folder = Folder::new();
    let running = folder.store();
    claim(&running, "17").await.unwrap();
    make_later(&folder.file(), 1);
    assert!(!claim(&running, "17").await.unwrap().1);
    assert!(claim(&running, "18").await.unwrap().1);
    running.close();
    assert!(claim(&running, "19").await.unwrap().1, "opened anew");
}

#[tokio::test]
async fn a_file_of_a_later_version_is_refused_where_that_version_does_not_allow_it() {
    let folder = Folder::new();
    let running = folder.store();
    claim(&running, "17").await.unwrap();
    make_later(&folder.file(), 3);
    assert_eq!(refusal(&running).await.code(), "ledger_of_later_version");
    let read = running.list(&Search::of(scope()), None, 10).await;
    assert!(read.is_err(), "a file that cannot be understood was read");
    running.close();
    assert_eq!(refusal(&running).await.code(), "ledger_of_later_version");
}

/// Tells what a check of the file says.
pub async fn tell_check(file: &Path) {
    let checked = SqliteLedger::at(file).unwrap().check().await;
    child::tell(
        checked
            .map_or_else(|error| error.code().to_owned(), |()| "ok".to_owned())
            .as_str(),
    );
}

/// What a check says in a process of a user who owns nothing.
#[cfg(unix)]
fn checked_by_nobody(file: &Path) -> String {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    let program = std::env::current_exe().unwrap();
    let copy = file.with_extension("program");
    fs::copy(&program, &copy).unwrap();
    let mut command = child::command_of(&copy, "check", file);
    // Permissions do not bind root.
    if fs::metadata(&copy).unwrap().uid() == 0 {
        command.uid(65_534).gid(65_534);
    }
    let output = command.output().unwrap();
    fs::remove_file(&copy).unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    child::told(&output).concat()
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_or_a_folder_that_cannot_be_written_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    // Whoever owns nothing may not reach the folder of the build.
    let folder = Folder::within(&std::env::temp_dir());
    claim(&folder.store(), "17").await.unwrap();
    folder.store().close();
    let allow = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(folder.path(), 0o777);
    allow(&folder.file(), 0o444);
    assert_eq!(
        checked_by_nobody(&folder.file()),
        "ledger_read_only",
        "a file"
    );
    allow(&folder.file(), 0o666);
    assert_eq!(checked_by_nobody(&folder.file()), "ok");
}

/// Claims until a claim fails, and tells each that was answered and the error.
pub async fn fill(file: &Path) {
    let store = SqliteLedger::at(file).unwrap();
    for number in 0..10_000 {
        let order = format!("order {number}");
        match claim(&store, &order).await {
            Ok((_, is_new)) => assert!(is_new),
            Err(error) => {
                child::tell(&format!("error {} {}", error.code(), error.disposition()));
                return;
            }
        }
        child::tell(&order);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_may_not_grow_refuses_claims_and_loses_none() {
    let folder = Folder::new();
    // 2 MiB; a limit of the process stands for a disk that is full, which only root can make.
    let limited = "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\"";
    let child = child::command("fill", folder.file());
    let mut shell = std::process::Command::new("/bin/sh");
    shell
        .args(["-c", limited])
        .arg(child.get_program())
        .args(child.get_args());
    shell.envs(
        child
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    let mut told = child::told(&output);
    assert_eq!(told.pop(), Some("error ledger_failed not_sent"));
    assert!(told.len() > 20, "{} claims", told.len());
    let store = folder.store();
    let rows = store
        .list(&Search::of(scope()), None, 10_000)
        .await
        .unwrap();
    assert_eq!(
        rows.len(),
        told.len(),
        "claims that were answered, and claims that are there"
    );
    let (_, is_new) = claim(&store, "after").await.unwrap();
    assert!(is_new, "with room again, claims are taken again");
}
