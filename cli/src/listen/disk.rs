//! The file of a relay as the disk has it: made for its owner alone, and locked by one relay.

use super::kept::NotOpened;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes an empty file that its owner alone can read, where there is no file. SQLite gives its journal the same mode.
pub(super) fn make(path: &Path) -> io::Result<()> {
    match owners_alone().create_new(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn owners_alone() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes the lock that keeps two relays from forwarding the same callbacks. The system frees it with the process.
pub(super) fn lock(path: &Path) -> Result<File, NotOpened> {
    let mut options = owners_alone();
    options.create(true).truncate(false);
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0);
    let file = match options.open(path) {
        // Somebody has the file open, and shares it with nobody.
        Err(error) if cfg!(windows) && error.raw_os_error() == Some(32) => {
            return Err(NotOpened::InUse);
        }
        opened => opened?,
    };
    #[cfg(unix)]
    {
        use rustix::fs::{FlockOperation, flock};
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(NotOpened::InUse),
            Err(error) => return Err(NotOpened::Failed(error.to_string())),
        }
    }
    Ok(file)
}
