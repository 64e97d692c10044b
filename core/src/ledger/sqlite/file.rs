//! The file of a ledger: made for its owner alone, checked for where it is, and the same one for as long as the process lives.

use super::address;
use super::disk::{self, Disk};
use super::payment_count::PaymentCount;
use crate::error::Error;
use crate::error::codes::ErrorCode;
use std::fs::{self, Metadata, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Held while a file is made. Closing the new file releases every lock that another thread's SQLite has on it by then.
static MAKING: Mutex<()> = Mutex::new(());

/// A ledger's file, which may not exist yet.
#[derive(Debug)]
pub(super) struct LedgerFile {
    path: PathBuf,
    /// The file as the operating system numbers it, once it was opened for the first time.
    identity: OnceLock<Identity>,
    count: PaymentCount,
}

impl LedgerFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            count: PaymentCount::beside(&path),
            path,
            identity: OnceLock::new(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The count of its payments, beside it.
    pub(super) fn count(&self) -> &PaymentCount {
        &self.count
    }

    /// Makes the file where there is none, and looks at where it is; the first call logs that.
    ///
    /// # Errors
    /// `ledger_path_refused`, `ledger_disk_refused` or `ledger_read_only`; `ledger_corrupt` for a file that is gone or empty and
    /// had payments.
    pub(super) fn prepare(&self) -> Result<(), Error> {
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.path.parent().unwrap_or(&self.path);
        let folder = fs::canonicalize(folder).map_err(|source| {
            self.refused("The folder of the ledger's file does not exist")
                .with_hint("Make the folder, outside of what a deployment replaces.")
                .with_source(source)
        })?;
        let disk = disk::of(&folder);
        if let Disk::Shared(name) = disk {
            return Err(self.refused_for(
                ErrorCode::LedgerDiskRefused,
                &format!("The ledger's file is on a disk that other machines share ({name}), where SQLite damages it"),
            )
            .with_hint("Put the file on a disk of this machine, or in a container on a named volume; for several machines take PostgreSQL."));
        }
        if fs::metadata(&self.path).map_or(0, |found| found.len()) == 0 {
            self.count.check(&self.path, self.count.read(), 0)?;
        }
        let is_new = self.make()?;
        self.check_identity()?;
        if self.identity.get().is_none() {
            let found = self.identity()?;
            if self.identity.set(found).is_ok() {
                self.log(&folder, disk, is_new);
            }
        }
        Ok(())
    }

    /// Whether the path still names the file that was opened first.
    ///
    /// # Errors
    /// `ledger_path_refused` where it does not: what is written to a file that was deleted is lost.
    pub(super) fn check_identity(&self) -> Result<(), Error> {
        let Some(opened) = self.identity.get() else {
            return Ok(());
        };
        match self.identity() {
            Ok(found) if found == *opened => Ok(()),
            _ => Err(self
                .refused("The ledger's file was moved, deleted or replaced while it was open")
                .with_hint("Put the file back, or restart the process to begin with the one that is there. Until then no push is sent.")),
        }
    }

    /// Makes an empty file for its owner alone. SQLite gives the same permissions to the files beside it. Whether there was
    /// none.
    fn make(&self) -> Result<bool, Error> {
        // A file that exists is never opened here, for the reason of `MAKING`.
        if self.identity.get().is_some() || fs::symlink_metadata(&self.path).is_ok() {
            return Ok(false);
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.path) {
            Ok(_made) => Ok(true),
            Err(source) if source.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(source) => Err(self
                .refused_for(
                    ErrorCode::LedgerReadOnly,
                    "The ledger's file could not be made",
                )
                .with_hint("Let the user of this process write to the folder, and see whether its disk is full. Until then no push is sent.")
                .with_source(source)),
        }
    }

    fn identity(&self) -> Result<Identity, Error> {
        let metadata = fs::metadata(&self.path).map_err(|source| {
            self.refused_for(
                ErrorCode::LedgerReadOnly,
                "The ledger's file cannot be read",
            )
            .with_hint("Let the user of this process read it. Until then no push is sent.")
            .with_source(source)
        })?;
        if !metadata.is_file() {
            return Err(self
                .refused("The path of the ledger's file names something else than a file")
                .with_hint("Give the path of a file."));
        }
        Ok(Identity::of(&metadata))
    }

    fn log(&self, folder: &Path, disk: Disk, is_new: bool) {
        let path = self.path.display();
        tracing::info!(target: "lipia", %path, is_new, "the ledger is in a file");
        if let Some(danger) = danger_of(folder, disk) {
            tracing::error!(target: "lipia", %path, danger, "the ledger's file will be lost: put it on a disk that stays");
        }
        if fs::metadata(&self.path).is_ok_and(|metadata| is_open_to_all(&metadata)) {
            tracing::warn!(target: "lipia", %path, "every user of this machine can read the ledger's file, and with it the customers' phone numbers");
        }
    }

    /// What a person should see to, in sentences.
    pub(super) fn warnings(&self) -> Vec<String> {
        let folder = self.path.parent().unwrap_or(&self.path);
        let danger = fs::canonicalize(folder)
            .ok()
            .and_then(|folder| danger_of(&folder, disk::of(&folder)));
        let danger = danger.map(|danger| {
            format!("The file will be lost, for it is in {danger}: put it on a disk that stays.")
        });
        let is_open = fs::metadata(&self.path).is_ok_and(|metadata| is_open_to_all(&metadata));
        let open = is_open.then(|| {
            "Every user of this machine can read the file, and with it the customers' phone numbers."
                .to_owned()
        });
        danger.into_iter().chain(open).collect()
    }

    fn refused(&self, sentence: &str) -> Error {
        self.refused_for(ErrorCode::LedgerPathRefused, sentence)
    }

    fn refused_for(&self, code: ErrorCode, sentence: &str) -> Error {
        Error::configuration(code, format!("{sentence}: {}.", self.path.display()))
            .with_field("ledger")
    }
}

/// Why a file in a folder will be lost, as the end of a sentence.
fn danger_of(folder: &Path, disk: Disk) -> Option<&'static str> {
    match disk {
        Disk::Memory => Some("a folder in memory, which is empty after a restart of the machine"),
        Disk::Container => Some("a layer of a container, which is gone with the container"),
        Disk::Own | Disk::Shared(_) => address::danger_of(folder, &std::env::temp_dir()),
    }
}

/// A file as the operating system numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    file: u64,
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            device: metadata.dev(),
            file: metadata.ino(),
        }
    }

    /// All files are one where the standard library does not number them. Such a system keeps an open file in its place.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self { device: 0, file: 0 }
    }
}

#[cfg(unix)]
fn is_open_to_all(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o004 != 0
}

#[cfg(not(unix))]
fn is_open_to_all(_: &Metadata) -> bool {
    false
}
