//! Which statistics to collect.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, StructArray};
use delta_kernel::schema::{DataType, StructType};
use parquet::file::metadata::ParquetMetaData;

use super::array::{bounds, column_tree, null_counts, struct_array};
use super::bound::Side;
use super::containers::{Container, find_containers};
use super::footer::{ColumnStats, FileStats, leaf_stats};
use crate::error::{Error, Result};
use crate::write::file::FileFormat;

/// Resolved once per task.
#[derive(Debug)]
pub struct StatsPlan {
    schema: StructType,
    /// Columns whose nulls the footer counts per leaf, not per row: arrays, maps, variants.
    containers: Vec<Container>,
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
