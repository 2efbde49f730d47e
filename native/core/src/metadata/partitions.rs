//! The table of partitions: what its files come to.

use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;
use delta_kernel::schema::{DataType, StructField};

use super::file_rows::{FileRows, gathered, partition_value};
use super::files::partition_columns;
use super::lanes::{longs, micros};
use super::source::{Emit, Source};
use super::stats::{NUM_RECORDS, WantedStats};
use crate::error::{Error, Result};
use crate::scan::files::DataFile;
use crate::scan::keys::PartitionColumn;
use crate::scan::plan::planner::FileScan;
use crate::scan::task::batch::Batch;
use crate::scan::task::column::Column;

/// Rows of a batch.
const BATCH_ROWS: usize = 4096;

/// What the files of a partition come to.
#[derive(Debug, Clone, Default)]
struct Totals {
    files: i64,
    size: i64,
    /// None if a file does not tell.
    rows: Option<i64>,
    /// Milliseconds since the epoch, of the newest file.
    modified: i64,
}

/// A partition, with its values as the log of its first file has them, in the table's order of columns.
#[derive(Debug)]
struct Partition {
    path: String,
    texts: Vec<Option<String>>,
    totals: Totals,
}

/// Emits a row for each partition that has files.
///
/// Errors: those of planning a scan; CorruptTable for a partition value that is none of its type.
pub fn rows(source: &Source, emit: &mut Emit) -> Result<()> {
    let request = source.request.scan(source.snapshot.version())?;
    let scan = FileScan::new(&request, source.storage, source.snapshot)?;
    let found = merged(grouped(source, &scan)?, &scan)?;
    for partitions in found.chunks(BATCH_ROWS) {
        if !emit(batch(partitions, source, &scan)?) {
            break;
        }
    }
    Ok(())
}

/// The files by their partition values as they are written.
fn grouped(source: &Source, scan: &FileScan) -> Result<Vec<Partition>> {
    let counts_rows = source.request.schema.field("record_count").is_some();
    let wanted = counts_rows.then(|| StructField::nullable(NUM_RECORDS, DataType::LONG));
    let stats = WantedStats::of(wanted.into_iter().collect())?;
    let (mut partitions, mut places) = (Vec::new(), HashMap::new());
    scan.visit_rows(scan.stats_options(counts_rows), |rows| {
        add(source, scan, &stats, &rows, &mut partitions, &mut places)?;
        Ok(true)
    })?;
    Ok(partitions)
}

fn add(
    source: &Source,
    scan: &FileScan,
    stats: &WantedStats,
    rows: &RecordBatch,
    partitions: &mut Vec<Partition>,
    places: &mut HashMap<String, usize>,
) -> Result<()> {
    let files = FileRows::of(rows)?;
    let columns = scan.partitions.iter();
    let texts = columns.map(|column| files.partition_texts(&column.physical));
    let texts = texts.collect::<Result<Vec<_>>>()?;
    let parsed = stats.parse(source.storage, files.texts("stats")?)?;
    let mut counts = match &parsed {
        Some(parsed) => files.live_rows(parsed.column(0))?.collect(),
        None => vec![None; files.len()],
    }
    .into_iter();
    let (sizes, modified) = (files.longs("size")?, files.longs("modificationTime")?);
    let mut key = String::new();
    for row in 0..files.len() {
        key.clear();
        for column in &texts {
            // No text is another one's beginning, and none is the empty one's.
            match column[row] {
                Some(text) => key.push_str(&format!("{}:{text}", text.len())),
                None => key.push('-'),
            }
        }
        let place = match places.get(&key) {
            Some(place) => *place,
            None => {
                places.insert(key.clone(), partitions.len());
                partitions.push(Partition {
                    path: files.texts("path")?.value(row).to_owned(),
                    texts: texts
                        .iter()
                        .map(|column| column[row].map(str::to_owned))
                        .collect(),
                    totals: Totals {
                        rows: Some(0),
                        ..Totals::default()
                    },
                });
                partitions.len() - 1
            }
        };
        partitions[place].totals.add(&Totals {
            files: 1,
            size: sizes.value(row).unwrap_or(0),
            rows: counts.next().flatten(),
            modified: modified.value(row).unwrap_or(0),
        });
    }
    Ok(())
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.size = self.size.saturating_add(other.size);
        self.rows = self.rows.zip(other.rows).map(|(a, b)| a.saturating_add(b));
        self.modified = self.modified.max(other.modified);
    }
}

/// One value may be written in several ways.
fn merged(partitions: Vec<Partition>, scan: &FileScan) -> Result<Vec<Partition>> {
    let mut merged: BTreeMap<String, Partition> = BTreeMap::new();
    for partition in partitions {
        let key = scan.partition_of(&scan.completed(partition.file(scan))?)?;
        match merged.get_mut(&key) {
            Some(same) => same.totals.add(&partition.totals),
            None => {
                merged.insert(key, partition);
            }
        }
    }
    Ok(merged.into_values().collect())
}

impl Partition {
    fn file(&self, scan: &FileScan) -> DataFile {
        let columns = scan.partitions.iter().zip(&self.texts);
        let values = columns
            .filter_map(|(column, text)| Some((column.physical.clone(), text.clone()?)))
            .collect();
        DataFile::of_partition(self.path.clone(), values)
    }

    fn value(&self, column: &PartitionColumn, scan: &FileScan) -> Result<arrow::array::ArrayRef> {
        let mut columns = scan.partitions.iter().zip(&self.texts);
        let text = columns.find(|(known, _)| known.physical == column.physical);
        let text = text.and_then(|(_, text)| text.as_deref());
        partition_value(&self.path, text, column, scan)
    }
}

fn batch(partitions: &[Partition], source: &Source, scan: &FileScan) -> Result<Batch> {
    let total = |of: fn(&Totals) -> Option<i64>| {
        longs(partitions.iter().map(|partition| of(&partition.totals)))
    };
    let column = |field: &StructField| {
        Ok(match field.name().as_str() {
            "partition" => values(partitions, &partition_columns(field, source, scan)?, scan)?,
            "file_count" => total(|totals| Some(totals.files)),
            "record_count" => total(|totals| totals.rows),
            "size" => total(|totals| Some(totals.size)),
            "last_modified" => total(|totals| Some(micros(totals.modified))),
            other => return Err(source.no_column(other)),
        })
    };
    let fields = source.request.schema.fields();
    let columns = fields.map(column).collect::<Result<_>>()?;
    Ok(Batch::of(partitions.len(), columns))
}

fn values(
    partitions: &[Partition],
    columns: &[PartitionColumn],
    scan: &FileScan,
) -> Result<Column> {
    let lane = |column| {
        let values = partitions
            .iter()
            .map(|partition| partition.value(column, scan));
        let values = values.collect::<Result<Vec<_>>>()?;
        let rows = u32::try_from(values.len())
            .map_err(|e| Error::internal("Cannot count partitions").caused_by(e))?;
        Ok(Column::Flat(gathered(&values, (0..rows).collect())?))
    };
    Ok(Column::Struct {
        nulls: None,
        children: columns.iter().map(lane).collect::<Result<_>>()?,
    })
}
