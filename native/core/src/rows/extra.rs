//! Columns that files of a row-level change have behind those of the table.

use delta_kernel::schema::{DataType, StructField};
use delta_kernel::snapshot::SnapshotRef;

use crate::table::properties::is_true;
use crate::table::row_tracking::materialized_columns;

/// Where rows keep the ids and commit versions that they had in other files (Delta protocol, "Row Tracking"); none if the
/// table does not track its rows.
pub fn row_tracking(snapshot: &SnapshotRef) -> Vec<StructField> {
    let names = materialized_columns(snapshot.metadata_configuration());
    let fields = names.map(|names| names.map(|name| StructField::nullable(name, DataType::LONG)));
    fields.map_or_else(Vec::new, Vec::from)
}

/// What the change data feed says of a row (Delta protocol, "Add CDC File").
pub fn change_type() -> StructField {
    StructField::nullable("_change_type", DataType::STRING)
}

/// Whether the table has a change data feed.
pub fn feeds_changes(snapshot: &SnapshotRef) -> bool {
    let enabled = snapshot
        .metadata_configuration()
        .get("delta.enableChangeDataFeed");
    enabled.is_some_and(|value| is_true(value))
}
