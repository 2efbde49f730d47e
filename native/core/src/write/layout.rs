//! The physical layout of a table's data files: the Parquet schema and, column for column, the Arrow
//! *lane* the values come in. A lane is the Arrow twin of a Parquet physical type, so that encoding
//! never converts a value: INT32 for byte, short, int, date and small decimals, BYTE_ARRAY for
//! strings and binary, and so on.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};
use delta_kernel::engine::arrow_conversion::TryIntoArrow as _;
use delta_kernel::schema::{ArrayType, DataType as DeltaType, MapType, StructField, StructType};
use parquet::arrow::ArrowSchemaConverter;
use parquet::schema::types::SchemaDescriptor;

use crate::error::{Error, Result};

/// Largest decimal precision stored as INT32 (Parquet, logical type DECIMAL).
const INT32_DIGITS: u8 = 9;
/// Largest decimal precision stored as INT64.
const INT64_DIGITS: u8 = 18;

/// What a data file of the table looks like, for all partitions alike.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Physical column names, types and field ids as written to the footer.
    pub parquet: Arc<SchemaDescriptor>,
    /// One lane per top-level Parquet field, in file order, with the table's nullability.
    pub lanes: Fields,
}

impl Layout {
    /// Layout of files with the kernel's physical schema.
    ///
    /// Errors: Internal if the schema holds a type without a Parquet counterpart.
    pub fn of(physical: &StructType) -> Result<Self> {
        let typed: Schema = physical
            .try_into_arrow()
            .map_err(|e| Error::from_arrow("lay out data files", e))?;
        let parquet = ArrowSchemaConverter::new()
            .schema_root("sluice_schema")
            .convert(&typed)
            .map_err(|e| Error::from_parquet("lay out data files", e))?;
        Ok(Self {
            parquet: Arc::new(parquet),
            lanes: typed.fields().iter().map(lane_field).collect(),
        })
    }
}

/// A type as readers give its values: variants are structs of value and metadata, in Spark's order and not that of files.
pub fn as_read(kind: &DeltaType) -> DeltaType {
    match kind {
        DeltaType::Variant(_) => {
            let part = |name: &str| StructField::not_null(name, DeltaType::BINARY);
            DeltaType::from(StructType::new_unchecked([part("value"), part("metadata")]))
        }
        DeltaType::Struct(fields) => {
            let fields = fields.fields().map(|field| StructField {
                data_type: as_read(field.data_type()),
                ..field.clone()
            });
            DeltaType::from(StructType::new_unchecked(fields))
        }
        DeltaType::Array(list) => DeltaType::from(ArrayType::new(
            as_read(list.element_type()),
            list.contains_null(),
        )),
        DeltaType::Map(map) => DeltaType::from(MapType::new(
            as_read(map.key_type()),
            as_read(map.value_type()),
            map.value_contains_null(),
        )),
        DeltaType::Primitive(_) => kind.clone(),
    }
}

fn lane_field(field: &FieldRef) -> FieldRef {
    Arc::new(Field::new(
        field.name(),
        lane_type(field.data_type()),
        field.is_nullable(),
    ))
}

/// Lane of a value that Arrow would type as `typed`.
fn lane_type(typed: &DataType) -> DataType {
    match typed {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Date32 => DataType::Int32,
        DataType::Int64 | DataType::Timestamp(..) => DataType::Int64,
        DataType::Decimal128(precision, _) => decimal_lane(*precision),
        DataType::Utf8 | DataType::Binary => DataType::Binary,
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(lane_field).collect()),
        DataType::List(element) => DataType::List(lane_field(element)),
        DataType::Map(entries, sorted) => DataType::Map(lane_field(entries), *sorted),
        other => other.clone(),
    }
}

fn decimal_lane(precision: u8) -> DataType {
    if precision <= INT32_DIGITS {
        DataType::Int32
    } else if precision <= INT64_DIGITS {
        DataType::Int64
    } else {
        DataType::FixedSizeBinary(decimal_bytes(precision))
    }
}

/// Bytes of the smallest two's complement number that holds `precision` digits.
fn decimal_bytes(precision: u8) -> i32 {
    let largest = 10_i128.pow(u32::from(precision)) - 1;
    let bits = 128 - largest.leading_zeros() + 1;
    bits.div_ceil(8) as i32
}

/// The number in a wide decimal lane: big-endian two's complement of 1 to 16 bytes.
pub fn wide_decimal(bytes: &[u8]) -> Option<i128> {
    let sign = if bytes.first()? & 0x80 == 0 { 0 } else { 0xff };
    let mut extended = [sign; 16];
    let start = extended.len().checked_sub(bytes.len())?;
    extended[start..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(extended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_take_parquets_physical_types() {
        assert_eq!(decimal_lane(9), DataType::Int32);
        assert_eq!(decimal_lane(10), DataType::Int64);
        assert_eq!(decimal_lane(18), DataType::Int64);
        assert_eq!(decimal_lane(19), DataType::FixedSizeBinary(9));
        assert_eq!(decimal_lane(20), DataType::FixedSizeBinary(9));
        assert_eq!(decimal_lane(38), DataType::FixedSizeBinary(16));
    }

    #[test]
    fn wide_decimals_are_sign_extended() {
        assert_eq!(wide_decimal(&[0xff, 0xfe]), Some(-2));
        assert_eq!(wide_decimal(&[0x01, 0x00]), Some(256));
        assert_eq!(wide_decimal(&[]), None);
        assert_eq!(wide_decimal(&[0; 17]), None);
    }
}
