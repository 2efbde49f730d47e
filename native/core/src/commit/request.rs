//! What a write wants, as the JVM side says it.

use std::collections::BTreeMap;
use std::num::NonZero;

use serde::Deserialize;

use super::conflict::reads::ReadRequest;
use super::overwrite::OverwriteRequest;
use super::row_change::RowChangeRequest;
use crate::define::definition::TableDefinition;
use crate::log::app_transaction::AppTransaction;
use crate::storage::StorageOptions;

/// What a write wants.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WriteRequest {
    /// Name of the table, for messages.
    pub table: String,
    /// Root of the table.
    pub location: String,
    #[serde(default)]
    pub storage: StorageOptions,
    /// Recorded in the commit.
    pub engine_info: String,
    #[serde(default)]
    pub user_metadata: Option<String>,
    /// Makes the write idempotent.
    #[serde(default)]
    pub txn: Option<AppTransaction>,
    /// The table is made by this very commit.
    #[serde(default)]
    pub create: Option<TableDefinition>,
    /// Recorded in the commit that makes a table.
    #[serde(default)]
    pub operation: Option<String>,
    /// Version of the table that the one to be made replaces.
    #[serde(default)]
    pub replaces: Option<u64>,
    /// The rows that the new ones take the place of; none of a table that this commit makes.
    #[serde(default)]
    pub overwrite: Option<OverwriteRequest>,
    /// The rows of an existing table that are deleted or updated, with which new ones may come.
    #[serde(default)]
    pub change: Option<RowChangeRequest>,
    /// Schema of the existing table when the statement was analyzed, a Delta schema string.
    #[serde(default)]
    pub seen_schema: Option<String>,
    /// What the statement has read of the table it writes to.
    #[serde(default)]
    pub reads: Vec<ReadRequest>,
    /// CHECK constraints that the writer evaluates on every row: SQL expressions by name.
    #[serde(default)]
    pub constraints: BTreeMap<String, String>,
    #[serde(default)]
    pub writer: WriterOptions,
}

/// How the user wants files to be cut and compressed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct WriterOptions {
    pub codec_option: Option<String>,
    pub codec_session: Option<String>,
    pub row_group_bytes: Option<NonZero<u64>>,
    pub target_file_bytes: Option<NonZero<u64>>,
    pub max_records_per_file: Option<u64>,
    /// Cores that an executor has for its tasks.
    pub executor_cores: Option<NonZero<usize>>,
}
