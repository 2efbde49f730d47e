//! The table of data files.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, BinaryViewBuilder, RecordBatch};
use arrow::datatypes::Int64Type;
use delta_kernel::scan::StatsOptions;
use delta_kernel::schema::{DataType, StructField};

use super::file_rows::{FileRows, Paths};
use super::lanes::{column, longs, micros};
use super::source::{Emit, Source};
use super::stats::{MAX_VALUES, MIN_VALUES, NULL_COUNT, NUM_RECORDS, WantedStats, by_column};
use crate::error::{Error, Result};
use crate::scan::keys::PartitionColumn;
use crate::scan::plan::planner::FileScan;
use crate::scan::task::batch::Batch;
use crate::scan::task::column::Column;

/// Where the values of a column come from.
enum FileColumn {
    Path,
    /// A struct of partition columns.
    Partition(Vec<PartitionColumn>),
    ModificationTime,
    /// Rows that are not deleted.
    RecordCount,
    /// A struct of these fields of the kernel's.
    DeletionVector(Vec<&'static str>),
    /// The kernel's, of this name.
    Logged(&'static str),
    /// Likewise, of those that are equal for all rows of a file.
    Constant(&'static str),
    /// A part of the statistics.
    Parsed(&'static str),
}

/// How to make batches of the wanted columns.
struct FileTable<'a> {
    source: &'a Source<'a>,
    scan: &'a FileScan<'a>,
    paths: Paths<'a>,
    columns: Vec<FileColumn>,
    stats: WantedStats,
}

/// Emits a row for each data file that the filters leave.
///
/// Errors: those of planning a scan; CorruptTable for a partition value that is none of its type.
pub fn rows(source: &Source, emit: &mut Emit) -> Result<()> {
    let request = source.request.scan(source.snapshot.version())?;
    let scan = FileScan::new(&request, source.storage, source.snapshot)?;
    let table = FileTable::of(source, &scan)?;
    scan.visit_rows(table.stats_options(), |rows| Ok(emit(table.batch(&rows)?)))
}

impl<'a> FileTable<'a> {
    fn of(source: &'a Source<'a>, scan: &'a FileScan<'a>) -> Result<Self> {
        let (mut columns, mut stats) = (Vec::new(), Vec::new());
        for field in source.request.schema.fields() {
            let column = FileColumn::of(field, source, scan)?;
            match column {
                FileColumn::RecordCount => {
                    stats.push(StructField::nullable(NUM_RECORDS, DataType::LONG));
                }
                FileColumn::Parsed(name) => {
                    stats.push(by_column(name, field.data_type(), source)?);
                }
                _ => {}
            }
            columns.push(column);
        }
        Ok(Self {
            source,
            scan,
            paths: Paths::of(source.storage, &source.request.location),
            columns,
            stats: WantedStats::of(stats)?,
        })
    }

    /// Statistics are most of a log, and only read if they are asked for.
    fn stats_options(&self) -> StatsOptions {
        let wants_stats = self.columns.iter().any(|column| {
            matches!(
                column,
                FileColumn::RecordCount | FileColumn::Parsed(_) | FileColumn::Logged("stats")
            )
        });
        self.scan.stats_options(wants_stats)
    }

    fn batch(&self, rows: &RecordBatch) -> Result<Batch> {
        let files = FileRows::of(rows)?;
        let parsed = self
            .stats
            .parse(self.source.storage, files.texts("stats")?)?;
        let columns = self
            .columns
            .iter()
            .map(|column| self.column(column, &files, parsed.as_ref()))
            .collect::<Result<_>>()?;
        Ok(Batch::of(files.len(), columns))
    }

    fn column(
        &self,
        wanted: &FileColumn,
        files: &FileRows,
        parsed: Option<&RecordBatch>,
    ) -> Result<Column> {
        match wanted {
            FileColumn::Path => self.paths(files),
            FileColumn::Partition(partition) => self.partition(partition, files),
            FileColumn::ModificationTime => {
                let millis = files.longs("modificationTime")?;
                let micros = millis.array().unary::<_, Int64Type>(micros);
                Ok(Column::Flat(Arc::new(micros)))
            }
            FileColumn::RecordCount => Ok(longs(files.live_rows(part(parsed, NUM_RECORDS)?)?)),
            FileColumn::DeletionVector(fields) => {
                let vectors = files.vectors()?;
                let field = |name: &&str| {
                    let field = vectors.column_by_name(name);
                    column(field.ok_or_else(|| no_part(name))?)
                };
                Ok(Column::Struct {
                    nulls: vectors.nulls().cloned(),
                    children: fields.iter().map(field).collect::<Result<_>>()?,
                })
            }
            FileColumn::Logged(name) => column(files.field(name)?),
            FileColumn::Constant(name) => column(files.constant(name)?),
            FileColumn::Parsed(name) => column(part(parsed, name)?),
        }
    }

    fn paths(&self, files: &FileRows) -> Result<Column> {
        let (mut bytes, mut text) = (BinaryViewBuilder::new(), String::new());
        for path in files.texts("path")?.iter() {
            self.paths.write(path.unwrap_or_default(), &mut text)?;
            bytes.append_value(text.as_bytes());
        }
        Ok(Column::Flat(Arc::new(bytes.finish())))
    }

    fn partition(&self, partition: &[PartitionColumn], files: &FileRows) -> Result<Column> {
        let lane = |column| files.partition_lane(column, self.scan).map(Column::Flat);
        Ok(Column::Struct {
            nulls: None,
            children: partition.iter().map(lane).collect::<Result<_>>()?,
        })
    }
}

impl FileColumn {
    fn of(field: &StructField, source: &Source, scan: &FileScan) -> Result<Self> {
        Ok(match field.name().as_str() {
            "path" => Self::Path,
            "partition" => Self::Partition(partition_columns(field, source, scan)?),
            "size" => Self::Logged("size"),
            "record_count" => Self::RecordCount,
            "modification_time" => Self::ModificationTime,
            "deletion_vector" => Self::DeletionVector(vector_fields(field, source)?),
            "base_row_id" => Self::Constant("baseRowId"),
            "default_row_commit_version" => Self::Constant("defaultRowCommitVersion"),
            "clustering_provider" => Self::Constant("clusteringProvider"),
            "tags" => Self::Constant("tags"),
            "stats" => Self::Logged("stats"),
            "null_counts" => Self::Parsed(NULL_COUNT),
            "lower_bounds" => Self::Parsed(MIN_VALUES),
            "upper_bounds" => Self::Parsed(MAX_VALUES),
            other => return Err(source.no_column(other)),
        })
    }
}

/// The partition columns that a struct is to hold, in its order.
///
/// Errors: InvalidInput for one that is none.
pub fn partition_columns(
    field: &StructField,
    source: &Source,
    scan: &FileScan,
) -> Result<Vec<PartitionColumn>> {
    let DataType::Struct(wanted) = field.data_type() else {
        return Err(source.no_column(field.name()));
    };
    let find = |field: &StructField| {
        let mut columns = scan.partitions.iter();
        let column = columns.find(|column| &column.name == field.name());
        column
            .cloned()
            .ok_or_else(|| source.no_column(field.name()))
    };
    wanted.fields().map(find).collect()
}

fn vector_fields(field: &StructField, source: &Source) -> Result<Vec<&'static str>> {
    let DataType::Struct(wanted) = field.data_type() else {
        return Err(source.no_column(field.name()));
    };
    let logged = |field: &StructField| {
        Ok(match field.name().as_str() {
            "storage_type" => "storageType",
            "path_or_inline_dv" => "pathOrInlineDv",
            "offset" => "offset",
            "size_in_bytes" => "sizeInBytes",
            "cardinality" => "cardinality",
            other => return Err(source.no_column(other)),
        })
    };
    wanted.fields().map(logged).collect()
}

fn part<'a>(parsed: Option<&'a RecordBatch>, name: &str) -> Result<&'a ArrayRef> {
    let column = parsed.and_then(|parsed| parsed.column_by_name(name));
    column.ok_or_else(|| no_part(name))
}

fn no_part(name: &str) -> Error {
    Error::internal(format!(
        "Cannot read the log: the kernel gives no '{name}' of files"
    ))
}
