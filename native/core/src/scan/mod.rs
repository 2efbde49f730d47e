//! Reading: the driver plans ([`plan`]), executors read ([`task`]).
//!
//! What goes between them: the columns to read ([`fields`]), [`files`] with the [`keys`] that their partition values
//! are, the [`filter`] that skips, what the [`session`] says about files of others, and the [`message`]s of all this.

pub mod fields;
pub mod files;
pub mod filter;
pub mod keys;
pub mod message;
pub mod plan;
pub mod session;
pub mod task;
