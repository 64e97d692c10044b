//! Folders for the tests.

use lipia::ledger::SqliteLedger;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is removed with what is in it.
pub struct Folder(PathBuf);

impl Folder {
    /// A new folder on the disk of the build: that of temporary files may be memory.
    pub fn new() -> Self {
        Self::within(Path::new(env!("CARGO_TARGET_TMPDIR")))
    }

    pub fn within(folder: &Path) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("lipia-ledger-{}-{number}", std::process::id());
        let path = folder.join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self) -> PathBuf {
        self.0.join("payments.db")
    }

    pub fn store(&self) -> SqliteLedger {
        SqliteLedger::at(self.file()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left = std::fs::remove_dir_all(&self.0);
    }
}
