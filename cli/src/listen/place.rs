//! Where a relay keeps its callbacks, by the arguments and the environment's variables.

use lipia::ledger::state_path;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The file for a relay on that port: the one that was named, else the one beside the ledger's file, else one in the user's
/// folder. `None` where the variables name no folder.
pub(super) fn file(
    named: Option<&Path>,
    ledger: Option<&str>,
    port: u16,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Option<PathBuf> {
    if let Some(named) = named {
        return std::path::absolute(named).ok();
    }
    let of_ledger = ledger.and_then(|address| address.strip_prefix("sqlite://"));
    if let Some(path) = of_ledger.map(Path::new).filter(|path| path.is_absolute()) {
        return Some(beside(path, ".relay"));
    }
    state_path(variable, &format!("lipia-relay-{port}.db"))
}

/// The path with an addition to the file's name.
pub(super) fn beside(path: &Path, addition: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(addition);
    PathBuf::from(name)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_named_or_beside_the_ledger_or_in_the_users_folder() {
        let variable = |name: &str| match name {
            "STATE_DIRECTORY" => Some("/var/lib/shop:/var/lib/other".into()),
            "HOME" => Some("/home/shop".into()),
            _ => None,
        };
        let ledger = Some("sqlite:///var/lib/shop/payments.db");
        let postgres = Some("postgres://shop:secret@db/shop");
        let path = |named: Option<&str>, ledger| {
            file(named.map(Path::new), ledger, 8799, variable).unwrap()
        };
        assert_eq!(
            path(Some("/srv/relay.db"), ledger),
            Path::new("/srv/relay.db")
        );
        assert_eq!(
            path(None, ledger),
            Path::new("/var/lib/shop/payments.db.relay")
        );
        for ledger in [None, postgres] {
            assert_eq!(
                path(None, ledger),
                Path::new("/var/lib/shop/lipia-relay-8799.db")
            );
        }
        let home = |name: &str| (name == "HOME").then(|| "/home/shop".into());
        assert_eq!(
            file(None, None, 1, home).unwrap(),
            Path::new("/home/shop/.lipia-relay-1.db")
        );
        assert_eq!(file(None, None, 1, |_| None), None);
        assert_eq!(file(None, None, 1, |_| Some("relative".into())), None);
    }
}
