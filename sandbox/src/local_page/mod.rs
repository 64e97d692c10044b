//! The doors of a page for a browser on this machine: a token in its address, a list of allowed `Host` names, `Origin` checked,
//! and headers that confine it to its own files. The page with the phone stands behind them, and so does the page over a ledger
//! of `lipia payments serve`.

pub mod access;
pub mod confine;
pub mod token;
