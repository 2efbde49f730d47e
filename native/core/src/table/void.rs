//! Columns of type VOID: always null, and in no file. The kernel leaves them out of the schema of files.

use delta_kernel::schema::{DataType, PrimitiveType, StructField};

/// Whether a column or nested field has no values.
pub fn is_void(field: &StructField) -> bool {
    matches!(field.data_type(), DataType::Primitive(PrimitiveType::Void))
}
