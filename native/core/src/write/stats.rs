//! Delta statistics of data files, read from the Parquet footers the encoder has computed anyway, so
//! that they cost no pass over the data.
//!
//! Rules (Delta protocol, "Per-file Statistics"; the columns are chosen by the kernel's stats
//! schema): null counts for all of them, bounds for those with an order. Strings are cut at 32
//! characters, timestamps to the millisecond, both so that the bounds stay true. A bound that cannot
//! be said truly in JSON (a NaN in the column, an infinity, a year beyond 9999) is null there.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanArray, Date32Array, Decimal128Array, Float32Array,
    Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, StringArray, StructArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType as ArrowType, Field, Fields};
use delta_kernel::schema::{DataType, PrimitiveType, StructType};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::statistics::Statistics;
use parquet::schema::types::SchemaDescriptor;

use super::file::FileFormat;
use super::layout::wide_decimal;
use crate::error::{Error, Result};

/// Characters of a string bound (Delta's `MAX_STRING_PREFIX_LENGTH`).
const STRING_PREFIX_CHARS: usize = 32;
/// 0001-01-01 and 9999-12-31 as days since the epoch: the years that JSON readers parse.
const DAYS: std::ops::RangeInclusive<i32> = -719_162..=2_932_896;
/// The same years in microseconds.
const MICROS: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;
const MICROS_PER_MILLI: i64 = 1_000;
/// First byte of U+10FFFF in UTF-8.
const LAST_CHARACTER_LEAD: u8 = 0xf4;

/// Statistics of one file.
#[derive(Debug, Default)]
pub struct FileStats {
    /// Rows in the file.
    pub rows: i64,
    /// By physical column path.
    columns: HashMap<Vec<String>, ColumnStats>,
}

#[derive(Debug, Default, Clone)]
struct ColumnStats {
    nulls: Option<i64>,
    min: Option<Bound>,
    max: Option<Bound>,
}

/// A bound as the footer holds it, before it takes the column's Delta type.
#[derive(Debug, Clone, PartialEq)]
enum Bound {
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Wide(i128),
    Text(String),
}

/// Which statistics to collect, resolved once per task.
#[derive(Debug)]
pub struct StatsPlan {
    schema: StructType,
    /// Columns whose nulls the footer counts per leaf, not per row: arrays, maps, variants.
    containers: Vec<Container>,
}

#[derive(Debug)]
struct Container {
    path: Vec<String>,
    /// Position at each level, from the file's top-level columns down.
    indices: Vec<usize>,
}

impl StatsPlan {
    /// Plans the statistics of the kernel's `schema` (`numRecords`, `nullCount`, `minValues`,
    /// `maxValues`, `tightBounds`; physical names) for files of `format`.
    pub fn new(schema: StructType, format: &FileFormat) -> Self {
        let mut containers = Vec::new();
        if let Some(counted) = substructure(&schema, "nullCount") {
            find_containers(counted, format.lanes(), &mut Vec::new(), &mut containers);
        }
        Self { schema, containers }
    }

    /// Null counts of the containers in a batch, to be summed over a file's batches.
    pub fn count_container_nulls(&self, columns: &[ArrayRef], sums: &mut Vec<i64>) {
        sums.resize(self.containers.len(), 0);
        for (container, sum) in self.containers.iter().zip(sums) {
            *sum += container.nulls_in(columns);
        }
    }

    /// Statistics of a file from its footer and its containers' null counts.
    pub fn of_file(&self, footer: &ParquetMetaData, container_nulls: &[i64]) -> FileStats {
        let descriptor = footer.file_metadata().schema_descr();
        let mut columns = leaf_stats(descriptor, footer);
        for (container, nulls) in self.containers.iter().zip(container_nulls) {
            let stats = ColumnStats {
                nulls: Some(*nulls),
                ..ColumnStats::default()
            };
            columns.insert(container.path.clone(), stats);
        }
        FileStats {
            rows: footer.file_metadata().num_rows(),
            columns,
        }
    }

    /// The `stats` column of the add actions: one row per file, in the kernel's shape.
    pub fn to_array(&self, files: &[FileStats]) -> Result<StructArray> {
        let children = self.schema.fields().map(|field| {
            let array: ArrayRef = match (field.name().as_str(), field.data_type()) {
                ("numRecords", _) => Arc::new(Int64Array::from_iter_values(
                    files.iter().map(|file| file.rows),
                )),
                ("tightBounds", _) => Arc::new(BooleanArray::from(vec![true; files.len()])),
                ("nullCount", DataType::Struct(inner)) => column_tree(inner, files, &null_counts)?,
                ("minValues", DataType::Struct(inner)) => {
                    column_tree(inner, files, &|stats, kind| bounds(stats, kind, Side::Min))?
                }
                ("maxValues", DataType::Struct(inner)) => {
                    column_tree(inner, files, &|stats, kind| bounds(stats, kind, Side::Max))?
                }
                (other, _) => {
                    return Err(Error::internal(format!(
                        "Cannot collect the unknown statistic '{other}'"
                    )));
                }
            };
            Ok((field.name().clone(), array))
        });
        struct_array(children.collect::<Result<_>>()?, files.len())
    }
}

fn substructure<'a>(schema: &'a StructType, name: &str) -> Option<&'a StructType> {
    match schema.field(name)?.data_type() {
        DataType::Struct(inner) => Some(inner),
        _ => None,
    }
}

fn find_containers(
    counted: &StructType,
    lanes: &Fields,
    parents: &mut Vec<(usize, String)>,
    out: &mut Vec<Container>,
) {
    for field in counted.fields() {
        let Some((index, lane)) = lanes.find(field.name()) else {
            continue;
        };
        parents.push((index, field.name().clone()));
        match (field.data_type(), lane.data_type()) {
            (DataType::Struct(inner), ArrowType::Struct(lanes)) => {
                find_containers(inner, lanes, parents, out);
            }
            (_, ArrowType::Struct(_) | ArrowType::List(_) | ArrowType::Map(..)) => {
                let (indices, path) = parents.iter().cloned().unzip();
                out.push(Container { path, indices });
            }
            _ => {}
        }
        parents.pop();
    }
}

impl Container {
    /// Rows in which the container, or a struct around it, is null.
    fn nulls_in(&self, columns: &[ArrayRef]) -> i64 {
        let mut level = columns;
        let mut nulls: Option<NullBuffer> = None;
        for (depth, &index) in self.indices.iter().enumerate() {
            let array = &level[index];
            nulls = NullBuffer::union(nulls.as_ref(), array.nulls());
            if depth + 1 < self.indices.len() {
                level = array.as_struct().columns();
            }
        }
        nulls.map_or(0, |nulls| nulls.null_count() as i64)
    }
}

/// Statistics of every leaf that is not inside an array or a map.
fn leaf_stats(
    descriptor: &SchemaDescriptor,
    footer: &ParquetMetaData,
) -> HashMap<Vec<String>, ColumnStats> {
    (0..descriptor.num_columns())
        .filter(|&leaf| descriptor.column(leaf).max_rep_level() == 0)
        .map(|leaf| {
            let path = descriptor.column(leaf).path().parts().to_vec();
            let chunks = footer.row_groups().iter().map(|group| group.column(leaf));
            (path, merge(chunks))
        })
        .collect()
}

fn merge<'a>(chunks: impl Iterator<Item = &'a ColumnChunkMetaData>) -> ColumnStats {
    let mut nulls = 0;
    let (mut mins, mut maxes) = (Vec::new(), Vec::new());
    for chunk in chunks {
        let Some(stats) = chunk.statistics() else {
            return ColumnStats::default();
        };
        let chunk_nulls = stats.null_count_opt().unwrap_or(0) as i64;
        nulls += chunk_nulls;
        if chunk_nulls < chunk.num_values() {
            let (min, max) = chunk_bounds(stats);
            mins.push(min);
            maxes.push(max);
        }
    }
    ColumnStats {
        nulls: Some(nulls),
        min: extreme(mins, Side::Min),
        max: extreme(maxes, Side::Max),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Min,
    Max,
}

/// The lowest (or highest) bound; none if any row group with values lacks it.
fn extreme(bounds: Vec<Option<Bound>>, side: Side) -> Option<Bound> {
    let bounds: Vec<Bound> = bounds.into_iter().collect::<Option<_>>()?;
    bounds.into_iter().reduce(|known, next| {
        if known.is_nan() || next.is_nan() {
            return if known.is_nan() { known } else { next };
        }
        let next_is_lower = known.is_above(&next);
        if next_is_lower == (side == Side::Min) {
            next
        } else {
            known
        }
    })
}

impl Bound {
    /// Marks a column with a NaN in it, which bounds nothing (and is written as null).
    fn is_nan(&self) -> bool {
        match self {
            Self::Float(value) => value.is_nan(),
            Self::Double(value) => value.is_nan(),
            _ => false,
        }
    }

    fn is_above(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a > b,
            (Self::Long(a), Self::Long(b)) => a > b,
            (Self::Float(a), Self::Float(b)) => a > b,
            (Self::Double(a), Self::Double(b)) => a > b,
            (Self::Wide(a), Self::Wide(b)) => a > b,
            (Self::Text(a), Self::Text(b)) => a > b,
            _ => false,
        }
    }
}

fn chunk_bounds(stats: &Statistics) -> (Option<Bound>, Option<Bound>) {
    let has_nan = stats.nan_count_opt().is_some_and(|nans| nans > 0);
    match stats {
        Statistics::Int32(s) => (
            s.min_opt().copied().map(Bound::Int),
            s.max_opt().copied().map(Bound::Int),
        ),
        Statistics::Int64(s) => (
            s.min_opt().copied().map(Bound::Long),
            s.max_opt().copied().map(Bound::Long),
        ),
        Statistics::Float(_) if has_nan => {
            (Some(Bound::Float(f32::NAN)), Some(Bound::Float(f32::NAN)))
        }
        Statistics::Float(s) => (
            s.min_opt().copied().map(Bound::Float),
            s.max_opt().copied().map(Bound::Float),
        ),
        Statistics::Double(_) if has_nan => {
            (Some(Bound::Double(f64::NAN)), Some(Bound::Double(f64::NAN)))
        }
        Statistics::Double(s) => (
            s.min_opt().copied().map(Bound::Double),
            s.max_opt().copied().map(Bound::Double),
        ),
        Statistics::ByteArray(s) => (
            s.min_opt().and_then(|v| lower_text(v.data())),
            s.max_opt().and_then(|v| upper_text(v.data())),
        ),
        Statistics::FixedLenByteArray(s) => (
            s.min_opt()
                .and_then(|v| wide_decimal(v.data()))
                .map(Bound::Wide),
            s.max_opt()
                .and_then(|v| wide_decimal(v.data()))
                .map(Bound::Wide),
        ),
        _ => (None, None),
    }
}

/// The longest prefix of at most 32 characters: never above the value itself.
fn lower_text(bytes: &[u8]) -> Option<Bound> {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => std::str::from_utf8(&bytes[..e.valid_up_to()]).ok()?,
    };
    Some(Bound::Text(
        valid.chars().take(STRING_PREFIX_CHARS).collect(),
    ))
}

/// A text at or above the value: the value itself, or its first 32 characters and a tie-breaker
/// that sorts after whatever was cut off. Where no tie-breaker would, the value stays whole.
fn upper_text(bytes: &[u8]) -> Option<Bound> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => return above_invalid(bytes, e.valid_up_to()),
    };
    let tie_breaker = match text.chars().nth(STRING_PREFIX_CHARS) {
        None | Some(char::MAX) => return Some(Bound::Text(text.to_owned())),
        Some(cut) if cut < '\u{7f}' => '\u{7f}',
        Some(_) => char::MAX,
    };
    let prefix = text.chars().take(STRING_PREFIX_CHARS);
    Some(Bound::Text(prefix.chain([tie_breaker]).collect()))
}

/// A text above bytes that stop being UTF-8 at `valid`: possible where the first wrong byte sorts
/// before every encoding of the last character.
fn above_invalid(bytes: &[u8], valid: usize) -> Option<Bound> {
    let (prefix, rest) = bytes.split_at_checked(valid)?;
    let prefix = std::str::from_utf8(prefix).ok()?;
    (rest.first()? < &LAST_CHARACTER_LEAD)
        .then(|| Bound::Text(prefix.chars().chain([char::MAX]).collect()))
}

type LeafArray<'a> = dyn Fn(&[Option<&ColumnStats>], &PrimitiveType) -> ArrayRef + 'a;

/// A struct array that mirrors `schema`, its leaves made by `leaf` from the statistics of each file.
fn column_tree(schema: &StructType, files: &[FileStats], leaf: &LeafArray<'_>) -> Result<ArrayRef> {
    fn subtree(
        schema: &StructType,
        files: &[FileStats],
        leaf: &LeafArray<'_>,
        path: &mut Vec<String>,
    ) -> Result<ArrayRef> {
        let mut children = Vec::with_capacity(schema.num_fields());
        for field in schema.fields() {
            path.push(field.name().clone());
            let child = match field.data_type() {
                DataType::Struct(inner) => subtree(inner, files, leaf, path)?,
                DataType::Primitive(kind) => {
                    let stats: Vec<_> = files.iter().map(|file| file.columns.get(path)).collect();
                    leaf(&stats, kind)
                }
                other => {
                    return Err(Error::internal(format!(
                        "Cannot collect a statistic of type {other}"
                    )));
                }
            };
            path.pop();
            children.push((field.name().clone(), child));
        }
        Ok(Arc::new(struct_array(children, files.len())?))
    }
    subtree(schema, files, leaf, &mut Vec::new())
}

fn struct_array(children: Vec<(String, ArrayRef)>, rows: usize) -> Result<StructArray> {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = children
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array))
        .unzip();
    StructArray::try_new_with_length(fields.into(), arrays, None, rows)
        .map_err(|e| Error::from_arrow("assemble statistics", e))
}

fn null_counts(stats: &[Option<&ColumnStats>], _: &PrimitiveType) -> ArrayRef {
    Arc::new(Int64Array::from_iter(
        stats.iter().map(|stats| stats.and_then(|s| s.nulls)),
    ))
}

fn bounds(stats: &[Option<&ColumnStats>], kind: &PrimitiveType, side: Side) -> ArrayRef {
    let of = |stats: &Option<&ColumnStats>| {
        stats.and_then(|s| match side {
            Side::Min => s.min.clone(),
            Side::Max => s.max.clone(),
        })
    };
    let ints = || stats.iter().map(|s| of(s).and_then(Bound::int));
    let longs = || stats.iter().map(|s| of(s).and_then(Bound::long));
    let millis = || longs().map(|micros| micros.and_then(|m| whole_millis(m, side)));
    match kind {
        PrimitiveType::Byte => Arc::new(Int8Array::from_iter(ints().map(|v| v.map(|v| v as i8)))),
        PrimitiveType::Short => {
            Arc::new(Int16Array::from_iter(ints().map(|v| v.map(|v| v as i16))))
        }
        PrimitiveType::Integer => Arc::new(Int32Array::from_iter(ints())),
        PrimitiveType::Date => Arc::new(Date32Array::from_iter(
            ints().map(|days| days.filter(|days| DAYS.contains(days))),
        )),
        PrimitiveType::Long => Arc::new(Int64Array::from_iter(longs())),
        PrimitiveType::Timestamp => {
            Arc::new(TimestampMicrosecondArray::from_iter(millis()).with_timezone("UTC"))
        }
        PrimitiveType::TimestampNtz => Arc::new(TimestampMicrosecondArray::from_iter(millis())),
        PrimitiveType::Float => Arc::new(Float32Array::from_iter(
            stats.iter().map(|s| of(s).and_then(Bound::float)),
        )),
        PrimitiveType::Double => Arc::new(Float64Array::from_iter(
            stats.iter().map(|s| of(s).and_then(Bound::double)),
        )),
        PrimitiveType::Decimal(decimal) => {
            let values = stats.iter().map(|s| of(s).and_then(Bound::wide));
            let array = Decimal128Array::from_iter(values).with_data_type(ArrowType::Decimal128(
                decimal.precision(),
                decimal.scale() as i8,
            ));
            Arc::new(array)
        }
        _ => Arc::new(StringArray::from_iter(
            stats.iter().map(|s| of(s).and_then(Bound::text)),
        )),
    }
}

/// Delta's timestamps in statistics have milliseconds: round down the lower bound, up the upper. In the last millisecond
/// that can be said the upper one is cut, which readers reckon with (Delta protocol, "Per-file Statistics").
fn whole_millis(micros: i64, side: Side) -> Option<i64> {
    let floor = micros.div_euclid(MICROS_PER_MILLI) * MICROS_PER_MILLI;
    let above = floor.checked_add(MICROS_PER_MILLI);
    let rounded = match side {
        Side::Max if floor < micros => above
            .filter(|above| MICROS.contains(above))
            .unwrap_or(floor),
        _ => floor,
    };
    MICROS.contains(&rounded).then_some(rounded)
}

impl Bound {
    fn int(self) -> Option<i32> {
        match self {
            Self::Int(value) => Some(value),
            _ => None,
        }
    }

    fn long(self) -> Option<i64> {
        match self {
            Self::Long(value) => Some(value),
            _ => None,
        }
    }

    fn float(self) -> Option<f32> {
        match self {
            Self::Float(value) => Some(value),
            _ => None,
        }
    }

    fn double(self) -> Option<f64> {
        match self {
            Self::Double(value) => Some(value),
            _ => None,
        }
    }

    fn wide(self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(value.into()),
            Self::Long(value) => Some(value.into()),
            Self::Wide(value) => Some(value),
            _ => None,
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::Text(value) => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bound: Option<Bound>) -> String {
        bound.and_then(Bound::text).unwrap()
    }

    #[test]
    fn short_text_bounds_are_exact() {
        assert_eq!(text(lower_text(b"abc")), "abc");
        assert_eq!(text(upper_text("é😀".as_bytes())), "é😀");
    }

    #[test]
    fn long_text_bounds_stay_true() {
        let long = "x".repeat(40);
        assert_eq!(text(lower_text(long.as_bytes())), "x".repeat(32));
        let upper = text(upper_text(long.as_bytes()));
        assert_eq!(upper, format!("{}\u{7f}", "x".repeat(32)));
        assert!(upper > long);
        let wide = format!("{}😀", "x".repeat(32));
        assert!(text(upper_text(wide.as_bytes())) > wide);
    }

    #[test]
    fn invalid_utf8_is_bounded_by_its_valid_prefix() {
        assert_eq!(text(lower_text(b"ab\xffc")), "ab");
        assert_eq!(text(upper_text(b"ab\x80c")), "ab\u{10ffff}");
        assert_eq!(upper_text(b"ab\xffc"), None);
    }

    #[test]
    fn text_without_a_tie_breaker_stays_whole() {
        let last = char::MAX.to_string().repeat(33);
        assert_eq!(text(upper_text(last.as_bytes())), last);
    }

    #[test]
    fn a_nan_in_any_row_group_leaves_the_file_unbounded() {
        for order in [[f64::NAN, 5.0], [5.0, f64::NAN]] {
            let bounds = order.map(|value| Some(Bound::Double(value))).to_vec();
            for side in [Side::Min, Side::Max] {
                assert!(extreme(bounds.clone(), side).is_some_and(|bound| bound.is_nan()));
            }
        }
        let numbers = vec![Some(Bound::Int(2)), Some(Bound::Int(1))];
        assert_eq!(extreme(numbers.clone(), Side::Min), Some(Bound::Int(1)));
        assert_eq!(extreme(numbers, Side::Max), Some(Bound::Int(2)));
        assert_eq!(extreme(vec![None, Some(Bound::Int(1))], Side::Min), None);
    }

    #[test]
    fn timestamps_round_outwards() {
        assert_eq!(whole_millis(1_500, Side::Min), Some(1_000));
        assert_eq!(whole_millis(1_500, Side::Max), Some(2_000));
        assert_eq!(whole_millis(-1_500, Side::Min), Some(-2_000));
        assert_eq!(whole_millis(-1_500, Side::Max), Some(-1_000));
        assert_eq!(whole_millis(2_000, Side::Max), Some(2_000));
        assert_eq!(whole_millis(i64::MAX, Side::Max), None);
    }
}
