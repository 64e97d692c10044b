//! The advisory lock beside a payment's file.

use std::io;
use std::path::Path;

#[cfg(unix)]
pub(super) use unix::Lock;

#[cfg(unix)]
mod unix {
    use super::{Path, io};
    use rustix::fs::{FlockOperation, Mode, OFlags};
    use std::fs::File;
    use std::os::unix::fs::MetadataExt;
    use std::path::PathBuf;
    use std::time::{Duration, Instant};

    /// A holder keeps the lock for some milliseconds; one that was stopped must not stop others for ever.
    const PATIENCE: Duration = Duration::from_secs(10);
    const PAUSE: Duration = Duration::from_millis(5);

    /// Held while it lives. Its file is gone afterwards.
    #[derive(Debug)]
    pub(in super::super) struct Lock {
        path: PathBuf,
        _file: File,
    }

    impl Lock {
        /// Waits until no other process holds the lock of a file.
        pub(in super::super) fn hold(payment: &Path) -> io::Result<Self> {
            let path = super::super::file::beside(payment, "lock");
            let ends = Instant::now() + PATIENCE;
            loop {
                let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let mode = Mode::RUSR | Mode::WUSR;
                let file = File::from(rustix::fs::open(&path, flags, mode)?);
                let locked =
                    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
                // The holder before may have removed the file that was waited for.
                if locked && is_still_there(&path, &file) {
                    return Ok(Self { path, _file: file });
                }
                if Instant::now() >= ends {
                    return Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        format!("another process holds {}", path.display()),
                    ));
                }
                if !locked {
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }

    impl Drop for Lock {
        fn drop(&mut self) {
            // Still locked: whoever opens the name from now on makes a new file.
            let _ = std::fs::remove_file(&self.path);
        }
    }

    fn is_still_there(path: &Path, file: &File) -> bool {
        let (Ok(ours), Ok(there)) = (file.metadata(), std::fs::symlink_metadata(path)) else {
            return false;
        };
        (ours.dev(), ours.ino()) == (there.dev(), there.ino())
    }
}

/// Where the system has no such locks, one process at a time must use a file.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Lock;

#[cfg(not(unix))]
impl Lock {
    pub(super) fn hold(_payment: &Path) -> io::Result<Self> {
        Ok(Self)
    }
}
