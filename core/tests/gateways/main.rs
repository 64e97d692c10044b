//! PalPluss and UpesiPay: what they are sent to the byte, and what each of their answers and callbacks means.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]

mod callback_tables;
mod callbacks;
mod identity;
mod palpluss;
mod palpluss_errors;
mod palpluss_queries;
mod server;
mod settings;
mod upesipay;
mod upesipay_errors;
mod upesipay_queries;
