//! Committing: merges the receipts of all tasks and commits them once.
//!
//! A `request` is opened before the job (`transaction`) and is a `write` from then on, onto a table there is or with one
//! that its own commit makes. When the tasks are done, the files that an [`overwrite`] removes are found,
//! or what becomes of those whose rows a [`row_change`] touches, and the commit is tried (`retry`) until it has landed or that of another stands in its way ([`conflict`], and
//! [`crate::log::conflict`] for what concerns all). `info` is what the table's history shows of it.

mod change_files;
pub mod conflict;
mod entries;
mod info;
pub mod overwrite;
mod request;
mod retry;
pub mod row_change;
mod row_metrics;
mod transaction;
mod write;

pub use request::WriteRequest;
pub use transaction::{CommitReport, WriteTransaction};
