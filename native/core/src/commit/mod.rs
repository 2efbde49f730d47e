//! Committing: merges the receipts of all tasks and commits them once.
//!
//! A request is opened before the job (`transaction`) and is a `write` from then on. When its tasks are done, the files
//! that an [`overwrite`] removes are found, and the commit is tried (`retry`) until it has landed, or the commit of
//! another stands in its way ([`conflict`], [`crate::log::conflict`]); `info` is what the history shows of it.

pub mod conflict;
mod info;
pub mod overwrite;
mod request;
mod retry;
mod transaction;
mod write;

pub use request::WriteRequest;
pub use transaction::{CommitReport, WriteTransaction};
