//! Predicates as Spark pushes them (`request`), bound to a table (`bind`, `predicate`), and their three uses: data skipping
//! in the log, by the kernel (`kernel`), exact decisions on partition values (`exact`), and skipping of row groups and
//! pages (`skip`).
//!
//! A filter never decides alone which rows are returned: Spark evaluates its predicates again, except
//! for those that [`Filter::is_exact`] on partition columns.

mod bind;
mod exact;
mod kernel;
mod order;
mod predicate;
mod request;
mod skip;

pub use predicate::Filter;
pub use request::Request;
pub use skip::Bounds;
