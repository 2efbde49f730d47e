//! What a new table is to be.

use std::collections::BTreeMap;

use delta_kernel::schema::StructType;
use serde::Deserialize;

use crate::error::{Error, Result};

/// Definition of a new table.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableDefinition {
    /// Delta schema string (JSON), logical names.
    pub schema: String,
    /// Top-level logical names.
    #[serde(default)]
    pub partition_columns: Vec<String>,
    /// Logical paths.
    #[serde(default)]
    pub clustering_columns: Vec<Vec<String>>,
    /// Table properties; `delta.*` by Delta's names.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// CHECK constraints: SQL expressions by name.
    #[serde(default)]
    pub constraints: BTreeMap<String, String>,
    /// Comment of the table.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether the catalog chose the place, for the table's history.
    #[serde(default)]
    pub managed: bool,
}

/// Reads a Delta schema string.
pub fn parse_schema(name: &str, json: &str) -> Result<StructType> {
    serde_json::from_str(json).map_err(|e| {
        Error::invalid(format!(
            "Cannot create table {name}: its schema is not valid ({e})"
        ))
        .class("DELTA_SCHEMA_NOT_PROVIDED")
        .caused_by(e)
    })
}
