//! Which of a table's columns its files have.

use std::sync::Arc;

use delta_kernel::expressions::{DecimalData, Scalar};
use delta_kernel::schema::{DataType, PrimitiveType, StructField, StructType};
use delta_kernel::transaction::WriteState;

use super::plan::WritePlan;
use crate::error::{Error, Result};
use crate::table::void::is_void;

/// The kernel's physical schema, which is the same for all partitions, and the extra columns.
pub fn physical_schema(write_state: &Arc<WriteState>, plan: &WritePlan) -> Result<StructType> {
    let mut builder = write_state.write_context_builder();
    if !plan.partition_columns.is_empty() {
        // Any values do: only the schema is looked at.
        let values = plan.partition_columns.iter().filter_map(|name| {
            let kind = plan.schema.field(name)?.data_type().clone();
            Some((name.clone(), placeholder(&kind)))
        });
        builder = builder.with_partition_values(values.collect());
    }
    let failed = |e| Error::from_kernel(&format!("write to table {}", plan.table), e);
    let context = builder.build().map_err(failed)?;
    let fields = context.physical_data_schema().fields().chain(&plan.extra);
    StructType::try_new(fields.cloned()).map_err(failed)
}

/// A non-null partition value of the type.
fn placeholder(kind: &DataType) -> Scalar {
    let DataType::Primitive(primitive) = kind else {
        return Scalar::Null(kind.clone());
    };
    match primitive {
        PrimitiveType::String => Scalar::String("x".into()),
        PrimitiveType::Binary => Scalar::Binary(b"x".to_vec()),
        PrimitiveType::Long => Scalar::Long(0),
        PrimitiveType::Integer => Scalar::Integer(0),
        PrimitiveType::Short => Scalar::Short(0),
        PrimitiveType::Byte => Scalar::Byte(0),
        PrimitiveType::Float => Scalar::Float(0.0),
        PrimitiveType::Double => Scalar::Double(0.0),
        PrimitiveType::Boolean => Scalar::Boolean(false),
        PrimitiveType::Date => Scalar::Date(0),
        PrimitiveType::Timestamp => Scalar::Timestamp(0),
        PrimitiveType::TimestampNtz => Scalar::TimestampNtz(0),
        PrimitiveType::Decimal(decimal) => DecimalData::try_new(0_i128, *decimal)
            .map_or_else(|_| Scalar::Null(kind.clone()), Scalar::Decimal),
        _ => Scalar::Null(kind.clone()),
    }
}

/// Logical columns that stand in the files: all but the partition columns, or all where the table
/// materializes those (its files then have a lane for each column).
pub fn stored_columns(plan: &WritePlan, lanes: usize) -> Vec<&StructField> {
    let all: Vec<_> = plan
        .schema
        .fields()
        .chain(&plan.extra)
        .filter(|field| !is_void(field))
        .collect();
    if all.len() == lanes {
        return all;
    }
    all.into_iter()
        .filter(|field| !plan.partition_columns.contains(field.name()))
        .collect()
}

/// Those of the file columns that repeat a partition column of text or bytes.
pub fn materialized_text(plan: &WritePlan, stored: &[&StructField]) -> Vec<usize> {
    stored
        .iter()
        .enumerate()
        .filter(|(_, field)| plan.partition_columns.contains(field.name()))
        .filter(|(_, field)| {
            matches!(
                field.data_type(),
                DataType::Primitive(PrimitiveType::String | PrimitiveType::Binary)
            )
        })
        .map(|(index, _)| index)
        .collect()
}
