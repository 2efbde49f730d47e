//! A task's part of a scan: slices of data files, row group by row group, batch by batch. Of a row group
//! only the rows are decoded that are not deleted and whose pages may match.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use url::Url;

use super::batch::{Batch, BatchReader};
use super::calendar::{self, Hybrid};
use super::constants::{constant, shown};
use super::failure::{self, CORRUPT, MISSING};
use super::pages;
use super::physical::FileLayout;
use super::plain::{self, PlainSlice};
use super::position;
use super::source::DataSource;
use crate::error::{Error, Result};
use crate::scan::deletion_vector::DeletionVector;
use crate::scan::fields::{Leaf, Origin};
use crate::scan::filter::Filter;
use crate::scan::message::{ReadPlan, Slice, check_build};
use crate::storage::Storage;

/// Rows of a batch: enough to make a call cheap, few enough to stay in the processor's cache.
const BATCH_ROWS: usize = 8192;
/// Rows of a batch without data.
const EMPTY_BATCH_ROWS: u64 = 1 << 20;

/// Reads the slices of one partition, in order.
#[derive(Debug)]
pub struct TaskReader {
    plan: ReadPlan,
    storage: Storage,
    slices: VecDeque<Slice>,
    open: Option<OpenFile>,
    batch: Batch,
    bytes: u64,
}

impl TaskReader {
    /// Opens nothing yet. `plan` and `partition` come from the driver.
    ///
    /// Errors: Internal if they are of another build.
    pub fn open(plan: &[u8], partition: &[u8]) -> Result<Self> {
        let unreadable = |e| Error::internal("Cannot read the plan of a scan").caused_by(e);
        let plan: ReadPlan = serde_json::from_slice(plan).map_err(unreadable)?;
        check_build(&plan.table, &plan.build)?;
        Ok(Self {
            storage: Storage::open(&plan.location, &plan.storage)?,
            slices: serde_json::from_slice(partition).map_err(unreadable)?,
            plan,
            open: None,
            batch: Batch::default(),
            bytes: 0,
        })
    }

    /// Opens a slice of a file that is no table's, by a plan of [`plain::plan`]; none if it is left to Spark, which
    /// depends on nothing but the file's footer, so that all slices of a file are read by one and the same.
    ///
    /// Errors: those of [`Self::open`], of storage and of Parquet.
    pub fn open_plain(plan: &[u8], slice: PlainSlice) -> Result<Option<Self>> {
        let mut reader = Self::open(plan, b"[]")?;
        let slice = slice.into();
        let file = reader.footer(&slice)?;
        let wanted = reader.plan.plain.as_ref();
        if !wanted.is_some_and(|wanted| plain::is_plain(&file.footer, wanted)) {
            return Ok(None);
        }
        reader.open = Some(reader.lay_out(slice, file)?);
        Ok(Some(reader))
    }

    /// None for a file that the session wants to be passed over.
    fn unless_ignored<T>(&self, outcome: Result<T>) -> Result<Option<T>> {
        let session = &self.plan.session;
        match outcome {
            Ok(read) => Ok(Some(read)),
            Err(e)
                if session.ignore_missing_files && e.class == MISSING
                    || session.ignore_corrupt_files && e.class == CORRUPT =>
            {
                tracing::warn!("Passed over what is left of a file: {e}");
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    fn open_file(&self, slice: Slice) -> Result<OpenFile> {
        let file = self.footer(&slice)?;
        self.lay_out(slice, file)
    }

    fn footer(&self, slice: &Slice) -> Result<Footed> {
        let url = self.storage.join(&slice.file.path)?;
        let failed = |e| failure::failed(&self.plan, &url, e);
        let storage = self.storage.reaching(&url, &self.plan.storage)?;
        let source = DataSource::open(&storage, &url, slice.file.size)?.map_err(failed)?;
        let footer = ParquetMetaDataReader::new()
            .parse_and_finish(&source)
            .map_err(failed)?;
        check_places(&footer).map_err(failed)?;
        Ok(Footed {
            url,
            source,
            footer,
        })
    }

    fn lay_out(&self, slice: Slice, file: Footed) -> Result<OpenFile> {
        let Footed {
            url,
            source,
            footer,
        } = file;
        let failed = |e| failure::failed(&self.plan, &url, e);
        let filter = self.filter_of(&footer);
        let filter = filter.as_deref();
        let mut groups = groups(&footer, &slice, filter);
        let footer = match filter {
            Some(filter) => {
                leave_out_pages(footer, &mut groups, filter, &source).map_err(failed)?
            }
            None => footer,
        };
        let rows = footer.file_metadata().num_rows();
        let deleted = self.rows_left_out(&slice, &url, u64::try_from(rows).unwrap_or(0))?;
        let shown = shown(&url, &slice.file.path, &self.plan.location);
        let constant = |origin: &Origin, leaf: &Leaf| constant(origin, leaf, &slice, &shown);
        let layout = FileLayout::find(footer, &self.plan.fields, &constant)
            .map_err(|e| failure::located(&self.plan, &url, e))?
            .map_err(failed)?;
        Ok(OpenFile {
            url,
            source,
            layout,
            deleted,
            groups: groups.into(),
            reader: None,
            fetched: 0,
            unread: 0,
        })
    }

    /// What the bounds in a file are held against; bounds are found by name.
    fn filter_of(&self, footer: &ParquetMetaData) -> Option<Cow<'_, Filter>> {
        let root = footer.file_metadata().schema_descr().root_schema_ptr();
        let filter = self.plan.filter.as_ref()?;
        if !position::is_named_as_mapped(&self.plan.fields, root.get_fields()) {
            return None;
        }
        Some(if Hybrid::of(footer.file_metadata()).days {
            Cow::Owned(calendar::without_days(filter))
        } else {
            Cow::Borrowed(filter)
        })
    }

    /// Rows of a file of so many that are not read, ascending.
    fn rows_left_out(&self, slice: &Slice, url: &Url, rows: u64) -> Result<Vec<u64>> {
        match (&slice.file.selected, &slice.file.deletion_vector) {
            (Some(selected), _) => {
                let mut selected = self.rows_of(selected, url)?.into_iter().peekable();
                let is_left_out = |row: &u64| selected.next_if_eq(row).is_none();
                Ok((0..rows).filter(is_left_out).collect())
            }
            (None, Some(deleted)) => self.rows_of(deleted, url),
            (None, None) => Ok(Vec::new()),
        }
    }

    fn rows_of(&self, vector: &DeletionVector, url: &Url) -> Result<Vec<u64>> {
        let file = failure::name(&self.plan, url);
        let rows = vector.read(&self.storage, &self.plan.storage, &file)?;
        Ok(rows.into_iter().collect())
    }
}

impl BatchReader for TaskReader {
    /// Errors: those of storage and Parquet, naming table, version and file.
    fn next_batch(&mut self) -> Result<bool> {
        self.batch = Batch::default();
        loop {
            if self.open.is_none() {
                let Some(slice) = self.slices.pop_front() else {
                    return Ok(false);
                };
                self.open = self.unless_ignored(self.open_file(slice))?;
            }
            let Some(mut file) = self.open.take() else {
                continue;
            };
            let next = file.next_batch(&mut self.bytes);
            let next =
                self.unless_ignored(next.map_err(|e| failure::failed(&self.plan, &file.url, e)))?;
            if let Some(batch) = next.flatten() {
                self.open = Some(file);
                if batch.rows() > 0 {
                    self.batch = batch;
                    return Ok(true);
                }
            }
        }
    }

    fn batch(&self) -> &Batch {
        &self.batch
    }

    fn held(&self) -> u64 {
        self.open.as_ref().map_or(0, |file| file.fetched)
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Checks where a footer says that its chunks are, which the decoder takes for granted.
///
/// Errors: for a place or a size that is negative.
fn check_places(footer: &ParquetMetaData) -> Result<(), ParquetError> {
    let chunks = footer.row_groups().iter().flat_map(|group| group.columns());
    let is_negative = |chunk: &ColumnChunkMetaData| {
        let dictionary = chunk.dictionary_page_offset().unwrap_or(0);
        let numbers = [
            chunk.data_page_offset(),
            dictionary,
            chunk.compressed_size(),
            chunk.num_values(),
        ];
        numbers.iter().any(|number| *number < 0)
    };
    let rows = footer.row_groups().iter().map(|group| group.num_rows());
    if rows.min().is_some_and(|rows| rows < 0) || chunks.into_iter().any(is_negative) {
        return Err(ParquetError::General(
            "its footer has negative offsets or sizes".into(),
        ));
    }
    Ok(())
}

/// A file of which only the footer is read.
struct Footed {
    url: Url,
    source: DataSource,
    footer: ParquetMetaData,
}

#[derive(Debug)]
struct OpenFile {
    url: Url,
    source: DataSource,
    layout: FileLayout,
    /// Row indexes in the file, ascending.
    deleted: Vec<u64>,
    /// Row groups to be read.
    groups: VecDeque<Group>,
    reader: Option<ParquetRecordBatchReader>,
    /// Bytes of column chunks in memory.
    fetched: u64,
    /// Rows to be handed out without data.
    unread: u64,
}

#[derive(Debug)]
struct Group {
    index: usize,
    /// Rows of the file before it.
    before: u64,
    rows: u64,
    /// None where all rows may match.
    matching: Option<RowSelection>,
}

/// The row groups that belong to the slice and may hold matching rows.
fn groups(footer: &ParquetMetaData, slice: &Slice, filter: Option<&Filter>) -> Vec<Group> {
    let inside = slice.start..slice.start + slice.length;
    let mut before = 0;
    let mut groups = Vec::new();
    for (index, group) in footer.row_groups().iter().enumerate() {
        let rows = u64::try_from(group.num_rows()).unwrap_or(0);
        let matches = || filter.is_none_or(|filter| super::bounds::may_match(group, filter));
        if inside.contains(&middle(group)) && matches() {
            groups.push(Group {
                index,
                before,
                rows,
                matching: None,
            });
        }
        before += rows;
    }
    groups
}

/// Finds the rows of each group whose pages may match, and removes groups without any. Returns the
/// footer with the page indexes it went by.
fn leave_out_pages(
    footer: ParquetMetaData,
    groups: &mut Vec<Group>,
    filter: &Filter,
    source: &DataSource,
) -> Result<ParquetMetaData, ParquetError> {
    let indexes: Vec<_> = groups.iter().map(|group| group.index).collect();
    let footer = pages::with_page_index(footer, &indexes, filter, source)?;
    for group in groups.iter_mut() {
        group.matching = pages::matching_rows(&footer, group.index, filter);
    }
    groups.retain(|group| {
        let matching = group.matching.as_ref();
        matching.is_none_or(RowSelection::selects_any)
    });
    Ok(footer)
}

impl OpenFile {
    fn next_batch(&mut self, bytes: &mut u64) -> Result<Option<Batch>, ParquetError> {
        loop {
            if self.unread > 0 {
                let rows = self.unread.min(EMPTY_BATCH_ROWS);
                self.unread -= rows;
                let columns = self.layout.columns(None)?;
                return Ok(Some(Batch::holding(rows as usize, columns, 0)));
            }
            if let Some(batch) = self.reader.as_mut().and_then(Iterator::next) {
                let batch = batch?;
                let columns = self.layout.columns(Some(&batch))?;
                let memory = batch.get_array_memory_size() as u64;
                return Ok(Some(Batch::holding(batch.num_rows(), columns, memory)));
            }
            self.reader = None;
            self.fetched = 0;
            let Some(group) = self.groups.pop_front() else {
                return Ok(None);
            };
            self.open_group(&group, bytes)?;
        }
    }

    fn open_group(&mut self, group: &Group, bytes: &mut u64) -> Result<(), ParquetError> {
        let deleted = self.deleted_between(group.before, group.before + group.rows);
        if self.layout.needs_no_data() {
            self.unread = group.rows - deleted.len() as u64;
            return Ok(());
        }
        let live = (!deleted.is_empty()).then(|| all_but(deleted, group.before, group.rows));
        let wanted = match (live, &group.matching) {
            (Some(live), Some(matching)) => Some(live.intersection(matching)),
            (live, matching) => live.or_else(|| matching.clone()),
        };
        let footer = self.layout.metadata.metadata();
        let leaves = self.layout.leaves.iter();
        let ranges: Vec<Range<u64>> = leaves
            .flat_map(|leaf| pages::ranges(footer, group.index, *leaf, wanted.as_ref()))
            .collect();
        self.fetched = ranges.iter().map(|range| range.end - range.start).sum();
        *bytes += self.fetched;
        let source = self.source.with_ranges(&ranges)?;
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            source,
            self.layout.metadata.clone(),
        )
        .with_batch_size(BATCH_ROWS)
        .with_projection(self.layout.mask.clone())
        .with_row_groups(vec![group.index]);
        if let Some(wanted) = wanted {
            builder = builder.with_row_selection(wanted);
        }
        self.reader = Some(builder.build()?);
        Ok(())
    }

    fn deleted_between(&self, from: u64, to: u64) -> &[u64] {
        let start = self.deleted.partition_point(|row| *row < from);
        let end = self.deleted.partition_point(|row| *row < to);
        &self.deleted[start..end]
    }
}

/// Where a row group lies in its file, as Spark and parquet-mr see it.
fn middle(group: &RowGroupMetaData) -> u64 {
    let starts = group.columns().iter().map(|column| column.byte_range().0);
    let start = starts.min().unwrap_or(0);
    start + u64::try_from(group.compressed_size()).unwrap_or(0) / 2
}

fn all_but(deleted: &[u64], before: u64, rows: u64) -> RowSelection {
    let mut next = 0;
    let mut kept: Vec<Range<usize>> = Vec::with_capacity(deleted.len() + 1);
    for row in deleted {
        let row = (row - before) as usize;
        if row > next {
            kept.push(next..row);
        }
        next = row + 1;
    }
    if next < rows as usize {
        kept.push(next..rows as usize);
    }
    RowSelection::from_consecutive_ranges(kept.into_iter(), rows as usize)
}
