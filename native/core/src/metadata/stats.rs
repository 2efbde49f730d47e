//! Statistics of data files (Delta protocol, "Per-file Statistics"): the JSON of the log, as typed columns under the
//! names that the columns have in the table.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType as ArrowType, Field, Schema};
use delta_kernel::Engine as _;
use delta_kernel::engine::arrow_data::{ArrowEngineData, EngineDataArrowExt as _};
use delta_kernel::schema::{DataType, SchemaRef, StructField, StructType};

use super::source::Source;
use crate::error::{Error, Result};
use crate::storage::Storage;
use crate::table::column_mapping::physical_name;

/// Names in the JSON.
pub const NUM_RECORDS: &str = "numRecords";
pub const NULL_COUNT: &str = "nullCount";
pub const MIN_VALUES: &str = "minValues";
pub const MAX_VALUES: &str = "maxValues";

/// What is wanted of statistics.
pub struct WantedStats {
    schema: Option<SchemaRef>,
}

impl WantedStats {
    /// `fields` have the JSON's names.
    ///
    /// Errors: Internal for two of one name.
    pub fn of(fields: Vec<StructField>) -> Result<Self> {
        if fields.is_empty() {
            return Ok(Self { schema: None });
        }
        Ok(Self {
            schema: Some(Arc::new(structure(fields)?)),
        })
    }

    /// The wanted fields of each row, in their order; no columns if none are wanted. Statistics that cannot be read
    /// are as good as none: readers do without them, too.
    ///
    /// Errors: Internal if not even missing ones can be read.
    pub fn parse(&self, storage: &Storage, json: &StringArray) -> Result<Option<RecordBatch>> {
        let Some(schema) = &self.schema else {
            return Ok(None);
        };
        let parsed = match parse(storage, json, schema) {
            Ok(parsed) => parsed,
            Err(_) => one_by_one(storage, json, schema)?,
        };
        Ok(Some(parsed))
    }
}

fn one_by_one(storage: &Storage, json: &StringArray, schema: &SchemaRef) -> Result<RecordBatch> {
    let none = StringArray::new_null(1);
    let rows = (0..json.len())
        .map(|row| {
            parse(storage, &json.slice(row, 1), schema)
                .or_else(|_| parse(storage, &none, schema))
                .map_err(|e| Error::from_kernel("read statistics", e))
        })
        .collect::<Result<Vec<_>>>()?;
    let schema = rows
        .first()
        .map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    concat_batches(&schema, &rows).map_err(|e| Error::from_arrow("read statistics", e))
}

fn parse(
    storage: &Storage,
    json: &StringArray,
    schema: &SchemaRef,
) -> delta_kernel::KernelResult<RecordBatch> {
    let field = Field::new("stats", ArrowType::Utf8, true);
    let column: ArrayRef = Arc::new(json.clone());
    let rows = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![column])?;
    storage
        .engine
        .json_handler()
        .parse_json(Box::new(ArrowEngineData::new(rows)), schema.clone())?
        .try_into_record_batch()
}

/// The field of the JSON that holds a struct by columns, which are `wanted` by their names in the table.
///
/// Errors: InvalidInput for a column that the table does not have.
pub fn by_column(name: &str, wanted: &DataType, source: &Source) -> Result<StructField> {
    let DataType::Struct(wanted) = wanted else {
        return Err(source.no_column(name));
    };
    let schema = source.snapshot.schema();
    Ok(StructField::nullable(
        name,
        physical(wanted, &schema, source)?,
    ))
}

/// The same fields under the names that data files and statistics have for them.
fn physical(wanted: &StructType, table: &StructType, source: &Source) -> Result<StructType> {
    let fields = wanted.fields().map(|field| {
        let known = table.field(field.name());
        let known = known.ok_or_else(|| source.no_column(field.name()))?;
        let kind = match (field.data_type(), known.data_type()) {
            (DataType::Struct(wanted), DataType::Struct(known)) => {
                physical(wanted, known, source)?.into()
            }
            (kind, _) => kind.clone(),
        };
        Ok(StructField::nullable(physical_name(known), kind))
    });
    structure(fields.collect::<Result<Vec<_>>>()?)
}

fn structure(fields: Vec<StructField>) -> Result<StructType> {
    StructType::try_new(fields).map_err(|e| Error::from_kernel("read statistics", e))
}
