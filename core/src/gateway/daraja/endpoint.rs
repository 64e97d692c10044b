//! Daraja's addresses.

/// Which of Daraja's addresses answered: the same code means different things on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gateway) enum Endpoint {
    Token,
    Push,
    Query,
}

impl Endpoint {
    /// The word for it in tables that people read.
    pub(in crate::gateway) const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Push => "push",
            Self::Query => "query",
        }
    }
}
