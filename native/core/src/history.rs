//! A table's history and files, as a person wants to see them.

use delta_kernel::scan::state::ScanFile;
use object_store::ObjectStoreExt as _;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::runtime;
use crate::storage::Storage;
use crate::table;

/// The newest commits first: each one's `commitInfo` with its `version`, at most `limit` of them.
/// Commits whose log entry has been cleaned up are left out.
pub fn history(name: &str, storage: &Storage, limit: usize) -> Result<Vec<Value>> {
    let newest = table::latest_snapshot(name, storage)?.version();
    let mut commits = Vec::new();
    for version in (0..=newest).rev().take(limit) {
        let path = table::commit_path(storage, version)?;
        let read = async { storage.store.get(&path).await?.bytes().await };
        match runtime::block_on(read)? {
            Ok(bytes) => commits.push(commit_info(&bytes, version, name)?),
            Err(object_store::Error::NotFound { .. }) => break,
            Err(e) => return Err(Error::from_storage(&format!("read {path}"), e)),
        }
    }
    Ok(commits)
}

fn commit_info(commit: &[u8], version: u64, name: &str) -> Result<Value> {
    let mut info = Value::Object(Default::default());
    for line in commit
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let mut action: Value = serde_json::from_slice(line).map_err(|e| {
            Error::new(
                ErrorKind::CorruptTable,
                format!(
                    "Cannot read version {version} of table {name}: its log entry is not valid"
                ),
            )
            .caused_by(e)
        })?;
        if let Some(found) = action.get_mut("commitInfo") {
            info = found.take();
            break;
        }
    }
    if let Some(fields) = info.as_object_mut() {
        fields.insert("version".into(), version.into());
    }
    Ok(info)
}

/// A data file of the table.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataFileInfo {
    /// Relative to the table root.
    pub path: String,
    /// In bytes.
    pub size: i64,
    /// Rows, if the statistics tell.
    pub num_records: Option<u64>,
    /// By physical column name.
    pub partition_values: BTreeMap<String, String>,
}

/// The data files of the table's newest version.
pub fn files(name: &str, storage: &Storage) -> Result<Vec<DataFileInfo>> {
    let snapshot = table::latest_snapshot(name, storage)?;
    let broken = |e| Error::from_kernel(&format!("list the files of table {name}"), e);
    let engine = storage.engine.clone();
    let scan = Arc::clone(&snapshot)
        .scan_builder()
        .build()
        .map_err(broken)?;
    let mut files = Vec::new();
    for metadata in scan.scan_metadata(engine.as_ref()).map_err(broken)? {
        files = metadata
            .and_then(|metadata| metadata.visit_scan_files(files, collect))
            .map_err(broken)?;
    }
    Ok(files)
}

fn collect(files: &mut Vec<DataFileInfo>, file: ScanFile) {
    files.push(DataFileInfo {
        num_records: file.stats.map(|stats| stats.num_records),
        path: file.path,
        size: file.size,
        partition_values: file.partition_values.into_iter().collect(),
    });
}
