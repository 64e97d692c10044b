//! What a client can do: one verb, one file.

mod collect;
mod receive_callback;
mod stk_push;
mod stk_query;
mod wait;

pub use wait::Watch;
