//! A regular file that is read, and replaced as a whole.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// More than any payment has.
const MAX_BYTES: u64 = 1024 * 1024;

/// A file's text; None where there is no such file.
///
/// # Errors
/// Where it is not a regular file, is too large, is not text, or cannot be read. A link is not followed.
pub(super) fn read(path: &Path) -> io::Result<Option<String>> {
    if !is_there(path)? {
        return Ok(None);
    }
    let file = open(path)?;
    if !file.metadata()?.is_file() {
        return Err(not_regular());
    }
    let mut text = String::new();
    let read = file.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is too large for a payment",
        ));
    }
    Ok(Some(text))
}

/// Puts a text in a file's place: whole or not at all, on the disk, and readable by its owner alone.
///
/// # Errors
/// Where there is something else than a regular file, or the text cannot be written.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    is_there(path)?;
    let beside = beside(path, &format!("{}.new", std::process::id()));
    // One that a killed process of the same number left behind.
    let _ = fs::remove_file(&beside);
    let written = write_new(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_folder(path)
}

/// Whether there is a regular file.
///
/// # Errors
/// `InvalidInput` where there is anything else: a folder, a device, a pipe, a link.
fn is_there(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_file() => Ok(true),
        Ok(_) => Err(not_regular()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")
}

/// A path beside another one, with more at the end of its name.
pub(super) fn beside(path: &Path, more: &str) -> PathBuf {
    let mut beside = path.to_path_buf().into_os_string();
    beside.push(".");
    beside.push(more);
    PathBuf::from(beside)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
mod system {
    use super::{File, Path, io};
    use rustix::fs::{Mode, OFlags};

    /// Neither follows a link nor waits for a pipe's other end.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
    }

    /// A file that only its owner may read, from its first moment on.
    pub(super) fn create_new(path: &Path) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(File::from(rustix::fs::open(path, flags, mode)?))
    }

    /// A name is on the disk once its folder is.
    pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()
    }

    /// A file that would become larger than the process may write is an error then, and does not end the process. Needs
    /// a Tokio runtime.
    pub(in super::super) fn survive_size_limits() {
        use tokio::signal::unix::{SignalKind, signal};
        const SIGXFSZ: i32 = 25;
        // Where the signal cannot be caught everything goes on as it would have.
        let _ = signal(SignalKind::from_raw(SIGXFSZ));
    }
}

#[cfg(not(unix))]
mod system {
    use super::{File, Path, io};

    pub(super) fn open(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    pub(super) fn create_new(path: &Path) -> io::Result<File> {
        File::create_new(path)
    }

    pub(super) fn sync_folder(_path: &Path) -> io::Result<()> {
        Ok(())
    }

    pub(in super::super) fn survive_size_limits() {}
}

pub(super) use system::survive_size_limits;
use system::{create_new, open, sync_folder};
