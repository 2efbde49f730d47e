//! The data files of a scan, as they travel from the driver's log replay to the tasks.

use super::deletion_vector::DeletionVector;
use crate::error::{Error, ErrorKind, Result};
use arrow::array::{Array as _, ArrayRef, AsArray as _, MapArray, RecordBatch, StructArray};
use arrow::datatypes::{Int32Type, Int64Type};
use delta_kernel::KernelResult;
use delta_kernel::expressions::Scalar;
use delta_kernel::schema::PrimitiveType;
use serde::{Deserialize, Serialize};

/// A data file to be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataFile {
    /// Its index among the files of the scan.
    #[serde(default)]
    pub number: u64,
    /// As in the log: URI-encoded, relative to the table or absolute.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Milliseconds since the epoch.
    pub modified: i64,
    /// Rows in the file, deleted ones included, if the statistics tell.
    pub rows: Option<u64>,
    /// By physical column name, as the log has them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub partition_values: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deletion_vector: Option<DeletionVector>,
    /// The only rows that are read, if not all that are left.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub selected: Option<DeletionVector>,
    /// What the change data feed calls what happened to the rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub change_type: Option<String>,
    /// Row id of the first row, in tables that track their rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base_row_id: Option<i64>,
    /// Version in which rows were last written, unless the file says otherwise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub default_row_commit_version: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RowCount {
    num_records: Option<u64>,
}

impl DataFile {
    /// A file of which only the partition counts.
    pub fn of_partition(path: String, partition_values: Vec<(String, String)>) -> Self {
        Self {
            number: 0,
            path,
            size: 0,
            modified: 0,
            rows: None,
            partition_values,
            deletion_vector: None,
            selected: None,
            change_type: None,
            base_row_id: None,
            default_row_commit_version: None,
        }
    }

    /// Rows that are left, if the statistics tell.
    pub fn live_rows(&self) -> Option<u64> {
        let deleted = self
            .deletion_vector
            .as_ref()
            .map_or(0, |dv| dv.cardinality.max(0) as u64);
        self.rows.map(|rows| rows.saturating_sub(deleted))
    }

    /// The value of a partition column; NULL where the log has none.
    ///
    /// Errors: CorruptTable for a text that is no value of the type.
    pub fn partition_value(&self, name: &str, kind: &PrimitiveType) -> Result<Scalar> {
        let mut values = self.partition_values.iter();
        let found = values.find(|(column, _)| column == name);
        match found.map(|(_, value)| value.as_str()) {
            None | Some("") => Ok(Scalar::Null(kind.clone().into())),
            Some(text) => parsed(text, kind).map_err(|e| {
                Error::new(
                    ErrorKind::CorruptTable,
                    format!(
                        "Cannot read data file {}: its value '{text}' of partition column '{name}' \
                         is not of type {kind}",
                        self.path
                    ),
                )
                .caused_by(e)
            }),
        }
    }
}

/// A partition value, maybe of before its column's type was widened (Delta protocol, "Type Widening").
fn parsed(text: &str, kind: &PrimitiveType) -> KernelResult<Scalar> {
    kind.parse_scalar(text)
        .or_else(|e| narrower(text, kind).ok_or(e))
}

/// Integers and decimals of fewer digits after the point, and dates, in the type they were widened to.
fn narrower(text: &str, kind: &PrimitiveType) -> Option<Scalar> {
    const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
    match kind {
        PrimitiveType::Decimal(decimal) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            let digits = usize::from(decimal.scale());
            (fraction.len() <= digits).then_some(())?;
            kind.parse_scalar(&format!("{whole}.{fraction:0<digits$}"))
                .ok()
        }
        PrimitiveType::TimestampNtz => match PrimitiveType::Date.parse_scalar(text).ok()? {
            Scalar::Date(days) => Some(Scalar::TimestampNtz(i64::from(days) * DAY_MICROS)),
            _ => None,
        },
        _ => None,
    }
}

/// A batch of the kernel's scan rows (`delta_kernel::scan::scan_row_schema`), one a file.
pub struct ScanRows<'a> {
    rows: &'a RecordBatch,
    vectors: &'a StructArray,
    constants: &'a StructArray,
    partitions: &'a MapArray,
}

impl<'a> ScanRows<'a> {
    /// Errors: Internal if the batch is of another shape.
    pub fn of(rows: &'a RecordBatch) -> Result<Self> {
        Self::columns(rows).ok_or_else(|| {
            Error::internal(format!("Cannot read scan rows of schema {}", rows.schema()))
        })
    }

    fn columns(rows: &'a RecordBatch) -> Option<Self> {
        let constants = rows.column_by_name("fileConstantValues")?.as_struct_opt()?;
        Some(Self {
            rows,
            vectors: rows.column_by_name("deletionVector")?.as_struct_opt()?,
            constants,
            partitions: constants.column_by_name("partitionValues")?.as_map_opt()?,
        })
    }

    /// The statistics of a file, in JSON.
    pub fn stats(&self, row: usize) -> Option<&str> {
        text(self.rows.column_by_name("stats"), row)
    }

    pub fn file(&self, row: usize) -> DataFile {
        let constant = |name: &str| long(self.constants.column_by_name(name), row);
        let long = |name: &str| long(self.rows.column_by_name(name), row);
        let stats = self.stats(row);
        DataFile {
            number: 0,
            path: text(self.rows.column_by_name("path"), row)
                .unwrap_or_default()
                .to_owned(),
            size: long("size").and_then(|v| v.try_into().ok()).unwrap_or(0),
            modified: long("modificationTime").unwrap_or(0),
            rows: stats.and_then(|json| serde_json::from_str::<RowCount>(json).ok()?.num_records),
            partition_values: text_entries(self.partitions, row),
            deletion_vector: self.deletion_vector(row),
            selected: None,
            change_type: None,
            base_row_id: constant("baseRowId"),
            default_row_commit_version: constant("defaultRowCommitVersion"),
        }
    }

    fn deletion_vector(&self, row: usize) -> Option<DeletionVector> {
        let column = |name| self.vectors.column_by_name(name);
        let int = |name| {
            let values = column(name)?.as_primitive_opt::<Int32Type>()?;
            values.is_valid(row).then(|| values.value(row))
        };
        if self.vectors.is_null(row) {
            return None;
        }
        Some(DeletionVector {
            storage_type: text(column("storageType"), row)?.to_owned(),
            path_or_inline_dv: text(column("pathOrInlineDv"), row)?.to_owned(),
            offset: int("offset"),
            size_in_bytes: int("sizeInBytes")?,
            cardinality: long(column("cardinality"), row)?,
        })
    }
}

/// The entries of a map of texts that have a value.
pub fn text_entries(map: &MapArray, row: usize) -> Vec<(String, String)> {
    if map.is_null(row) {
        return Vec::new();
    }
    let entries = map.value(row);
    let (keys, values) = (Some(entries.column(0)), Some(entries.column(1)));
    (0..entries.len())
        .filter_map(|i| Some((text(keys, i)?.to_owned(), text(values, i)?.to_owned())))
        .collect()
}

fn text(column: Option<&ArrayRef>, row: usize) -> Option<&str> {
    let values = column?.as_string_opt::<i32>()?;
    values.is_valid(row).then(|| values.value(row))
}

fn long(column: Option<&ArrayRef>, row: usize) -> Option<i64> {
    let values = column?.as_primitive_opt::<Int64Type>()?;
    values.is_valid(row).then(|| values.value(row))
}
