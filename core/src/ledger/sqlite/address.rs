//! The path of a ledger's file: how an address names it, and which folders lose files.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use std::path::{Path, PathBuf};

/// How an address in a setting begins; the path follows as it is, without percent-encoding.
const SCHEME: &str = "sqlite://";

/// The path that an address such as `sqlite:///var/lib/shop/payments.db` names.
///
/// # Errors
/// `ledger_path_refused` for anything else, and for what [`checked`] refuses.
pub(super) fn path_of(address: &str) -> Result<PathBuf, Error> {
    let path = address
        .strip_prefix(SCHEME)
        .ok_or_else(|| refused("This is not the address of a SQLite ledger."))?;
    if path.contains(['?', '#']) {
        return Err(refused("The address of a SQLite ledger has no options."));
    }
    // `sqlite:///C:/shop/payments.db`: the slash belongs to the address.
    let path = match path.strip_prefix('/') {
        Some(drive) if cfg!(windows) => drive,
        _ => path,
    };
    checked(Path::new(path))
}

/// A path that names the same file in every process: absolute, and with a file's name.
///
/// # Errors
/// `ledger_path_refused` for every other path. The ledger of a relative one would depend on the folder in which a process was
/// started.
pub(super) fn checked(path: &Path) -> Result<PathBuf, Error> {
    if path.as_os_str().is_empty() || path.ends_with(":memory:") {
        return Err(refused("A SQLite ledger needs a file."));
    }
    if !path.is_absolute() {
        return Err(refused(format!(
            "The path of the ledger's file is relative: {}.",
            path.display()
        )));
    }
    if path.file_name().is_none() {
        return Err(refused(format!(
            "The path of the ledger's file names a folder: {}.",
            path.display()
        )));
    }
    Ok(path.components().collect())
}

fn refused(message: impl Into<String>) -> Error {
    Error::configuration(ErrorCode::LedgerPathRefused, message)
        .with_field("ledger")
        .with_hint("Give a whole path, such as `sqlite:///var/lib/shop/payments.db`.")
}

/// Folders of packages: the next installation deletes what is in them.
const PACKAGE_FOLDERS: [&str; 4] = [
    "site-packages",
    "dist-packages",
    "node_modules",
    "__pycache__",
];

/// Folders that are emptied when a machine starts, or earlier.
const TEMPORARY_FOLDERS: [&str; 5] = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/private/tmp"];

/// Why a file in this folder will be lost one day, as the end of a sentence; `None` where nothing is known against it.
pub(super) fn danger_of(folder: &Path, temporary: &Path) -> Option<&'static str> {
    let is_of_packages = folder
        .components()
        .any(|part| PACKAGE_FOLDERS.iter().any(|name| part.as_os_str() == *name));
    let is_temporary = folder.starts_with(temporary)
        || TEMPORARY_FOLDERS
            .iter()
            .any(|start| folder.starts_with(start));
    match (is_of_packages, is_temporary) {
        (true, _) => Some("a folder of packages, which the next installation deletes"),
        (_, true) => Some("a temporary folder, which is emptied"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_one_file_whatever_folder_a_process_starts_in() {
        let path = path_of("sqlite:///var/lib/shop/payments.db").unwrap();
        assert_eq!(path, Path::new("/var/lib/shop/payments.db"));
        let four_slashes = path_of("sqlite:////var/lib/shop/my payments%20.db").unwrap();
        assert_eq!(four_slashes, Path::new("/var/lib/shop/my payments%20.db"));
        for refused in [
            "sqlite://payments.db",
            "sqlite:payments.db",
            "sqlite://",
            "sqlite:///",
            "sqlite://:memory:",
            "sqlite:///:memory:",
            "sqlite:///a.db?mode=ro",
            "postgres://localhost/shop",
            "/var/lib/shop/payments.db",
            "",
        ] {
            let error = path_of(refused).unwrap_err();
            assert_eq!(error.code(), "ledger_path_refused", "{refused}");
            assert_eq!(error.field(), Some("ledger"));
        }
    }

    #[test]
    fn folders_that_lose_files_are_known() {
        let danger = |folder: &str| danger_of(Path::new(folder), Path::new("/home/x/.cache/temp"));
        assert!(
            danger("/srv/app/.venv/lib/python3.12/site-packages/shop")
                .unwrap()
                .contains("packages")
        );
        assert!(
            danger("/srv/app/node_modules/.cache")
                .unwrap()
                .contains("packages")
        );
        for folder in ["/tmp/shop", "/home/x/.cache/temp", "/dev/shm"] {
            assert!(danger(folder).unwrap().contains("temporary"), "{folder}");
        }
        for folder in ["/var/lib/shop", "/tmpfiles", "/srv/packages"] {
            assert_eq!(danger(folder), None, "{folder}");
        }
    }
}
