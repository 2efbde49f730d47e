//! Delta Lake writes in Rust, without a JVM in sight: plan on the driver, write data files in tasks,
//! commit once on the driver.
//!
//! The way of a row: [`write::task`] aligns it ([`write::align`]), finds its partition
//! ([`write::partition`]), encodes it into a file ([`write::file`]) on its way to storage
//! ([`write::sink`]), and accounts for the file ([`write::stats`], [`write::receipt`]). The driver
//! opens and commits the whole ([`commit`]). Rows that native code has read ([`scan`]) need no JVM between
//! ([`write::transfer`]).

pub mod catalog;
mod clock;
pub mod commit;
mod cores;
pub mod define;
pub mod error;
pub mod faults;
pub mod log;
pub mod metadata;
pub mod rows;
pub mod runtime;
pub mod scan;
pub mod storage;
pub mod table;
mod version;
pub mod write;

pub use version::{ARROW_VERSION, ENGINE_INFO, KERNEL_VERSION, build_id};
