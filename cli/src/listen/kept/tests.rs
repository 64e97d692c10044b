use super::*;
use std::path::PathBuf;

/// A folder of one test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("lipia-kept-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn open(&self, max_bytes: u64) -> KeptFile {
        KeptFile::open(&self.0.join("relay.db"), max_bytes).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn arrived(path: &str, payment: Option<&str>) -> Arrived {
    Arrived {
        received_at: 1,
        payment: payment.map(str::to_owned),
        path: path.to_owned(),
        content_type: None,
        body: vec![0xff; 100],
    }
}

fn ids(kept: &[Kept]) -> Vec<i64> {
    kept.iter().map(|kept| kept.id).collect()
}

#[test]
fn one_that_was_put_off_is_due_after_its_pause_and_not_before() {
    let folder = Folder::new("due");
    let mut file = folder.open(10_000);
    for path in ["/a", "/b"] {
        file.keep(&arrived(path, None)).unwrap();
    }
    let fresh = file.fresh(8).unwrap();
    assert_eq!(ids(&fresh), [1, 2]);
    assert_eq!(fresh[0].arrived, arrived("/a", None));
    file.put_off(&fresh[0], 1_000, Some(3_000), "no").unwrap();
    assert_eq!(ids(&file.fresh(8).unwrap()), [2]);
    assert_eq!(file.next_due().unwrap(), Some(3_000));
    assert!(file.due(2_999, 8).unwrap().is_empty());
    let due = file.due(3_000, 8).unwrap();
    assert_eq!(ids(&due), [1]);
    assert_eq!((due[0].attempts, due[0].tried_since), (1, Some(1_000)));
    // The clock was set back by a day: nobody waits for that long.
    file.put_off(&due[0], 3_000, Some(86_400_000), "no")
        .unwrap();
    let due = file.due(4_000, 8).unwrap();
    assert_eq!((due[0].attempts, due[0].tried_since), (2, Some(1_000)));
}

#[test]
fn one_that_was_set_aside_waits_for_the_next_start() {
    let folder = Folder::new("aside");
    let mut file = folder.open(10_000);
    file.keep(&arrived("/a", None)).unwrap();
    let kept = file.fresh(8).unwrap().remove(0);
    file.put_off(&kept, 1_000, None, "refused").unwrap();
    assert_eq!(file.count().unwrap(), (1, 1));
    assert!(file.due(i64::MAX / 2, 8).unwrap().is_empty());
    assert_eq!(file.next_due().unwrap(), None);
    drop(file);
    let file = folder.open(10_000);
    assert_eq!(file.count().unwrap(), (1, 0));
    // It was tried, so it takes no place of those that come for the first time.
    assert!(file.fresh(8).unwrap().is_empty());
    let due = file.due(1, 8).unwrap();
    assert_eq!((due[0].attempts, due[0].tried_since), (1, None));
}

#[test]
fn room_is_counted_over_restarts_and_given_back() {
    let folder = Folder::new("room");
    // Room for two: each has 256 bytes beside its path and body.
    let mut file = folder.open(2 * (256 + 2 + 100));
    for path in ["/a", "/b"] {
        file.keep(&arrived(path, None)).unwrap();
    }
    let full = |file: &mut KeptFile| matches!(file.keep(&arrived("/c", None)), Err(NotKept::Full));
    assert!(full(&mut file));
    drop(file);
    let mut file = folder.open(2 * (256 + 2 + 100));
    assert!(full(&mut file));
    let first = file.fresh(1).unwrap().remove(0);
    file.remove(&first).unwrap();
    file.remove(&first).unwrap();
    assert!(!full(&mut file));
    assert!(full(&mut file));
}

#[test]
fn one_url_does_not_fill_the_disk() {
    let folder = Folder::new("url");
    let mut file = folder.open(1_000_000);
    for _ in 0..MAX_OF_A_PATH {
        file.keep(&arrived("/a", Some("0c51c758"))).unwrap();
    }
    let again = file.keep(&arrived("/a", Some("0c51c758")));
    assert!(matches!(again, Err(NotKept::Full)));
    file.keep(&arrived("/b", Some("1d62d869"))).unwrap();
}

#[test]
fn what_is_next_is_found_without_reading_all_that_waits() {
    let folder = Folder::new("plan");
    let file = folder.open(1_000);
    for condition in [
        "due_at = 0 ORDER BY id",
        "due_at BETWEEN 1 AND 2 ORDER BY due_at, id",
    ] {
        let explain = format!(
            "EXPLAIN QUERY PLAN SELECT {COLUMNS} FROM kept WHERE set_aside = 0 AND {condition} LIMIT 8"
        );
        let mut statement = file.connection.prepare(&explain).unwrap();
        let plan = statement.query_map([], |row| row.get(3)).unwrap();
        let plan: Vec<String> = plan.map(Result::unwrap).collect();
        assert_eq!(plan.len(), 1, "it sorts: {plan:?}");
        assert!(plan[0].contains("INDEX kept_by_due"), "{plan:?}");
    }
}
