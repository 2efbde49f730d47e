//! Aligns incoming batches with the table: columns are found by name (at every level), checked
//! against the table's types and NOT NULL constraints, and put into file order. The kernel's own
//! transform applies a schema by position, which would swap same-typed columns silently.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray as _, BinaryArray, ListArray, MapArray, RecordBatch, StructArray,
    new_null_array,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};
use delta_kernel::schema::{DataType as DeltaType, StructField, StructType};

use crate::error::{Error, ErrorKind, Result};
use crate::table::void::is_void;

/// How the columns of a batch become the columns of a file.
#[derive(Debug)]
pub struct Alignment {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    /// Logical path for messages: `a.b.element`.
    path: String,
    /// Lane in the file: physical name, lane type, the table's nullability.
    lane: FieldRef,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// Absent from the input: all null.
    Missing,
    /// Input child at this index, of exactly the lane's type below.
    Input(usize, Shape),
}

#[derive(Debug)]
enum Shape {
    Leaf,
    Struct(Vec<Column>),
    List(Box<Column>),
    Map(Box<Column>, Box<Column>),
}

/// Which logical columns of a table go into its files.
pub struct Target<'a> {
    /// Name of the table, for messages.
    pub table: &'a str,
    /// Logical columns stored in files, in table order.
    pub logical: Vec<&'a StructField>,
    /// Their lanes (void columns have none).
    pub lanes: &'a Fields,
}

impl Alignment {
    /// Plans the alignment of batches of `input` with `target`. `partition_columns` may appear in
    /// the input beside the file columns.
    ///
    /// Errors: InvalidInput for a column the table lacks, a missing NOT NULL column, or a type that
    /// differs from the table's.
    pub fn plan(target: &Target<'_>, input: &Schema, partition_columns: &[String]) -> Result<Self> {
        let builder = Planner {
            table: target.table,
        };
        let extra = input.fields().iter().find(|field| {
            holds_values(field)
                && !is_named(target.logical.iter().map(|f| f.name()), field.name())
                && !is_named(partition_columns.iter(), field.name())
        });
        if let Some(extra) = extra {
            return Err(builder.unknown_column(extra.name()));
        }
        let columns = builder.columns("", &target.logical, target.lanes, input.fields())?;
        Ok(Self { columns })
    }

    /// The columns of `batch` in file order. Buffers are shared with the batch, not copied.
    ///
    /// Errors: Constraint if a NOT NULL column holds a null.
    pub fn apply(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
        align_all(&self.columns, batch.columns(), batch.num_rows(), None)
    }
}

fn is_named<'a>(mut names: impl Iterator<Item = &'a String>, name: &str) -> bool {
    names.any(|known| known.eq_ignore_ascii_case(name))
}

/// A void column has nothing to store, and the kernel leaves it out of the table's schema.
fn holds_values(field: &FieldRef) -> bool {
    field.data_type() != &DataType::Null
}

struct Planner<'a> {
    table: &'a str,
}

impl Planner<'_> {
    fn columns(
        &self,
        parent: &str,
        logical: &[&StructField],
        lanes: &Fields,
        input: &Fields,
    ) -> Result<Vec<Column>> {
        let stored: Vec<_> = logical.iter().filter(|field| !is_void(field)).collect();
        if stored.len() != lanes.len() {
            return Err(Error::internal(format!(
                "Cannot write table {}: {} stored columns but {} lanes at '{parent}'",
                self.table,
                stored.len(),
                lanes.len()
            )));
        }
        stored
            .into_iter()
            .zip(lanes)
            .map(|(field, lane)| self.column(&join(parent, field.name()), field, lane, input))
            .collect()
    }

    fn column(
        &self,
        path: &str,
        field: &StructField,
        lane: &FieldRef,
        input: &Fields,
    ) -> Result<Column> {
        let source = match find(input, field.name()) {
            Some(index) => {
                let given = input[index].data_type();
                Source::Input(index, self.shape(path, field.data_type(), lane, given)?)
            }
            None if lane.is_nullable() => Source::Missing,
            None => {
                return Err(Error::invalid(format!(
                    "Cannot write to table {}: NOT NULL column '{path}' is missing from the data; \
                     add it or declare the column nullable",
                    self.table
                ))
                .class("DELTA_MISSING_NOT_NULL_COLUMN_VALUE"));
            }
        };
        Ok(Column {
            path: path.to_owned(),
            lane: lane.clone(),
            source,
        })
    }

    fn shape(
        &self,
        path: &str,
        logical: &DeltaType,
        lane: &FieldRef,
        given: &DataType,
    ) -> Result<Shape> {
        match (logical, lane.data_type(), given) {
            (DeltaType::Struct(logical), DataType::Struct(lanes), DataType::Struct(given)) => {
                self.structure(path, logical, lanes, given)
            }
            (DeltaType::Variant(logical), DataType::Struct(lanes), DataType::Struct(given)) => {
                self.structure(path, logical, lanes, given)
            }
            (DeltaType::Array(logical), DataType::List(lane), DataType::List(given)) => {
                let element = StructField::new(
                    "element",
                    logical.element_type().clone(),
                    logical.contains_null(),
                );
                self.nested(path, &element, lane, given)
                    .map(|column| Shape::List(Box::new(column)))
            }
            (DeltaType::Map(logical), DataType::Map(lane, _), DataType::Map(given, _)) => {
                let (lanes, given) = (entry_fields(lane)?, entry_fields(given)?);
                let key = StructField::not_null("key", logical.key_type().clone());
                let value = StructField::new(
                    "value",
                    logical.value_type().clone(),
                    logical.value_contains_null(),
                );
                Ok(Shape::Map(
                    Box::new(self.nested(path, &key, lanes.0, given.0)?),
                    Box::new(self.nested(path, &value, lanes.1, given.1)?),
                ))
            }
            (DeltaType::Primitive(_), lane, given) if lane == given => Ok(Shape::Leaf),
            _ => Err(Error::invalid(format!(
                "Cannot write to table {}: column '{path}' has type {logical} but the data has \
                 {given}; cast the column to the table's type",
                self.table
            ))
            .class("DELTA_FAILED_TO_MERGE_FIELDS")),
        }
    }

    fn structure(
        &self,
        path: &str,
        logical: &StructType,
        lanes: &Fields,
        given: &Fields,
    ) -> Result<Shape> {
        let fields: Vec<_> = logical.fields().collect();
        let extra = given.iter().find(|field| {
            holds_values(field) && !is_named(fields.iter().map(|f| f.name()), field.name())
        });
        if let Some(extra) = extra {
            return Err(self.unknown_column(&join(path, extra.name())));
        }
        Ok(Shape::Struct(self.columns(path, &fields, lanes, given)?))
    }

    /// The one child of a list, or a map's key or value: found by position, not by name.
    fn nested(
        &self,
        path: &str,
        field: &StructField,
        lane: &FieldRef,
        given: &FieldRef,
    ) -> Result<Column> {
        let path = join(path, field.name());
        let shape = self.shape(&path, field.data_type(), lane, given.data_type())?;
        Ok(Column {
            path,
            lane: lane.clone(),
            source: Source::Input(0, shape),
        })
    }

    fn unknown_column(&self, path: &str) -> Error {
        Error::invalid(format!(
            "Cannot write to table {}: it has no column '{path}'; drop the column from the data or \
             add it to the table first",
            self.table
        ))
        .class("DELTA_METADATA_MISMATCH")
    }
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

/// Index of the field called `name`, exactly or else in another case.
fn find(fields: &Fields, name: &str) -> Option<usize> {
    let exact = fields.iter().position(|field| field.name() == name);
    exact.or_else(|| {
        fields
            .iter()
            .position(|field| field.name().eq_ignore_ascii_case(name))
    })
}

fn entry_fields(entries: &FieldRef) -> Result<(&FieldRef, &FieldRef)> {
    match entries.data_type() {
        DataType::Struct(fields) if fields.len() == 2 => Ok((&fields[0], &fields[1])),
        other => Err(Error::internal(format!(
            "Cannot read a map batch: its entries are {other}"
        ))),
    }
}

fn align_all(
    columns: &[Column],
    inputs: &[ArrayRef],
    rows: usize,
    parent: Option<&NullBuffer>,
) -> Result<Vec<ArrayRef>> {
    columns
        .iter()
        .map(|column| {
            let array = column.align(inputs, rows)?;
            column.check_not_null(&array, parent)?;
            Ok(array)
        })
        .collect()
}

impl Column {
    fn align(&self, inputs: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        match &self.source {
            Source::Missing => Ok(new_null_array(self.lane.data_type(), rows)),
            Source::Input(index, shape) => self.reshape(shape, &inputs[*index]),
        }
    }

    fn reshape(&self, shape: &Shape, input: &ArrayRef) -> Result<ArrayRef> {
        let aligned: ArrayRef = match (shape, self.lane.data_type()) {
            (Shape::Leaf, _) => input.clone(),
            (Shape::Struct(columns), DataType::Struct(lanes)) => {
                let input = input.as_struct();
                let children = align_all(columns, input.columns(), input.len(), input.nulls())?;
                let nulls = input.nulls().cloned();
                Arc::new(
                    StructArray::try_new_with_length(lanes.clone(), children, nulls, input.len())
                        .map_err(|e| self.broken(e))?,
                )
            }
            (Shape::List(element), DataType::List(lane)) => {
                let input = input.as_list::<i32>();
                let values = element.only(input.values())?;
                let offsets = input.offsets().clone();
                Arc::new(
                    ListArray::try_new(lane.clone(), offsets, values, input.nulls().cloned())
                        .map_err(|e| self.broken(e))?,
                )
            }
            (Shape::Map(key, value), DataType::Map(lane, sorted)) => {
                let input = input.as_map();
                let DataType::Struct(fields) = lane.data_type() else {
                    return Err(Error::internal("Cannot lay out a map without entries"));
                };
                let children = vec![key.only(input.keys())?, value.only(input.values())?];
                let entries = StructArray::try_new(fields.clone(), children, None)
                    .map_err(|e| self.broken(e))?;
                let (offsets, nulls) = (input.offsets().clone(), input.nulls().cloned());
                Arc::new(
                    MapArray::try_new(lane.clone(), offsets, entries, nulls, *sorted)
                        .map_err(|e| self.broken(e))?,
                )
            }
            (_, lane) => {
                return Err(Error::internal(format!(
                    "Cannot align column '{}' with {lane}",
                    self.path
                )));
            }
        };
        Ok(aligned)
    }

    fn only(&self, input: &ArrayRef) -> Result<ArrayRef> {
        let array = self.align(std::slice::from_ref(input), input.len())?;
        self.check_not_null(&array, None)?;
        Ok(array)
    }

    /// NOT NULL holds where the parent is present: a null struct has no fields to be null.
    fn check_not_null(&self, array: &ArrayRef, parent: Option<&NullBuffer>) -> Result<()> {
        if self.lane.is_nullable() || array.null_count() == 0 {
            return Ok(());
        }
        let Some(row) = first_violation(array, parent) else {
            return Ok(());
        };
        Err(Error::new(
            ErrorKind::Constraint,
            format!(
                "Cannot write NULL into the NOT NULL column '{}' (row {row} of the batch); filter \
                 such rows or fill the value",
                self.path
            ),
        )
        .class("DELTA_NOT_NULL_CONSTRAINT_VIOLATED"))
    }

    fn broken(&self, error: arrow::error::ArrowError) -> Error {
        Error::from_arrow(&format!("align column '{}'", self.path), error)
    }
}

fn first_violation(array: &ArrayRef, parent: Option<&NullBuffer>) -> Option<usize> {
    let nulls = array.nulls()?;
    (0..array.len()).find(|&row| nulls.is_null(row) && parent.is_none_or(|p| p.is_valid(row)))
}

/// A materialized string partition column: Delta takes the empty string for null there, so the file
/// must say null as well.
pub fn null_if_empty(array: &BinaryArray) -> BinaryArray {
    (0..array.len())
        .map(|row| (array.is_valid(row) && !array.value(row).is_empty()).then(|| array.value(row)))
        .collect()
}

/// A batch with `columns` under the names of `lanes`.
pub fn batch_of(lanes: &Fields, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
    let fields: Vec<Field> = lanes.iter().map(|lane| lane.as_ref().clone()).collect();
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
        .map_err(|e| Error::from_arrow("assemble a batch", e))
}
