//! The contract of the guard's store, which several processes can share.

use crate::error::ids::PaymentId;
use crate::values::clock::EatTime;
use crate::values::phone::PhoneNumber;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// The result of a store's call.
pub type StoreResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The store in which a [`Guard`](crate::guard::Guard) keeps its counts. A store belongs to **one account at one gateway**:
/// where several share a database, each has its own prefix.
///
/// Under each [`Key`] it holds *places*, one for each push that counts, by the payment's id, and perhaps a
/// *closing*. A place says when it was taken, and later when it was settled as a failure.
///
/// Every method is **one atomic step** of the store, so that no two pushes ever read a count and then both take the
/// last place. Every method may be called twice with the same payment: the second call changes nothing.
///
/// When a method fails, the guard logs it and lets the push through: a sale is worth more than a count.
///
/// # In Redis
///
/// Keep one hash for a key, `<prefix>:<key.as_text()>`: a field for each place, named by the payment's id, with the
/// value `<at in milliseconds>:<0 or 1 for settled>:<end of its closing>`, and one field `closed`. One Lua script for each
/// method makes it atomic; no method needs `WATCH`, and none reads first and writes later.
///
/// | method | script |
/// |---|---|
/// | `take` | `HGETALL`; where nothing is closed and no rule is reached `HSET` the place; `PEXPIRE`; return the tally |
/// | `count` | `HGET` the place; unless it is settled `HSET` it as settled; `PEXPIRE`; return the tally |
/// | `release` | `HDEL` the place, which needs no script |
/// | `clear` | `HGETALL`; `HDEL` the place and those up to the two times |
/// | `close` | `HGET closed`; where the new end is later `HSET closed`, and the end in every settled place; `PEXPIRE` |
/// | `tally` | `HGETALL`; return the tally |
///
/// `PEXPIRE` takes the time until the last place stops counting and the closing ends, so that nothing is kept
/// longer than it matters. Take `now` from the arguments: then all processes and all tests see one clock. Where the
/// processes' clocks cannot be trusted, take the database's instead.
pub trait Store: Send + Sync + fmt::Debug {
    /// Takes a place for a push that is about to be sent, unless the key is closed or one of the rules is reached.
    /// A place that the same payment holds already does not count against it. Without rules no place is kept and
    /// only the closing is looked at.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn take<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
        rules: &'a [Rule],
        now: EatTime,
    ) -> BoxFuture<'a, StoreResult<Admission>>;

    /// Settles a push as failed at `at`, which is `now` or earlier: its place, which counts from then on as a failure,
    /// or a new one where it holds none. One that is settled already stays as it is.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn count<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
        rules: &'a [Rule],
        at: EatTime,
        now: EatTime,
    ) -> BoxFuture<'a, StoreResult<Counted>>;

    /// Gives a place back.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn release<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
    ) -> BoxFuture<'a, StoreResult<()>>;

    /// Gives a place back, and with it every place that was settled at `settled_until` or before, or taken at
    /// `taken_until` or before and not settled.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn clear<'a>(
        &'a self,
        key: &'a Key,
        payment: &'a PaymentId,
        settled_until: EatTime,
        taken_until: EatTime,
    ) -> BoxFuture<'a, StoreResult<()>>;

    /// Closes a key. Of two closings the one that ends later holds. Once it has ended, what was settled as failed
    /// before that keeps no rule reached that has no `pause`; it is still counted.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn close<'a>(&'a self, key: &'a Key, closing: Closing) -> BoxFuture<'a, StoreResult<()>>;

    /// The counts under a key. Changes nothing.
    ///
    /// # Errors
    /// Whatever kept the store from answering.
    fn tally<'a>(
        &'a self,
        key: &'a Key,
        rules: &'a [Rule],
        now: EatTime,
    ) -> BoxFuture<'a, StoreResult<Tally>>;
}

/// The key of a count. `Debug` masks the phone number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// All pushes of the account.
    Account,
    /// The pushes to one phone.
    Phone(PhoneNumber),
}

impl Key {
    /// The key as text, for a store that keeps its keys so. It holds the whole phone number.
    ///
    /// ```
    /// use lipia::PhoneNumber;
    /// use lipia::guard::Key;
    /// let phone = PhoneNumber::parse("0712345678").unwrap();
    /// assert_eq!(Key::Phone(phone).as_text(), "phone:254712345678");
    /// assert_eq!(Key::Account.as_text(), "account");
    /// ```
    #[must_use]
    pub fn as_text(&self) -> String {
        match self {
            Self::Account => "account".to_owned(),
            Self::Phone(phone) => format!("phone:{phone}"),
        }
    }
}

/// One limit, as a store applies it.
///
/// A place counts for `window` from when it was settled, or for `unsettled_for` from when it was taken. The rule is
/// *reached* while `failures` places or more count. Where there is a `pause` it is reached no longer than until
/// every counting place is that old (one that is not settled: until it stops counting).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How many places there may be; at least 1.
    pub failures: u32,
    /// How long a failure counts.
    pub window: Duration,
    /// After how long without a further failure one more is let through.
    pub pause: Option<Duration>,
    /// How long a push counts whose outcome is not known.
    pub unsettled_for: Duration,
    /// How long after its push an outcome is expected at the latest.
    pub outcome_within: Duration,
}

/// The answer to a push that asks for a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The place is taken; the tally counts it.
    Taken(Tally),
    /// The key is closed or a rule is reached, and nothing was changed.
    Refused(Tally),
}

/// The answer to a failure that is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Whether the push held no place before.
    pub added: bool,
    /// Whether the push was not settled before.
    pub is_news: bool,
    /// What there is now.
    pub tally: Tally,
}

/// The counts under a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The closing, where there is one that has not ended.
    pub closing: Option<Closing>,
    /// What each rule counts, in the order of the rules.
    pub rules: Vec<RuleTally>,
}

/// The count of one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleTally {
    /// How many places count.
    pub counted: u32,
    /// How many of them belong to pushes whose outcome is not known.
    pub unsettled: u32,
    /// Where the rule is reached: when it no longer is, if nothing more is learnt.
    pub opens_at: Option<EatTime>,
    /// Where the rule is reached: when it is worth asking again. Earlier than `opens_at` where the failures alone
    /// do not reach it: then it is when the next outcome is due.
    pub retry_at: Option<EatTime>,
}

/// A door that is shut until a known time, whatever is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// When it ends.
    pub until: EatTime,
    /// Who shut it.
    pub by: ClosedBy,
}

/// The origin of a refusal: who closed a phone or an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBy {
    /// The gateway: it said so.
    Gateway,
    /// The guard: more failed than the limits allow.
    Limits,
}

impl Tally {
    /// When everything is open again; `None` where it is.
    #[must_use]
    pub fn opens_at(&self) -> Option<EatTime> {
        let closing = self.closing.map(|closing| closing.until);
        self.rules
            .iter()
            .filter_map(|rule| rule.opens_at)
            .chain(closing)
            .max()
    }

    /// When it is worth asking again; `None` where everything is open.
    #[must_use]
    pub fn retry_at(&self) -> Option<EatTime> {
        let closing = self.closing.map(|closing| closing.until);
        self.rules
            .iter()
            .filter_map(|rule| rule.retry_at)
            .chain(closing)
            .max()
    }
}
