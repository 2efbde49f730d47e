//! Statistics as the arrays of add actions.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType as ArrowType, Field};
use delta_kernel::schema::{DataType, PrimitiveType, StructType};

use super::bound::{Bound, Side};
use super::footer::{ColumnStats, FileStats};
use crate::error::{Error, Result};

/// 0001-01-01 and 9999-12-31 as days since the epoch: the years that JSON readers parse.
const DAYS: std::ops::RangeInclusive<i32> = -719_162..=2_932_896;
/// The same years in microseconds.
const MICROS: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;
const MICROS_PER_MILLI: i64 = 1_000;

/// Makes the array of a leaf from its statistics in each file.
type LeafArray<'a> = dyn Fn(&[Option<&ColumnStats>], &PrimitiveType) -> ArrayRef + 'a;

/// A struct array that mirrors `schema`, its leaves made by `leaf` from the statistics of each file.
pub fn column_tree(
    schema: &StructType,
    files: &[FileStats],
    leaf: &LeafArray<'_>,
) -> Result<ArrayRef> {
    fn subtree(
        schema: &StructType,
        files: &[FileStats],
        leaf: &LeafArray<'_>,
        path: &mut Vec<String>,
    ) -> Result<ArrayRef> {
        let mut children = Vec::with_capacity(schema.num_fields());
        for field in schema.fields() {
            path.push(field.name().clone());
            let child = match field.data_type() {
                DataType::Struct(inner) => subtree(inner, files, leaf, path)?,
                DataType::Primitive(kind) => {
                    let stats: Vec<_> = files.iter().map(|file| file.columns.get(path)).collect();
                    leaf(&stats, kind)
                }
                other => {
                    return Err(Error::internal(format!(
                        "Cannot collect a statistic of type {other}"
                    )));
                }
            };
            path.pop();
            children.push((field.name().clone(), child));
        }
        Ok(Arc::new(struct_array(children, files.len())?))
    }
    subtree(schema, files, leaf, &mut Vec::new())
}

/// A struct without nulls.
pub fn struct_array(children: Vec<(String, ArrayRef)>, rows: usize) -> Result<StructArray> {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = children
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array))
        .unzip();
    StructArray::try_new_with_length(fields.into(), arrays, None, rows)
        .map_err(|e| Error::from_arrow("assemble statistics", e))
}

/// The null counts of a column, file by file.
pub fn null_counts(stats: &[Option<&ColumnStats>], _: &PrimitiveType) -> ArrayRef {
    Arc::new(Int64Array::from_iter(
        stats.iter().map(|stats| stats.and_then(|s| s.nulls)),
    ))
}

/// The bounds of a column of type `kind`, file by file.
pub fn bounds(stats: &[Option<&ColumnStats>], kind: &PrimitiveType, side: Side) -> ArrayRef {
    let of = |stats: &Option<&ColumnStats>| {
        stats.and_then(|s| match side {
            Side::Min => s.min.clone(),
            Side::Max => s.max.clone(),
        })
    };
    let ints = || stats.iter().map(|s| of(s).and_then(Bound::int));
    let longs = || stats.iter().map(|s| of(s).and_then(Bound::long));
    let millis = || longs().map(|micros| micros.and_then(|m| whole_millis(m, side)));
    match kind {
        PrimitiveType::Byte => Arc::new(Int8Array::from_iter(ints().map(|v| v.map(|v| v as i8)))),
        PrimitiveType::Short => {
            Arc::new(Int16Array::from_iter(ints().map(|v| v.map(|v| v as i16))))
        }
        PrimitiveType::Integer => Arc::new(Int32Array::from_iter(ints())),
        PrimitiveType::Date => Arc::new(Date32Array::from_iter(
            ints().map(|days| days.filter(|days| DAYS.contains(days))),
        )),
        PrimitiveType::Long => Arc::new(Int64Array::from_iter(longs())),
        PrimitiveType::Timestamp => {
            Arc::new(TimestampMicrosecondArray::from_iter(millis()).with_timezone("UTC"))
        }
        PrimitiveType::TimestampNtz => Arc::new(TimestampMicrosecondArray::from_iter(millis())),
        PrimitiveType::Float => Arc::new(Float32Array::from_iter(
            stats.iter().map(|s| of(s).and_then(Bound::float)),
        )),
        PrimitiveType::Double => Arc::new(Float64Array::from_iter(
            stats.iter().map(|s| of(s).and_then(Bound::double)),
        )),
        PrimitiveType::Decimal(decimal) => {
            let values = stats.iter().map(|s| of(s).and_then(Bound::wide));
            let array = Decimal128Array::from_iter(values).with_data_type(ArrowType::Decimal128(
                decimal.precision(),
                decimal.scale() as i8,
            ));
            Arc::new(array)
        }
        _ => Arc::new(StringArray::from_iter(
            stats.iter().map(|s| of(s).and_then(Bound::text)),
        )),
    }
}

/// Delta's timestamps in statistics have milliseconds: round down the lower bound, up the upper. In the last millisecond
/// that can be said the upper one is cut, which readers reckon with (Delta protocol, "Per-file Statistics").
fn whole_millis(micros: i64, side: Side) -> Option<i64> {
    let floor = micros.div_euclid(MICROS_PER_MILLI) * MICROS_PER_MILLI;
    let above = floor.checked_add(MICROS_PER_MILLI);
    let rounded = match side {
        Side::Max if floor < micros => above
            .filter(|above| MICROS.contains(above))
            .unwrap_or(floor),
        _ => floor,
    };
    MICROS.contains(&rounded).then_some(rounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_round_outwards() {
        assert_eq!(whole_millis(1_500, Side::Min), Some(1_000));
        assert_eq!(whole_millis(1_500, Side::Max), Some(2_000));
        assert_eq!(whole_millis(-1_500, Side::Min), Some(-2_000));
        assert_eq!(whole_millis(-1_500, Side::Max), Some(-1_000));
        assert_eq!(whole_millis(2_000, Side::Max), Some(2_000));
        assert_eq!(whole_millis(i64::MAX, Side::Max), None);
    }
}
