//! The folder of this user's that outlives a process, for what has no folder of its own on this machine: the spool of a ledger
//! on a server, and the callbacks of a relay.

use crate::values::hexadecimal::hexadecimal;
use ring::digest::{SHA256, digest};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Variables that name a folder which outlives this process and is this user's own, the best first, and what a name begins
/// with there. The folder for temporary files is none: it is emptied, and others write to it.
const FOLDERS: [(&str, &str); 4] = [
    // systemd: `StateDirectory=`.
    ("STATE_DIRECTORY", ""),
    ("XDG_STATE_HOME", ""),
    ("HOME", "."),
    ("LOCALAPPDATA", ""),
];

/// The path of that name in the best of these folders, by the process's variables; `None` where they name no folder.
pub fn state_path(variable: impl Fn(&str) -> Option<OsString>, name: &str) -> Option<PathBuf> {
    FOLDERS.iter().find_map(|(of_folder, start)| {
        let value = variable(of_folder)?;
        let folder = first_of(&value).filter(|folder| folder.is_absolute())?;
        Some(folder.join(format!("{start}{name}")))
    })
}

/// The folder for callbacks of the ledger that is at that place, by the process's variables; `None` where they name no folder.
/// Ledgers have a folder each: a callback that is taken into another ledger finds no payment there.
pub(crate) fn spool_folder(
    variable: impl Fn(&str) -> Option<OsString>,
    place: &str,
) -> Option<PathBuf> {
    let of_ledger = hexadecimal(digest(&SHA256, place.as_bytes()).as_ref());
    let of_ledger = of_ledger.get(..12)?;
    state_path(variable, &format!("lipia-spool-{of_ledger}"))
}

/// The first folder of a list: systemd names several with colons between them.
fn first_of(value: &OsStr) -> Option<PathBuf> {
    if cfg!(unix) {
        return std::env::split_paths(value).next();
    }
    Some(Path::new(value).to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const SHOP: &str = "db.example:5432/shop (schema lipia)";

    fn folder(variables: &[(&str, &str)], place: &str) -> Option<String> {
        let variable = |wanted: &str| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| OsString::from(value))
        };
        spool_folder(variable, place).map(|folder| folder.display().to_string())
    }

    #[test]
    fn the_spool_lies_in_the_best_folder_that_the_process_has() {
        let home = ("HOME", "/home/shop");
        for (variables, expected) in [
            (&[][..], None),
            (&[home][..], Some("/home/shop/.lipia-spool-")),
            (&[("HOME", "")][..], None),
            (&[("HOME", "shop")][..], None),
            (
                &[home, ("XDG_STATE_HOME", "/home/shop/state")][..],
                Some("/home/shop/state/lipia-spool-"),
            ),
            (
                &[home, ("XDG_STATE_HOME", "state")][..],
                Some("/home/shop/.lipia-spool-"),
            ),
            (
                &[home, ("STATE_DIRECTORY", "/var/lib/shop:/var/lib/other")][..],
                Some("/var/lib/shop/lipia-spool-"),
            ),
        ] {
            let found = folder(variables, SHOP);
            match expected {
                None => assert_eq!(found, None, "{variables:?}"),
                Some(start) => {
                    let found = found.unwrap();
                    let digest = found.strip_prefix(start).unwrap_or_default();
                    assert_eq!(digest.len(), 12, "{found}");
                }
            }
        }
    }

    #[test]
    fn two_ledgers_have_a_folder_each() {
        let home = [("HOME", "/home/shop")];
        assert_eq!(folder(&home, SHOP), folder(&home, SHOP));
        let staging = "db.example:5432/staging (schema lipia)";
        assert_ne!(folder(&home, SHOP), folder(&home, staging));
    }
}
