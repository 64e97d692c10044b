//! A gateway's block, as an error carries it to the guard.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A block that a gateway announces: pushes are refused until it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Block {
    /// Whose pushes are refused.
    pub(crate) scope: BlockScope,
    /// How long it lasts: as the answer says, or else as the gateway's documents say.
    pub(crate) lasts: Duration,
}

/// Whose pushes a block refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BlockScope {
    /// All pushes of the account.
    Account,
    /// The pushes to this phone.
    Phone,
}
