//! Reading: the driver plans ([`plan`]), executors read ([`task`]).
//!
//! What goes between them: the columns to read ([`fields`]), [`files`] with the [`keys`] that their partition values
//! are, the [`filter`] that skips, and what the [`session`] says about files of others.

pub mod fields;
pub mod files;
pub mod filter;
pub mod keys;
pub mod plan;
pub mod session;
pub mod task;
