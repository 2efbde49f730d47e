//! Committing: merges the receipts of all tasks and commits them once.

pub mod actions;
mod checksum;
pub mod committer;
pub mod conflict;
pub mod maintenance;
pub mod overwrite;
pub mod reads;
pub mod refusal;
mod retry;
mod transaction;
pub(crate) mod view;
mod winner;

pub use transaction::{AppTransaction, CommitReport, WriteRequest, WriteTransaction};
