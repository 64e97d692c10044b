//! The promises, as checks that compare what the shop saw of a payment with the truth.

use crate::gateway::prompt::Prompt;
use lipia::payment::PaymentState;
use lipia::{Outcome, Payment};
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! promises {
    ($($(#[$documentation:meta])* $name:ident = $text:literal,)*) => {
        /// What Lipia promises.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Promise { $($(#[$documentation])* $name,)* }

        impl Promise {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What it says.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

promises! {
    /// No customer is prompted twice for one sale.
    OnePrompt = "no customer is prompted twice for one sale",
    /// No payment is lost: what was paid ends as paid, or as unknown and still being asked about.
    NothingLost = "no payment is lost",
    /// Nothing forged and nothing that does not fit is reported as a success.
    NothingForged = "nothing forged is believed",
    /// Every call ends by its deadline.
    InTime = "every call ends by its deadline",
    /// No more tokens are fetched than are needed.
    NoNeedlessToken = "no token is fetched without need",
    /// Nothing that was learnt is dropped, whichever process learnt it and whether or not it was believed.
    NewsKept = "nothing that was learnt is dropped",
    /// No prompt, transaction or receipt is given to two payments.
    OneOwner = "one prompt or receipt is never given to two payments",
    /// No gateway blocks the merchant for pushes that the guard let through, and none is sent while one has.
    NeverBlocked = "no push that the guard let through has the merchant blocked",
    /// Every outcome that the ledger learnt is told after its last change, and once where nothing fails on the way.
    OutcomeTold = "every outcome that was learnt is told, and once where no process, store or handler fails",
    /// The shop is told nothing that is not true then, and no failure of an order that was paid or claimed again.
    ToldTrue = "nothing is told that is not true then",
    /// A callback to a payment's own address that is answered with 200 is in the ledger.
    CallbackKept = "a callback that is answered with 200 is kept",
    /// No order stays held but by a payment that is paid, open or unknown, or by a failure whose grace runs.
    OrderFree = "no order stays blocked but by a payment that may yet be paid",
    /// Where nothing goes wrong, everything is known at the end.
    NothingOpen = "where nothing goes wrong nothing stays open",
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub promise: Promise,
    /// For which sale.
    pub sale: Option<usize>,
    /// When, in milliseconds since the world began.
    pub at_ms: u64,
    /// What was seen.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise.text(), self.what)
    }
}

/// What a payment says of itself, against the prompts that its own pushes opened.
pub(crate) fn check<'a>(
    payment: &Payment,
    prompts: impl Iterator<Item = &'a Prompt>,
) -> Result<(), (Promise, String)> {
    let prompts: Vec<&Prompt> = prompts.collect();
    let paid = prompts.iter().find(|prompt| prompt.is_paid());
    // What the gateway has denied is known to nobody before its callback comes, and what is paid after all only to
    // whoever looks again: that is checked at the end.
    let known = || prompts.iter().filter(|prompt| !prompt.is_hidden());
    let was_paid = known().any(|prompt| prompt.is_paid() && !prompt.is_paid_after_all);
    let outcome = payment.outcome();
    match payment.state() {
        PaymentState::Reserved => match known().next() {
            Some(_) => Err((
                Promise::OnePrompt,
                "a payment that was prompted for says that nothing was sent".to_owned(),
            )),
            None => Ok(()),
        },
        PaymentState::Sending | PaymentState::Unknown | PaymentState::Accepted => {
            if matches!(outcome, Outcome::Pending | Outcome::Unknown) {
                Ok(())
            } else {
                Err((
                    Promise::NothingLost,
                    format!("an open payment says {outcome}"),
                ))
            }
        }
        PaymentState::Settled if payment.is_paid() => match paid {
            None => Err((
                Promise::NothingForged,
                "a payment that nobody made is reported as a success".to_owned(),
            )),
            Some(prompt)
                if payment
                    .receipt()
                    .is_some_and(|receipt| *receipt != *prompt.receipt)
                    && !prompt.address_leaked =>
            {
                Err((
                    Promise::NothingForged,
                    "a success is reported with a receipt that M-Pesa never gave".to_owned(),
                ))
            }
            Some(_) => Ok(()),
        },
        PaymentState::Settled => match (was_paid, known().any(|prompt| prompt.decided.is_none())) {
            (true, _) => Err((
                Promise::NothingLost,
                format!("a payment that was made is reported as {outcome}"),
            )),
            (false, true) => Err((
                Promise::NothingLost,
                format!("a prompt that is open is reported as {outcome}"),
            )),
            (false, false) => Ok(()),
        },
    }
}
