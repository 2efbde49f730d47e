//! What the driver hands on: to packing the files of a scan, to tasks how to read them and the slices that are theirs.

use delta_kernel::schema::StructType;
use serde::{Deserialize, Serialize};

use super::fields::ReadField;
use super::files::DataFile;
use super::filter::Filter;
use super::keys::PartitionColumn;
use super::session::Session;
use crate::error::{Error, Result};
use crate::storage::StorageOptions;
use crate::version::build_id;

/// How tasks read the files of a scan.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadPlan {
    /// Readers are of the same build as the planner.
    pub build: String,
    pub table: String,
    /// None for files that are no table's.
    pub version: Option<u64>,
    /// What files must be like to be read, where they are no table's ([`super::task::plain`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<StructType>,
    pub location: String,
    pub storage: StorageOptions,
    pub fields: Vec<ReadField>,
    /// For skipping within files.
    pub filter: Option<Filter>,
    pub session: Session,
}

/// The files of a scan and what their partition values mean.
#[derive(Debug, Serialize, Deserialize)]
pub struct FileList {
    pub partitions: Vec<PartitionColumn>,
    pub files: Vec<DataFile>,
}

/// A range of a file. The row groups whose middle lies in it belong to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Slice<File = DataFile> {
    pub file: File,
    pub start: u64,
    pub length: u64,
}

/// Checks that a plan for `table` is of this build; `planner` is the driver's.
///
/// Errors: Internal if it is not.
pub fn check_build(table: &str, planner: &str) -> Result<()> {
    if planner == build_id() {
        return Ok(());
    }
    Err(Error::internal(format!(
        "Cannot read table {table}: the driver runs build {planner} of Sluice and this executor build \
         {}; put the same jar on both",
        build_id()
    ))
    .class("SLUICE_NATIVE_BUILD_MISMATCH"))
}

/// JSON of a message that never leaves this build.
pub fn encode(message: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(message)
        .map_err(|e| Error::internal("Cannot write a scan message").caused_by(e))
}
