//! The meaning of what a gateway says: outcomes, result codes, statuses, events, and the redaction of its words.

pub mod event;
pub(crate) mod outcome;
pub(crate) mod redaction;
pub mod result_codes;
pub(crate) mod status;
