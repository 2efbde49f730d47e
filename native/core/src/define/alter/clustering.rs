//! CLUSTER BY (Delta protocol, "Clustered Table").

use serde_json::Value;

use super::fields;
use super::state::TableState;
use crate::error::Result;
use crate::table::stats_columns::KEY as STATS_COLUMNS;

const MAX_COLUMNS: usize = 4;
const INDEXED: &str = "delta.dataSkippingNumIndexedCols";
const DEFAULT_INDEXED: i64 = 32;

impl TableState {
    /// Clusters the table by these columns; by none, what is written from now on is not clustered.
    ///
    /// Errors: InvalidInput for a partitioned table, a missing column, one without bounds, too many.
    pub(super) fn cluster_by(&mut self, columns: &[Vec<String>]) -> Result<()> {
        if !self.partition_columns().is_empty() {
            return Err(self.refuse(
                "DELTA_ALTER_TABLE_CLUSTER_BY_ON_PARTITIONED_TABLE_NOT_ALLOWED",
                "it is partitioned, and a table is either partitioned or clustered",
            ));
        }
        if columns.len() > MAX_COLUMNS {
            return Err(self.refuse(
                "DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS",
                format!(
                    "it cannot be clustered by {} columns; at most {MAX_COLUMNS} are supported",
                    columns.len()
                ),
            ));
        }
        let physical = columns
            .iter()
            .map(|column| self.clustering_column(column))
            .collect::<Result<Vec<_>>>()?;
        if let Some(twice) = (1..physical.len()).find(|i| physical[..*i].contains(&physical[*i])) {
            return Err(self.refuse(
                "DELTA_DUPLICATE_COLUMNS_FOUND.CLUSTER_BY",
                format!(
                    "it cannot be clustered by '{}' twice",
                    columns[twice].join(".")
                ),
            ));
        }
        if !physical.is_empty() || self.protocol.supports("clustering") {
            self.protocol.support("clustering");
            self.clustering = Some(physical);
        }
        Ok(())
    }

    fn clustering_column(&self, path: &[String]) -> Result<Vec<String>> {
        let data_type = fields::type_at(&self.schema, path);
        let kind = fields::kind(data_type.ok_or_else(|| self.no_such_column(path))?);
        let has_bounds = matches!(
            kind,
            "byte"
                | "short"
                | "integer"
                | "long"
                | "float"
                | "double"
                | "date"
                | "timestamp"
                | "timestamp_ntz"
                | "string"
        ) || kind.starts_with("decimal");
        if !has_bounds {
            return Err(self.refuse(
                "DELTA_CLUSTERING_COLUMNS_DATATYPE_NOT_SUPPORTED",
                format!(
                    "it cannot be clustered by '{}': its type {kind} does not support data skipping",
                    path.join(".")
                ),
            ));
        }
        if !self.collects_stats(path) {
            return Err(self.refuse(
                "DELTA_CLUSTERING_COLUMN_MISSING_STATS",
                format!(
                    "it cannot be clustered by '{}', of which no statistics are collected; change the \
                     table property {STATS_COLUMNS} or {INDEXED} first",
                    path.join(".")
                ),
            ));
        }
        self.physical_path(path)
            .ok_or_else(|| self.no_such_column(path))
    }

    /// Whether the table's properties ask for statistics of the column.
    fn collects_stats(&self, path: &[String]) -> bool {
        let name = path.join(".").to_lowercase();
        if let Some(listed) = self.property(STATS_COLUMNS) {
            let listed = listed.replace('`', "").to_lowercase();
            return listed.split(',').any(|column| {
                let rest = name.strip_prefix(column.trim());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
        }
        let indexed = self.property(INDEXED).and_then(|n| n.parse::<i64>().ok());
        let Ok(indexed) = usize::try_from(indexed.unwrap_or(DEFAULT_INDEXED)) else {
            return true;
        };
        let mut leaves = Vec::new();
        leaf_names(&self.schema, "", &mut leaves);
        leaves.iter().take(indexed).any(|leaf| *leaf == name)
    }

    /// Whether the table is clustered by the column or one inside it.
    pub(super) fn clusters_within(&self, path: &[String]) -> bool {
        let physical = self.physical_path(path);
        let mut columns = self.clustering.iter().flatten();
        physical.is_some_and(|physical| columns.any(|column| column.starts_with(&physical)))
    }
}

/// Full names, without case, of the columns that are no structs, in the order in which they are indexed.
fn leaf_names(data_type: &Value, parent: &str, leaves: &mut Vec<String>) {
    for field in fields::fields(data_type).into_iter().flatten() {
        let name = format!("{parent}{}", fields::name(field).to_lowercase());
        match fields::fields(&field["type"]) {
            Some(_) => leaf_names(&field["type"], &format!("{name}."), leaves),
            None => leaves.push(name),
        }
    }
}
