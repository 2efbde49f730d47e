//! Definitions of tables: new ones ([`create`]), ones that take the place of others ([`replace`]) and changes of those
//! there are ([`alter`]).

pub mod alter;
pub mod create;
pub mod replace;
