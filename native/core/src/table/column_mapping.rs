//! What fields are called in data files (Delta protocol, "Column Mapping").

use delta_kernel::schema::{MetadataValue, StructField};

/// The metadata of a field that holds its name in data files.
pub const PHYSICAL_NAME: &str = "delta.columnMapping.physicalName";
/// The metadata of a field that holds its id in data files.
pub const ID: &str = "delta.columnMapping.id";

/// The name of a field in data files and statistics.
pub fn physical_name(field: &StructField) -> &str {
    match field.metadata().get(PHYSICAL_NAME) {
        Some(MetadataValue::String(name)) => name,
        _ => field.name(),
    }
}

/// The id of a field in data files.
pub fn field_id(field: &StructField) -> Option<i32> {
    i32::try_from(field.column_mapping_id()?).ok()
}
