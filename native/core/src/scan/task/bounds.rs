//! What a footer says about the values of a row group.

use arrow::datatypes::DataType;
use delta_kernel::expressions::Scalar;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;

use super::cast::Cast;
use crate::scan::fields::Leaf;
use crate::scan::filter::{Bounds, Filter};

/// Whether the row group may hold rows that match.
pub fn may_match(group: &RowGroupMetaData, filter: &Filter) -> bool {
    filter.may_match(&|path, like| bounds(group, path, like))
}

/// Bounds of the column at `path`, typed as `like` is; none for a column that is not there.
fn bounds(group: &RowGroupMetaData, path: &[String], like: &Scalar) -> Option<Bounds> {
    let column = group
        .columns()
        .iter()
        .find(|column| column.column_path().parts() == path)?;
    let statistics = column.statistics()?;
    let known = Bounds {
        nulls: statistics.null_count_opt(),
        rows: u64::try_from(group.num_rows()).ok()?,
        ..Bounds::default()
    };
    Some(known.between(statistics, column.column_descr(), like))
}

impl Bounds {
    /// With the ends that `statistics` have of the values of `column`, typed as `like` is.
    pub fn between(
        self,
        statistics: &Statistics,
        column: &ColumnDescriptor,
        like: &Scalar,
    ) -> Self {
        let timestamp: fn(i64) -> Scalar = match like {
            Scalar::Timestamp(_) => Scalar::Timestamp,
            Scalar::TimestampNtz(_) => Scalar::TimestampNtz,
            _ => {
                return Self {
                    min: value(statistics, like, End::Min),
                    max: value(statistics, like, End::Max),
                    ..self
                };
            }
        };
        let ends = micros(statistics, column);
        Self {
            min: ends.map(|(min, _)| timestamp(min)),
            max: ends.map(|(_, max)| timestamp(max)),
            ..self
        }
    }
}

/// Both ends of timestamps, in microseconds as readers see them. None if an end is not known or has none: values
/// between two ends have no overflow either. INT96 has no order.
fn micros(statistics: &Statistics, column: &ColumnDescriptor) -> Option<(i64, i64)> {
    let (lane, min, max) = match statistics {
        Statistics::Int64(s) => (DataType::Int64, *s.min_opt()?, *s.max_opt()?),
        Statistics::Int32(s) => {
            let (min, max) = (*s.min_opt()?, *s.max_opt()?);
            (DataType::Int32, min.into(), max.into())
        }
        _ => return None,
    };
    let micros = |value: i64| match Cast::plan(&Leaf::Timestamp, &lane, column)? {
        Cast::Keep => Some(value),
        Cast::Times(unit) | Cast::IntTimes(unit) => value.checked_mul(unit),
        Cast::DividedBy(unit) => Some(value.div_euclid(unit)),
        _ => None,
    };
    Some((micros(min)?, micros(max)?))
}

#[derive(Clone, Copy)]
enum End {
    Min,
    Max,
}

/// One end of the statistics. Types that a file of this table may have been widened from count as
/// unknown, as do units and orders that the footer does not tell here.
fn value(statistics: &Statistics, like: &Scalar, end: End) -> Option<Scalar> {
    fn of<T>(end: End, min: Option<T>, max: Option<T>) -> Option<T> {
        match end {
            End::Min => min,
            End::Max => max,
        }
    }
    let int = || match statistics {
        Statistics::Int32(s) => of(end, s.min_opt(), s.max_opt()).copied(),
        _ => None,
    };
    let long = || match statistics {
        Statistics::Int64(s) => of(end, s.min_opt(), s.max_opt()).copied(),
        Statistics::Int32(s) => of(end, s.min_opt(), s.max_opt()).map(|v| i64::from(*v)),
        _ => None,
    };
    Some(match (like, statistics) {
        (Scalar::Boolean(_), Statistics::Boolean(s)) => {
            Scalar::Boolean(*of(end, s.min_opt(), s.max_opt())?)
        }
        (Scalar::Byte(_), _) => Scalar::Byte(int()?.try_into().ok()?),
        (Scalar::Short(_), _) => Scalar::Short(int()?.try_into().ok()?),
        (Scalar::Integer(_), _) => Scalar::Integer(int()?),
        (Scalar::Date(_), _) => Scalar::Date(int()?),
        (Scalar::Long(_), _) => Scalar::Long(long()?),
        (Scalar::Float(_), Statistics::Float(s)) => {
            Scalar::Float(*of(end, s.min_opt(), s.max_opt())?)
        }
        (Scalar::Double(_), Statistics::Double(s)) => {
            Scalar::Double(*of(end, s.min_opt(), s.max_opt())?)
        }
        (Scalar::String(_), Statistics::ByteArray(s)) if !statistics.is_min_max_deprecated() => {
            let text = of(end, s.min_opt(), s.max_opt())?.as_utf8().ok()?;
            Scalar::String(text.to_owned())
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as PhysicalType};
    use parquet::schema::types::{ColumnPath, Type};

    use super::*;

    fn column(unit: Option<TimeUnit>, physical: PhysicalType) -> ColumnDescriptor {
        let logical = unit.map(|unit| LogicalType::timestamp(true, unit));
        let primitive = Type::primitive_type_builder("t", physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .unwrap();
        ColumnDescriptor::new(Arc::new(primitive), 1, 0, ColumnPath::from("t"))
    }

    fn longs(min: i64, max: i64) -> Statistics {
        Statistics::int64(Some(min), Some(max), None, Some(0), false)
    }

    fn micros_of(unit: TimeUnit, min: i64, max: i64) -> Option<(i64, i64)> {
        micros(&longs(min, max), &column(Some(unit), PhysicalType::INT64))
    }

    #[test]
    fn timestamps_of_every_unit_are_bounded_in_microseconds() {
        assert_eq!(micros_of(TimeUnit::MICROS, -5, 7), Some((-5, 7)));
        assert_eq!(micros_of(TimeUnit::MILLIS, -5, 7), Some((-5000, 7000)));
        assert_eq!(micros_of(TimeUnit::NANOS, -1, 1999), Some((-1, 1)));
        let days = Statistics::int32(Some(-1), Some(1), None, Some(0), false);
        let day = 86_400_000_000;
        let stored = column(None, PhysicalType::INT32);
        assert_eq!(micros(&days, &stored), Some((-day, day)));
    }

    #[test]
    fn one_end_without_a_bound_leaves_the_other_unknown() {
        assert_eq!(micros_of(TimeUnit::MILLIS, 0, i64::MAX / 999), None);
        let open = Statistics::int64(Some(1), None, None, Some(0), false);
        let stored = column(Some(TimeUnit::MICROS), PhysicalType::INT64);
        assert_eq!(micros(&open, &stored), None);
        let bounds = Bounds::default().between(&open, &stored, &Scalar::Timestamp(1));
        assert_eq!((bounds.min, bounds.max), (None, None));
    }
}
