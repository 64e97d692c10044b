//! The ledger under real processes: the judgement of a storm, and its table.
//!
//! The program `storm` plays a sandbox, starts shops as processes of their own that share one ledger, and kills them. This
//! library holds the [`Evidence`] that a run leaves behind, the [`judge`] that compares it with the promises of the ledger, the
//! [`Place`]s at which a process ends itself, the [`table`] that is printed, and a [`PostgresServer`] to run on.

mod chance;
mod evidence;
mod judge;
mod places;
mod postgres;
mod table;

pub use chance::Chance;
pub use evidence::{Delivered, Ended, Evidence, LedgerRow, News, Prompt, Told, payment_of_url};
pub use judge::{Finding, Promise, judge};
pub use places::{Command, End, Moment, Place};
pub use postgres::PostgresServer;
pub use table::{Column, table};
