//! Records, which the sandbox shows a test: counters, payments, requests, news.

pub(crate) mod counters;
pub(crate) mod news;
pub(crate) mod payment;
pub(crate) mod request_log;
