//! The rows of the table of result codes.

use super::texts::CustomerMessage;
use super::{Confidence, Fault, ResultCode, Unanswered, texts};
use crate::meaning::outcome::Outcome;

const fn row(
    code: &'static str,
    outcome: Outcome,
    fault: Fault,
    meaning: &'static str,
    advice: &'static str,
    customer: CustomerMessage,
    confidence: Confidence,
) -> ResultCode {
    ResultCode {
        code,
        outcome,
        is_final: outcome.is_final(),
        fault,
        meaning,
        advice,
        customer_message_en: customer.en,
        customer_message_sw: customer.sw,
        confidence,
        unanswered: Unanswered::No,
        by_query: outcome,
    }
}

impl ResultCode {
    /// The same row, for a failure that only says that nobody answered in time.
    const fn unanswered(mut self, unanswered: Unanswered) -> Self {
        self.unanswered = unanswered;
        self
    }
}

impl ResultCode {
    /// The same row, for a code that says less in the answer to a query than in a callback.
    const fn by_query(mut self, outcome: Outcome) -> Self {
        self.by_query = outcome;
        self
    }
}

/// The row for a code; `None` when the table has none.
#[must_use]
pub fn lookup(code: &str) -> Option<&'static ResultCode> {
    ROWS.iter()
        .find(|row| row.code == code && row.code != ANY_OTHER.code)
}

/// Every row, the row `*` for any other code at the end.
#[must_use]
pub fn all() -> &'static [ResultCode] {
    &ROWS
}

pub(super) static ANY_OTHER: ResultCode = ANY;

const ANY: ResultCode = row(
    "*",
    Outcome::Unknown,
    Fault::Unknown,
    "Any other code. Safaricom publishes no complete list.",
    "Treat it as neither paid nor failed: query, then let a person look.",
    texts::CHECKING,
    Confidence::Confirmed,
);

#[rustfmt::skip]
static ROWS: [ResultCode; 39] = [
    row("0", Outcome::Success, Fault::None,
        "Paid. In the answer to a push the same 0 only means accepted.",
        "Hand over what was paid for, once: deduplicate on the CheckoutRequestID and the receipt.",
        texts::PAID, Confidence::Observed),
    row("1", Outcome::InsufficientFunds, Fault::Customer,
        "The customer's balance, with any overdraft, is too low.",
        "Offer a new push after the customer has topped up; never push again by yourself.",
        texts::LOW_BALANCE, Confidence::Observed),
    row("2", Outcome::Limit, Fault::Merchant,
        "The amount is below the product's minimum.",
        "Correct the amount, then push again.",
        texts::AMOUNT_NOT_ALLOWED, Confidence::Confirmed),
    row("3", Outcome::Limit, Fault::Merchant,
        "The amount is above the maximum for one transaction.",
        "Lower the amount, or split the sale with the customer's consent, then push again.",
        texts::AMOUNT_NOT_ALLOWED, Confidence::Confirmed),
    row("4", Outcome::Limit, Fault::Customer,
        "The customer would pass the daily transfer limit.",
        "Offer a smaller amount, or a new push on another day.",
        texts::DAILY_LIMIT, Confidence::Confirmed),
    row("8", Outcome::Limit, Fault::Merchant,
        "The receiving account would pass its maximum balance.",
        "Move funds out of the receiving account, then push again.",
        texts::SHOP, Confidence::Confirmed),
    row("11", Outcome::CustomerAccountState, Fault::Customer,
        "The customer's wallet is in a state that does not allow the payment.",
        "Ask the customer to contact Safaricom, or to pay another way.",
        texts::ACCOUNT, Confidence::Guess),
    row("14", Outcome::MerchantConfig, Fault::Merchant,
        "The receiving account is in a state that does not allow the payment.",
        "Check the short code with Safaricom; do not push again before that.",
        texts::SHOP, Confidence::Guess),
    row("15", Outcome::ProviderError, Fault::Provider,
        "M-Pesa took the request for a repeat of an earlier one.",
        "Offer a new push.",
        texts::SYSTEM, Confidence::OneSource),
    row("17", Outcome::Limit, Fault::CustomerOrProvider,
        "The same customer was asked for the same amount within about two minutes. Some sources call it an internal error.",
        "Wait at least 2 minutes before a new push; do not loop.",
        texts::WAIT_TWO_MINUTES, Confidence::Confirmed),
    row("20", Outcome::Limit, Fault::Merchant,
        "Too many requests.",
        "Slow down, then offer a new push.",
        texts::WAIT_TWO_MINUTES, Confidence::OneSource),
    row("21", Outcome::MerchantConfig, Fault::Merchant,
        "The initiator is not allowed to do this.",
        "Correct the roles in the organisation portal; do not push again before that.",
        texts::SHOP, Confidence::OneSource),
    row("26", Outcome::ProviderError, Fault::Provider,
        "M-Pesa is busy and rejected the request.",
        "Offer a new push after 30 seconds or more, a few times at most.",
        texts::SYSTEM, Confidence::Confirmed),
    row("1001", Outcome::SubscriberBusy, Fault::Customer,
        "The customer has another M-Pesa or USSD session open.",
        "Offer a new push after 1 to 3 minutes.",
        texts::BUSY, Confidence::Confirmed),
    row("1019", Outcome::Expired, Fault::CustomerOrProvider,
        "The transaction expired before it was completed.",
        "Ask about the payment once more, then offer a new push.",
        texts::EXPIRED, Confidence::Observed).unanswered(Unanswered::Yes),
    row("1025", Outcome::PushNotDelivered, Fault::MerchantOrProvider,
        "The prompt could not be sent: its message is too long, or there was a temporary fault.",
        "Shorten the account reference and description, else offer a new push after 1 to 2 minutes.",
        texts::NOT_DELIVERED, Confidence::Confirmed),
    row("1031", Outcome::Cancelled, Fault::Customer,
        "The customer cancelled the prompt (an older code).",
        "Offer a new push; never push again by yourself.",
        texts::CANCELLED, Confidence::Observed),
    row("1032", Outcome::Cancelled, Fault::Customer,
        "The customer cancelled the prompt, or let it lapse.",
        "Offer a new push; never push again by yourself.",
        texts::CANCELLED, Confidence::Observed).unanswered(Unanswered::ByItsWords),
    row("1036", Outcome::Timeout, Fault::CustomerOrProvider,
        "The phone was not reached (an older code).",
        "Ask about the payment once more, then offer a new push. Where it happens to a customer again and again, *234*1*6# updates the SIM.",
        texts::NO_ANSWER, Confidence::Observed).unanswered(Unanswered::Yes),
    row("1037", Outcome::Timeout, Fault::Customer,
        "The phone could not be reached, or the customer did not answer the prompt.",
        "Ask about the payment once more, then offer a new push. Where it happens to a customer again and again, *234*1*6# updates the SIM.",
        texts::NO_ANSWER, Confidence::Observed).unanswered(Unanswered::Yes),
    row("1050", Outcome::Unknown, Fault::Unknown,
        "One source: a Ratiba standing order of this name exists already. What it means after a plain push is not known.",
        "Treat it as neither paid nor failed: query, then let a person look.",
        texts::CHECKING, Confidence::OneSource),
    row("1051", Outcome::MerchantConfig, Fault::Merchant,
        "One source: M-Pesa could not read the request.",
        "Compare the request with the documents; do not push again before that.",
        texts::SHOP, Confidence::OneSource),
    row("1101", Outcome::MerchantConfig, Fault::Merchant,
        "The prompt's text is too long: business name, account reference and description together must stay under 94 characters.",
        "Shorten the account reference and the description, then push again.",
        texts::SHOP, Confidence::Confirmed),
    row("1102", Outcome::MerchantConfig, Fault::Merchant,
        "The prompt's text is not valid: business name, account reference and description together are too long, or hold a character that M-Pesa refuses.",
        "Shorten the account reference and the description to letters and digits, then push again.",
        texts::SHOP, Confidence::Confirmed),
    row("2001", Outcome::WrongPin, Fault::Customer,
        "The customer entered a wrong M-Pesa PIN, although the prose speaks of initiator information.",
        "Offer a new push; three wrong PINs lock the wallet.",
        texts::WRONG_PIN, Confidence::Observed),
    row("2002", Outcome::MerchantConfig, Fault::Merchant,
        "The till and the store do not belong together: the short code is not the store (head office) number of the till in PartyB.",
        "Set the store number as the short code and the till number as PartyB; do not push again before that.",
        texts::SHOP, Confidence::Confirmed),
    row("2006", Outcome::CustomerAccountState, Fault::Customer,
        "The status of the customer's account does not allow the payment.",
        "Ask the customer to contact Safaricom, or to pay another way.",
        texts::ACCOUNT, Confidence::Guess),
    row("2008", Outcome::WrongPin, Fault::Customer,
        "The customer's authentication failed.",
        "Offer a new push; three wrong PINs lock the wallet.",
        texts::WRONG_PIN, Confidence::OneSource),
    row("2026", Outcome::Expired, Fault::CustomerOrProvider,
        "The session on the customer's phone expired.",
        "Ask about the payment once more, then offer a new push.",
        texts::EXPIRED, Confidence::OneSource).unanswered(Unanswered::Yes),
    row("2028", Outcome::MerchantConfig, Fault::Merchant,
        "The short code's product does not allow this transaction type: pay bill and till mixed up, or STK Push not enabled.",
        "Correct the transaction type and PartyB, or ask Safaricom to enable the product; do not push again before that.",
        texts::SHOP, Confidence::Confirmed),
    row("2029", Outcome::MerchantConfig, Fault::Merchant,
        "The transaction type does not fit the short code: seen for a till that was pushed as a pay bill.",
        "For a till set the transaction type CustomerBuyGoodsOnline and the till number as PartyB; for a pay bill CustomerPayBillOnline.",
        texts::SHOP, Confidence::Contested).by_query(Outcome::Unknown),
    row("4999", Outcome::Pending, Fault::None,
        "The transaction is still being processed: the prompt is live.",
        "Keep asking; never mark it failed and never push again.",
        texts::PENDING, Confidence::Observed),
    row("8006", Outcome::CustomerLocked, Fault::Customer,
        "The customer's PIN is locked.",
        "Ask the customer to contact Safaricom to unlock it.",
        texts::LOCKED, Confidence::Confirmed),
    row("9999", Outcome::PushNotDelivered, Fault::Provider,
        "The prompt could not be sent.",
        "Offer a new push after 1 to 2 minutes.",
        texts::NOT_DELIVERED, Confidence::Confirmed),
    row("SFC_IC0003", Outcome::MerchantConfig, Fault::Merchant,
        "The receiver does not exist: wrong PartyB or wrong transaction type.",
        "Correct PartyB (for Buy Goods the till number); do not push again before that.",
        texts::SHOP, Confidence::Confirmed),
    row("SFC_IC0001", Outcome::ProviderError, Fault::Provider,
        "M-Pesa had an internal error.",
        "Offer one new push.",
        texts::SYSTEM, Confidence::Guess),
    row("TP40087", Outcome::WrongPin, Fault::Customer,
        "The customer entered a wrong M-Pesa PIN.",
        "Offer a new push; three wrong PINs lock the wallet.",
        texts::WRONG_PIN, Confidence::OneSource),
    row("100000100", Outcome::ProviderError, Fault::Provider,
        "M-Pesa could not save the transaction.",
        "Query the payment before anything else, then let a person look.",
        texts::CHECKING, Confidence::OneSource),
    ANY,
];

/// The row of an outcome, for a payment without a code of its own.
pub(super) const fn of_outcome(outcome: Outcome) -> &'static ResultCode {
    const fn of(
        outcome: Outcome,
        fault: Fault,
        meaning: &'static str,
        advice: &'static str,
    ) -> ResultCode {
        let customer = texts::of_outcome(outcome);
        row(
            "",
            outcome,
            fault,
            meaning,
            advice,
            customer,
            Confidence::Confirmed,
        )
    }
    match outcome {
        Outcome::Success => {
            &const {
                of(
                    Outcome::Success,
                    Fault::None,
                    "Paid. The gateway gave no code.",
                    "Hand over what was paid for, once: deduplicate on the receipt.",
                )
            }
        }
        Outcome::Cancelled => {
            &const {
                of(
                    Outcome::Cancelled,
                    Fault::Customer,
                    "The customer cancelled the prompt.",
                    "Offer a new push; never push again by yourself.",
                )
            }
        }
        Outcome::Timeout => {
            &const {
                of(
                    Outcome::Timeout,
                    Fault::Customer,
                    "Nobody answered the prompt in time.",
                    "Ask about the payment once more, then offer a new push.",
                )
            }
        }
        Outcome::InsufficientFunds => {
            &const {
                of(
                    Outcome::InsufficientFunds,
                    Fault::Customer,
                    "The customer's balance is too low.",
                    "Offer a new push after the customer has topped up; never push again by yourself.",
                )
            }
        }
        Outcome::WrongPin => {
            &const {
                of(
                    Outcome::WrongPin,
                    Fault::Customer,
                    "The customer entered a wrong M-Pesa PIN.",
                    "Offer a new push; three wrong PINs lock the wallet.",
                )
            }
        }
        Outcome::Limit => {
            &const {
                of(
                    Outcome::Limit,
                    Fault::CustomerOrProvider,
                    "The payment goes beyond a limit of M-Pesa.",
                    "Offer a smaller amount, or a new push later.",
                )
            }
        }
        Outcome::Expired => {
            &const {
                of(
                    Outcome::Expired,
                    Fault::CustomerOrProvider,
                    "The request expired before it was completed.",
                    "Ask about the payment once more, then offer a new push.",
                )
            }
        }
        Outcome::PushNotDelivered => {
            &const {
                of(
                    Outcome::PushNotDelivered,
                    Fault::Provider,
                    "The prompt could not be sent to the phone.",
                    "Offer a new push after 1 to 2 minutes.",
                )
            }
        }
        Outcome::SubscriberBusy => {
            &const {
                of(
                    Outcome::SubscriberBusy,
                    Fault::Customer,
                    "The customer has another M-Pesa request open.",
                    "Offer a new push after 1 to 3 minutes.",
                )
            }
        }
        Outcome::CustomerLocked => {
            &const {
                of(
                    Outcome::CustomerLocked,
                    Fault::Customer,
                    "The customer's PIN is locked.",
                    "Ask the customer to contact Safaricom to unlock it.",
                )
            }
        }
        Outcome::CustomerAccountState => {
            &const {
                of(
                    Outcome::CustomerAccountState,
                    Fault::Customer,
                    "The customer's account does not allow the payment.",
                    "Ask the customer to contact Safaricom, or to pay another way.",
                )
            }
        }
        Outcome::MerchantConfig => {
            &const {
                of(
                    Outcome::MerchantConfig,
                    Fault::Merchant,
                    "The merchant's set-up does not allow the payment.",
                    "Check short code, PartyB and transaction type; do not push again before that.",
                )
            }
        }
        Outcome::ProviderError => {
            &const {
                of(
                    Outcome::ProviderError,
                    Fault::Provider,
                    "M-Pesa or the gateway failed.",
                    "Offer a new push after a while.",
                )
            }
        }
        Outcome::Failed => {
            &const {
                of(
                    Outcome::Failed,
                    Fault::Unknown,
                    "The payment failed, and the gateway gave no reason that is known here.",
                    "Read the gateway's own words, then offer a new push.",
                )
            }
        }
        Outcome::Reversed => {
            &const {
                of(
                    Outcome::Reversed,
                    Fault::None,
                    "The money was returned to the customer.",
                    "Do not hand over what was paid for; ask for another payment if the customer still wants it.",
                )
            }
        }
        Outcome::Pending => {
            &const {
                of(
                    Outcome::Pending,
                    Fault::None,
                    "The payment is still being processed.",
                    "Keep asking; never mark it failed and never push again.",
                )
            }
        }
        Outcome::Unknown => {
            &const {
                of(
                    Outcome::Unknown,
                    Fault::Unknown,
                    "What became of the payment is not known yet.",
                    "Treat it as neither paid nor failed: query, then let a person look.",
                )
            }
        }
    }
}

/// What a code says where a query gave it, if that is less than in a callback.
pub(super) fn by_query(code: &str, outcome: Outcome) -> Option<&'static ResultCode> {
    static EARLY_2029: ResultCode = row(
        "2029",
        Outcome::Unknown,
        Fault::Unknown,
        "The gateway could not say why. An early query gave this code for a payment that lived on; in a callback it is final, and the \
         transaction type does not fit the short code.",
        "Ask again in a minute, or wait for the callback. Do not push again before; check that a till is pushed as CustomerBuyGoodsOnline.",
        texts::CHECKING,
        Confidence::Contested,
    );
    (code == EARLY_2029.code && outcome == EARLY_2029.outcome).then_some(&EARLY_2029)
}
