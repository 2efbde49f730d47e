//! The statistics of a file in the log (Delta protocol, "Per-file Statistics"), where the kernel's view of
//! them does not do.

use delta_kernel::expressions::Scalar;
use delta_kernel::schema::PrimitiveType;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::scan::files::DataFile;
use crate::scan::filter::Bounds;

/// What is left of a microsecond when a bound is cut to milliseconds.
const CUT_OFF: i64 = 999;

/// By physical name; fields of structs in objects.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    num_records: Option<u64>,
    #[serde(default)]
    pub min_values: Map<String, Value>,
    #[serde(default)]
    pub max_values: Map<String, Value>,
    #[serde(default)]
    null_count: Map<String, Value>,
    tight_bounds: Option<bool>,
}

impl Stats {
    /// Of a file; empty if the text is none.
    pub fn of(json: Option<&str>) -> Self {
        let stats = json.and_then(|json| serde_json::from_str(json).ok());
        stats.unwrap_or_default()
    }

    /// None if deleted rows may have had the bounds.
    pub fn tight(&self, file: &DataFile) -> Option<&Self> {
        let tight = self.tight_bounds != Some(false) && file.deletion_vector.is_none();
        tight.then_some(self)
    }

    /// Values that are not null.
    pub fn values(&self, file: &DataFile, name: &str) -> Option<i64> {
        let rows = i64::try_from(file.rows?).ok()?;
        rows.checked_sub(self.null_count.get(name)?.as_i64()?)
    }

    /// The bound, or nothing for a column of nulls.
    pub fn bound(
        &self,
        file: &DataFile,
        bounds: &Map<String, Value>,
        name: &str,
    ) -> Option<Option<i64>> {
        match bounds.get(name).filter(|bound| !bound.is_null()) {
            Some(bound) => Some(Some(number(bound)?)),
            None => (self.values(file, name)? == 0).then_some(None),
        }
    }

    /// Bounds of a column of a type whose bounds all writers take for the same, for a value that is compared with it.
    pub fn bounds(&self, path: &[String], like: &Scalar) -> Option<Bounds> {
        if let Some(bounds) = self.timestamps(path, like) {
            return Some(bounds);
        }
        let kind = match like {
            Scalar::Byte(_) => PrimitiveType::Byte,
            Scalar::Short(_) => PrimitiveType::Short,
            Scalar::Integer(_) => PrimitiveType::Integer,
            Scalar::Long(_) => PrimitiveType::Long,
            Scalar::Date(_) => PrimitiveType::Date,
            Scalar::String(_) => PrimitiveType::String,
            _ => return None,
        };
        let bound = |values| match at(values, path)? {
            Value::String(text) => kind.parse_scalar(text).ok(),
            Value::Number(number) => kind.parse_scalar(&number.to_string()).ok(),
            _ => None,
        };
        Some(Bounds {
            min: bound(&self.min_values),
            max: bound(&self.max_values),
            nulls: at(&self.null_count, path).and_then(Value::as_u64),
            rows: self.num_records?,
        })
    }

    /// Bounds of a timestamp, for a value that is compared with it; none for other columns.
    pub fn timestamps(&self, path: &[String], like: &Scalar) -> Option<Bounds> {
        if !matches!(like, Scalar::Timestamp(_)) {
            return None;
        }
        let bound = |values| micros(at(values, path)?);
        let max = bound(&self.max_values).map(|max| max.saturating_add(CUT_OFF));
        Some(Bounds {
            min: bound(&self.min_values).map(Scalar::Timestamp),
            max: max.map(Scalar::Timestamp),
            nulls: at(&self.null_count, path).and_then(Value::as_u64),
            rows: self.num_records?,
        })
    }
}

fn at<'a>(values: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(values.get(first)?, |value, name| value.get(name))
}

fn micros(bound: &Value) -> Option<i64> {
    match PrimitiveType::Timestamp
        .parse_scalar(bound.as_str()?)
        .ok()?
    {
        Scalar::Timestamp(micros) => Some(micros),
        _ => None,
    }
}

/// A number, or a date as days since the epoch.
fn number(bound: &Value) -> Option<i64> {
    bound.as_i64().or_else(
        || match PrimitiveType::Date.parse_scalar(bound.as_str()?).ok()? {
            Scalar::Date(days) => Some(days.into()),
            _ => None,
        },
    )
}
