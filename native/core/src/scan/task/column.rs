//! A batch on its way to the JVM: columns as trees over Arrow arrays, and their description as
//! addresses. Nothing is copied; the arrays must outlive the description.

use arrow::array::{Array, ArrayRef, AsArray as _};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::DataType;

/// The values of a column, or of a field below it.
#[derive(Debug, Clone)]
pub enum Column {
    /// Null in every row.
    Null,
    /// A leaf, one value a row.
    Flat(ArrayRef),
    /// A leaf whose one value holds for all rows.
    Constant(ArrayRef),
    Struct {
        nulls: Option<NullBuffer>,
        children: Vec<Column>,
    },
    List {
        nulls: Option<NullBuffer>,
        offsets: OffsetBuffer<i32>,
        element: Box<Column>,
    },
    Map {
        nulls: Option<NullBuffer>,
        offsets: OffsetBuffer<i32>,
        key: Box<Column>,
        value: Box<Column>,
    },
}

/// One value a row.
const PER_ROW: i64 = 0;
/// One value for all rows.
const FOR_ALL: i64 = 1;
/// Null in every row; no body follows.
const NULL: i64 = 2;

impl Column {
    /// Appends the description of the column: mode, count of nulls, address and first bit of the
    /// validity bitmap (0 without nulls), then
    ///
    /// - booleans: address and first bit of the bitmap;
    /// - numbers and fixed-size bytes: address and bytes a value;
    /// - bytes: address of the views (Arrow, "Variable-size Binary View Layout"), count and addresses
    ///   of the buffers they refer to;
    /// - lists and maps: address of the offsets, then the children;
    /// - structs: the children.
    pub fn describe(&self, out: &mut Vec<i64>) {
        match self {
            Self::Null => out.extend([NULL, 0, 0, 0]),
            Self::Constant(value) if value.is_null(0) => out.extend([NULL, 0, 0, 0]),
            Self::Constant(value) => {
                out.extend([FOR_ALL, 0, 0, 0]);
                describe_values(value, out);
            }
            Self::Flat(array) => {
                describe_validity(array.nulls(), out);
                describe_values(array, out);
            }
            Self::Struct { nulls, children } => {
                describe_validity(nulls.as_ref(), out);
                children.iter().for_each(|child| child.describe(out));
            }
            Self::List {
                nulls,
                offsets,
                element,
            } => {
                describe_validity(nulls.as_ref(), out);
                out.push(address(offsets.as_ptr()));
                element.describe(out);
            }
            Self::Map {
                nulls,
                offsets,
                key,
                value,
            } => {
                describe_validity(nulls.as_ref(), out);
                out.push(address(offsets.as_ptr()));
                key.describe(out);
                value.describe(out);
            }
        }
    }
}

impl Column {
    /// The `rows` rows from `start` on.
    pub fn slice(&self, start: usize, rows: usize) -> Self {
        let cut = |nulls: &Option<NullBuffer>| nulls.as_ref().map(|nulls| nulls.slice(start, rows));
        match self {
            Self::Null => Self::Null,
            Self::Constant(value) => Self::Constant(value.clone()),
            Self::Flat(values) => Self::Flat(values.slice(start, rows)),
            Self::Struct { nulls, children } => Self::Struct {
                nulls: cut(nulls),
                children: children
                    .iter()
                    .map(|child| child.slice(start, rows))
                    .collect(),
            },
            Self::List {
                nulls,
                offsets,
                element,
            } => {
                let (offsets, first, values) = cut_offsets(offsets, start, rows);
                Self::List {
                    nulls: cut(nulls),
                    offsets,
                    element: Box::new(element.slice(first, values)),
                }
            }
            Self::Map {
                nulls,
                offsets,
                key,
                value,
            } => {
                let (offsets, first, values) = cut_offsets(offsets, start, rows);
                Self::Map {
                    nulls: cut(nulls),
                    offsets,
                    key: Box::new(key.slice(first, values)),
                    value: Box::new(value.slice(first, values)),
                }
            }
        }
    }

    /// Bytes that the values of so many rows take one after the other, however often some of them meet.
    pub fn bytes(&self, rows: usize) -> usize {
        let values = |offsets: &OffsetBuffer<i32>| offsets.last() as usize;
        match self {
            Self::Null => 0,
            Self::Constant(value) => rows * bytes_of(value),
            Self::Flat(values) => bytes_of(values),
            Self::Struct { children, .. } => children.iter().map(|child| child.bytes(rows)).sum(),
            Self::List {
                offsets, element, ..
            } => size_of::<i32>() * rows + element.bytes(values(offsets)),
            Self::Map {
                offsets,
                key,
                value,
                ..
            } => {
                let pairs = values(offsets);
                size_of::<i32>() * rows + key.bytes(pairs) + value.bytes(pairs)
            }
        }
    }
}

/// Offsets of some of the lists, counted from the first of their values, with the place of that and their number.
fn cut_offsets(
    offsets: &OffsetBuffer<i32>,
    start: usize,
    rows: usize,
) -> (OffsetBuffer<i32>, usize, usize) {
    let cut = &offsets[start..=start + rows];
    let (first, end) = (cut[0], cut[rows]);
    let counted = cut.iter().map(|offset| offset - first).collect();
    (
        OffsetBuffer::new(counted),
        first as usize,
        (end - first) as usize,
    )
}

fn bytes_of(array: &ArrayRef) -> usize {
    match array.data_type() {
        DataType::BinaryView => {
            let views = array.as_binary_view();
            let lengths = views.lengths().map(|length| length as usize);
            lengths.sum::<usize>() + size_of::<i32>() * array.len()
        }
        DataType::FixedSizeBinary(width) => *width as usize * array.len(),
        kind => kind.primitive_width().unwrap_or(1) * array.len(),
    }
}

fn describe_validity(nulls: Option<&NullBuffer>, out: &mut Vec<i64>) {
    match nulls.filter(|nulls| nulls.null_count() > 0) {
        None => out.extend([PER_ROW, 0, 0, 0]),
        Some(nulls) => out.extend([
            PER_ROW,
            nulls.null_count() as i64,
            address(nulls.validity().as_ptr()),
            nulls.offset() as i64,
        ]),
    }
}

fn describe_values(array: &ArrayRef, out: &mut Vec<i64>) {
    match array.data_type() {
        DataType::Boolean => {
            let bits = array.as_boolean().values();
            out.extend([address(bits.values().as_ptr()), bits.offset() as i64]);
        }
        DataType::BinaryView => {
            let views = array.as_binary_view();
            out.push(address(views.views().as_ptr()));
            out.push(views.data_buffers().len() as i64);
            out.extend(views.data_buffers().iter().map(|b| address(b.as_ptr())));
        }
        DataType::FixedSizeBinary(bytes) => {
            let start = array.as_fixed_size_binary().value_data().as_ptr();
            out.extend([address(start), i64::from(*bytes)]);
        }
        other => {
            let data = array.to_data();
            let width = other.primitive_width().unwrap_or(0);
            let start = data.buffers()[0].as_ptr() as usize + data.offset() * width;
            out.extend([start as i64, width as i64]);
        }
    }
}

fn address<T>(pointer: *const T) -> i64 {
    pointer as usize as i64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BinaryViewArray, Int32Array};
    use arrow::datatypes::Int32Type;

    use super::*;

    fn lists() -> Column {
        Column::List {
            nulls: Some(NullBuffer::from(vec![true, false, true, true])),
            offsets: OffsetBuffer::from_lengths([2, 0, 1, 3]),
            element: Box::new(Column::Flat(Arc::new(Int32Array::from_iter_values(0..6)))),
        }
    }

    #[test]
    fn a_slice_of_lists_has_their_values_alone() {
        let Column::List {
            nulls,
            offsets,
            element,
        } = lists().slice(1, 2)
        else {
            panic!("no lists any more");
        };
        assert_eq!(nulls.unwrap(), NullBuffer::from(vec![false, true]));
        assert_eq!(&*offsets, &[0, 0, 1]);
        let Column::Flat(values) = *element else {
            panic!("no numbers any more");
        };
        assert_eq!(values.as_primitive::<Int32Type>().values(), &[2]);
    }

    #[test]
    fn values_count_as_often_as_they_are_there() {
        let text: ArrayRef = Arc::new(BinaryViewArray::from_iter_values([
            b"a text that is no view",
        ]));
        assert_eq!(Column::Constant(text.clone()).bytes(3), 3 * (22 + 4));
        assert_eq!(Column::Flat(text).bytes(1), 22 + 4);
        assert_eq!(lists().bytes(4), 4 * 4 + 6 * 4);
        assert_eq!(Column::Null.bytes(5), 0);
    }
}
