//! Aggregates answered from the log alone, of all rows or by partition, where its statistics are exact.

use std::collections::BTreeMap;

use delta_kernel::expressions::Scalar;
use delta_kernel::schema::{DataType, PrimitiveType, StructField, StructType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::planner::{FileScan, ScanRequest, resolve, snapshot, with_fresh_log};
use super::stats::Stats;
use crate::error::Result;
use crate::scan::files::DataFile;
use crate::scan::keys::{Key, PartitionColumn, key_columns, key_of, key_value};
use crate::storage::Storage;
use crate::table::column_mapping::physical_name;

/// What Spark wants to know of all rows that a scan would return.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AggregateRequest {
    #[serde(flatten)]
    pub scan: ScanRequest,
    pub aggregates: Vec<Aggregate>,
    /// Partition columns; none for one row of answers.
    #[serde(default)]
    pub group_by: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Aggregate {
    /// Of all rows.
    CountRows,
    /// Of a top-level column's values that are not null.
    Count(String),
    Min(String),
    Max(String),
}

/// The rows of the answer, or nothing if the log does not tell them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Aggregated {
    pub version: u64,
    pub rows: Option<Vec<AggregatedRow>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AggregatedRow {
    /// Of the grouping columns.
    pub key: Key,
    /// Numbers, or null for the bounds of no values.
    pub values: Vec<Option<i64>>,
}

/// Answers aggregates.
///
/// Errors: those of planning a scan.
pub fn aggregate(request: &AggregateRequest) -> Result<Aggregated> {
    let storage = Storage::open(&request.scan.location, &request.scan.storage)?;
    let scan = &request.scan;
    with_fresh_log(&scan.table, &storage, scan.version, || {
        aggregate_once(request, &storage)
    })
}

fn aggregate_once(request: &AggregateRequest, storage: &Storage) -> Result<Aggregated> {
    let scan = &request.scan;
    let snapshot = snapshot(&scan.table, storage, scan.version)?;
    let schema = snapshot.schema();
    let files = FileScan::new(scan, storage, &snapshot)?;
    let totals = request
        .aggregates
        .iter()
        .map(|aggregate| Total::of(aggregate, &schema, &files.partitions));
    let totals: Option<Vec<_>> = totals.collect();
    // Columns that have changed since the query was analyzed are an error, which planning it will be.
    let is_as_analyzed = resolve(scan, &snapshot).is_ok();
    let rows = match totals.filter(|_| files.is_exact() && is_as_analyzed) {
        Some(totals) => {
            let columns = key_columns(&request.group_by, &files.partitions)?;
            Groups::new(columns, totals).of_all(&files)?
        }
        None => None,
    };
    Ok(Aggregated {
        version: snapshot.version(),
        rows,
    })
}

/// Totals by partition values.
struct Groups {
    columns: Vec<PartitionColumn>,
    /// Of no file.
    totals: Vec<Total>,
    groups: BTreeMap<String, (Key, Vec<Total>)>,
}

impl Groups {
    fn new(columns: Vec<PartitionColumn>, totals: Vec<Total>) -> Self {
        Self {
            columns,
            totals,
            groups: BTreeMap::new(),
        }
    }

    /// The rows of the answer; none if the statistics do not tell.
    fn of_all(mut self, files: &FileScan) -> Result<Option<Vec<AggregatedRow>>> {
        let mut known = Ok(Some(()));
        files.visit(|file, stats| {
            known = self.add(&file, stats);
            matches!(known, Ok(Some(())))
        })?;
        Ok(known?.map(|()| self.into_rows()))
    }

    fn add(&mut self, file: &DataFile, stats: Option<&str>) -> Result<Option<()>> {
        match file.live_rows() {
            // A group without rows is none.
            Some(0) => return Ok(Some(())),
            None => return Ok(None),
            Some(_) => {}
        }
        let stats = Stats::of(stats);
        let key = key_of(file, &self.columns)?;
        let group = self.groups.entry(Value::from(key.clone()).to_string());
        let (_, totals) = group.or_insert_with(|| (key, self.totals.clone()));
        Ok(totals
            .iter_mut()
            .map(|total| total.add(file, &stats))
            .collect())
    }

    fn into_rows(self) -> Vec<AggregatedRow> {
        let mut groups: Vec<_> = self.groups.into_values().collect();
        if groups.is_empty() && self.columns.is_empty() {
            groups.push((Key::new(), self.totals));
        }
        let row = |(key, totals): (Key, Vec<Total>)| AggregatedRow {
            key,
            values: totals.into_iter().map(|total| total.value).collect(),
        };
        groups.into_iter().map(row).collect()
    }
}

#[derive(Clone)]
struct Total {
    what: What,
    value: Option<i64>,
}

/// An aggregate over all rows, or over one column.
#[derive(Clone)]
enum What {
    Rows,
    Values(Column),
    Min(Column),
    Max(Column),
}

/// A column whose values the log tells of.
#[derive(Clone)]
enum Column {
    /// Under its physical name in the statistics.
    Stored(String),
    /// One value a file.
    Partition(PartitionColumn),
}

impl Column {
    fn of(field: &StructField, partitions: &[PartitionColumn]) -> Self {
        match partitions
            .iter()
            .find(|column| &column.name == field.name())
        {
            Some(column) => Self::Partition(column.clone()),
            None => Self::Stored(physical_name(field).to_owned()),
        }
    }

    /// How many of a file's rows have a value; none if that is not known.
    fn values(&self, file: &DataFile, stats: &Stats) -> Option<i64> {
        match self {
            Self::Stored(name) => stats.tight(file)?.values(file, name),
            Self::Partition(column) if partition_value(file, column)?.is_null() => Some(0),
            Self::Partition(_) => i64::try_from(file.live_rows()?).ok(),
        }
    }

    /// The bound of a file's values, which is nothing if there are none; none if it is not known.
    fn bound(&self, file: &DataFile, stats: &Stats, bounds: BoundsOf) -> Option<Option<i64>> {
        match self {
            Self::Stored(name) => {
                let stats = stats.tight(file)?;
                stats.bound(file, bounds(stats), name)
            }
            Self::Partition(column) => Some(key_value(&partition_value(file, column)?)?.as_i64()),
        }
    }
}

/// None for a text that is none of the column's type.
fn partition_value(file: &DataFile, column: &PartitionColumn) -> Option<Scalar> {
    file.partition_value(&column.physical, &column.kind).ok()
}

/// The lower bounds in the statistics, or the upper ones.
type BoundsOf = fn(&Stats) -> &Map<String, Value>;

impl Total {
    /// None for a column whose statistics may be inexact.
    fn of(
        aggregate: &Aggregate,
        schema: &StructType,
        partitions: &[PartitionColumn],
    ) -> Option<Self> {
        let known = |name: &String, is_known: fn(&DataType) -> bool| {
            let field = schema.field(name)?;
            is_known(field.data_type()).then(|| Column::of(field, partitions))
        };
        Some(match aggregate {
            Aggregate::CountRows => Self::new(What::Rows, Some(0)),
            Aggregate::Count(name) => Self::new(What::Values(known(name, is_counted)?), Some(0)),
            Aggregate::Min(name) => Self::new(What::Min(known(name, is_exact)?), None),
            Aggregate::Max(name) => Self::new(What::Max(known(name, is_exact)?), None),
        })
    }

    fn new(what: What, value: Option<i64>) -> Self {
        Self { what, value }
    }

    /// Adds a file; none if its statistics do not tell.
    fn add(&mut self, file: &DataFile, stats: &Stats) -> Option<()> {
        match &self.what {
            What::Rows => {
                let rows = i64::try_from(file.live_rows()?).ok()?;
                self.value = Some(self.value?.checked_add(rows)?);
            }
            What::Values(column) => {
                let values = column.values(file, stats)?;
                self.value = Some(self.value?.checked_add(values)?);
            }
            What::Min(column) => {
                let bound = column.bound(file, stats, |stats| &stats.min_values)?;
                self.value = [self.value, bound].into_iter().flatten().min();
            }
            What::Max(column) => {
                let bound = column.bound(file, stats, |stats| &stats.max_values)?;
                self.value = [self.value, bound].into_iter().flatten().max();
            }
        }
        Some(())
    }
}

/// The statistics count the nulls of these.
fn is_counted(kind: &DataType) -> bool {
    matches!(kind, DataType::Primitive(kind) if kind != &PrimitiveType::Void)
}

/// Bounds of these are neither cut short nor rounded, and know no NaN.
fn is_exact(kind: &DataType) -> bool {
    use PrimitiveType::{Byte, Date, Integer, Long, Short};
    matches!(
        kind,
        DataType::Primitive(Byte | Short | Integer | Long | Date)
    )
}
