//! The report of a ledger on itself: where it is, in which version, and how many payments it has.

/// The report of a store on itself, and on the payments of one scope.
///
/// ```
/// use lipia::ledger::{LedgerStore, MemoryLedger, Scope};
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let store = MemoryLedger::default();
/// let scope = Scope::default_of(lipia::values::Environment::Sandbox);
/// let report = store.report(&scope).await.unwrap();
/// assert_eq!((report.place.as_str(), report.payments), ("the memory of this process", 0));
/// # });
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerReport {
    /// Where the payments are, for people: the path of a file, or a host and its database. Never a password.
    pub place: String,
    /// The version of the tables, where there are tables.
    pub version: Option<u32>,
    /// The size on the disk in bytes, where the store knows it.
    pub bytes: Option<u64>,
    /// What a person should see to, in sentences: a folder that is emptied, a file that everybody can read.
    pub warnings: Vec<String>,
    /// Payments of the scope.
    pub payments: u64,
    /// Of these, those that may yet be paid: they are being sent, accepted or `unknown`.
    pub open: u64,
    /// Of these, those of which the shop has yet to be told something.
    pub owed: u64,
}
