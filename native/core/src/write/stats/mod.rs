//! Delta statistics of data files, read from the Parquet footers the encoder has computed anyway, so
//! that they cost no pass over the data.
//!
//! Rules (Delta protocol, "Per-file Statistics"; the columns are chosen by the kernel's stats
//! schema): null counts for all of them, bounds for those with an order. Strings are cut at 32
//! characters, timestamps to the millisecond, both so that the bounds stay true. A bound that cannot
//! be said truly in JSON (a NaN in the column, an infinity, a year beyond 9999) is null there.
//!
//! A `plan` says which. The `footer` of a file has each column's `bound`s; nulls of `containers` are counted batch by batch;
//! both become the arrays of the add actions (`array`).

mod array;
mod bound;
mod containers;
mod footer;
mod plan;

pub use footer::FileStats;
pub use plan::StatsPlan;
