//! Reading: the driver plans ([`plan`]), executors read ([`read`]).
//!
//! A plan resolves the requested columns ([`fields`]), skips files ([`filter`], [`files`], [`stats`]) and
//! packs the rest into Spark's partitions ([`pack`]). [`session`] is about what both do with files of
//! others. A task opens each data file ([`source`]), leaves out row groups ([`bounds`]) and pages
//! ([`pages`]), finds its columns ([`physical`], [`cast`], [`calendar`], [`constants`], [`shredded`]) and
//! hands batches out as trees of columns ([`column`]), or says why it cannot (`failure`). Files that are
//! no table's are read too, as far as they are [`plain`].

pub mod aggregate;
pub mod bounds;
pub mod calendar;
pub mod cast;
pub mod column;
pub mod constants;
mod failure;
pub mod fields;
pub mod files;
pub mod filter;
pub mod keys;
pub mod pack;
pub mod pages;
pub mod partitions;
pub mod physical;
pub mod plain;
pub mod plan;
pub mod read;
pub mod session;
pub mod shredded;
pub mod source;
pub mod stats;
