//! The verbs of a client, one file each.

pub(crate) mod ask;
pub(crate) mod check;
pub(crate) mod collect;
pub(crate) mod on_outcome;
pub(crate) mod receive_callback;
pub(crate) mod request;
pub(crate) mod stk_push;
pub(crate) mod stk_query;
pub(crate) mod wait;
