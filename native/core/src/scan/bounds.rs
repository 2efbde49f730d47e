//! What a footer says about the values of a row group.

use delta_kernel::expressions::Scalar;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use super::filter::{Bounds, Filter};

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
    let rows = u64::try_from(group.num_rows()).ok()?;
    Some(bounds_of(
        statistics,
        like,
        statistics.null_count_opt(),
        rows,
    ))
}

/// Bounds typed as `like` is, of `rows` rows with so many nulls.
pub fn bounds_of(statistics: &Statistics, like: &Scalar, nulls: Option<u64>, rows: u64) -> Bounds {
    Bounds {
        min: value(statistics, like, End::Min),
        max: value(statistics, like, End::Max),
        nulls,
        rows,
    }
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
