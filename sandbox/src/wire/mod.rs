//! HTTP messages as data: requests, answers, callbacks, and the switch that breaks a connection.

pub(crate) mod answer;
pub(crate) mod loopback;
pub(crate) mod outgoing;
pub(crate) mod request;
pub(crate) mod switch;
