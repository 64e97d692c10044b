//! Who may buy, what was ordered, and which payment belongs to it.

use crate::daraja_form::{PushForm, Refusal};
use lipia::payment::PaymentState;
use lipia::{Error, PaymentHandle};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Somebody who signed in.
#[derive(Deserialize)]
pub(crate) struct User {
    name: String,
    /// The phone that was verified at sign-in: the only one that rings for this user.
    pub(crate) phone_number: String,
}

/// What was ordered. Its price was decided here, when it was ordered.
#[derive(Deserialize)]
struct Order {
    user: String,
    amount: u32,
    #[serde(skip)]
    payment: Option<PaymentHandle>,
}

#[derive(Deserialize)]
struct Tables {
    /// By their tokens. A real server has hashes of them, and an end for each.
    users: HashMap<String, User>,
    orders: HashMap<String, Order>,
}

/// A real server has these tables in its database, `payment.to_json()` with each order, and takes up what is open when it starts.
pub(crate) struct Shop {
    users: HashMap<String, User>,
    orders: Mutex<HashMap<String, Order>>,
}

impl Shop {
    pub(crate) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let Tables { users, orders } = serde_json::from_str(text)?;
        Ok(Self {
            users,
            orders: Mutex::new(orders),
        })
    }

    pub(crate) fn user(&self, token: Option<&str>) -> Result<&User, Refusal> {
        token
            .and_then(|token| self.users.get(token))
            .ok_or_else(Refusal::sign_in_again)
    }

    /// The order's payment, made now. One order has one payment that was sent: that is the shop's half of "never prompt twice for
    /// one sale".
    pub(crate) fn claim(
        &self,
        user: &User,
        wish: &PushForm,
        reserve: impl FnOnce(u32) -> Result<PaymentHandle, Error>,
    ) -> Result<PaymentHandle, Refusal> {
        let mut orders = self.orders();
        let order = orders
            .get_mut(&wish.account_reference)
            .filter(|order| order.user == user.name)
            .ok_or_else(|| Refusal::of_field("AccountReference"))?;
        if wish.amount.as_str() != order.amount.to_string() {
            return Err(Refusal::of_field("Amount"));
        }
        if wish.phone_number != user.phone_number {
            return Err(Refusal::of_field("PhoneNumber"));
        }
        if order.payment.as_ref().is_some_and(stands_for_its_sale) {
            return Err(Refusal::prompted_already());
        }
        let payment = reserve(order.amount)?;
        // Announced under the lock: who comes next finds a payment that may have been sent.
        payment.begin()?;
        order.payment = Some(payment.clone());
        Ok(payment)
    }

    /// The payment of that prompt, where it is this user's.
    pub(crate) fn prompted(
        &self,
        user: &User,
        checkout_request_id: &str,
    ) -> Result<PaymentHandle, Refusal> {
        let orders = self.orders();
        let mut payments = orders
            .values()
            .filter(|order| order.user == user.name)
            .filter_map(|order| order.payment.as_ref());
        payments
            .find(|payment| {
                let payment = payment.snapshot();
                let prompt = payment.checkout_request_id();
                prompt.is_some_and(|id| id == checkout_request_id)
            })
            .cloned()
            .ok_or_else(|| Refusal::of_field("CheckoutRequestID"))
    }

    fn orders(&self) -> MutexGuard<'_, HashMap<String, Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether money came of it or may yet come.
fn stands_for_its_sale(payment: &PaymentHandle) -> bool {
    let payment = payment.snapshot();
    match payment.state() {
        PaymentState::Reserved => false,
        PaymentState::Settled => payment.is_paid(),
        _ => true,
    }
}
