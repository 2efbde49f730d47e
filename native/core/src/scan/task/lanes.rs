//! A file's footer as lanes, the Arrow twins of physical types: its schema is stripped of logical types, so that the
//! reader neither checks nor converts a value.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::{RowNumber, parquet_to_arrow_schema};
use parquet::errors::ParquetError;
use parquet::file::metadata::{FileMetaData, ParquetMetaData, ParquetMetaDataBuilder};
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};

/// The footer with a schema of physical types only, and a column of row numbers behind the others `with_index`.
pub fn lanes(
    metadata: ParquetMetaData,
    with_index: bool,
) -> Result<ArrowReaderMetadata, ParquetError> {
    let file = metadata.file_metadata();
    let root = stripped(file.schema_descr().root_schema_ptr())?;
    let schema = Arc::new(SchemaDescriptor::new(root));
    let supplied = Schema::new(Fields::from_iter(
        parquet_to_arrow_schema(&schema, None)?
            .fields()
            .iter()
            .map(lane),
    ));
    let file = FileMetaData::new(file.version(), file.num_rows(), None, None, schema, None);
    let mut parts = metadata.into_builder();
    let metadata = ParquetMetaDataBuilder::new(file)
        .set_row_groups(parts.take_row_groups())
        .set_page_index(parts.take_page_index())
        .build();
    let mut options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    if !supplied.fields().is_empty() {
        options = options.with_schema(Arc::new(supplied));
    }
    if with_index {
        let index = Field::new("row_index", DataType::Int64, false).with_extension_type(RowNumber);
        options = options.with_virtual_columns(vec![Arc::new(index)])?;
    }
    ArrowReaderMetadata::try_new(Arc::new(metadata), options)
}

fn stripped(schema: TypePtr) -> Result<TypePtr, ParquetError> {
    let info = schema.get_basic_info();
    let id = info.has_id().then(|| info.id());
    let stripped = match schema.as_ref() {
        Type::PrimitiveType {
            physical_type,
            type_length,
            ..
        } => Type::primitive_type_builder(info.name(), *physical_type)
            .with_repetition(info.repetition())
            .with_length(*type_length)
            .with_id(id)
            .build()?,
        Type::GroupType { fields, .. } => {
            let fields = fields.iter().cloned().map(stripped);
            let mut group = Type::group_type_builder(info.name())
                .with_converted_type(info.converted_type())
                .with_logical_type(info.logical_type_ref().cloned())
                .with_fields(fields.collect::<Result<_, _>>()?)
                .with_id(id);
            if info.has_repetition() {
                group = group.with_repetition(info.repetition());
            }
            group.build()?
        }
    };
    Ok(Arc::new(stripped))
}

/// The lane of a physical type: bytes as views into the pages, INT96 in microseconds (nanoseconds
/// would overflow in the year 2262).
fn lane(field: &FieldRef) -> FieldRef {
    let typed = match field.data_type() {
        DataType::Binary => DataType::BinaryView,
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
            DataType::Timestamp(TimeUnit::Microsecond, zone.clone())
        }
        DataType::Struct(children) => DataType::Struct(children.iter().map(lane).collect()),
        DataType::List(element) => DataType::List(lane(element)),
        DataType::Map(entries, sorted) => DataType::Map(lane(entries), *sorted),
        _ => return field.clone(),
    };
    Arc::new(field.as_ref().clone().with_data_type(typed))
}
