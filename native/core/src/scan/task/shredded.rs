//! Shredded variants put back together (Parquet format, "Variant Shredding"): the typed columns beside
//! what is left of a value in binary.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, Decimal128Array, ListArray, StructArray};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, FieldRef, Fields};
use arrow::error::ArrowError;
use parquet::arrow::parquet_to_arrow_schema;
use parquet::errors::ParquetError;
use parquet::schema::types::{SchemaDescriptor, Type};
use parquet_variant_compute::{VariantArray, unshred_variant};

use super::cast::Unscaled;
use super::column::Column;

/// The column of typed values in a variant's group; variants without one are not shredded.
pub const TYPED_VALUE: &str = "typed_value";

/// The Arrow types of the columns in a variant's group, which their lanes do not tell.
#[derive(Debug)]
pub struct Shredded(Fields);

impl Shredded {
    /// `children` are the lanes of the group, `first` is the first leaf column of the file below it,
    /// `stored` the schema of the file.
    ///
    /// Errors: for a column whose annotation Arrow has no type for.
    pub fn of(
        children: &Fields,
        first: usize,
        stored: &SchemaDescriptor,
    ) -> Result<Self, ParquetError> {
        let mut leaf = first;
        typed_fields(children, &mut leaf, stored).map(Self)
    }

    /// The structs of `value` and `metadata` that the variants in `group` are when they are not shredded.
    ///
    /// Errors: for typed columns that contradict the values beside them, or hold what no variant can be.
    pub fn unshredded(&self, group: &ArrayRef) -> Result<Column, ParquetError> {
        let typed = typed_values(group, &DataType::Struct(self.0.clone()))?;
        let variants = unshred_variant(&VariantArray::try_new(&typed)?)?;
        let bytes = |part: &ArrayRef| Ok(Column::Flat(cast(part, &DataType::BinaryView)?));
        Ok(Column::Struct {
            nulls: variants.nulls().cloned(),
            children: [variants.value_column(), variants.metadata_column()]
                .map(bytes)
                .into_iter()
                .collect::<Result<_, ArrowError>>()?,
        })
    }
}

fn typed_fields(
    lanes: &Fields,
    leaf: &mut usize,
    stored: &SchemaDescriptor,
) -> Result<Fields, ParquetError> {
    let typed = lanes.iter().map(|lane| typed_field(lane, leaf, stored));
    typed.collect()
}

fn typed_field(
    lane: &FieldRef,
    leaf: &mut usize,
    stored: &SchemaDescriptor,
) -> Result<FieldRef, ParquetError> {
    let typed = match lane.data_type() {
        DataType::Struct(children) => DataType::Struct(typed_fields(children, leaf, stored)?),
        DataType::List(element) => DataType::List(typed_field(element, leaf, stored)?),
        _ => {
            let column = stored.column(*leaf);
            *leaf += 1;
            let alone = Type::group_type_builder("column")
                .with_fields(vec![column.self_type_ptr()])
                .build()?;
            let schema = parquet_to_arrow_schema(&SchemaDescriptor::new(Arc::new(alone)), None)?;
            match schema.field(0).data_type() {
                // A repeated column without a group of its own: the list is above it.
                DataType::List(element) => element.data_type().clone(),
                typed => typed.clone(),
            }
        }
    };
    let field = lane.as_ref().clone();
    Ok(Arc::new(field.with_data_type(typed).with_nullable(true)))
}

/// The values of a lane, or of a tree of them, as `typed` has them.
fn typed_values(lane: &ArrayRef, typed: &DataType) -> Result<ArrayRef, ArrowError> {
    Ok(match typed {
        DataType::Struct(fields) => {
            let lanes = lane.as_struct();
            let children = lanes.columns().iter().zip(fields);
            let children = children.map(|(lane, field)| typed_values(lane, field.data_type()));
            Arc::new(StructArray::try_new(
                fields.clone(),
                children.collect::<Result<_, _>>()?,
                lanes.nulls().cloned(),
            )?)
        }
        DataType::List(element) => {
            let lists = lane.as_list::<i32>();
            Arc::new(ListArray::try_new(
                element.clone(),
                lists.offsets().clone(),
                typed_values(lists.values(), element.data_type())?,
                lists.nulls().cloned(),
            )?)
        }
        DataType::Decimal128(precision, scale) => {
            let unscaled = Unscaled::of(lane);
            let values: Decimal128Array = (0..lane.len()).map(|row| unscaled.value(row)).collect();
            Arc::new(values.with_precision_and_scale(*precision, *scale)?)
        }
        _ => {
            let options = CastOptions {
                safe: false,
                ..CastOptions::default()
            };
            cast_with_options(lane, typed, &options)?
        }
    })
}
