//! A table's history and files, as a person wants to see them.

use delta_kernel::scan::state::ScanFile;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::storage::Storage;
use crate::table;

/// What a commit says about itself; its other actions are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    commit_info: Option<Map<String, Value>>,
}

/// The newest commits first: each one's `commitInfo` with its `version`, at most `limit` of them.
/// Commits whose log entry has been cleaned up are left out.
pub fn history(name: &str, storage: &Storage, limit: usize) -> Result<Vec<Value>> {
    let newest = table::latest_snapshot(name, storage)?.version();
    let mut commits = Vec::new();
    for version in (0..=newest).rev().take(limit) {
        let Some(actions) = table::read_commit(name, storage, version)? else {
            break;
        };
        commits.push(commit_info(actions, version));
    }
    Ok(commits)
}

fn commit_info(actions: Vec<Action>, version: u64) -> Value {
    let infos = actions.into_iter().filter_map(|action| action.commit_info);
    let mut info = infos.into_iter().next().unwrap_or_default();
    info.insert("version".into(), version.into());
    Value::Object(info)
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
