//! Arrow arrays as the kernel makes them, in the lanes that the JVM reads ([`Column`]).

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, BinaryViewArray};
use arrow::compute;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int32Type, TimeUnit};

use crate::error::{Error, Result};
use crate::scan::task::cast::decimals;
use crate::scan::task::column::Column;

/// The column of an array; texts and numbers stay where they are.
///
/// Errors: Internal for a type that metadata tables do not have.
pub fn column(array: &ArrayRef) -> Result<Column> {
    Ok(match array.data_type() {
        DataType::Struct(_) => {
            let values = array.as_struct();
            Column::Struct {
                nulls: values.nulls().cloned(),
                children: values.columns().iter().map(column).collect::<Result<_>>()?,
            }
        }
        DataType::Map(..) => {
            let map = array.as_map();
            Column::Map {
                nulls: map.nulls().cloned(),
                offsets: map.offsets().clone(),
                key: Box::new(column(map.keys())?),
                value: Box::new(column(map.values())?),
            }
        }
        _ => Column::Flat(flat(array)?),
    })
}

fn flat(array: &ArrayRef) -> Result<ArrayRef> {
    let cast = |to: &DataType| {
        compute::cast(array, to).map_err(|e| Error::from_arrow("read the log of a table", e))
    };
    Ok(match array.data_type() {
        DataType::Boolean
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::BinaryView
        | DataType::Timestamp(TimeUnit::Microsecond, _) => array.clone(),
        DataType::Int8 | DataType::Int16 => cast(&DataType::Int32)?,
        DataType::Date32 => Arc::new(
            array
                .as_primitive::<Date32Type>()
                .reinterpret_cast::<Int32Type>(),
        ),
        DataType::Utf8 => Arc::new(
            cast(&DataType::Utf8View)?
                .as_string_view()
                .clone()
                .to_binary_view(),
        ),
        DataType::Decimal128(precision, _) => {
            decimals(*precision, array.as_primitive::<Decimal128Type>().iter())
        }
        other => {
            return Err(Error::internal(format!(
                "Cannot show values of type {other} in a metadata table"
            )));
        }
    })
}

/// A column of texts.
pub fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = Option<T>>) -> Column {
    let mut bytes = arrow::array::BinaryViewBuilder::new();
    texts
        .into_iter()
        .for_each(|text| bytes.append_option(text.as_ref().map(|text| text.as_ref().as_bytes())));
    let texts: BinaryViewArray = bytes.finish();
    Column::Flat(Arc::new(texts))
}

/// A column of truth values.
pub fn booleans(values: impl IntoIterator<Item = Option<bool>>) -> Column {
    let values: arrow::array::BooleanArray = values.into_iter().collect();
    Column::Flat(Arc::new(values))
}

/// A column of whole numbers, or of times in microseconds.
pub fn longs(numbers: impl IntoIterator<Item = Option<i64>>) -> Column {
    let numbers: arrow::array::Int64Array = numbers.into_iter().collect();
    Column::Flat(Arc::new(numbers))
}

/// Microseconds, in which Spark counts time, of the log's milliseconds.
pub fn micros(millis: i64) -> i64 {
    millis.saturating_mul(1000)
}
