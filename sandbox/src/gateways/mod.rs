//! The gateways: one folder each, with its routes, its validation and its bodies.

pub(crate) mod daraja;
pub(crate) mod palpluss;
pub(crate) mod upesipay;
