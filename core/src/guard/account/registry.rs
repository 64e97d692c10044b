//! The accounts of this process.

use super::{Account, AccountKey};
use crate::values::clock::EatTime;
use crate::values::process::ProcessMark;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The accounts of one process. A child that was forked finds its parent's, whose lock another thread may have held
/// at that moment: so it never locks them, and begins with a list of its own.
struct Process {
    mark: ProcessMark,
    accounts: Mutex<HashMap<AccountKey, Arc<Account>>>,
    child: OnceLock<Box<Self>>,
}

impl Process {
    fn new(mark: ProcessMark) -> Self {
        Self {
            mark,
            accounts: Mutex::default(),
            child: OnceLock::new(),
        }
    }

    fn current() -> &'static Self {
        static FIRST: OnceLock<Process> = OnceLock::new();
        let mark = ProcessMark::current();
        let mut process = FIRST.get_or_init(|| Self::new(mark));
        while process.mark != mark {
            process = process.child.get_or_init(|| Box::new(Self::new(mark)));
        }
        process
    }
}

/// The account of that key; a new one where this process does not know it.
pub(super) fn account(key: AccountKey, now: EatTime) -> Arc<Account> {
    let mut accounts = Process::current()
        .accounts
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(account) = accounts.get(&key) {
        return Arc::clone(account);
    }
    // What nobody holds is kept as long as something of it counts.
    accounts.retain(|_, account| Arc::strong_count(account) > 1 || !account.is_over(now));
    let account = Arc::<Account>::default();
    accounts.insert(key, Arc::clone(&account));
    account
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::store::{ClosedBy, Closing, Key, Store};
    use crate::values::clock::{Clock, SystemClock};
    use crate::values::fingerprint::Fingerprint;
    use crate::values::gateway_name::GatewayName;
    use std::time::Duration;

    fn key(text: &str) -> AccountKey {
        AccountKey {
            gateway: GatewayName::PalPluss,
            origin: "https://registry.example".to_owned(),
            keys: Fingerprint::of(text),
        }
    }

    #[tokio::test]
    async fn an_account_is_kept_as_long_as_it_is_held_or_counts() {
        let now = SystemClock.now();
        let held = account(key("held"), now);
        let banned = account(key("banned"), now);
        let until = now.plus(Duration::from_secs(60));
        let by = ClosedBy::Gateway;
        banned
            .store
            .close(&Key::Account, Closing { until, by })
            .await
            .unwrap();
        let forgotten = Arc::downgrade(&banned);
        drop(banned);
        let idle = Arc::downgrade(&account(key("idle"), now));
        account(key("another"), now);
        assert!(idle.upgrade().is_none());
        assert!(Arc::ptr_eq(&held, &account(key("held"), now)));
        assert!(forgotten.upgrade().is_some());
        account(key("one more"), until);
        assert!(forgotten.upgrade().is_none(), "the ban is over");
    }
}
