//! The requests that a shop sends to each gateway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lipia_sandbox::{PALPLUSS_API_KEY, UPESIPAY_CHANNEL_ID, UPESIPAY_TOKEN};
use serde_json::{Value, json};

use crate::support::{Reply, Shop, send};

pub(crate) const PHONE: &str = "254712345678";
pub(crate) const STK: &str = "/v1/payments/stk";
pub(crate) const TRANSACTIONS: &str = "/v1/transactions";
pub(crate) const FIRST: &str = "/api/v2/payments";
pub(crate) const SECOND: &str = "/api/v2/collections/initiate/";

impl Shop {
    /// Sends a request with an authorization of its own, and a JSON body if it has one.
    pub(crate) async fn ask(
        &self,
        authorization: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Reply {
        let headers = [
            ("Authorization", authorization),
            ("Content-Type", "application/json"),
        ];
        let body = body.map(Value::to_string).unwrap_or_default();
        send(
            &self.sandbox.base_url(),
            method,
            path,
            &headers,
            body.as_bytes(),
        )
        .await
    }

    pub(crate) async fn palpluss(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let basic = format!("Basic {}", STANDARD.encode(format!("{PALPLUSS_API_KEY}:")));
        self.ask(&basic, method, path, body).await
    }

    pub(crate) fn palpluss_body(&self, phone: &str) -> Value {
        json!({
            "amount": 450, "phone": phone, "accountReference": "INV-7", "transactionDesc": "Books",
            "callbackUrl": self.callback_url,
        })
    }

    pub(crate) async fn palpluss_push(&self, phone: &str) -> Reply {
        self.palpluss("POST", STK, Some(&self.palpluss_body(phone)))
            .await
    }

    /// Pushes and returns the transaction id.
    pub(crate) async fn palpluss_accepted(&self, phone: &str) -> String {
        let reply = self.palpluss_push(phone).await;
        assert_eq!(reply.status(), 200, "{reply:?}");
        let id = &reply.json()["data"]["transactionId"];
        id.as_str().unwrap().to_owned()
    }

    pub(crate) async fn palpluss_status(&self, id: &str) -> Value {
        let reply = self
            .palpluss("GET", &format!("{TRANSACTIONS}/{id}"), None)
            .await;
        assert_eq!(reply.status(), 200, "{reply:?}");
        reply.json()["data"].clone()
    }

    pub(crate) async fn upesipay(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.ask(&format!("Basic {UPESIPAY_TOKEN}"), method, path, body)
            .await
    }

    /// A body that both generations take.
    pub(crate) fn upesipay_body(&self, phone: &str) -> Value {
        json!({
            "amount": 450, "phone_number": phone, "channel_id": UPESIPAY_CHANNEL_ID, "provider": "m-pesa",
            "external_reference": "INV-7", "callback_url": self.callback_url,
        })
    }

    pub(crate) async fn upesipay_push(&self, path: &str, phone: &str) -> Reply {
        self.upesipay("POST", path, Some(&self.upesipay_body(phone)))
            .await
    }

    /// Pushes and returns what the status is asked with.
    pub(crate) async fn upesipay_accepted(&self, path: &str, phone: &str) -> String {
        let reply = self.upesipay_push(path, phone).await;
        assert!([200, 201].contains(&reply.status()), "{reply:?}");
        let body = reply.json();
        let id = match path {
            FIRST => &body["reference"],
            _ => &body["data"]["checkout_request_id"],
        };
        id.as_str().unwrap().to_owned()
    }

    pub(crate) async fn upesipay_status(&self, reference: &str) -> Reply {
        let path = format!("/api/v2/transaction-status?reference={reference}");
        self.upesipay("GET", &path, None).await
    }
}

/// Status and code of an error in PalPluss's envelope.
pub(crate) fn palpluss_error(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    assert_eq!(body["success"], false, "{body}");
    assert_eq!(body["requestId"].as_str().unwrap().len(), 36);
    assert!(!body["error"]["message"].as_str().unwrap().is_empty());
    assert!(body["error"]["details"].is_object());
    let code = body["error"]["code"].as_str().unwrap().to_owned();
    (reply.status(), code)
}

/// Status and text of an error in UpesiPay's body of a generation.
pub(crate) fn upesipay_error(reply: &Reply, path: &str) -> (u16, String) {
    let body = reply.json();
    let member = if path == FIRST {
        assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
        "error_message"
    } else {
        assert_eq!(body["success"], false, "{body}");
        assert_eq!(body["status_code"], reply.status());
        assert!(body["error_code"].is_string() && body.get("details").is_some());
        "message"
    };
    (reply.status(), body[member].as_str().unwrap().to_owned())
}
