//! What the log says of data files: a batch of the kernel's scan rows (`delta_kernel::scan::scan_row_schema`), by the
//! names that metadata tables have.

use std::collections::HashMap;

use arrow::array::{
    Array as _, ArrayRef, AsArray as _, MapArray, RecordBatch, StringArray, StructArray,
    UInt32Array,
};
use arrow::compute;
use arrow::datatypes::Int64Type;
use url::Url;

use crate::error::{Error, Result};
use crate::scan::fields::leaf_of;
use crate::scan::files::DataFile;
use crate::scan::keys::PartitionColumn;
use crate::scan::plan::planner::FileScan;
use crate::scan::task::constants::{scalar, shown};
use crate::storage::Storage;

/// A batch of scan rows.
pub struct FileRows<'a> {
    rows: &'a RecordBatch,
    constants: &'a StructArray,
    partition_values: &'a MapArray,
}

impl<'a> FileRows<'a> {
    /// Errors: Internal for other rows.
    pub fn of(rows: &'a RecordBatch) -> Result<Self> {
        let constants = rows
            .column_by_name("fileConstantValues")
            .and_then(|column| column.as_struct_opt());
        let partition_values = constants
            .and_then(|constants| constants.column_by_name("partitionValues"))
            .and_then(|column| column.as_map_opt());
        match (constants, partition_values) {
            (Some(constants), Some(partition_values)) => Ok(Self {
                rows,
                constants,
                partition_values,
            }),
            _ => Err(missing("fileConstantValues")),
        }
    }

    pub fn len(&self) -> usize {
        self.rows.num_rows()
    }

    pub fn field(&self, name: &str) -> Result<&'a ArrayRef> {
        let column = self.rows.column_by_name(name);
        column.ok_or_else(|| missing(name))
    }

    /// A field of those that are equal for all rows of a file.
    pub fn constant(&self, name: &str) -> Result<&'a ArrayRef> {
        let column = self.constants.column_by_name(name);
        column.ok_or_else(|| missing(name))
    }

    pub fn texts(&self, name: &str) -> Result<&'a StringArray> {
        let column = self.field(name)?.as_string_opt();
        column.ok_or_else(|| missing(name))
    }

    pub fn longs(&self, name: &str) -> Result<Longs<'a>> {
        Longs::of(self.field(name)?, name)
    }

    /// Fields of the deletion vectors.
    pub fn vectors(&self) -> Result<&'a StructArray> {
        let column = self.field("deletionVector")?.as_struct_opt();
        column.ok_or_else(|| missing("deletionVector"))
    }

    /// The rows of each file that are not deleted, as far as the statistics tell; `counts` are those of all its rows.
    pub fn live_rows(&self, counts: &ArrayRef) -> Result<impl Iterator<Item = Option<i64>>> {
        let counts = Longs::of(counts, "numRecords")?;
        let vectors = self.vectors()?;
        let deleted = vectors.column_by_name("cardinality");
        let deleted = Longs::of(
            deleted.ok_or_else(|| missing("cardinality"))?,
            "cardinality",
        )?;
        Ok((0..self.len()).map(move |row| {
            let gone = if vectors.is_valid(row) {
                deleted.value(row).unwrap_or(0)
            } else {
                0
            };
            counts.value(row).map(|count| count.saturating_sub(gone))
        }))
    }

    /// What the log has as the value of a partition column in each row.
    pub fn partition_texts(&self, physical: &str) -> Result<Vec<Option<&'a str>>> {
        let entries = (
            self.partition_values.keys().as_string_opt::<i32>(),
            self.partition_values.values().as_string_opt::<i32>(),
        );
        let (Some(keys), Some(values)) = entries else {
            return Err(missing("partitionValues"));
        };
        let offsets = self.partition_values.offsets();
        let text = |row: usize| {
            if self.partition_values.is_null(row) {
                return None;
            }
            let mut entries = offsets[row] as usize..offsets[row + 1] as usize;
            let entry = entries.find(|entry| keys.value(*entry) == physical)?;
            values.is_valid(entry).then(|| values.value(entry))
        };
        Ok((0..self.len()).map(text).collect())
    }

    /// The values of a partition column, one a file.
    ///
    /// Errors: CorruptTable for one that is none of its type.
    pub fn partition_lane(
        &self,
        column: &PartitionColumn,
        scan: &FileScan<'_>,
    ) -> Result<ArrayRef> {
        let mut distinct: HashMap<Option<&str>, u32> = HashMap::new();
        let (mut values, mut indexes) = (Vec::new(), Vec::with_capacity(self.len()));
        for (row, text) in self
            .partition_texts(&column.physical)?
            .into_iter()
            .enumerate()
        {
            let index = match distinct.get(&text) {
                Some(index) => *index,
                None => {
                    let path = self.texts("path")?.value(row);
                    values.push(partition_value(path, text, column, scan)?);
                    let index = distinct.len() as u32;
                    distinct.insert(text, index);
                    index
                }
            };
            indexes.push(index);
        }
        gathered(&values, indexes)
    }
}

/// A lane of one row: the value of a partition column of which the log of the file at `path` has `text`.
///
/// Errors: CorruptTable for a text that is none of the column's type.
pub fn partition_value(
    path: &str,
    text: Option<&str>,
    column: &PartitionColumn,
    scan: &FileScan<'_>,
) -> Result<ArrayRef> {
    let entry = text.map(|text| (column.physical.clone(), text.to_owned()));
    let file = DataFile::of_partition(path.to_owned(), entry.into_iter().collect());
    let value = scan
        .completed(file)?
        .partition_value(&column.physical, &column.kind)?;
    let leaf = leaf_of(&column.kind).ok_or_else(|| {
        Error::internal(format!(
            "Cannot show partition column '{}' of type {}",
            column.name, column.kind
        ))
    })?;
    Ok(scalar(&value, &leaf))
}

/// The one-row `lanes` at the `indexes`.
pub fn gathered(lanes: &[ArrayRef], indexes: Vec<u32>) -> Result<ArrayRef> {
    let broken = |e| Error::from_arrow("show partition values", e);
    if lanes.is_empty() {
        return Err(Error::internal("Cannot show partition values of no file"));
    }
    let lanes: Vec<_> = lanes.iter().map(AsRef::as_ref).collect();
    let all = compute::concat(&lanes).map_err(broken)?;
    compute::take(&all, &UInt32Array::from(indexes), None).map_err(broken)
}

/// Numbers that may be missing.
pub struct Longs<'a>(&'a arrow::array::Int64Array);

impl<'a> Longs<'a> {
    /// Errors: Internal for other values.
    pub fn of(column: &'a ArrayRef, name: &str) -> Result<Self> {
        let numbers = column.as_primitive_opt::<Int64Type>();
        numbers.map(Self).ok_or_else(|| missing(name))
    }

    pub fn value(&self, row: usize) -> Option<i64> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }

    pub fn array(&self) -> &'a arrow::array::Int64Array {
        self.0
    }
}

/// Files' paths as `_metadata.file_path` has them.
pub struct Paths<'a> {
    storage: &'a Storage,
    location: &'a str,
    /// Of the table's directory.
    root: String,
}

impl<'a> Paths<'a> {
    pub fn of(storage: &'a Storage, location: &'a str) -> Self {
        Self {
            storage,
            location,
            root: shown(&storage.url, "", location),
        }
    }

    /// Writes the path of the file that the log calls `path`.
    ///
    /// Errors: InvalidInput for a path that cannot be one.
    pub fn write(&self, path: &str, into: &mut String) -> Result<()> {
        into.clear();
        if is_plain(path) {
            into.push_str(&self.root);
            into.push_str(path);
        } else {
            let url: Url = self.storage.join(path)?;
            into.push_str(&shown(&url, path, self.location));
        }
        Ok(())
    }
}

/// Whether a path lies below the table, and reads the same encoded and not.
fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=./".contains(&byte);
    path.bytes().all(plain) && !path.starts_with(['/', '.']) && !path.contains("/.")
}

fn missing(name: &str) -> Error {
    Error::internal(format!(
        "Cannot read the scan rows of the kernel: they have no '{name}'"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_files_however_the_log_writes_them() {
        let storage = Storage::open("file:///t/a%20b/", &Default::default()).unwrap();
        let paths = Paths::of(&storage, "file:///t/a%20b/");
        let shown = |path: &str| {
            let mut text = String::new();
            paths.write(path, &mut text).unwrap();
            text
        };
        for path in [
            "p=1/f.parquet",
            "p=a%20b/f.parquet",
            "../c/f.parquet",
            "./f",
        ] {
            let url = storage.join(path).unwrap();
            let slow = super::shown(&url, path, "file:///t/a%20b/");
            assert_eq!(shown(path), slow, "{path}");
        }
        assert_eq!(shown("p=1/f.parquet"), "file:/t/a%20b/p=1/f.parquet");
        assert_eq!(shown("s3a://other/f.parquet"), "s3a://other/f.parquet");
    }
}
