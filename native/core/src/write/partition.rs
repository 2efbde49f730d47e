//! Finds the Delta partition of every row, and the values of every partition.

use arrow::array::{Array, ArrayRef, AsArray as _, RecordBatch};
use arrow::datatypes::{Float32Type, Float64Type, Int32Type, Int64Type, Schema};
use arrow::row::{RowConverter, SortField};
use delta_kernel::expressions::{DecimalData, Scalar};
use delta_kernel::schema::{DataType, PrimitiveType, StructType};
use std::collections::HashMap;

use super::layout::wide_decimal;
use crate::error::{Error, ErrorKind, Result};

/// Index of a partition seen by this task.
pub type PartitionId = usize;

/// Finds the partition of every row, and remembers the partitions seen.
#[derive(Debug)]
pub struct Partitioner {
    columns: Vec<PartitionColumn>,
    converter: RowConverter,
    /// By key, as the converter encodes it.
    known: HashMap<Box<[u8]>, PartitionId>,
    values: Vec<HashMap<String, Scalar>>,
}

#[derive(Debug)]
struct PartitionColumn {
    name: String,
    kind: PrimitiveType,
    nullable: bool,
    /// Position in the input batch.
    input: usize,
}

impl Partitioner {
    /// A partitioner by the columns `names` of the table's `schema`, for batches of `input`.
    ///
    /// Errors: InvalidInput if a partition column is missing from the input.
    pub fn new(table: &str, names: &[String], schema: &StructType, input: &Schema) -> Result<Self> {
        let columns = names
            .iter()
            .map(|name| PartitionColumn::resolve(table, name, schema, input))
            .collect::<Result<Vec<_>>>()?;
        let keys = columns
            .iter()
            .map(|column| SortField::new(input.field(column.input).data_type().clone()))
            .collect();
        Ok(Self {
            columns,
            converter: RowConverter::new(keys)
                .map_err(|e| Error::from_arrow("split rows by partition", e))?,
            known: HashMap::new(),
            values: Vec::new(),
        })
    }

    /// Values of a partition seen before, by logical column name.
    pub fn values(&self, partition: PartitionId) -> &HashMap<String, Scalar> {
        &self.values[partition]
    }

    /// The partition of every row of a batch.
    ///
    /// Errors: Constraint for a null in a NOT NULL partition column, InvalidInput for a value that a
    /// partition cannot have.
    pub fn identify(&mut self, batch: &RecordBatch) -> Result<Vec<PartitionId>> {
        let keys: Vec<ArrayRef> = self
            .columns
            .iter()
            .map(|column| batch.column(column.input).clone())
            .collect();
        let rows = self
            .converter
            .convert_columns(&keys)
            .map_err(|e| Error::from_arrow("split rows by partition", e))?;
        let mut ids = Vec::with_capacity(batch.num_rows());
        for (index, row) in rows.iter().enumerate() {
            if let Some(&last) = ids.last()
                && row == rows.row(index - 1)
            {
                ids.push(last);
                continue;
            }
            let id = match self.known.get(row.as_ref()) {
                Some(&id) => id,
                None => {
                    let id = self.values.len();
                    let values = self.read_values(&keys, index)?;
                    self.values.push(values);
                    self.known.insert(row.as_ref().into(), id);
                    id
                }
            };
            ids.push(id);
        }
        Ok(ids)
    }

    fn read_values(&self, keys: &[ArrayRef], row: usize) -> Result<HashMap<String, Scalar>> {
        self.columns
            .iter()
            .zip(keys)
            .map(|(column, key)| Ok((column.name.clone(), column.read(key, row)?)))
            .collect()
    }
}

impl PartitionColumn {
    fn resolve(table: &str, name: &str, schema: &StructType, input: &Schema) -> Result<Self> {
        let field = schema.field(name).ok_or_else(|| {
            Error::internal(format!(
                "Cannot find partition column '{name}' of table {table}"
            ))
        })?;
        let DataType::Primitive(kind) = field.data_type() else {
            return Err(Error::new(
                ErrorKind::UnsupportedTable,
                format!(
                    "Cannot partition table {table} by '{name}' of type {}",
                    field.data_type()
                ),
            ));
        };
        let position = input
            .fields()
            .iter()
            .position(|given| given.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                Error::invalid(format!(
                    "Cannot write to table {table}: partition column '{name}' is missing from the \
                     data; add it"
                ))
                .class("DELTA_MISSING_PARTITION_COLUMN")
            })?;
        Ok(Self {
            name: name.to_owned(),
            kind: kind.clone(),
            nullable: field.is_nullable(),
            input: position,
        })
    }

    fn read(&self, lane: &ArrayRef, row: usize) -> Result<Scalar> {
        if lane.is_null(row) {
            return self.null();
        }
        let int = || primitive_at::<Int32Type>(lane, row);
        let long = || primitive_at::<Int64Type>(lane, row);
        let scalar = match &self.kind {
            PrimitiveType::Boolean => lane.as_boolean_opt().map(|a| Scalar::Boolean(a.value(row))),
            PrimitiveType::Byte => int().map(|v| Scalar::Byte(v as i8)),
            PrimitiveType::Short => int().map(|v| Scalar::Short(v as i16)),
            PrimitiveType::Integer => int().map(Scalar::Integer),
            PrimitiveType::Date => int().map(Scalar::Date),
            PrimitiveType::Long => long().map(Scalar::Long),
            PrimitiveType::Timestamp => long().map(Scalar::Timestamp),
            PrimitiveType::TimestampNtz => long().map(Scalar::TimestampNtz),
            PrimitiveType::Float => primitive_at::<Float32Type>(lane, row).map(Scalar::Float),
            PrimitiveType::Double => primitive_at::<Float64Type>(lane, row).map(Scalar::Double),
            PrimitiveType::Decimal(decimal) => unscaled_at(lane, row)
                .and_then(|v| DecimalData::try_new(v, *decimal).ok())
                .map(Scalar::Decimal),
            PrimitiveType::String | PrimitiveType::Binary => return self.read_text(lane, row),
            PrimitiveType::Void => return self.null(),
            _ => None,
        };
        scalar.ok_or_else(|| {
            Error::invalid(format!(
                "Cannot read partition column '{}' of type {} from {}",
                self.name,
                DataType::Primitive(self.kind.clone()),
                lane.data_type()
            ))
        })
    }

    /// Delta writes partition values as text; the empty one means null.
    fn read_text(&self, lane: &ArrayRef, row: usize) -> Result<Scalar> {
        let bytes = lane
            .as_binary_opt::<i32>()
            .map_or(&[][..], |a| a.value(row));
        if bytes.is_empty() {
            return self.null();
        }
        let text = std::str::from_utf8(bytes).map_err(|e| {
            Error::invalid(format!(
                "Cannot partition by the value {} of column '{}': Delta stores partition values as \
                 UTF-8 text; clean or re-encode the value",
                bytes.escape_ascii(),
                self.name
            ))
            .caused_by(e)
        })?;
        Ok(match self.kind {
            PrimitiveType::Binary => Scalar::Binary(bytes.to_vec()),
            _ => Scalar::String(text.to_owned()),
        })
    }

    fn null(&self) -> Result<Scalar> {
        if self.nullable {
            return Ok(Scalar::Null(DataType::Primitive(self.kind.clone())));
        }
        Err(Error::new(
            ErrorKind::Constraint,
            format!(
                "Cannot write NULL (or an empty string, which Delta stores as NULL) into the NOT \
                 NULL partition column '{}'; filter such rows or fill the value",
                self.name
            ),
        )
        .class("DELTA_NOT_NULL_CONSTRAINT_VIOLATED"))
    }
}

fn primitive_at<T: arrow::datatypes::ArrowPrimitiveType>(
    lane: &ArrayRef,
    row: usize,
) -> Option<T::Native> {
    lane.as_primitive_opt::<T>().map(|array| array.value(row))
}

/// The unscaled value of a decimal in whichever lane its precision takes.
fn unscaled_at(lane: &ArrayRef, row: usize) -> Option<i128> {
    primitive_at::<Int32Type>(lane, row)
        .map(i128::from)
        .or_else(|| primitive_at::<Int64Type>(lane, row).map(i128::from))
        .or_else(|| wide_decimal(lane.as_fixed_size_binary_opt()?.value(row)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BinaryArray, Int32Array};
    use arrow::datatypes::{DataType as ArrowType, Field};
    use delta_kernel::schema::StructField;

    use super::*;

    fn batch(values: &[Option<&str>]) -> RecordBatch {
        let schema = Schema::new(vec![
            Field::new("p", ArrowType::Binary, true),
            Field::new("v", ArrowType::Int32, true),
        ]);
        let keys: BinaryArray = values.iter().map(|v| v.map(str::as_bytes)).collect();
        let rows = Int32Array::from_iter_values(0..values.len() as i32);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(keys), Arc::new(rows)]).unwrap()
    }

    fn partitioner(batch: &RecordBatch, field: StructField) -> Partitioner {
        let schema =
            StructType::try_new([field, StructField::nullable("v", DataType::INTEGER)]).unwrap();
        Partitioner::new("t", &["p".to_owned()], &schema, &batch.schema()).unwrap()
    }

    #[test]
    fn rows_get_the_partition_of_their_value() {
        let batch = batch(&[Some("b"), Some("a"), None, Some("b"), Some("a")]);
        let mut partitioner = partitioner(&batch, StructField::nullable("p", DataType::STRING));
        assert_eq!(partitioner.identify(&batch).unwrap(), [0, 1, 2, 0, 1]);
        assert_eq!(partitioner.values(0)["p"], Scalar::String("b".into()));
        assert_eq!(partitioner.values(2)["p"], Scalar::Null(DataType::STRING));
    }

    #[test]
    fn partitions_keep_their_ids_across_batches() {
        let first = batch(&[Some("a"), Some("b")]);
        let mut partitioner = partitioner(&first, StructField::nullable("p", DataType::STRING));
        partitioner.identify(&first).unwrap();
        let next = batch(&[Some("b"), Some("b")]);
        assert_eq!(partitioner.identify(&next).unwrap(), [1, 1]);
    }

    #[test]
    fn null_and_empty_violate_not_null() {
        for bad in [None, Some("")] {
            let batch = batch(&[bad]);
            let mut partitioner = partitioner(&batch, StructField::not_null("p", DataType::STRING));
            let error = partitioner.identify(&batch).unwrap_err();
            assert_eq!(error.class, "DELTA_NOT_NULL_CONSTRAINT_VIOLATED");
        }
    }
}
