//! Rows that change: DELETE, UPDATE and MERGE. Tasks tell which rows are touched ([`positions`]); the driver finds their
//! files ([`touched`]), decides what becomes of each ([`fate`]), writes deletion vectors ([`vectors`]) and has rows copied
//! where a file is written anew or the change data feed asks for them ([`rewrite`]), with columns of their own ([`extra`]).

pub mod extra;
pub mod fate;
pub mod positions;
pub mod rewrite;
pub mod touched;
pub mod vectors;
