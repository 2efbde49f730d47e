//! Committing: merges the receipts of all tasks and commits them once.

pub mod committer;
pub mod conflict;
pub mod maintenance;
pub mod refusal;
mod retry;
mod transaction;

pub use transaction::{CommitReport, WriteRequest, WriteTransaction};
