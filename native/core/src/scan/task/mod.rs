//! An executor's part of a scan ([`read`]).
//!
//! A task opens each data file ([`source`]), leaves out row groups ([`bounds`]) and pages ([`pages`]), finds its
//! columns ([`physical`], [`cast`], [`calendar`], [`constants`], [`shredded`]) and hands batches out as trees of
//! columns ([`column`]), or says why it cannot (`failure`). Files that are no table's are read too, as far as they are
//! [`plain`].

pub mod bounds;
pub mod calendar;
pub mod cast;
pub mod column;
pub mod constants;
mod failure;
pub mod pages;
pub mod physical;
pub mod plain;
pub mod read;
pub mod shredded;
pub mod source;
