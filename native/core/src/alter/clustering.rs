//! CLUSTER BY (Delta protocol, "Clustered Table").

use serde_json::{Value, json};

use super::fields;
use super::state::TableState;
use crate::error::Result;

const MAX_COLUMNS: usize = 4;

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
        if !physical.is_empty() || self.clustering.is_some() {
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
        self.physical_path(path)
            .ok_or_else(|| self.no_such_column(path))
    }

    /// Whether the table is clustered by the column or one inside it.
    pub(super) fn clusters_within(&self, path: &[String]) -> bool {
        let physical = self.physical_path(path);
        let mut columns = self.clustering.iter().flatten();
        physical.is_some_and(|physical| columns.any(|column| column.starts_with(&physical)))
    }
}

/// The domain that holds clustering columns.
pub(crate) fn action(columns: Option<&[Vec<String>]>) -> Value {
    let domain = "delta.clustering";
    let configuration = json!({
        "clusteringColumns": columns.unwrap_or_default(),
        "domainName": domain,
    });
    json!({"domainMetadata": {
        "domain": domain,
        "configuration": configuration.to_string(),
        "removed": false,
    }})
}
