//! Files that count days as Spark did before 3.0: Julian up to 1582. What both calendars agree on is read.

use arrow::array::{Array as _, ArrayRef, AsArray as _};
use arrow::compute;
use arrow::datatypes::{DataType, Int32Type, Int64Type, TimestampMicrosecondType};
use delta_kernel::expressions::Scalar;
use parquet::errors::ParquetError;
use parquet::file::metadata::FileMetaData;

use crate::scan::fields::Leaf;
use crate::scan::filter::Filter;

/// Which values of a file are of the old calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hybrid {
    /// Dates, and timestamps that are 64-bit integers.
    pub days: bool,
    /// Timestamps of the type INT96, which Spark went on to write so until 3.1.
    pub int96: bool,
}

impl Hybrid {
    /// Told by what Spark writes into footers.
    pub fn of(file: &FileMetaData) -> Self {
        let entries = file.key_value_metadata().into_iter().flatten();
        let mut hybrid = Self {
            days: false,
            int96: false,
        };
        for entry in entries {
            match entry.key.as_str() {
                "org.apache.spark.legacyDateTime" => hybrid.days = true,
                "org.apache.spark.legacyINT96" => hybrid.int96 = true,
                "org.apache.spark.version" => {
                    let version = entry.value.as_deref().unwrap_or_default();
                    let is_of = |line: &&str| version.starts_with(*line);
                    hybrid.days |= ["1.", "2."].iter().any(is_of);
                    hybrid.int96 |= ["1.", "2.", "3.0."].iter().any(is_of);
                }
                _ => {}
            }
        }
        hybrid
    }

    /// The least value that both calendars count alike in a column stored as `lane`, if its values are of the old one.
    pub fn least(self, leaf: &Leaf, lane: &DataType) -> Option<i64> {
        let is_int96 = matches!(lane, DataType::Timestamp(..));
        let is_old = if is_int96 { self.int96 } else { self.days };
        least_common_value(leaf).filter(|_| is_old)
    }
}

/// The day (1582-10-15) or microsecond (1900-01-01, as old time zones differ too) from which both
/// calendars agree.
fn least_common_value(leaf: &Leaf) -> Option<i64> {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::file::metadata::KeyValue;
    use parquet::schema::types::{SchemaDescriptor, Type};

    use super::*;

    fn hybrid(key: &str, value: &str) -> (bool, bool) {
        let root = Type::group_type_builder("root").build().unwrap();
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(root)));
        let entries = vec![KeyValue::new(
            format!("org.apache.spark.{key}"),
            value.to_owned(),
        )];
        let file = FileMetaData::new(1, 0, None, Some(entries), schema, None);
        let hybrid = Hybrid::of(&file);
        (hybrid.days, hybrid.int96)
    }

    #[test]
    fn footers_tell_the_calendar() {
        assert_eq!(hybrid("version", "2.4.8"), (true, true));
        assert_eq!(hybrid("version", "3.0.3"), (false, true));
        assert_eq!(hybrid("version", "3.1.0"), (false, false));
        assert_eq!(hybrid("version", "4.1.1"), (false, false));
        assert_eq!(hybrid("legacyDateTime", ""), (true, false));
        assert_eq!(hybrid("legacyINT96", ""), (false, true));
    }
}
