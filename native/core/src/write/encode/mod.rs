//! The Parquet encoder: arrays become pages, pages a column chunk.
//!
//! A batch is split into leaves with their levels ([`levels`]); each leaf goes to the writer of its column
//! chunk ([`chunk`]), which cuts pages, has their values encoded ([`values`], with dictionaries of
//! [`natives`] and [`bytes`]), compresses them ([`compress`]) and keeps their bounds ([`bounds`]).

mod bits;
mod bounds;
mod bytes;
mod chunk;
mod compress;
mod levels;
mod natives;
mod plain;
#[cfg(test)]
mod tests;
mod values;

pub use chunk::{ChunkWriter, mean_bytes};
pub use levels::leaves;

/// Largest dictionary page, in bytes. A column whose dictionary would outgrow it goes on without.
pub const DICTIONARY_BYTES: usize = 1 << 20;
