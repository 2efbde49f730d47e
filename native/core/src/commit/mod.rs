//! Committing: merges the receipts of all tasks and commits them once.

pub mod conflict;
pub mod overwrite;
mod retry;
mod transaction;

pub use transaction::{AppTransaction, CommitReport, WriteRequest, WriteTransaction};
