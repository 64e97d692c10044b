//! The scope of an order: environment, shop and order together name one sale.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::error::mask;
use crate::values::environment::Environment;
use crate::values::phone::PhoneNumber;
use std::fmt;

/// The longest name of an order or a shop, in characters.
const MAX_CHARACTERS: usize = 128;

/// The shop of a client that names none.
const DEFAULT_SHOP: &str = "default";

/// The payments that belong together in a ledger: one environment and one shop.
///
/// A sandbox payment never marks a production order, and the shops of one ledger do not see each other's payments. The
/// gateways of one shop share its orders, so that going over to another gateway prompts nobody twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    environment: EnvironmentWord,
    shop: String,
}

/// The environment as an ordered word.
type EnvironmentWord = &'static str;

impl Scope {
    /// The scope of a shop.
    ///
    /// # Errors
    /// `order_unreadable` where the shop's name is empty, longer than 128 characters, or has control characters or white
    /// space around it.
    ///
    /// ```
    /// use lipia::values::Environment;
    /// use lipia::ledger::Scope;
    /// let scope = Scope::new(Environment::Production, "nairobi").unwrap();
    /// assert_eq!((scope.environment(), scope.shop()), ("production", "nairobi"));
    /// ```
    pub fn new(environment: Environment, shop: &str) -> Result<Self, Error> {
        check("shop", shop)?;
        Ok(Self {
            environment: environment.as_str(),
            shop: shop.to_owned(),
        })
    }

    /// The scope of a client that names no shop: the shop `default`.
    #[must_use]
    pub fn default_of(environment: Environment) -> Self {
        Self {
            environment: environment.as_str(),
            shop: DEFAULT_SHOP.to_owned(),
        }
    }

    /// `sandbox` or `production`.
    #[must_use]
    pub fn environment(&self) -> &'static str {
        self.environment
    }

    /// The shop's name.
    #[must_use]
    pub fn shop(&self) -> &str {
        &self.shop
    }
}

/// The shop's own name for one sale: any text of 1 to 128 characters without control characters, and without white space
/// around it. The text is compared as it is written.
///
/// ```
/// use lipia::ledger::Order;
/// assert_eq!(Order::parse("order 17").unwrap().as_str(), "order 17");
/// assert_eq!(Order::parse(" ").unwrap_err().code(), "order_unreadable");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Order(String);

impl Order {
    /// The order of that name.
    ///
    /// # Errors
    /// `order_unreadable` where the text is empty, too long, or has control characters or white space around it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        check("order", text)?;
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name for logs and spans: a shop may name its orders by their customers' numbers, and that one is masked.
    pub(crate) fn masked(&self, phone: &PhoneNumber) -> String {
        mask::phone_in(&self.0, phone.as_str())
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check(field: &str, text: &str) -> Result<(), Error> {
    let fits = !text.is_empty()
        && text.trim() == text
        && text.chars().count() <= MAX_CHARACTERS
        && !text.chars().any(char::is_control);
    if fits {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        ErrorCode::OrderUnreadable,
        format!(
            "This text cannot name {} {field}.",
            if field == "order" { "an" } else { "a" }
        ),
    )
    .with_hint(format!(
        "Give 1 to {MAX_CHARACTERS} printable characters, without white space before or after them."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_any_short_text_that_people_can_tell_apart() {
        for good in ["17", "order 17", "agizo-ñ", &"x".repeat(128)] {
            assert_eq!(Order::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", " ", " 17", "17\n", "1\u{7}7", &"x".repeat(129)] {
            let error = Order::parse(bad).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                ("order_unreadable", Some("order"))
            );
        }
        assert!(Scope::new(Environment::Sandbox, "").is_err());
    }
}
