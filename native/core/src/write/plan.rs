//! The write plan: what the driver decides once and every task needs, as bytes.

use std::num::NonZero;

use delta_kernel::schema::{StructField, StructType};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::storage::StorageOptions;
use crate::table::codec::Codec;
use crate::version::build_id;

/// Everything a task needs to write data files; made on the driver, opaque in between.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WritePlan {
    /// Build that made the plan: the kernel's part of it is tied to its version.
    build_id: String,
    /// Part of the name of every file of the write, by which a failed job finds them.
    pub write_id: String,
    /// Name of the table, for messages.
    pub table: String,
    /// Root of the table.
    pub location: String,
    /// Options to reach the storage with.
    pub storage: StorageOptions,
    /// The kernel's encoded `WriteState`.
    pub write_state: String,
    /// Logical schema with partition columns.
    pub schema: StructType,
    /// Columns that files have behind those of the table.
    pub extra: Vec<StructField>,
    pub purpose: Purpose,
    /// Logical names.
    pub partition_columns: Vec<String>,
    /// Shape of the statistics, from the kernel.
    pub stats_schema: StructType,
    /// How files are cut and compressed.
    pub files: FilePlan,
    /// Cores that an executor has for its tasks; none where Spark's settings do not say.
    pub executor_cores: Option<NonZero<usize>>,
    /// The write was applied before (same application id and version): rows are dropped.
    pub already_applied: bool,
}

/// What the files of a write are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// They hold rows of the table.
    #[default]
    Data,
    /// They hold rows that came and went, for the change data feed (Delta protocol, "Change Data Files").
    Changes,
}

/// How files are cut and compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePlan {
    /// Compression of column chunks.
    pub codec: Codec,
    /// Encoded bytes at which a row group is closed.
    pub row_group_bytes: u64,
    /// Bytes at which a file is closed.
    pub target_file_bytes: u64,
    /// Rows at which a file is closed; none for no limit.
    pub max_records_per_file: Option<u64>,
}

impl FilePlan {
    /// Row groups as large as Spark's (`parquet.block.size`).
    pub const DEFAULT_ROW_GROUP_BYTES: u64 = 128 << 20;
    /// Large enough that a Spark task seldom reaches it.
    pub const DEFAULT_TARGET_FILE_BYTES: u64 = 1 << 30;
}

/// The parts of a plan that this build fills in itself are left out.
#[derive(Clone)]
pub struct PlanParts {
    pub write_id: String,
    pub table: String,
    pub location: String,
    pub storage: StorageOptions,
    pub write_state: Vec<u8>,
    pub schema: StructType,
    pub extra: Vec<StructField>,
    pub purpose: Purpose,
    pub partition_columns: Vec<String>,
    pub stats_schema: StructType,
    pub files: FilePlan,
    pub executor_cores: Option<NonZero<usize>>,
    pub already_applied: bool,
}

impl WritePlan {
    /// A plan made by this build.
    pub fn new(parts: PlanParts) -> Result<Self> {
        Ok(Self {
            build_id: build_id().to_owned(),
            write_id: parts.write_id,
            table: parts.table,
            location: parts.location,
            storage: parts.storage,
            write_state: String::from_utf8(parts.write_state)
                .map_err(|e| Error::internal("Cannot encode the write plan").caused_by(e))?,
            schema: parts.schema,
            extra: parts.extra,
            purpose: parts.purpose,
            partition_columns: parts.partition_columns,
            stats_schema: parts.stats_schema,
            files: parts.files,
            executor_cores: parts.executor_cores,
            already_applied: parts.already_applied,
        })
    }

    /// Serializes the plan. The bytes hold the storage options, credentials included.
    pub fn encode(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|e| Error::internal("Cannot encode the write plan").caused_by(e))
    }

    /// Reads a plan that the same build has made.
    ///
    /// Errors: Internal if the bytes are none, or another build's.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Origin {
            build_id: String,
        }
        let malformed =
            |e| Error::internal("Cannot read the write plan: it is not valid").caused_by(e);
        let origin: Origin = serde_json::from_slice(bytes).map_err(malformed)?;
        if origin.build_id != build_id() {
            return Err(Error::internal(format!(
                "Cannot use a write plan of build {} in build {}: driver and executors must run \
                 the same sluice-spark.jar",
                origin.build_id,
                build_id()
            ))
            .class("SLUICE_BUILD_MISMATCH"));
        }
        serde_json::from_slice(bytes).map_err(malformed)
    }
}
