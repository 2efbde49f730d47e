//! Which encoder a column has.

use parquet::basic::Type;
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescriptor;

use super::booleans::BooleanEncoder;
use super::bounds::Order;
use super::bytes::BytesEncoder;
use super::natives::NativeEncoder;
use super::values::ValueEncoder;

/// The encoder of a column's physical type.
///
/// Errors: for a type that Delta tables do not have.
pub fn encoder(column: &ColumnDescriptor, dictionary: bool) -> Result<Box<dyn ValueEncoder>> {
    let order = Order::of(column);
    Ok(match column.physical_type() {
        Type::BOOLEAN => Box::new(BooleanEncoder::default()),
        Type::INT32 => Box::new(NativeEncoder::<i32>::new(dictionary)),
        Type::INT64 => Box::new(NativeEncoder::<i64>::new(dictionary)),
        Type::FLOAT => Box::new(NativeEncoder::<f32>::new(dictionary)),
        Type::DOUBLE => Box::new(NativeEncoder::<f64>::new(dictionary)),
        Type::BYTE_ARRAY => Box::new(BytesEncoder::new(order, None, dictionary)),
        Type::FIXED_LEN_BYTE_ARRAY => {
            let width = column.type_length() as usize;
            Box::new(BytesEncoder::new(order, Some(width), dictionary))
        }
        Type::INT96 => return Err(ParquetError::NYI("INT96 is not written".into())),
    })
}
