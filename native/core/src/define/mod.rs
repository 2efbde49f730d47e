//! Definitions of tables: new ones ([`create`]), ones that take the place of others ([`replace`]) and changes of those
//! there are ([`alter`]).
//!
//! A new table is what its [`definition`] says. The kernel makes the first commit, of the properties that it takes
//! (`properties`); `first_commit` adds the rest, and moves it on top of the table that is replaced. What CHECK
//! constraints (`constraints`) and clustering (`clustering`) are called in the log, all three share.

pub mod alter;
mod blind;
mod clustering;
mod constraints;
pub mod create;
pub mod definition;
mod first_commit;
mod lines;
mod properties;
pub mod replace;
