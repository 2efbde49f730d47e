//! What the commits of others mean to a write that is more than a blind append: what they did to the rows of the table
//! ([`winner`]), and whether that touches what the statement has read ([`reads`]) or the
//! rows that it changes ([`rows`]).

pub mod reads;
pub mod rows;
pub mod winner;
