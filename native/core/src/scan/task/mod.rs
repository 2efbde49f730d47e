//! An executor's part of a scan.
//!
//! The reader ([`read`]) opens each data file ([`source`]) and finds the columns in its footer ([`physical`]): each has
//! a `position`, a lane of its physical type (`lanes`), and a `shape` that it is given. Row groups ([`bounds`]) and pages
//! ([`pages`]) that hold no matching row are left out. What is decoded is [`cast`] where the file has another type than
//! the table, checked where it counts days by another [`calendar`], put together where it is [`shredded`]; what no file
//! holds are [`constants`]. Batches ([`batch`]) are trees of columns ([`column`]). A `failure` says what cannot be read, and files
//! that are no table's are read as far as they are [`plain`].

pub mod batch;
pub mod bounds;
pub mod calendar;
pub mod cast;
pub mod column;
pub mod constants;
mod failure;
mod lanes;
pub mod pages;
pub mod physical;
pub mod plain;
mod position;
pub mod read;
mod shape;
pub mod shredded;
pub mod source;
