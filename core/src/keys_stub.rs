#![allow(missing_docs)]
use crate::*;
use futures_util::future::BoxFuture;
use std::fmt;
use std::time::Duration;
pub trait KeysProvider: Send + Sync + fmt::Debug {
    fn keys(&self) -> BoxFuture<'_, Result<Keys, Box<dyn std::error::Error + Send + Sync>>>;
}
#[derive(Clone, Debug)]
pub struct Keys;
impl Keys {
    pub fn daraja(_: Credentials) -> Self {
        Keys
    }
    pub fn palpluss(_: Secret) -> Self {
        Keys
    }
    pub fn upesipay(_: Secret) -> Self {
        Keys
    }
    pub fn upesipay_login(_: &str, _: Secret) -> Self {
        Keys
    }
    pub fn access_token(_: Secret, _: ShortCode) -> Self {
        Keys
    }
    pub fn lifetime(self, _: Duration) -> Self {
        self
    }
    pub fn lifetime_seconds(self, _: f64) -> Result<Self, Error> {
        Ok(self)
    }
    pub fn gateway(&self) -> GatewayName {
        GatewayName::Daraja
    }
}
impl Client {
    pub fn forget_keys(&self) {}
}
