//! The check of an event against what was asked for.

use super::Event;
use super::warning::EventWarning;
use crate::error::Error;
use crate::error::ids::{CheckoutRequestId, MerchantRequestId};
use crate::values::amount::{Amount, AmountRules};
use crate::values::hexadecimal::hexadecimal;
use crate::values::phone::PhoneNumber;
use serde::Serialize;
use std::fmt;

/// Expectations of an event: what it must say. Leave out what you do not know; the amount is needed for a success to match.
///
/// ```
/// use lipia::{Amount, PhoneNumber};
/// use lipia::event::Expected;
/// let expected = Expected::new()
///     .amount(Amount::new(450).unwrap())
///     .phone(PhoneNumber::parse("0708374149").unwrap())
///     .checkout_request_id("ws_CO_191220191020363925");
/// ```
#[derive(Clone, Default)]
pub struct Expected {
    amount: Option<Amount>,
    phone: Option<PhoneNumber>,
    checkout_request_id: Option<CheckoutRequestId>,
    merchant_request_id: Option<MerchantRequestId>,
    transaction_id: Option<String>,
}

impl Expected {
    /// Expects nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Expectations from text: for a binding, whose language has types of its own. Any whole amount will do: whether
    /// it could be asked for was decided before.
    ///
    /// # Errors
    /// `InvalidInput`, naming what is not valid.
    pub fn from_texts(
        amount: Option<&str>,
        phone_number: Option<&str>,
        checkout_request_id: Option<&str>,
        merchant_request_id: Option<&str>,
    ) -> Result<Self, Error> {
        let rules = AmountRules {
            max: u32::MAX,
            ..AmountRules::default()
        };
        Ok(Self {
            amount: amount.map(|text| Amount::parse(text, &rules)).transpose()?,
            phone: phone_number.map(PhoneNumber::parse).transpose()?,
            checkout_request_id: checkout_request_id.map(CheckoutRequestId::as_stated),
            merchant_request_id: merchant_request_id.map(MerchantRequestId::as_stated),
            transaction_id: None,
        })
    }

    /// The amount that was asked for.
    #[must_use]
    pub fn amount(mut self, amount: Amount) -> Self {
        self.amount = Some(amount);
        self
    }

    /// The phone that was prompted.
    #[must_use]
    pub fn phone(mut self, phone: PhoneNumber) -> Self {
        self.phone = Some(phone);
        self
    }

    /// The prompt's id, from the acceptance.
    #[must_use]
    pub fn checkout_request_id(mut self, id: impl Into<String>) -> Self {
        self.checkout_request_id = Some(CheckoutRequestId::as_stated(id));
        self
    }

    /// The request's id, from the acceptance.
    #[must_use]
    pub fn merchant_request_id(mut self, id: impl Into<String>) -> Self {
        self.merchant_request_id = Some(MerchantRequestId::as_stated(id));
        self
    }

    /// The gateway's own id for the transaction, from the acceptance.
    pub(crate) fn transaction_id(mut self, id: Option<String>) -> Self {
        self.transaction_id = id;
        self
    }
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected")
            .field("amount", &self.amount)
            .field("phone", &self.phone)
            .field("checkout_request_id", &self.checkout_request_id)
            .field("merchant_request_id", &self.merchant_request_id)
            .finish()
    }
}

word_list! {
    /// How one field of an event compares with what was asked for.
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum FieldCheck {
        /// Both sides say the same.
        Matches = "matches",
        /// They say different things, or the event says something that cannot be read.
        Differs = "differs",
        /// One side says nothing, or hides too much to tell.
        NotStated = "not_stated",
    }
}

/// The comparison of an event with what was asked for, field by field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EventCheck {
    /// The amount, to the cent.
    pub amount: FieldCheck,
    /// The phone. A masked number differs only where a visible digit does, a hashed one matches where it is the SHA-256 of
    /// the number and is not compared otherwise.
    pub phone: FieldCheck,
    /// The prompt's id.
    pub checkout_request_id: FieldCheck,
    /// The request's id.
    pub merchant_request_id: FieldCheck,
    #[serde(skip)]
    is_success: bool,
    #[serde(skip)]
    transaction_id: FieldCheck,
    #[serde(skip)]
    unreadable: Unreadable,
}

/// Which fields the event states in a way that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unreadable {
    amount: bool,
    phone: bool,
}

/// What keeps an event from fitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// The field says something else.
    Differs(&'static str),
    /// The field is stated and cannot be read.
    Unreadable(&'static str),
}

impl EventCheck {
    /// Whether nothing differs and, for a success, the amount is stated and equal.
    #[must_use]
    pub fn is_match(&self) -> bool {
        self.mismatches().is_empty() && (!self.is_success || self.amount == FieldCheck::Matches)
    }

    /// The names of the fields that differ: `amount`, `phone`, `checkout_request_id`, `merchant_request_id`, and
    /// `transaction_id` where the gateway has an id of its own.
    #[must_use]
    pub fn mismatches(&self) -> Vec<&'static str> {
        [
            ("amount", self.amount),
            ("phone", self.phone),
            ("checkout_request_id", self.checkout_request_id),
            ("merchant_request_id", self.merchant_request_id),
            ("transaction_id", self.transaction_id),
        ]
        .into_iter()
        .filter(|(_, check)| *check == FieldCheck::Differs)
        .map(|(name, _)| name)
        .collect()
    }

    /// What keeps the event from fitting: a field that says something else before one that cannot be read.
    pub(crate) fn worst(&self) -> Option<Mismatch> {
        let mismatches = self.mismatches().into_iter().map(|field| {
            let unreadable = match field {
                "amount" => self.unreadable.amount,
                "phone" => self.unreadable.phone,
                _ => false,
            };
            if unreadable {
                Mismatch::Unreadable(field)
            } else {
                Mismatch::Differs(field)
            }
        });
        mismatches.min_by_key(|mismatch| matches!(mismatch, Mismatch::Unreadable(_)))
    }
}

pub(super) fn check(event: &Event, expected: &Expected) -> EventCheck {
    let unreadable = Unreadable {
        amount: expected.amount.is_some()
            && event.warns(&[
                EventWarning::AmountUnreadable,
                EventWarning::AmountOutOfRange,
                EventWarning::AmountConflict,
            ]),
        phone: expected.phone.is_some()
            && event.warns(&[EventWarning::PhoneUnreadable, EventWarning::PhoneConflict]),
    };
    let amount = compare(event.amount, expected.amount, |stated, asked| {
        *stated == *asked
    });
    let phone = check_phone(event, expected.phone.as_ref());
    EventCheck {
        amount: if unreadable.amount {
            FieldCheck::Differs
        } else {
            amount
        },
        phone: if unreadable.phone {
            FieldCheck::Differs
        } else {
            phone
        },
        checkout_request_id: compare(
            event.checkout_request_id.as_ref(),
            expected.checkout_request_id.as_ref(),
            |stated, asked| stated == asked,
        ),
        merchant_request_id: compare(
            event.merchant_request_id.as_ref(),
            expected.merchant_request_id.as_ref(),
            |stated, asked| stated == asked,
        ),
        transaction_id: compare(
            event.transaction_id.as_deref(),
            expected.transaction_id.as_deref(),
            |stated, asked| stated.trim().eq_ignore_ascii_case(asked.trim()),
        ),
        is_success: event.is_success(),
        unreadable,
    }
}

fn compare<A, B>(stated: Option<A>, asked: Option<B>, same: fn(&A, &B) -> bool) -> FieldCheck {
    match (stated, asked) {
        (Some(stated), Some(asked)) if same(&stated, &asked) => FieldCheck::Matches,
        (Some(_), Some(_)) => FieldCheck::Differs,
        _ => FieldCheck::NotStated,
    }
}

fn check_phone(event: &Event, asked: Option<&PhoneNumber>) -> FieldCheck {
    if let (None, Some(raw), Some(asked)) = (&event.phone, &event.phone_raw, asked) {
        let number = asked.as_str();
        if event.warns(&[EventWarning::PhoneMasked]) && mask_contradicts(raw, number) {
            return FieldCheck::Differs;
        }
        if event.warns(&[EventWarning::PhoneHashed]) && is_hash_of(raw, number) {
            return FieldCheck::Matches;
        }
    }
    compare(event.phone.as_ref(), asked, |stated, asked| stated == asked)
}

/// Whether a hash is Safaricom's: the SHA-256 of the number. Any other hash may be salted, and tells nothing.
fn is_hash_of(hash: &str, number: &str) -> bool {
    let digest = ring::digest::digest(&ring::digest::SHA256, number.as_bytes());
    hexadecimal(digest.as_ref()).eq_ignore_ascii_case(hash.trim())
}

/// Whether the visible ends of a masked number cannot belong to this one. How many digits a mask hides varies
/// with who masks, so the ends are compared and the middle is not.
fn mask_contradicts(masked: &str, number: &str) -> bool {
    let shown: String = masked
        .chars()
        .filter(|character| !is_decoration(*character))
        .collect();
    let head: String = shown.chars().take_while(char::is_ascii_digit).collect();
    let tail: String = shown
        .chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .collect();
    let tail: String = tail.chars().rev().collect();
    let national = number.strip_prefix("254").unwrap_or(number);
    let head_fits = [number, national].into_iter().any(|form| {
        form.starts_with(&head)
            || head
                .strip_prefix('0')
                .is_some_and(|rest| form.starts_with(rest))
    });
    !(head_fits && number.ends_with(&tail))
}

fn is_decoration(character: char) -> bool {
    character.is_whitespace() || matches!(character, '+' | '-' | '.' | '(' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::outcome::Outcome;
    use crate::values::gateway_name::GatewayName;
    use crate::values::money::Money;

    fn event(outcome: Outcome) -> Event {
        Event::new(GatewayName::Daraja, outcome, b"{}", |_, _| None)
    }

    #[test]
    fn a_success_matches_only_when_its_amount_is_stated_and_equal() {
        let ten = Expected::new().amount(Amount::new(10).unwrap());
        let mut success = event(Outcome::Success);
        assert_eq!(success.check(&ten).amount, FieldCheck::NotStated);
        assert!(!success.check(&ten).is_match());
        success.amount = Some(Money::from_cents(1000));
        assert!(success.check(&ten).is_match());
        assert!(!success.check(&Expected::new()).is_match());
        success.amount = Some(Money::from_cents(1001));
        assert_eq!(success.check(&ten).mismatches(), ["amount"]);
        assert!(event(Outcome::Cancelled).check(&ten).is_match());
    }

    #[test]
    fn any_field_that_differs_is_named() {
        let mut failure = event(Outcome::Timeout);
        failure.checkout_request_id = Some(CheckoutRequestId::as_stated("ws_CO_1"));
        failure.merchant_request_id = Some(MerchantRequestId::as_stated("1-2-3"));
        failure.phone = Some(PhoneNumber::parse("0708374149").unwrap());
        let fits = Expected::new()
            .phone(PhoneNumber::parse("0708374149").unwrap())
            .checkout_request_id("ws_CO_1")
            .merchant_request_id("1-2-3");
        assert!(failure.check(&fits).is_match());
        assert_eq!(
            failure
                .check(&fits.clone().checkout_request_id("ws_CO_2"))
                .mismatches(),
            ["checkout_request_id"]
        );
        assert_eq!(
            failure
                .check(&fits.clone().merchant_request_id("1"))
                .mismatches(),
            ["merchant_request_id"]
        );
        assert_eq!(
            failure
                .check(&fits.phone(PhoneNumber::parse("0708374140").unwrap()))
                .mismatches(),
            ["phone"]
        );
    }

    #[test]
    fn what_was_asked_for_is_read_from_text_as_well() {
        let from = |amount, phone| Expected::from_texts(amount, phone, Some("ws_CO_1"), Some("1"));
        let read = from(Some("300000"), Some("0708374149")).unwrap();
        assert_eq!(
            read.amount.map(Amount::get),
            Some(300_000),
            "above the usual limit"
        );
        let mut failure = event(Outcome::Timeout);
        failure.checkout_request_id = Some(CheckoutRequestId::as_stated("1"));
        failure.merchant_request_id = Some(MerchantRequestId::as_stated("ws_CO_1"));
        failure.phone = Some(PhoneNumber::parse("0708374140").unwrap());
        assert_eq!(
            failure.check(&read).mismatches(),
            ["phone", "checkout_request_id", "merchant_request_id"]
        );
        assert_eq!(from(Some("1.5"), None).unwrap_err().field(), Some("amount"));
        assert_eq!(
            from(None, Some("07")).unwrap_err().field(),
            Some("phone_number")
        );
        let nothing = Expected::from_texts(None, None, None, None).unwrap();
        assert!(failure.check(&nothing).is_match());
    }

    #[test]
    fn a_masked_phone_differs_only_where_a_visible_digit_does() {
        let expected = Expected::new().phone(PhoneNumber::parse("0708374149").unwrap());
        for (masked, check) in [
            ("254708***149", FieldCheck::NotStated),
            ("2547*****149", FieldCheck::NotStated),
            ("0708***149", FieldCheck::NotStated),
            ("+254 708 *** 149", FieldCheck::NotStated),
            ("708***149", FieldCheck::NotStated),
            ("*********", FieldCheck::NotStated),
            ("254708***148", FieldCheck::Differs),
            ("254709***149", FieldCheck::Differs),
            ("0709***149", FieldCheck::Differs),
            ("255708***149", FieldCheck::Differs),
        ] {
            let mut event = event(Outcome::Success);
            event.phone_raw = Some(masked.to_owned());
            event.warnings = vec![EventWarning::PhoneMasked];
            assert_eq!(event.check(&expected).phone, check, "{masked}");
        }
    }

    #[test]
    fn nothing_personal_is_shown() {
        let expected = Expected::new()
            .phone(PhoneNumber::parse("0708374149").unwrap())
            .checkout_request_id("ws_CO_01062026193556196708374149");
        assert!(!format!("{expected:?}").contains("374149"));
        let mut event = Event::new(
            GatewayName::Daraja,
            Outcome::Success,
            b"254708374149",
            |_, _| None,
        );
        event.phone = Some(PhoneNumber::parse("0708374149").unwrap());
        event.phone_raw = Some("254708374149".to_owned());
        event.checkout_request_id = Some(CheckoutRequestId::as_stated(
            "ws_CO_01062026193556196708374149",
        ));
        assert!(!format!("{event:?}").contains("374149"));
    }
}
