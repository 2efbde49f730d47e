//! What an ALTER TABLE changes: metadata, protocol and clustering, and the actions that say so.

use delta_kernel::actions::{Metadata, Protocol as KernelProtocol};
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::table_configuration::TableConfiguration;
use delta_kernel::table_features::TableFeature;
use serde_json::{Map, Value, json};

use super::fields;
use crate::define::clustering;
use crate::define::definition::parse_schema;
use crate::error::{Error, ErrorKind, Result};
use crate::log::actions::{TIMESTAMPS_ON, TIMESTAMPS_TIME, TIMESTAMPS_VERSION, Timestamps};
use crate::storage::Storage;
use crate::table::protocol::Protocol;
use crate::table::row_tracking;
use crate::table::stats_columns;

/// A version's metadata, taken apart.
#[derive(Clone, PartialEq)]
pub(super) struct TableState {
    /// Name of the table, for messages.
    pub table: String,
    url: url::Url,
    version: u64,
    /// The `metaData` action, whose schema and configuration are kept below.
    metadata: Map<String, Value>,
    /// Delta schema JSON.
    pub schema: Value,
    pub configuration: Map<String, Value>,
    pub protocol: Protocol,
    /// Physical paths; none without a clustering domain.
    pub clustering: Option<Vec<Vec<String>>>,
}

impl TableState {
    pub fn of(table: &str, storage: &Storage, snapshot: &SnapshotRef) -> Result<Self> {
        let broken = |e| Error::internal(format!("Cannot alter table {table}")).caused_by(e);
        let configuration = snapshot.table_configuration();
        let Value::Object(metadata) =
            serde_json::to_value(configuration.metadata()).map_err(broken)?
        else {
            return Err(Error::internal(format!(
                "Cannot alter table {table}: its metadata is no object"
            )));
        };
        let schema =
            serde_json::from_str(configuration.metadata().schema_string()).map_err(broken)?;
        let properties = metadata.get("configuration").and_then(Value::as_object);
        Ok(Self {
            table: table.to_owned(),
            url: storage.url.clone(),
            version: snapshot.version(),
            configuration: properties.cloned().unwrap_or_default(),
            metadata,
            schema,
            protocol: Protocol::of(configuration.protocol()),
            clustering: clustering_columns(table, storage, snapshot)?,
        })
    }

    /// The value of a table property.
    pub fn property(&self, key: &str) -> Option<&str> {
        self.configuration.get(key)?.as_str()
    }

    pub fn put_property(&mut self, key: &str, value: &str) {
        self.configuration.insert(key.into(), value.into());
    }

    pub fn set_description(&mut self, description: Option<&str>) {
        self.metadata
            .insert("description".into(), json!(description));
    }

    /// Names of the partition columns.
    pub fn partition_columns_mut(&mut self) -> Option<&mut Vec<Value>> {
        self.metadata.get_mut("partitionColumns")?.as_array_mut()
    }

    pub fn partition_columns(&self) -> Vec<&str> {
        let columns = self
            .metadata
            .get("partitionColumns")
            .and_then(Value::as_array);
        columns
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// The error that Delta calls `class`; `why` completes "Cannot alter table t: …".
    pub fn refuse(&self, class: &'static str, why: impl std::fmt::Display) -> Error {
        Error::invalid(format!("Cannot alter table {}: {why}", self.table)).class(class)
    }

    pub fn no_such_column(&self, path: &[String]) -> Error {
        self.refuse(
            "DELTA_COLUMN_NOT_FOUND_IN_SCHEMA",
            format!("there is no column '{}'", path.join(".")),
        )
    }

    /// What follows from the changes: ids of new columns.
    ///
    /// Errors: InvalidInput for a schema that the table cannot have as it is.
    pub fn settle(&mut self) -> Result<()> {
        self.map_added_fields();
        if self.protocol.supports(row_tracking::FEATURE) {
            row_tracking::name_columns(&mut self.configuration);
        }
        for (name, feature) in [
            ("timestamp_ntz", "timestampNtz"),
            ("variant", "variantType"),
        ] {
            if fields::contains_type(&self.schema, name) && !self.protocol.supports(feature) {
                return Err(self.refuse(
                    "DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT",
                    format!(
                        "columns of type {name} need the table feature {feature}; run ALTER TABLE {} \
                         SET TBLPROPERTIES ('delta.feature.{feature}' = 'supported') first",
                        self.table
                    ),
                ));
            }
        }
        self.check_feed()?;
        self.check_stats_columns()?;
        if fields::fields(&self.schema).is_none_or(Vec::is_empty) {
            return Err(self.refuse(
                "DELTA_DROP_COLUMN_ON_SINGLE_FIELD_SCHEMA",
                "a table needs at least one column",
            ));
        }
        Ok(())
    }

    fn check_stats_columns(&self) -> Result<()> {
        let Some(list) = self.property(stats_columns::KEY) else {
            return Ok(());
        };
        let doing = format!("alter table {}", self.table);
        let schema = parse_schema(&self.table, &self.schema.to_string())?;
        stats_columns::check(&doing, list, &schema, &self.partition_columns())
    }

    /// Whether all rows need ids that `before` could do without.
    pub fn turns_on_row_tracking(&self, before: &Self) -> bool {
        let is_on = |state: &Self| {
            let value = state.property(row_tracking::ENABLED);
            value.is_some_and(crate::table::properties::is_true)
        };
        is_on(self) && !is_on(before)
    }

    /// Names of the partition columns in files and log.
    pub fn physical_partition_columns(&self) -> Vec<String> {
        let columns = self.partition_columns().into_iter();
        columns
            .filter_map(|column| self.physical_path(&[column.to_owned()])?.pop())
            .collect()
    }

    /// The actions that make `before` this.
    ///
    /// Errors: Internal if the kernel would not read the result.
    pub fn actions(mut self, before: &Self, timestamps: &mut Timestamps) -> Result<Vec<Value>> {
        self.settle_timestamps(before, timestamps);
        self.metadata
            .insert("schemaString".into(), self.schema.to_string().into());
        self.metadata
            .insert("configuration".into(), self.configuration.clone().into());
        self.metadata.retain(|_, value| !value.is_null());
        self.check_readable()?;
        let mut actions = Vec::new();
        if self.protocol != before.protocol {
            actions.push(json!({ "protocol": self.protocol.action() }));
        }
        // Written for changes that change nothing too, as Delta does, except where only the
        // clustering is new.
        if self.clustering == before.clustering
            || self.schema != before.schema
            || self.configuration != before.configuration
            || self.metadata.get("description") != before.metadata.get("description")
        {
            actions.push(json!({ "metaData": self.metadata }));
        }
        if self.clustering != before.clustering {
            actions.push(clustering::domain(self.clustering.as_deref()));
        }
        Ok(actions)
    }

    /// In-commit timestamps begin with the commit that turns them on (Delta protocol, "In-Commit
    /// Timestamps"), which records where.
    fn settle_timestamps(&mut self, before: &Self, timestamps: &mut Timestamps) {
        let is_on = |state: &Self| {
            state
                .property(TIMESTAMPS_ON)
                .is_some_and(crate::table::properties::is_true)
        };
        match (is_on(before), is_on(self)) {
            (_, false) => timestamps.in_commit = false,
            (true, true) => timestamps.in_commit = true,
            (false, true) => {
                timestamps.in_commit = true;
                self.put_property(TIMESTAMPS_VERSION, &timestamps.version.to_string());
                self.put_property(TIMESTAMPS_TIME, &timestamps.time.to_string());
            }
        }
    }

    /// Nothing is committed that would leave the table unreadable.
    fn check_readable(&self) -> Result<()> {
        let unreadable = |e: &dyn std::fmt::Display| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("Cannot alter table {}: {e}", self.table),
            )
        };
        let metadata: Metadata =
            serde_json::from_value(self.metadata.clone().into()).map_err(|e| unreadable(&e))?;
        let protocol: KernelProtocol =
            serde_json::from_value(self.protocol.action()).map_err(|e| unreadable(&e))?;
        TableConfiguration::try_new(metadata, protocol, self.url.clone(), self.version + 1)
            .map(drop)
            .map_err(|e| unreadable(&e))
    }
}

fn clustering_columns(
    table: &str,
    storage: &Storage,
    snapshot: &SnapshotRef,
) -> Result<Option<Vec<Vec<String>>>> {
    let configuration = snapshot.table_configuration();
    if !configuration.is_feature_supported(&TableFeature::ClusteredTable) {
        return Ok(None);
    }
    let columns = snapshot
        .get_physical_clustering_columns(storage.engine.as_ref())
        .map_err(|e| Error::from_kernel(&format!("read the clustering of table {table}"), e))?;
    Ok(columns.map(|columns| {
        columns
            .iter()
            .map(|column| column.path().to_vec())
            .collect()
    }))
}
