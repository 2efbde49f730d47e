//! Rows that go straight from a reader to a writer: what a task reader has decoded becomes the lanes that a
//! task writer takes, without the JVM between them.

use std::sync::Arc;

use arrow::array::{
    Array as _, ArrayRef, AsArray as _, FixedSizeBinaryArray, ListArray, MapArray, RecordBatch,
    RecordBatchOptions, StructArray, UInt32Array, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute;
use arrow::datatypes::{DataType, FieldRef, Int64Type, Schema, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;

use super::task::TaskWriter;
use crate::error::{Error, Result};
use crate::scan::task::batch::BatchReader;
use crate::scan::task::column::Column;

/// What is handed over at once: at most so many rows, and bytes of values unless a single row has more.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub rows: usize,
    pub bytes: usize,
}

/// Writes the batch that `reader` is at: of its columns those at the indexes `columns`, which are the writer's,
/// one by one.
///
/// Errors: Internal if the columns are not of the writer's lanes; those of [`TaskWriter::write`].
pub fn transfer(
    reader: &dyn BatchReader,
    columns: &[usize],
    writer: &mut TaskWriter,
    limits: Limits,
) -> Result<()> {
    let (rows, all) = (reader.batch().rows(), reader.batch().columns());
    let chosen = columns.iter().map(|index| all.get(*index).cloned());
    let chosen: Vec<_> = chosen.collect::<Option<_>>().ok_or_else(|| {
        Error::internal(format!(
            "Cannot hand over columns {columns:?} of {}: there are no such columns",
            all.len()
        ))
    })?;
    write(&chosen, rows, writer, limits)
}

fn write(columns: &[Column], rows: usize, writer: &mut TaskWriter, limits: Limits) -> Result<()> {
    let bytes: usize = columns.iter().map(|column| column.bytes(rows)).sum();
    if rows > 1 && (bytes > limits.bytes || rows > limits.rows) {
        let half = rows / 2;
        write(&slice(columns, 0, half), half, writer, limits)?;
        return write(
            &slice(columns, half, rows - half),
            rows - half,
            writer,
            limits,
        );
    }
    let schema = writer.input_schema().clone();
    if schema.fields().len() != columns.len() {
        return Err(Error::internal(format!(
            "Cannot hand over {} columns to a writer of {}",
            columns.len(),
            schema.fields().len()
        )));
    }
    let (mut fields, mut lanes) = (Vec::new(), Vec::new());
    for (column, field) in columns.iter().zip(schema.fields()) {
        let lane = match column {
            Column::Flat(values) if is_taken(values, field, writer) => values.clone(),
            _ => lane(column, rows, field.data_type())?,
        };
        let given = field.as_ref().clone();
        fields.push(given.with_data_type(lane.data_type().clone()));
        lanes.push(lane);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new_with_options(schema, lanes, &options).map_err(broken)?;
    writer.write(&batch)
}

/// Whether the writer takes texts from where they are.
fn is_taken(values: &ArrayRef, field: &FieldRef, writer: &TaskWriter) -> bool {
    let types = (values.data_type(), field.data_type());
    types == (&DataType::BinaryView, &DataType::Binary) && writer.takes_views()
}

fn slice(columns: &[Column], start: usize, rows: usize) -> Vec<Column> {
    let parts = columns.iter().map(|column| column.slice(start, rows));
    parts.collect()
}

/// The values of `rows` rows in the lane `target`.
fn lane(column: &Column, rows: usize, target: &DataType) -> Result<ArrayRef> {
    Ok(match (column, target) {
        (Column::Null, _) => new_null_array(target, rows),
        (Column::Constant(value), _) => repeated(&leaf(value, target)?, rows)?,
        (Column::Flat(values), _) => leaf(values, target)?,
        (Column::Struct { nulls, children }, DataType::Struct(fields))
            if children.len() == fields.len() =>
        {
            let children = children.iter().zip(fields);
            let children = children.map(|(child, field)| lane(child, rows, field.data_type()));
            let children = children.collect::<Result<_>>()?;
            let nulls = nulls.clone();
            let array = StructArray::try_new_with_length(fields.clone(), children, nulls, rows);
            Arc::new(array.map_err(broken)?)
        }
        (
            Column::List {
                nulls,
                offsets,
                element,
            },
            DataType::List(field),
        ) => list(nulls, offsets, element, field)?,
        (
            Column::Map {
                nulls,
                offsets,
                key,
                value,
            },
            DataType::Map(entries, sorted),
        ) => {
            let entries_column = Column::Struct {
                nulls: None,
                children: vec![key.as_ref().clone(), value.as_ref().clone()],
            };
            let pairs = lane(&entries_column, end(offsets), entries.data_type())?;
            let (offsets, nulls) = (offsets.clone(), nulls.clone());
            let pairs = pairs.as_struct().clone();
            let array = MapArray::try_new(entries.clone(), offsets, pairs, nulls, *sorted);
            Arc::new(array.map_err(broken)?)
        }
        _ => return Err(other(column, target)),
    })
}

fn list(
    nulls: &Option<NullBuffer>,
    offsets: &OffsetBuffer<i32>,
    element: &Column,
    field: &FieldRef,
) -> Result<ArrayRef> {
    let values = lane(element, end(offsets), field.data_type())?;
    let array = ListArray::try_new(field.clone(), offsets.clone(), values, nulls.clone());
    Ok(Arc::new(array.map_err(broken)?))
}

/// The number of values that lists refer to.
fn end(offsets: &OffsetBuffer<i32>) -> usize {
    offsets.last() as usize
}

fn repeated(value: &ArrayRef, rows: usize) -> Result<ArrayRef> {
    compute::take(value, &UInt32Array::from(vec![0; rows]), None).map_err(broken)
}

fn leaf(values: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    Ok(match (values.data_type(), target) {
        (given, target) if given == target => values.clone(),
        (DataType::BinaryView, DataType::Binary) => {
            compute::cast(values, target).map_err(broken)?
        }
        (DataType::Timestamp(TimeUnit::Microsecond, _), DataType::Int64) => {
            let micros = values.as_primitive::<TimestampMicrosecondType>();
            Arc::new(micros.reinterpret_cast::<Int64Type>())
        }
        (DataType::FixedSizeBinary(_), DataType::FixedSizeBinary(width)) => {
            Arc::new(resized(values.as_fixed_size_binary(), *width)?)
        }
        _ => return Err(other(&Column::Flat(values.clone()), target)),
    })
}

/// Decimals, big-endian, in more or fewer bytes: as many as the precision needs, where a file may have any number.
///
/// Errors: InvalidInput for a number that needs more.
fn resized(values: &FixedSizeBinaryArray, width: i32) -> Result<FixedSizeBinaryArray> {
    let (from, to) = (values.value_length() as usize, width as usize);
    let mut bytes = Vec::with_capacity(to * values.len());
    for row in 0..values.len() {
        if values.is_null(row) {
            bytes.resize(bytes.len() + to, 0);
            continue;
        }
        let value = values.value(row);
        let fill = if value[0] & 0x80 == 0 { 0 } else { 0xff };
        bytes.resize(bytes.len() + to.saturating_sub(from), fill);
        let (excess, kept) = value.split_at(from.saturating_sub(to));
        let is_same_sign = kept.first().is_some_and(|first| (first ^ fill) & 0x80 == 0);
        if !is_same_sign || excess.iter().any(|byte| *byte != fill) {
            return Err(Error::invalid(format!(
                "Cannot write an unscaled decimal of {from} bytes: its precision has {to} at most"
            )));
        }
        bytes.extend_from_slice(kept);
    }
    Ok(FixedSizeBinaryArray::new(
        width,
        bytes.into(),
        values.nulls().cloned(),
    ))
}

fn other(column: &Column, target: &DataType) -> Error {
    Error::internal(format!(
        "Cannot hand over a column to a lane of {target}: it is {column:?}"
    ))
}

fn broken(error: ArrowError) -> Error {
    Error::from_arrow("hand rows over to a writer", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(width: usize, values: &[Option<i128>]) -> FixedSizeBinaryArray {
        let bytes = values.iter().map(|value| value.map(i128::to_be_bytes));
        let bytes = bytes.map(|bytes| bytes.map(|bytes| bytes[16 - width..].to_vec()));
        FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes, width as i32).unwrap()
    }

    #[test]
    fn decimals_take_the_bytes_of_their_precision() {
        let values = [Some(-1), Some(1 << 70), None, Some(-(1 << 70)), Some(255)];
        for (from, to) in [(10, 16), (16, 10), (9, 9), (16, 9)] {
            let resized = resized(&decimals(from, &values), to as i32).unwrap();
            assert_eq!(resized, decimals(to, &values), "{from} to {to} bytes");
        }
        for value in [128, -129, 1 << 70] {
            assert!(
                resized(&decimals(16, &[Some(value)]), 1).is_err(),
                "{value}"
            );
        }
    }
}
