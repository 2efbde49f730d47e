//! What this build is, for commits and for messages between driver and executors.

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
