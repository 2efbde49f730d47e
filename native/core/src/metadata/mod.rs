//! Metadata tables: what a table's log says, as rows. The driver settles the version ([`plan`]); a task replays the log
//! and hands out batches ([`read`]), while it reads on: of [`files`] with their statistics ([`stats`]), of [`partitions`],
//! [`commits`], application transactions ([`txns`]) or [`properties`]. No data file is opened.

mod commits;
mod file_rows;
mod files;
mod lanes;
mod partitions;
pub mod plan;
mod properties;
pub mod read;
mod source;
mod stats;
mod txns;
