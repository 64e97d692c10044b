//! Posting a callback of a payment to its shop, for `lipia trigger` and `lipia replay`.

use crate::arguments::PostTo;
use crate::exit::Exit;
use crate::output::{Output, tell};
use crate::post::{App, Posted};
use crate::refusal::Refusal;
use lipia::Payment;
use lipia::values::CallbackUrl;
use lipia_sandbox::CallbackFacts;
use serde_json::{Value, json};

/// The shop of a payment, and the path of its callback URL there.
pub(crate) struct Shop {
    app: App,
    path: String,
}

impl Shop {
    /// The shop that the arguments name, or the one that the payment's callback URL names.
    ///
    /// # Errors
    /// `post_address_refused`.
    pub(crate) fn of(payment: &Payment, to: &PostTo) -> Result<Self, Box<Refusal>> {
        let (origin, path) = split(&payment.push().callback_url);
        let app = match &to.to {
            Some(url) => App::parse(url, &to.allow_host, "to"),
            None => App::parse(&origin, &to.allow_host, "to").map_err(|refusal| {
                Box::new(Refusal {
                    hint: "Give the shop's address on this machine, such as --to http://127.0.0.1:8000.".to_owned(),
                    message: format!("The payment's callback URL is at {origin}, and callbacks are posted to this machine."),
                    ..*refusal
                })
            }),
        };
        Ok(Self { app: app?, path })
    }

    /// Posts a callback, tells what came of it, and says how the command ends.
    pub(crate) async fn post(
        &self,
        content_type: &str,
        body: Vec<u8>,
        mut members: Value,
        what: &str,
        output: Output,
    ) -> Exit {
        let posted = self.app.post(&self.path, Some(content_type), body).await;
        let status = match posted {
            Posted::Answered(status) => Some(status),
            _ => None,
        };
        if let Some(members) = members.as_object_mut() {
            members.insert("to".to_owned(), json!(self.app.shown()));
            members.insert("status".to_owned(), json!(status));
            members.insert("taken".to_owned(), json!(posted.is_taken()));
            let reason = (!posted.is_taken()).then(|| posted.sentence());
            members.insert("reason".to_owned(), json!(reason));
        }
        if output.as_json {
            output.json(&members);
        } else {
            output.line(&format!("{what}: {}", posted.sentence()));
        }
        if posted == Posted::NotReached {
            tell(&format!(
                "       Start the shop, or give where it listens: --to. Posted to {}.",
                self.app.shown()
            ));
        }
        match posted {
            posted if posted.is_taken() => Exit::Done,
            Posted::NotReached => Exit::NotSent,
            Posted::Answered(_) => Exit::Rejected,
            Posted::NoAnswer | Posted::NotInTime => Exit::Unknown,
        }
    }
}

/// What a gateway knows of a payment; `None` before it has accepted the payment, or once personal data was deleted.
pub(crate) fn facts_of(payment: &Payment) -> Option<CallbackFacts> {
    let acceptance = payment.acceptance().filter(|_| !payment.is_pruned())?;
    let push = payment.push();
    let generation = crate::target::text_of("UPESIPAY_GENERATION");
    let text = |id: Option<&str>| id.unwrap_or_default().to_owned();
    Some(CallbackFacts {
        phone: push.phone_number.as_str().to_owned(),
        amount: push.amount.get(),
        reference: push.account_reference.as_str().to_owned(),
        checkout_request_id: text(
            acceptance
                .checkout_request_id
                .as_ref()
                .map(|it| it.as_str()),
        ),
        merchant_request_id: text(
            acceptance
                .merchant_request_id
                .as_ref()
                .map(|it| it.as_str()),
        ),
        transaction_id: acceptance.transaction_id.clone(),
        generation: generation.and_then(|number| number.parse().ok()),
        receipt: payment.receipt().map(|receipt| receipt.as_str().to_owned()),
        ended_at: payment
            .paid_at()
            .or(payment.settled_at())
            .map(|at| at.unix_millis().div_euclid(1_000)),
    })
}

/// A callback URL's scheme, host and port; and its path and query, which carry the token.
fn split(url: &CallbackUrl) -> (String, String) {
    let text = url.as_str();
    let host = text.find("://").map_or(0, |at| at.saturating_add(3));
    let rest = text.get(host..).unwrap_or_default();
    let length = rest.find(['/', '?']).unwrap_or(rest.len());
    let (origin, path) = text
        .split_at_checked(host.saturating_add(length))
        .unwrap_or((text, ""));
    let path = match path {
        path if path.starts_with('/') => path.to_owned(),
        path => format!("/{path}"),
    };
    (origin.to_owned(), path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lipia::values::Environment;

    #[test]
    fn a_url_is_cut_before_its_path() {
        for (url, origin, path) in [
            (
                "http://127.0.0.1:8000/pay/a-b?c=d",
                "http://127.0.0.1:8000",
                "/pay/a-b?c=d",
            ),
            ("https://shop.ke", "https://shop.ke", "/"),
            ("https://shop.ke?x=1", "https://shop.ke", "/?x=1"),
        ] {
            let url = CallbackUrl::parse(url, Environment::Sandbox).unwrap();
            assert_eq!(split(&url), (origin.to_owned(), path.to_owned()));
        }
    }
}
