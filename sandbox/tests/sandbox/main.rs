//! The sandbox, over real HTTP on loopback.

// The lints that spare tests know them by this mark, and helpers outside of test functions have no other.
#[cfg(test)]
mod control;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod gateway_faults;
#[cfg(test)]
mod gateway_scenarios;
#[cfg(test)]
mod life;
#[cfg(test)]
mod news;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod palpluss;
#[cfg(test)]
mod palpluss_limits;
#[cfg(test)]
mod palpluss_reads;
#[cfg(test)]
mod payhero;
#[cfg(test)]
mod phone_page;
#[cfg(test)]
mod push;
#[cfg(test)]
mod query;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod spoilt_answers;
#[cfg(test)]
mod support;
#[cfg(test)]
mod till;
#[cfg(test)]
mod upesipay;
#[cfg(test)]
mod upesipay_blocks;
