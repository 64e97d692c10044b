//! Basic values: gateways and steps by name, time, random ids.

pub(crate) mod clock;
pub(crate) mod credentials;
pub(crate) mod gateway;
pub(crate) mod random_ids;
