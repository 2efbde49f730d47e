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
pub mod runtime;
pub mod scan;
pub mod storage;
pub mod table;
pub mod write;

/// Recorded as `engineInfo` where no engine names itself.
pub const ENGINE_INFO: &str = concat!("Sluice/", env!("CARGO_PKG_VERSION"));

/// Version of the Delta kernel, to which write plans are tied.
pub const KERNEL_VERSION: &str = "0.30.1";
/// Version of Arrow and Parquet.
pub const ARROW_VERSION: &str = arrow::ARROW_VERSION;

/// Identity of this build. Plans and receipts are only exchanged between equal builds.
pub fn build_id() -> &'static str {
    option_env!("SLUICE_BUILD_ID").unwrap_or("dev")
}
