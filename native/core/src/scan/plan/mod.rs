//! The driver's part of a scan.
//!
//! The `resolver` finds the columns in the table's schema, the [`planner`] the files that may hold matching rows, by the
//! kernel's data skipping and by [`stats`] of our own; [`pack`] cuts them into the partitions of a job. Some questions
//! the log answers alone: [`aggregate`]s, and which [`partitions`] there are. Files that are no table's are [`plain`].

pub mod aggregate;
pub mod pack;
pub mod partitions;
pub mod plain;
pub mod planner;
mod resolver;
pub mod stats;
