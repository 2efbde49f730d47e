//! Reading: the driver plans ([`plan`]), executors read ([`task`]).
//!
//! Columns and filters come from Spark and are looked up in the table's schema on the driver. What goes from there to
//! the tasks are [`message`]s: the columns to read ([`fields`]), the [`filter`] that skips, what the [`session`] says
//! about files of others, and slices of [`files`], whose partition values may be [`keys`] of a join and whose rows a
//! [`deletion_vector`] may leave out.

pub mod deletion_vector;
pub mod fields;
pub mod files;
pub mod filter;
pub mod keys;
pub mod message;
pub mod plan;
pub mod session;
pub mod task;
