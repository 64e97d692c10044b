//! Clients of gateways other than Daraja, with keys that a server of the test's own takes.

use super::NO_SHOP;
use lipia::{Client, PalPluss, UpesiPay};

pub(crate) fn palpluss_at(base_url: &str) -> Client {
    PalPluss::builder()
        .api_key("pp_live_0123456789")
        .base_url(base_url)
        .callback_url(NO_SHOP)
        .build()
        .unwrap()
}

pub(crate) fn upesipay_at(base_url: &str) -> Client {
    UpesiPay::builder()
        .auth_token("Basic c2hvcDpzZWNyZXQ=")
        .channel_id("134")
        .base_url(base_url)
        .callback_url(NO_SHOP)
        .build()
        .unwrap()
}
