//! Files that count days as Spark did before 3.0: Julian up to 1582. What both calendars agree on is read.

use arrow::array::{Array as _, ArrayRef, AsArray as _};
use arrow::compute;
use arrow::datatypes::{DataType, Int32Type, Int64Type, TimestampMicrosecondType};
use delta_kernel::expressions::Scalar;
use parquet::errors::ParquetError;
use parquet::file::metadata::FileMetaData;

use super::fields::Leaf;
use super::filter::Filter;

/// Whether the file uses the old calendar, which is told by what Spark writes into footers.
pub fn is_hybrid(file: &FileMetaData) -> bool {
    let entries = file.key_value_metadata().into_iter().flatten();
    entries.into_iter().any(|entry| match entry.key.as_str() {
        "org.apache.spark.legacyDateTime" | "org.apache.spark.legacyINT96" => true,
        "org.apache.spark.version" => {
            let version = entry.value.as_deref().unwrap_or_default();
            version.starts_with("1.") || version.starts_with("2.")
        }
        _ => false,
    })
}

/// The day (1582-10-15) or microsecond (1900-01-01, as old time zones differ too) from which both
/// calendars agree.
pub fn least_common_value(leaf: &Leaf) -> Option<i64> {
    match leaf {
        Leaf::Date => Some(-141_427),
        Leaf::Timestamp => Some(-2_208_988_800_000_000),
        _ => None,
    }
}

/// Errors: for values that another calendar counts otherwise.
pub fn check(values: &ArrayRef, least: i64) -> Result<(), ParquetError> {
    let first = match values.data_type() {
        DataType::Int32 => compute::min(values.as_primitive::<Int32Type>()).map(i64::from),
        DataType::Int64 => compute::min(values.as_primitive::<Int64Type>()),
        _ => compute::min(values.as_primitive::<TimestampMicrosecondType>()),
    };
    match first.filter(|first| *first < least) {
        None => Ok(()),
        Some(_) => Err(ParquetError::NYI(
            "it holds dates before 1582-10-15, or timestamps before 1900, in the hybrid calendar of \
             Spark 2, which Sluice does not convert; read it with delta-spark"
                .into(),
        )),
    }
}

/// The filter as the bounds in a file of the old calendar can be held against: dates and timestamps there are others.
pub fn without_days(filter: &Filter) -> Filter {
    let day = |value: &Scalar| {
        matches!(
            value,
            Scalar::Date(_) | Scalar::Timestamp(_) | Scalar::TimestampNtz(_)
        )
    };
    match filter {
        Filter::And(all) => Filter::And(all.iter().map(without_days).collect()),
        Filter::Or(any) => Filter::Or(any.iter().map(without_days).collect()),
        Filter::Compare { value, .. } if day(value) => Filter::Unknown,
        Filter::In { values, .. } if values.iter().any(day) => Filter::Unknown,
        other => other.clone(),
    }
}
