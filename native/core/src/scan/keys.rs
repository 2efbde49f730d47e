//! Partition values as keys, by which Spark groups and joins.

use delta_kernel::expressions::Scalar;
use delta_kernel::schema::PrimitiveType;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::files::DataFile;
use crate::error::{Error, Result};

/// A partition column under both its names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PartitionColumn {
    pub name: String,
    pub physical: String,
    pub kind: PrimitiveType,
}

/// One value a column: numbers as Spark holds them (dates in days, timestamps in microseconds),
/// decimals as their unscaled digits in text.
pub type Key = Vec<Value>;

/// The columns of these names, in their order.
///
/// Errors: Internal for a name that is none.
pub fn key_columns(names: &[String], columns: &[PartitionColumn]) -> Result<Vec<PartitionColumn>> {
    let find = |name: &String| {
        let column = columns.iter().find(|column| &column.name == name);
        column.cloned().ok_or_else(|| {
            Error::internal(format!(
                "Cannot group by column '{name}': it is no partition column"
            ))
        })
    };
    names.iter().map(find).collect()
}

/// The key of all rows of a file.
///
/// Errors: CorruptTable for a partition value that is none of its type, Internal for a type whose
/// values are not compared by their text.
pub fn key_of(file: &DataFile, columns: &[PartitionColumn]) -> Result<Key> {
    columns
        .iter()
        .map(|column| {
            let value = file.partition_value(&column.physical, &column.kind)?;
            key_value(&value).ok_or_else(|| {
                Error::internal(format!(
                    "Cannot group by partition column '{}' of type {}",
                    column.name, column.kind
                ))
            })
        })
        .collect()
}

/// A value as part of a key; none for types whose values are not compared by their text.
pub fn key_value(value: &Scalar) -> Option<Value> {
    Some(match value {
        Scalar::Null(_) => Value::Null,
        Scalar::Boolean(v) => (*v).into(),
        Scalar::Byte(v) => (*v).into(),
        Scalar::Short(v) => (*v).into(),
        Scalar::Integer(v) | Scalar::Date(v) => (*v).into(),
        Scalar::Long(v) | Scalar::Timestamp(v) | Scalar::TimestampNtz(v) => (*v).into(),
        Scalar::String(v) => v.as_str().into(),
        Scalar::Decimal(v) => v.bits().to_string().into(),
        _ => return None,
    })
}

/// The values of the partition that a file lies in.
///
/// Errors: CorruptTable for a value that is none of its type.
pub fn partition_key(file: &DataFile, columns: &[PartitionColumn]) -> Result<Key> {
    let value = |column: &PartitionColumn| {
        let value = file.partition_value(&column.physical, &column.kind)?;
        Ok(key_value(&value).unwrap_or_else(|| shown(&value)))
    };
    columns.iter().map(value).collect()
}

/// Values that are no keys, as text: numbers as Java reads them, bytes in hexadecimal digits.
fn shown(value: &Scalar) -> Value {
    let number = |v: f64, text: String| match v {
        _ if v.is_infinite() => if v > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        _ => text,
    };
    match value {
        Scalar::Float(v) => number((*v).into(), v.to_string()).into(),
        Scalar::Double(v) => number(*v, v.to_string()).into(),
        Scalar::Binary(v) => v
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
            .into(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_no_keys_are_text() {
        assert_eq!(shown(&Scalar::Double(f64::NEG_INFINITY)), "-Infinity");
        assert_eq!(shown(&Scalar::Float(f32::NAN)), "NaN");
        assert_eq!(shown(&Scalar::Float(1.5)), "1.5");
        assert_eq!(shown(&Scalar::Binary(vec![0, 255])), "00ff");
    }
}
