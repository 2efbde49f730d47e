//! The log of a table: how a version comes into it.
//!
//! A commit is put there by the [`committer`], which tells three outcomes apart: committed, lost, unknown. The kernel's
//! transactions go through it, and commits whose [`actions`] are all our own. Whoever lost a race looks at what the
//! winners' commits mean ([`conflict`]) and whether the write was made before ([`app_transaction`]). The upkeep that
//! follows a commit keeps nobody waiting ([`maintenance`]).

pub mod actions;
pub mod app_transaction;
pub mod committer;
pub mod conflict;
pub mod maintenance;
