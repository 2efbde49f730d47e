//! The driver's part of reading a metadata table: which one, at which version.

use delta_kernel::schema::StructType;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::scan::message::encode;
use crate::scan::plan::planner::{ScanRequest, snapshot, with_fresh_log};
use crate::scan::session::Session;
use crate::storage::{Storage, StorageOptions};
use crate::version::build_id;

/// Which metadata table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    Files,
    Partitions,
    Txns,
    Properties,
    History,
    Snapshots,
}

/// What Spark wants to read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetadataRequest {
    pub kind: Kind,
    /// The table whose log is read, as the user names it.
    pub table: String,
    pub location: String,
    #[serde(default)]
    pub storage: StorageOptions,
    /// The newest without one.
    pub version: Option<u64>,
    /// The wanted columns, nested ones pruned, of the types that Spark takes them to have.
    pub schema: StructType,
    /// On partition columns, by their names in the table; see [`ScanRequest`].
    #[serde(default)]
    pub filters: Value,
    #[serde(default)]
    pub exact_filters: Value,
    /// Rows that are enough.
    pub limit: Option<u64>,
    #[serde(default)]
    pub session: Session,
}

/// What Spark's optimizer wants to know.
#[derive(Debug, Serialize)]
pub struct MetadataSummary {
    pub version: u64,
    /// Data files of the table, if that is known without a replay.
    pub files: Option<i64>,
}

/// A planned read of a metadata table. `plan` goes to the task, opaque.
#[derive(Debug)]
pub struct PlannedMetadata {
    pub summary: MetadataSummary,
    pub plan: Vec<u8>,
}

/// How a task reads a metadata table.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MetadataPlan {
    /// Readers are of the same build as the planner.
    pub build: String,
    pub version: u64,
    pub request: MetadataRequest,
}

/// Plans a read: only the version is looked up.
///
/// Errors: those of loading a snapshot.
pub fn plan(request: MetadataRequest) -> Result<PlannedMetadata> {
    let storage = Storage::open(&request.location, &request.storage)?;
    let snapshot = with_fresh_log(&request.table, &storage, request.version, || {
        snapshot(&request.table, &storage, request.version)
    })?;
    let version = snapshot.version();
    let files = snapshot.get_file_stats_if_present();
    Ok(PlannedMetadata {
        summary: MetadataSummary {
            version,
            files: files.map(|stats| stats.num_files()),
        },
        plan: encode(&MetadataPlan {
            build: build_id().to_owned(),
            version,
            request,
        })?,
    })
}

impl MetadataRequest {
    /// The request for the data files that the filters leave.
    ///
    /// Errors: Internal for filters that are none.
    pub(super) fn scan(&self, version: u64) -> Result<ScanRequest> {
        Ok(ScanRequest {
            table: self.table.clone(),
            location: self.location.clone(),
            storage: self.storage.clone(),
            version: Some(version),
            schema: Value::Null,
            filters: filters(&self.filters)?,
            exact_filters: filters(&self.exact_filters)?,
            limit: None,
            session: self.session.clone(),
        })
    }
}

fn filters(message: &Value) -> Result<Vec<crate::scan::filter::Request>> {
    if message.is_null() {
        return Ok(Vec::new());
    }
    serde_json::from_value(message.clone()).map_err(|e| {
        Error::internal(format!("Cannot read the filters of a metadata table: {e}")).caused_by(e)
    })
}
