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
