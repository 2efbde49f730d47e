//! What the native benchmarks share: batches as the shim lends them, and a table to write them to.

pub mod samples;
pub mod table;
