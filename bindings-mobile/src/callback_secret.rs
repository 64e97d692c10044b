//! The callback secret of a ledger's file: made once, and kept beside the file.
//!
//! On a phone the credentials come when they are needed, so no secret can follow from them; and a ledger refuses clients that
//! have no secret in common, which one by chance never has after a restart.

use lipia::values::Secret;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes of a secret; in the file each is two digits.
const BYTES: usize = 32;

/// Two clients of this process that make the file at the same time would else end with two secrets.
static MAKING: Mutex<()> = Mutex::new(());

/// The secret of the ledger in that file. Where it can be neither read nor kept, one that is good for this process.
///
/// # Errors
/// Where the system gives no random numbers.
pub(crate) fn of_ledger(file: &Path) -> io::Result<Secret> {
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = beside(file);
    let missing = match read(&path) {
        Ok(kept) => return Ok(kept),
        Err(missing) => missing,
    };
    let made = random()?;
    let kept = match missing.kind() {
        io::ErrorKind::NotFound => keep(&path, &made, put_unless_there),
        io::ErrorKind::InvalidData => keep(&path, &made, |aside, path| fs::rename(aside, path)),
        _ => Err(missing),
    };
    // What is there now: another process may have been quicker.
    match kept.and_then(|()| read(&path)) {
        Ok(kept) => Ok(kept),
        Err(error) => {
            // The ledger itself says more of it, as soon as it is used.
            tracing::warn!(target: "lipia", %error, "the callback secret of the ledger's file could not be kept");
            Ok(made)
        }
    }
}

/// Gives a whole file its name, unless there is one of that name: of two processes that make a secret the second takes the
/// first one's. Where the system gives no file a second name, as Android does not, the last one stays.
fn put_unless_there(aside: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(aside, path) {
        Ok(()) => fs::remove_file(aside),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::remove_file(aside),
        Err(_) => fs::rename(aside, path),
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().map(OsString::from).unwrap_or_default();
    name.push("-secret");
    file.with_file_name(name)
}

fn read(path: &Path) -> io::Result<Secret> {
    let mut text = String::new();
    File::open(path)?.take(1_024).read_to_string(&mut text)?;
    let is_whole = text.len() == 2 * BYTES && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_whole {
        Ok(Secret::new(text))
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// Puts the secret in its place whole or not at all: one that was cut off by a crash was never used.
fn keep(path: &Path, secret: &Secret, put: fn(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}", std::process::id()));
    let aside = PathBuf::from(aside);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    let kept = file
        .write_all(secret.expose().as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| put(&aside, path));
    if kept.is_err() {
        // What is left of it is in nobody's way.
        let _removed = fs::remove_file(&aside);
    }
    kept
}

fn random() -> io::Result<Secret> {
    let mut bytes = [0_u8; BYTES];
    getrandom::getrandom(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    Ok(Secret::new(digits.collect::<String>()))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]
mod tests {
    use super::*;

    #[test]
    fn of_two_processes_that_make_a_secret_the_second_takes_the_first_ones() {
        let folder = std::env::temp_dir().join(format!("lipia-secrets-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("payments.db-secret");
        let (one, other) = (random().unwrap(), random().unwrap());
        keep(&path, &one, put_unless_there).unwrap();
        keep(&path, &other, put_unless_there).unwrap();
        assert_eq!(read(&path).unwrap().expose(), one.expose());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_ledger_keeps_its_secret_and_a_damaged_one_is_made_anew() {
        let folder = std::env::temp_dir().join(format!("lipia-secret-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let ledger = folder.join("payments.db");
        let first = of_ledger(&ledger).unwrap();
        assert_eq!(first.expose().len(), 64);
        assert_eq!(of_ledger(&ledger).unwrap().expose(), first.expose());
        assert_ne!(
            of_ledger(&folder.join("other.db")).unwrap().expose(),
            first.expose()
        );
        let path = folder.join("payments.db-secret");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(&path, first.expose().get(..20).unwrap()).unwrap();
        let second = of_ledger(&ledger).unwrap();
        assert_ne!(second.expose(), first.expose());
        assert_eq!(of_ledger(&ledger).unwrap().expose(), second.expose());
        // A folder that is not there, or cannot be written to, still gives one.
        assert_eq!(
            of_ledger(&folder.join("none/payments.db"))
                .unwrap()
                .expose()
                .len(),
            64
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
