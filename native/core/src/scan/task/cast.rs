//! From what a file stores to the lane of the table's type: type widening (Delta protocol, "Type
//! Widening"), legacy decimals, time units. Most columns need nothing.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray as _, BinaryViewArray, FixedSizeBinaryArray, Float64Array, Int32Array,
    Int64Array,
};
use arrow::datatypes::{DataType, Float32Type, Int32Type, Int64Type, TimeUnit};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit as ParquetTimeUnit};
use parquet::schema::types::ColumnDescriptor;

use crate::scan::fields::Leaf;

/// Largest decimal precision in an Int32 lane.
pub const INT32_DIGITS: u8 = 9;
/// Largest decimal precision in an Int64 lane.
pub const INT64_DIGITS: u8 = 18;
/// Bytes of a wide decimal made here; files may hold shorter ones.
pub const WIDE_BYTES: i32 = 16;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// What is done to the values of a column of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Cast {
    /// The file's lane is the table's.
    Keep,
    /// The low bits of integers: Spark's reader takes no more of a byte or a short.
    Low8,
    Low16,
    IntToLong,
    IntToDouble,
    FloatToDouble,
    /// Days, or another Int32 of this many units of an Int64 lane.
    IntTimes(i64),
    Times(i64),
    DividedBy(i64),
    /// Of any lane that holds decimals, with this scale.
    Decimal {
        stored_scale: u8,
        precision: u8,
        scale: u8,
    },
    FixedToBytes,
}

impl Cast {
    /// How to read a column stored as `lane`, described by `stored`, as a `leaf`; none if that
    /// cannot be.
    pub fn plan(leaf: &Leaf, lane: &DataType, stored: &ColumnDescriptor) -> Option<Self> {
        Some(match (leaf, lane) {
            (Leaf::Boolean, DataType::Boolean)
            | (Leaf::Integer | Leaf::Date, DataType::Int32)
            | (Leaf::Long, DataType::Int64)
            | (Leaf::Float, DataType::Float32)
            | (Leaf::Double, DataType::Float64)
            | (Leaf::Bytes, DataType::BinaryView)
            | (Leaf::Timestamp, DataType::Timestamp(TimeUnit::Microsecond, _)) => Self::Keep,
            (Leaf::Byte, DataType::Int32) => Self::Low8,
            (Leaf::Short, DataType::Int32) => Self::Low16,
            (Leaf::Long, DataType::Int32) => Self::IntToLong,
            (Leaf::Double, DataType::Int32) => Self::IntToDouble,
            (Leaf::Double, DataType::Float32) => Self::FloatToDouble,
            (Leaf::Bytes, DataType::FixedSizeBinary(_)) => Self::FixedToBytes,
            (Leaf::Timestamp, DataType::Int32) => Self::IntTimes(MICROS_PER_DAY),
            (Leaf::Timestamp, DataType::Int64) => to_micros(stored),
            (Leaf::Decimal { precision, scale }, lane) => {
                decimal(*precision, *scale, lane, stored)?
            }
            _ => return None,
        })
    }

    /// The values in the table's lane. Values that do not fit become null, as in Spark's reader.
    pub fn apply(&self, array: &ArrayRef) -> ArrayRef {
        match self {
            Self::Keep => array.clone(),
            Self::Low8 => int(array, |v| i32::from(v as i8)),
            Self::Low16 => int(array, |v| i32::from(v as i16)),
            Self::IntToLong => long(array, i64::from),
            Self::IntTimes(unit) => long(array, |v| i64::from(v).wrapping_mul(*unit)),
            Self::IntToDouble => {
                let doubles: Float64Array = array.as_primitive::<Int32Type>().unary(f64::from);
                Arc::new(doubles)
            }
            Self::FloatToDouble => {
                let doubles: Float64Array = array.as_primitive::<Float32Type>().unary(f64::from);
                Arc::new(doubles)
            }
            Self::Times(unit) => rescaled(array, |v| v.wrapping_mul(*unit)),
            Self::DividedBy(unit) => rescaled(array, |v| v.div_euclid(*unit)),
            Self::Decimal {
                stored_scale,
                precision,
                scale,
            } => Unscaled::of(array).rescaled(*stored_scale, *scale, *precision),
            Self::FixedToBytes => {
                let views: BinaryViewArray = array.as_fixed_size_binary().iter().collect();
                Arc::new(views)
            }
        }
    }
}

fn int(array: &ArrayRef, value: impl Fn(i32) -> i32) -> ArrayRef {
    let ints: Int32Array = array.as_primitive::<Int32Type>().unary(value);
    Arc::new(ints)
}

fn long(array: &ArrayRef, value: impl Fn(i32) -> i64) -> ArrayRef {
    let longs: Int64Array = array.as_primitive::<Int32Type>().unary(value);
    Arc::new(longs)
}

fn rescaled(array: &ArrayRef, value: impl Fn(i64) -> i64) -> ArrayRef {
    let longs: Int64Array = array.as_primitive::<Int64Type>().unary(value);
    Arc::new(longs)
}

fn to_micros(stored: &ColumnDescriptor) -> Cast {
    match (stored.logical_type_ref(), stored.converted_type()) {
        (Some(LogicalType::Timestamp(t)), _) => match t.unit {
            ParquetTimeUnit::MILLIS => Cast::Times(1000),
            ParquetTimeUnit::MICROS => Cast::Keep,
            ParquetTimeUnit::NANOS => Cast::DividedBy(1000),
        },
        (None, ConvertedType::TIMESTAMP_MILLIS) => Cast::Times(1000),
        _ => Cast::Keep,
    }
}

fn decimal(precision: u8, scale: u8, lane: &DataType, stored: &ColumnDescriptor) -> Option<Cast> {
    let annotated = matches!(stored.logical_type_ref(), Some(LogicalType::Decimal(_)))
        || stored.converted_type() == ConvertedType::DECIMAL;
    let stored_scale = match lane {
        // byte, short, int and long widen to decimals.
        DataType::Int32 | DataType::Int64 if !annotated => 0,
        _ => u8::try_from(stored.type_scale()).ok()?,
    };
    let kept = match lane {
        DataType::Int32 => precision <= INT32_DIGITS,
        DataType::Int64 => (INT32_DIGITS + 1..=INT64_DIGITS).contains(&precision),
        DataType::FixedSizeBinary(bytes) => precision > INT64_DIGITS && *bytes <= WIDE_BYTES,
        DataType::BinaryView => false,
        _ => return None,
    };
    Some(if kept && stored_scale == scale {
        Cast::Keep
    } else {
        Cast::Decimal {
            stored_scale,
            precision,
            scale,
        }
    })
}

/// Unscaled decimals out of whichever lane a file holds them in.
pub struct Unscaled<'a> {
    array: &'a ArrayRef,
}

impl<'a> Unscaled<'a> {
    pub fn of(array: &'a ArrayRef) -> Self {
        Self { array }
    }

    /// Null too where the bytes are more than a decimal can have.
    pub fn value(&self, row: usize) -> Option<i128> {
        if self.array.is_null(row) {
            return None;
        }
        match self.array.data_type() {
            DataType::Int32 => Some(self.array.as_primitive::<Int32Type>().value(row).into()),
            DataType::Int64 => Some(self.array.as_primitive::<Int64Type>().value(row).into()),
            DataType::BinaryView => big_endian(self.array.as_binary_view().value(row)),
            _ => big_endian(self.array.as_fixed_size_binary().value(row)),
        }
    }

    fn rescaled(&self, from: u8, to: u8, precision: u8) -> ArrayRef {
        let factor = 10_i128.pow(u32::from(from.abs_diff(to)));
        let limit = 10_i128.pow(u32::from(precision));
        let values = (0..self.array.len()).map(|row| {
            let value = self.value(row)?;
            let value = if to >= from {
                value.checked_mul(factor)?
            } else {
                // Half up, away from zero, as Spark's Decimal.
                (value + value.signum() * (factor / 2)) / factor
            };
            (value.abs() < limit).then_some(value)
        });
        decimals(precision, values)
    }
}

/// Unscaled decimals in the lane of their precision.
pub fn decimals(precision: u8, values: impl Iterator<Item = Option<i128>>) -> ArrayRef {
    if precision <= INT32_DIGITS {
        Arc::new(values.map(|v| v.map(|v| v as i32)).collect::<Int32Array>())
    } else if precision <= INT64_DIGITS {
        Arc::new(values.map(|v| v.map(|v| v as i64)).collect::<Int64Array>())
    } else {
        wide(values)
    }
}

fn wide(values: impl Iterator<Item = Option<i128>>) -> ArrayRef {
    let values: Vec<_> = values.collect();
    let nulls = values.iter().map(Option::is_some).collect();
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.unwrap_or(0).to_be_bytes())
        .collect();
    Arc::new(FixedSizeBinaryArray::new(
        WIDE_BYTES,
        bytes.into(),
        Some(nulls),
    ))
}

/// Big-endian two's complement of up to 16 significant bytes.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let fill = if bytes.first()? & 0x80 == 0 { 0 } else { 0xff };
    let excess = bytes.len().saturating_sub(16);
    if bytes[..excess].iter().any(|byte| *byte != fill) {
        return None;
    }
    let significant = &bytes[excess..];
    let mut extended = [fill; 16];
    extended[16 - significant.len()..].copy_from_slice(significant);
    Some(i128::from_be_bytes(extended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rescaled_and_checked() {
        let stored: ArrayRef = Arc::new(Int32Array::from(vec![Some(125), Some(-125), None]));
        let wider = Unscaled::of(&stored).rescaled(2, 4, 12);
        assert_eq!(
            wider.as_primitive::<Int64Type>(),
            &Int64Array::from(vec![Some(12_500), Some(-12_500), None])
        );
        let rounded = Unscaled::of(&stored).rescaled(2, 1, 9);
        assert_eq!(
            rounded.as_primitive::<Int32Type>(),
            &Int32Array::from(vec![Some(13), Some(-13), None])
        );
        let narrow = Unscaled::of(&stored).rescaled(2, 2, 2);
        assert_eq!(narrow.null_count(), 3);
    }

    #[test]
    fn long_decimals_keep_their_sign() {
        assert_eq!(big_endian(&[0xff; 20]), Some(-1));
        assert_eq!(big_endian(&[0x00, 0x80]), Some(128));
        assert_eq!(big_endian(&[0x01; 17]), None);
        assert_eq!(big_endian(&[]), None);
    }
}
