//! The Parquet encoder: arrays become pages, pages a column chunk.
//!
//! A batch is split into leaves with their levels ([`levels`]); each leaf goes to the writer of its column
//! chunk ([`chunk`]), which cuts pages, has their values encoded ([`values`], by the [`encoder`] of
//! [`booleans`], [`natives`] or [`bytes`], as [`plain`] values or [`bits`] of keys), compresses them ([`compress`]) and
//! keeps their bounds ([`bounds`]). Finished pages wait in [`blocks`] for the file.

mod bits;
pub mod blocks;
mod booleans;
mod bounds;
mod bytes;
mod chunk;
mod compress;
mod encoder;
mod levels;
mod natives;
mod plain;
#[cfg(test)]
mod tests;
mod values;

pub use chunk::{ChunkWriter, DICTIONARY_BYTES, mean_bytes};
pub use levels::leaves;
