//! Ledgers that lost payments behind SQLite's back: nothing is claimed in them, and a person is told what to do.

use crate::folder::Folder;
use crate::rows::claim;
use lipia::ledger::SqliteLedger;
use std::fs;
use std::path::Path;

const FILE: &str = "payments.db";
const LOG: &str = "payments.db-wal";
const COUNT: &str = "payments.db-count";
const PAYMENTS: usize = 30;

/// What is done to the bytes of a file.
type Damage = fn(&mut Vec<u8>);

/// The files of a ledger as a killed process leaves them: its payments are in the log.
async fn killed() -> Folder {
    let running = Folder::new();
    let store = running.store();
    for number in 0..PAYMENTS {
        claim(&store, &number.to_string()).await.unwrap();
    }
    let left = Folder::new();
    for name in [FILE, LOG, COUNT] {
        fs::copy(running.path().join(name), left.path().join(name)).unwrap();
    }
    left
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// What came of a claim of the first order, which was claimed before: whether it was new, or the code of the error.
async fn claimed_again(folder: &Folder) -> Result<bool, String> {
    let store = SqliteLedger::at(folder.file()).unwrap();
    let claimed = claim(&store, "0").await;
    store.close();
    claimed
        .map(|(_, is_new)| is_new)
        .map_err(|error| error.code().to_owned())
}

fn refused() -> Result<bool, String> {
    Err("ledger_corrupt".to_owned())
}

#[tokio::test]
async fn a_ledger_that_was_left_by_a_kill_is_whole() {
    assert_eq!(claimed_again(&killed().await).await, Ok(false));
}

#[tokio::test]
async fn a_log_that_is_damaged_cut_or_gone_is_refused_and_stays_as_it_is() {
    let damages: [(&str, Damage); 5] = [
        ("one byte in the middle", |log| {
            let middle = log.len() / 2;
            log[middle] ^= 1;
        }),
        ("the header", |log| log[..32].fill(0xA5)),
        ("the beginning of a frame", |log| log[64] ^= 1),
        ("the second half", |log| log.truncate(log.len() / 2)),
        ("all of it", Vec::clear),
    ];
    for (damage, apply) in damages {
        let folder = killed().await;
        let log = folder.path().join(LOG);
        change(&log, apply);
        let before = fs::read(&log).unwrap();
        assert_eq!(claimed_again(&folder).await, refused(), "{damage}");
        assert_eq!(claimed_again(&folder).await, refused(), "{damage}, again");
        if !before.is_empty() {
            assert_eq!(fs::read(&log).unwrap(), before, "{damage}: for who looks");
        }
    }
    let folder = killed().await;
    fs::remove_file(folder.path().join(LOG)).unwrap();
    assert_eq!(claimed_again(&folder).await, refused(), "deleted");
}

#[tokio::test]
async fn a_file_that_is_empty_or_gone_is_not_begun_anew() {
    let folder = killed().await;
    change(&folder.path().join(FILE), Vec::clear);
    assert_eq!(claimed_again(&folder).await, refused(), "empty");
    let log = fs::read(folder.path().join(LOG)).unwrap();
    fs::remove_file(folder.path().join(FILE)).unwrap();
    assert_eq!(claimed_again(&folder).await, refused(), "gone");
    assert_eq!(fs::read(folder.path().join(LOG)).unwrap(), log);
}

#[tokio::test]
async fn an_older_copy_is_refused_until_somebody_says_that_it_shall_be_used() {
    let folder = Folder::new();
    let store = folder.store();
    claim(&store, "0").await.unwrap();
    store.close();
    let older = fs::read(folder.file()).unwrap();
    claim(&store, "1").await.unwrap();
    store.close();
    fs::write(folder.file(), older).unwrap();
    let error = claim(&SqliteLedger::at(folder.file()).unwrap(), "1")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("it had 2, and has 1"), "{error}");
    let hint = error.hint().unwrap();
    assert!(hint.contains(COUNT) && hint.contains("-wal"), "{error}");
    // As the hint says.
    fs::remove_file(folder.path().join(COUNT)).unwrap();
    assert_eq!(claimed_again(&folder).await, Ok(false));
}

#[tokio::test]
async fn a_copy_without_a_count_is_taken_as_it_is_and_counted_from_then_on() {
    let folder = killed().await;
    let count = folder.path().join(COUNT);
    let text = fs::read_to_string(&count).unwrap();
    fs::remove_file(&count).unwrap();
    assert_eq!(claimed_again(&folder).await, Ok(false));
    assert_eq!(fs::read_to_string(&count).unwrap(), text);
    // One that is damaged itself says nothing.
    fs::write(&count, "9999 9998\n").unwrap();
    assert_eq!(claimed_again(&folder).await, Ok(false));
    assert_eq!(fs::read_to_string(&count).unwrap(), text);
}

#[tokio::test]
async fn a_page_that_is_damaged_is_found_before_anything_is_claimed() {
    let folder = Folder::new();
    let store = folder.store();
    for number in 0..PAYMENTS {
        claim(&store, &number.to_string()).await.unwrap();
    }
    store.close();
    let pages = fs::metadata(folder.file()).unwrap().len() / 4_096;
    let whole = fs::read(folder.file()).unwrap();
    let mut found = 0;
    for page in 1..usize::try_from(pages).unwrap() {
        change(&folder.file(), |bytes| {
            bytes.clone_from(&whole);
            bytes[page * 4_096..page * 4_096 + 64].fill(0);
        });
        found += usize::from(claimed_again(&folder).await == refused());
    }
    // All but pages without a header, which hold the rest of long texts.
    assert!(found > 20, "{found} of {pages}");
}
