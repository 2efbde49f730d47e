//! What the catalog shows of a table.

use std::collections::BTreeMap;

use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::table_features::TableFeature;
use serde::Serialize;

use super::refusal::{Refusal, refusal};
use super::snapshot::latest_snapshot;
use super::time_travel::snapshot_at;
use crate::error::{Error, Result};
use crate::storage::Storage;

/// What a catalog tells about a table.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    version: u64,
    id: String,
    name: Option<String>,
    description: Option<String>,
    /// Delta schema string (JSON), column metadata included.
    schema: String,
    partition_columns: Vec<String>,
    /// Logical paths.
    clustering_columns: Vec<Vec<String>>,
    /// Whether the table can be clustered, be it by no columns for now.
    clustered: bool,
    properties: BTreeMap<String, String>,
    min_reader_version: i32,
    min_writer_version: i32,
    reader_features: Vec<String>,
    writer_features: Vec<String>,
    created_time: Option<i64>,
    write_refusal: Option<Refusal>,
}

/// Describes the table at `storage`, at its newest version or at `version`.
pub fn describe(table: &str, storage: &Storage, version: Option<u64>) -> Result<Description> {
    let snapshot = match version {
        None => latest_snapshot(table, storage)?,
        Some(version) => snapshot_at(table, storage, version)?,
    };
    described(table, storage, &snapshot)
}

/// Describes a version of the table.
pub fn described(table: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<Description> {
    let configuration = snapshot.table_configuration();
    let (metadata, protocol) = (configuration.metadata(), configuration.protocol());
    let names = |features: Option<&[TableFeature]>| -> Vec<String> {
        let features = features.unwrap_or_default();
        features.iter().map(|f| f.as_ref().to_owned()).collect()
    };
    Ok(Description {
        version: snapshot.version(),
        id: metadata.id().to_owned(),
        name: metadata.name().map(str::to_owned),
        description: metadata.description().map(str::to_owned),
        schema: metadata.schema_string().clone(),
        partition_columns: configuration.logical_partition_columns().to_vec(),
        clustered: configuration.is_feature_supported(&TableFeature::ClusteredTable),
        clustering_columns: clustering_columns(table, storage, snapshot)?,
        properties: metadata.configuration().clone().into_iter().collect(),
        min_reader_version: protocol.min_reader_version(),
        min_writer_version: protocol.min_writer_version(),
        reader_features: names(protocol.reader_features()),
        writer_features: names(protocol.writer_features()),
        created_time: metadata.created_time(),
        write_refusal: refusal(table, storage, snapshot),
    })
}

fn clustering_columns(
    table: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
) -> Result<Vec<Vec<String>>> {
    if !snapshot
        .table_configuration()
        .is_feature_supported(&TableFeature::ClusteredTable)
    {
        return Ok(Vec::new());
    }
    let infos = snapshot
        .get_clustering_column_infos(storage.engine.as_ref())
        .map_err(|e| Error::from_kernel(&format!("read the clustering of table {table}"), e))?;
    let columns = infos.unwrap_or_default().into_iter();
    Ok(columns
        .map(|info| info.logical_column.path().to_vec())
        .collect())
}
