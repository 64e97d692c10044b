//! A process that forks. No test here forks by itself: what a child would have in its memory is made by telling the library
//! that it is a child, as `pthread_atfork` does in one.

use crate::folder::Folder;
use crate::rows::claim;
use lipia::values::ProcessMark;

// One test, since the library has one mark for a process, and the other tests of this program need theirs: it runs in a process
// of its own.
#[test]
fn a_child_refuses_what_its_parent_had_open_and_opens_what_was_closed() {
    let folder = Folder::new();
    let output = crate::child::command("fork", folder.file())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        crate::child::told(&output),
        [
            "closed before: ok",
            "while the parent forks: nothing, then ok",
            "open before: ledger_open_before_fork",
            "another file: ledger_open_before_fork"
        ]
    );
}

/// Becomes a child twice: once after the ledger was closed, once while it is open.
pub async fn fork(file: &std::path::Path) {
    let store = lipia::ledger::SqliteLedger::at(file).unwrap();
    claim(&store, "of the parent").await.unwrap();
    lipia::ledger::SqliteLedger::close_all();
    ProcessMark::forked();
    let claimed = claim(&store, "of the child").await;
    crate::child::tell(&format!("closed before: {}", word(claimed)));
    lipia::ledger::SqliteLedger::before_fork();
    let waiting = std::thread::spawn({
        let store = store.clone();
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .unwrap()
                .block_on(claim(&store, "meanwhile"))
                .map(drop)
        }
    });
    std::thread::sleep(std::time::Duration::from_millis(100));
    let early = if waiting.is_finished() {
        "something"
    } else {
        "nothing"
    };
    lipia::ledger::SqliteLedger::after_fork();
    let late = word(waiting.join().unwrap());
    crate::child::tell(&format!("while the parent forks: {early}, then {late}"));
    ProcessMark::forked();
    let claimed = claim(&store, "of the grandchild").await;
    crate::child::tell(&format!("open before: {}", word(claimed)));
    // Closing is not possible in a child, and the refusal stays.
    store.close();
    let other = lipia::ledger::SqliteLedger::at(file.with_extension("other")).unwrap();
    let claimed = claim(&other, "of the grandchild").await;
    crate::child::tell(&format!("another file: {}", word(claimed)));
}

fn word<T>(result: Result<T, lipia::Error>) -> String {
    result.map_or_else(|error| error.code().to_owned(), |_| "ok".to_owned())
}
