//! The partitions a table has: the distinct partition values of its files, as the log has them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::planner::{FileScan, ScanRequest, snapshot, with_fresh_log};
use crate::error::Result;
use crate::scan::keys::{Key, partition_key};
use crate::storage::Storage;

/// The answer to a request for partitions.
#[derive(Debug, Serialize)]
pub struct Partitions {
    /// Values of the partition columns, in the table's order of them; in no order of their own.
    pub values: Vec<Key>,
}

/// Lists the partitions that files of a scan lie in.
///
/// Errors: those of planning a scan, CorruptTable for a partition value that is none of its type.
pub fn partitions(request: &ScanRequest) -> Result<Partitions> {
    let storage = Storage::open(&request.location, &request.storage)?;
    with_fresh_log(&request.table, &storage, request.version, || {
        partitions_once(request, &storage)
    })
}

fn partitions_once(request: &ScanRequest, storage: &Storage) -> Result<Partitions> {
    let snapshot = snapshot(&request.table, storage, request.version)?;
    let scan = FileScan::new(request, storage, &snapshot)?;
    let mut found = BTreeMap::new();
    let mut outcome = Ok(());
    scan.visit(|file, _| {
        match partition_key(&file, &scan.partitions) {
            Ok(values) => {
                found.insert(Value::from(values.clone()).to_string(), values);
            }
            Err(e) => outcome = Err(e),
        }
        outcome.is_ok()
    })?;
    outcome?;
    Ok(Partitions {
        values: found.into_values().collect(),
    })
}
