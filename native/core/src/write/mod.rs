//! Writing data files: from batches of lanes to add actions.
//!
//! The driver's [`plan`] says what the files are to be like. The writer of a [`task`] takes batches, lent by the JVM or
//! from a reader beside it ([`transfer`]), and brings their columns into the order of the files ([`align`], `columns`).
//! Rows are told apart by [`partition`] and wait for each other in a [`buffer`] if they are scattered. A [`file`] has
//! its columns encoded ([`layout`], `dictionary`, `encode`), put together (`assembly`) and sent to storage while it
//! grows ([`sink`], `uploads`). What was written is in the [`receipt`], with the [`stats`] of each file.

pub mod align;
mod assembly;
pub mod buffer;
mod columns;
mod dictionary;
mod encode;
pub mod file;
pub mod layout;
pub mod metrics;
pub mod partition;
pub mod plan;
pub mod receipt;
pub mod sink;
pub mod stats;
pub mod task;
pub mod transfer;
mod uploads;
