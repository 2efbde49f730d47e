//! Columns as they are wanted, from those that were read.

use std::sync::Arc;

use arrow::array::{
    Array as _, ArrayRef, ArrowNativeTypeOp as _, AsArray as _, Int64Array, Scalar, StructArray,
};
use arrow::compute;
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::Int64Type;
use parquet::errors::ParquetError;

use super::calendar;
use super::cast::Cast;
use super::column::Column;
use super::shredded::Shredded;

/// Where a wanted field is.
#[derive(Debug)]
pub enum Node {
    /// Not in the file: null in every row.
    Missing,
    /// The child of the projected parent at this index.
    Child(usize, Shape),
    /// The same for all rows of the slice.
    Constant(ArrayRef),
    /// The number of the row in the file, plus this one.
    RowsFrom(ArrayRef),
    /// Each value of the child that is not null; else the node's.
    Coalesced(usize, Shape, Box<Node>),
    Facts(Vec<Node>),
}

/// What a column that was read becomes.
#[derive(Debug)]
pub enum Shape {
    /// With the least value that means the same in both calendars, in files that use the old one.
    Leaf(Cast, Option<i64>),
    Struct(Vec<Node>),
    List(Box<Shape>),
    Map(Box<Shape>, Box<Shape>),
    Shredded(Shredded),
}

/// The columns of a struct, whose columns that were read are `siblings`.
///
/// Errors: for days that the writer has counted in another calendar.
pub fn columns_of(nodes: &[Node], siblings: &[ArrayRef]) -> Result<Vec<Column>, ParquetError> {
    nodes.iter().map(|node| node.column(siblings)).collect()
}

impl Node {
    fn column(&self, siblings: &[ArrayRef]) -> Result<Column, ParquetError> {
        Ok(match self {
            Self::Missing => Column::Null,
            Self::Child(index, shape) => shape.column(&siblings[*index])?,
            Self::Constant(value) => Column::Constant(value.clone()),
            Self::RowsFrom(first) => match siblings.last() {
                // The reader's virtual column.
                Some(rows) => counted_from(first, rows)?,
                None => Column::Null,
            },
            Self::Coalesced(index, shape, other) => {
                coalesced(shape.column(&siblings[*index])?, other.column(siblings)?)?
            }
            Self::Facts(children) => Column::Struct {
                nulls: None,
                children: columns_of(children, siblings)?,
            },
        })
    }
}

/// The ids of a file's rows, by their numbers in it; null where its first row has none.
fn counted_from(first: &ArrayRef, rows: &ArrayRef) -> Result<Column, ParquetError> {
    if first.is_null(0) {
        return Ok(Column::Null);
    }
    let first = first.as_primitive::<Int64Type>().value(0);
    let rows = rows.as_primitive::<Int64Type>();
    let ids: Int64Array = rows.try_unary(|row| row.add_checked(first))?;
    Ok(Column::Flat(Arc::new(ids)))
}

/// Numbers, those that are null taken from the other column.
fn coalesced(stored: Column, other: Column) -> Result<Column, ParquetError> {
    let (Column::Flat(values), other) = (&stored, other) else {
        return Ok(stored);
    };
    let present = compute::is_not_null(values)?;
    Ok(match other {
        _ if values.null_count() == 0 => stored,
        Column::Flat(others) => Column::Flat(zip(&present, values, &others)?),
        Column::Constant(others) => Column::Flat(zip(&present, values, &Scalar::new(others))?),
        _ => stored,
    })
}

impl Shape {
    fn column(&self, array: &ArrayRef) -> Result<Column, ParquetError> {
        Ok(match self {
            Self::Leaf(cast, None) => Column::Flat(cast.apply(array)),
            Self::Leaf(cast, Some(least)) => {
                let values = cast.apply(array);
                calendar::check(&values, *least)?;
                Column::Flat(values)
            }
            Self::Struct(children) => {
                let array: &StructArray = array.as_struct();
                Column::Struct {
                    nulls: array.nulls().cloned(),
                    children: columns_of(children, array.columns())?,
                }
            }
            Self::Shredded(shredded) => shredded.unshredded(array)?,
            Self::List(element) => {
                let array = array.as_list::<i32>();
                Column::List {
                    nulls: array.nulls().cloned(),
                    offsets: array.offsets().clone(),
                    element: Box::new(element.column(array.values())?),
                }
            }
            Self::Map(key, value) => {
                let array = array.as_map();
                Column::Map {
                    nulls: array.nulls().cloned(),
                    offsets: array.offsets().clone(),
                    key: Box::new(key.column(array.keys())?),
                    value: Box::new(value.column(array.values())?),
                }
            }
        })
    }
}
